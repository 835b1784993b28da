// plugins/json/layout.hpp: whole records known from records before: what stands between their values, and where.
//
// Records of one source mostly are alike but for their values. What stands between two values, punctuation, keys and all, is a piece;
// with the places of all quotes (marks.hpp) it is known where each piece must begin, before anything is looked at. So the pieces are
// compared one after the other, 32 bytes at once, without a branch, and what lies between them and is no string is looked at as a whole.
// Only arrays of strings or objects have quotes that cannot be numbered beforehand: behind each another stretch begins. Objects within
// the record belong to the pieces.
//
// A piece that is the same holds no control character and the quote that it hangs on, so it lies within the text, and nothing is
// left uncompared between it and the values beside it. Like quick.hpp this says yes only to what is certainly sound.
#pragma once
#include <algorithm>
#include <vector>

#include "json/quick.hpp"

#if defined(__x86_64__)
#define PIPE_JSON_WIDE __attribute__((target("avx512f,avx512bw,avx512vl,bmi,bmi2")))

namespace reader {

class layout {
 public:
  // A value that is asked for: which key's, where it stands among the places, and what kind of value every record of the layout has there.
  struct asked {
    std::size_t key, from, to;
    enum kind : std::uint8_t { text, number, other } what;
    std::size_t column = SIZE_MAX;  // its own: no other value of the record can come to stand there
  };
  std::vector<asked>& wanted() { return asked_; }

  // The record must be guarded (quick.hpp) and begin with its brace. Calls found(asked, value) for what is asked for, in order, if it is
  // sound; a text comes without its quotes.
  template <class Found>
  PIPE_JSON_WIDE bool fits(const char* text, std::size_t size, const marks& m, Found found) const {
    alignas(64) std::uint16_t all[most];
    const std::uint16_t* q = m.quotes();
    const std::uint16_t* const last = q + m.count();  // where the size stands
    const char* p = text;
    const chunk* c = chunks_.data();
    for (const stretch* part = stretches_.data();; ++part) {
      const bool ends = part == &stretches_.back();
      if (ends ? q + part->quotes != last : part->quotes > last - q) return false;
      if (text + *q + part->begin != p) return false;
      locate(*part, q, all);
      const std::uint16_t* at = all + part->at;
      const chunk* const end = c + part->chunks;
      __m256i other = _mm256_setzero_si256();
      for (; c != end; ++c, ++at) {
        const __m256i differs = _mm256_xor_si256(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + *at)), c->text);
        other = _mm256_ternarylogic_epi64(other, differs, c->mask, 0xf8);
      }
      if (!_mm256_testz_si256(other, other)) return false;
      for (const std::uint16_t* const to = at + part->numbers; at != to; at += 2)
        if (!short_number(text + at[0], length(at)) && !any(text + at[0], length(at), text, last)) return false;
      for (const std::uint16_t* const to = at + part->words; at != to; at += 2)
        if (!word(text + at[0], length(at)) && !any(text + at[0], length(at), text, last)) return false;
      for (const std::uint16_t* const to = at + part->arrays; at != to; at += 2)
        if (!short_array(text + at[0], length(at)) && !any(text + at[0], length(at), text, last)) return false;
      if (ends) break;
      q += part->quotes;
      p = past(text + *at, text + size, text, q);
      if (!p) return false;
    }
    if (last[-closing_] + behind_ != *last) return false;
    for (const asked& a : asked_) found(a, std::string_view(text + all[a.from], static_cast<std::size_t>(all[a.to] - all[a.from])));
    return true;
  }

 private:
  friend class layout_learner;
  static constexpr std::size_t most_stretches = 8, deepest = 8, longest = quick::margin - 32, most = 1024, most_quotes = 128;

  struct chunk {
    __m256i text, mask;
  };
  // A part of the record whose quotes are numbered from its own first one. Its places: of its chunks; from and to for each value that is
  // no string; that of the value behind it, if there is another stretch; then others that are asked for.
  struct stretch {
    int begin = 0;  // where it begins, from its first quote
    int quotes = 0;
    std::size_t at = 0, places = 0;                         // all of them, a multiple of 32 each
    std::size_t chunks = 0, numbers = 0, words = 0, arrays = 0;  // places of each kind
  };

  static std::size_t length(const std::uint16_t* at) { return std::size_t{at[1]} - at[0]; }

  // Where the stretch's places are in this record: a place is a quote and a distance from it.
  PIPE_JSON_WIDE __attribute__((always_inline)) void locate(const stretch& part, const std::uint16_t* q, std::uint16_t* all) const {
    const __m512i a = _mm512_loadu_si512(q), b = _mm512_loadu_si512(q + 32);
    for (std::size_t i = part.at; i != part.at + part.places; i += 32) {
      const __m512i quote = _mm512_loadu_si512(quotes_.data() + i);
      __m512i at = _mm512_permutex2var_epi16(a, quote, b);
      if (part.quotes > 63) {
        const __m512i far = _mm512_permutex2var_epi16(_mm512_loadu_si512(q + 64), quote, _mm512_loadu_si512(q + 96));
        at = _mm512_mask_blend_epi16(_mm512_test_epi16_mask(quote, _mm512_set1_epi16(64)), at, far);
      }
      _mm512_store_si512(all + i, _mm512_add_epi16(at, _mm512_loadu_si512(distances_.data() + i)));
    }
  }
  // Are the n bytes at v a number without an exponent?
  PIPE_JSON_WIDE __attribute__((always_inline)) static bool short_number(const char* v, std::size_t n) {
    const bool minus = *v == '-';
    v += minus;
    n -= minus;
    const __m128i digits = _mm_sub_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(v)), _mm_set1_epi8('0'));
    const unsigned whole = _tzcnt_u32(_mm_cmpge_epu8_mask(digits, _mm_set1_epi8(10)) | 1u << 16);
    if (whole - 1 > 32 * (static_cast<unsigned char>(*v) - unsigned{'0'})) return false;  // none, or more behind a zero
    return whole == n || fraction(v + whole, n - whole);
  }
  PIPE_JSON_WIDE __attribute__((always_inline)) static bool fraction(const char* v, std::size_t n) {
    const __m256i digits = _mm256_sub_epi8(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(v + 1)), _mm256_set1_epi8('0'));
    const unsigned size = _tzcnt_u32(_mm256_cmpge_epu8_mask(digits, _mm256_set1_epi8(10)));
    return *v == '.' && size != 0 && size + 1 == n && size < 32;
  }
  static constexpr std::uint64_t letters(std::string_view s) {
    std::uint64_t eight = 0;
    for (std::size_t i = s.size(); i; --i) eight = eight << 8 | static_cast<unsigned char>(s[i - 1]);
    return eight;
  }
  PIPE_JSON_WIDE __attribute__((always_inline)) static bool word(const char* v, std::size_t n) {
    std::uint64_t eight;
    std::memcpy(&eight, v, 8);
    eight = _bzhi_u64(eight, static_cast<unsigned>(8 * n));
    return (n <= 5) & ((eight == 0x65757274) | (eight == 0x65736c6166) | (eight == 0x6c6c756e));  // true, false, null
  }
  // An array of numbers without sign and exponent in 60 bytes, without blanks.
  PIPE_JSON_WIDE __attribute__((always_inline)) static bool short_array(const char* v, std::size_t n) {
    if (n - 3 > 60 || v[0] != '[' || v[n - 1] != ']') return false;
    const __m512i all = _mm512_loadu_si512(v + 1);
    const std::uint64_t within = _bzhi_u64(~std::uint64_t{0}, static_cast<unsigned>(n - 2));
    const std::uint64_t digits = within & _mm512_cmplt_epu8_mask(_mm512_sub_epi8(all, _mm512_set1_epi8('0')), _mm512_set1_epi8(10));
    const std::uint64_t zeros = _mm512_cmpeq_epi8_mask(all, _mm512_set1_epi8('0'));
    const std::uint64_t dots = within & _mm512_cmpeq_epi8_mask(all, _mm512_set1_epi8('.'));
    const std::uint64_t commas = within & _mm512_cmpeq_epi8_mask(all, _mm512_set1_epi8(','));
    const std::uint64_t between = dots | commas, begins = commas << 1 | 1, fractions = dots << 1;
    const std::uint64_t ends = (digits + fractions) & ~digits;  // of fractions, by the carry
    const std::uint64_t alone = (between & ~(digits << 1)) | ((begins | fractions) & ~digits);  // no digit before or behind
    return !(alone | ((digits | between) ^ within) | (ends & dots) | ((begins & zeros) << 1 & digits));
  }
  // Any value; q, at its first quote, is led behind its last one.
  __attribute__((noinline)) static const char* past(const char* v, const char* end, const char* text, const std::uint16_t*& q) {
    const std::uint16_t* at = q;
    if (v[0] == '[' && v[1] == '"')  // one of strings without blanks, mostly
      for (;;) {
        const std::size_t close = at[1];
        at += 2;
        if (text[close + 1] == ',' && text[close + 2] == '"') continue;
        if (text[close + 1] != ']') break;
        q = at;
        return text + close + 2;
      }
    quick::marked_strings strings(text, q);
    v = quick::value(v, end, strings);
    q = strings.at();
    return v;
  }
  // Any value without a string, of n bytes. A broken one may lead behind them, so it is held by the record's end, which stands behind the last quote.
  __attribute__((noinline)) static bool any(const char* v, std::size_t n, const char* text, const std::uint16_t* none) {
    quick::marked_strings strings(text, none);
    return v + n == quick::value(v, text + *none, strings);
  }

  // How many quotes the last piece has, and how far from the record's end the first of them stands. It hangs on that end, so else it could
  // hold one that is none: one behind a backslash that follows a string.
  std::ptrdiff_t closing_ = 0;
  int behind_ = 0;
  std::vector<stretch> stretches_;
  std::vector<std::uint16_t> quotes_, distances_;  // of the places
  std::vector<chunk> chunks_;
  std::vector<asked> asked_;
};

}  // namespace reader
#endif
