// plugins/lib/spilled_keys.hpp: tables of keys that outgrow memory: count, top, group, distinct.
//
// A table that has reached its limit is written out whole, in the order of its keys (a run), and starts anew empty. At the end all
// runs are merged: what belongs to one key comes together from wherever it was written, key by key in their order, a window of
// some thousand keys at a time.
//   K1  a run holds each key once, ascending by key_codec::compare.
//   K2  blocks of a run are read once, in order; a run is merged once.
//   K3  what is merged at a time fits into the memory that merge() is given: more runs are first merged into longer ones.
// A stage that keeps its state so has
//   byte_table keys                                       value and marks are kept here; marks are joined when keys meet
//   std::size_t width() const                             fields of a key
//   void save(std::uint32_t at, std::string& to) const    appends what belongs to entry `at`
//   void join(std::uint32_t at, std::uint64_t value, const char* from, std::size_t size)   adds what was saved to entry `at`
//   void forget()                                         empties the table and what belongs to it, and gives the memory back
//   void rewind()                                         empties them to be filled again at once: memory may stay
//   std::size_t bytes() const                             memory that they take
// Rejected: partitions by hash. They need no order on the way, but the answer is ordered by key, so they would be sorted after all.
#pragma once
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "lib/fold_rows.hpp"
#include "lib/loser_tree.hpp"

namespace shared {

// Part of `memory` bytes: what one block of a run takes up.
inline std::size_t spill_block(std::uint64_t memory) {
  return static_cast<std::size_t>(std::clamp<std::uint64_t>(memory / 256, 4096, 256 * 1024));
}

class spilled_keys {
 public:
  bool any() const { return !runs_.empty(); }

  // Writes the stage's table out. `memory`: of the whole stage.
  template <class S>
  void spill(S& stage, pipe_context* context, std::uint64_t memory) {
    if (stage.keys.size() == 0) return;
    if (!file_) file_ = std::make_shared<pipes::spill>(context);
    const std::vector<std::uint32_t> order = in_key_order(stage.keys, stage.width());
    writer to(file_, context, spill_block(memory));
    for (std::size_t i = 0; i < order.size(); ++i) {
      stage.keys.fetch(order.data() + i, order.size() - i);
      to.add(stage, order[i]);
    }
    runs_.push_back(to.done());
    stage.forget();
  }

  // Writes keys that lie elsewhere: all(write) calls write(text, kind) for each, ascending. Their value is 0, they have no state.
  template <class All>
  void spill_ascending(pipe_context* context, std::uint64_t memory, All all) {
    if (!file_) file_ = std::make_shared<pipes::spill>(context);
    writer to(file_, context, spill_block(memory));
    all([&](std::string_view text, std::uint16_t kind) { to.add({text.data(), static_cast<std::uint32_t>(text.size()), kind, 0, 0}, {}); });
    run made = to.done();
    if (!made.blocks.empty()) runs_.push_back(std::move(made));
  }

  void take_over(spilled_keys&& other) {
    runs_.insert(runs_.end(), std::make_move_iterator(other.runs_.begin()), std::make_move_iterator(other.runs_.end()));
    other.runs_.clear();
  }

  // Calls window() each time the stage's table holds the next keys in their order; they are taken out of it afterwards.
  template <class S, class Window>
  void merge(S& stage, pipe_context* context, std::uint64_t memory, Window window) {
    spill(stage, context, memory);
    if (!file_) file_ = std::make_shared<pipes::spill>(context);
    for (;;) {
      const std::size_t some = fitting(memory);
      std::vector<run> now(std::make_move_iterator(runs_.begin()), std::make_move_iterator(runs_.begin() + static_cast<std::ptrdiff_t>(some)));
      runs_.erase(runs_.begin(), runs_.begin() + static_cast<std::ptrdiff_t>(some));
      if (runs_.empty()) return together(stage, context, std::move(now), memory, window);
      writer to(file_, context, spill_block(memory));
      together(stage, context, std::move(now), memory, [&] {
        for (std::uint32_t at = 0; at < stage.keys.size(); ++at) to.add(stage, at);
      });
      runs_.push_back(to.done());
    }
  }

 private:
  struct run {
    std::shared_ptr<pipes::spill> file;
    std::vector<pipes::spill::place> blocks;
    std::size_t largest = 0;  // of its blocks, in memory
  };
  struct entry_head {
    std::uint64_t value;
    std::uint32_t key_size, state_size;
    std::uint16_t kind, marks;
    std::uint32_t reserved;
  };
  static_assert(sizeof(entry_head) == 24);

  class writer {
   public:
    writer(std::shared_ptr<pipes::spill> file, pipe_context* context, std::size_t block) : context_(context), block_(block) { run_.file = std::move(file); }
    template <class S>
    void add(const S& stage, std::uint32_t at) {
      state_.clear();
      stage.save(at, state_);
      add(stage.keys[at], state_);
    }
    void add(const byte_table::entry& e, std::string_view state) {
      entry_head head{e.value, e.size, static_cast<std::uint32_t>(state.size()), e.kind, e.marks, 0};
      if (!bytes_.empty() && bytes_.size() + sizeof head + e.size + state.size() > block_) flush();
      bytes_.append(reinterpret_cast<const char*>(&head), sizeof head).append(e.key, e.size).append(state);
    }
    run done() {
      if (!bytes_.empty()) flush();
      return std::move(run_);
    }

   private:
    void flush() {
      run_.blocks.push_back(run_.file->put(context_, pipes::batch(), bytes_));
      run_.largest = std::max(run_.largest, bytes_.size() + 8192);
      bytes_.clear();
    }
    pipe_context* context_;
    const std::size_t block_;
    run run_;
    std::string bytes_, state_;
  };

  class reader {
   public:
    reader(run r, pipe_context* context) : run_(std::move(r)), context_(context) { next(); }
    bool ended() const { return ended_; }
    const byte_table::entry& key() const { return key_; }
    const char* state() const { return state_; }
    std::size_t state_size() const { return state_size_; }
    void next() {
      if (at_ == rest_.size()) {
        taken_ = {};
        if (block_ == run_.blocks.size()) {
          ended_ = true;
          return;
        }
        taken_ = run_.file->take(context_, run_.blocks[block_++]);
        rest_ = taken_.notes;
        at_ = 0;
      }
      entry_head head;
      std::memcpy(&head, rest_.data() + at_, sizeof head);
      key_ = {rest_.data() + at_ + sizeof head, head.key_size, head.kind, head.marks, head.value};
      state_ = key_.key + head.key_size;
      state_size_ = head.state_size;
      at_ += sizeof head + head.key_size + head.state_size;
    }

   private:
    run run_;
    pipe_context* context_;
    std::size_t block_ = 0;
    pipes::spill::taken taken_;
    std::string_view rest_;
    std::size_t at_ = 0;
    byte_table::entry key_{};
    const char* state_ = nullptr;
    std::size_t state_size_ = 0;
    bool ended_ = false;
  };

  // How many of the first runs can be merged at once; half of the memory is for what comes of them.
  std::size_t fitting(std::uint64_t memory) const {
    std::size_t n = 0;
    std::uint64_t sum = 0;
    while (n < runs_.size() && (n < 2 || sum + runs_[n].largest <= memory / 2)) sum += runs_[n++].largest;
    return n;
  }

  template <class S, class Window>
  static void together(S& stage, pipe_context* context, std::vector<run> runs, std::uint64_t memory, Window window) {
    std::vector<std::unique_ptr<reader>> from;
    for (run& r : runs) from.push_back(std::make_unique<reader>(std::move(r), context));
    const std::size_t width = stage.width();
    auto less = [&](std::size_t a, std::size_t b) {
      const int c = key_codec::compare(from[a]->key(), from[b]->key(), width);
      return c != 0 ? c < 0 : a < b;
    };
    constexpr std::uint32_t window_keys = 4096, large = 4096;
    const std::size_t window_bytes = static_cast<std::size_t>(memory / 8);
    loser_tree<decltype(less)> tree(from.size(), less);
    while (!tree.empty()) {
      reader& r = *from[tree.winner()];
      const byte_table::entry& e = r.key();
      const std::uint32_t known = stage.keys.size();
      const bool again = known && key_codec::compare(stage.keys[known - 1], e, width) == 0;
      if (!again && (known >= window_keys || (known && (known % 64 == 0 || e.size + r.state_size() > large) && stage.bytes() > window_bytes))) {
        window();
        stage.rewind();
        if (stage.bytes() > window_bytes / 2) stage.forget();  // what stays is not to make each window a short one
      }
      const std::uint32_t at = again ? known - 1 : stage.keys.find_or_add(e.key, e.size, e.kind);
      stage.keys[at].marks = static_cast<std::uint16_t>(stage.keys[at].marks | e.marks);
      stage.join(at, e.value, r.state(), r.state_size());
      r.next();
      if (r.ended()) tree.ended();
      else tree.moved();
    }
    if (stage.keys.size()) window();
    stage.forget();
  }

  std::vector<run> runs_;
  std::shared_ptr<pipes::spill> file_;  // of the runs that are written here
};

// What count and top have: keys with a number each, which add up.
struct counted_keys {
  byte_table keys;
  key_codec codec;
  spilled_keys spilled;
  std::size_t fields = 0;

  std::size_t width() const { return fields; }
  void save(std::uint32_t, std::string&) const {}
  void join(std::uint32_t at, std::uint64_t value, const char*, std::size_t) { keys[at].value += value; }
  void forget() { keys.clear(); }
  void rewind() { keys.rewind(); }
  std::size_t bytes() const { return keys.bytes_held(); }

  // `share` is this worker's memory; half of it is left for the table's growth.
  void add(const pipes::batch& in, const std::vector<pipes::field>& by, pipe_context* context, std::uint64_t share, std::uint32_t workers) {
    fields = by.size();
    codec.columns(in, by);
    codec.each(keys, in.size(), [&](std::size_t, std::uint32_t at) { ++keys[at].value; });
    if (bytes() > share / 2) spilled.spill(*this, context, share * workers);
  }
  void merge(counted_keys&& other, pipe_context* context, std::uint64_t memory) {
    if (other.fields) fields = other.fields;
    if (other.spilled.any() || spilled.any() || bytes() + other.bytes() > memory / 2) {
      other.spilled.spill(other, context, memory);
      spilled.take_over(std::move(other.spilled));
      return;
    }
    for (const auto& e : other.keys.entries()) {
      auto& mine = keys[keys.find_or_add(e.key, e.size, e.kind)];
      mine.value += e.value;
      mine.marks = static_cast<std::uint16_t>(mine.marks | e.marks);
    }
    other.forget();
  }
};

}  // namespace shared
