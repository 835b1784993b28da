// functions.cpp: the table, and the node that calls a function value by value. The functions themselves: functions_*.cpp.
#include "core/expr/functions.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace pipes::expr {
namespace {

// Converts an argument to what its letter asks for. False: that cannot be, and the call's result is null.
bool convert(value& v, char kind, memory::arena& memory) {
  if (kind == 'a') return true;
  if (is_null(v)) return false;
  switch (kind) {
    case 't': v = text_value(to_text(v, memory)); return true;
    case 'l': return v.tag == PIPE_JSON;
    default: break;
  }
  v = to_number(v);
  if (is_null(v)) return false;
  if (kind == 'i' && v.tag == PIPE_FLOAT) {
    const double d = as_double(v.bits);
    if (d != std::trunc(d) || std::fabs(d) > 9e18) return false;
    v = int_value(static_cast<std::int64_t>(d));
  }
  return true;
}

class call_node final : public node {
 public:
  call_node(const function& f, std::vector<node_ptr> arguments, std::shared_ptr<pipe_pattern> pattern)
      : function_(f), arguments_(std::move(arguments)), pattern_(std::move(pattern)), values_(arguments_.size()) {
    types = f.result | type_null;
    for (std::size_t i = 0; i < arguments_.size(); ++i) {
      depth = std::max(depth, arguments_[i]->depth + 1);
      kinds_ += argument_kind(f, i);
    }
  }

  const vec& eval(frame& f, const std::uint8_t* active) override {
    columns_.clear();
    for (const auto& a : arguments_) columns_.push_back(a->eval(f, active));
    for (std::size_t i = 0; i < f.n; ++i) {
      if (active && !active[i]) {
        room_.put(i, null_value());
        continue;
      }
      call c{f.memory, pattern_.get()};
      bool usable = true;
      for (std::size_t k = 0; k < columns_.size() && usable; ++k) {
        values_[k] = columns_[k].at(i);
        usable = convert(values_[k], kinds_[k], f.memory);
      }
      room_.put(i, usable ? function_.body(c, values_.data(), values_.size()) : c.null());
      if (c.miss) f.miss(active, i);
    }
    return vec_ = room_.mixed();
  }

 private:
  const function& function_;
  std::vector<node_ptr> arguments_;
  std::shared_ptr<pipe_pattern> pattern_;
  std::string kinds_;
  std::vector<value> values_;
  std::vector<vec> columns_;
  buffers room_;
  vec vec_;
};

}  // namespace

const std::vector<function>& functions() {
  static const std::vector<function> table = [] {
    std::vector<function> all;
    add_text_functions(all);
    add_pattern_functions(all);
    add_number_functions(all);
    add_time_functions(all);
    add_json_functions(all);
    add_hash_functions(all);
    return all;
  }();
  return table;
}

const function* find_function(std::string_view name) {
  for (const function& f : functions())
    if (f.name == name) return &f;
  return nullptr;
}

std::string signature(const function& f) { return std::string(f.name) + "(" + f.parameters + ")"; }

std::size_t least_arguments(const function& f) {
  const std::string_view spec = f.spec;
  const std::size_t end = spec.find_first_of("?*");
  return std::min(end, spec.size());
}

std::size_t most_arguments(const function& f) {
  const std::string_view spec = f.spec;
  if (spec.find('*') != std::string_view::npos) return SIZE_MAX;
  return spec.size() - (spec.find('?') != std::string_view::npos);
}

char argument_kind(const function& f, std::size_t index) {
  char kind = 'a';
  for (const char* s = f.spec; *s; ++s) {
    if (*s == '?') continue;
    if (*s == '*') break;
    kind = *s;
    if (index-- == 0) break;
  }
  return kind;
}

node_ptr make_call(const function& f, std::vector<node_ptr> arguments, std::shared_ptr<pipe_pattern> pattern) {
  return std::make_shared<call_node>(f, std::move(arguments), std::move(pattern));
}

}  // namespace pipes::expr
