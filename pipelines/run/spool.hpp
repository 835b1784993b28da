// spool.hpp: the queue behind a back edge: batches leave it in the order in which they came; beyond a bound they wait on disk.
//
//   Q1  the oldest are in front_, the newest in back_, both in memory; those between them are in segments on disk.
//   Q2  a batch goes to front_ only while nothing is behind it, in a segment or in back_.
//   Q3  front_ holds at most half of `memory`, or one segment; back_ at most one segment, which is then written.
//   Q4  a segment of batches that are in flight in a cycle carries the token of one of them, so that the cycle stays open; each
//       batch gets a token of its own when it comes back, before the segment's is dropped.
// One fiber. push() and front() park.
#pragma once
#include <deque>
#include <memory>
#include <vector>

#include "core/batch/batch.hpp"
#include "core/batch/spill.hpp"

namespace pipes::pipelines {

class cycle;

class spool {
 public:
  spool(std::uint64_t memory, cycle* on);

  bool empty() const { return front_.empty() && segments_.empty() && back_.empty(); }
  void push(batch_ref b);
  // The oldest; the caller may move it out, and says pop() then. Not empty.
  batch_ref& front();
  void pop();
  std::uint64_t on_disk() const { return file_.on_disk(); }

 private:
  struct entry {
    batch_ref batch;
    std::uint64_t bytes;
  };
  struct segment {
    spill_place place;
    std::shared_ptr<pipes::origin> token;
  };
  void write_back();

  cycle* const cycle_;
  const std::uint64_t front_most_, segment_size_;
  std::deque<entry> front_, back_;
  std::uint64_t front_bytes_ = 0, back_bytes_ = 0;
  std::deque<segment> segments_;
  spill_file file_;
};

}  // namespace pipes::pipelines
