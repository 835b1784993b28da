// json.cpp: see json.hpp.
#include "core/batch/json.hpp"

#include "core/batch/batch.hpp"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace pipes::json {
namespace {

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

const char* skip_blanks(const char* p, const char* end) {
  while (p != end && blank(*p)) ++p;
  return p;
}

// p is behind the opening quote; returns the closing one or nullptr.
const char* string_end(const char* p, const char* end) {
  for (;;) {
#if defined(__SSE2__)
    for (; end - p >= 16; p += 16) {
      const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
      const int m = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))));
      if (m) {
        p += __builtin_ctz(static_cast<unsigned>(m));
        break;
      }
    }
#endif
    while (p != end && *p != '"' && *p != '\\') ++p;
    if (p == end) return nullptr;
    if (*p == '"') return p;
    if (end - p < 2) return nullptr;
    p += 2;
  }
}

// p is at a value's first byte; returns the end of the value or nullptr.
const char* value_end(const char* p, const char* end) {
  if (p == end) return nullptr;
  if (*p == '"') {
    p = string_end(p + 1, end);
    return p ? p + 1 : nullptr;
  }
  if (*p == '{' || *p == '[') {
    std::size_t depth = 0;
    while (p != end) {
      switch (*p++) {
        case '"':
          p = string_end(p, end);
          if (!p) return nullptr;
          ++p;
          break;
        case '{': case '[': ++depth; break;
        case '}': case ']':
          if (--depth == 0) return p;
          break;
        default: break;
      }
    }
    return nullptr;
  }
  const char* start = p;
  while (p != end && *p != ',' && *p != '}' && *p != ']' && !blank(*p)) ++p;
  return p == start ? nullptr : p;
}

std::string_view between(const char* a, const char* b) { return {a, static_cast<std::size_t>(b - a)}; }

bool hex4(const char* p, const char* end, std::uint32_t& v) {
  if (end - p < 4) return false;
  v = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = p[i];
    std::uint32_t d;
    if (digit(c)) d = static_cast<std::uint32_t>(c - '0');
    else if (c >= 'a' && c <= 'f') d = static_cast<std::uint32_t>(c - 'a' + 10);
    else if (c >= 'A' && c <= 'F') d = static_cast<std::uint32_t>(c - 'A' + 10);
    else return false;
    v = v << 4 | d;
  }
  return true;
}

char* put_utf8(char* o, std::uint32_t c) {
  if (c < 0x80) {
    *o++ = static_cast<char>(c);
  } else if (c < 0x800) {
    *o++ = static_cast<char>(0xc0 | c >> 6);
    *o++ = static_cast<char>(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    *o++ = static_cast<char>(0xe0 | c >> 12);
    *o++ = static_cast<char>(0x80 | (c >> 6 & 0x3f));
    *o++ = static_cast<char>(0x80 | (c & 0x3f));
  } else {
    *o++ = static_cast<char>(0xf0 | c >> 18);
    *o++ = static_cast<char>(0x80 | (c >> 12 & 0x3f));
    *o++ = static_cast<char>(0x80 | (c >> 6 & 0x3f));
    *o++ = static_cast<char>(0x80 | (c & 0x3f));
  }
  return o;
}

// `to` has room for raw.size() bytes: no escape is shorter than what it stands for. Half of a surrogate pair becomes U+FFFD.
std::size_t unescape(std::string_view raw, char* to) {
  const char* p = raw.data();
  const char* end = p + raw.size();
  char* o = to;
  while (p != end) {
    const auto* slash = static_cast<const char*>(std::memchr(p, '\\', static_cast<std::size_t>(end - p)));
    const char* stop = slash ? slash : end;
    std::memmove(o, p, static_cast<std::size_t>(stop - p));
    o += stop - p;
    if (!slash || end - slash < 2) {
      if (slash) *o++ = '\\';
      break;
    }
    p = slash + 2;
    switch (slash[1]) {
      case 'b': *o++ = '\b'; break;
      case 'f': *o++ = '\f'; break;
      case 'n': *o++ = '\n'; break;
      case 'r': *o++ = '\r'; break;
      case 't': *o++ = '\t'; break;
      case 'u': {
        std::uint32_t c = 0, low = 0;
        if (!hex4(p, end, c)) {
          *o++ = '\\';
          *o++ = 'u';
          break;
        }
        p += 4;
        if (c >= 0xd800 && c < 0xe000) {
          if (c < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u' && hex4(p + 2, end, low) && low >= 0xdc00 && low < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            p += 6;
          } else {
            c = 0xfffd;
          }
        }
        o = put_utf8(o, c);
        break;
      }
      default: *o++ = slash[1]; break;
    }
  }
  return static_cast<std::size_t>(o - to);
}

}  // namespace

members::members(std::string_view object) : p_(object.data()), end_(p_ + object.size()), state_(broken) {
  p_ = skip_blanks(p_, end_);
  if (p_ != end_ && *p_ == '{') {
    ++p_;
    state_ = at_first;
  }
}

bool members::next(member& m) {
  if (state_ != at_first && state_ != at_next) return false;
  const char* p = skip_blanks(p_, end_);
  const bool first = state_ == at_first;
  state_ = broken;
  if (p == end_) return false;
  if (*p == '}') {
    p_ = p;
    state_ = at_end;
    return false;
  }
  if (!first) {
    if (*p != ',') return false;
    p = skip_blanks(p + 1, end_);
    if (p == end_) return false;
  }
  if (*p != '"') return false;
  const char* key = p + 1;
  const char* key_stop = string_end(key, end_);
  if (!key_stop) return false;
  p = skip_blanks(key_stop + 1, end_);
  if (p == end_ || *p != ':') return false;
  p = skip_blanks(p + 1, end_);
  const char* stop = value_end(p, end_);
  if (!stop) return false;
  m.key = between(key, key_stop);
  m.value = between(p, stop);
  p_ = stop;
  state_ = at_next;
  return true;
}

bool key_is(std::string_view raw, std::string_view name) {
  if (raw == name) return raw.find('\\') == std::string_view::npos;
  if (raw.size() <= name.size() || raw.find('\\') == std::string_view::npos) return false;
  std::string plain(raw.size(), '\0');
  plain.resize(unescape(raw, plain.data()));
  return plain == name;
}

std::string_view key_text(std::string_view raw, memory::arena& to) {
  if (raw.find('\\') == std::string_view::npos) return raw;
  char* o = static_cast<char*>(to.take(raw.size()));
  return {o, unescape(raw, o)};
}

std::string_view find(std::string_view object, std::string_view name) {
  members all(object);
  member m;
  while (all.next(m))
    if (key_is(m.key, name)) return m.value;
  return {};
}

std::string_view lookup_path(std::string_view value, std::string_view path) {
  for (;;) {
    if (!value.data() || value.empty() || value.front() != '{') return {};
    const auto dot = path.find('.');
    value = find(value, path.substr(0, dot));
    if (dot == std::string_view::npos) return value;
    path.remove_prefix(dot + 1);
  }
}

std::string_view lookup(std::string_view record, const pipe_field& field, bool exact) {
  const std::string_view name = field.name;
  if (exact || name.find('.') == std::string_view::npos) return find(record, name);
  std::string_view best;
  std::size_t best_size = 0;
  members all(record);
  member m;
  while (all.next(m)) {
    if (key_is(m.key, name)) return m.value;
    // Of the leading parts only those that are longer than the best so far.
    for (auto dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1))
      if (dot > best_size && key_is(m.key, name.substr(0, dot))) {
        best = m.value;
        best_size = dot;
      }
  }
  return best.data() ? lookup_path(best, name.substr(best_size + 1)) : std::string_view{};
}

bool is_number(std::string_view s) {
  const char* p = s.data();
  const char* end = p + s.size();
  if (p != end && *p == '-') ++p;
  if (p == end || !digit(*p)) return false;
  if (*p++ == '0' && p != end && digit(*p)) return false;
  while (p != end && digit(*p)) ++p;
  if (p != end && *p == '.') {
    if (++p == end || !digit(*p)) return false;
    while (p != end && digit(*p)) ++p;
  }
  if (p != end && (*p == 'e' || *p == 'E')) {
    if (++p != end && (*p == '+' || *p == '-')) ++p;
    if (p == end || !digit(*p)) return false;
    while (p != end && digit(*p)) ++p;
  }
  return p == end;
}

bool number(std::string_view s, value& v) {
  if (!is_number(s)) return false;
  v.text = s;
  const char* end = s.data() + s.size();
  std::int64_t i = 0;
  const auto whole = std::from_chars(s.data(), end, i);
  if (whole.ec == std::errc{} && whole.ptr == end) {
    v.tag = PIPE_INT;
    v.bits = static_cast<std::uint64_t>(i);
    return true;
  }
  double d = 0;
  const auto real = std::from_chars(s.data(), end, d);
  if (real.ec == std::errc::result_out_of_range) {
    // Too large or too small for a double: strtod tells which, and gives infinity or zero.
    d = std::strtod(std::string(s).c_str(), nullptr);
  }
  v.tag = PIPE_FLOAT;
  std::memcpy(&v.bits, &d, sizeof d);
  return true;
}

value read(std::string_view text, memory::arena& to) {
  value v;
  if (!text.data() || text.empty()) return v;
  switch (text.front()) {
    case '"': {
      if (text.size() < 2) return v;
      v.tag = PIPE_STRING;
      v.text = key_text(text.substr(1, text.size() - 2), to);
      return v;
    }
    case '{': case '[':
      v.tag = PIPE_JSON;
      v.text = text;
      return v;
    default: break;
  }
  if (text == "null") {
    v.tag = PIPE_NULL;
  } else if (text == "true" || text == "false") {
    v.tag = PIPE_BOOL;
    v.bits = text == "true";
  } else if (!number(text, v)) {
    v.tag = PIPE_MISSING;
  }
  return v;
}

void append_string(memory::text_buffer& out, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  const char* p = text.data();
  const char* end = p + text.size();
  char* o = out.room(text.size() + 2);
  *o = '"';
  out.advance(1);
  while (p != end) {
    const char* start = p;
#if defined(__SSE2__)
    for (; end - p >= 16; p += 16) {
      const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
      const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);
      const int m = _mm_movemask_epi8(
          _mm_or_si128(control, _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')))));
      if (m) {
        p += __builtin_ctz(static_cast<unsigned>(m));
        break;
      }
    }
#endif
    while (p != end && static_cast<unsigned char>(*p) >= 0x20 && *p != '"' && *p != '\\') ++p;
    out.append(start, static_cast<std::size_t>(p - start));
    if (p == end) break;
    const auto c = static_cast<unsigned char>(*p++);
    switch (c) {
      case '"': out.append("\\\""); break;
      case '\\': out.append("\\\\"); break;
      case '\b': out.append("\\b"); break;
      case '\f': out.append("\\f"); break;
      case '\n': out.append("\\n"); break;
      case '\r': out.append("\\r"); break;
      case '\t': out.append("\\t"); break;
      default: {
        const char escape[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
        out.append(escape, 6);
      }
    }
  }
  out.push('"');
}

std::size_t print_int(char* to, std::int64_t v) { return static_cast<std::size_t>(std::to_chars(to, to + 32, v).ptr - to); }

std::size_t print_float(char* to, double v) {
  if (!std::isfinite(v)) {
    std::memcpy(to, "null", 4);
    return 4;
  }
  if (std::fabs(v) < 9007199254740992.0 && v == std::trunc(v) && !(v == 0 && std::signbit(v))) return print_int(to, static_cast<std::int64_t>(v));
  return static_cast<std::size_t>(std::to_chars(to, to + 32, v).ptr - to);
}

void append_value(memory::text_buffer& out, std::uint32_t tag, std::uint64_t bits, const pipe_slice* slice) {
  const std::string_view text = slice && slice->data ? view(*slice) : std::string_view{};
  switch (tag) {
    case PIPE_BOOL: out.append(bits ? std::string_view("true") : std::string_view("false")); return;
    case PIPE_INT:
      if (text.data()) out.append(text);
      else out.advance(print_int(out.room(32), static_cast<std::int64_t>(bits)));
      return;
    case PIPE_FLOAT: {
      double d;
      std::memcpy(&d, &bits, sizeof d);
      if (text.data()) out.append(text);
      else out.advance(print_float(out.room(32), d));
      return;
    }
    case PIPE_STRING: append_string(out, text); return;
    case PIPE_WORD:
      if (is_number(text)) out.append(text);
      else append_string(out, text);
      return;
    case PIPE_JSON:
      // A value that was read under another framing may have line breaks between its tokens, which would cut the record in two.
      if (text.find('\n') == std::string_view::npos) {
        out.append(text);
      } else {
        for (const char c : text) out.push(c == '\n' || c == '\r' ? ' ' : c);
      }
      return;
    default: out.append("null"); return;
  }
}

}  // namespace pipes::json
