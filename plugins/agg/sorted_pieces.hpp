// plugins/agg/sorted_pieces.hpp: batches to be sorted, the keys of their records, and how two records compare.
#pragma once
#include <pipe/plugin.hpp>

#include "lib/total_order.hpp"

namespace sorting {

using shared::rank;

// As many keys are ranked beforehand.
constexpr std::size_t ranked_most = 2;

// The sort's keys, and records compared by them.
class order {
 public:
  std::vector<pipes::field> by;  // none: the whole record, as text

  std::size_t ranked() const { return by.empty() ? 1 : std::min(by.size(), ranked_most); }

  // A descending key as an ascending one. What goes on behind its prefix then comes first, so `more` is turned, too.
  static rank turned(rank r, bool descending) {
    if (!descending) return r;
    return {~r.prefix, static_cast<std::uint8_t>(shared::order_json - r.what), static_cast<std::uint8_t>(1 - r.more)};
  }
  // `more` of a rank that does not tell all.
  std::uint8_t open(std::size_t k) const { return k < by.size() && by[k].descending ? 0 : 1; }
};

// A batch and what is known of its keys.
struct piece {
  pipes::batch batch;
  std::vector<rank> ranks;                  // of all records by the first key, then of all by the second
  std::vector<const pipe_column*> columns;  // of all keys
  const pipe_slice* records = nullptr;      // where the key is the whole record
  std::size_t count = 0;
  std::uint64_t place = 0;                  // of its first record, in the order of arrival

  piece() = default;
  // `room`: a vector whose memory is used again.
  piece(const pipes::batch& b, const order& o, std::vector<rank> room = {}) : batch(b), ranks(std::move(room)), count(b.size()) {
    ranks.clear();
    for (pipes::field f : o.by) columns.push_back(&batch.column_of(f).raw());
    ranks.reserve(o.ranked() * count);
    if (o.by.empty()) {
      records = batch.records().slices();
      for (std::size_t i = 0; i < count; ++i) ranks.push_back(shared::order::of_text({records[i].data, records[i].size}, shared::order_text));
      return;
    }
    for (std::size_t k = 0; k < o.ranked(); ++k)
      for (std::size_t i = 0; i < count; ++i) ranks.push_back(order::turned(shared::order::of(shared::value_view::of(*columns[k], i)), o.by[k].descending));
  }
  // From now on `b`, a copy, stands for the batch.
  void hold(pipes::batch b, const order& o) {
    if (b.raw() == batch.raw()) return;
    batch = std::move(b);
    records = nullptr;
    columns.clear();
    if (!compared(o)) return;
    if (o.by.empty()) records = batch.records().slices();
    for (pipes::field f : o.by) columns.push_back(&batch.column_of(f).raw());
  }
  // Memory for it, with what sorting it takes.
  std::uint64_t bytes() const { return batch.bytes_held() + count * beside_each; }
  static constexpr std::uint64_t beside_each = 72;

 private:
  // Ranks do not tell all: values will be compared.
  bool compared(const order& o) const {
    if (o.by.size() > o.ranked()) return true;
    for (std::size_t k = 0; k < o.ranked(); ++k)
      if (std::any_of(ranks.begin() + static_cast<std::ptrdiff_t>(k * count), ranks.begin() + static_cast<std::ptrdiff_t>((k + 1) * count), [&](const rank& r) { return r.more == o.open(k); })) return true;
    return false;
  }
};

// One record among the pieces, with a word to sort by.
struct packed {
  std::uint64_t word;
  std::uint32_t piece;
  std::uint32_t row;
};

// By key k in full.
inline int compare_key(const order& o, std::size_t k, const piece& p, std::size_t i, const piece& q, std::size_t j) {
  if (o.by.empty()) {
    const pipe_slice &x = p.records[i], &y = q.records[j];
    return std::string_view(x.data, x.size).compare({y.data, y.size});
  }
  const int c = shared::order::compare_values(shared::value_view::of(*p.columns[k], i), shared::value_view::of(*q.columns[k], j));
  return o.by[k].descending ? -c : c;
}

// By all keys; 0: only their places tell them apart.
inline int compare_records(const order& o, const piece& p, std::size_t i, const piece& q, std::size_t j) {
  const std::size_t ranked = o.ranked();
  for (std::size_t k = 0; k < ranked; ++k) {
    const rank &a = p.ranks[k * p.count + i], &b = q.ranks[k * q.count + j];
    if (a.what != b.what) return a.what < b.what ? -1 : 1;
    if (a.prefix != b.prefix) return a.prefix < b.prefix ? -1 : 1;
    if (a.more != b.more) return a.more < b.more ? -1 : 1;
    if (a.more == o.open(k))
      if (const int c = compare_key(o, k, p, i, q, j)) return c;
  }
  for (std::size_t k = ranked; k < o.by.size(); ++k)
    if (const int c = compare_key(o, k, p, i, q, j)) return c;
  return 0;
}

}  // namespace sorting
