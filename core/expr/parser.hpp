// parser.hpp: from an expression's text to its nodes, types checked and constants folded on the way.
#pragma once
#include "core/expr/expr.hpp"
#include "core/expr/node.hpp"

#include <string_view>
#include <vector>

namespace pipes::expr {

struct parsed {
  node_ptr root;                         // null after an error
  std::vector<const pipe_field*> reads;  // in order of appearance
};

// What the text is for: any value, a condition, or a field reference alone (formats).
enum class purpose { any, condition, field };
parsed parse(std::string_view text, purpose use, std::vector<remark>& remarks);

}  // namespace pipes::expr
