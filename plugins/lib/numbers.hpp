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

namespace detail {

// Eight characters as a number; false: not all of them are digits.
inline bool eight_digits(const char* p, std::uint64_t& value) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  std::uint64_t v;
  std::memcpy(&v, p, 8);
  v ^= 0x3030303030303030;
  if (((v + 0x7676767676767676) | v) & 0x8080808080808080) return false;
  v = v * 10 + (v >> 8);  // pairs, then fours, then all
  v = ((v & 0x000000ff000000ff) * 0x000f424000000064 + (v >> 16 & 0x000000ff000000ff) * 0x0000271000000001) >> 32;
  value = v;
  return true;
#else
  (void)p, (void)value;
  return false;
#endif
}
// Steps over digits and adds them to `value`.
inline const char* add_digits(const char* p, const char* end, std::uint64_t& value) {
  for (std::uint64_t eight; end - p >= 8 && eight_digits(p, eight); p += 8) value = value * 100000000 + eight;
  for (; p != end && is_digit(*p); ++p) value = value * 10 + static_cast<unsigned>(*p - '0');
  return p;
}

inline constexpr int most_places = 19;  // of which 64 bits hold any digits
inline constexpr std::uint64_t power_of_five(int n) { return n ? 5 * power_of_five(n - 1) : 1; }

// m / 10^places, rounded to nearest, ties to even; m is not 0, places at most most_places.
inline double scaled_down(std::uint64_t m, int places) {
#if defined(__SIZEOF_INT128__)
  struct table {
    std::uint64_t fives[most_places + 1];
    constexpr table() : fives() {
      for (int i = 0; i <= most_places; ++i) fives[i] = power_of_five(i);
    }
  };
  static constexpr table powers;
  // A quotient of 63 or 64 bits and whether something is left of it: more than the 54 bits that decide on the rounding.
  const std::uint64_t five = powers.fives[places];
  const int m_shift = __builtin_clzll(m), five_shift = __builtin_clzll(five);
  const std::uint64_t divisor = five << five_shift, top = m << m_shift;
  const unsigned __int128 dividend = static_cast<unsigned __int128>(top) << 63;  // its upper half is less than the divisor
  std::uint64_t quotient = static_cast<std::uint64_t>(dividend / divisor);
  const bool rest = dividend != static_cast<unsigned __int128>(quotient) * divisor;
  const int shift = 11 - __builtin_clzll(quotient);  // to 53 bits
  const std::uint64_t half = std::uint64_t{1} << (shift - 1), lost = quotient & (2 * half - 1);
  quotient >>= shift;
  if (lost > half || (lost == half && (rest || (quotient & 1)))) ++quotient;
  // value = quotient * 2^(shift - 63 - m_shift + five_shift - places), a normal number
  const std::uint64_t scale = static_cast<std::uint64_t>(1023 + shift - 63 - m_shift + five_shift - places) << 52;
  double power;
  std::memcpy(&power, &scale, sizeof power);
  return static_cast<double>(quotient) * power;
#else
  (void)m, (void)places;
  return 0;
#endif
}

}  // namespace detail

// The value of a number by JSON's grammar that has no exponent and few digits, faster than by std::from_chars; false: it is another.
inline bool short_decimal(std::string_view s, number& n) {
#if defined(__SIZEOF_INT128__)
  const char* p = s.data();
  const char* const end = p + s.size();
  const bool minus = p != end && *p == '-';
  if (minus) ++p;
  const char* const begin = p;
  std::uint64_t m = 0;
  if (end - p > 2 && p[0] == '0' && p[1] == '.') ++p;
  const std::ptrdiff_t digits = end - p;
  if (digits > 20) return false;
  p = detail::add_digits(p, end, m);
  if (p == end) {
    if (digits > 18 || digits == 0) return false;
    n.what = number::whole;
    n.i = minus ? -static_cast<std::int64_t>(m) : static_cast<std::int64_t>(m);
    return true;
  }
  if (*p != '.' || p == begin) return false;
  const char* const fraction = p + 1;
  if (detail::add_digits(fraction, end, m) != end || fraction == end) return false;
  n.what = number::real;
  const double d = m ? detail::scaled_down(m, static_cast<int>(end - fraction)) : 0.0;
  n.d = minus ? -d : d;
  return true;
#else
  (void)s, (void)n;
  return false;
#endif
}

// The value of a text that is a number by JSON's grammar: exact in 64 bits if it is whole and fits, else a float. `whole`: it may be.
inline number number_of_checked(std::string_view s, bool whole = true) {
  number n;
  if (short_decimal(s, n)) return n;
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
