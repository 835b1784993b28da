// plugins/lib/csv_text.hpp: CSV as text: where records end, what their fields are, how a value is written. Pure functions.
//
// The quotes of RFC 4180: a field that begins with a quote ends at the next one that is not doubled; a quote elsewhere is text. A dialect
// without quotes has none of that: every quote is text, every newline ends a record.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace shared::csv {

struct dialect {
  char separator = ',';
  bool quotes = true;
};

// Follows the quotes through text that comes in pieces, to tell newlines within a quoted field from those that end a record.
class quote_scan {
 public:
  explicit quote_scan(dialect d) : dialect_(d) {}
  bool inside() const { return inside_; }
  void reset(bool inside) { inside_ = inside; }
  // [p, end) begins where a record begins, or is inside a quoted field. Returns how many newlines lie within quotes.
  std::size_t scan(const char* p, const char* end) {
    if (!dialect_.quotes) return 0;
    const char* const begin = p;
    std::size_t held = 0;
    while (p != end) {
      const char* q = static_cast<const char*>(std::memchr(p, '"', static_cast<std::size_t>(end - p)));
      if (!inside_) {
        if (!q) return held;
        inside_ = q == begin || q[-1] == dialect_.separator || q[-1] == '\n';
        p = q + 1;
        continue;
      }
      held += newlines(p, q ? q : end);
      if (!q) return held;
      if (q + 1 != end && q[1] == '"') {
        p = q + 2;
      } else {
        inside_ = false;
        p = q + 1;
      }
    }
    return held;
  }

 private:
  static std::size_t newlines(const char* p, const char* end) {
    std::size_t n = 0;
    while ((p = static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p))))) {
      ++n;
      if (++p == end) break;
    }
    return n;
  }
  dialect dialect_;
  bool inside_ = false;
};

// The bytes that matter (separator, quote, newline) of [p, end), one after the other.
class finder {
 public:
  finder(const char* p, const char* end, dialect d) : end_(end), separator_(d.separator), quote_(d.quotes ? '"' : d.separator) { load(p); }
  // nullptr: no more.
  const char* next() {
    while (mask_ == 0) {
      if (end_ - base_ <= 64) return nullptr;
      load(base_ + 64);
    }
    const char* at = base_ + __builtin_ctzll(mask_);
    mask_ &= mask_ - 1;
    return at;
  }
  // Goes on at p, which lies ahead.
  void skip_to(const char* p) {
    if (p - base_ < 64) mask_ &= ~std::uint64_t{0} << (p - base_);
    else load(p);
  }

 private:
  void load(const char* p) {
    base_ = p;
    if (end_ - p >= 64) {
      mask_ = marks(p);
      return;
    }
    char last[64] = {};
    const std::size_t n = static_cast<std::size_t>(end_ - p);
    if (n) std::memcpy(last, p, n);
    mask_ = marks(last) & ((std::uint64_t{1} << n) - 1);
  }
  std::uint64_t marks(const char* p) const {
#if defined(__SSE2__)
    const __m128i s = _mm_set1_epi8(separator_), q = _mm_set1_epi8(quote_), n = _mm_set1_epi8('\n');
    const auto of = [&](const char* at) {
      const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
      const __m128i m = _mm_or_si128(_mm_cmpeq_epi8(v, s), _mm_or_si128(_mm_cmpeq_epi8(v, q), _mm_cmpeq_epi8(v, n)));
      return static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(m)));
    };
    return of(p) | of(p + 16) << 16 | of(p + 32) << 32 | of(p + 48) << 48;
#else
    std::uint64_t m = 0;
    for (int i = 0; i < 64; ++i) m |= static_cast<std::uint64_t>(p[i] == separator_ || p[i] == quote_ || p[i] == '\n') << i;
    return m;
#endif
  }
  const char* base_ = nullptr;
  const char* end_;
  std::uint64_t mask_ = 0;
  char separator_;
  char quote_;  // the separator again where quotes are text
};

enum class fault { none, unclosed, behind_quote };
inline const char* describe(fault f) { return f == fault::unclosed ? "is not closed" : "goes on behind its closing quote"; }
inline const char* const without_quotes = " (where quotes are text: `quotes: false`)";

// The quote that closes the field whose text begins at p, or nullptr; `doubled`: quotes within are doubled.
inline const char* closing_quote(const char* p, const char* end, bool& doubled) {
  doubled = false;
  while (p != end) {
    const char* q = static_cast<const char*>(std::memchr(p, '"', static_cast<std::size_t>(end - p)));
    if (!q) return nullptr;
    if (q + 1 == end || q[1] != '"') return q;
    doubled = true;
    p = q + 2;
  }
  return nullptr;
}

// Splits records into fields. Sink: field(number, text, doubled), record(fields, fault, begin, end): end is behind the record's last byte.
// With `lines` every newline outside quotes ends a record; else [p, end) is one record.
// Aligned: by what stands in front of it in the object its loop took up to a tenth more or less time.
template <class Sink>
__attribute__((aligned(64))) void split(const char* p, const char* end, dialect d, bool lines, Sink& sink) {
  if (p == end && lines) return;
  finder marks(p, end, d);
  const char* record = p;
  const char* field = p;
  std::size_t number = 0;
  fault wrong = fault::none;
  bool quoted = false, doubled = false;
  std::string_view value;
  const auto finish_field = [&](const char* at, bool last) {
    if (!quoted) {
      std::size_t size = static_cast<std::size_t>(at - field);
      if (last && size && at[-1] == '\r') --size;
      value = {field, size};
    }
    sink.field(number++, value, quoted && doubled);
    quoted = false;
    field = at + 1;
  };
  while (const char* at = marks.next()) {
    if (*at == d.separator) {
      finish_field(at, false);
    } else if (*at == '\n') {
      if (!lines) continue;
      finish_field(at, true);
      sink.record(number, wrong, record, at);
      record = at + 1;
      number = 0;
      wrong = fault::none;
    } else if (at == field) {
      const char* close = closing_quote(at + 1, end, doubled);
      if (!close) {
        wrong = fault::unclosed;
        value = {at + 1, static_cast<std::size_t>(end - at - 1)};
        quoted = true;
        break;
      }
      value = {at + 1, static_cast<std::size_t>(close - at - 1)};
      quoted = true;
      const char* behind = close + 1;
      const char* stop = behind;
      if (stop != end && *stop == '\r') ++stop;
      if (!(behind == end || *behind == d.separator || stop == end || (lines && *stop == '\n'))) wrong = fault::behind_quote;
      marks.skip_to(behind);
      if (wrong == fault::behind_quote) field = nullptr;  // no further quote of this field opens anything
    }
  }
  if (record == end && lines) return;
  finish_field(end, true);
  sink.record(number, wrong, record, end);
}

// Takes the doubling out of a quoted field's text; `to` has room for it. Returns the size.
inline std::size_t undouble(std::string_view text, char* to) {
  char* o = to;
  for (std::size_t i = 0; i < text.size(); ++i) {
    *o++ = text[i];
    if (text[i] == '"') ++i;
  }
  return static_cast<std::size_t>(o - to);
}

// The fields of one record, header lines mainly.
struct field_list {
  std::vector<std::string>& names;
  fault wrong = fault::none;
  void field(std::size_t, std::string_view text, bool doubled) {
    std::string s(text);
    if (doubled) s.resize(undouble(text, s.data()));
    names.push_back(std::move(s));
  }
  void record(std::size_t, fault f, const char*, const char*) { wrong = f; }
};

// Bytes that make a value need quotes.
class quoting {
 public:
  // `quotes` false: none are written, and is_due() tells what needs some.
  explicit quoting(char separator, bool quotes = true) : quotes_(quotes) {
    for (const char c : {separator, '\n', '\r'}) special_[static_cast<unsigned char>(c)] = 1;
    if (quotes) special_[static_cast<unsigned char>('"')] = 1;
  }
  bool is_due(std::string_view value) const {
    return std::any_of(value.begin(), value.end(), [this](char c) { return special_[static_cast<unsigned char>(c)] != 0; });
  }
  // `to` has room for 2 * size + 2 bytes; returns the end.
  char* write(std::string_view value, char* to) const {
    char* o = to;
    unsigned char found = 0;
    for (const char c : value) {
      found = static_cast<unsigned char>(found | special_[static_cast<unsigned char>(c)]);
      *o++ = c;
    }
    if (!found || !quotes_) return o;
    o = to;
    *o++ = '"';
    for (const char c : value) {
      if (c == '"') *o++ = '"';
      *o++ = c;
    }
    *o++ = '"';
    return o;
  }

 private:
  unsigned char special_[256] = {};
  bool quotes_;
};

// `text` as an option says it: one byte, or \t. False: it is neither, or cannot be told from quotes and line ends.
inline bool separator_of(std::string_view text, char& separator) {
  if (text == "\\t") text = "\t";
  if (text.size() != 1 || text == "\"" || text == "\n" || text == "\r") return false;
  separator = text.front();
  return true;
}
inline std::string separator_fault(const std::string& given) { return "'separator' must be one byte that is neither a quote nor a line end, such as ',' or ';' or \\t, not '" + given + "'"; }

}  // namespace shared::csv
