// plugins/lib/blanks.hpp: blanks and tabs, found sixteen bytes at a time. Pure functions.
#pragma once
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace shared {

inline bool is_blank(char c) { return c == ' ' || c == '\t'; }
inline const char* past_blanks(const char* at, const char* end) {
  while (at < end && is_blank(*at)) ++at;
  return at;
}
// The first blank or tab, or `end`.
inline const char* find_blank(const char* at, const char* end) {
#if defined(__SSE2__)
  for (; end - at >= 16; at += 16) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const int found = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(' ')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\t'))));
    if (found) return at + __builtin_ctz(static_cast<unsigned>(found));
  }
#endif
  while (at < end && !is_blank(*at)) ++at;
  return at;
}

}  // namespace shared
