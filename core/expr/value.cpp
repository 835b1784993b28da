// value.cpp: see value.hpp.
#include "core/expr/value.hpp"

#include <algorithm>
#include <cmath>

namespace pipes::expr {
namespace {

int sign(std::int64_t a, std::int64_t b) { return a < b ? -1 : a > b; }

// Exact: the integer is never rounded.
int compare_int_float(std::int64_t i, double d) {
  if (std::isnan(d)) return 2;
  if (d >= 9223372036854775808.0) return -1;
  if (d < -9223372036854775808.0) return 1;
  const auto whole = static_cast<std::int64_t>(d);  // towards zero
  if (i != whole) return i < whole ? -1 : 1;
  const double rest = d - static_cast<double>(whole);
  return rest > 0 ? -1 : rest < 0;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// JSON texts are equal if they differ only in blanks between tokens.
bool equal_json(std::string_view a, std::string_view b) {
  std::size_t i = 0, k = 0;
  bool quoted = false;
  for (;;) {
    if (!quoted) {
      while (i < a.size() && is_blank(a[i])) ++i;
      while (k < b.size() && is_blank(b[k])) ++k;
    }
    if (i == a.size() || k == b.size()) return i == a.size() && k == b.size();
    if (a[i] != b[k]) return false;
    if (a[i] == '"') {
      quoted = !quoted;
    } else if (quoted && a[i] == '\\' && i + 1 < a.size() && k + 1 < b.size()) {
      if (a[++i] != b[++k]) return false;
    }
    ++i;
    ++k;
  }
}

double floor_mod(double a, double b) {
  double r = std::fmod(a, b);
  if (r != 0 && (r < 0) != (b < 0)) r += b;
  return r;
}

}  // namespace

value float_value(double d) { return std::isfinite(d) ? value{PIPE_FLOAT, as_bits(d), {}} : null_value(); }

value to_number(const value& v) {
  if (is_number(v)) return v;
  value n;
  if (v.tag == PIPE_WORD && json::number(v.text, n)) return n;
  return null_value();
}

std::string_view to_text(const value& v, memory::arena& to) {
  switch (v.tag) {
    case PIPE_BOOL: return v.bits ? "true" : "false";
    case PIPE_INT: case PIPE_FLOAT: {
      if (v.text.data()) return v.text;
      char* p = static_cast<char*>(to.take(32));
      return {p, v.tag == PIPE_INT ? json::print_int(p, static_cast<std::int64_t>(v.bits)) : json::print_float(p, as_double(v.bits))};
    }
    case PIPE_STRING: case PIPE_WORD: case PIPE_JSON: return v.text;
    default: return "";
  }
}

value entry(const pipe_column& c, std::uint64_t row) {
  value v;
  v.tag = c.tags[row];
  if (v.tag <= PIPE_NULL) return v;
  if (v.tag <= PIPE_FLOAT) v.bits = c.values[row];
  if (v.tag >= PIPE_INT && c.slices && c.slices[row].data) v.text = view(c.slices[row]);
  return v;
}

int compare_numbers(const value& a, const value& b) {
  if (a.tag == PIPE_INT && b.tag == PIPE_INT) return sign(static_cast<std::int64_t>(a.bits), static_cast<std::int64_t>(b.bits));
  if (a.tag == PIPE_INT && b.tag == PIPE_FLOAT) return compare_int_float(static_cast<std::int64_t>(a.bits), as_double(b.bits));
  if (a.tag == PIPE_FLOAT && b.tag == PIPE_INT) {
    const int c = compare_int_float(static_cast<std::int64_t>(b.bits), as_double(a.bits));
    return c == 2 ? 2 : -c;
  }
  if (a.tag != PIPE_FLOAT || b.tag != PIPE_FLOAT) return 2;
  const double x = as_double(a.bits), y = as_double(b.bits);
  return x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;
}

int compare_text(std::string_view a, std::string_view b) {
  const int c = a.compare(b);
  return c < 0 ? -1 : c > 0;
}

bool equal(const value& a, const value& b) {
  if (is_null(a) || is_null(b)) return is_null(a) && is_null(b);
  if (a.tag == PIPE_BOOL || b.tag == PIPE_BOOL) return a.tag == b.tag && a.bits == b.bits;
  if (a.tag == PIPE_JSON || b.tag == PIPE_JSON) return a.tag == b.tag && equal_json(a.text, b.text);
  if (is_text(a) && is_text(b)) {
    if (a.text == b.text) return true;
    if (a.tag != PIPE_WORD || b.tag != PIPE_WORD) return false;
  }
  return compare_numbers(to_number(a), to_number(b)) == 0;
}

int compare(const value& a, const value& b) {
  if (is_null(a) || is_null(b)) return 2;
  if (is_text(a) && is_text(b)) {
    if (a.tag == PIPE_WORD && b.tag == PIPE_WORD) {
      const int c = compare_numbers(to_number(a), to_number(b));
      if (c != 2) return c;
    }
    return compare_text(a.text, b.text);
  }
  if (a.tag == PIPE_BOOL && b.tag == PIPE_BOOL) return static_cast<int>(a.bits) - static_cast<int>(b.bits);
  return compare_numbers(to_number(a), to_number(b));
}

value arithmetic(char op, const value& left, const value& right, bool& miss) {
  const value a = to_number(left), b = to_number(right);
  if (!is_number(a) || !is_number(b)) {
    miss = true;
    return null_value();
  }
  if (a.tag == PIPE_INT && b.tag == PIPE_INT && op != '/') {
    const auto x = static_cast<std::int64_t>(a.bits), y = static_cast<std::int64_t>(b.bits);
    std::int64_t r = 0;
    switch (op) {
      case '+': if (!__builtin_add_overflow(x, y, &r)) return int_value(r); break;
      case '-': if (!__builtin_sub_overflow(x, y, &r)) return int_value(r); break;
      case '*': if (!__builtin_mul_overflow(x, y, &r)) return int_value(r); break;
      case 'd':
        if (y == 0) return null_value();
        if (y == -1) { if (!__builtin_sub_overflow(std::int64_t{0}, x, &r)) return int_value(r); break; }
        r = x / y;
        return int_value(r - (x % y != 0 && (x < 0) != (y < 0)));
      default:
        if (y == 0) return null_value();
        if (y == -1) return int_value(0);
        r = x % y;
        return int_value(r != 0 && (r < 0) != (y < 0) ? r + y : r);
    }
  }
  const double x = number_of(a), y = number_of(b);
  switch (op) {
    case '+': return float_value(x + y);
    case '-': return float_value(x - y);
    case '*': return float_value(x * y);
    case '/': return y == 0 ? null_value() : float_value(x / y);
    case 'd': return y == 0 ? null_value() : float_value(std::floor(x / y));
    default: return y == 0 ? null_value() : float_value(floor_mod(x, y));
  }
}

value negate(const value& v, bool& miss) {
  const value a = to_number(v);
  if (!is_number(a)) {
    miss = true;
    return null_value();
  }
  std::int64_t r = 0;
  if (a.tag == PIPE_INT && !__builtin_sub_overflow(std::int64_t{0}, static_cast<std::int64_t>(a.bits), &r)) return int_value(r);
  return float_value(-number_of(a));
}

elements::elements(std::string_view array) : p_(array.data()), end_(p_ + array.size()) {
  while (p_ != end_ && is_blank(*p_)) ++p_;
  if (p_ != end_ && *p_ == '[') ++p_;
  else p_ = end_;
}

bool elements::next(std::string_view& element) {
  while (p_ != end_ && (is_blank(*p_) || *p_ == ',')) ++p_;
  if (p_ == end_ || *p_ == ']') return false;
  const char* const start = p_;
  std::size_t depth = 0;
  bool quoted = false;
  for (; p_ != end_; ++p_) {
    const char c = *p_;
    if (quoted) {
      if (c == '\\' && end_ - p_ > 1) ++p_;
      else if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      if (depth == 0) break;
      --depth;
    } else if (depth == 0 && (c == ',' || is_blank(c))) {
      break;
    }
  }
  element = {start, static_cast<std::size_t>(p_ - start)};
  return true;
}

}  // namespace pipes::expr
