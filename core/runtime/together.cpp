// together.cpp: whether one worker does more than two.
// Fibers on two workers that exchange values and do little else spend their time waiting for cache lines: a select of two buffered channels
// takes 50 ns a value on two processors, 19 on one. How much work pays for the lines depends on the machine and on how values are used,
// so it is tried out:
//   apart     While all processors are busy, and either locks that several workers use are used more often than every 300 ns, or work of
//             short slices goes to and fro: what all workers do (uses of locks, picks) is counted over 300 us or more.
//   together  Then one worker retires and leaves all that it has to the others. For 2 ms one fewer is `allowed`: whatever would wake
//             another (the monitor, a queue that is full, a steal) finds no processor spare.
//   judged    If more was done than before, the next time together is twice as long, up to 0.5 s. If less, they stay apart for 30 times as
//             long. If hardly anything was done the program does something else by now (its fibers compute, say): they part at once,
//             and where that happens twice in a row they stay apart for 30 times as long as a processor was barred in vain.
// Work of short slices goes to and fro because two workers make the slices long: fibers that park on one channel take 70 ns each on one
// worker, 600 on each of two, and 600 is worth a steal.
// While a processor is idle nothing is tried: it is the one that a retired worker's work would go to, and to bar it would hold up others.
// Rejected: to count what crosses. Neither the uses of locks that another worker had before nor the time spent waiting for locks told the
// cases that gain from those that lose: most of the cost is in cache lines that are looked at in between. To ask only those who give
// work away to keep it: a full ring, or the monitor, woke the retired worker in some trials (of a mutex 33 of 82), which then measured
// two workers and kept them apart.
#include "core/runtime/scheduler.hpp"

#include <algorithm>
#include <utility>

namespace pipes::detail {
namespace {

// Per 2^20 ticks. A worker's picks may go back a little where it looks out of turn, so `done` may be below zero: that counts as nothing.
std::uint64_t rate_of(std::uint64_t done, std::uint64_t ticks) { return static_cast<std::int64_t>(done) < 0 ? 0 : (done << 20) / (ticks + 1); }

}  // namespace

std::uint64_t runtime::done_by_all() const {
  std::uint64_t done = 0;
  const std::size_t count = worker_count.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < count; ++i) done += workers[i].load(std::memory_order_acquire)->done_seen;
  return done;
}

// At each look of a worker. True: it retires. What all workers do is measured over a window of time that holds some looks of each. (By the
// last look alone it seemed up to four times as much as it was, since only good moments led here.)
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
  const std::uint64_t shortest = ticks_per_us * 2'000, longest = ticks_per_us * 500'000;
  const std::lock_guard lock(mu);
  if (together_until != 0 || processors == 1 || active < processors || now < trial.apart_until) return false;
  const bool goes_on = now - trial.ended < 2 * trial.lasts;
  trial.lasts = goes_on ? std::min(2 * trial.lasts, longest) : shortest;
  trial.apart_rate = rate;
  trial.began = {};
  together_measured = false;
  together_until = now + trial.lasts;
  set_allowed(processors - 1);
  return true;
}

// At each look. The first one in a time together begins the measurement, the first one after it judges: was it worth while? Nothing is known
// if that comes late, nor if less was done than half of one worker's part before: then the program does something else by now.
void runtime::judge_together(std::uint64_t now) {
  const std::uint64_t until = together_until;
  if (until == 0 || (now < until && together_measured)) return;
  const std::lock_guard lock(mu);
  if (together_until != until) return;
  if (now < until) {
    trial.began = {done_by_all(), now};
    together_measured = true;
    return;
  }
  const std::uint64_t rate = rate_of(done_by_all() - trial.began.done, now - trial.began.ticks);
  const bool known = together_measured && now - until <= trial.lasts / 4 && rate >= trial.apart_rate / (2 * processors);
  if (!known) return break_together(now);
  trial.broken = false;
  if (rate < trial.apart_rate) {
    trial.apart_until = now + 30 * trial.lasts;
    trial.lasts = 0;
  }
  end_together(now);
}

// With mu held: the program does something else by now. If it goes on to exchange for a moment and then to compute, each time together begins
// in vain and bars a processor, for 10 ms at most (watch_together sees to that). Such times shall be a thirtieth of all time. But only
// from the second one on: a single one may be due to another program that had our processor.
void runtime::break_together(std::uint64_t now) {
  const std::uint64_t in_vain = std::min(now - (together_until - trial.lasts), ticks_per_us * 10'000);
  if (std::exchange(trial.broken, true)) trial.apart_until = now + 30 * in_vain;
  end_together(now);
}

// With mu held.
void runtime::end_together(std::uint64_t now) {
  trial.ended = now;
  together_until = 0;
  set_allowed(processors);
}

// With mu held, after a lull: nobody has looked whether the time together is over.
void runtime::outlive_together() {
  if (const std::uint64_t until = together_until; until != 0 && cpu_ticks() >= until) end_together(until);
}

// The monitor's, every few milliseconds: where so little is done meanwhile the fibers do something else than exchange, and perhaps there is
// enough of it for all processors.
void runtime::watch_together() {
  if (together_until == 0) return;
  const std::lock_guard lock(mu);
  const std::uint64_t now = cpu_ticks(), until = together_until;
  const worker::reading seen = {done_by_all(), now};
  const worker::reading last = std::exchange(trial.watched, seen);
  if (until == 0 || last.ticks < until - trial.lasts) return;
  if (rate_of(seen.done - last.done, now - last.ticks) < trial.apart_rate / (2 * processors)) break_together(now);
}

}  // namespace pipes::detail
