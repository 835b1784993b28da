// hot.hpp: the steps that every park, wake-up and yield takes, inlined into their callers: a worker's queue, the switch, parking. The
// invariants are in scheduler.hpp (queues) and park.cpp (parking).
#pragma once
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>

#include "core/runtime/scheduler.hpp"
#include "pipe/runtime/chan_core.hpp"

namespace pipes::detail {

// --- a worker's queue, under queue_lock ---

inline void worker::push_ready(fiber* f) {
  f->link = nullptr;
  if (fiber* last = tail) last->link = f;
  else head = f;
  tail = f;
  list_length = list_length + 1;
}

inline void worker::append_ready(const fiber_chain& chain) {
  if (chain.size == 0) return;
  if (fiber* last = tail) last->link = chain.head;
  else head = chain.head;
  tail = chain.tail;
  list_length = list_length + static_cast<std::uint32_t>(chain.size);
}

inline void worker::push_next(fiber* f) {
  fiber* displaced = next;
  next = f;
  if (displaced) push_ready(displaced);
}

inline bool worker::push_fresh(task* t) {
  const std::uint32_t last = fresh_last, waiting = last - fresh_first;
  if (waiting == fresh_room) return false;
  if (waiting == 0) oldest_stays = false;
  fresh[last % fresh_capacity] = t;
  fresh_last = last + 1;
  return true;
}

// In a long list no fiber is in a cache. So what the next one's first steps touch is fetched, and the one behind it.
inline void worker::prefetch_crowd(const fiber* f) {
  __builtin_prefetch(f->link);
  if (f->on_cpu.load(order_observe)) return;
  const char* frames = static_cast<const char*>(f->sp);
  for (int line = 0; line < 6; ++line) __builtin_prefetch(frames + 64 * line);
}

inline runnable worker::take_ready() {
  fiber* f = head;
  if (!f) return {};
  fiber* after = f->link;
  head = after;
  list_length = list_length - 1;
  if (!after) tail = nullptr;
  else if (list_length > crowd) prefetch_crowd(after);
  return {f, nullptr};
}

inline runnable worker::take_fresh_newest() {
  std::uint32_t last = fresh_last;
  if (last == fresh_first) return {};
  fresh_last = --last;
  return {nullptr, fresh[last % fresh_capacity]};
}

inline std::uint64_t next_random(std::uint64_t x) {   // xorshift; x is not 0
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  return x;
}
inline std::uint32_t scaled_below(std::uint64_t x, std::uint32_t n) { return static_cast<std::uint32_t>(((x >> 32) * n) >> 32); }

inline std::uint32_t worker::below(std::uint32_t n) {
  const std::uint64_t x = next_random(random);
  random = x;
  return scaled_below(x, n);
}

inline bool worker::count_pick() {
  const std::uint64_t n = picks.load(std::memory_order_relaxed) + 1;
  picks.store(n, std::memory_order_relaxed);
  return n % round == 0 || owner->hungry.load(std::memory_order_relaxed);
}

inline runnable worker::pick() { return count_pick() ? pick_after_look() : pick_own(); }

// Most parks end with the fiber that the parking one has just made ready.
inline fiber* worker::successor() {
  if (count_pick()) [[unlikely]] return successor_after_look();
  queue_lock.lock_own();
  fiber* f = next;
  if (!f || fresh_credit) [[unlikely]] {
    queue_lock.unlock_own();
    return successor_in_queue();
  }
  next = nullptr;
  queue_lock.unlock_own();
  return f->on_cpu.load(order_observe) ? destination({f, nullptr}) : f;
}

// For fibers that take turns, two or a thousand: self goes to the list's end, its head is next.
inline fiber* worker::successor_of_yield(fiber* self) {
  if (count_pick()) [[unlikely]] return give_turn(self, true);
  queue_lock.lock_own();
  fiber* f = head;
  if (!f || next || fresh_last != fresh_first) [[unlikely]] {
    queue_lock.unlock_own();
    return give_turn(self, false);
  }
  self->link = nullptr;
  tail->link = self;                     // the tail may be f itself
  tail = self;
  fiber* after = f->link;
  head = after;
  if (list_length > crowd) [[unlikely]] prefetch_crowd(after);
  queue_lock.unlock_own();
  return f->on_cpu.load(order_observe) ? destination({f, nullptr}) : f;
}

// --- the switch ---

// Returns the worker that has switched back to `from`, perhaps another one. The part behind switch_context runs for the fiber that is
// arrived at: only now is the one that was left saved as a whole, and may be resumed elsewhere.
inline worker* switch_to(worker* w, fiber* from, fiber* to) {
  exception_state* live = w->exceptions;
  std::memcpy(&from->exceptions, live, sizeof *live);
  std::memcpy(live, &to->exceptions, sizeof *live);
  to->on_cpu.store(true, std::memory_order_relaxed);
  w->current = to;
  w->previous = from;
  from->sanitizer.leave(to->sanitizer);
  w = static_cast<worker*>(switch_context(&from->sp, to->sp, w));
  fiber* left = w->previous;
  from->sanitizer.arrive(left->sanitizer);
  left->on_cpu.store(false, order_publish);
  return w;
}

inline void switch_away(worker* w, fiber* self, fiber* to) {
  if (to != self) switch_to(w, self, to);
}

// --- parking: prepare_park(), park(), ready() of pipe/runtime/fiber.hpp, for callers that know their worker and fiber ---

inline bool is_cancelled(const fiber* f) { return f->cancelled.load(std::memory_order_relaxed); }

inline bool announce_park(fiber* self, const park_site& site, void* argument) {
  self->argument.store(argument, std::memory_order_relaxed);
  self->site.store(&site, std::memory_order_release);
  light_fence();   // park.cpp, I1
  return !site.cancel || !is_cancelled(self);
}

inline void leave_park(fiber* self) {
  self->site.store(nullptr, std::memory_order_release);
  light_fence();   // park.cpp, I2
  while (self->inspected.load(std::memory_order_acquire) != 0) [[unlikely]]
    std::this_thread::yield();
}

// w: looked up since the last switch.
inline void park_on(worker* w, fiber* self) {
  self->since.store(w->coarse_now, std::memory_order_relaxed);
  switch_away(w, self, w->successor());
  tsan_acquire(self);
  leave_park(self);
}

// Several fibers to make ready at once, in order.
class ready_list {
 public:
  void add(fiber* f) {
    tsan_release(f);
    fibers_.add(f);
  }
  // With no lock of a channel held. Empties the list.
  void wake() {
    if (fibers_.size == 0) return;
    fiber_chain woken = std::exchange(fibers_, fiber_chain{});
    worker* w = woken.size > 1 ? this_worker() : nullptr;
    if (w) {
      w->queue_lock.lock_own();
      w->append_ready(woken);
      w->queue_lock.unlock_own();
      return;
    }
    while (fiber* f = woken.head) {
      woken.head = f->link;
      ready(f);
    }
  }

 private:
  fiber_chain fibers_;
};

// A channel's lock, and those whom an exchange under it takes off a list: they are made ready once the lock is free.
class locked_channel {
 public:
  explicit locked_channel(chan_core* c) : c_(c) { c->mu.lock(); }
  locked_channel(chan_core* c, std::adopt_lock_t) : c_(c) {}
  ~locked_channel() {
    if (c_) c_->mu.unlock();
    woken.wake();
  }
  locked_channel(const locked_channel&) = delete;
  locked_channel& operator=(const locked_channel&) = delete;
  void keep() { c_ = nullptr; }          // the lock stays held
  wake_chain woken;

 private:
  const outsider here_;                  // before a waiter is taken off its list, until it is ready
  chan_core* c_;
};

// ready() for a fiber of this worker's run, to which the running fiber has handed a value.
inline void hand_over_to(worker* w, fiber* f) {
  tsan_release(f);
  w->queue_lock.lock_own();
  w->push_next(f);
  w->queue_lock.unlock_own();
}

// ready() for a fiber of this worker's run. The native context makes many ready at once: they go to the list, which keeps their order.
inline void ready_on(worker* w, fiber* f) {
  tsan_release(f);
  w->queue_lock.lock_own();
  if (w->current == &w->native) w->push_ready(f);
  else w->push_next(f);
  w->queue_lock.unlock_own();
}

}  // namespace pipes::detail
