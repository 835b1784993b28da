// plugins/agg/long_texts.hpp: puts records in order that are alike in the bytes of a text that their ranks hold.
//
// Lines of a log begin alike, with a date or a path. So of those that are alike up to some byte the next eight bytes are made the word that
// is sorted by, and so on for those still alike: a text is read once for eight bytes, not for each comparison.
//
//   L1  the first keys of all records that are put off together are alike up to `depth`, and none ends before it.
//   L2  of texts with one word those that end in it come first, the shorter ones first: what is missing counts as NUL bytes, which a text
//       may also have. (Turned round where the order descends.)
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "agg/sorted_pieces.hpp"

namespace sorting {

class long_texts {
 public:
  long_texts(const std::vector<piece>& pieces, const order& keys) : pieces_(pieces), keys_(keys), descends_(!keys.by.empty() && keys.by[0].descending) {}

  // Whether the first key of this record, and so of those with the same rank, is a text of which the rank does not tell all.
  bool has(const packed& r) const {
    const rank& first = pieces_[r.piece].ranks[r.row];
    return first.what == order::turned({0, shared::order_text, 0}, descends_).what && first.more == keys_.open(0);
  }
  // Of records with one word, and one rank for the first key, which has() seen. sort_range(begin, end, less) sorts by comparison;
  // less(a, b): by all keys, then by place.
  template <class At, class SortRange, class Less>
  void arrange(const At all, const At all_end, SortRange sort_range, Less less) {
    const std::uint64_t word = all->word;
    todo_.push_back({0, static_cast<std::size_t>(all_end - all), 0});
    while (!todo_.empty()) {
      const alike some = todo_.back();
      todo_.pop_back();
      const At begin = all + static_cast<std::ptrdiff_t>(some.begin), end = all + static_cast<std::ptrdiff_t>(some.end);
      if (end - begin <= few) {
        std::sort(begin, end, less);
        continue;
      }
      bool differ = false;
      for (At r = begin; r != end; ++r) {
        r->word = word_at(text(*r), some.depth);
        differ |= r->word != begin->word;
      }
      if (differ) {
        sort_range(begin, end, [](const packed& a, const packed& b) { return a.word < b.word; });
      } else if (const std::size_t depth = alike_up_to(begin, end, some.depth); depth > some.depth) {
        todo_.push_back({some.begin, some.end, depth});
        continue;
      }
      for (At from = begin, to; from != end; from = to) {
        to = std::find_if(from + 1, end, [&](const packed& r) { return r.word != from->word; });
        if (to - from > 1) split(all, from, to, some.depth, less);
      }
    }
    for (At r = all; r != all_end; ++r) r->word = word;
  }

 private:
  static constexpr std::ptrdiff_t few = 12;  // are compared at once
  struct alike {
    std::size_t begin, end, depth;
  };

  // A long stretch in which all are alike is passed text by text: word by word, each would be fetched from memory again and again. No text is
  // read beyond the shortest's size, or a long one could be read for each of many that differ from it early.
  template <class At>
  std::size_t alike_up_to(At begin, At end, std::size_t depth) const {
    std::size_t up_to = text(*begin).size();
    for (At r = begin; r != end; ++r) up_to = std::min(up_to, text(*r).size());
    const char* const one = text(*begin).data();
    for (At r = begin + 1; r != end; ++r) {
      const char* const other = text(*r).data();
      std::size_t at = depth;
      while (at + 8 <= up_to && std::memcmp(one + at, other + at, 8) == 0) at += 8;
      up_to = at;
    }
    return up_to;
  }
  // Records with one word at `depth`: those whose texts end in it are put in order, the others are left for later.
  template <class At, class Less>
  void split(At all, At from, At to, std::size_t depth, Less less) {
    const auto ends = [&](const packed& r) { return text(r).size() <= depth + sizeof r.word; };
    At middle = std::partition(from, to, [&](const packed& r) { return ends(r) != descends_; });
    if (descends_) {
      later(all, from, middle, depth);
      std::swap(from, middle);
      middle = to;
    } else {
      later(all, middle, to, depth);
    }
    if (middle - from < 2) return;
    std::sort(from, middle, [&](const packed& a, const packed& b) {
      const std::size_t x = text(a).size(), y = text(b).size();
      if (x != y) return (x < y) != descends_;
      if (keys_.by.size() > 1) return less(a, b);
      return a.piece != b.piece ? a.piece < b.piece : a.row < b.row;  // alike in all
    });
  }
  template <class At>
  void later(At all, At from, At to, std::size_t depth) {
    if (to - from > 1) todo_.push_back({static_cast<std::size_t>(from - all), static_cast<std::size_t>(to - all), depth + sizeof(std::uint64_t)});
  }
  std::string_view text(const packed& r) const {
    const piece& p = pieces_[r.piece];
    const pipe_slice& s = keys_.by.empty() ? p.records[r.row] : p.columns[0]->slices[r.row];
    return {s.data, s.size};
  }
  std::uint64_t word_at(std::string_view s, std::size_t depth) const {
    unsigned char next[8] = {};
    if (s.size() >= depth + 8) std::memcpy(next, s.data() + depth, 8);
    else std::memcpy(next, s.data() + depth, s.size() - depth);
    std::uint64_t word = 0;
    for (const unsigned char c : next) word = word << 8 | c;
    return descends_ ? ~word : word;
  }

  const std::vector<piece>& pieces_;
  const order& keys_;
  const bool descends_;
  std::vector<alike> todo_;
};

}  // namespace sorting
