// nodes.cpp: fields, constants, logic, choices, lists. Numbers and comparisons: operators.cpp.
#include "core/expr/node.hpp"

#include "core/expr/expr.hpp"

#include <algorithm>
#include <stdexcept>
#include <unordered_set>

namespace pipes::expr {
namespace {

std::uint32_t deepest(const std::vector<node_ptr>& terms) {
  std::uint32_t depth = 0;
  for (const auto& t : terms) depth = std::max(depth, t->depth);
  return depth + 1;
}

bool nothing(const std::uint8_t* active, std::size_t n) { return std::find(active, active + n, 1) == active + n; }

// A node whose values are booleans.
class bool_node : public node {
 public:
  bool_node() : room_(new std::uint8_t[chunk_rows]) {
    types = type_bool;
    borrows = true;
    vec_.all = PIPE_BOOL;
    vec_.bools = room_.get();
  }

 protected:
  std::unique_ptr<std::uint8_t[]> room_;
  vec vec_;
};

class logic_node final : public bool_node {
 public:
  logic_node(bool conjunction, std::vector<node_ptr> terms) : conjunction_(conjunction), terms_(std::move(terms)), open_(new std::uint8_t[chunk_rows]) {
    what = form::logic;
    depth = deepest(terms_);
  }
  const vec& eval(frame& f, const std::uint8_t* active) override {
    std::uint8_t* out = room_.get();
    std::memcpy(out, terms_[0]->truth(f, active), f.n);
    for (std::size_t t = 1; t < terms_.size(); ++t) {
      // Only rows that are not decided yet are asked.
      for (std::size_t i = 0; i < f.n; ++i) open_[i] = (out[i] == (conjunction_ ? 1 : 0)) & (active ? active[i] : 1);
      if (nothing(open_.get(), f.n)) break;
      const std::uint8_t* more = terms_[t]->truth(f, open_.get());
      if (conjunction_) for (std::size_t i = 0; i < f.n; ++i) out[i] &= more[i];
      else for (std::size_t i = 0; i < f.n; ++i) out[i] |= more[i] & open_[i];
    }
    return vec_;
  }

 private:
  bool conjunction_;
  std::vector<node_ptr> terms_;
  std::unique_ptr<std::uint8_t[]> open_;
};

class not_node final : public bool_node {
 public:
  explicit not_node(node_ptr term) : term_(std::move(term)) {
    what = form::logic;
    depth = term_->depth + 1;
  }
  const vec& eval(frame& f, const std::uint8_t* active) override {
    const std::uint8_t* in = term_->truth(f, active);
    for (std::size_t i = 0; i < f.n; ++i) room_[i] = in[i] ^ 1;
    return vec_;
  }

 private:
  node_ptr term_;
};

class coalesce_node final : public node {
 public:
  coalesce_node(node_ptr left, node_ptr right) : left_(std::move(left)), right_(std::move(right)), open_(new std::uint8_t[chunk_rows]) {
    types = (left_->types & ~type_null) | right_->types;
    borrows = left_->borrows && right_->borrows;
    depth = std::max(left_->depth, right_->depth) + 1;
  }
  const vec& eval(frame& f, const std::uint8_t* active) override {
    const vec& a = left_->eval(f, active);
    if (a.all != PIPE_MIXED && a.all > PIPE_NULL) return a;
    bool any = false;
    for (std::size_t i = 0; i < f.n; ++i) {
      const bool null = is_null(a.at(i));
      open_[i] = null && (!active || active[i]);
      any |= open_[i] != 0;
    }
    if (!any) return a;
    if (a.one) return right_->eval(f, active);
    for (std::size_t i = 0; i < f.n; ++i) room_.put(i, a.at(i));
    const vec& b = right_->eval(f, open_.get());
    for (std::size_t i = 0; i < f.n; ++i)
      if (open_[i]) room_.put(i, b.at(i));
    return vec_ = room_.mixed();
  }

 private:
  node_ptr left_, right_;
  std::unique_ptr<std::uint8_t[]> open_;
  buffers room_;
  vec vec_;
};

class if_node final : public node {
 public:
  if_node(node_ptr condition, node_ptr yes, node_ptr no)
      : condition_(std::move(condition)), yes_(std::move(yes)), no_(std::move(no)), open_(new std::uint8_t[2 * chunk_rows]) {
    types = yes_->types | no_->types;
    borrows = yes_->borrows && no_->borrows;
    depth = std::max({condition_->depth, yes_->depth, no_->depth}) + 1;
  }
  const vec& eval(frame& f, const std::uint8_t* active) override {
    const std::uint8_t* c = condition_->truth(f, active);
    std::uint8_t* yes = open_.get();
    std::uint8_t* no = yes + chunk_rows;
    for (std::size_t i = 0; i < f.n; ++i) {
      const std::uint8_t asked = active ? active[i] : 1;
      yes[i] = c[i] & asked;
      no[i] = (c[i] ^ 1) & asked;
      if (!asked) room_.put(i, null_value());
    }
    take(f, *yes_, yes);
    take(f, *no_, no);
    return vec_ = room_.mixed();
  }

 private:
  void take(frame& f, node& from, const std::uint8_t* rows) {
    if (nothing(rows, f.n)) return;
    const vec& v = from.eval(f, rows);
    for (std::size_t i = 0; i < f.n; ++i)
      if (rows[i]) room_.put(i, v.at(i));
  }
  node_ptr condition_, yes_, no_;
  std::unique_ptr<std::uint8_t[]> open_;
  buffers room_;
  vec vec_;
};

std::string_view keep(frame& f, const memory::text_buffer& text) { return f.memory.keep({text.data(), text.size()}); }

void append(memory::text_buffer& to, const value& v) {
  const pipe_slice slice{v.text.data(), static_cast<std::uint32_t>(v.text.size()), 0};
  json::append_value(to, v.tag, v.bits, &slice);
}

class list_node final : public node {
 public:
  explicit list_node(std::vector<node_ptr> list) : items(std::move(list)) {
    what = form::list;
    types = type_json;
    depth = deepest(items);
  }
  const vec& eval(frame& f, const std::uint8_t* active) override {
    std::vector<vec> columns;
    for (const auto& item : items) columns.push_back(item->eval(f, active));
    memory::text_buffer text;
    for (std::size_t i = 0; i < f.n; ++i) {
      text.clear();
      text.push('[');
      for (std::size_t k = 0; k < columns.size(); ++k) {
        if (k) text.push(',');
        append(text, columns[k].at(i));
      }
      text.push(']');
      room_.put(i, json_value(keep(f, text)));
    }
    vec_ = room_.mixed();
    vec_.all = PIPE_JSON;
    return vec_;
  }
  const std::vector<node_ptr> items;

 private:
  buffers room_;
  vec vec_;
};

class in_node final : public bool_node {
 public:
  in_node(node_ptr left, node_ptr right, bool negated) : left_(std::move(left)), right_(std::move(right)), negated_(negated) {
    what = form::comparison;
    depth = std::max(left_->depth, right_->depth) + 1;
    const auto* items = list_items(*right_);
    if (!items) return;
    constant_ = std::all_of(items->begin(), items->end(), [](const node_ptr& n) { return as_constant(n) != nullptr; });
    if (!constant_) return;
    for (const auto& item : *items) {
      const value v = as_constant(item)->get();
      if (v.tag == PIPE_STRING) texts_.insert(v.text);
      else others_.push_back(v);
    }
  }
  const vec& eval(frame& f, const std::uint8_t* active) override {
    const vec& a = left_->eval(f, active);
    std::uint8_t* out = room_.get();
    if (constant_) {
      for (std::size_t i = 0; i < f.n; ++i) {
        const value v = a.at(i);
        bool found = is_text(v) && texts_.count(v.text) != 0;
        if (!found && (v.tag != PIPE_STRING || !others_.empty()))
          found = std::any_of(others_.begin(), others_.end(), [&](const value& o) { return equal(v, o); });
        out[i] = found != negated_;
      }
    } else if (const auto* items = list_items(*right_)) {
      std::memset(out, 0, f.n);
      for (const auto& item : *items) {
        const vec& b = item->eval(f, active);
        for (std::size_t i = 0; i < f.n; ++i) out[i] |= equal(a.at(i), b.at(i));
      }
      for (std::size_t i = 0; i < f.n; ++i) out[i] ^= negated_;
    } else {
      const vec& b = right_->eval(f, active);
      for (std::size_t i = 0; i < f.n; ++i) {
        if (active && !active[i]) { out[i] = 0; continue; }
        const value list = b.at(i);
        bool found = false;
        if (list.tag == PIPE_JSON && !list.text.empty() && list.text.front() == '[') {
          const value v = a.at(i);
          elements all(list.text);
          for (std::string_view e; !found && all.next(e);) found = equal(v, json::read(e, f.memory));
        } else {
          f.miss(active, i);
        }
        out[i] = found != negated_;
      }
    }
    return vec_;
  }

 private:
  node_ptr left_, right_;
  bool negated_;
  bool constant_ = false;
  std::unordered_set<std::string_view> texts_;
  std::vector<value> others_;
};

class match_node final : public bool_node {
 public:
  match_node(node_ptr left, std::shared_ptr<pipe_pattern> pattern, bool negated) : left_(std::move(left)), pattern_(std::move(pattern)), negated_(negated) {
    what = form::comparison;
    depth = left_->depth + 1;
  }
  const vec& eval(frame& f, const std::uint8_t* active) override {
    const vec& a = left_->eval(f, active);
    for (std::size_t i = 0; i < f.n; ++i) {
      room_[i] = 0;
      if (active && !active[i]) continue;
      const value v = a.at(i);
      bool found = false;
      std::uint64_t filled = 0;
      if (is_null(v)) f.miss(active, i);
      else found = pattern_->find(to_text(v, f.memory), 0, nullptr, 0, filled);
      room_[i] = found != negated_;
    }
    return vec_;
  }

 private:
  node_ptr left_;
  std::shared_ptr<pipe_pattern> pattern_;
  bool negated_;
};

class path_node final : public node {
 public:
  path_node(node_ptr base, std::vector<step> steps) : base_(std::move(base)), steps_(std::move(steps)) { depth = base_->depth + 1; }
  const vec& eval(frame& f, const std::uint8_t* active) override {
    const vec& a = base_->eval(f, active);
    for (std::size_t i = 0; i < f.n; ++i) room_.put(i, walk(a.at(i), steps_, f.memory));
    return vec_ = room_.mixed();
  }

 private:
  node_ptr base_;
  std::vector<step> steps_;
  buffers room_;
  vec vec_;
};

}  // namespace

// The common case of to_number: up to 18 digits without a leading zero.
static bool short_integer(const pipe_slice& s, std::uint8_t& tag, std::uint64_t& bits) {
  if (s.size == 0 || s.size > 18 || (s.data[0] == '0' && s.size > 1)) return false;
  std::uint64_t n = 0;
  for (std::uint32_t i = 0; i < s.size; ++i) {
    const auto digit = static_cast<unsigned char>(s.data[i] - '0');
    if (digit > 9) return false;
    n = n * 10 + digit;
  }
  tag = PIPE_INT;
  bits = n;
  return true;
}

const vec& node::numbers(frame& f, const std::uint8_t* active) {
  if (what == form::field && numbered_ == f.serial) return numbers_;
  numbered_ = f.serial;
  const vec& v = eval(f, active);
  if (v.all == PIPE_INT || v.all == PIPE_FLOAT) return numbers_ = v;
  const std::size_t n = v.one ? 1 : f.n;
  std::uint8_t* tags = number_room_.tags();
  std::uint64_t* values = number_room_.values();
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t tag = v.all == PIPE_MIXED && !v.bools ? v.tags[i] : v.all;
    tags[i] = PIPE_NULL;
    values[i] = 0;
    if (tag == PIPE_INT || tag == PIPE_FLOAT) {
      tags[i] = static_cast<std::uint8_t>(tag);
      values[i] = v.values[i];
    } else if (tag == PIPE_WORD && !short_integer(v.slices[i], tags[i], values[i])) {
      const value number = to_number(v.at(i));
      tags[i] = static_cast<std::uint8_t>(number.tag);
      values[i] = number.bits;
    }
  }
  const bool same = n > 0 && std::all_of(tags, tags + n, [&](std::uint8_t t) { return t == tags[0]; });
  return numbers_ = {same ? tags[0] : PIPE_MIXED, v.one, tags, values, nullptr, nullptr};
}

const std::uint8_t* node::truth(frame& f, const std::uint8_t* active) {
  const vec& v = eval(f, active);
  if (v.bools && !v.one) return v.bools;
  if (!truth_room_) truth_room_.reset(new std::uint8_t[chunk_rows]);
  for (std::size_t i = 0; i < f.n; ++i) {
    const value b = v.at(i);
    truth_room_[i] = b.tag == PIPE_BOOL && b.bits;
    if (b.tag != PIPE_BOOL) f.miss(active, i);
  }
  return truth_room_.get();
}

value walk(value v, const std::vector<step>& steps, memory::arena& memory) {
  for (const step& s : steps) {
    if (v.tag != PIPE_JSON || v.text.empty()) return null_value();
    std::string_view found;
    if (s.by_key) {
      found = v.text.front() == '{' ? json::find(v.text, s.key) : std::string_view();
    } else if (v.text.front() == '[') {
      std::uint64_t wanted = static_cast<std::uint64_t>(s.index);
      if (s.index < 0) {
        std::uint64_t count = 0;
        std::string_view e;
        for (elements all(v.text); all.next(e);) ++count;
        const std::uint64_t back = std::uint64_t{0} - wanted;
        if (back > count) return null_value();
        wanted = count - back;
      }
      std::uint64_t k = 0;
      std::string_view e;
      for (elements all(v.text); all.next(e); ++k)
        if (k == wanted) { found = e; break; }
    }
    if (!found.data()) return null_value();
    v = json::read(found, memory);
  }
  return v;
}

constant_node::constant_node(const value& v)
    : text_(v.text), tag_(static_cast<std::uint8_t>(v.tag)), bits_(v.bits), slice_{v.text.data() ? text_.data() : nullptr, static_cast<std::uint32_t>(text_.size()), 0} {
  what = form::constant;
  types = type_of(v);
  borrows = v.tag <= PIPE_FLOAT && !v.text.data();
  vec_ = {tag_, true, &tag_, &bits_, &slice_, nullptr};
}

field_node::field_node(const pipe_field* field, std::vector<step> steps) : field_(field), steps_(std::move(steps)) {
  what = form::field;
  borrows = steps_.empty();
}

const vec& field_node::eval(frame& f, const std::uint8_t*) {
  if (serial_ == f.serial) return vec_;
  serial_ = f.serial;
  const pipe_column& c = column(f.batch, field_);
  vec_ = {c.all, false, c.tags + f.first, c.values ? c.values + f.first : nullptr, c.slices ? c.slices + f.first : nullptr, nullptr};
  if (!steps_.empty()) {
    for (std::size_t i = 0; i < f.n; ++i) room_.put(i, walk(vec_.at(i), steps_, f.memory));
    vec_ = room_.mixed();
  }
  return vec_;
}

node_ptr make_logic(bool conjunction, std::vector<node_ptr> terms) { return std::make_shared<logic_node>(conjunction, std::move(terms)); }
node_ptr make_not(node_ptr term) { return std::make_shared<not_node>(std::move(term)); }
node_ptr make_coalesce(node_ptr left, node_ptr right) { return std::make_shared<coalesce_node>(std::move(left), std::move(right)); }
node_ptr make_if(node_ptr condition, node_ptr yes, node_ptr no) {
  return std::make_shared<if_node>(std::move(condition), std::move(yes), std::move(no));
}
node_ptr make_list(std::vector<node_ptr> items) { return std::make_shared<list_node>(std::move(items)); }
node_ptr make_in(node_ptr left, node_ptr right, bool negated) { return std::make_shared<in_node>(std::move(left), std::move(right), negated); }
node_ptr make_match(node_ptr left, std::shared_ptr<pipe_pattern> pattern, bool negated) {
  return std::make_shared<match_node>(std::move(left), std::move(pattern), negated);
}
node_ptr make_path(node_ptr base, std::vector<step> steps) { return std::make_shared<path_node>(std::move(base), std::move(steps)); }
const std::vector<node_ptr>* list_items(const node& n) { return n.what == node::form::list ? &static_cast<const list_node&>(n).items : nullptr; }

}  // namespace pipes::expr
