// plugins/json/marks.hpp: where the quotes of a record stand, found 64 bytes at a time.
//
// A quote behind a backslash, which is part of a string, is none of them. What a backslash leads is looked at here, so that between two
// marks nothing is left that could be wrong with a string. Outside of strings no backslash is sound, nor taken for such by anyone.
//
// Who knows them all need not look for the end of a string: each step over the record then depends on nothing but the number of
// quotes passed, and the processor is at work on the next members while this one is compared.
// Only processors with AVX-512 VBMI2 write the places of a block's quotes in a handful of instructions; quote by quote, with AVX2
// or plainly, it takes longer than it saves. The plain way is there so that what uses the marks can be tested anywhere.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "lib/json_text.hpp"
#include "lib/processor.hpp"

namespace reader {

class marks {
 public:
  static constexpr std::size_t longest = 1u << 15;  // of the texts that it looks at

  static bool possible() {
#if defined(__x86_64__)
    return PIPE_CPU_HAS(AVX512_VBMI2, "avx512vbmi2") && PIPE_CPU_HAS(AVX512BW, "avx512bw") && PIPE_CPU_HAS(AVX512VL, "avx512vl") && PIPE_CPU_HAS(BMI2, "bmi2");
#else
    return false;
#endif
  }

  enum way { none, plain, avx512 };
  static way fastest() { return possible() ? avx512 : none; }

  explicit marks(way w = fastest()) : way_(w) {
    if (w != none) quotes_.reset(new std::uint16_t[longest + room]);
  }

  // Finds the quotes of a text behind which a control character stands. False: they are unknown, because it is long, has a control
  // character, a broken escape, or a quote without its partner.
  bool look(const char* text, std::size_t size) {
    escapes_ = false;
    if (way_ == none || size > longest) return false;
#if defined(__x86_64__)
    if (way_ == avx512) return by_avx512(text, size);
#endif
    return plainly(text, size);
  }
  // Their places in the text, rising; behind the last stands the text's size, then three which may be read and are none.
  const std::uint16_t* quotes() const { return quotes_.get(); }
  std::size_t count() const { return count_; }
  bool escapes() const { return escapes_; }  // there is a backslash

 private:
  static constexpr std::size_t room = 128;  // a block is stored whole, and layouts read so many at once

  __attribute__((noinline)) bool plainly(const char* text, std::size_t size) {
    std::uint16_t* to = quotes_.get();
    for (std::size_t at = 0; at < size; ++at) {
      if (static_cast<unsigned char>(text[at]) < 0x20) return false;
      if (text[at] == '"') *to++ = static_cast<std::uint16_t>(at);
      if (text[at] != '\\') continue;
      escapes_ = true;
      const char* const behind = shared::json::escape_end(text + at, text + size);
      if (!behind) return false;
      at = static_cast<std::size_t>(behind - text) - 1;
    }
    return ended(to, size);
  }
  bool ended(std::uint16_t* to, std::size_t size) {
    to[0] = static_cast<std::uint16_t>(size);
    to[1] = to[2] = to[3] = UINT16_MAX;
    count_ = static_cast<std::size_t>(to - quotes_.get());
    return count_ % 2 == 0;
  }

#if defined(__x86_64__)
  // The quotes of the block at `at` that are not escaped, and where its last escape ends; nowhere if one is broken. Returned as a pair, so
  // that nothing of the loop over the blocks need lie in memory.
  struct unescaped {
    __mmask64 quotes;
    std::size_t end;
  };
  static constexpr std::size_t nowhere = SIZE_MAX;
  __attribute__((noinline, target("bmi"))) static unescaped without_escaped(const char* text, std::size_t size, std::size_t at, __mmask64 slashes, __mmask64 quotes, std::size_t end) {
    if (end == at + 1) quotes &= ~__mmask64{1};
    for (; slashes; slashes = _blsr_u64(slashes)) {
      const std::size_t slash = at + _tzcnt_u64(slashes);
      if (slash < end) continue;
      const char* const behind = shared::json::escape_end(text + slash, text + size);
      end = behind ? static_cast<std::size_t>(behind - text) : nowhere;
      if (slash + 1 - at < 64) quotes &= ~(__mmask64{1} << (slash + 1 - at));
    }
    return {quotes, end};
  }
  __attribute__((always_inline, target("avx512f,avx512bw,avx512vbmi2,bmi,bmi2,popcnt"))) static void block(const char* text, std::size_t size, __m512i v, __m512i places, std::size_t at,
                                                                                                           std::uint16_t*& to, std::size_t& escaped, __mmask64& odd) {
    __mmask64 quotes = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('"'));
    const __mmask64 slashes = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\\'));
    odd |= _mm512_cmplt_epu8_mask(v, _mm512_set1_epi8(0x20));
    if (__builtin_expect(slashes != 0 || escaped > at, 0)) {
      const unescaped u = without_escaped(text, size, at, slashes, quotes, escaped);
      quotes = u.quotes;
      escaped = u.end;
    }
    constexpr __mmask32 all = ~__mmask32{0};  // the forms without a mask make g++ 12 warn of its own header
    const __m512i packed = _mm512_maskz_compress_epi8(quotes, places);
    const __m512i base = _mm512_set1_epi16(static_cast<short>(at));
    const auto n = static_cast<std::size_t>(__builtin_popcountll(quotes));
    _mm512_storeu_si512(to, _mm512_add_epi16(_mm512_maskz_cvtepu8_epi16(all, _mm512_maskz_extracti64x4_epi64(0xff, packed, 0)), base));
    if (n > 32) _mm512_storeu_si512(to + 32, _mm512_add_epi16(_mm512_maskz_cvtepu8_epi16(all, _mm512_maskz_extracti64x4_epi64(0xff, packed, 1)), base));
    to += n;
  }
  __attribute__((target("avx512f,avx512bw,avx512vbmi2,bmi,bmi2,popcnt"))) bool by_avx512(const char* text, std::size_t size) {
    alignas(64) static constexpr std::uint8_t count[64] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                                           22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
                                                           44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
    const __m512i places = _mm512_load_si512(count);
    std::uint16_t* to = quotes_.get();
    std::size_t at = 0, escaped = 0;  // behind the last escape
    __mmask64 odd = 0;
    for (; size - at >= 64; at += 64) block(text, size, _mm512_loadu_si512(text + at), places, at, to, escaped, odd);
    const __mmask64 rest = _bzhi_u64(~std::uint64_t{0}, static_cast<unsigned>(size - at));  // blanks stand behind it
    if (rest) block(text, size, _mm512_mask_loadu_epi8(_mm512_set1_epi8(' '), rest, text + at), places, at, to, escaped, odd);
    escapes_ = escaped != 0;
    if (odd || escaped == nowhere) return false;
    return ended(to, size);
  }
#endif

  way way_;
  std::size_t count_ = 0;
  bool escapes_ = false;
  std::unique_ptr<std::uint16_t[]> quotes_;
};

}  // namespace reader
