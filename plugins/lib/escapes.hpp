// plugins/lib/escapes.hpp: the escapes that a text option knows, since -e and single quotes leave backslashes alone.
#pragma once
#include <string>
#include <string_view>

namespace shared {

// \t tab, \n newline, \r carriage return, \0 NUL, \\ backslash; any other backslash stands for itself.
inline std::string unescaped(std::string_view text) {
  std::string s;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
    switch (next) {
      case 't': s += '\t'; break;
      case 'n': s += '\n'; break;
      case 'r': s += '\r'; break;
      case '0': s += '\0'; break;
      case '\\': s += '\\'; break;
      default: s += text[i]; continue;
    }
    ++i;
  }
  return s;
}

}  // namespace shared
