// plugins/lib/letters.hpp: upper and lower case of UTF-8 text: ASCII and the Latin, Greek, Cyrillic and Armenian letters of two bytes
// whose other case has two bytes as well. So a text keeps its length; other letters, and bytes that are no UTF-8, stay as they
// are (ß, ı, İ; Latin beyond U+017F). No locale. Pure functions.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace shared {

// Of a code point from U+0080 to U+07FF; itself where there is no other case.
inline std::uint32_t upper_of(std::uint32_t c) {
  const bool odd = c & 1;
  if (c < 0x100) return c == 0xff ? 0x178 : c >= 0xe0 && c != 0xf7 ? c - 32 : c;
  if (c < 0x180) {
    if (c <= 0x12f || (c >= 0x132 && c <= 0x137) || (c >= 0x14a && c <= 0x177)) return odd ? c - 1 : c;
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e)) return odd ? c : c - 1;
    return c;
  }
  if (c >= 0x3b1 && c <= 0x3cb) return c == 0x3c2 ? 0x3a3 : c - 32;
  if (c == 0x3ac) return 0x386;
  if (c >= 0x3ad && c <= 0x3af) return c - 37;
  if (c == 0x3cc) return 0x38c;
  if (c == 0x3cd || c == 0x3ce) return c - 63;
  if (c >= 0x430 && c <= 0x44f) return c - 32;
  if (c >= 0x450 && c <= 0x45f) return c - 80;
  if ((c >= 0x460 && c <= 0x481) || (c >= 0x48a && c <= 0x4bf) || (c >= 0x4d0 && c <= 0x52f)) return odd ? c - 1 : c;
  if (c >= 0x4c1 && c <= 0x4ce) return odd ? c : c - 1;
  if (c == 0x4cf) return 0x4c0;
  if (c >= 0x561 && c <= 0x586) return c - 48;
  return c;
}
inline std::uint32_t lower_of(std::uint32_t c) {
  const bool odd = c & 1;
  if (c < 0x100) return c >= 0xc0 && c <= 0xde && c != 0xd7 ? c + 32 : c;
  if (c < 0x180) {
    if (c == 0x178) return 0xff;
    if (c <= 0x12f || (c >= 0x132 && c <= 0x137) || (c >= 0x14a && c <= 0x177)) return odd ? c : c + 1;
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e)) return odd ? c + 1 : c;
    return c;
  }
  if (c >= 0x391 && c <= 0x3ab) return c == 0x3a2 ? c : c + 32;
  if (c == 0x386) return 0x3ac;
  if (c >= 0x388 && c <= 0x38a) return c + 37;
  if (c == 0x38c) return 0x3cc;
  if (c == 0x38e || c == 0x38f) return c + 63;
  if (c >= 0x410 && c <= 0x42f) return c + 32;
  if (c >= 0x400 && c <= 0x40f) return c + 80;
  if ((c >= 0x460 && c <= 0x481) || (c >= 0x48a && c <= 0x4bf) || (c >= 0x4d0 && c <= 0x52f)) return odd ? c : c + 1;
  if (c == 0x4c0) return 0x4cf;
  if (c >= 0x4c1 && c <= 0x4ce) return odd ? c + 1 : c;
  if (c >= 0x531 && c <= 0x556) return c + 48;
  return c;
}

enum class letter_case : std::uint32_t { upper, lower, title };

// Of the sixteen bytes at p.
inline bool all_ascii(const char* p) {
  std::uint64_t a, b;
  std::memcpy(&a, p, 8);
  std::memcpy(&b, p + 8, 8);
  return ((a | b) & 0x8080808080808080u) == 0;
}

// Writes s.size() bytes. Title: the first letter of each word upper, the others lower; a word is a run of letters, digits,
// apostrophes and bytes beyond ASCII.
inline void change_case(std::string_view s, letter_case to, char* o) {
  bool first = true;
  const char* p = s.data();
  const char* const end = p + s.size();
  while (p < end) {
    if (to != letter_case::title && end - p >= 16 && all_ascii(p)) {
      const unsigned char base = to == letter_case::upper ? 'a' : 'A';
      for (int i = 0; i < 16; ++i) {
        const unsigned char x = static_cast<unsigned char>(p[i]);
        o[i] = static_cast<char>(x ^ (static_cast<unsigned char>(x - base) < 26 ? 0x20 : 0));
      }
      p += 16;
      o += 16;
      continue;
    }
    const unsigned char c = static_cast<unsigned char>(*p);
    const bool up = to == letter_case::upper || (to == letter_case::title && first);
    if (c < 0x80) {
      const bool small = c >= 'a' && c <= 'z', capital = c >= 'A' && c <= 'Z';
      *o++ = static_cast<char>(small && up ? c - 32 : capital && !up ? c + 32 : c);
      ++p;
      first = !(small || capital || (c >= '0' && c <= '9') || c == '\'');
      continue;
    }
    first = false;
    if (c >= 0xc2 && c < 0xe0 && end - p >= 2 && (static_cast<unsigned char>(p[1]) & 0xc0) == 0x80) {
      const std::uint32_t letter = (c & 0x1fu) << 6 | (static_cast<unsigned char>(p[1]) & 0x3fu);
      const std::uint32_t other = up ? upper_of(letter) : lower_of(letter);
      *o++ = static_cast<char>(0xc0 | other >> 6);
      *o++ = static_cast<char>(0x80 | (other & 0x3f));
      p += 2;
      continue;
    }
    *o++ = *p++;
  }
}

}  // namespace shared
