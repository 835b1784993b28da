// value.hpp: single values of the expression language: what equals, what comes first, how one reads as number or text.
//
// These functions are the meaning of the operators; the loops over columns in operators.cpp and nodes.cpp are shortcuts for them.
#pragma once
#include "core/batch/batch.hpp"
#include "core/batch/json.hpp"

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace pipes::expr {

// tag, bits, text: as in a column. INT and FLOAT have a text if they were read from one.
using value = json::value;

inline double as_double(std::uint64_t bits) { double d; std::memcpy(&d, &bits, sizeof d); return d; }
inline std::uint64_t as_bits(double d) { std::uint64_t b; std::memcpy(&b, &d, sizeof b); return b; }

inline value null_value() { return {PIPE_NULL, 0, {}}; }
inline value bool_value(bool b) { return {PIPE_BOOL, b, {}}; }
inline value int_value(std::int64_t i) { return {PIPE_INT, static_cast<std::uint64_t>(i), {}}; }
value float_value(double d);  // nan and inf become null
inline value text_value(std::string_view s) { return {PIPE_STRING, 0, s}; }
inline value json_value(std::string_view s) { return {PIPE_JSON, 0, s}; }

inline bool is_null(const value& v) { return v.tag <= PIPE_NULL; }
inline bool is_number(const value& v) { return v.tag == PIPE_INT || v.tag == PIPE_FLOAT; }
inline bool is_text(const value& v) { return v.tag == PIPE_STRING || v.tag == PIPE_WORD; }
inline double number_of(const value& v) { return v.tag == PIPE_INT ? static_cast<double>(static_cast<std::int64_t>(v.bits)) : as_double(v.bits); }

// Of a number, or a text field that is written as one, the number; anything else gives null.
value to_number(const value& v);
// The value as text; null is the empty one. A number that was read from a text is that text.
std::string_view to_text(const value& v, memory::arena& to);
// One entry of a column.
value entry(const pipe_column& column, std::uint64_t row);

// Compares two numbers exactly: -1, 0, 1; 2 if one of them is no number.
int compare_numbers(const value& a, const value& b);
int compare_text(std::string_view a, std::string_view b);

bool equal(const value& a, const value& b);
// The orderings of the language: -1, 0, 1, or 2 where they have none (null, number with text, JSON).
int compare(const value& a, const value& b);

// The total order of sort, min and max (order.hpp): -1, 0, 1.
int compare_total(const value& a, const value& b);

// op: + - * / %, or d for //. Null if an operand is no number (then `miss` is set), and by zero.
value arithmetic(char op, const value& a, const value& b, bool& miss);
value negate(const value& a, bool& miss);

// Walks the elements of a JSON array: next() gives each one's text.
class elements {
 public:
  explicit elements(std::string_view array);
  bool next(std::string_view& element);

 private:
  const char* p_;
  const char* end_;
};

}  // namespace pipes::expr
