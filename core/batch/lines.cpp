#include "core/batch/lines.hpp"

#include <algorithm>
#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace pipes::lines {
namespace {

#if defined(__SSE2__)
inline std::uint64_t newlines64(const char* p) {  // bit i: p[i] is a line end
  const __m128i nl = _mm_set1_epi8('\n');
  const auto mask = [&](const char* q) {
    return static_cast<std::uint64_t>(
        static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(q)), nl))));
  };
  return mask(p) | mask(p + 16) << 16 | mask(p + 32) << 32 | mask(p + 48) << 48;
}
template <class F>
const char* each_end_in_words(const char* p, const char* end, F f) {
  for (; end - p >= 64; p += 64)
    for (std::uint64_t m = newlines64(p); m; m &= m - 1) f(p + __builtin_ctzll(m));
  return p;
}
// A line end compares as -1 in its byte: 63 times four of them are added up byte by byte before the bytes are summed.
std::uint64_t count_in_words(const char*& p, const char* end) {
  const __m128i nl = _mm_set1_epi8('\n');
  const __m128i zero = _mm_setzero_si128();
  const auto equal = [&](const char* q) { return _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(q)), nl); };
  std::uint64_t n = 0;
  while (end - p >= 64) {
    const char* const stop = p + std::min<std::ptrdiff_t>((end - p) / 64, 63) * 64;
    __m128i sums = zero;
    for (; p != stop; p += 64)
      sums = _mm_sub_epi8(sums, _mm_add_epi8(_mm_add_epi8(equal(p), equal(p + 16)), _mm_add_epi8(equal(p + 32), equal(p + 48))));
    const __m128i two = _mm_sad_epu8(sums, zero);
    n += static_cast<std::uint64_t>(_mm_cvtsi128_si64(two)) + static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(two, two)));
  }
  return n;
}
#else
template <class F>
const char* each_end_in_words(const char* p, const char*, F) { return p; }
std::uint64_t count_in_words(const char*&, const char*) { return 0; }
#endif

template <class F>
void each_end(const char* p, const char* end, F f) {
  p = each_end_in_words(p, end, f);
  while (p != end) {
    const auto* at = static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p)));
    if (!at) break;
    f(at);
    p = at + 1;
  }
}

}  // namespace

std::uint64_t count(const char* text, std::size_t size) {
  if (size == 0) return 0;
  const char* p = text;
  const char* end = text + size;
  std::uint64_t n = count_in_words(p, end);
  for (; p != end; ++p) n += *p == '\n';
  return n + (end[-1] != '\n');
}

void cut(const char* text, std::size_t size, pipe_slice* to, std::uint32_t open_flags) {
  const char* start = text;
  each_end(text, text + size, [&](const char* at) {
    *to++ = {start, static_cast<std::uint32_t>(at - start), PIPE_SLICE_NEWLINE};
    start = at + 1;
  });
  if (start != text + size) *to = {start, static_cast<std::uint32_t>(text + size - start), open_flags};
}

}  // namespace pipes::lines
