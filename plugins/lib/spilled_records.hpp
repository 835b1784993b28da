// plugins/lib/spilled_records.hpp: records that wait on disk in the order of their arrival, and a set of numbers that may be larger
// than memory. Both are filled first and read once, from the beginning, by one fiber.
#pragma once
#include <algorithm>
#include <memory>
#include <vector>

#include "lib/spilled_keys.hpp"

namespace shared {

// Batches are put together until they make a block of some size.
class record_stream {
 public:
  struct block {
    pipes::spill::place place;
    std::uint64_t count;
  };
  // Calls wrote(block) for each block that is complete by this.
  template <class Wrote>
  void append(const pipes::batch& b, pipe_context* context, std::size_t block_bytes, Wrote wrote) {
    pending_.push_back(b);
    bytes_ += b.bytes_held();
    if (bytes_ >= block_bytes) flush(context, wrote);
  }
  template <class Wrote>
  void flush(pipe_context* context, Wrote wrote) {
    if (pending_.empty()) return;
    if (!file_) file_ = std::make_unique<pipes::spill>(context);
    const pipes::batch all = pending_.size() == 1 ? pending_.front() : pipes::batch::concat(pending_);
    wrote(block{file_->put(context, all), all.size()});
    pending_.clear();
    bytes_ = 0;
  }
  const std::vector<pipes::batch>& pending() const { return pending_; }
  pipes::batch take(pipe_context* context, const block& b) { return file_->take(context, b.place).records; }
  void drop(const block& b) { file_->drop(b.place); }

 private:
  std::unique_ptr<pipes::spill> file_;
  std::vector<pipes::batch> pending_;
  std::size_t bytes_ = 0;
};

// Some of the numbers 0 to n - 1, added in any order, each once, asked for in ascending order: a bitmap of a stretch of them at a
// time, the others as lists on disk.
class number_set {
 public:
  number_set(std::uint64_t n, pipe_context* context, std::uint64_t memory)
      : context_(context), block_(spill_block(memory)), range_(std::max<std::uint64_t>(memory, n / 64 + 1)), lists_(static_cast<std::size_t>(n / range_ + 1)) {
    if (lists_.size() == 1) bits_.resize(static_cast<std::size_t>(n / 64 + 1));
  }
  void add(std::uint64_t number) {
    if (lists_.size() == 1) return set(number);
    list& l = lists_[static_cast<std::size_t>(number / range_)];
    l.pending.push_back(number % range_);
    if (l.pending.size() * sizeof(std::uint64_t) >= block_) write(l);
  }
  bool has(std::uint64_t number) {
    if (lists_.size() > 1) {
      const std::size_t of = static_cast<std::size_t>(number / range_);
      if (of != current_) read(of);
      number %= range_;
    }
    return bits_[static_cast<std::size_t>(number / 64)] >> (number % 64) & 1;
  }

 private:
  struct list {
    std::vector<std::uint64_t> pending;
    std::vector<pipes::spill::place> blocks;
  };
  void set(std::uint64_t at) { bits_[static_cast<std::size_t>(at / 64)] |= std::uint64_t{1} << (at % 64); }
  void write(list& l) {
    if (!file_) file_ = std::make_unique<pipes::spill>(context_);
    l.blocks.push_back(file_->put(context_, pipes::batch(), {reinterpret_cast<const char*>(l.pending.data()), l.pending.size() * sizeof(std::uint64_t)}));
    l.pending.clear();
  }
  void read(std::size_t of) {
    current_ = of;
    bits_.assign(static_cast<std::size_t>(range_ / 64 + 1), 0);
    list& l = lists_[of];
    for (std::uint64_t at : l.pending) set(at);
    for (const auto& place : l.blocks) {
      const pipes::spill::taken t = file_->take(context_, place);
      for (std::size_t i = 0; i < t.notes.size(); i += sizeof(std::uint64_t)) {
        std::uint64_t at;
        std::memcpy(&at, t.notes.data() + i, sizeof at);
        set(at);
      }
    }
    l = list();
  }

  pipe_context* context_;
  const std::size_t block_;
  const std::uint64_t range_;
  std::vector<list> lists_;
  std::vector<std::uint64_t> bits_;  // of list current_
  std::size_t current_ = ~std::size_t{0};
  std::unique_ptr<pipes::spill> file_;
};

}  // namespace shared
