// plugins/lib/parallel_compress.hpp: a byte stream into a compressed file, on all processors.
//
// The stream is cut into blocks of one size, each of which becomes a gzip member, zstd frame or xz stream of its own: written one
// behind the other they read back as one, by us as by gzip, zstd and xz. Where it is cut depends on nothing but the bytes, so the file
// is the same whatever the number of processors and however the bytes came.
//   B1  blocks are given to the places of a ring in turn, one to a fiber, and written in that order by the fiber that calls add().
//   B2  a place is busy from its start() until it has been waited for; only its fiber touches it then.
//   B3  a place is held by the compressor and its fiber: whichever ends last frees it.
// One fiber at a time; add() and finish() park.
#pragma once
#include <pipe/plugin.hpp>

#include <sched.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "lib/compress.hpp"
#include "lib/side_work.hpp"

namespace shared {

class parallel_compressor {
 public:
  // `most`: blocks at a time, for a stage that writes several files at once.
  parallel_compressor(const pipes::stage_base& stage, compression how, std::size_t most = SIZE_MAX) : stage_(stage), how_(how), block_(block_size(how)), most_(std::min(most, places(how))) {}

  // What one may take up: each block as text and packed, and what packs it.
  static std::uint64_t memory(compression how, std::size_t most = SIZE_MAX) {
    return how == compression::none ? 0 : std::uint64_t{std::min(most, places(how))} * (2 * block_size(how) + compressor::memory(how));
  }
  // put(std::string_view) takes what is to be written; it may park.
  template <class Put>
  void add(std::string_view bytes, Put put) {
    while (!bytes.empty()) {
      if (!current_) current_ = free_place(put);
      std::string& text = current_->text;
      const std::size_t n = std::min(bytes.size(), block_ - text.size());
      text.append(bytes.data(), n);
      bytes.remove_prefix(n);
      if (text.size() == block_) start();
    }
  }
  // What is left, and all that is under way. An empty stream is one empty block.
  template <class Put>
  void finish(Put put) {
    if (!any_ || (current_ && !current_->text.empty())) {
      if (!current_) current_ = free_place(put);
      if (busy_.empty()) current_->work();
      else start();
    }
    while (!busy_.empty()) write_first(put);
    if (current_) write(*current_, put);
    any_ = false;
  }

 private:
  struct place {
    explicit place(compression how) : encoder(how) {}
    void work() { packed = encoder.stream_of(text, room); }
    compressor encoder;
    std::string text, room;
    std::string_view packed;  // in `room`
    side_work fiber;
  };
  using held = std::shared_ptr<place>;

  // Block sizes: hardly any worse than one stream (a gzip window is 32 KiB), and small enough to be held several times.
  static std::size_t block_size(compression how) { return how == compression::gzip ? 512u << 10 : 4u << 20; }
  // One more than processors, so that none is idle while a block is written; but xz, which is slow, needs some 24 MiB for each.
  static std::size_t places(compression how) {
    cpu_set_t set;
    const int n = ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return std::clamp<std::size_t>(static_cast<std::size_t>(n), 1, how == compression::xz ? 8 : 16) + (how == compression::xz ? 0 : 1);
  }

  template <class Put>
  held free_place(Put& put) {
    if (!spare_.empty()) {
      held p = std::move(spare_.back());
      spare_.pop_back();
      return p;
    }
    if (busy_.size() < most_) return std::make_shared<place>(how_);
    write_first(put);
    return free_place(put);
  }
  void start() {
    any_ = true;
    held p = std::move(current_);
    p->fiber.start(stage_, [p] { p->work(); });
    busy_.push_back(std::move(p));
  }
  template <class Put>
  void write_first(Put& put) {
    const held p = busy_.front();
    busy_.erase(busy_.begin());   // before the wait, which may throw: what it has is not whole then
    p->fiber.wait(stage_);
    write(*p, put);
    spare_.push_back(p);
  }
  template <class Put>
  void write(place& p, Put& put) {
    if (!p.packed.empty()) put(p.packed);
    p.text.clear();
    p.packed = {};
  }

  const pipes::stage_base& stage_;
  const compression how_;
  const std::size_t block_, most_;
  held current_;             // being filled; null: none
  std::vector<held> busy_;   // under way, the oldest first
  std::vector<held> spare_;  // free
  bool any_ = false;         // a block of the stream was started
};

}  // namespace shared
