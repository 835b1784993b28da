// plugins/lib/key_window.hpp: the last N keys, in the order in which they came in; asks whether a key is among them.
//
// Invariants
//   I1  ring_ holds the keys; the oldest is at next_ once the ring is full. Their bytes lie in texts_, the oldest first.
//   I2  slots_ is a power of two and at least twice as long as ring_; a key lies in the first free slot at or behind its hash's place, with
//       no free slot between (removal shifts back those behind it).
//   I3  a text whose last key has gone goes before the next key does.
// One fiber at a time.
#pragma once
#include <algorithm>
#include <deque>
#include <memory>
#include <string_view>
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
  std::size_t size() const { return ring_.size(); }
  std::size_t bytes_held() const { return ring_.size() * sizeof(place) + slots_.size() * sizeof(std::uint32_t) + text_bytes_; }

 private:
  struct place {
    const char* key;
    std::uint32_t size;
    std::uint32_t hash;  // its low bits
  };
  struct text {
    std::unique_ptr<char[]> bytes;
    std::size_t room, used = 0, keys = 0;  // keys that are still in the ring
  };
  std::size_t mask() const { return slots_.size() - 1; }
  bool find(std::string_view key, std::uint64_t hash) const {
    for (std::size_t at = hash & mask(); slots_[at]; at = (at + 1) & mask()) {
      const place& p = ring_[slots_[at] - 1];
      if (p.hash == static_cast<std::uint32_t>(hash) && p.size == key.size() && bytes::same(p.key, key.data(), key.size())) return true;
    }
    return false;
  }
  void put(std::uint32_t which, std::string_view key, std::uint64_t hash) {
    constexpr std::size_t usual = 64u << 10;
    if (key.size() > 0xffffffffu) throw std::length_error("a key of over 4 GiB");
    if (texts_.empty() || texts_.back().room - texts_.back().used < key.size()) {
      // Few keys need little: a text is about as large as all before it, up to the usual size.
      const std::size_t room = std::max(key.size(), std::clamp<std::size_t>(text_bytes_, 1024, usual));
      texts_.push_back({std::unique_ptr<char[]>(new char[room]), room});
      text_bytes_ += room;
    }
    text& t = texts_.back();
    char* const to = t.bytes.get() + t.used;
    if (!key.empty()) std::memcpy(to, key.data(), key.size());
    t.used += key.size();
    ++t.keys;
    ring_[which] = {to, static_cast<std::uint32_t>(key.size()), static_cast<std::uint32_t>(hash)};
    link(which);
  }
  void link(std::uint32_t which) {
    std::size_t at = ring_[which].hash & mask();
    while (slots_[at]) at = (at + 1) & mask();
    slots_[at] = which + 1;
  }
  // The oldest key: its bytes are the first of all.
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
    for (; texts_.front().keys == 0; texts_.pop_front()) text_bytes_ -= texts_.front().room;
    --texts_.front().keys;
  }
  void grow() {
    slots_.assign(slots_.empty() ? 16 : 2 * slots_.size(), 0);
    for (std::uint32_t i = 0; i < ring_.size(); ++i) link(i);
  }

  std::size_t most_;
  std::deque<place> ring_;
  std::uint32_t next_ = 0;
  std::vector<std::uint32_t> slots_;  // number + 1 of a key in ring_; 0: free
  std::deque<text> texts_;
  std::size_t text_bytes_ = 0;
  std::uint64_t seed_ = bytes::hash_seed();
};

}  // namespace shared
