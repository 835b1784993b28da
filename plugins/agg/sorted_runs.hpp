// plugins/agg/sorted_runs.hpp: runs of sorted records on disk, and how they are read back.
//
//   S1  a record's place, the number of its batch and its row, is unique and ascends in the order of arrival; it is the last key of
//       all. So there is one sorted order, whatever is cut into which run and merged with what.
//   S2  a run's blocks are read once, in order. A block is a batch; its notes are the words and places of its records. A run's words
//       are packed by the bits in which its own records differ.
//   S3  runs that are merged at once have blocks that fit into the memory given, two of each: one is used up, the next one is read.
#pragma once
#include <memory>

#include "agg/packed_keys.hpp"
#include "lib/side_work.hpp"

namespace sorting {

struct run {
  std::shared_ptr<pipes::spill> file;
  std::vector<pipes::spill::place> blocks;
  std::uint64_t largest = 0;  // of its blocks, in memory
  differences bits;           // of its records' ranks
};

// What mostly decides, and what decides last.
struct sort_key {
  std::uint64_t word, place;
  friend bool operator<(const sort_key& a, const sort_key& b) { return (a.word < b.word) | ((a.word == b.word) & (a.place < b.place)); }
};

// Rows of several batches, collected to be gathered into one.
class collected {
 public:
  std::vector<std::uint32_t> of, rows;
  std::vector<sort_key> keys;
  bool empty() const { return count_ == 0; }
  std::uint64_t bytes() const { return bytes_; }  // about
  void add(std::uint32_t part, std::uint32_t row, sort_key key, std::uint64_t weight) {
    if (count_ == of.size()) resize(std::max<std::size_t>(2 * count_, 1024));
    of[count_] = part;
    rows[count_] = row;
    keys[count_++] = key;
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
    keys.resize(n);
  }
  std::size_t count_ = 0;
  std::uint64_t bytes_ = 0;
};
using batches = std::vector<pipes::batch>;

// Keys as a block's notes: all words, then all places, each in as many bytes as the largest of the block needs.
class key_notes {
 public:
  static std::string of(const std::vector<sort_key>& keys) {
    std::uint64_t words = 0, places = 0;
    for (const sort_key& k : keys) words |= k.word, places |= k.place;
    head h{};
    while (words && h.shift < 64 && !(words >> h.shift & 0xff)) h.shift = static_cast<std::uint8_t>(h.shift + 8);
    h.word = bytes(words >> h.shift);
    h.place = bytes(places);
    std::string notes(sizeof h + keys.size() * (h.word + h.place) + spare, '\0');
    std::memcpy(notes.data(), &h, sizeof h);
    char* to = notes.data() + sizeof h;
    for (const sort_key& k : keys) to = put(k.word >> h.shift, h.word, to);
    for (const sort_key& k : keys) to = put(k.place, h.place, to);
    return notes;
  }
  static void read(std::string_view notes, std::vector<sort_key>& keys) {
    head h;
    std::memcpy(&h, notes.data(), sizeof h);
    const char* const words = notes.data() + sizeof h;
    const char* const places = words + keys.size() * h.word;
    for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = {get(words + i * h.word, h.word) << h.shift, get(places + i * h.place, h.place)};
  }

 private:
  struct head {
    std::uint8_t word, place;  // bytes of each
    std::uint8_t shift;        // of the words, in bits
  };
  static constexpr std::size_t spare = sizeof(std::uint64_t);  // whole words are written and read
  static std::uint8_t bytes(std::uint64_t v) {
    std::uint8_t n = 0;
    for (; v; v >>= 8) ++n;
    return n;
  }
  static char* put(std::uint64_t v, std::size_t size, char* to) {
    std::memcpy(to, &v, sizeof v);
    return to + size;
  }
  static std::uint64_t get(const char* from, std::size_t size) {
    std::uint64_t v;
    std::memcpy(&v, from, sizeof v);
    return size < sizeof v ? v & ((std::uint64_t{1} << (8 * size)) - 1) : v;
  }
};

// A block that was written, and what it takes up in memory.
struct written {
  pipes::spill::place place{};
  std::uint64_t bytes = 0;
};
inline written write_block(pipes::spill& to, pipe_context* context, const batches& parts, const collected& c) {
  const pipes::batch block = pipes::batch::gather(parts, c.of, c.rows);
  const std::uint64_t bytes = block.bytes_held() + c.rows.size() * piece::beside_each;
  return {to.put(context, block, key_notes::of(c.keys)), bytes};
}
inline void add_block(run& r, const written& w) {
  r.largest = std::max(r.largest, w.bytes);
  r.blocks.push_back(w.place);
}

// What a merge goes by.
struct merge_order {
  order keys;
  packing bits;
};

// A block of a run, read back.
struct loaded {
  pipes::batch batch;
  std::vector<sort_key> keys;  // the words by the merge's bits
  piece records;               // where the words are not exact
  std::uint64_t weight = 0;    // of a record, about
};

// Whether record i of `a` comes before record j of `b`.
inline bool before(const merge_order& by, const loaded& a, std::size_t i, const loaded& b, std::size_t j) {
  if (by.bits.exact() || a.keys[i].word != b.keys[j].word) return a.keys[i] < b.keys[j];
  const int c = compare_records(by.keys, a.records, i, b.records, j);
  return c != 0 ? c < 0 : a.keys[i].place < b.keys[j].place;
}

// A run that is being read. The next block is read on a fiber beside, while this one is used up.
class run_reader {
 public:
  // load() brings the first block.
  run_reader(const pipes::stage_base& stage, run r, std::shared_ptr<const merge_order> by)
      : stage_(stage), ahead_(std::make_shared<ahead>(ahead{std::move(r), by, {}, 0, {}})) {
    ahead_->words = by->bits.from(packing(ahead_->of.bits, by->keys), ahead_->of.bits);
    start();
  }
  bool ended() const { return !now_; }
  const std::shared_ptr<const loaded>& block() const { return now_; }
  std::size_t row() const { return row_; }
  // As many rows of the block are used up; true: all of them.
  bool step_to(std::size_t row) {
    row_ = row;
    return row_ == now_->keys.size();
  }
  void load() {
    row_ = 0;
    now_ = nullptr;
    if (!beside_.busy()) return;
    beside_.wait(stage_);
    now_ = std::move(ahead_->block);
    start();
  }

 private:
  struct ahead {
    run of;
    std::shared_ptr<const merge_order> by;
    packing::moves words;
    std::size_t next;
    std::shared_ptr<const loaded> block;
    void read(pipe_context* context) {
      const pipes::spill::taken t = of.file->take(context, of.blocks[next++]);
      auto made = std::make_shared<loaded>();
      made->batch = t.records;
      made->keys.resize(t.records.size());
      key_notes::read(t.notes, made->keys);
      for (sort_key& k : made->keys) k.word = words(k.word);
      if (!by->bits.exact()) made->records = piece(t.records, by->keys);
      made->weight = t.records.bytes_held() / std::max<std::size_t>(made->keys.size(), 1) + 1;
      block = std::move(made);
    }
  };
  void start() {
    if (ahead_->next < ahead_->of.blocks.size()) beside_.start(stage_, [a = ahead_, context = stage_.context()] { a->read(context); });
  }

  const pipes::stage_base& stage_;
  const std::shared_ptr<ahead> ahead_;  // the fiber's while beside_ is busy
  shared::side_work beside_;
  std::shared_ptr<const loaded> now_;
  std::size_t row_ = 0;
};

// Of the ranks of several runs' records.
inline differences all_bits(const std::vector<run>& runs) {
  differences all;
  for (const run& r : runs) all.add(r.bits);
  return all;
}

}  // namespace sorting
