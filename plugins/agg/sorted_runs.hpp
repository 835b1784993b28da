// plugins/agg/sorted_runs.hpp: runs of sorted records on disk, and their merge.
//
//   S1  a record's place, the number of its batch and its row, is unique and ascends in the order of arrival; it is the last key of
//       all. So there is one sorted order, whatever is cut into which run and merged with what.
//   S2  a run's blocks are read once, in order. A block is a batch; its notes are the places of its records.
//   S3  runs that are merged at once have blocks that fit into the memory given, two of each: one is used up, the next one is read.
//   S4  the merge compares on one fiber; reading and gathering are done beside it, and change nothing in the order.
#pragma once
#include <functional>
#include <memory>

#include "agg/packed_keys.hpp"
#include "lib/loser_tree.hpp"
#include "lib/side_work.hpp"

namespace sorting {

struct run {
  std::shared_ptr<pipes::spill> file;
  std::vector<pipes::spill::place> blocks;
  std::uint64_t largest = 0;  // of its blocks, in memory
  differences bits;           // of its records' ranks
};

// Rows of several batches, collected to be gathered into one.
class collected {
 public:
  std::vector<std::uint32_t> of, rows;
  std::vector<std::uint64_t> places;
  bool empty() const { return count_ == 0; }
  std::uint64_t bytes() const { return bytes_; }  // about
  void add(std::uint32_t part, std::uint32_t row, std::uint64_t place, std::uint64_t weight) {
    if (count_ == of.size()) resize(std::max<std::size_t>(2 * count_, 1024));
    of[count_] = part;
    rows[count_] = row;
    places[count_++] = place;
    bytes_ += weight;
  }
  // Nothing will be added: from now on the vectors are as long as what is there.
  void close() { resize(count_); }
  // All rows are of one batch, ascending: they can be passed on as they are.
  bool one_part() const {
    for (std::size_t i = 1; i < of.size(); ++i)
      if (of[i] != of[0] || rows[i] <= rows[i - 1]) return false;
    return true;
  }
  void clear() {
    count_ = 0;
    bytes_ = 0;
  }

 private:
  void resize(std::size_t n) {
    of.resize(n);
    rows.resize(n);
    places.resize(n);
  }
  std::size_t count_ = 0;
  std::uint64_t bytes_ = 0;
};
using batches = std::vector<pipes::batch>;

// A block that was written, and what it takes up in memory.
struct written {
  pipes::spill::place place{};
  std::uint64_t bytes = 0;
};
inline written write_block(pipes::spill& to, pipe_context* context, const batches& parts, const collected& c) {
  const pipes::batch block = pipes::batch::gather(parts, c.of, c.rows);
  const std::uint64_t bytes = block.bytes_held() + c.rows.size() * piece::beside_each;
  return {to.put(context, block, {reinterpret_cast<const char*>(c.places.data()), c.places.size() * sizeof(std::uint64_t)}), bytes};
}
inline void add_block(run& r, const written& w) {
  r.largest = std::max(r.largest, w.bytes);
  r.blocks.push_back(w.place);
}

// What the readers of a merge go by.
struct merge_order {
  order keys;
  packing bits;
};

// A block of a run, read back.
struct loaded {
  piece records;
  std::vector<std::uint64_t> words;
  std::string_view places;   // as many as records; as long as they
  std::uint64_t weight = 0;  // of a record, about
};

// A run that is being read. The next block is read on a fiber beside, while this one is used up.
class run_reader {
 public:
  // load() brings the first block.
  run_reader(const pipes::stage_base& stage, run r, std::shared_ptr<const merge_order> by) : stage_(stage), ahead_(std::make_shared<ahead>()) {
    ahead_->of = std::move(r);
    ahead_->by = std::move(by);
    start();
  }
  bool ended() const { return ended_; }
  const piece& block() const { return now_.records; }
  std::uint32_t row() const { return row_; }
  std::uint64_t word() const { return now_.words[row_]; }
  std::uint64_t place() const {
    std::uint64_t v;
    std::memcpy(&v, now_.places.data() + row_ * sizeof v, sizeof v);
    return v;
  }
  std::uint64_t weight() const { return now_.weight; }
  std::uint32_t part = 0;  // number of the block among the merge's parts
  // False: the block is used up.
  bool step() { return ++row_ < now_.records.count; }
  void load() {
    row_ = 0;
    ended_ = !beside_.busy();
    if (ended_) {
      now_ = loaded();
      return;
    }
    beside_.wait(stage_);
    std::swap(now_, ahead_->block);
    start();
  }

 private:
  struct ahead {
    run of;
    std::shared_ptr<const merge_order> by;
    std::size_t next = 0;
    loaded block;
    void read(pipe_context* context) {
      pipes::spill::taken t = of.file->take(context, of.blocks[next++]);
      block.places = t.notes;
      block.records = piece(t.records, by->keys, std::move(block.records.ranks));
      block.words.assign(block.records.count, 0);
      by->bits.pack(block.records, [&](std::size_t i) -> std::uint64_t& { return block.words[i]; });
      block.weight = t.records.bytes_held() / std::max<std::size_t>(block.records.count, 1) + 1;
    }
  };
  void start() {
    ahead_->block.records.batch = pipes::batch();
    if (ahead_->next < ahead_->of.blocks.size()) beside_.start(stage_, [a = ahead_, context = stage_.context()] { a->read(context); });
  }

  const pipes::stage_base& stage_;
  const std::shared_ptr<ahead> ahead_;  // the fiber's while beside_ is busy
  shared::side_work beside_;
  loaded now_;
  std::uint32_t row_ = 0;
  bool ended_ = false;
};

// Of the ranks of several runs' records.
inline differences all_bits(const std::vector<run>& runs) {
  differences all;
  for (const run& r : runs) all.add(r.bits);
  return all;
}

// What is made of a merge's records on fibers beside it, and used in their order: use(what make() returned). A few are under way at once.
template <class Made, class Use>
class made_beside {
 public:
  using make = std::function<Made(const batches& parts, const collected& some)>;  // owns what it touches
  made_beside(const pipes::stage_base& stage, make how, Use use) : stage_(stage), make_(std::move(how)), use_(std::move(use)), places_(stage.workers() + 1) {}
  // Takes what is collected and leaves it empty.
  void add(std::shared_ptr<const batches> parts, collected& some) {
    place& p = places_[next_++ % places_.size()];
    finish(p);
    if (!p.job) p.job = std::make_shared<material>();
    p.job->parts = std::move(parts);
    std::swap(p.job->some, some);
    some.clear();
    p.job->some.close();
    p.beside.start(stage_, [j = p.job, how = make_] {
      j->made = how(*j->parts, j->some);
      j->parts = nullptr;
    });
  }
  void finish() {
    for (std::size_t i = 0; i < places_.size(); ++i) finish(places_[next_++ % places_.size()]);
  }

 private:
  struct material {
    std::shared_ptr<const batches> parts;
    collected some;
    Made made;
  };
  struct place {
    std::shared_ptr<material> job;  // the fiber's while `beside` is busy
    shared::side_work beside;
  };
  void finish(place& p) {
    if (!p.beside.busy()) return;
    p.beside.wait(stage_);
    use_(std::exchange(p.job->made, Made()));
  }

  const pipes::stage_base& stage_;
  const make make_;
  Use use_;
  std::vector<place> places_;  // a ring, the oldest at next_
  std::size_t next_ = 0;
};

// Merges runs. to.add(shared parts, collected): some of the records, the next ones in order, some `block` bytes of them at a time.
template <class To>
void merge(const pipes::stage_base& stage, const order& keys, std::vector<run> runs, std::uint64_t block, To& to) {
  const auto by = std::make_shared<const merge_order>(merge_order{keys, packing(all_bits(runs), keys)});
  std::vector<std::unique_ptr<run_reader>> from;
  batches parts;
  for (run& r : runs) from.push_back(std::make_unique<run_reader>(stage, std::move(r), by));
  std::vector<std::uint64_t> heads;  // each reader's word: what mostly decides, side by side
  for (auto& r : from) {
    r->load();
    r->part = static_cast<std::uint32_t>(parts.size());
    parts.push_back(r->block().batch);
    heads.push_back(r->word());
  }
  const bool exact = by->bits.exact();
  auto less = [&](std::size_t a, std::size_t b) {
    if (heads[a] != heads[b]) return heads[a] < heads[b];
    const run_reader &x = *from[a], &y = *from[b];
    const int c = exact ? 0 : compare_records(keys, x.block(), x.row(), y.block(), y.row());
    return c != 0 ? c < 0 : x.place() < y.place();
  };
  collected some;
  // What is collected refers to blocks that are used up; they go with it.
  const auto hand_over = [&] {
    if (!some.empty()) to.add(std::make_shared<const batches>(std::move(parts)), some);
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
    if (some.bytes() >= block) hand_over();
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
