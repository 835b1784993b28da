// typing.hpp: what can be said of values before any is seen, for the compiler's faults. Types are those of node.hpp.
#pragma once
#include "core/expr/node.hpp"

#include <string>

namespace pipes::expr {

bool can_be_number(std::uint32_t types);
bool can_be_equal(std::uint32_t a, std::uint32_t b);
bool can_be_ordered(std::uint32_t a, std::uint32_t b);
bool known_text(std::uint32_t types);           // text or null, and nothing else
std::string describe(std::uint32_t types);      // "a number", "a text or null"
std::string unknown_function(std::string_view name);  // the message, with the nearest name

}  // namespace pipes::expr
