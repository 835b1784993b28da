// plugins/agg/sorted_runs.hpp: what sort needs of records: their keys, runs of sorted records on disk, and the merge of runs.
//
//   S1  a record's place, the number of its batch and its row, is unique and ascends in the order of arrival; it is the last key of
//       all. So there is one sorted order, whatever is cut into which run and merged with what.
//   S2  a run's blocks are read once, in order. A block is a batch; its notes are the places of its records.
//   S3  runs that are merged at once have blocks that fit into the memory given, one of each.
#pragma once
#include <pipe/plugin.hpp>

#include "lib/loser_tree.hpp"
#include "lib/total_order.hpp"

namespace sorting {

using shared::rank;

// The sort's keys, and records compared by them.
class order {
 public:
  std::vector<pipes::field> by;  // none: the whole record, as text

  // How many keys are ranked beforehand.
  std::size_t ranked() const { return by.empty() ? 1 : std::min<std::size_t>(by.size(), 2); }

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
  std::uint64_t number = 0;                 // in the order of arrival
  std::uint32_t first = 0;                  // position of its first record among those sorted together

  piece() = default;
  piece(const pipes::batch& b, const order& o) : batch(b), count(b.size()) {
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
  // Memory for it, with what sorting it takes.
  std::uint64_t bytes() const { return batch.bytes_held() + count * beside_each; }
  static constexpr std::uint64_t beside_each = 72;
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

struct run {
  std::shared_ptr<pipes::spill> file;
  std::vector<pipes::spill::place> blocks;
  std::uint64_t largest = 0;  // of its blocks, in memory
};

// Rows of several batches, collected to be gathered into one.
struct collected {
  std::vector<std::uint32_t> of, rows;
  std::vector<std::uint64_t> places;
  std::uint64_t bytes = 0;  // about
  bool empty() const { return rows.empty(); }
  void add(std::uint32_t part, std::uint32_t row, std::uint64_t place, std::uint64_t weight) {
    of.push_back(part);
    rows.push_back(row);
    places.push_back(place);
    bytes += weight;
  }
  // All rows are of one batch, ascending: they can be passed on as they are.
  bool one_part() const {
    for (std::size_t i = 1; i < of.size(); ++i)
      if (of[i] != of[0] || rows[i] <= rows[i - 1]) return false;
    return true;
  }
  void clear() {
    of.clear();
    rows.clear();
    places.clear();
    bytes = 0;
  }
};

// Writes one run, block by block.
class run_writer {
 public:
  run_writer(std::shared_ptr<pipes::spill> file, pipe_context* context) : context_(context) { run_.file = std::move(file); }
  void put(const std::vector<pipes::batch>& parts, const collected& c) {
    const pipes::batch block = pipes::batch::gather(parts, c.of, c.rows);
    run_.largest = std::max(run_.largest, block.bytes_held() + c.rows.size() * piece::beside_each);
    run_.blocks.push_back(run_.file->put(context_, block, {reinterpret_cast<const char*>(c.places.data()), c.places.size() * sizeof(std::uint64_t)}));
  }
  run done() { return std::move(run_); }

 private:
  pipe_context* context_;
  run run_;
};

// A run that is being read.
class run_reader {
 public:
  run_reader(run r, const order& o, pipe_context* context) : run_(std::move(r)), order_(o), context_(context) { load(); }
  bool ended() const { return ended_; }
  const piece& block() const { return piece_; }
  std::uint32_t row() const { return row_; }
  std::uint64_t place() const {
    std::uint64_t v;
    std::memcpy(&v, places_.data() + row_ * sizeof v, sizeof v);
    return v;
  }
  std::uint64_t weight() const { return weight_; }  // of a record, about
  std::uint32_t part = 0;                           // number of the block among the merge's parts
  // False: the block is used up.
  bool step() { return ++row_ < piece_.count; }
  void load() {
    row_ = 0;
    if (next_ == run_.blocks.size()) {
      ended_ = true;
      piece_ = piece();
      return;
    }
    pipes::spill::taken t = run_.file->take(context_, run_.blocks[next_++]);
    places_ = t.notes;
    piece_ = piece(t.records, order_);
    weight_ = piece_.batch.bytes_held() / std::max<std::size_t>(piece_.count, 1) + 1;
  }

 private:
  run run_;
  const order& order_;
  pipe_context* context_;
  std::size_t next_ = 0;
  piece piece_;
  std::string_view places_;
  std::uint64_t weight_ = 0;
  std::uint32_t row_ = 0;
  bool ended_ = false;
};

// Merges runs. use(parts, collected): some of the records, the next ones in order, some `block` bytes of them at a time.
template <class Use>
void merge(const order& o, std::vector<run> runs, pipe_context* context, std::uint64_t block, Use use) {
  std::vector<std::unique_ptr<run_reader>> from;
  std::vector<pipes::batch> parts;
  for (run& r : runs) {
    from.push_back(std::make_unique<run_reader>(std::move(r), o, context));
    from.back()->part = static_cast<std::uint32_t>(parts.size());
    parts.push_back(from.back()->block().batch);
  }
  auto less = [&](std::size_t a, std::size_t b) {
    const run_reader &x = *from[a], &y = *from[b];
    const int c = compare_records(o, x.block(), x.row(), y.block(), y.row());
    return c != 0 ? c < 0 : x.place() < y.place();
  };
  collected some;
  // What is collected refers to blocks that are used up; they go with it.
  const auto hand_over = [&] {
    if (!some.empty()) use(parts, some);
    some.clear();
    parts.clear();
    for (auto& r : from) {
      if (r->ended()) continue;
      r->part = static_cast<std::uint32_t>(parts.size());
      parts.push_back(r->block().batch);
    }
  };
  shared::loser_tree<decltype(less)> tree(from.size(), less);
  while (!tree.empty()) {
    run_reader& r = *from[tree.winner()];
    some.add(r.part, r.row(), r.place(), r.weight());
    if (some.bytes >= block) hand_over();
    if (!r.step()) {
      r.load();
      if (!r.ended()) {
        r.part = static_cast<std::uint32_t>(parts.size());
        parts.push_back(r.block().batch);
      }
    }
    if (r.ended()) tree.ended();
    else tree.moved();
  }
  hand_over();
}

}  // namespace sorting
