// literal.cpp: see literal.hpp.
#include "core/expr/literal.hpp"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "core/batch/processor.hpp"

namespace pipes::expr {
namespace {

constexpr std::array<std::uint8_t, 256> make_rarity() {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t i = 0; i < 256; ++i) table[i] = i < 0x20 ? 250 : i < 0x7f ? 120 : 160;
  const char common[] = " eta0oin1sr2lhd3c4u56789mp./fgw,:-\"byv_kxjqz";
  for (std::size_t i = 0; common[i]; ++i) table[static_cast<unsigned char>(common[i])] = static_cast<std::uint8_t>(2 * i);
  table[static_cast<unsigned char>('\n')] = 60;
  return table;
}
constexpr auto rarities = make_rarity();

}  // namespace

std::uint32_t rarity(unsigned char byte) { return rarities[byte]; }

literal::literal(std::string_view needle) : needle_(needle) {
  for (std::size_t i = 1; i < needle_.size(); ++i)
    if (rarity(static_cast<unsigned char>(needle_[i])) > rarity(static_cast<unsigned char>(needle_[first_]))) first_ = i;
  second_ = needle_.size() > 1 ? (first_ == 0 ? 1 : 0) : 0;
  for (std::size_t i = 0; i < needle_.size(); ++i)
    if (i != first_ && rarity(static_cast<unsigned char>(needle_[i])) > rarity(static_cast<unsigned char>(needle_[second_]))) second_ = i;
}

const char* literal::find(const char* from, const char* end) const {
  const std::size_t size = needle_.size();
  if (size == 0) return from;
  if (static_cast<std::size_t>(end - from) < size) return nullptr;
  if (size == 1) return static_cast<const char*>(std::memchr(from, needle_[0], static_cast<std::size_t>(end - from)));
  return have_avx2() ? find_avx2(from, end) : find_plain(from, end);
}

const char* literal::find_plain(const char* from, const char* end) const {
  const char* last = end - needle_.size();  // the last place where it may start
  while (from <= last) {
    const char* hit = static_cast<const char*>(std::memchr(from + first_, needle_[first_], static_cast<std::size_t>(last - from) + 1));
    if (!hit) return nullptr;
    from = hit - first_;
    if (from[second_] == needle_[second_] && std::memcmp(from, needle_.data(), needle_.size()) == 0) return from;
    ++from;
  }
  return nullptr;
}

#if defined(__x86_64__)
static const __m256i* at(const char* p) { return reinterpret_cast<const __m256i*>(p); }

__attribute__((target("avx2"))) const char* literal::find_avx2(const char* from, const char* end) const {
  const std::size_t size = needle_.size();
  const char* last = end - size;
  const __m256i a = _mm256_set1_epi8(needle_[first_]);
  const __m256i b = _mm256_set1_epi8(needle_[second_]);
  const char* needle = needle_.data();
  const std::size_t first = first_, second = second_;
  // Two vectors at a time: mostly neither holds a candidate, which one branch tells for both.
  for (; from + 63 <= last; from += 64) {
    const __m256i m0 = _mm256_and_si256(_mm256_cmpeq_epi8(_mm256_loadu_si256(at(from + first)), a),
                                        _mm256_cmpeq_epi8(_mm256_loadu_si256(at(from + second)), b));
    const __m256i m1 = _mm256_and_si256(_mm256_cmpeq_epi8(_mm256_loadu_si256(at(from + 32 + first)), a),
                                        _mm256_cmpeq_epi8(_mm256_loadu_si256(at(from + 32 + second)), b));
    const __m256i any = _mm256_or_si256(m0, m1);
    if (_mm256_testz_si256(any, any)) continue;
    std::uint64_t bits = static_cast<std::uint32_t>(_mm256_movemask_epi8(m0)) |
                         static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(m1))) << 32;
    for (; bits; bits &= bits - 1) {
      const char* hit = from + __builtin_ctzll(bits);
      if (size == 2 || std::memcmp(hit, needle, size) == 0) return hit;
    }
  }
  return from <= last ? find_plain(from, end) : nullptr;
}
#else
const char* literal::find_avx2(const char* from, const char* end) const { return find_plain(from, end); }
#endif

const char* line_end(const char* at, const char* end) {
  const void* hit = std::memchr(at, '\n', static_cast<std::size_t>(end - at));
  return hit ? static_cast<const char*>(hit) : end;
}

const char* line_begin(const char* at, const char* begin) {
  const void* hit = at > begin ? memrchr(begin, '\n', static_cast<std::size_t>(at - begin)) : nullptr;
  return hit ? static_cast<const char*>(hit) + 1 : begin;
}

}  // namespace pipes::expr
