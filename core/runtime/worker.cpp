// worker.cpp: a worker's own queue; the invariants are in scheduler.hpp.
#include "core/runtime/poller.hpp"
#include "core/runtime/scheduler.hpp"
#include "core/runtime/stack_pool.hpp"

#include <algorithm>

namespace pipes::detail {

worker::worker(runtime& r, std::size_t i) : owner(&r), index(i) {
  random = 0x9e3779b97f4a7c15u * (i + 1) ^ cpu_ticks();
  native.owner = &r;
}

worker::~worker() {
  while (fiber* f = free_stacks) {
    free_stacks = f->link;
    default_stack_class().release(f);
  }
  while (task* t = free_tasks) {
    free_tasks = t->next;
    ::operator delete(t);
  }
}

void worker::push_ready(fiber* f) {
  f->link = nullptr;
  if (fiber* last = tail) last->link = f;
  else head = f;
  tail = f;
  list_length = list_length + 1;
}

void worker::push_next(fiber* f) {
  fiber* displaced = next;
  next = f;
  if (displaced) push_ready(displaced);
}

bool worker::push_fresh(task* t) {
  if (fresh_last - fresh_first == fresh_capacity) return false;
  fresh[fresh_last % fresh_capacity] = t;
  fresh_last = fresh_last + 1;
  return true;
}

runnable worker::take_ready() {
  fiber* f = head;
  if (!f) return {};
  fiber* after = f->link;
  head = after;
  if (!after) tail = nullptr;
  else __builtin_prefetch(after);
  list_length = list_length - 1;
  return {f, nullptr};
}

runnable worker::take_fresh_newest() {
  if (fresh_last == fresh_first) return {};
  fresh_last = fresh_last - 1;
  return {nullptr, fresh[fresh_last % fresh_capacity]};
}

runnable worker::take_fresh_oldest() {
  if (fresh_last == fresh_first) return {};
  task* t = fresh[fresh_first % fresh_capacity];
  fresh_first = fresh_first + 1;
  return {nullptr, t};
}

// Half of the queue, rounded up, oldest first; the next slot only when there is nothing else.
void worker::give_half(runnable_list& to, bool all) {
  const std::uint32_t total = queued();
  const std::uint32_t wanted = all ? total : std::min((total + 1) / 2, 512u);
  for (std::uint32_t n = 0; n < wanted; ++n) {
    runnable r = n % 2 == 0 || list_length == 0 ? take_fresh_oldest() : take_ready();
    if (!r) r = take_ready();
    if (!r) {
      r.resumed = next;
      next = nullptr;
    }
    to.add(r);
  }
}

runnable worker::pick() {
  const std::uint64_t n = picks.load(std::memory_order_relaxed) + 1;
  picks.store(n, std::memory_order_relaxed);
  if (n % round == 0 || owner->hungry.load(std::memory_order_relaxed)) [[unlikely]] {
    bool leave = false;
    if (runnable r = pick_elsewhere(n, leave); r || leave) return r;
  }
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

// Every 64th time, or when a searching worker is hungry. leave: this worker is surplus and must go to the native context.
runnable worker::pick_elsewhere(std::uint64_t n, bool& leave) {
  runtime& rt = *owner.operator->();
  if (n % round == 0) {
    const std::uint64_t now = cpu_ticks();
    slice_ticks = (slice_ticks * 3 + (now - round_began) / round) / 4;
    round_began = now;
    if (detached.load(std::memory_order_relaxed) || rt.finished.load(std::memory_order_relaxed)) {
      leave = true;
      return {};
    }
    if (!timers.empty()) rt.run_timers(*this, clock::now());
    if (n % (4 * round) == 0) {
      coarse_now = clock::now().time_since_epoch().count();
      if (rt.io_waits.load(std::memory_order_relaxed) > 0) rt.io->poll_now(*this);
    }
  }
  const bool long_slices = slice_ticks >= rt.long_slice;
  if (long_slices && queued() > 0) {
    if (rt.hungry.load(std::memory_order_relaxed)) {
      rt.hungry.store(false, std::memory_order_relaxed);
      runnable_list given;
      queue_lock.lock_own();
      give_half(given, false);
      queue_lock.unlock_own();
      rt.push_global(given);
    } else if (n % round == 0 && rt.spare.load(std::memory_order_relaxed) > 0 && rt.searchers.load(std::memory_order_relaxed) == 0) {
      rt.wake_one();
    }
  }
  if (n % round != 0) return {};
  if (rt.global_size.load(std::memory_order_relaxed) > 0)
    if (runnable r = rt.take_global(*this, 1)) return r;
  queue_lock.lock_own();
  runnable r = n / round % 2 == 0 ? take_ready() : take_fresh_oldest();
  queue_lock.unlock_own();
  return r;
}

}  // namespace pipes::detail
