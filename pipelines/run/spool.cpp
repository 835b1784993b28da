#include "pipelines/run/spool.hpp"

#include <algorithm>
#include <utility>

#include "pipelines/run/link.hpp"

namespace pipes::pipelines {

spool::spool(std::uint64_t memory, cycle* on)
    : cycle_(on), front_most_(memory / 2), segment_size_(std::clamp<std::uint64_t>(memory / 8, 16 * 1024, 1 << 20)) {}

void spool::push(batch_ref b) {
  std::uint64_t bytes = memory_of(b.get());
  if (bytes > 16 * 1024 && count(b.get()) * 1024 < bytes) {  // a few records that keep a whole block alive
    b = copy(b.get());
    bytes = memory_of(b.get());
  }
  if (segments_.empty() && back_.empty() && front_bytes_ + bytes <= front_most_) {
    front_.push_back({std::move(b), bytes});
    front_bytes_ += bytes;
    return;
  }
  back_.push_back({std::move(b), bytes});
  back_bytes_ += bytes;
  if (back_bytes_ >= segment_size_) write_back();
}

void spool::write_back() {
  std::vector<batch_ref> all;
  for (entry& e : back_) all.push_back(e.batch);
  const spill_place place = file_.put_all(all);
  segments_.push_back({place, get_origin(all.front().get())});
  back_.clear();
  back_bytes_ = 0;
}

batch_ref& spool::front() {
  if (front_.empty()) {
    if (segments_.empty()) {
      front_ = std::exchange(back_, {});
      front_bytes_ = std::exchange(back_bytes_, 0);
    } else {
      const segment s = std::move(segments_.front());
      segments_.pop_front();
      for (batch_ref& b : file_.take_all(s.place)) {
        const std::uint64_t bytes = memory_of(b.get());
        front_bytes_ += bytes;
        front_.push_back({cycle_ ? cycle_->track(std::move(b)) : std::move(b), bytes});
      }
    }
  }
  return front_.front().batch;
}

void spool::pop() {
  front_bytes_ -= front_.front().bytes;
  front_.pop_front();
}

}  // namespace pipes::pipelines
