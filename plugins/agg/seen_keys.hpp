// plugins/agg/seen_keys.hpp: which keys have come before, for distinct.
//
// Short keys are kept as words: the place of a key in its table is the key itself, with its length and kind, so that a look-up waits
// for memory once, where byte_table goes to the place, from there to the entry and from there to the bytes. Their order of
// appearance is not kept, nor a value. Keys of more than 15 bytes are left to a byte_table.
//
//   P1  the words of two keys are equal if and only if the keys are.
//   P2  the last word is never 0: a place whose last word is 0 is free.
//   P3  at most half of the places are taken; there is a power of two of them, or none.
// One fiber at a time.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "lib/spilled_keys.hpp"

namespace seen {

namespace bytes = shared::bytes;

// Keys of up to `longest` bytes.
template <std::size_t Words>
class short_keys {
 public:
  static constexpr std::size_t longest = 8 * Words - 1;
  using words = std::array<std::uint64_t, Words>;
  struct probe {
    words key;
    std::uint64_t hash;
    std::uint32_t row;
  };

  // Writes what add() wants to know of a key; the place where it will look is on its way to the cache. kind: under 8.
  // Field by field: a probe that is returned is put together in memory and copied, which waits for the stores.
  void prepare(probe& p, const char* text, std::size_t size, std::uint16_t kind, std::size_t row) const {
    const words w = pack(text, size, kind);
    const std::uint64_t h = hash(w);
    for (std::size_t i = 0; i < Words; ++i) p.key[i] = w[i];
    p.hash = h;
    p.row = static_cast<std::uint32_t>(row);
#if defined(__GNUC__)
    if (!places_.empty()) __builtin_prefetch(&places_[h & (places_.size() - 1)]);
#endif
  }
  // Whether the key is a new one.
  bool add(const probe& p) {
    if (2 * (count_ + 1) > places_.size()) grow();
    const std::size_t mask = places_.size() - 1;
    for (std::size_t at = p.hash & mask;; at = (at + 1) & mask) {
      words& place = places_[at];
      if (same(place, p.key)) return false;
      if (place.back()) continue;
      place = p.key;
      ++count_;
      return true;
    }
  }
  std::size_t bytes_held() const { return places_.capacity() * sizeof(words); }
  // What it will hold, and what that takes while it moves, once it grows; it is about to where it is nearly half full.
  std::size_t bytes_soon() const { return count_ >= places_.size() / 16 * 7 ? 3 * bytes_held() : bytes_held(); }

  // Calls use(text, kind) for all keys, ascending by key_codec::compare; holds none afterwards, and no memory.
  template <class Use>
  void take_all(Use use) {
    std::vector<words> all = std::exchange(places_, {});
    count_ = 0;
    all.erase(std::remove_if(all.begin(), all.end(), [](const words& w) { return !w.back(); }), all.end());
    for (words& w : all)
      for (std::uint64_t& word : w) word = turned(word);  // the first byte is the most significant now, and length and kind the least
    std::sort(all.begin(), all.end());
    for (words& w : all) {
      for (std::uint64_t& word : w) word = turned(word);
      char text[sizeof(words)];
      for (std::size_t i = 0; i < longest; ++i) text[i] = static_cast<char>(w[i / 8] >> 8 * (i % 8));
      const std::uint64_t mark = w.back() >> 56;
      use(std::string_view(text, mark / 8 - 1), static_cast<std::uint16_t>(mark % 8));
    }
  }

 private:
  // Byte i of the text is byte i % 8 of word i / 8, from the least significant one on; behind the text stand zeros, at the end
  // what is 8 * (size + 1) + kind. Never reads beyond the text.
  static words pack(const char* p, std::size_t n, std::uint16_t kind) {
    words w{};
    if (n >= 8) {
      w[0] = bytes::load8(p);
      if constexpr (Words > 1) w[1] = bytes::load8(p + n - 8) >> 1 >> (8 * (16 - n) - 1);
    } else if (n >= 4) {
      w[0] = bytes::load4(p) | bytes::load4(p + n - 4) << 8 * (n - 4);
    } else if (n) {
      const auto at = [p](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(p[i])} << 8 * i; };
      w[0] = at(0) | at(n / 2) | at(n - 1);
    }
    w[Words - 1] |= std::uint64_t{8 * (n + 1) + kind} << 56;
    return w;
  }
  static bool same(const words& a, const words& b) {  // not a == b, which calls memcmp
    if constexpr (Words > 1) return !((a[0] ^ b[0]) | (a[1] ^ b[1]));
    return a[0] == b[0];
  }
  std::uint64_t hash(const words& w) const {
    constexpr std::uint64_t k0 = 0x9e3779b97f4a7c15u, k1 = 0xd6e8feb86659fd93u;
    std::uint64_t h = bytes::mix(w[0] ^ seed_, k0);
    if constexpr (Words > 1) h = bytes::mix(w[1] ^ h, k1);
    return h;
  }
  static std::uint64_t turned(std::uint64_t v) {
    std::uint64_t t = 0;
    for (int i = 0; i < 8; ++i) t = t << 8 | (v >> 8 * i & 0xff);
    return t;
  }
  void grow() {
    std::vector<words> larger(places_.empty() ? 64 : places_.size() * 2, words{});
    const std::size_t mask = larger.size() - 1;
    for (const words& w : places_) {
      if (!w.back()) continue;
      std::size_t at = hash(w) & mask;
      while (larger[at].back()) at = (at + 1) & mask;
      larger[at] = w;
    }
    places_ = std::move(larger);
  }

  std::vector<words> places_;
  std::size_t count_ = 0;
  std::uint64_t seed_ = bytes::hash_seed();
};

class keys {
 public:
  // Whether the key is a new one; `longer` holds the long ones.
  bool add(const shared::byte_table::lookup& k, shared::byte_table& longer) {
    if (k.size <= ones_.longest) return add_to(ones_, k);
    if (k.size <= twos_.longest) return add_to(twos_, k);
    const std::uint32_t known = longer.size();
    return longer.find_or_add(k.key, k.size, k.kind) == known;
  }
  // The same for the keys of rows [0, n), whose texts stay: appends the rows that bring a new one, ascending.
  template <class Key>
  void add_all(std::size_t n, Key key, shared::byte_table& longer, std::vector<std::uint32_t>& fresh) {
    long_rows_.clear();
    const std::size_t before = fresh.size();
    // While one group of keys is looked up, the places of the next are on their way.
    probes groups[2];
    for (std::size_t i = 0, turn = 0; i < n; i += group, turn ^= 1) {
      probes& next = groups[turn];
      for (std::size_t j = i; j < std::min(n, i + group); ++j) {
        const shared::byte_table::lookup k = key(j);
        if (k.size <= ones_.longest) ones_.prepare(next.ones[next.in_ones++], k.key, k.size, k.kind, j);
        else if (k.size <= twos_.longest) twos_.prepare(next.twos[next.in_twos++], k.key, k.size, k.kind, j);
        else long_rows_.push_back(static_cast<std::uint32_t>(j));
      }
      look_up(groups[turn ^ 1], fresh);
      if (n - i <= group) look_up(next, fresh);
    }
    std::uint32_t known = longer.size();
    longer.find_or_add_all(
        long_rows_.size(), [&](std::size_t i) { return key(long_rows_[i]); },
        [&](std::size_t i, std::uint32_t at) {
          if (at != known) return;  // a new entry is the last one; it is new only to the first row that brings it
          ++known;
          fresh.push_back(long_rows_[i]);
        });
    const auto from = fresh.begin() + static_cast<std::ptrdiff_t>(before);
    if (!std::is_sorted(from, fresh.end())) std::sort(from, fresh.end());
  }
  std::size_t bytes_held() const { return ones_.bytes_held() + twos_.bytes_held(); }
  std::size_t bytes_soon() const { return ones_.bytes_soon() + twos_.bytes_soon(); }

  // All short keys go to disk, as keys whose value is 0.
  void spill(shared::spilled_keys& to, pipe_context* context, std::uint64_t memory) {
    to.spill_ascending(context, memory, [&](auto write) { ones_.take_all(write); });
    to.spill_ascending(context, memory, [&](auto write) { twos_.take_all(write); });
  }

 private:
  static constexpr std::size_t group = 32;
  struct probes {
    short_keys<1>::probe ones[group];
    short_keys<2>::probe twos[group];
    std::size_t in_ones = 0, in_twos = 0;
  };
  void look_up(probes& some, std::vector<std::uint32_t>& fresh) {
    for (std::size_t i = 0; i < some.in_ones; ++i)
      if (ones_.add(some.ones[i])) fresh.push_back(some.ones[i].row);
    for (std::size_t i = 0; i < some.in_twos; ++i)
      if (twos_.add(some.twos[i])) fresh.push_back(some.twos[i].row);
    some.in_ones = some.in_twos = 0;
  }
  template <class Keys>
  static bool add_to(Keys& to, const shared::byte_table::lookup& k) {
    typename Keys::probe p;
    to.prepare(p, k.key, k.size, k.kind, 0);
    return to.add(p);
  }

  short_keys<1> ones_;
  short_keys<2> twos_;
  std::vector<std::uint32_t> long_rows_;
};

}  // namespace seen
