// lines.cpp: see lines.hpp. The loops in vector code, each with the rest of the block done plainly.
#include "core/batch/lines.hpp"

#include <algorithm>
#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "core/batch/processor.hpp"

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
// A line end compares as -1 in its byte. These are added up byte by byte, 63 times four of them, which a byte just holds; then the bytes are
// summed.
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

#if defined(__x86_64__)
// The same with vectors twice as long.
__attribute__((target("avx2"))) std::uint64_t count_by_avx2(const char*& p, const char* end) {
  const __m256i nl = _mm256_set1_epi8('\n');
  const __m256i zero = _mm256_setzero_si256();
  std::uint64_t n = 0;
  while (end - p >= 128) {
    const char* const stop = p + std::min<std::ptrdiff_t>((end - p) / 128, 63) * 128;
    __m256i sums = zero;
    for (; p != stop; p += 128) {
      const auto* const v = reinterpret_cast<const __m256i*>(p);
      const __m256i a = _mm256_add_epi8(_mm256_cmpeq_epi8(_mm256_loadu_si256(v), nl), _mm256_cmpeq_epi8(_mm256_loadu_si256(v + 1), nl));
      const __m256i b = _mm256_add_epi8(_mm256_cmpeq_epi8(_mm256_loadu_si256(v + 2), nl), _mm256_cmpeq_epi8(_mm256_loadu_si256(v + 3), nl));
      sums = _mm256_sub_epi8(sums, _mm256_add_epi8(a, b));
    }
    const __m256i four = _mm256_sad_epu8(sums, zero);
    const __m128i two = _mm_add_epi64(_mm256_castsi256_si128(four), _mm256_extracti128_si256(four, 1));
    n += static_cast<std::uint64_t>(_mm_cvtsi128_si64(two)) + static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(two, two)));
  }
  return n;
}

// Cuts up to the place that it returns; `start` becomes the beginning of the line that goes on there. Blocks are smaller than 4 GiB.
// No branch depends on where a line ends, since that cannot be predicted: for each 64 bytes the places of the first two line ends are written
// down, whether they are there or not, and as many are kept as there are. Stops once there are `enough` slices, and less than cut_margin
// beyond that.
__attribute__((target("avx2,bmi,popcnt"))) const char* cut_by_avx2(const char*& start, const char* end, pipe_slice*& to, std::size_t enough) {
  constexpr std::size_t most = 256;
  static_assert(most + 64 < cut_margin);
  std::uint32_t ends[most + 64];  // behind `origin`
  const char* const origin = start;
  const char* p = start;
  const __m256i nl = _mm256_set1_epi8('\n');
  for (std::size_t n = 0, all = 0; end - p >= 64 && all < enough; all += n) {
    n = 0;
    for (; n < most && end - p >= 64; p += 64) {
      const auto* const v = reinterpret_cast<const __m256i*>(p);
      const auto low = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_loadu_si256(v), nl)));
      const auto high = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_loadu_si256(v + 1), nl)));
      std::uint64_t m = low | static_cast<std::uint64_t>(high) << 32;
      const auto here = static_cast<std::uint32_t>(p - origin);
      const auto found = static_cast<std::size_t>(_mm_popcnt_u64(m));
      ends[n] = here + static_cast<std::uint32_t>(_tzcnt_u64(m));
      m &= m - 1;
      ends[n + 1] = here + static_cast<std::uint32_t>(_tzcnt_u64(m));
      for (std::size_t i = 2; __builtin_expect(i < found, 0); ++i) {
        m &= m - 1;
        ends[n + i] = here + static_cast<std::uint32_t>(_tzcnt_u64(m));
      }
      n += found;
    }
    auto from = static_cast<std::uint32_t>(start - origin);
    for (std::size_t i = 0; i < n; ++i) {
      *to++ = {origin + from, ends[i] - from, PIPE_SLICE_NEWLINE};
      from = ends[i] + 1;
    }
    start = origin + from;
  }
  return p;
}
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

std::uint64_t count_rest(const char* p, const char* end) {
  std::uint64_t n = count_in_words(p, end);
  for (; p != end; ++p) n += *p == '\n';
  return n + (end[-1] != '\n');
}
// [start, p) is known to hold no line end. Returns the place behind the last slice.
pipe_slice* cut_rest(const char* start, const char* p, const char* end, pipe_slice* to, std::uint32_t open_flags) {
  each_end(p, end, [&](const char* at) {
    *to++ = {start, static_cast<std::uint32_t>(at - start), PIPE_SLICE_NEWLINE};
    start = at + 1;
  });
  if (start != end) *to++ = {start, static_cast<std::uint32_t>(end - start), open_flags};
  return to;
}

}  // namespace

std::uint64_t count_plain(const char* text, std::size_t size) { return size ? count_rest(text, text + size) : 0; }

void cut_plain(const char* text, std::size_t size, pipe_slice* to, std::uint32_t open_flags) { cut_rest(text, text, text + size, to, open_flags); }

#if defined(__x86_64__)
std::uint64_t count(const char* text, std::size_t size) {
  if (!have_avx2() || size == 0) return count_plain(text, size);
  const char* p = text;
  const std::uint64_t n = count_by_avx2(p, text + size);
  return n + count_rest(p, text + size);
}

void cut(const char* text, std::size_t size, pipe_slice* to, std::uint32_t open_flags) {
  if (!have_avx2()) return cut_plain(text, size, to, open_flags);
  const char* start = text;
  const char* const p = cut_by_avx2(start, text + size, to, SIZE_MAX);
  cut_rest(start, p, text + size, to, open_flags);
}

std::size_t cut_some(const char*& text, const char* end, pipe_slice* to, std::size_t room, std::uint32_t open_flags) {
  if (!have_avx2() || room < cut_margin) return 0;
  pipe_slice* at = to;
  const char* const p = cut_by_avx2(text, end, at, room - cut_margin);
  if (end - p < 64) {
    at = cut_rest(text, p, end, at, open_flags);
    text = end;
  }
  return static_cast<std::size_t>(at - to);
}
#else
std::uint64_t count(const char* text, std::size_t size) { return count_plain(text, size); }
void cut(const char* text, std::size_t size, pipe_slice* to, std::uint32_t open_flags) { cut_plain(text, size, to, open_flags); }
std::size_t cut_some(const char*&, const char*, pipe_slice*, std::size_t, std::uint32_t) { return 0; }
#endif

}  // namespace pipes::lines
