// plugins/lib/total_order.hpp: the one order of all values: null, false, true, numbers, text bytewise, other JSON.
//
// A value is read once into a `rank`: a class and a prefix of 64 bits whose order is the values' order within the class. Where
// the prefix does not tell the whole value, `more` is set, and two such ranks that are equal must be compared in full.
#pragma once
#include <pipe/plugin.h>

#include "lib/numbers.hpp"

namespace shared {

enum order_class : std::uint8_t { order_null, order_false, order_true, order_number, order_text, order_json };

struct rank {
  std::uint64_t prefix;
  std::uint8_t what;
  std::uint8_t more;  // 1: the value goes on behind the prefix, and is greater than one that does not
};

// One value of a column.
struct value_view {
  std::uint32_t tag = PIPE_MISSING;
  std::uint64_t bits = 0;
  std::string_view text;  // of STRING, WORD, JSON; of numbers as read, where there is one

  static value_view of(const pipe_column& c, std::size_t i) {
    value_view v;
    v.tag = c.tags[i];
    if (c.values) v.bits = c.values[i];
    if (v.tag > PIPE_BOOL && c.slices && c.slices[i].data) v.text = {c.slices[i].data, c.slices[i].size};
    return v;
  }
  // The number that it is or counts as.
  number as_number() const {
    number n;
    if (tag == PIPE_INT) {
      n.what = number::whole;
      n.i = static_cast<std::int64_t>(bits);
    } else if (tag == PIPE_FLOAT) {
      n.what = number::real;
      std::memcpy(&n.d, &bits, sizeof n.d);
      if (std::isnan(n.d)) n.what = number::none;
    } else if (tag == PIPE_WORD) {
      n = read_number(text);
    }
    return n;
  }
};

namespace order {

// Doubles in their order, as unsigned integers; both zeros are one.
inline std::uint64_t ordered(double d) {
  std::uint64_t bits;
  std::memcpy(&bits, &d, sizeof bits);
  constexpr std::uint64_t sign = std::uint64_t{1} << 63;
  return bits & sign ? sign - (bits & ~sign) : sign + bits;
}

inline rank of_number(const number& n) {
  if (n.what == number::real) return {ordered(n.d), order_number, 0};
  constexpr std::int64_t exact = std::int64_t{1} << 53;  // whole numbers up to here are doubles
  if (n.i >= -exact && n.i <= exact) return {ordered(static_cast<double>(n.i)), order_number, 0};
  double d = static_cast<double>(n.i);
  if (compare(n.i, d) == 0) return {ordered(d), order_number, 0};
  if (compare(n.i, d) < 0) d = std::nextafter(d, -HUGE_VAL);  // the prefix of what `more` adds to
  return {ordered(d), order_number, 1};
}

inline rank of_text(std::string_view s, order_class what) {
  unsigned char head[8] = {};
  const std::size_t n = s.size() < 8 ? s.size() : 8;
  if (n) std::memcpy(head, s.data(), n);
  std::uint64_t prefix = 0;
  bool more = s.size() > 8;
  for (std::size_t i = 0; i < 8; ++i) {
    prefix = prefix << 8 | head[i];
    more = more || (i < n && head[i] == 0);  // a NUL looks like the end
  }
  return {prefix, what, static_cast<std::uint8_t>(more)};
}

inline rank of(const value_view& v) {
  switch (v.tag) {
    case PIPE_BOOL: return {0, v.bits ? order_true : order_false, 0};
    case PIPE_INT:
    case PIPE_FLOAT: {
      const number n = v.as_number();
      return n ? of_number(n) : rank{0, order_null, 0};  // nan prints as null
    }
    case PIPE_WORD: {
      const number n = read_number(v.text);
      return n ? of_number(n) : of_text(v.text, order_text);
    }
    case PIPE_STRING: return of_text(v.text, order_text);
    case PIPE_JSON: return of_text(v.text, order_json);
    default: return {0, order_null, 0};
  }
}

// In full; 0: equal in the order (1 and 1.0 are).
inline int compare_values(const value_view& a, const value_view& b) {
  const rank x = of(a), y = of(b);
  if (x.what != y.what) return x.what < y.what ? -1 : 1;
  if (x.what < order_number) return 0;
  if (x.what == order_number) return compare(a.as_number(), b.as_number());
  const int c = a.text.compare(b.text);
  return c < 0 ? -1 : c > 0;
}

}  // namespace order
}  // namespace shared
