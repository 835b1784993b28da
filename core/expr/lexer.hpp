// lexer.hpp: the tokens of the expression language, and the fault that ends a compilation.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pipes::expr {

// The first fault ends the compilation: what stands behind it can rarely be judged.
struct syntax_fault {
  std::size_t offset;
  std::size_t length;
  std::string message;
};

struct token {
  enum class kind { end, number, text, name, quoted_name, sign };
  kind what = kind::end;
  std::size_t offset = 0;
  std::size_t length = 0;
  std::string text;   // of a text or quoted name: what it stands for
  bool raw = false;   // a text in single quotes: byte i of it stands at offset + 1 + i
  bool tight = false; // no blank before it

  std::size_t stop() const { return offset + length; }
  bool is(std::string_view sign) const { return what == kind::sign && text == sign; }
  bool word(std::string_view name) const { return what == kind::name && text == name; }
};

std::vector<token> tokens_of(std::string_view source);  // throws syntax_fault; the last token is `end`
// Where byte `index` of a text token stands in the source.
std::size_t source_offset(std::string_view source, const token& t, std::size_t index);
bool is_name_start(char c);
bool is_name_part(char c);

}  // namespace pipes::expr
