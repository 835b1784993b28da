// order.hpp: the total order that sort, min, max and top use: null, false, true, numbers by value, text bytewise, other JSON
// bytewise. A text field written as a number is a number. A missing field is null.
#pragma once
#include "core/batch/batch.hpp"

#include <cstdint>
#include <string_view>

namespace pipes::expr {

// One value made ready for many comparisons: its number has been read. `text` points where the column's does.
struct order_key {
  std::uint8_t rank = 0;  // 0 null, 1 false, 2 true, 3 number, 4 text, 5 JSON
  std::uint8_t tag = 0;   // of a number: PIPE_INT or PIPE_FLOAT
  std::uint64_t bits = 0;
  std::string_view text;
};

order_key make_order_key(const pipe_column& column, std::uint64_t row);
int compare_keys(const order_key& a, const order_key& b);  // -1, 0, 1

int compare_total(const pipe_column& a, std::uint64_t row_a, const pipe_column& b, std::uint64_t row_b);

}  // namespace pipes::expr
