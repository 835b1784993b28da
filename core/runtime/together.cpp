// together.cpp: whether two workers are worth more than one.
// Fibers on two workers that exchange values and do little else spend their time on the way of cache lines: a select of two buffered
// channels takes 50 ns a value on two processors, 19 on one. How much work is enough to pay for the way depends on the
// machine and on how values are used, so it is tried out: where shared locks (channels, mutexes) are used more often than every
// 300 ns, or work of short slices goes to and fro, one worker retires, all that it has goes to the others, and for 2 ms nobody shares for
// its long slices. If more is done in that time (uses of locks, picks) than before by all workers together, the next time is twice as long
// (up to 0.5 s); else the workers stay apart for 30 times as long.
// Short slices go to and fro because they are long when two workers tear at them: fibers that park on one channel take 70 ns each on one
// worker, 600 on each of two, and 600 is worth a steal.
// Measured with two processors. With idle ones beside, what the retired worker leaves wakes one of them, and the trial is in vain.
// Rejected: counting what crosses. Neither the locks that were another worker's nor the time lost in waiting for locks told cases
// that gain from those that lose: most of the cost is in the lines that are looked at in between.
#include "core/runtime/scheduler.hpp"

#include <algorithm>
#include <utility>

namespace pipes::detail {
namespace {

// Per 2^20 ticks. A worker's picks go back a little where it looks out of turn: less than nothing is nothing.
std::uint64_t rate_of(std::uint64_t done, std::uint64_t ticks) { return static_cast<std::int64_t>(done) < 0 ? 0 : (done << 20) / (ticks + 1); }

}  // namespace

std::uint64_t runtime::done_by_all() const {
  std::uint64_t done = 0;
  const std::size_t count = worker_count.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < count; ++i) done += workers[i].load(std::memory_order_acquire)->done_seen;
  return done;
}

// At each look of a worker. True: it retires. What all workers do is told by a window of time that holds some looks of each: by the last
// look alone it seemed up to four times as much as it was, since only good moments led here.
bool runtime::is_crowded(worker& w, std::uint64_t now) {
  const std::uint64_t shortest = ticks_per_us * 300, longest = ticks_per_us * 3'000;
  const std::uint64_t passed = now - w.window_began.ticks;
  if (passed < shortest) return false;
  const std::uint64_t done = done_by_all();
  const std::uint64_t rate = rate_of(done - w.window_began.done, passed);
  const bool shares = std::exchange(w.shared_uses, 0) * (ticks_per_us * 3 / 10) > passed;
  const bool torn = std::exchange(w.moves, 0) * (ticks_per_us * 100) > passed && w.slice_ticks < ticks_per_us * 8 / 10;
  w.window_began = {done, now};
  return passed < longest && (shares || torn) && come_together(now, rate);
}

bool runtime::come_together(std::uint64_t now, std::uint64_t rate) {
  const std::uint64_t others = processors - spare.load(std::memory_order_relaxed) - 1;
  if (others == 0 || others >= processors || now < apart_until.load(std::memory_order_relaxed)) return false;
  std::uint64_t until = together_until.load(std::memory_order_relaxed);
  if (now < until) return false;
  const std::uint64_t shortest = ticks_per_us * 2'000, longest = ticks_per_us * 500'000;
  const std::uint64_t before = together_for.load(std::memory_order_relaxed);
  const std::uint64_t next = now - until < 2 * before ? std::min(2 * before, longest) : shortest;
  if (!together_until.compare_exchange_strong(until, now + next, std::memory_order_relaxed)) return false;
  together_for.store(next, std::memory_order_relaxed);
  apart_rate.store(rate, std::memory_order_relaxed);
  return true;
}

// At each look: was it worth while? What all workers do is set against what all did. Nothing is known if the look comes late, nor if it is less than
// half of what one worker alone would do: then the program does something else by now.
void runtime::judge_together(worker& w, std::uint64_t now) {
  const std::uint64_t until = together_until.load(std::memory_order_relaxed);
  if (now < until) {
    if (w.together_began.ticks == 0) w.together_began = {done_by_all(), now};
    return;
  }
  if (w.together_began.ticks == 0) return;
  const std::uint64_t rate = rate_of(done_by_all() - w.together_began.done, now - w.together_began.ticks);
  const std::uint64_t apart = apart_rate.load(std::memory_order_relaxed);
  w.together_began.ticks = 0;
  const bool late = now - until > together_for.load(std::memory_order_relaxed) / 4;
  if (late || rate >= apart || rate < apart / (2 * processors)) return;
  apart_until.store(now + 30 * together_for.load(std::memory_order_relaxed), std::memory_order_relaxed);
  together_for.store(0, std::memory_order_relaxed);
}

}  // namespace pipes::detail
