#include "core/batch/lines.hpp"

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
inline int bits(std::uint64_t m) {  // x86-64's base has no popcnt, and the builtin would call a table
  m -= (m >> 1) & 0x5555555555555555u;
  m = (m & 0x3333333333333333u) + ((m >> 2) & 0x3333333333333333u);
  m = (m + (m >> 4)) & 0x0f0f0f0f0f0f0f0fu;
  return static_cast<int>((m * 0x0101010101010101u) >> 56);
}

template <class F>
const char* each_end_in_words(const char* p, const char* end, F f) {
  for (; end - p >= 64; p += 64)
    for (std::uint64_t m = newlines64(p); m; m &= m - 1) f(p + __builtin_ctzll(m));
  return p;
}
std::uint64_t count_in_words(const char*& p, const char* end) {
  std::uint64_t n = 0;
  for (; end - p >= 64; p += 64)
    if (std::uint64_t m = newlines64(p)) n += static_cast<std::uint64_t>(bits(m));
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
