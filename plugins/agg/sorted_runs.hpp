// plugins/agg/sorted_runs.hpp: runs of sorted records on disk, and their merge.
//
//   S1  a record's place, the number of its batch and its row, is unique and ascends in the order of arrival; it is the last key of
//       all. So there is one sorted order, whatever is cut into which run and merged with what.
//   S2  a run's blocks are read once, in order. A block is a batch; its notes are the places of its records.
//   S3  runs that are merged at once have blocks that fit into the memory given, one of each.
#pragma once
#include "agg/packed_keys.hpp"
#include "lib/loser_tree.hpp"

namespace sorting {

struct run {
  std::shared_ptr<pipes::spill> file;
  std::vector<pipes::spill::place> blocks;
  std::uint64_t largest = 0;  // of its blocks, in memory
  differences bits;           // of its records' ranks
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
  // `bits`: of the ranks of all records that will come.
  run_writer(std::shared_ptr<pipes::spill> file, const differences& bits, pipe_context* context) : context_(context) {
    run_.file = std::move(file);
    run_.bits = bits;
  }
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
  run_reader(run r, const order& o, const packing& bits, pipe_context* context) : run_(std::move(r)), order_(o), bits_(bits), context_(context) { load(); }
  bool ended() const { return ended_; }
  const piece& block() const { return piece_; }
  std::uint32_t row() const { return row_; }
  std::uint64_t word() const { return words_[row_]; }
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
    words_.assign(piece_.count, 0);
    bits_.pack(piece_, [&](std::size_t i) -> std::uint64_t& { return words_[i]; });
    weight_ = piece_.batch.bytes_held() / std::max<std::size_t>(piece_.count, 1) + 1;
  }

 private:
  run run_;
  const order& order_;
  const packing& bits_;
  pipe_context* context_;
  std::size_t next_ = 0;
  piece piece_;
  std::vector<std::uint64_t> words_;
  std::string_view places_;
  std::uint64_t weight_ = 0;
  std::uint32_t row_ = 0;
  bool ended_ = false;
};

// Of the ranks of several runs' records.
inline differences all_bits(const std::vector<run>& runs) {
  differences all;
  for (const run& r : runs) all.add(r.bits);
  return all;
}

// Merges runs. use(parts, collected): some of the records, the next ones in order, some `block` bytes of them at a time.
template <class Use>
void merge(const order& o, std::vector<run> runs, pipe_context* context, std::uint64_t block, Use use) {
  const packing bits(all_bits(runs), o);
  std::vector<std::unique_ptr<run_reader>> from;
  std::vector<pipes::batch> parts;
  for (run& r : runs) {
    from.push_back(std::make_unique<run_reader>(std::move(r), o, bits, context));
    from.back()->part = static_cast<std::uint32_t>(parts.size());
    parts.push_back(from.back()->block().batch);
  }
  std::vector<std::uint64_t> heads;  // each reader's word: what mostly decides, side by side
  for (const auto& r : from) heads.push_back(r->ended() ? 0 : r->word());
  auto less = [&](std::size_t a, std::size_t b) {
    if (heads[a] != heads[b]) return heads[a] < heads[b];
    const run_reader &x = *from[a], &y = *from[b];
    const int c = bits.exact() ? 0 : compare_records(o, x.block(), x.row(), y.block(), y.row());
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
    if (r.ended()) {
      tree.ended();
    } else {
      heads[tree.winner()] = r.word();
      tree.moved();
    }
  }
  hand_over();
}

}  // namespace sorting
