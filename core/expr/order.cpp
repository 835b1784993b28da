#include "core/expr/order.hpp"

#include "core/expr/value.hpp"

#include <cmath>

namespace pipes::expr {

static order_key key_of(const value& v) {
  switch (v.tag) {
    case PIPE_BOOL: return {static_cast<std::uint8_t>(v.bits ? 2 : 1), 0, 0, {}};
    case PIPE_INT: return {3, PIPE_INT, v.bits, v.text};
    case PIPE_FLOAT: return {static_cast<std::uint8_t>(std::isnan(as_double(v.bits)) ? 0 : 3), PIPE_FLOAT, v.bits, v.text};
    case PIPE_WORD: {
      const value n = to_number(v);
      if (is_number(n)) return {3, static_cast<std::uint8_t>(n.tag), n.bits, v.text};
      return {4, 0, 0, v.text};
    }
    case PIPE_STRING: return {4, 0, 0, v.text};
    case PIPE_JSON: return {5, 0, 0, v.text};
    default: return {};
  }
}

order_key make_order_key(const pipe_column& column, std::uint64_t row) { return key_of(entry(column, row)); }

int compare_total(const value& a, const value& b) { return compare_keys(key_of(a), key_of(b)); }

int compare_keys(const order_key& a, const order_key& b) {
  if (a.rank != b.rank) return a.rank < b.rank ? -1 : 1;
  if (a.rank == 3) return compare_numbers({a.tag, a.bits, {}}, {b.tag, b.bits, {}});
  return a.rank > 3 ? compare_text(a.text, b.text) : 0;
}

int compare_total(const pipe_column& a, std::uint64_t row_a, const pipe_column& b, std::uint64_t row_b) {
  return compare_keys(make_order_key(a, row_a), make_order_key(b, row_b));
}

}  // namespace pipes::expr
