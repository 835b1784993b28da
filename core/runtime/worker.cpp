// worker.cpp: what a worker takes from its own queue, and what it does at a look. Terms and invariants are in scheduler.hpp, the paths
// that every park takes in hot.hpp.
#include "core/runtime/hot.hpp"
#include "core/runtime/poller.hpp"
#include "core/runtime/seeded.hpp"
#include "core/runtime/stack_pool.hpp"

#include <algorithm>
#include <utility>

namespace pipes::detail {

using namespace std::chrono_literals;

// Of worker_face; they come round after 65,535 workers.
static std::uint16_t next_number() {
  static std::atomic<std::uint16_t> last{0};
  std::uint16_t n;
  do n = static_cast<std::uint16_t>(last.fetch_add(1, std::memory_order_relaxed) + 1);
  while (n == 0);
  return n;
}

worker::worker(runtime& r, std::size_t i) : worker_face(next_number()), default_stacks(default_stack_class()), stacks(new stack_magazine), more_stacks(new stack_magazine), owner(&r), index(i) {
  random = 0x9e3779b97f4a7c15u * (i + 1) ^ cpu_ticks();
  if (!asymmetric_fences) leases = 0;
  native.owner = &r;
  current = &native;                     // a thread that has not begun yet holds up nobody's queue
}

worker::~worker() {
  for (stack_magazine* m : {stacks, more_stacks}) {
    while (m->size) default_stacks.release(m->stacks[--m->size]);
    delete m;
  }
  default_stacks.give_back(new_stacks);
  for (task* t : {static_cast<task*>(free_tasks), static_cast<task*>(full_magazine)})
    while (t) ::operator delete(std::exchange(t, t->next));
}

void worker::push_due() {
  if (due.size == 0) return;
  due.tail->link = head;
  if (!head) tail = due.tail;
  head = due.head;
  list_length = list_length + static_cast<std::uint32_t>(due.size);
  due = {};
}

void worker::give_stacks_back() {
  constexpr std::uint32_t kept = 32;
  for (stack_magazine* m : {more_stacks, stacks})
    while (m->size > (m == stacks ? kept : 0)) default_stacks.release(m->stacks[--m->size]);
}

runnable worker::take_fresh_oldest() {
  if (fresh_last == fresh_first) return {};
  task* t = fresh[fresh_first % fresh_capacity];
  fresh_first = fresh_first + 1;
  return {nullptr, t};
}

// Half of the queue, rounded up, the oldest first, tasks and fibers in equal parts; what is in the next slot only if that is all there is.
void worker::give_half(runnable_list& to, bool all) {
  const std::uint32_t total = queued();
  const std::uint32_t wanted = all ? total : std::min((total + 1) / 2, 512u);
  const std::uint32_t tasks = std::max((wanted + 1) / 2, wanted - std::min(wanted, std::uint32_t{list_length}));
  for (std::uint32_t n = 0; n < tasks && fresh_last != fresh_first; ++n) to.add(take_fresh_oldest());
  std::uint32_t rest = wanted - static_cast<std::uint32_t>(to.tasks.size);
  if (rest >= list_length && to.fibers.size == 0) {
    to.fibers = {head, tail, list_length};
    rest -= list_length;
    head = tail = nullptr;
    list_length = 0;
  }
  for (; rest > 0; --rest) {
    runnable r = take_ready();
    if (!r) {
      r.resumed = next;
      next = nullptr;
    }
    if (!r) return;
    to.add(r);
  }
}

// Whether the same task has been the oldest for that long. Time in which the thread had no CPU does not count: on a busy machine that
// would be most of it.
bool worker::oldest_is_late(std::chrono::microseconds patience) {
  if (fresh_last == fresh_first) return false;
  if (!oldest_stays || oldest_seen != fresh_first) {
    if (!oldest_stays) late_taken = 0;
    oldest_stays = true;
    oldest_seen = fresh_first;
    oldest_since = ran_ticks;
    return false;
  }
  return ran_ticks - oldest_since > owner->ticks_per_us * static_cast<std::uint64_t>(patience.count());
}

// The oldest task, if it has waited for 10 ms; for 100 while there are woken fibers, which come first. To take it sooner would begin the
// widest subtrees first: a tree of a million tasks then keeps hundreds of thousands of stacks alive in place of some dozens. But where
// spawning never ends, the ring never drains from below; so each task that was late halves the patience with the next, down to 2 ms, and
// a full ring has had its turn in less than a second.
runnable worker::take_late_fresh() {
  const std::chrono::microseconds patience = std::max<std::chrono::microseconds>((head ? 100'000us : 10'000us) / (1 << std::min(late_taken, 8u)), 2ms);
  if (!oldest_is_late(patience)) return {};
  const runnable r = take_fresh_oldest();
  oldest_seen = fresh_first;
  oldest_since = ran_ticks;
  ++late_taken;
  return r;
}

// The oldest task, if it is of an older generation than the newest (its parent began earlier), and has waited for long. How long siblings
// take is known by the slices so far. But in a tree that is walked depth first the oldest task is the root of a part as big as all that
// has been spawned since: to give it away pays even where no single slice would.
task* worker::take_subtree(std::chrono::microseconds patience) {
  if (fresh_last - fresh_first < 2) return nullptr;
  const task* newest = fresh[(fresh_last - 1) % fresh_capacity];
  const task* oldest = fresh[fresh_first % fresh_capacity];
  if (oldest->parent >= newest->parent || !oldest_is_late(patience)) return nullptr;
  task* t = take_fresh_oldest().fresh;
  oldest_seen = fresh_first;             // the next one has waited nearly as long: oldest_since stays
  return t;
}

// Measures the round that ends at pick n and says how long the next one is to be. Returns how many picks this one had.
std::uint64_t worker::end_round(std::uint64_t n, std::uint64_t now) {
  const std::uint64_t us = owner->ticks_per_us;
  ran_ticks += std::min(now - round_began, us * 1000);
  const std::uint64_t passed = round_picks - (n % round == 0 ? 0 : round - n % round);
  done_seen = lock_uses + n;
  const std::uint64_t latest = (now - round_began) / std::clamp<std::uint64_t>(passed, 1, round);
  slice_ticks = (slice_ticks * 3 + latest) / 4;
  round_began = now;
  // Others read from picks only whether something goes on: so some numbers may be skipped, which brings the next look nearer.
  round_picks = std::clamp<std::uint64_t>(us * 500 / (std::max<std::uint64_t>(slice_ticks, latest) + 1), 1, round);
  picks.store(n / round * round + round - round_picks, std::memory_order_relaxed);
  return passed;
}

void worker::look_at_timers_and_descriptors() {
  runtime& rt = *owner.operator->();
  if (!timers.empty()) rt.run_timers(*this, clock::now());
  if (++looks % 4 != 0 && round_picks == round) return;
  const auto now = clock::now();
  coarse_now = now.time_since_epoch().count();
  if (timers.empty()) rt.run_timers(*this, now);   // the others': their workers may be in long computations
  if (rt.io_waits.load(std::memory_order_relaxed) > 0) {
    rt.polled_at.store(coarse_now, std::memory_order_relaxed);
    rt.io->poll_now(*this);
  }
}

// Gives work to a worker that searches, or wakes one where a processor is spare: half of the queue where slices are long, the root of a
// subtree where they are short. True: such a root has gone.
bool worker::give_away(bool look) {
  runtime& rt = *owner.operator->();
  const bool searched_for = rt.hungry.load(std::memory_order_relaxed);
  const bool spare = look && rt.spare.load(std::memory_order_relaxed) > 0 && rt.searchers.load(std::memory_order_relaxed) == 0;
  if (slice_ticks >= rt.long_slice) {
    if (queued() == 0) return false;
    if (searched_for) {
      rt.hungry.store(false, std::memory_order_relaxed);
      ++moves;
      runnable_list given;
      queue_lock.lock_own();
      give_half(given, false);
      queue_lock.unlock_own();
      rt.push_global(given);
    } else if (spare) {
      rt.wake_one();
    }
    return false;
  }
  if (!searched_for && !spare) return false;
  queue_lock.lock_own();
  task* const root = take_subtree(std::chrono::microseconds(rt.subtree_patience.load(std::memory_order_relaxed)));
  queue_lock.unlock_own();
  if (!root) return false;
  rt.hungry.store(false, std::memory_order_relaxed);
  rt.subtree_given.store(true, std::memory_order_relaxed);
  rt.push_global(runnable{nullptr, root});
  return true;
}

// From the places that pick_own() might never come to, each in its turn.
runnable worker::pick_in_turn(bool global_too) {
  runtime& rt = *owner.operator->();
  ++turns;
  const bool own_first = turns % 4 == 3;                                      // since the global queue may never be empty
  if (global_too && !own_first && rt.global_size.load(std::memory_order_relaxed) > 0)
    if (runnable r = rt.take_global(*this, rt.together_until != 0 ? 128 : 1)) return r;   // many: what a retired worker has left
  queue_lock.lock_own();
  runnable r;
  if (turns % 2 == 0) r = take_ready();                                       // since two may hand over to each other for ever
  if (!r) r = take_late_fresh();
  if (!r) r = take_fresh_newest();                                            // since the ready list may never be empty
  if (!r) r = take_ready();
  queue_lock.unlock_own();
  return r;
}

// Comes at the end of a round (a look), while a searching worker is hungry, and when something is overdue. leave: go to the native
// context, whatever is in the queue: the run has ended, or this worker is detached or retires.
runnable worker::pick_elsewhere(std::uint64_t n, bool& leave) {
  runtime& rt = *owner.operator->();
  if (rt.seeded) {
    leave = true;
    return rt.seeded->pick(*this);
  }
  bool look = n % round == 0, follows_a_look = false;
  if (rt.overdue.load(std::memory_order_relaxed) && rt.overdue.exchange(false, std::memory_order_relaxed)) {
    look = true;
    if (rt.searchers.load(std::memory_order_relaxed) == 0) rt.hungry.store(false, std::memory_order_relaxed);
  }
  if (look) {
    const std::uint64_t now = cpu_ticks();
    follows_a_look = end_round(n, now) <= 1;
    if (detached.load(std::memory_order_relaxed) || rt.finished.load(std::memory_order_relaxed)) {
      leave = true;
      return {};
    }
    rt.judge_together(now);
    if (rt.is_crowded(*this, now)) {
      retires = leave = true;
      return {};
    }
    look_at_timers_and_descriptors();
  }
  const bool given = give_away(look);
  // Where slices are long every pick is a look. Then every other one goes by the usual order if there is a fiber in the next slot, which
  // would have to wait for as long as there is anything in the list.
  in_usual_order = follows_a_look && !in_usual_order && next;
  if (!look || in_usual_order) return {};
  return pick_in_turn(!given);           // not what has just been given away
}

runnable worker::pick_after_look() {
  bool leave = false;
  runnable r = pick_elsewhere(picks.load(std::memory_order_relaxed), leave);
  return r || leave ? r : pick_own();
}

runnable worker::pick_own() {
  queue_lock.lock_own();
  runnable r;
  if (fresh_credit) [[unlikely]] {
    fresh_credit = fresh_credit - 1;
    r = take_fresh_newest();
    if (!r) fresh_credit = 0;
  }
  if (!r) {
    if (fiber* f = next) {
      next = nullptr;
      r.resumed = f;
    } else if (r = take_ready(); !r) {
      r = take_fresh_newest();
    }
  }
  queue_lock.unlock_own();
  return r;
}

fiber* worker::successor_after_look() { return destination(pick_after_look()); }
fiber* worker::successor_in_queue() { return destination(pick_own()); }

// Where to switch to for r: to its fiber; or to the native context if that fiber's context is still being saved elsewhere (the native
// context waits for it), if there is no stack for a task (it fails the run), or if there is nothing to do (it sleeps). This fiber itself
// never waits for another to be saved: two that wait for each other, neither of them saved, would wait for ever.
fiber* worker::destination(runnable r) {
  if (r.fresh) {
    try {
      r = {owner->bind(*this, r.fresh), nullptr};
    } catch (const std::bad_alloc&) {
      pending = r;
      return &native;
    }
  }
  if (!r.resumed) return &native;
  if (r.resumed->on_cpu.load(order_observe) && r.resumed != current) {
    pending = r;
    return &native;
  }
  return r.resumed;
}

fiber* worker::give_turn(fiber* self, bool look) {
  queue_lock.lock_own();
  push_ready(self);
  if (fresh_credit == 0) fresh_credit = 1;   // those that have not begun are among "the others"
  queue_lock.unlock_own();
  return destination(look ? pick_after_look() : pick_own());
}

}  // namespace pipes::detail
