// plugins/lib/hyperloglog.hpp: about how many different 64-bit hashes there were: exact while there are few, then by HyperLogLog.
//
// Up to `exact_hashes` are kept as they are; then each register holds the longest run of leading zeros among its hashes. The state is a
// set, or maxima: the result depends neither on order nor on how states were merged. The estimate is Ertl's improved one (2017), which
// needs no tables and no switch to another method for small counts. One fiber at a time.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace shared {

class hyperloglog {
 public:
  static constexpr std::size_t exact_hashes = 1024;
  static constexpr unsigned precision = 14;  // 16,384 registers: a standard error of 1.04 / 128

  void add(std::uint64_t hash) {
    if (!registers_.empty()) return into_register(hash);
    if (slots_.empty()) slots_.assign(16, 0);
    if (hash == 0) hash = 1;  // 0 marks a free slot
    if (!insert(hash)) return;
    if (++size_ > exact_hashes) spread();
    else if (2 * size_ > slots_.size()) grow();
  }
  void merge(const hyperloglog& other) {
    if (other.registers_.empty()) {
      for (std::uint64_t h : other.slots_)
        if (h) add(h);
      return;
    }
    if (registers_.empty()) spread();
    for (std::size_t i = 0; i < registers_.size(); ++i) registers_[i] = std::max(registers_[i], other.registers_[i]);
  }
  std::size_t bytes() const { return slots_.capacity() * sizeof(std::uint64_t) + registers_.capacity(); }

  // As bytes, for the same process to read again: the hashes, or the registers.
  void save(std::string& to) const {
    const std::uint64_t n = registers_.empty() ? size_ : std::uint64_t{0} - 1;
    to.append(reinterpret_cast<const char*>(&n), sizeof n);
    for (std::uint64_t h : slots_)
      if (h) to.append(reinterpret_cast<const char*>(&h), sizeof h);
    to.append(reinterpret_cast<const char*>(registers_.data()), registers_.size());
  }
  void add_saved(const char* from) {
    std::uint64_t n, h;
    std::memcpy(&n, from, sizeof n);
    from += sizeof n;
    if (n + 1 == 0) {
      if (registers_.empty()) spread();
      for (std::uint8_t& r : registers_) r = std::max(r, static_cast<std::uint8_t>(*from++));
      return;
    }
    for (; n; --n, from += sizeof h) {
      std::memcpy(&h, from, sizeof h);
      add(h);
    }
  }
  std::uint64_t estimate() const {
    if (registers_.empty()) return size_;
    constexpr unsigned q = 64 - precision;
    const double m = static_cast<double>(registers_.size());
    std::uint32_t of[q + 2] = {};
    for (std::uint8_t r : registers_) ++of[r];
    double z = m * tau(1 - of[q + 1] / m);
    for (unsigned k = q; k >= 1; --k) z = 0.5 * (z + of[k]);
    z += m * sigma(of[0] / m);
    return static_cast<std::uint64_t>(std::llround(m * m / (2 * std::log(2.0)) / z));
  }

 private:
  bool insert(std::uint64_t hash) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = static_cast<std::size_t>(hash) & mask;
    while (slots_[at] && slots_[at] != hash) at = (at + 1) & mask;
    if (slots_[at]) return false;
    slots_[at] = hash;
    return true;
  }
  void grow() {
    std::vector<std::uint64_t> old(2 * slots_.size(), 0);
    old.swap(slots_);
    for (std::uint64_t h : old)
      if (h) insert(h);
  }
  void spread() {
    registers_.assign(std::size_t{1} << precision, 0);
    for (std::uint64_t h : slots_)
      if (h) into_register(h);
    slots_ = std::vector<std::uint64_t>();
  }
  void into_register(std::uint64_t hash) {
    const std::uint64_t rest = hash << precision | std::uint64_t{1} << (precision - 1);
    const std::uint8_t run = static_cast<std::uint8_t>(__builtin_clzll(rest) + 1);
    std::uint8_t& r = registers_[static_cast<std::size_t>(hash >> (64 - precision))];
    r = std::max(r, run);
  }
  static double sigma(double x) {
    if (x == 1) return INFINITY;
    double y = 1, z = x, before;
    do {
      x *= x;
      before = z;
      z += x * y;
      y += y;
    } while (z != before);
    return z;
  }
  static double tau(double x) {
    if (x == 0 || x == 1) return 0;
    double y = 1, z = 1 - x, before;
    do {
      x = std::sqrt(x);
      before = z;
      y *= 0.5;
      z -= (1 - x) * (1 - x) * y;
    } while (z != before);
    return z / 3;
  }

  std::vector<std::uint64_t> slots_;  // a set of hashes, open addressing; 0: free
  std::size_t size_ = 0;
  std::vector<std::uint8_t> registers_;
};

}  // namespace shared
