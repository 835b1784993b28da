// functions_number.cpp: functions on numbers, and those that ask or change a value's type.
#include "core/expr/functions.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace pipes::expr {
namespace {

std::int64_t whole(const value& v) { return static_cast<std::int64_t>(v.bits); }

// A float without a fraction as an integer, if 64 bits hold it.
value rounded(double d) { return std::fabs(d) < 9.2e18 ? int_value(static_cast<std::int64_t>(d)) : float_value(d); }

value absolute(call&, const value* a, std::size_t) {
  bool miss = false;
  if (a[0].tag == PIPE_INT) return whole(a[0]) < 0 ? negate(a[0], miss) : int_value(whole(a[0]));
  return float_value(std::fabs(as_double(a[0].bits)));
}
value floor_of(call&, const value* a, std::size_t) { return a[0].tag == PIPE_INT ? int_value(whole(a[0])) : rounded(std::floor(as_double(a[0].bits))); }
value ceil_of(call&, const value* a, std::size_t) { return a[0].tag == PIPE_INT ? int_value(whole(a[0])) : rounded(std::ceil(as_double(a[0].bits))); }

// The powers of ten that are doubles.
constexpr double held[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr int most_held = 22;

// d rounded to so many digits behind the point, halves away from zero: the double that is next to the exact result for d's exact value.
double round_behind(double d, int digits) {
  const double scale = digits <= most_held ? held[digits] : 0;
  const double scaled = d * scale, nearest = std::round(scaled);
  // The product is off by half of its last place: that only matters where it comes so near to a half.
  if (scale != 0 && std::fabs(std::fabs(scaled - nearest) - 0.5) > std::fabs(scaled) * 0x1p-52) return nearest / scale;
  const double next = std::nextafter(std::fabs(d), HUGE_VAL), gap = next - std::fabs(d);
  if (!std::isfinite(next) || gap >= std::pow(10.0, -digits)) return d;  // a double of this size has no such digits
  // An exact half is an odd multiple of 2^-(digits + 1). Printing would round it to even: so its neighbour away from zero is printed instead.
  const double halves = std::ldexp(d, digits + 1);
  const bool half = std::fabs(std::fmod(halves, 2)) == 1;
  char text[32 + 309 + 300];
  const char* const end = std::to_chars(text, text + sizeof text, half ? std::copysign(next, d) : d, std::chars_format::fixed, digits).ptr;
  std::from_chars(text, end, d);
  return d;
}

// d rounded to a multiple of the power of ten that has so many zeros, halves away from zero.
double round_before(double d, int zeros) {
  if (zeros > most_held) {  // that power of ten is no double: by its digits, since what is large enough for it is whole
    char text[1 + 310] = {'0'};
    const char* const end = std::to_chars(text + 1, text + sizeof text, std::fabs(d), std::chars_format::fixed, 0).ptr;
    if (!std::isfinite(d) || end - text - 1 < zeros) return std::isfinite(d) ? 0 : d;
    char* const cut = text + (end - text) - zeros;
    const bool up = *cut >= '5';
    std::fill(cut, text + (end - text), '0');
    char* p = cut - 1;
    while (up && *p == '9') *p-- = '0';
    if (up) ++*p;
    double found = 0;
    if (std::from_chars(text, end, found).ec != std::errc()) return d;
    return std::copysign(found, d);
  }
  const double scale = held[zeros];
  const double over = std::fmod(std::fabs(d), scale);  // exact, as is what lacks of a scale: the sum alone is rounded
  return std::copysign(over >= scale / 2 ? std::fabs(d) + (scale - over) : std::fabs(d) - over, d);
}
value round_before(std::int64_t i, int zeros) {
  __extension__ using wide = __int128;
  wide scale = 1;
  for (; zeros > 0; --zeros) scale *= 10;
  const wide r = (i + (i < 0 ? -scale : scale) / 2) / scale * scale;
  return r == static_cast<std::int64_t>(r) ? int_value(static_cast<std::int64_t>(r)) : float_value(static_cast<double>(r));
}

value round_of(call& c, const value* a, std::size_t n) {
  const std::int64_t given = n > 1 ? whole(a[1]) : 0;
  if (given < -300 || given > 300) return c.null();
  const int digits = static_cast<int>(given);
  if (a[0].tag == PIPE_INT && digits > -20) return digits >= 0 ? int_value(whole(a[0])) : round_before(whole(a[0]), -digits);
  const double d = number_of(a[0]);
  if (digits > 0) return float_value(round_behind(d, digits));
  return rounded(digits == 0 ? std::round(d) : round_before(d, -digits));
}

value extreme(const value* a, std::size_t n, int wanted) {
  value best = null_value();
  for (std::size_t i = 0; i < n; ++i) {
    if (is_null(a[i])) continue;
    if (is_null(best) || compare_total(a[i], best) == wanted) best = a[i];
  }
  return best;
}
value min_of(call&, const value* a, std::size_t n) { return extreme(a, n, -1); }
value max_of(call&, const value* a, std::size_t n) { return extreme(a, n, 1); }

value sqrt_of(call&, const value* a, std::size_t) { return float_value(std::sqrt(number_of(a[0]))); }
value log_of(call&, const value* a, std::size_t n) {
  const double d = std::log(number_of(a[0]));
  return float_value(n > 1 ? d / std::log(number_of(a[1])) : d);
}
value log2_of(call&, const value* a, std::size_t) { return float_value(std::log2(number_of(a[0]))); }
value log10_of(call&, const value* a, std::size_t) { return float_value(std::log10(number_of(a[0]))); }
value exp_of(call&, const value* a, std::size_t) { return float_value(std::exp(number_of(a[0]))); }

value pow_of(call&, const value* a, std::size_t) {
  if (a[0].tag == PIPE_INT && a[1].tag == PIPE_INT && whole(a[1]) >= 0 && whole(a[1]) < 64) {
    std::int64_t r = 1;
    bool over = false;
    for (std::int64_t k = 0; k < whole(a[1]) && !over; ++k) over = __builtin_mul_overflow(r, whole(a[0]), &r);
    if (!over) return int_value(r);
  }
  return float_value(std::pow(number_of(a[0]), number_of(a[1])));
}

// A number out of anything that reads as one.
value read_number(const value& v) {
  if (is_number(v)) return v;
  if (v.tag == PIPE_BOOL) return int_value(static_cast<std::int64_t>(v.bits));
  if (!is_text(v)) return null_value();
  std::string_view s = v.text;
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t' || s.back() == '\r')) s.remove_suffix(1);
  if (!s.empty() && s.front() == '+') s.remove_prefix(1);
  const bool negative = !s.empty() && s.front() == '-';
  std::string_view digits = negative ? s.substr(1) : s;
  while (digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9') digits.remove_prefix(1);
  value n;
  std::string plain;
  if (negative) plain.push_back('-');
  plain += digits;
  if (!json::number(plain, n)) return null_value();
  n.text = {};
  return n;
}

value number(call& c, const value* a, std::size_t) {
  const value n = read_number(a[0]);
  return is_null(n) ? c.null() : n;
}
value integer(call& c, const value* a, std::size_t) {
  const value n = read_number(a[0]);
  if (is_null(n)) return c.null();
  if (n.tag == PIPE_INT) return int_value(whole(n));
  const double d = std::trunc(as_double(n.bits));
  return std::fabs(d) < 9.2e18 ? int_value(static_cast<std::int64_t>(d)) : c.null();
}
value real(call& c, const value* a, std::size_t) {
  const value n = read_number(a[0]);
  return is_null(n) ? c.null() : float_value(number_of(n));
}

value type_name(call&, const value* a, std::size_t) {
  switch (a[0].tag) {
    case PIPE_BOOL: return text_value("bool");
    case PIPE_INT: case PIPE_FLOAT: return text_value("number");
    case PIPE_STRING: return text_value("text");
    case PIPE_WORD: return text_value(is_null(to_number(a[0])) ? "text" : "number");
    case PIPE_JSON: return text_value(!a[0].text.empty() && a[0].text.front() == '{' ? "object" : "list");
    default: return text_value("null");
  }
}
value is_null_value(call&, const value* a, std::size_t) { return bool_value(is_null(a[0])); }
value is_number_value(call&, const value* a, std::size_t) { return bool_value(!is_null(to_number(a[0]))); }
value text_of(call& c, const value* a, std::size_t) { return is_null(a[0]) ? text_value("") : text_value(to_text(a[0], c.memory)); }
value boolean(call& c, const value* a, std::size_t) {
  if (a[0].tag == PIPE_BOOL) return a[0];
  const value n = to_number(a[0]);
  if (is_number(n)) return bool_value(number_of(n) != 0);
  if (is_text(a[0])) {
    for (const char* yes : {"true", "yes", "on"}) if (a[0].text == yes) return bool_value(true);
    for (const char* no : {"false", "no", "off"}) if (a[0].text == no) return bool_value(false);
  }
  return c.null();
}
value coalesce(call&, const value* a, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) if (!is_null(a[i])) return a[i];
  return null_value();
}

}  // namespace

void add_number_functions(std::vector<function>& all) {
  const char* group = "numbers";
  const auto add = [&](const char* name, const char* parameters, const char* spec, std::uint32_t result, function_body body, const char* doc,
                       const char* example, const char* shows) { all.push_back({name, group, parameters, spec, result, -1, true, doc, example, shows, body}); };
  add("abs", "number", "n", type_number, absolute, "The number without its sign.", "abs(-3)", "3");
  add("floor", "number", "n", type_number, floor_of, "The next whole number below.", "floor(-1.5)", "-2");
  add("ceil", "number", "n", type_number, ceil_of, "The next whole number above.", "ceil(1.2)", "2");
  add("round", "number, digits?", "n?i", type_number, round_of, "Rounded to so many digits behind the point, halves away from zero. What counts is the value: 1.005 as a floating-point number lies below the half.", "round(2.345, 1)", "2.3");
  add("min", "value, …", "a*", type_any, min_of, "The least of the values that are not null.", "min(3, 1, 2)", "1");
  add("max", "value, …", "a*", type_any, max_of, "The greatest of the values that are not null.", "max(3, 1, 2)", "3");
  add("sqrt", "number", "n", type_float, sqrt_of, "The square root.", "sqrt(16)", "4");
  add("log", "number, base?", "n?n", type_float, log_of, "The natural logarithm, or that to a base.", "log(exp(1))", "1");
  add("log2", "number", "n", type_float, log2_of, "The logarithm to base 2.", "log2(8)", "3");
  add("log10", "number", "n", type_float, log10_of, "The logarithm to base 10.", "log10(1000)", "3");
  add("exp", "number", "n", type_float, exp_of, "e to that power.", "exp(0)", "1");
  add("pow", "base, exponent", "nn", type_number, pow_of, "The base to a power.", "pow(2, 10)", "1024");
  group = "types";
  add("number", "value", "a", type_number, number, "A number out of a text that is written as one (leading zeros and blanks allowed), or of true and false.", "number(\"007\") + 1", "8");
  add("int", "value", "a", type_int, integer, "A whole number, the fraction cut off; null for one that 64 bits do not hold; floor, ceil and round keep such a number.", "int(\"42.9\")", "42");
  add("float", "value", "a", type_float, real, "A floating-point number.", "float(\"1.50\")", "1.5");
  add("text", "value", "a", type_string, text_of, "The value as text; null is empty. Text is never a number.", "text(42) + \"!\"", "42!");
  add("bool", "value", "a", type_bool, boolean, "true or false out of a number (0 is false) or one of true, yes, on, false, no, off.", "bool(\"yes\")", "true");
  add("type", "value", "a", type_string, type_name, "null, bool, number, text, list or object.", "type([1])", "list");
  add("is_null", "value", "a", type_bool, is_null_value, "Whether the value is null or the field missing.", "is_null(null)", "true");
  add("is_number", "value", "a", type_bool, is_number_value, "Whether the value counts as a number.", "is_number(\"12\")", "false");
  add("coalesce", "value, …", "a*", type_any, coalesce, "The first value that is not null.", "coalesce(null, 2, 3)", "2");
}

}  // namespace pipes::expr
