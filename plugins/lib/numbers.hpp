// plugins/lib/numbers.hpp: numbers as the contract reads, compares and prints them. Pure functions.
#pragma once
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace shared {

struct number {
  enum kind : std::uint8_t { none, whole, real };
  kind what = none;
  std::int64_t i = 0;
  double d = 0;
  explicit operator bool() const { return what != none; }
};

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

// JSON's grammar: no leading zero, no sign but '-', no bare '.'.
inline bool is_json_number(std::string_view s, bool& whole) {
  const char* p = s.data();
  const char* end = p + s.size();
  whole = true;
  if (p != end && *p == '-') ++p;
  if (p == end || !is_digit(*p)) return false;
  if (*p++ == '0' && p != end && is_digit(*p)) return false;
  while (p != end && is_digit(*p)) ++p;
  if (p == end) return true;
  whole = false;
  if (*p == '.') {
    if (++p == end || !is_digit(*p)) return false;
    while (p != end && is_digit(*p)) ++p;
  }
  if (p != end && (*p == 'e' || *p == 'E')) {
    if (++p != end && (*p == '+' || *p == '-')) ++p;
    if (p == end || !is_digit(*p)) return false;
    while (p != end && is_digit(*p)) ++p;
  }
  return p == end;
}

// The value of a text that is a number by JSON's grammar: exact in 64 bits if it is whole and fits, else a float. `whole`: it may be.
inline number number_of_checked(std::string_view s, bool whole = true) {
  number n;
  const char* const end = s.data() + s.size();
  if (whole) {
    const auto read = std::from_chars(s.data(), end, n.i);
    if (read.ec == std::errc{} && read.ptr == end) {
      n.what = number::whole;
      return n;
    }
  }
  n.what = number::real;
  if (std::from_chars(s.data(), end, n.d).ec == std::errc::result_out_of_range) n.d = std::strtod(std::string(s).c_str(), nullptr);
  return n;
}

// A text that may count as a number.
inline number read_number(std::string_view s) {
  if (s.empty() || (!is_digit(s.front()) && s.front() != '-')) return {};
  constexpr std::size_t short_enough = 18;  // digits of which none can overflow
  if (s.size() <= short_enough && (s.front() != '0' || s.size() == 1)) {
    std::int64_t value = 0;
    std::size_t i = 0;
    for (; i < s.size() && is_digit(s[i]); ++i) value = value * 10 + (s[i] - '0');
    if (i == s.size()) {
      number n;
      n.what = number::whole;
      n.i = value;
      return n;
    }
  }
  bool whole;
  return is_json_number(s, whole) ? number_of_checked(s, whole) : number{};
}

inline int compare(std::int64_t a, std::int64_t b) { return a < b ? -1 : a > b; }
inline int compare(double a, double b) { return a < b ? -1 : a > b; }
// Exact: no rounding of the integer.
inline int compare(std::int64_t a, double b) {
  if (b >= 9223372036854775808.0) return -1;
  if (b < -9223372036854775808.0) return 1;
  const double floor = std::floor(b);
  const std::int64_t whole = static_cast<std::int64_t>(floor);
  if (a != whole) return a < whole ? -1 : 1;
  return floor < b ? -1 : 0;
}
inline int compare(const number& a, const number& b) {
  if (a.what == number::whole) return b.what == number::whole ? compare(a.i, b.i) : compare(a.i, b.d);
  return b.what == number::whole ? -compare(b.i, a.d) : compare(a.d, b.d);
}

inline constexpr std::size_t number_room = 32;

inline std::size_t print_number(char* to, std::int64_t v) { return static_cast<std::size_t>(std::to_chars(to, to + number_room, v).ptr - to); }
// Shortest that reads back; whole ones below 2^53 as integers; nan and inf as null.
inline std::size_t print_number(char* to, double v) {
  if (!std::isfinite(v)) {
    std::memcpy(to, "null", 4);
    return 4;
  }
  if (std::fabs(v) < 9007199254740992.0 && v == std::trunc(v) && !(v == 0 && std::signbit(v))) return print_number(to, static_cast<std::int64_t>(v));
  return static_cast<std::size_t>(std::to_chars(to, to + number_room, v).ptr - to);
}

}  // namespace shared
