// plugins/json/quick.hpp: steps over well-formed JSON values in one pass over their bytes.
//
// Says yes only to what is certainly sound; at anything else, odd or broken, it gives up with nullptr, and the thorough reader
// looks at the record again. So a record is never refused here, and faults are explained in one place.
#pragma once
#include "lib/json_text.hpp"
#include "lib/numbers.hpp"

namespace reader::quick {

namespace json = shared::json;

inline constexpr int deepest = 32;

// p is at the opening quote; returns the place behind the closing one. Sets `escapes` if there are any.
inline const char* string(const char* p, const char* end, bool& escapes) {
  ++p;
  for (;;) {
    p = json::string_special(p, end);
    if (p == end) return nullptr;
    if (*p == '"') return p + 1;
    if (*p != '\\' || end - p < 2) return nullptr;
    escapes = true;
    switch (p[1]) {
      case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't': p += 2; break;
      case 'u':
        if (json::hex4(p + 2, end) < 0) return nullptr;
        p += 6;
        break;
      default: return nullptr;
    }
  }
}

inline const char* number(const char* p, const char* end) {
  const auto digits = [&] {
    const char* const start = p;
    while (p != end && shared::is_digit(*p)) ++p;
    return p != start;
  };
  if (*p == '-') ++p;
  if (p != end && *p == '0') ++p;
  else if (!digits()) return nullptr;
  if (p != end && *p == '.') {
    ++p;
    if (!digits()) return nullptr;
  }
  if (p != end && (*p | 0x20) == 'e') {
    ++p;
    if (p != end && (*p == '+' || *p == '-')) ++p;
    if (!digits()) return nullptr;
  }
  return p;
}

// p is at "true", "null", or at the "alse" of "false": all of four bytes, which are compared as one.
inline const char* word(const char* p, const char* end, const char (&what)[5]) {
  return end - p >= 4 && std::memcmp(p, what, 4) == 0 ? p + 4 : nullptr;
}

// p is at a value's first byte, or at the end; returns the place behind the value. What follows a scalar is the caller's to check.
inline const char* value(const char* p, const char* end, bool& escapes, int room = deepest) {
  if (p == end) return nullptr;
  switch (*p) {
    case '"': return string(p, end, escapes);
    case 't': return word(p, end, "true");
    case 'f': return word(p + 1, end, "alse");
    case 'n': return word(p, end, "null");
    case '[': case '{': {
      const bool object = *p == '{';
      const char close = object ? '}' : ']';
      if (room == 0) return nullptr;
      p = json::skip_blanks(p + 1, end);
      if (p != end && *p == close) return p + 1;
      for (;;) {
        if (object) {
          if (p == end || *p != '"' || !(p = string(p, end, escapes))) return nullptr;
          p = json::skip_blanks(p, end);
          if (p == end || *p != ':') return nullptr;
          p = json::skip_blanks(p + 1, end);
        }
        if (!(p = value(p, end, escapes, room - 1))) return nullptr;
        p = json::skip_blanks(p, end);
        if (p == end) return nullptr;
        if (*p == close) return p + 1;
        if (*p != ',') return nullptr;
        p = json::skip_blanks(p + 1, end);
      }
    }
    default: return number(p, end);
  }
}

}  // namespace reader::quick
