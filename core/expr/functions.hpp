// functions.hpp: the functions of the expression language, as a table that the compiler, the tests and the docs read.
#pragma once
#include "core/expr/expr.hpp"
#include "core/expr/node.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pipes::expr {

// What a body may use while it makes one value.
struct call {
  memory::arena& memory;              // for texts
  pipe_pattern* pattern = nullptr;    // compiled from the argument that the entry names
  bool miss = false;                  // to be set if an argument's value cannot be used; the result is null then

  value null() { miss = true; return null_value(); }
  std::string_view keep(std::string_view text) { return memory.keep(text); }
};
using function_body = value (*)(call&, const value* arguments, std::size_t count);

struct function {
  const char* name;
  const char* group;       // text, numbers, types, time, hashes, JSON, patterns
  const char* parameters;  // as documented: "text, start, length?"
  // How arguments are handed over, a letter for each: t text (anything but null is converted), n number, i whole number, l JSON, a as it is.
  // Those behind '?' may be left out; '*' repeats the last. Where a t, n, i or l cannot be had, null included, the result is null.
  const char* spec;
  std::uint32_t result;    // set of types; null beside
  int pattern;             // which argument must be a constant regular expression; -1: none
  bool pure;               // the same arguments always give the same result
  const char* doc;
  const char* example;
  const char* shows;       // the example's value, as it prints
  function_body body;
  std::string (*wrong)(std::string_view text) = nullptr;  // what is wrong with the last argument, which may be left out, as a constant text; empty: nothing
};

// To be called as a run begins. is_virtual: now() goes by pipes::clock, so that the run can be repeated. Any thread.
void begin_time(bool is_virtual);

const std::vector<function>& functions();  // by group, then in the order to document
const function* find_function(std::string_view name);
std::string signature(const function& f);  // substr(text, start, length?)
std::size_t least_arguments(const function& f);
std::size_t most_arguments(const function& f);  // SIZE_MAX: any number
char argument_kind(const function& f, std::size_t index);

node_ptr make_call(const function& f, std::vector<node_ptr> arguments, std::shared_ptr<pipe_pattern> pattern);

// The groups, each in its own file.
void add_text_functions(std::vector<function>&);
void add_number_functions(std::vector<function>&);
void add_time_functions(std::vector<function>&);
void add_hash_functions(std::vector<function>&);
void add_json_functions(std::vector<function>&);
void add_pattern_functions(std::vector<function>&);

}  // namespace pipes::expr
