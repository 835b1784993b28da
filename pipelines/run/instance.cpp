#include "pipelines/run/instance.hpp"

#include <bit>
#include <utility>

namespace pipes::pipelines {

bool instance::fill(pipe_value& to, const option& from, const value& v, const pipe_option& declared, bool fixed, std::string& problem) {
  to.type = declared.type;
  to.flags |= PIPE_VALUE_SET;
  if (v.kind == value::kind_t::list || v.kind == value::kind_t::map) {
    std::vector<pipe_value>& items = items_.emplace_back(v.items.size());
    for (std::size_t i = 0; i < v.items.size(); ++i) {
      if (!fill(items[i], from, v.items[i], declared, fixed, problem)) return false;
      if (i < v.keys.size()) items[i].key = text(texts_.emplace_back(v.keys[i]));
    }
    to.items = items.data();
    to.count = items.size();
    return true;
  }
  switch (v.kind) {
    case value::kind_t::boolean: to.bits = v.boolean ? 1 : 0; break;
    case value::kind_t::integer: to.bits = static_cast<std::uint64_t>(v.integer); break;
    case value::kind_t::real: to.bits = std::bit_cast<std::uint64_t>(v.real); break;
    default: break;
  }
  if (declared.type == PIPE_OPT_FLOAT && v.kind == value::kind_t::integer) to.bits = std::bit_cast<std::uint64_t>(static_cast<double>(v.integer));
  const std::string& source = texts_.emplace_back(v.text);
  to.text = text(source);
  std::vector<remark> remarks;
  switch (declared.type) {
    case PIPE_OPT_CHOICE:
      for (std::uint32_t i = 0; i < declared.choice_count; ++i)
        if (view(declared.choices[i]) == source) to.bits = i;
      break;
    case PIPE_OPT_FIELD: {
      std::string_view name = source;
      if (v.descending) to.flags |= PIPE_VALUE_DESCENDING;
      if (name.size() > 2 && name.front() == '`' && name.back() == '`') name = name.substr(1, name.size() - 2);
      to.handle = const_cast<pipe_field*>(field(name));
      break;
    }
    case PIPE_OPT_PATTERN:
      patterns_.push_back(pipe_pattern::compile(source, fixed, remarks));
      to.handle = patterns_.back().get();
      break;
    case PIPE_OPT_EXPRESSION:
      expressions_.push_back(pipe_expr::compile(source, remarks));
      to.handle = expressions_.back().get();
      break;
    case PIPE_OPT_FORMAT:
      formats_.push_back(pipe_format::compile(source, remarks, declared.flags & PIPE_OPTION_ESCAPES));
      to.handle = formats_.back().get();
      break;
    default: return true;
  }
  if (declared.type == PIPE_OPT_CHOICE || to.handle) return true;
  problem = "option '" + from.name + "': ";
  for (const remark& r : remarks)
    if (!r.warning) problem += r.message + "; ";
  if (problem.ends_with("; ")) problem.resize(problem.size() - 2);
  return false;
}

std::unique_ptr<instance> instance::make(const stage& s, const pipe_stage& descriptor, pipe_context& context, std::string& problem) {
  std::unique_ptr<instance> made(new instance(descriptor));
  made->values_.resize(descriptor.option_count);
  const option* fixed = find_option(s, "fixed");
  for (std::uint64_t i = 0; i < descriptor.option_count; ++i) {
    const pipe_option& declared = descriptor.options[i];
    pipe_value& value = made->values_[i];
    value.type = declared.type;
    const option* given = find_option(s, view(declared.name));
    // What the user left out keeps the member's own default: it is written once, in the plugin.
    if (!given || given->from == origin::stage_default || given->val.kind == value::kind_t::null) continue;
    const bool is_fixed = (declared.flags & PIPE_OPTION_FIXED_BY) && fixed && fixed->val.boolean;
    if (!made->fill(value, *given, given->val, declared, is_fixed, problem)) return nullptr;
  }
  if (descriptor.create(&descriptor, &context, made->values_.data(), &made->self_) != PIPE_OK) {
    problem = context.take_cause();
    made->self_ = nullptr;
    return nullptr;
  }
  return made;
}

instance::~instance() {
  if (self_) descriptor_.destroy(self_);
}

std::uint64_t instance::expression_misses() const {
  std::uint64_t sum = 0;
  for (const auto& e : expressions_) sum += e->misses();
  return sum;
}

}  // namespace pipes::pipelines
