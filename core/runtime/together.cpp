// together.cpp: whether two workers are worth more than one.
// Fibers on two workers that exchange values and do little else spend their time on the way of cache lines: a select of two buffered
// channels takes 50 ns a value on two processors, 19 on one. How much work is enough to pay for the way depends on the
// machine and on how values are used, so it is tried out: where shared locks (channels, mutexes) are used more often than every
// 300 ns, one worker retires, all that it has goes to the others, and for 2 ms nobody shares for its long slices. If locks are used
// more often in that time than before by all workers together, the next time is twice as long (up to 0.5 s); else the workers stay
// apart for 30 times as long.
// Measured with two processors. With idle ones beside, what the retired worker leaves wakes one of them, and the trial is in vain.
// Rejected: counting what crosses. Neither the locks that were another worker's nor the time lost in waiting for locks told cases
// that gain from those that lose: most of the cost is in the lines that are looked at in between.
#include "core/runtime/scheduler.hpp"

#include <algorithm>

namespace pipes::detail {

// At a look of a worker that shares locks much. True: it retires.
bool runtime::come_together(worker& w, std::uint64_t now) {
  const std::uint64_t others = processors - spare.load(std::memory_order_relaxed) - 1;
  if (others == 0 || others >= processors || now < apart_until.load(std::memory_order_relaxed)) return false;
  std::uint64_t until = together_until.load(std::memory_order_relaxed);
  if (now < until) return false;
  const std::uint64_t shortest = ticks_per_us * 2'000, longest = ticks_per_us * 500'000;
  const std::uint64_t before = together_for.load(std::memory_order_relaxed);
  const std::uint64_t next = now - until < 2 * before ? std::min(2 * before, longest) : shortest;
  if (!together_until.compare_exchange_strong(until, now + next, std::memory_order_relaxed)) return false;
  together_for.store(next, std::memory_order_relaxed);
  const std::uint64_t rate = ((w.lock_uses - w.last_look.uses) << 20) / (now - w.last_look.ticks + 1);
  apart_rate.store(rate * (others + 1), std::memory_order_relaxed);
  return true;
}

// At each look: was it worth while?
void runtime::judge_together(worker& w, std::uint64_t now) {
  if (now < together_until.load(std::memory_order_relaxed)) {
    if (w.together_began.ticks == 0) w.together_began = {w.lock_uses, now};
    return;
  }
  if (w.together_began.ticks == 0) return;
  const std::uint64_t rate = ((w.lock_uses - w.together_began.uses) << 20) / (now - w.together_began.ticks + 1);
  w.together_began.ticks = 0;
  if (rate >= apart_rate.load(std::memory_order_relaxed)) return;
  apart_until.store(now + 30 * together_for.load(std::memory_order_relaxed), std::memory_order_relaxed);
  together_for.store(0, std::memory_order_relaxed);
}

}  // namespace pipes::detail
