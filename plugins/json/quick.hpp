// plugins/json/quick.hpp: steps over well-formed JSON values in one pass over their bytes.
//
// Says yes only to what is certainly sound; at anything else, odd or broken, it gives up with nullptr, and the thorough reader
// looks at the record again. So a record is never refused here, and faults are explained in one place.
//
// Every text that is looked at is guarded: a control character stands at `end`, and `margin` bytes from there on may be read. No
// step leads beyond a control character but skip_blanks, which is held by `end`: the others look at no bound.
//
// `Strings` is how the end of a string is found: string(p) takes the place of an opening quote and returns the one behind
// the closing quote, or nullptr. closed(p) does so from behind the opening quote of a member's value, pass_key() goes over the
// quotes of its key: texts that were compared. Strings are passed in the order of the text, each once. settle(p, ahead) is p, but if
// the next quote stands `ahead` bytes behind it, what follows need not wait for what p was computed from. short_scalar() may step over
// a value and its key, or do nothing.
#pragma once
#include "json/marks.hpp"
#include "lib/json_text.hpp"
#include "lib/numbers.hpp"

namespace reader::quick {

namespace json = shared::json;

inline constexpr int deepest = 32;
inline constexpr std::size_t margin = 192;

// Looks at the bytes of each string.
class scanned_strings {
 public:
  explicit scanned_strings(const char* end) : end_(end) {}
  const char* string(const char* p) { return closed(p + 1); }
  const char* closed(const char* p) {
    for (; p; p = json::escape_end(p, end_)) {
      p = json::string_special(p, end_);
      if (*p == '"') return p + 1;
      if (*p != '\\') return nullptr;
    }
    return nullptr;
  }
  void pass_key() {}
  const char* settle(const char* p, std::size_t) const { return p; }
  const char* short_scalar(const char*, std::size_t) { return nullptr; }
  using place = const void*;
  place at() const { return nullptr; }
  void go_to(place) {}
  static constexpr bool looks_ahead = false;
  static const char* digits(const char* p) {
    while (shared::is_digit(*p)) ++p;
    return p;
  }

 private:
  const char* end_;
};

// Takes the strings from the marks of a text.
class marked_strings {
 public:
  marked_strings(const char* text, const marks& m) : marked_strings(text, m.quotes()) {}
  marked_strings(const char* text, const std::uint16_t* first) : text_(text), quote_(first) {}
  const char* string(const char* p) { return offset(p) == quote_[0] ? take(2) : nullptr; }
  const char* closed(const char*) { return take(4); }
  void pass_key() { quote_ += 2; }
  const char* settle(const char* p, std::size_t ahead) const {
    const std::uintptr_t by_quote = quote_[0] - ahead;
    std::uintptr_t same = by_quote;
    asm("" : "+r"(same));  // else the compiler, which knows that they are equal, would return p
    if (offset(p) != by_quote) return p;
    asm volatile("" : "+r"(same));  // and must not make a choice of both out of the branch
    return text_ + same;
  }
  // p is at a value behind a key that is still to be passed. Is it a whole number, true, false or null, and ends in a comma `ahead` bytes
  // before the quote behind that key? Then that place, and the key is passed; else nullptr.
  const char* short_scalar(const char* p, std::size_t ahead) {
#if defined(__SSE2__)
    const std::size_t size = quote_[2] - ahead - offset(p);
    if (size - 1 >= 16) return nullptr;
    std::uint32_t four;
    std::memcpy(&four, p, 4);
    const auto is = [&](const char (&word)[5]) {
      std::uint32_t w;
      std::memcpy(&w, word, 4);
      return four == w;
    };
    const bool number = ((others(p) & ((1u << size) - 1)) == 0) & ((*p != '0') | (size == 1));
    const bool word = ((is("true") | is("null")) & (size == 4)) | (is("fals") & (p[4] == 'e') & (size == 5));
    if (!(number | word) | (p[size] != ',')) return nullptr;  // the comma: `ahead` was right
    quote_ += 2;
    return p + size;
#else
    (void)p, (void)ahead;
    return nullptr;
#endif
  }
  using place = const std::uint16_t*;
  place at() const { return quote_; }
  void go_to(place q) { quote_ = q; }
  static constexpr bool looks_ahead = true;  // others() is there
  static const char* digits(const char* p) {
#if defined(__SSE2__)
    for (;; p += 16)
      if (const unsigned m = others(p)) return p + __builtin_ctz(m);
#else
    return scanned_strings::digits(p);
#endif
  }
#if defined(__SSE2__)
  // Bit i: p[i] is no digit.
  static unsigned others(const char* p) {
    const __m128i v = _mm_sub_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)), _mm_set1_epi8('0'));
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(v, _mm_set1_epi8(10)), v)));
  }
#endif

 private:
  // Places are compared as numbers: behind the last quote there are some that lie in no text, and p may be null.
  std::uintptr_t offset(const char* p) const { return reinterpret_cast<std::uintptr_t>(p) - reinterpret_cast<std::uintptr_t>(text_); }
  const char* take(int n) {  // the last of the next n quotes closes a string
    const char* const behind = text_ + quote_[n - 1] + 1;
    quote_ += n;
    return behind;
  }
  const char* text_;
  const std::uint16_t* quote_;  // the next one to be passed
};

inline bool blank(char c) { return static_cast<unsigned char>(c) <= ' '; }  // perhaps

// p is at the first byte behind the minus sign, if there is one.
template <class Strings>
__attribute__((noinline)) const char* any_number(const char* p) {
  const char* q = Strings::digits(p);
  if (q == p || (*p == '0' && q != p + 1)) return nullptr;
  if (*q == '.') {
    const char* const fraction = q + 1;
    q = Strings::digits(fraction);
    if (q == fraction) return nullptr;
  }
  if ((*q | 0x20) == 'e') {
    ++q;
    if (*q == '+' || *q == '-') ++q;
    const char* const exponent = q;
    q = Strings::digits(exponent);
    if (q == exponent) return nullptr;
  }
  return q;
}

// The same; what most numbers are, up to 15 digits, then a fraction or none, is seen without a call.
template <class Strings>
__attribute__((always_inline)) inline const char* number(const char* p) {
#if defined(__SSE2__)
  if constexpr (Strings::looks_ahead) {
    const char* q = p + __builtin_ctz(Strings::others(p) | 1u << 15);
    if (*q == ',' && q != p && *p != '0') return q;
    if (*q == '.' && (*p != '0' ? q != p : q == p + 1)) {
      const char* const fraction = q + 1;
      q = Strings::digits(fraction);
      if (*q == ',' && q != fraction) return q;
    }
  }
#endif
  return any_number<Strings>(p);
}

// p is at "true", "null", or at the "alse" of "false": all of four bytes, which are compared as one.
inline const char* word(const char* p, const char (&what)[5]) { return std::memcmp(p, what, 4) == 0 ? p + 4 : nullptr; }

// Where a step ends, in the text and among the strings: returned as a pair, so that neither leaves the registers.
template <class Strings>
struct stepped {
  const char* p;
  typename Strings::place at;
};
template <class Strings>
stepped<Strings> nested(const char* p, const char* end, Strings strings, int room);

// p is at a value's first byte, or at the end; returns the place behind the value. What follows a scalar is the caller's to check.
// Inlined, or `strings` would have an address and not stay in registers.
template <class Strings>
__attribute__((always_inline)) inline const char* value(const char* p, const char* end, Strings& strings, int room = deepest) {
  const char c = *p;
  if (c == '"') return strings.string(p);
  if (c <= '9') {
    if (p[1] == ',' && shared::is_digit(c)) return p + 1;  // most numbers are that short, or else of any length
    return c == '-' ? number<Strings>(p + 1) : number<Strings>(p);
  }
  if (c == 't') return word(p, "true");
  if (c == 'f') return word(p + 1, "alse");
  if (c == 'n') return word(p, "null");
  if (c != '[' && c != '{') return nullptr;
  const auto over = nested(p, end, strings, room);
  strings.go_to(over.at);
  return over.p;
}

template <class Strings>
__attribute__((noinline)) stepped<Strings> nested(const char* p, const char* end, Strings strings, int room) {
  const bool object = *p == '{';
  const char close = object ? '}' : ']';
  if (room == 0) return {nullptr, strings.at()};
  if (blank(*++p)) p = json::skip_blanks(p, end);
  if (*p == close) return {p + 1, strings.at()};
  for (;;) {
    if (object) {
      if (*p != '"' || !(p = strings.string(p))) break;
      if (*p != ':') p = json::skip_blanks(p, end);
      if (*p != ':') break;
      if (blank(*++p)) p = json::skip_blanks(p, end);
    }
    p = value(p, end, strings, room - 1);
    if (!p) break;
    if (*p != ',' && *p != close) p = json::skip_blanks(p, end);
    if (*p == close) return {p + 1, strings.at()};
    if (*p != ',') break;
    if (blank(*++p)) p = json::skip_blanks(p, end);
  }
  return {nullptr, strings.at()};
}

}  // namespace reader::quick
