// plugins/lib/many_literals.hpp: finds the first occurrence of any of several fixed texts.
//
// Each text has a pair of neighbouring bytes that are seldom in logs. Where AVX2 is there, 32 places at a time are held against the
// low and high halves of both bytes (texts are spread over eight bits of a mask); a place that passes is held against the texts
// themselves. Without it the byte tables alone decide. Same answers in both. Pure but for its tables; reads nothing outside the range.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "lib/processor.hpp"

namespace shared {

class many_literals {
 public:
  // None may be empty.
  explicit many_literals(std::vector<std::string> texts) : texts_(std::move(texts)) {
    for (const std::string& t : texts_) at_.push_back(rarest_pair(t));
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      const std::uint8_t bit = static_cast<std::uint8_t>(1u << i % 8);
      const auto first = static_cast<unsigned char>(texts_[i][at_[i]]);
      first_[first] |= bit;
      low_[0][first & 15] |= bit;
      high_[0][first >> 4] |= bit;
      if (texts_[i].size() > 1) {
        const auto second = static_cast<unsigned char>(texts_[i][at_[i] + 1]);
        low_[1][second & 15] |= bit;
        high_[1][second >> 4] |= bit;
      } else {
        for (std::size_t n = 0; n < 16; ++n) low_[1][n] = static_cast<std::uint8_t>(low_[1][n] | bit), high_[1][n] = static_cast<std::uint8_t>(high_[1][n] | bit);
      }
    }
  }

  // A byte of an occurrence, in the order of the places of the texts' rare pairs; nullptr: there is none. Whoever wants lines looks for
  // the ends around it; no two texts that touch different lines are reported out of order, since none holds a newline.
  const char* find(const char* from, const char* end) const {
#if defined(__x86_64__)
    static const bool wide = PIPE_CPU_HAS(AVX2, "avx2");
    if (wide) return find_avx2(from, end);
#endif
    return find_plain(from, from, end);
  }
  // Without vector instructions; for tests as well.
  const char* find_plain(const char* from, const char* at, const char* end) const {
    for (; at < end; ++at)
      if (const std::uint8_t bits = first_[static_cast<unsigned char>(*at)]; bits && held(from, at, end, bits)) return at;
    return nullptr;
  }

 private:
  // How common a byte is in logs, prose and tables; only speed depends on it.
  static int commonness(char c) {
    if (c == ' ' || c == 'e' || c == 't' || c == 'a') return 9;
    if (std::strchr("oinsrhld01", c) && c) return 8;
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) return c == 'q' || c == 'x' || c == 'z' || c == 'j' ? 3 : 6;
    if (c && std::strchr("./:-\",=_", c)) return 7;
    if (c >= 'A' && c <= 'Z') return 4;
    return 2;
  }
  static std::size_t rarest_pair(const std::string& t) {
    std::size_t best = 0;
    for (std::size_t i = 0; i + 1 < t.size(); ++i)
      if (commonness(t[i]) + commonness(t[i + 1]) < commonness(t[best]) + commonness(t[best + 1])) best = i;
    return best;
  }
  bool held(const char* from, const char* at, const char* end, std::uint8_t bits) const {
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      if (!(bits >> i % 8 & 1)) continue;
      const std::string& t = texts_[i];
      const std::size_t before = at_[i];
      if (static_cast<std::size_t>(at - from) >= before && static_cast<std::size_t>(end - at) >= t.size() - before && std::memcmp(at - before, t.data(), t.size()) == 0) return true;
    }
    return false;
  }
#if defined(__x86_64__)
  __attribute__((target("avx2"))) static __m256i table(const std::uint8_t* t) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(t)));
  }
  __attribute__((target("avx2"))) const char* find_avx2(const char* from, const char* end) const {
    const __m256i low0 = table(low_[0]), high0 = table(high_[0]), low1 = table(low_[1]), high1 = table(high_[1]), nibble = _mm256_set1_epi8(15);
    const char* at = from;
    for (; end - at >= 33; at += 32) {
      const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
      const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + 1));
      const __m256i first = _mm256_and_si256(_mm256_shuffle_epi8(low0, _mm256_and_si256(a, nibble)), _mm256_shuffle_epi8(high0, _mm256_and_si256(_mm256_srli_epi16(a, 4), nibble)));
      const __m256i second = _mm256_and_si256(_mm256_shuffle_epi8(low1, _mm256_and_si256(b, nibble)), _mm256_shuffle_epi8(high1, _mm256_and_si256(_mm256_srli_epi16(b, 4), nibble)));
      const __m256i both = _mm256_and_si256(first, second);
      std::uint32_t places = ~static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(both, _mm256_setzero_si256())));
      if (!places) continue;
      alignas(32) std::uint8_t bits[32];
      _mm256_store_si256(reinterpret_cast<__m256i*>(bits), both);
      for (; places; places &= places - 1) {
        const int i = __builtin_ctz(places);
        if (held(from, at + i, end, bits[i])) return at + i;
      }
    }
    return find_plain(from, at, end);
  }
#endif

  std::vector<std::string> texts_;
  std::vector<std::size_t> at_;  // where each text's rare pair begins
  std::uint8_t first_[256] = {};
  std::uint8_t low_[2][16] = {}, high_[2][16] = {};
};

}  // namespace shared
