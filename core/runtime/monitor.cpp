// monitor.cpp: the thread that watches the workers, by
//   full looks   every 5 ms, every 1 ms while a worker seems stuck. A worker whose fiber blocks in the system (2 ms) or computes (10 ms) is
//                detached: its queue is taken away, and another worker becomes active in its place. Where timers or descriptors are
//                overdue the workers are asked for an early look.
//   glimpses     in between, while a processor is spare: does a queue wait that nobody serves? Then a worker is woken.
// Once nothing has been active for 5 ms it sleeps until a worker becomes active; but each second it trims the free stacks, as long as
// there is something to trim.
#include "core/runtime/futex.hpp"
#include "core/runtime/scheduler.hpp"
#include "core/runtime/stack_pool.hpp"

#include <utility>

namespace pipes::detail {

using namespace std::chrono_literals;

namespace {

runnable_list take_all(worker& w) {
  runnable_list taken;
  if (!w.queue_lock.try_lock_other()) return taken;
  w.give_half(taken, true);
  w.queue_lock.unlock_other();
  return taken;
}

}  // namespace

// Whether the fiber of this worker keeps it: blocked, or computing for long. A thread that waits for a CPU is neither: one more
// active thread would only wait beside it.
bool runtime::is_stuck(worker& w, std::uint64_t picks, clock::time_point now) {
  const int thread = w.thread_id.load(std::memory_order_acquire);
  const std::int64_t cpu_time = cpu_time_of_thread(thread);
  const std::int64_t used_since_look = cpu_time - w.last_cpu_time;
  w.last_cpu_time = cpu_time;
  if (picks != w.seen_picks || w.current == &w.native || w.detached.load(std::memory_order_relaxed)) {
    w.seen_picks = picks;
    w.stuck_since = now;
    w.seen_cpu_time = cpu_time;
    // It moves, but in slices of over 1 ms: look often, so as to see the next one from its beginning.
    if (w.slice_ticks >= 1000 * ticks_per_us && w.current != &w.native) suspicious = true;
    return false;
  }
  const auto stuck_for = now - w.stuck_since;
  if (stuck_for >= 1ms) suspicious = true;
  constexpr std::int64_t computing = 6'000'000, hardly_any = 100'000;
  if (stuck_for >= 10ms && (cpu_time == 0 || cpu_time - w.seen_cpu_time >= computing)) return true;
  return stuck_for >= 2ms && used_since_look < hardly_any && !is_runnable(thread);
}

// Unless it has moved since it was found to be stuck. True: somebody must become active in its place.
bool runtime::detach(worker& w, std::uint64_t picks) {
  std::lock_guard lock(mu);
  if (w.idle || w.detached.load(std::memory_order_relaxed) || w.picks.load(std::memory_order_relaxed) != picks) return false;
  w.detached.store(true, std::memory_order_relaxed);
  ++detached_count;
  set_active(active - 1);
  return true;
}

// True: there is something to do for another worker.
bool runtime::watch_worker(worker& w, bool full, clock::time_point now) {
  const std::uint64_t picks = w.picks.load(std::memory_order_relaxed);
  const bool moved = std::exchange(w.glimpsed_picks, picks) != picks;
  const bool waits = !moved && w.queued() > 0;
  if (!full) return waits;
  if (w.detached.load(std::memory_order_relaxed) && w.queued() > 0) {   // what its fiber has woken since
    runnable_list taken = take_all(w);
    push_global(taken);
    return waits;
  }
  if (!is_stuck(w, picks, now)) return waits;
  runnable_list taken;
  if (w.queued() > 0) taken = take_all(w);
  const bool detached = detach(w, picks);   // then somebody must watch timers and descriptors, too
  push_global(taken);
  return waits || detached;
}

void runtime::ask_for_overdue_looks(clock::time_point now) {
  bool nobody_polls;
  {
    // Somebody must sleep in the poller while a processor is spare.
    std::lock_guard lock(mu);
    nobody_polls = !poller_worker;
    if (nobody_polls && active < allowed && !idle_workers.empty()) futex_wake(idle_workers.front()->wake_word);
  }
  const auto polled = clock::time_point(clock::duration(polled_at.load(std::memory_order_relaxed)));
  if (first_deadline() < now - 1ms || (nobody_polls && io_waits.load(std::memory_order_relaxed) > 0 && polled < now - 1ms)) {
    overdue.store(true, std::memory_order_relaxed);
    hungry.store(true, std::memory_order_relaxed);   // makes every worker come by at its next pick
  }
}

// full: else it is a glimpse.
void runtime::watch(bool full, clock::time_point now) {
  const std::size_t count = worker_count.load(std::memory_order_acquire);
  bool backlog = global_size.load(std::memory_order_relaxed) > 0;
  for (std::size_t i = 0; i < count; ++i)
    if (watch_worker(*workers[i].load(std::memory_order_acquire), full, now)) backlog = true;
  if (backlog && spare.load(std::memory_order_relaxed) > 0 && searchers.load(std::memory_order_relaxed) == 0) wake_one();
  if (!full) return;
  watch_together();
  ask_for_overdue_looks(now);
  cancel_past_held_up(now - 300ms);
}

// Nothing has been active for a while. Whoever becomes active wakes us (wake_monitor) if it sees that we sleep; if it was before that,
// we see it here.
void runtime::monitor_sleeps() {
  int ticking = 1;
  monitor_word.compare_exchange_strong(ticking, 0, std::memory_order_acq_rel);
  std::lock_guard lock(mu);
  int asleep = 0;
  if (active > 0) monitor_word.compare_exchange_strong(asleep, 1, std::memory_order_acq_rel);
}

namespace {

// When free stacks are trimmed: a portion at a time, the next one soon, until all that this second has found is done.
class trim_schedule {
 public:
  explicit trim_schedule(clock::time_point now) : second_(now), next_(now + 1s) {}
  clock::time_point next() const { return next_; }
  // False: nothing is left until stacks are used again.
  bool run_if_due(clock::time_point now) {
    if (now < next_) return true;
    const bool new_second = now - second_ >= 1s;
    if (new_second) second_ = now;
    const left_to_trim left = trim_stacks(new_second);
    next_ = left == left_to_trim::now ? now + 60ms : second_ + 1s;
    return left != left_to_trim::nothing;
  }

 private:
  clock::time_point second_;             // began then
  clock::time_point next_;
};

}  // namespace

void runtime::monitor() {
  auto last_full = clock::now();
  auto last_busy = last_full;
  trim_schedule trims(last_full);
  bool untrimmed = false;                // somebody was active since the last trim, or that has left something
  int brisk = 0;                         // so many glimpses before the next full look
  bool lull = false;                     // nobody was active at the last tick: what comes then is mostly over before the next
  while (true) {
    const bool look_often = spare.load(std::memory_order_relaxed) > 0 && brisk > 0;
    const auto nap = look_often ? clock::duration(lull ? 1ms : 250us) : suspicious ? clock::duration(1ms) : clock::duration(5ms);
    const int word = monitor_word.load(std::memory_order_acquire);
    if (word == 2) return;
    if (word == 1) futex_wait(monitor_word, 1, clock::now() + nap);
    else if (untrimmed) futex_wait(monitor_word, 0, trims.next());
    else futex_wait(monitor_word, 0);
    const int now_word = monitor_word.load(std::memory_order_acquire);
    if (now_word == 2) return;
    if (now_word == 0) {
      untrimmed = trims.run_if_due(clock::now());
      continue;
    }
    if (word == 0) untrimmed = true;
    if (dump_wanted.load(std::memory_order_acquire)) start_dump();
    const auto now = clock::now();
    std::size_t busy;
    {
      std::lock_guard lock(mu);
      busy = active + detached_count;
    }
    lull = busy == 0;
    if (lull) {
      brisk = 40;
      if (now - last_busy >= 5ms) monitor_sleeps();
      continue;
    }
    last_busy = now;
    untrimmed = true;
    const bool full = now - last_full >= (suspicious ? 1ms : 5ms);
    if (full) {
      last_full = now;
      suspicious = false;
    }
    if (look_often) --brisk;
    else if (full) brisk = 2;            // a burst may follow a lull at any time
    watch(full, now);
    (void)trims.run_if_due(now);
  }
}

}  // namespace pipes::detail
