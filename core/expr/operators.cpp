// operators.cpp: comparisons and arithmetic. Where a whole chunk is of one type they are loops over plain arrays, which compilers turn into vector
// code; these must give what value.cpp gives value by value, which is the meaning of the operators.
#include "core/expr/node.hpp"

#include <algorithm>
#include <cmath>

namespace pipes::expr {
namespace {

bool number_tag(std::uint32_t tag) { return tag == PIPE_INT || tag == PIPE_FLOAT; }

constexpr std::array<std::uint8_t, chunk_rows> filled_with(std::uint8_t tag) {
  std::array<std::uint8_t, chunk_rows> a{};
  for (auto& t : a) t = tag;
  return a;
}
constexpr auto all_int = filled_with(PIPE_INT);
constexpr auto all_float = filled_with(PIPE_FLOAT);

// One side's numbers as T: one for each row, or one for all.
template <class T>
struct operand {
  const std::uint64_t* values;
  std::size_t mask;
  T operator[](std::size_t i) const {
    T t;
    std::memcpy(&t, values + (i & mask), sizeof t);
    return t;
  }
};
template <class T>
operand<T> operand_of(const vec& v) { return {v.values, v.one ? std::size_t{0} : ~std::size_t{0}}; }

// The same, but surely one for each row: loops over it need no mask.
template <class T>
struct stream {
  const std::uint64_t* values;
  T operator[](std::size_t i) const {
    T t;
    std::memcpy(&t, values + i, sizeof t);
    return t;
  }
};

template <class T, class B>
void compare_loop(unsigned accept, const stream<T>& a, const B& b, std::uint8_t* out, std::size_t n) {
  switch (accept) {
    case accept_equal: for (std::size_t i = 0; i < n; ++i) out[i] = a[i] == b[i]; break;
    case accept_less: for (std::size_t i = 0; i < n; ++i) out[i] = a[i] < b[i]; break;
    case accept_greater: for (std::size_t i = 0; i < n; ++i) out[i] = a[i] > b[i]; break;
    case accept_less | accept_equal: for (std::size_t i = 0; i < n; ++i) out[i] = a[i] <= b[i]; break;
    case accept_greater | accept_equal: for (std::size_t i = 0; i < n; ++i) out[i] = a[i] >= b[i]; break;
    default: for (std::size_t i = 0; i < n; ++i) out[i] = a[i] != b[i]; break;
  }
}

template <class T>
struct same {
  T value;
  T operator[](std::size_t) const { return value; }
};

class comparison_node final : public node {
 public:
  comparison_node(unsigned accept, node_ptr left, node_ptr right) : accept_(accept), left_(std::move(left)), right_(std::move(right)), room_(new std::uint8_t[chunk_rows]) {
    what = form::comparison;
    types = type_bool;
    borrows = true;
    depth = std::max(left_->depth, right_->depth) + 1;
    vec_.all = PIPE_BOOL;
    vec_.bools = room_.get();
    if (as_constant(left_) && !as_constant(right_)) {
      std::swap(left_, right_);
      const unsigned less = accept_ & accept_less, greater = accept_ & accept_greater;
      accept_ = (accept_ & (accept_equal | accept_unordered)) | (less ? accept_greater : 0u) | (greater ? accept_less : 0u);
    }
  }

  const vec& eval(frame& f, const std::uint8_t* active) override {
    const vec& a = left_->eval(f, active);
    const vec& b = right_->eval(f, active);
    if (b.one && number_tag(b.all)) with_number(f, active, b);
    else if (!a.one && !b.one && a.all == b.all && a.all == PIPE_INT) compare_loop(accept_, stream<std::int64_t>{a.values}, stream<std::int64_t>{b.values}, room_.get(), f.n);
    else if (!a.one && !b.one && a.all == b.all && a.all == PIPE_FLOAT) compare_loop(accept_, stream<double>{a.values}, stream<double>{b.values}, room_.get(), f.n);
    else if (b.one && b.all == PIPE_STRING && (a.all == PIPE_WORD || a.all == PIPE_STRING) && !a.one) with_text(f, a, view(b.slices[0]));
    else by_row(f, active, a, b);
    return vec_;
  }

 private:
  bool ordering() const { return !(accept_ == accept_equal || accept_ == (accept_less | accept_greater | accept_unordered)); }

  void with_number(frame& f, const std::uint8_t* active, const vec& b) {
    const value c = b.at(0);
    const vec& a = left_->numbers(f, active);
    if (!a.one && a.all == PIPE_INT) {
      if (c.tag == PIPE_INT) return compare_loop(accept_, stream<std::int64_t>{a.values}, same<std::int64_t>{static_cast<std::int64_t>(c.bits)}, room_.get(), f.n);
      const double d = as_double(c.bits);
      if (std::fabs(d) < 9e18 && d == std::trunc(d))
        return compare_loop(accept_, stream<std::int64_t>{a.values}, same<std::int64_t>{static_cast<std::int64_t>(d)}, room_.get(), f.n);
    }
    if (!a.one && a.all == PIPE_FLOAT) {
      const double d = number_of(c);
      if (c.tag == PIPE_FLOAT || std::fabs(d) < 9007199254740992.0)
        return compare_loop(accept_, stream<double>{a.values}, same<double>{d}, room_.get(), f.n);
    }
    const bool counts = ordering();
    for (std::size_t i = 0; i < f.n; ++i) {
      const std::size_t k = a.one ? 0 : i;
      const std::uint32_t tag = a.all == PIPE_MIXED ? a.tags[k] : a.all;
      const int order = number_tag(tag) ? compare_numbers({tag, a.values[k], {}}, c) : 2;
      room_[i] = accept_ >> (order + 1) & 1;
      if (order == 2 && counts) f.miss(active, i);
    }
  }

  void with_text(frame& f, const vec& a, std::string_view text) {
    std::uint8_t* out = room_.get();
    const pipe_slice* s = a.slices;
    if (!ordering()) {
      const std::uint8_t yes = accept_ == accept_equal;
      for (std::size_t i = 0; i < f.n; ++i)
        out[i] = static_cast<std::uint8_t>(s[i].size == text.size() && (text.empty() || std::memcmp(s[i].data, text.data(), text.size()) == 0)) == yes;
    } else {
      for (std::size_t i = 0; i < f.n; ++i) out[i] = accept_ >> (compare_text(view(s[i]), text) + 1) & 1;
    }
  }

  void by_row(frame& f, const std::uint8_t* active, const vec& a, const vec& b) {
    if (!ordering()) {
      const bool yes = accept_ == accept_equal;
      for (std::size_t i = 0; i < f.n; ++i) room_[i] = equal(a.at(i), b.at(i)) == yes;
      return;
    }
    for (std::size_t i = 0; i < f.n; ++i) {
      const int order = compare(a.at(i), b.at(i));
      room_[i] = accept_ >> (order + 1) & 1;
      if (order == 2) f.miss(active, i);
    }
  }

  unsigned accept_;
  node_ptr left_, right_;
  std::unique_ptr<std::uint8_t[]> room_;
  vec vec_;
};

class arithmetic_node final : public node {
 public:
  arithmetic_node(char op, node_ptr left, node_ptr right) : op_(op), left_(std::move(left)), right_(std::move(right)) {
    types = type_number | type_null;
    borrows = true;
    depth = std::max(left_->depth, right_->depth) + 1;
  }

  const vec& eval(frame& f, const std::uint8_t* active) override {
    const vec& a = left_->numbers(f, active);
    const vec& b = right_->numbers(f, active);
    if (a.all == PIPE_INT && b.all == PIPE_INT && integers(f, a, b)) return vec_;
    if (number_tag(a.all) && number_tag(b.all) && (a.all == PIPE_FLOAT || b.all == PIPE_FLOAT || op_ == '/') && floats(f, a, b)) return vec_;
    std::uint8_t* tags = room_.tags();
    std::uint64_t* values = room_.values();
    for (std::size_t i = 0; i < f.n; ++i) {
      bool miss = false;
      const value r = arithmetic(op_, a.at(i), b.at(i), miss);
      if (miss) f.miss(active, i);
      tags[i] = static_cast<std::uint8_t>(r.tag);
      values[i] = r.bits;
    }
    vec_ = {PIPE_MIXED, false, tags, values, nullptr, nullptr};
    return vec_;
  }

 private:
  // False: some result left 64 bits, or the operator has no fast way.
  bool integers(frame& f, const vec& va, const vec& vb) {
    const auto a = operand_of<std::int64_t>(va), b = operand_of<std::int64_t>(vb);
    auto* out = room_.values();
    bool over = false;
    std::int64_t r = 0;
    const auto loop = [&](auto operation) {
      for (std::size_t i = 0; i < f.n; ++i) {
        over |= operation(a[i], b[i]);
        out[i] = static_cast<std::uint64_t>(r);
      }
    };
    switch (op_) {
      case '+': loop([&](std::int64_t x, std::int64_t y) { return __builtin_add_overflow(x, y, &r); }); break;
      case '-': loop([&](std::int64_t x, std::int64_t y) { return __builtin_sub_overflow(x, y, &r); }); break;
      case '*': loop([&](std::int64_t x, std::int64_t y) { return __builtin_mul_overflow(x, y, &r); }); break;
      default: return false;
    }
    vec_ = {PIPE_INT, false, all_int.data(), out, nullptr, nullptr};
    return !over;
  }

  template <class A, class B>
  bool float_loop(frame& f, const operand<A>& a, const operand<B>& b) {
    auto* out = room_.values();
    bool odd = false;
    const auto loop = [&](auto operation) {
      for (std::size_t i = 0; i < f.n; ++i) {
        const double r = operation(static_cast<double>(a[i]), static_cast<double>(b[i]));
        odd |= !std::isfinite(r);
        out[i] = as_bits(r);
      }
    };
    switch (op_) {
      case '+': loop([](double x, double y) { return x + y; }); break;
      case '-': loop([](double x, double y) { return x - y; }); break;
      case '*': loop([](double x, double y) { return x * y; }); break;
      case '/': loop([](double x, double y) { return x / y; }); break;
      default: return false;
    }
    vec_ = {PIPE_FLOAT, false, all_float.data(), out, nullptr, nullptr};
    return !odd;
  }

  bool floats(frame& f, const vec& a, const vec& b) {
    if (a.all == PIPE_INT && b.all == PIPE_INT) return float_loop(f, operand_of<std::int64_t>(a), operand_of<std::int64_t>(b));
    if (a.all == PIPE_INT) return float_loop(f, operand_of<std::int64_t>(a), operand_of<double>(b));
    if (b.all == PIPE_INT) return float_loop(f, operand_of<double>(a), operand_of<std::int64_t>(b));
    return float_loop(f, operand_of<double>(a), operand_of<double>(b));
  }

  char op_;
  node_ptr left_, right_;
  buffers room_;
  vec vec_;
};

class negation_node final : public node {
 public:
  explicit negation_node(node_ptr term) : term_(std::move(term)) {
    types = type_number | type_null;
    borrows = true;
    depth = term_->depth + 1;
  }
  const vec& eval(frame& f, const std::uint8_t* active) override {
    const vec& a = term_->numbers(f, active);
    for (std::size_t i = 0; i < f.n; ++i) {
      bool miss = false;
      room_.put(i, negate(a.at(i), miss));
      if (miss) f.miss(active, i);
    }
    return vec_ = room_.mixed();
  }

 private:
  node_ptr term_;
  buffers room_;
  vec vec_;
};

class join_node final : public node {
 public:
  explicit join_node(std::vector<node_ptr> terms) : terms_(std::move(terms)) {
    types = type_string | type_null;
    for (const auto& t : terms_) depth = std::max(depth, t->depth + 1);
  }
  const std::vector<node_ptr>& parts() const { return terms_; }
  const vec& eval(frame& f, const std::uint8_t* active) override {
    columns_.clear();
    for (const auto& t : terms_) columns_.push_back(t->eval(f, active));
    for (std::size_t i = 0; i < f.n; ++i) {
      texts_.clear();
      std::size_t size = 0;
      bool null = active && !active[i];
      for (const vec& c : columns_) {
        const value v = c.at(i);
        if (is_null(v)) null = true;
        if (null) break;
        texts_.push_back(to_text(v, f.memory));
        size += texts_.back().size();
      }
      if (null) {
        f.miss(active, i);
        room_.put(i, null_value());
        continue;
      }
      char* p = static_cast<char*>(f.memory.take(size));
      const std::string_view whole(p, size);
      for (std::string_view t : texts_) {
        if (!t.empty()) std::memcpy(p, t.data(), t.size());
        p += t.size();
      }
      room_.put(i, text_value(whole));
    }
    return vec_ = room_.mixed();
  }

 private:
  std::vector<node_ptr> terms_;
  std::vector<vec> columns_;
  std::vector<std::string_view> texts_;
  buffers room_;
  vec vec_;
};

}  // namespace

node_ptr make_comparison(unsigned accept, node_ptr left, node_ptr right) {
  return std::make_shared<comparison_node>(accept, std::move(left), std::move(right));
}
node_ptr make_arithmetic(char op, node_ptr left, node_ptr right) { return std::make_shared<arithmetic_node>(op, std::move(left), std::move(right)); }
node_ptr make_negation(node_ptr term) { return std::make_shared<negation_node>(std::move(term)); }
const std::vector<node_ptr>& join_parts(const node& n) { return static_cast<const join_node&>(n).parts(); }
node_ptr make_join(std::vector<node_ptr> terms) { return std::make_shared<join_node>(std::move(terms)); }

}  // namespace pipes::expr
