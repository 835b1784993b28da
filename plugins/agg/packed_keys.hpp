// plugins/agg/packed_keys.hpp: sorts records by their ranks, of which only the bits that differ are looked at.
//
// The bits in which the ranks of all records are alike say nothing. The others are put side by side into one word for each record,
// the most important first, and a radix sort orders the words: it compares nothing, and whole numbers, dates and the like rarely
// differ in more than 50 bits.
//
//   P1  the words' order never contradicts the records' order; records of one word are put in order by comparing them, or by what follows in
//       the texts that they are alike in (long_texts.hpp).
//   P2  the radix sort is stable, so records that are equal stay as they came.
#pragma once
#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "agg/long_texts.hpp"
#include "agg/sorted_pieces.hpp"

namespace sorting {

// In which bits the ranks of some records differ.
class differences {
 public:
  void add(const piece& p, const order& keys) {
    if (p.count == 0) return;
    differences d;
    d.any_ = true;
    for (std::size_t k = 0; k < keys.ranked(); ++k) {
      const rank* from = p.ranks.data() + k * p.count;
      const std::uint8_t not_all = keys.open(k);
      d.first_[k] = from[0];
      for (std::size_t i = 0; i < p.count; ++i) {
        mark(d.differs_[k], from[i], from[0]);
        d.open_[k] = d.open_[k] || from[i].more == not_all;
      }
    }
    add(d);
  }
  void add(const differences& other) {
    if (!any_) {
      *this = other;
      return;
    }
    if (!other.any_) return;
    for (std::size_t k = 0; k < ranked_most; ++k) {
      mark(differs_[k], other.first_[k], first_[k]);
      differs_[k].prefix |= other.differs_[k].prefix;
      differs_[k].what = static_cast<std::uint8_t>(differs_[k].what | other.differs_[k].what);
      differs_[k].more = static_cast<std::uint8_t>(differs_[k].more | other.differs_[k].more);
      open_[k] = open_[k] || other.open_[k];
    }
  }
  const rank& of(std::size_t key) const { return differs_[key]; }
  const rank& one(std::size_t key) const { return first_[key]; }  // some record's; where nothing differs, all records'
  bool open(std::size_t key) const { return open_[key]; }  // a rank does not tell all

 private:
  static void mark(rank& differs, const rank& a, const rank& b) {
    differs.prefix |= a.prefix ^ b.prefix;
    differs.what = static_cast<std::uint8_t>(differs.what | (a.what ^ b.what));
    differs.more = static_cast<std::uint8_t>(differs.more | (a.more ^ b.more));
  }
  rank first_[ranked_most] = {}, differs_[ranked_most] = {};
  bool open_[ranked_most] = {};
  bool any_ = false;
};

// Which bits of the ranks go where.
class packing {
 public:
  packing(const differences& differ, const order& keys) : exact_(keys.by.size() <= keys.ranked()) {
    for (std::size_t k = 0; k < keys.ranked() && !full_; ++k) {
      add(k, what, differ.of(k).what);
      add(k, prefix, differ.of(k).prefix);
      add(k, more, differ.of(k).more);
      if (k == 0) first_whole_ = !full_;
      if (!differ.open(k)) continue;
      exact_ = false;  // what follows counts only after a comparison in full
      break;
    }
    if (full_) exact_ = false;
    unsigned place = bits_;
    for (field& f : fields_) f.place = place -= f.width;
  }

  unsigned bits() const { return bits_; }
  // Equal words mean equal keys.
  bool exact() const { return exact_; }
  // Equal words mean equal ranks of the first key.
  bool tells_first() const { return first_whole_; }

  // Words that another packing made of records which differ in `of`, as words of this one. The other one's bits are among this one's.
  class moves {
   public:
    std::uint64_t operator()(std::uint64_t word) const {
      std::uint64_t made = alike_;
      for (const move& m : all_) made |= (word & m.bits) << m.left >> m.right;
      return made;
    }

   private:
    friend packing;
    struct move {
      std::uint64_t bits;
      unsigned left, right;
    };
    std::uint64_t alike_ = 0;
    std::vector<move> all_;
  };
  moves from(const packing& other, const differences& of) const {
    moves made;
    for (const field& f : fields_) {
      const std::uint64_t alike = part_of(of.one(f.key), f.part) & ~part_of(of.of(f.key), f.part);
      made.alike_ |= (alike >> f.shift & ones(f.width)) << f.place;
      for (const field& g : other.fields_) {
        const unsigned low = std::max(f.shift, g.shift), top = std::min(f.shift + f.width, g.shift + g.width);
        if (g.key != f.key || g.part != f.part || low >= top) continue;
        const unsigned was = g.place + low - g.shift, is = f.place + low - f.shift;
        made.all_.push_back({ones(top - low) << was, is > was ? is - was : 0, was > is ? was - is : 0});
      }
    }
    return made;
  }

  // The words of all records of a piece: word(row) is 0 before.
  template <class Word>
  void pack(const piece& p, Word word) const {
    for (const field& f : fields_) {
      const rank* from = p.ranks.data() + f.key * p.count;
      const std::uint64_t mask = ones(f.width);
      const auto put = [&](auto value) {
        for (std::size_t i = 0; i < p.count; ++i) word(i) |= (static_cast<std::uint64_t>(value(from[i])) >> f.shift & mask) << f.place;
      };
      switch (f.part) {
        case what: put([](const rank& r) { return r.what; }); break;
        case prefix: put([](const rank& r) { return r.prefix; }); break;
        case more: put([](const rank& r) { return r.more; }); break;
      }
    }
  }

 private:
  enum part : std::uint8_t { what, prefix, more };
  // `width` bits of a key's part, from `shift` on, stand in the word from `place` on.
  struct field {
    std::size_t key;
    sorting::packing::part part;
    unsigned shift, width, place;
  };

  static std::uint64_t ones(unsigned n) { return n == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << n) - 1; }
  static std::uint64_t part_of(const rank& r, sorting::packing::part which) { return which == what ? r.what : which == prefix ? r.prefix : r.more; }
  // Each stretch of differing bits, from the most significant one on, as long as there is room.
  void add(std::size_t key, sorting::packing::part of, std::uint64_t differs) {
    for (unsigned top = 64; top > 0 && !full_;) {
      if (!(differs >> (top - 1) & 1)) {
        --top;
        continue;
      }
      unsigned low = top;
      while (low > 0 && (differs >> (low - 1) & 1)) --low;
      const unsigned width = std::min(top - low, 64 - bits_);
      full_ = width < top - low;
      if (width) fields_.push_back({key, of, top - width, width, 0});
      bits_ += width;
      top = low;
    }
  }

  std::vector<field> fields_;
  unsigned bits_ = 0;
  bool full_ = false;  // bits that differ were left out
  bool exact_;
  bool first_whole_ = false;
};

// Memory that one sort after the other uses.
struct sort_room {
  std::vector<packed> all, other;
  std::vector<std::vector<rank>> ranks;  // of pieces that are done
  std::vector<rank> take_ranks() {
    if (ranks.empty()) return {};
    std::vector<rank> r = std::move(ranks.back());
    ranks.pop_back();
    return r;
  }
};

// By their words, stable.
inline void radix_sort(std::vector<packed>& all, std::vector<packed>& other, unsigned bits) {
  if (bits == 0) return;
  constexpr unsigned widest = 10;  // bits a pass: as many places to write to as the caches hold
  const unsigned passes = (bits + widest - 1) / widest, width = (bits + passes - 1) / passes;
  other.resize(all.size());
  std::vector<std::size_t> begins(std::size_t{1} << width);
  const std::uint64_t mask = begins.size() - 1;
  for (unsigned pass = 0; pass < passes; ++pass) {
    const unsigned shift = pass * width;
    std::fill(begins.begin(), begins.end(), 0);
    for (const packed& r : all) ++begins[r.word >> shift & mask];
    std::size_t at = 0;
    for (std::size_t& b : begins) at += std::exchange(b, at);
    for (const packed& r : all) other[begins[r.word >> shift & mask]++] = r;
    all.swap(other);
  }
}

// Puts all records of the pieces into room.all, in order, and says in which bits they differ; takes the pieces' ranks.
// sort_range(begin, end, less) sorts a part by comparison.
template <class SortRange>
void sort_pieces(std::vector<piece>& pieces, const order& keys, differences& differ, sort_room& room, SortRange sort_range) {
  std::size_t total = 0;
  differ = {};
  for (const piece& p : pieces) {
    total += p.count;
    differ.add(p, keys);
  }
  std::vector<packed>& all = room.all;
  all.resize(total);
  const packing bits(differ, keys);
  std::size_t at = 0;
  for (std::uint32_t n = 0; n < pieces.size(); ++n) {
    piece& p = pieces[n];
    for (std::uint32_t i = 0; i < p.count; ++i) all[at + i] = {0, n, i};
    bits.pack(p, [&](std::size_t i) -> std::uint64_t& { return all[at + i].word; });
    at += p.count;
  }
  radix_sort(all, room.other, bits.bits());
  if (!bits.exact()) {
    const auto less = [&](const packed& a, const packed& b) {
      if (const int c = compare_records(keys, pieces[a.piece], a.row, pieces[b.piece], b.row)) return c < 0;
      return a.piece != b.piece ? a.piece < b.piece : a.row < b.row;
    };
    long_texts texts(pieces, keys);
    for (auto begin = all.begin(); begin != all.end();) {
      const auto end = std::find_if(begin + 1, all.end(), [&](const packed& r) { return r.word != begin->word; });
      if (end - begin > 1 && bits.tells_first() && texts.has(*begin)) texts.arrange(begin, end, sort_range, less);
      else if (end - begin > 1) sort_range(begin, end, less);
      begin = end;
    }
  }
  for (piece& p : pieces) room.ranks.push_back(std::move(p.ranks));
}

}  // namespace sorting
