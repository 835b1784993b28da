// table.hpp: batches with fields for the tests, and values as text.
#pragma once
#include "core/batch/batch.hpp"
#include "core/expr/value.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

// A field's value: i:5 f:1.5 (as read) s:text w:word b:1 n j:[1,2], or "" for missing.
struct cell {
  std::uint32_t tag = PIPE_MISSING;
  std::uint64_t bits = 0;
  std::string text;
};
cell cell_of(std::string_view written);

// Rows by field; missing cells may be left out at the end. The texts live as long as the batch.
pipes::batch_ref table(std::size_t rows, const std::vector<std::pair<std::string, std::vector<cell>>>& columns);

std::string shown(const pipes::expr::value& v);  // 5  1.5  "text"  true  null  [1,2]

}  // namespace test
