// plugins/lib/byte_table.hpp: a hash table keyed by bytes, for counting and grouping: open addressing, keys in an arena.
//
// Invariants
//   I1  entries are dense, in the order of their first appearance; an index never changes until clear() or rewind().
//   I2  slots_ has a power of two of places, at most half of them taken; a place holds index + 1 and 32 bits of the hash.
//   I3  key bytes lie in the table's own arena and never move.
// One fiber at a time.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace shared {

// Memory that only grows, for keys and texts that outlive the batch they came from.
class byte_arena {
 public:
  char* take(std::size_t size) {
    if (size > left_) grow(size);
    char* p = at_;
    at_ += size;
    left_ -= size;
    return p;
  }
  std::string_view keep(std::string_view text) {
    char* p = take(text.size() + 1);  // never a null pointer, not even for the empty text
    if (!text.empty()) std::memcpy(p, text.data(), text.size());
    return {p, text.size()};
  }
  void clear() {
    chunks_.clear();
    at_ = nullptr;
    left_ = bytes_ = 0;
  }
  std::size_t bytes() const { return bytes_; }

 private:
  void grow(std::size_t size) {
    std::size_t room = chunks_.empty() ? 4096 : chunks_.size() < 8 ? std::size_t{4096} << chunks_.size() : std::size_t{1} << 20;
    if (room < size) room = size;
    chunks_.emplace_back(new char[room]);
    at_ = chunks_.back().get();
    left_ = room;
    bytes_ += room;
  }
  std::vector<std::unique_ptr<char[]>> chunks_;
  char* at_ = nullptr;
  std::size_t left_ = 0;
  std::size_t bytes_ = 0;
};

namespace bytes {

inline std::uint64_t load8(const char* p) {
  std::uint64_t v;
  std::memcpy(&v, p, 8);
  return v;
}
inline std::uint64_t load4(const char* p) {
  std::uint32_t v;
  std::memcpy(&v, p, 4);
  return v;
}

inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
#if defined(__SIZEOF_INT128__)
  __extension__ using wide = unsigned __int128;
  const wide product = static_cast<wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
#else
  const std::uint64_t al = a & 0xffffffffu, ah = a >> 32, bl = b & 0xffffffffu, bh = b >> 32;
  const std::uint64_t low = al * bl, m1 = ah * bl + (low >> 32), m2 = al * bh + (m1 & 0xffffffffu);
  return ((m2 << 32) | (low & 0xffffffffu)) ^ (ah * bh + (m1 >> 32) + (m2 >> 32));
#endif
}

// Differs from run to run, so that nobody can write input that makes all keys collide. No result depends on it.
inline std::uint64_t hash_seed() {
  static const std::uint64_t seed =
      mix(static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count()) | 1, reinterpret_cast<std::uintptr_t>(&seed) ^ 0x8ebc6af09c88c6e3u);
  return seed;
}

inline std::uint64_t hash(const char* p, std::size_t n, std::uint64_t seed) {
  constexpr std::uint64_t k0 = 0x9e3779b97f4a7c15u, k1 = 0xd6e8feb86659fd93u, k2 = 0xa3aaacf1c6cd5ae7u;
  std::uint64_t h = seed ^ mix(n ^ k0, k2), a, b;
  if (n > 16) {
    const char* last = p + n - 16;
    for (; p < last; p += 16) h = mix(load8(p) ^ k1, load8(p + 8) ^ h);
    a = load8(last);
    b = load8(last + 8);
  } else if (n >= 8) {
    a = load8(p);
    b = load8(p + n - 8);
  } else if (n >= 4) {
    a = load4(p);
    b = load4(p + n - 4);
  } else if (n) {
    a = static_cast<std::uint64_t>(static_cast<unsigned char>(p[0])) | static_cast<std::uint64_t>(static_cast<unsigned char>(p[n / 2])) << 8 |
        static_cast<std::uint64_t>(static_cast<unsigned char>(p[n - 1])) << 16;
    b = 0;
  } else {
    a = b = 0;
  }
  return mix(mix(a ^ k1, b ^ h) ^ k0, h ^ k2);
}

inline bool same(const char* a, const char* b, std::size_t n) {
  if (n > 16) return std::memcmp(a, b, n) == 0;
  if (n >= 8) return load8(a) == load8(b) && load8(a + n - 8) == load8(b + n - 8);
  if (n >= 4) return load4(a) == load4(b) && load4(a + n - 4) == load4(b + n - 4);
  for (std::size_t i = 0; i < n; ++i)
    if (a[i] != b[i]) return false;
  return true;
}

}  // namespace bytes

class byte_table {
 public:
  struct entry {
    const char* key;
    std::uint32_t size;
    std::uint16_t kind;   // part of the key
    std::uint16_t marks;  // the caller's; not part of the key
    std::uint64_t value;  // the caller's; 0 at first
    std::string_view text() const { return {key, size}; }
  };

  // The index of the key's entry, made if there was none.
  std::uint32_t find_or_add(const char* key, std::size_t size, std::uint16_t kind) { return find_or_add(key, size, kind, hash_of(key, size, kind)); }

  // The same for `n` keys in their order: key(i) is a text with a kind, use(i, index) is called before the next key is added. A table
  // that lies in no near cache is looked at for some keys at once, so that they wait for the memory together.
  struct lookup {
    const char* key;
    std::size_t size;
    std::uint16_t kind;
  };
  template <class Key, class Use>
  void find_or_add_all(std::size_t n, Key key, Use use) {
    constexpr std::size_t near_slots = 16384, group = 32;
    std::size_t i = 0;
    while (i < n) {
      if (slots_.size() <= near_slots || n - i < group) {
        const lookup k = key(i);
        use(i, find_or_add(k.key, k.size, k.kind));
        ++i;
        continue;
      }
      lookup keys[group];
      std::uint32_t hashes[group];
      for (std::size_t j = 0; j < group; ++j) {
        keys[j] = key(i + j);
        hashes[j] = hash_of(keys[j].key, keys[j].size, keys[j].kind);
        fetch(&slots_[hashes[j] & (slots_.size() - 1)]);
      }
      std::uint32_t found[group];  // index + 1 of the first entry with that hash, mostly the key's; 0: none
      for (std::size_t j = 0; j < group; ++j) {
        const std::size_t mask = slots_.size() - 1;
        std::size_t at = hashes[j] & mask;
        while (slots_[at].index1 && slots_[at].hash != hashes[j]) at = (at + 1) & mask;
        found[j] = slots_[at].index1;
        if (found[j]) fetch(&entries_[found[j] - 1]);
      }
      for (std::size_t j = 0; j < group; ++j)
        if (found[j]) fetch(entries_[found[j] - 1].key);
      for (std::size_t j = 0; j < group; ++j) {
        const lookup& k = keys[j];
        if (found[j] && is(entries_[found[j] - 1], k.key, k.size, k.kind)) use(i + j, found[j] - 1);
        else use(i + j, find_or_add(k.key, k.size, k.kind, hashes[j]));
      }
      i += group;
    }
  }
  entry& operator[](std::uint32_t index) { return entries_[index]; }
  const entry& operator[](std::uint32_t index) const { return entries_[index]; }
  // Whoever uses entries next[0], next[1], … one after the other calls it before each, so that those further on are on their way.
  void fetch(const std::uint32_t* next, std::size_t count) const {
    constexpr std::size_t keys_ahead = 8, entries_ahead = 16;
    if (count > entries_ahead) fetch(&entries_[next[entries_ahead]]);
    if (count > keys_ahead) fetch(entries_[next[keys_ahead]].key);
  }
  std::uint32_t size() const { return static_cast<std::uint32_t>(entries_.size()); }
  const std::vector<entry>& entries() const { return entries_; }
  std::size_t bytes_held() const { return arena_.bytes() + slots_.capacity() * sizeof(slot) + entries_.capacity() * sizeof(entry); }
  // Empties it and gives the memory back.
  void clear() {
    entries_ = std::vector<entry>();  // not `{}`, which would keep the memory
    slots_ = std::vector<slot>();
    arena_.clear();
  }
  // Empties it to be filled again at once: keeps the places of a small table, which bytes_held() goes on counting.
  void rewind() {
    constexpr std::size_t most_kept = 16384;
    if (slots_.size() > most_kept) return clear();
    entries_.clear();
    std::fill(slots_.begin(), slots_.end(), slot{0, 0});
    arena_.clear();
  }

 private:
  struct slot {
    std::uint32_t hash;
    std::uint32_t index1;  // 0: free
  };
  static void fetch([[maybe_unused]] const void* p) {
#if defined(__GNUC__)
    __builtin_prefetch(p);
#endif
  }
  std::uint32_t hash_of(const char* key, std::size_t size, std::uint16_t kind) const {
    return static_cast<std::uint32_t>(bytes::hash(key, size, seed_ + kind));
  }
  std::uint32_t find_or_add(const char* key, std::size_t size, std::uint16_t kind, std::uint32_t h) {
    if (2 * (entries_.size() + 1) > slots_.size()) grow();
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = h & mask;; at = (at + 1) & mask) {
      slot& s = slots_[at];
      if (s.index1 == 0) {
        s = {h, add(key, size, kind) + 1};
        return s.index1 - 1;
      }
      if (s.hash != h) continue;
      if (is(entries_[s.index1 - 1], key, size, kind)) return s.index1 - 1;
    }
  }
  static bool is(const entry& e, const char* key, std::size_t size, std::uint16_t kind) {
    return e.size == size && e.kind == kind && bytes::same(e.key, key, size);
  }
  std::uint32_t add(const char* key, std::size_t size, std::uint16_t kind) {
    if (size > 0xffffffffu) throw std::length_error("a key of over 4 GiB");
    if (entries_.size() >= 0x7fffffffu) throw std::length_error("more than 2147483647 different keys");
    entries_.push_back({arena_.keep({key, size}).data(), static_cast<std::uint32_t>(size), kind, 0, 0});
    return static_cast<std::uint32_t>(entries_.size() - 1);
  }
  void grow() {
    std::vector<slot> larger(slots_.empty() ? 64 : slots_.size() * 2, slot{0, 0});
    const std::size_t mask = larger.size() - 1;
    for (const slot& s : slots_) {
      if (s.index1 == 0) continue;
      std::size_t at = s.hash & mask;
      while (larger[at].index1) at = (at + 1) & mask;
      larger[at] = s;
    }
    slots_ = std::move(larger);
  }

  std::vector<entry> entries_;
  std::vector<slot> slots_;
  byte_arena arena_;
  std::uint64_t seed_ = bytes::hash_seed();
};

}  // namespace shared
