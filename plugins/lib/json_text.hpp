// plugins/lib/json_text.hpp: JSON as text: a checker that says what is wrong and where, a walk along a path, escapes. Pure
// functions that stay within their bounds on any input.
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "lib/numbers.hpp"

namespace shared::json {

inline bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

inline const char* skip_blanks(const char* p, const char* end) {
  while (p != end && blank(*p)) ++p;
  return p;
}

// The first quote, backslash or control character at or behind p.
inline const char* string_special(const char* p, const char* end) {
#if defined(__SSE2__)
  for (; end - p >= 16; p += 16) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);
    const int m = _mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')))));
    if (m) return p + __builtin_ctz(static_cast<unsigned>(m));
  }
#endif
  while (p != end && static_cast<unsigned char>(*p) >= 0x20 && *p != '"' && *p != '\\') ++p;
  return p;
}

// p is behind the opening quote; the closing one, or nullptr. Escapes are not looked at.
inline const char* string_end(const char* p, const char* end) {
  for (;;) {
    p = string_special(p, end);
    if (p == end) return nullptr;
    if (*p == '"') return p;
    if (*p == '\\' && ++p == end) return nullptr;
    ++p;
  }
}

inline int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
// Four hex digits, or -1.
inline int hex4(const char* p, const char* end) {
  if (end - p < 4) return -1;
  int v = 0;
  for (int i = 0; i < 4; ++i) {
    const int d = hex_digit(p[i]);
    if (d < 0) return -1;
    v = v << 4 | d;
  }
  return v;
}

// p is at a backslash in a string behind which a byte may be read, a control character if there is none; the place behind the escape, or
// nullptr if it is none.
inline const char* escape_end(const char* p, const char* end) {
  switch (p[1]) {
    case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't': return p + 2;
    case 'u': return hex4(p + 2, end) < 0 ? nullptr : p + 6;
    default: return nullptr;
  }
}

inline char* put_utf8(char* o, std::uint32_t c) {
  if (c < 0x80) {
    *o++ = static_cast<char>(c);
    return o;
  }
  if (c < 0x800) {
    *o++ = static_cast<char>(0xc0 | c >> 6);
  } else {
    if (c < 0x10000) {
      *o++ = static_cast<char>(0xe0 | c >> 12);
    } else {
      *o++ = static_cast<char>(0xf0 | c >> 18);
      *o++ = static_cast<char>(0x80 | (c >> 12 & 0x3f));
    }
    *o++ = static_cast<char>(0x80 | (c >> 6 & 0x3f));
  }
  *o++ = static_cast<char>(0x80 | (c & 0x3f));
  return o;
}

// Resolves the escapes of a string's raw text; `to` has room for raw.size() bytes. Half of a surrogate pair becomes U+FFFD. Returns
// the size. The text was checked; what is no escape stays as it is.
inline std::size_t unescape(std::string_view raw, char* to) {
  const char* p = raw.data();
  const char* const end = p + raw.size();
  char* o = to;
  while (p != end) {
    const char* slash = static_cast<const char*>(std::memchr(p, '\\', static_cast<std::size_t>(end - p)));
    const std::size_t plain = static_cast<std::size_t>((slash ? slash : end) - p);
    std::memmove(o, p, plain);
    o += plain;
    if (!slash) break;
    if (slash + 1 == end) {
      *o++ = '\\';
      break;
    }
    p = slash + 2;
    switch (slash[1]) {
      case 'n': *o++ = '\n'; break;
      case 't': *o++ = '\t'; break;
      case 'r': *o++ = '\r'; break;
      case 'b': *o++ = '\b'; break;
      case 'f': *o++ = '\f'; break;
      case 'u': {
        const int v = hex4(p, end);
        if (v < 0) {
          *o++ = '\\';
          *o++ = 'u';
          break;
        }
        p += 4;
        std::uint32_t c = static_cast<std::uint32_t>(v);
        if (c >= 0xd800 && c < 0xe000) {
          const int low = c < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u' ? hex4(p + 2, end) : -1;
          if (low >= 0xdc00 && low < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + (static_cast<std::uint32_t>(low) - 0xdc00);
            p += 6;
          } else {
            c = 0xfffd;
          }
        }
        o = put_utf8(o, c);
        break;
      }
      default: *o++ = slash[1];
    }
  }
  return static_cast<std::size_t>(o - to);
}

// What is wrong with a text, and at which byte.
struct fault {
  const char* at = nullptr;
  std::string why;
};

class checker {
 public:
  explicit checker(std::string_view text) : p_(text.data()), end_(text.data() + text.size()) {}
  // One value and nothing behind it but blanks.
  bool document(fault& f) {
    p_ = skip_blanks(p_, end_);
    if (!value(f)) return false;
    p_ = skip_blanks(p_, end_);
    if (p_ == end_) return true;
    return say(f, "more text behind the value");
  }
  // The same, of an object: use(raw key, value) is called for each member once it is known to be sound, in their order.
  template <class Use>
  bool members(fault& f, Use use) {
    p_ = skip_blanks(p_, end_);
    if (p_ == end_ || *p_ != '{') return expected(f, "'{'");
    p_ = skip_blanks(p_ + 1, end_);
    for (bool any = p_ == end_ || *p_ != '}'; any;) {
      std::string_view name;
      if (!key(f, name)) return false;
      const char* const begin = p_ = skip_blanks(p_, end_);
      if (!value(f)) return false;
      use(name, std::string_view(begin, static_cast<std::size_t>(p_ - begin)));
      p_ = skip_blanks(p_, end_);
      if (p_ == end_ || (*p_ != ',' && *p_ != '}')) return expected(f, "',' or '}'");
      if (*p_ == '}') break;
      ++p_;
    }
    p_ = skip_blanks(p_ + 1, end_);
    if (p_ == end_) return true;
    return say(f, "more text behind the value");
  }

 private:
  static constexpr std::size_t deepest = 1000;

  bool say(fault& f, std::string why) {
    f.at = p_;
    f.why = std::move(why);
    return false;
  }
  bool expected(fault& f, const char* what) { return say(f, p_ == end_ ? "the text ends where " + std::string(what) + " should come" : "expected " + std::string(what)); }

  // Iterative: nesting_ holds an open bracket for each level.
  bool value(fault& f) {
    nesting_.clear();
    for (;;) {
      // a value begins here
      p_ = skip_blanks(p_, end_);
      if (p_ == end_) return expected(f, "a value");
      if (*p_ == '{' || *p_ == '[') {
        if (nesting_.size() == deepest) return say(f, "nested more than 1000 levels deep");
        const char open = *p_++;
        p_ = skip_blanks(p_, end_);
        if (p_ != end_ && *p_ == (open == '{' ? '}' : ']')) {
          ++p_;
        } else {
          nesting_.push_back(open);
          if (std::string_view name; open == '{' && !key(f, name)) return false;
          continue;
        }
      } else if (!scalar(f)) {
        return false;
      }
      // a value has ended
      for (;;) {
        if (nesting_.empty()) return true;
        p_ = skip_blanks(p_, end_);
        const bool object = nesting_.back() == '{';
        if (p_ != end_ && *p_ == ',') {
          ++p_;
          if (std::string_view name; object && !key(f, name)) return false;
          break;
        }
        if (p_ == end_ || *p_ != (object ? '}' : ']')) return expected(f, object ? "',' or '}'" : "',' or ']'");
        ++p_;
        nesting_.pop_back();
      }
    }
  }
  bool key(fault& f, std::string_view& raw) {
    const char* const open = p_ = skip_blanks(p_, end_);
    if (p_ == end_ || *p_ != '"') return expected(f, "a key in double quotes");
    if (!string(f)) return false;
    raw = {open + 1, static_cast<std::size_t>(p_ - open) - 2};
    p_ = skip_blanks(p_, end_);
    if (p_ == end_ || *p_ != ':') return expected(f, "':'");
    ++p_;
    return true;
  }
  bool string(fault& f) {
    const char* const open = p_++;
    for (;;) {
      p_ = string_special(p_, end_);
      if (p_ == end_) {
        p_ = open;
        return say(f, "a string that is not closed");
      }
      if (*p_ == '"') {
        ++p_;
        return true;
      }
      if (*p_ != '\\') return say(f, "a control character in a string; it must be written as an escape");
      const char c = p_ + 1 == end_ ? '\0' : p_[1];
      if (c == 'u') {
        if (hex4(p_ + 2, end_) < 0) return say(f, "\\u without four hex digits");
        p_ += 6;
      } else if (c && std::strchr("\"\\/bfnrt", c)) {
        p_ += 2;
      } else {
        return say(f, "an unknown escape in a string");
      }
    }
  }
  static bool ends_word(char c) {
    switch (c) {
      case ',': case ':': case '[': case ']': case '{': case '}': case '"': case '\0': return true;
      default: return blank(c);
    }
  }
  bool scalar(fault& f) {
    if (*p_ == '"') return string(f);
    const char* const start = p_;
    const char* q = p_;
    while (q != end_ && !ends_word(*q)) ++q;
    const std::string_view word(start, static_cast<std::size_t>(q - start));
    bool whole;
    if (word == "true" || word == "false" || word == "null" || is_json_number(word, whole)) {
      p_ = q;
      return true;
    }
    if (word.empty()) return say(f, "expected a value");
    const bool number = is_digit(word.front()) || word.front() == '-' || word.front() == '+' || word.front() == '.';
    std::string why(1, '\'');
    why.append(word.substr(0, 40)).append(number ? "' is no JSON number" : "' is no JSON value; text stands in double quotes");
    return say(f, std::move(why));
  }

  const char* p_;
  const char* end_;
  std::string nesting_;
};

// A whole value; scalars are read quickly, the rest is walked through.
inline bool sound(std::string_view text) {
  fault f;
  return checker(text).document(f);
}

// p is at a value's first byte; its end, or nullptr.
inline const char* value_end(const char* p, const char* end) {
  if (p == end) return nullptr;
  if (*p == '"') {
    p = string_end(p + 1, end);
    return p ? p + 1 : nullptr;
  }
  if (*p != '{' && *p != '[') {
    const char* start = p;
    while (p != end && *p != ',' && *p != '}' && *p != ']' && !blank(*p)) ++p;
    return p == start ? nullptr : p;
  }
  std::size_t depth = 0;
  while (p != end) {
    const char c = *p++;
    if (c == '"') {
      p = string_end(p, end);
      if (!p) return nullptr;
      ++p;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return p;
    }
  }
  return nullptr;
}

inline bool key_is(std::string_view raw, std::string_view name) {
  if (raw.find('\\') == std::string_view::npos) return raw == name;
  std::string plain(raw.size(), '\0');
  plain.resize(unescape(raw, plain.data()));
  return plain == name;
}

// The value of the first member of that name; null data: there is none.
inline std::string_view member(std::string_view object, std::string_view name) {
  const char* p = object.data();
  const char* const end = p + object.size();
  if (p == end || *p != '{') return {};
  ++p;
  for (;;) {
    p = skip_blanks(p, end);
    if (p == end || *p != '"') return {};
    const char* close = string_end(p + 1, end);
    if (!close) return {};
    const std::string_view key(p + 1, static_cast<std::size_t>(close - p - 1));
    p = skip_blanks(close + 1, end);
    if (p == end || *p != ':') return {};
    p = skip_blanks(p + 1, end);
    const char* stop = value_end(p, end);
    if (!stop) return {};
    if (key_is(key, name)) return {p, static_cast<std::size_t>(stop - p)};
    p = skip_blanks(stop, end);
    if (p == end || *p != ',') return {};
    ++p;
  }
}

// Follows a.b.c through nested objects.
inline std::string_view along(std::string_view value, std::string_view path) {
  for (;;) {
    const auto dot = path.find('.');
    value = member(value, path.substr(0, dot));
    if (dot == std::string_view::npos || !value.data()) return value;
    path.remove_prefix(dot + 1);
  }
}

// `to` has room for 6 * size + 2 bytes; returns the end. Quote, backslash and control characters are escaped, nothing else.
inline char* write_string(std::string_view text, char* o) {
  static constexpr char digits[] = "0123456789abcdef";
  const char* p = text.data();
  const char* const end = p + text.size();
  *o++ = '"';
  while (p != end) {
    const char* stop = string_special(p, end);
    std::memcpy(o, p, static_cast<std::size_t>(stop - p));
    o += stop - p;
    p = stop;
    if (p == end) break;
    const unsigned char c = static_cast<unsigned char>(*p++);
    *o++ = '\\';
    switch (c) {
      case '"': *o++ = '"'; break;
      case '\\': *o++ = '\\'; break;
      case '\n': *o++ = 'n'; break;
      case '\t': *o++ = 't'; break;
      case '\r': *o++ = 'r'; break;
      case '\b': *o++ = 'b'; break;
      case '\f': *o++ = 'f'; break;
      default:
        std::memcpy(o, "u00", 3);
        o[3] = digits[c >> 4];
        o[4] = digits[c & 15];
        o += 5;
    }
  }
  *o++ = '"';
  return o;
}

}  // namespace shared::json
