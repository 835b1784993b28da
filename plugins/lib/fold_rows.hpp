// plugins/lib/fold_rows.hpp: what a fold emits: new records with fields and no bytes, some thousands to a batch.
#pragma once
#include "lib/keys.hpp"

namespace shared {

inline constexpr std::size_t rows_per_batch = 4096, text_per_batch = 256u << 10;

// How many of the next `left` results make one batch: long texts, of text(i) bytes, make it a short one.
template <class Text>
std::size_t rows_of_batch(std::size_t left, Text text) {
  const std::size_t most = std::min(left, rows_per_batch);
  std::size_t n = 0;
  for (std::size_t bytes = 0; n < most; ++n) {
    bytes += text(n);
    if (n && bytes > text_per_batch) break;
  }
  return n;
}
inline std::size_t rows_of_batch(const byte_table& keys, const std::uint32_t* order, std::size_t left) {
  return rows_of_batch(left, [&](std::size_t i) { return std::size_t{keys[order[i]].size}; });
}

// Columns of one batch of results, emitted by emit().
class result_rows {
 public:
  result_rows(pipes::output& out, std::size_t count) : out_(out), count_(count) {}
  void add(pipes::field name, pipe_column column) {
    names_.push_back(name);
    columns_.push_back(column);
  }
  void add(pipes::field name, pipes::column_writer& w) { add(name, w.done()); }
  void emit() {
    std::vector<pipe_change> changes;
    for (std::size_t i = 0; i < names_.size(); ++i) changes.push_back({PIPE_SET, 0, names_[i].handle(), nullptr, &columns_[i]});
    pipe_part part{};
    part.flags = PIPE_PART_UNRENDERED;
    part.changes = changes.data();
    part.change_count = changes.size();
    part.count = count_;
    out_.emit_part(part);
  }

 private:
  pipes::output& out_;
  std::size_t count_;
  std::vector<pipes::field> names_;
  std::vector<pipe_column> columns_;
};

// The key columns of the entries order[first, first + count).
inline void add_keys(result_rows& rows, pipes::output& out, const std::vector<pipes::field>& by, const byte_table& table,
                     const std::uint32_t* order, std::size_t count) {
  std::vector<pipes::column_writer> writers;
  for (std::size_t f = 0; f < by.size(); ++f) writers.emplace_back(out, count);
  std::vector<key_part> parts;
  for (std::size_t i = 0; i < count; ++i) {
    const byte_table::entry& e = table[order[i]];
    key_codec::decode(e, by.size(), parts);
    for (std::size_t f = 0; f < by.size(); ++f) put_key(writers[f], i, {parts[f].what, out.copy(parts[f].text)}, e.marks >> f & 1);
  }
  for (std::size_t f = 0; f < by.size(); ++f) rows.add(by[f], writers[f]);
}

// 0, 1, 2, ...
inline std::vector<std::uint32_t> first_numbers(std::size_t n) {
  std::vector<std::uint32_t> order(n);
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  return order;
}

// The keys lie anywhere in memory; most comparisons need no more than their heads, which stand side by side.
inline std::vector<std::uint32_t> in_key_order(const byte_table& table, std::size_t width) {
  struct headed {
    std::uint64_t head;
    std::uint32_t at;
  };
  std::vector<headed> all(table.size());
  for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = {width ? key_codec::head(table[i], width) : 0, i};
  std::sort(all.begin(), all.end(), [&](const headed& a, const headed& b) {
    return a.head != b.head ? a.head < b.head : key_codec::compare(table[a.at], table[b.at], width) < 0;
  });
  std::vector<std::uint32_t> order(all.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = all[i].at;
  return order;
}

}  // namespace shared
