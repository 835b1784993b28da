// plugins/lib/quote.hpp: a record as a message shows it: its beginning, on one line.
#pragma once
#include <string>
#include <string_view>

namespace shared {

inline std::string in_quotes(std::string_view text, std::size_t most = 80) {
  std::string s = "'";
  std::size_t shown = text.size() > most ? most : text.size();
  while (shown < text.size() && shown > 0 && (static_cast<unsigned char>(text[shown]) & 0xc0) == 0x80) --shown;  // no half character
  for (char c : text.substr(0, shown)) {
    const unsigned char u = static_cast<unsigned char>(c);
    if (u >= 0x20 && u != 0x7f) {
      s += c;
    } else {
      constexpr const char* hex = "0123456789abcdef";
      s += c == '\t' ? std::string("\\t") : c == '\n' ? std::string("\\n") : c == '\r' ? std::string("\\r") : std::string("\\x") + hex[u >> 4] + hex[u & 15];
    }
  }
  return s + (shown < text.size() ? "…'" : "'");
}

}  // namespace shared
