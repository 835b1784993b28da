// functions.cpp: `pipe functions [NAME]`: the language of expressions, and its functions, as the compiler knows them.
#include "core/expr/functions.hpp"

#include <algorithm>

#include "cmd/arguments.hpp"
#include "cmd/describe.hpp"
#include "cmd/functions.hpp"
#include "cmd/text.hpp"
#include "pipelines/diagnostic.hpp"

namespace pipes::cmd {
namespace {

struct row {
  std::string_view form, doc;
};

constexpr row values[] = {
    {"null true false 42 1.5e3", "constants"},
    {R"("text" 'raw' [1, 2])", R"(a text, in which \n \t \r \\ \" are escapes; one in which a backslash is itself; a list)"},
    {"status user.name tags[-1]", "a field, a member of an object, an element of a list (from the end if negative)"},
    {"`odd name` field(\"odd name\")", "a field whose name is not letters, digits and _"},
    {"if(CONDITION, A, B)", "A where the condition is true, else B"},
};
// The loosest first; those of one row bind alike.
constexpr row operators[] = {
    {"or ||", "true where one side is"},
    {"and &&", "true where both sides are"},
    {"not !", "true where the other is not"},
    {"== != < <= > >= ~ !~ in, not in", "comparisons, which do not chain; ~ searches for a regular expression, as text.grep does"},
    {"??", "the left side, the right one where that is null"},
    {"+ -", "+ joins texts where one side is known to be one: a literal, or what a function such as text() gives"},
    {"* / // %", "/ gives a fraction, // and % round down; by zero they give null"},
    {"-", "the negative"},
};
constexpr std::string_view rules[] = {
    "A missing field is null. An order with null, or of a number with a text, is false; arithmetic on null, or on a text that is no number, gives null; `and`, `or`, `not` and "
    "conditions take null as false. `--stats` counts each such miss (`expression misses`). `==` and `!=` never miss.",
    "Integers have 64 bits and become floats where they overflow. A text out of CSV, a regular expression and the like counts as a number if it is written as one in JSON (12, -1.5e3, "
    "not 012); a JSON string never does: number() makes one of it.",
};

std::string section(std::string_view title, const std::vector<row>& rows) {
  std::size_t left = 0;
  for (const row& r : rows) left = std::max(left, r.form.size());
  std::string text = std::string(title) + '\n';
  for (const row& r : rows) text += "  " + std::string(r.form) + std::string(left + 2 - r.form.size(), ' ') + wrap(r.doc, left + 4, page_width) + '\n';
  return text;
}

template <std::size_t N>
std::string section(std::string_view title, const row (&rows)[N]) {
  return section(title, std::vector<row>(rows, rows + N));
}

std::string all_of_it() {
  std::string text = section("Values", values) + '\n' + section("Operators, those that bind loosest first", operators) + '\n';
  for (std::string_view r : rules) text += wrap(r, 0, page_width) + "\n\n";
  std::string_view group;
  for (const expr::function& f : expr::functions()) {
    if (f.group == group) continue;
    group = f.group;
    std::vector<std::string> forms;
    for (const expr::function& g : expr::functions())
      if (g.group == group) forms.push_back(signature(g));
    std::vector<row> rows;
    for (const expr::function& g : expr::functions())
      if (g.group == group) rows.push_back({forms[rows.size()], g.doc});
    text += section("Functions: " + std::string(group), rows) + '\n';
  }
  return text + "`pipe functions NAME` shows an example of one.\n";
}

std::string about(const expr::function& f) { return signature(f) + "\n  " + wrap(f.doc, 2, page_width) + "\n\nExample\n  " + f.example + "\n  is " + f.shows + '\n'; }

template <class Rows>
void add_roff(std::string& text, const Rows& rows) {
  for (const row& r : rows) text += ".TP\n\\fB" + roff_text(r.form) + "\\fR\n" + roff_text(r.doc) + '\n';
}

}  // namespace

std::string functions_as_roff() {
  std::string text = ".SS Values\n";
  add_roff(text, values);
  text += ".SS Operators, those that bind loosest first\n";
  add_roff(text, operators);
  for (std::string_view r : rules) text += ".PP\n" + roff_text(r) + '\n';
  std::string_view group;
  for (const expr::function& f : expr::functions()) {
    if (f.group != group) text += ".SS Functions: " + roff_text(f.group) + '\n';
    group = f.group;
    text += ".TP\n\\fB" + roff_text(signature(f)) + "\\fR\n" + roff_text(f.doc) + " For example, " + roff_text(f.example) + " is " + roff_text(f.shows) + ".\n";
  }
  return text;
}

int functions(const arguments& a) {
  if (a.operands().empty()) {
    print(all_of_it());
    return 0;
  }
  const std::string& name = a.operands()[0];
  if (const expr::function* f = expr::find_function(name)) {
    print(about(*f));
    return 0;
  }
  std::vector<std::string> known;
  for (const expr::function& f : expr::functions()) known.emplace_back(f.name);
  const std::string hint = pipelines::did_you_mean(name, known);
  throw usage_error("pipe functions: there is no function " + pipelines::in_quotes(name) + "; " + (hint.empty() ? "`pipe functions` lists them" : hint));
}

}  // namespace pipes::cmd
