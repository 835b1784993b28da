// plugins/lib/key_window.hpp: the last N keys, in the order in which they came in; asks whether a key is among them.
//
// Invariants
//   I1  ring_ holds the keys; the oldest is at next_ once the ring is full. A key's text keeps its memory when its place is used anew.
//   I2  slots_ is a power of two and at least twice as long as ring_; a key lies in the first free slot at or behind its hash's place, with
//       no free slot between (removal shifts back those behind it).
// One fiber at a time.
#pragma once
#include <string>
#include <vector>

#include "lib/byte_table.hpp"

namespace shared {

class key_window {
 public:
  explicit key_window(std::size_t most) : most_(most) {}

  // True: it is among the last keys. False: it was not, and has been put in.
  bool known_or_added(std::string_view key) {
    const std::uint64_t hash = bytes::hash(key.data(), key.size(), seed_);
    if (!ring_.empty() && find(key, hash)) return true;
    if (ring_.size() < most_) {
      if (2 * (ring_.size() + 1) > slots_.size()) grow();
      ring_.emplace_back();
      put(static_cast<std::uint32_t>(ring_.size() - 1), key, hash);
    } else {
      remove(next_);
      put(next_, key, hash);
      next_ = next_ + 1 == most_ ? 0 : next_ + 1;
    }
    return false;
  }

 private:
  struct place {
    std::string key;
    std::uint64_t hash = 0;
  };
  std::size_t mask() const { return slots_.size() - 1; }
  bool find(std::string_view key, std::uint64_t hash) const {
    for (std::size_t at = hash & mask(); slots_[at]; at = (at + 1) & mask()) {
      const place& p = ring_[slots_[at] - 1];
      if (p.hash == hash && p.key == key) return true;
    }
    return false;
  }
  void put(std::uint32_t which, std::string_view key, std::uint64_t hash) {
    ring_[which].key.assign(key.data(), key.size());
    ring_[which].hash = hash;
    link(which);
  }
  void link(std::uint32_t which) {
    std::size_t at = ring_[which].hash & mask();
    while (slots_[at]) at = (at + 1) & mask();
    slots_[at] = which + 1;
  }
  void remove(std::uint32_t which) {
    std::size_t hole = ring_[which].hash & mask();
    while (slots_[hole] != which + 1) hole = (hole + 1) & mask();
    for (std::size_t at = (hole + 1) & mask(); slots_[at]; at = (at + 1) & mask()) {
      const std::size_t home = ring_[slots_[at] - 1].hash & mask();
      if (((at - home) & mask()) < ((at - hole) & mask())) continue;  // its place lies behind the hole
      slots_[hole] = slots_[at];
      hole = at;
    }
    slots_[hole] = 0;
  }
  void grow() {
    slots_.assign(slots_.empty() ? 16 : 2 * slots_.size(), 0);
    for (std::uint32_t i = 0; i < ring_.size(); ++i) link(i);
  }

  std::size_t most_;
  std::vector<place> ring_;
  std::uint32_t next_ = 0;
  std::vector<std::uint32_t> slots_;  // number + 1 of a key in ring_; 0: free
  std::uint64_t seed_ = bytes::hash_seed();
};

}  // namespace shared
