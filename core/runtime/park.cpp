// park.cpp: the life of a fiber: bound to a stack, run, finished; spawned; parked, woken, cancelled. (The switch itself is in hot.hpp.)
//   I1  A parking fiber publishes site, then reads cancelled; a canceller writes cancelled, then reads site. With a fence between the two
//       steps on each side at least one of the two sees the other.
//   I2  A woken fiber clears site, then reads inspected and waits until it is zero; a canceller raises inspected, then reads site. So while
//       inspected is above zero, what site and argument point to stays alive.
// The canceller pays for both fences (heavy_fence); a park or a wake-up costs plain stores only (light_fence; this_worker.hpp).
#include <algorithm>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "core/runtime/hot.hpp"
#include "core/runtime/seeded.hpp"
#include "core/runtime/stack_pool.hpp"
#include "pipe/runtime/scope.hpp"
#ifdef PIPE_ASAN
#include <sanitizer/lsan_interface.h>
#endif

namespace pipes::detail {

go_extra::~go_extra() {
  if (group) group->unref();
}

// --- jobs ---

// What the first steps on a stack touch: the fiber's own lines, and those below it. (Always inlined, as the next one: g++ takes a
// function that only prefetches for one without effects, and drops its calls.)
[[gnu::always_inline]] static inline void prefetch_stack(const fiber* f) {
  const char* at = reinterpret_cast<const char*>(f);
  for (int line = -8; line < 2; ++line) __builtin_prefetch(at + 64 * line, 1);
}

constexpr std::uint32_t prefetched_stacks = 4;

// A stack comes from memory, which takes as long as some short jobs: so it is fetched while earlier jobs run. The first touch of its page,
// a prefetch too, waits for a walk through the page tables. Several walks at once take hardly longer than one: so the pages of four
// stacks are touched together, before their lines are fetched.
[[gnu::always_inline]] static inline void prefetch_stacks(const stack_magazine& m) {
  constexpr std::uint32_t pages = 4;
  if (m.size < prefetched_stacks) return;
  prefetch_stack(m.stacks[m.size - prefetched_stacks]);
  if (m.size % pages != 0 || m.size < prefetched_stacks + pages) return;
  for (std::uint32_t i = 1; i <= pages; ++i) __builtin_prefetch(m.stacks[m.size - prefetched_stacks - i], 1);
}

// The worker's magazine is empty; if there is no other it stays so.
static void refill_stacks(worker& w) {
  if (w.more_stacks->size > 0) {
    std::swap(w.stacks, w.more_stacks);
  } else {
    stack_magazine* full = w.default_stacks.full_for(w.stacks);
    if (!full) return;
    full->put_in_order();
    w.stacks = full;
  }
  for (std::uint32_t i = 1; i <= prefetched_stacks && i <= w.stacks->size; ++i) prefetch_stack(w.stacks->stacks[w.stacks->size - i]);
}

fiber* runtime::bind(worker& w, task* t) {
  const std::size_t wanted = t->extra && t->extra->stack ? t->extra->stack : default_stack;
  fiber* f;
  if (wanted != 0) {
    f = stack_class_for(wanted).acquire();
  } else {
    if (w.stacks->size == 0) refill_stacks(w);
    stack_magazine& m = *w.stacks;
    f = m.size > 0 ? m.stacks[--m.size] : w.default_stacks.make_new(w.new_stacks);
    prefetch_stacks(m);
  }
  f->job = t;
  f->owner = this;
  return f;
}

void runtime::discard(worker& w, task* t) {
  const bool daemon = t->extra && t->extra->daemon;
  discard_task(t);
  finished_fiber(w, daemon);
}

namespace {

// A child's id is above its parent's (runtime::stop cancels by that order). Ids come by the block, since a locked instruction each would be
// a sixth of a short job. A block that is older than the parent's id is given up: a new one is above all ids so far. The relaxed
// fetch_add suffices for that: the one that made the parent's id happened before the parent's spawn of this task, and that before this
// call (queues hand tasks on by release and acquire).
std::uint64_t next_id(worker& w, runtime& rt, std::uint64_t parent) {
  constexpr std::uint64_t block = 64;
  if (w.next_id == w.ids_end || w.next_id <= parent) [[unlikely]] {
    w.next_id = rt.last_id.fetch_add(block, std::memory_order_relaxed) + 1;
    w.ids_end = w.next_id + block;
  }
  const std::uint64_t id = w.next_id;
  w.next_id = id + 1;
  return id;
}

void run_job(worker& w, fiber* f) {
  task* t = f->job;
  runtime& rt = *f->owner.operator->();
  tsan_acquire(t);
  f->cancelled.store(false, std::memory_order_relaxed);
  f->id.store(next_id(w, rt, t->parent), std::memory_order_relaxed);
  f->in_use.store(true, std::memory_order_release);
  light_fence();   // pairs with runtime::stop
  bool wanted = !rt.stopping.load(std::memory_order_relaxed);
  if (go_extra* extra = t->extra) {
    f->extra_mu.lock();
    f->extra = extra;
    f->extra_mu.unlock();
    if (extra->group && !extra->group->join(f)) wanted = false;
    if (!wanted && extra->begins_anyway) {
      f->cancelled.store(true, std::memory_order_relaxed);
      wanted = true;
    }
  }
  if (!wanted) {
    t->drop(t);
  } else {
    try {
      t->invoke(t);
    } catch (const pipes::cancelled&) {
    } catch (...) {
      rt.fail(std::current_exception());
    }
  }
}

// Everything that the job left on the fiber; returns whether it was a daemon.
bool clear_job(fiber* f) {
  f->in_use.store(false, std::memory_order_release);
  go_extra* extra = f->extra;
  if (!extra) return false;
  if (extra->group) extra->group->leave(f);
  f->extra_mu.lock();
  f->extra = nullptr;
  f->extra_mu.unlock();
  const bool daemon = extra->daemon;
  delete extra;
  return daemon;
}

// Called by the fiber itself, on the stack in question, until its next switch: whoever takes it meanwhile waits for on_cpu.
void keep_stack(worker* w, fiber* f) {
  if (f->stack != &w->default_stacks) {
    f->stack->release(f);
    return;
  }
  if (w->stacks->size == stack_magazine::room) {
    if (w->more_stacks->size > 0) {
      stack_magazine* empty = w->default_stacks.empty_for(w->more_stacks);
      if (!empty) return;                // no memory: this one is never used again
      w->more_stacks = empty;
    }
    std::swap(w->stacks, w->more_stacks);
  }
  w->stacks->stacks[w->stacks->size++] = f;
}

}  // namespace

void fiber_main(void* self, void* value) {
  auto* f = static_cast<fiber*>(self);
  auto* w = static_cast<worker*>(value);
  fiber* left = w->previous;             // as behind switch_context in switch_to: this is where the first switch to a stack arrives
  f->sanitizer.arrive(left->sanitizer);
  left->on_cpu.store(false, order_publish);
  while (true) {
    asm("" : "+r"(f));   // else the compiler keeps the addresses of its fields in this frame, half a cache line of each parked fiber
    run_job(*w, f);
    const bool daemon = clear_job(f);
    w = this_worker();
    w->owner->finished_fiber(*w, daemon);
    runnable r = w->pick();
    if (r.fresh && f->stack == &w->default_stacks && !(r.fresh->extra && r.fresh->extra->stack) && w->owner->default_stack == 0) {
      f->job = r.fresh;
      continue;
    }
    fiber* to = w->destination(r);
    keep_stack(w, f);
    w = switch_to(w, f, to);
  }
}

void abandon(fiber* f) {
  // What it waits for and the group that it is in may be there longer than the run, and its stack is another fiber's soon.
  if (const park_site* site = f->site.load(std::memory_order_relaxed)) leave_queue(*site, f->argument.load(std::memory_order_relaxed));
  (void)clear_job(f);
  f->site.store(nullptr, std::memory_order_relaxed);
  f->exceptions = exception_state{};
  f->sanitizer.destroy();
  f->sp = make_context(f, &fiber_main, f);
  f->sanitizer.create(f->bottom, static_cast<std::size_t>(reinterpret_cast<char*>(f) - f->bottom));
#ifdef PIPE_ASAN
  // The leak is meant, of all that its frames owned: nobody can unwind them. So LSan shall not report it, and the stack is never used again.
  __lsan_register_root_region(f->bottom, static_cast<std::size_t>(reinterpret_cast<char*>(f + 1) - f->bottom));
#else
  f->stack->release(f);
#endif
}

// --- spawning ---

namespace {

// Memory of small tasks changes hands by the magazine, a list of 512: often one worker spawns what another ends, and a heap that two threads
// free into makes them wait for each other. A worker has one magazine that it works with (free_tasks) and a full one or none.
struct task_depot {
  static constexpr std::uint32_t magazine = 512;
  std::mutex mu;
  std::vector<task*> full;               // magazines; guarded by mu; kept for ever, like stacks
};

task_depot& depot() {
  static auto& one = *new task_depot;
  return one;
}

}  // namespace

void* allocate_task(std::size_t size) {
  if (size > small_task) return ::operator new(size);
  worker* w = this_worker();
  if (!w) return ::operator new(small_task);
  if (!w->free_tasks) {
    w->free_tasks = w->full_magazine;
    w->full_magazine = nullptr;
    if (!w->free_tasks) {
      std::lock_guard lock(depot().mu);
      if (depot().full.empty()) return ::operator new(small_task);
      w->free_tasks = depot().full.back();
      depot().full.pop_back();
    }
    w->free_task_count = task_depot::magazine;
  }
  task* t = w->free_tasks;
  task* after = t->next;
  w->free_tasks = after;
  __builtin_prefetch(after, 1);          // it may have been freed by another worker
  w->free_task_count = w->free_task_count - 1;
  tsan_acquire(t);
  return t;
}

void free_task(void* memory, std::size_t size) {
  worker* w = size <= small_task ? this_worker() : nullptr;
  if (!w) {
    ::operator delete(memory);
    return;
  }
  if (w->free_task_count == task_depot::magazine) {
    if (task* full = w->full_magazine) {
      std::lock_guard lock(depot().mu);
      depot().full.push_back(full);
    }
    w->full_magazine = w->free_tasks;
    w->free_tasks = nullptr;
    w->free_task_count = 0;
  }
  auto* t = new (memory) task;
  tsan_release(t);
  t->next = w->free_tasks;
  w->free_tasks = t;
  w->free_task_count = w->free_task_count + 1;
}

void spawn(task* t) {
  tsan_release(t);
  worker* w = this_worker();
  if (!w) {
    {
      const outsider here;
      runtime* rt = current_runtime();
      if (rt) t->parent = rt->last_id.load(std::memory_order_relaxed);   // no fiber spawns it, but perhaps for one: younger than all so far
      if (rt && rt->push_foreign(t)) return;
    }
    discard_task(t);                     // no longer an outsider: the closure's destructor may wait for the end of the run
    throw std::logic_error("pipes::go: outside of a run");
  }
  t->parent = w->current->id.load(std::memory_order_relaxed);
  auto& counter = t->extra && t->extra->daemon ? w->daemons_spawned : w->spawned;
  counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  w->queue_lock.lock_own();
  if (w->push_fresh(t)) [[likely]] {
    w->queue_lock.unlock_own();
    return;
  }
  fiber* self = w->current;
  if (seeded_mode* mode = w->owner->seeded.get()) {
    w->queue_lock.unlock_own();
    mode->add(t);
    give_way();
    return;
  }
  if (self == &w->native) {
    w->queue_lock.unlock_own();
    w->owner->push_global(runnable{nullptr, t});
    return;
  }
  // The ring is full: the spawner waits behind all that is ready while half a ring of tasks is run, so that a million do not pile up.
  // The newest come first: the oldest are the widest parts of a tree, and each of these would fill the ring again at once. Time sees to
  // the oldest (take_late_fresh).
  w->push_ready(self);
  w->fresh_credit = worker::fresh_capacity / 2;
  w->queue_lock.unlock_own();
  switch_away(w, self, w->destination({nullptr, t}));
}

// --- parking ---

fiber* current_fiber() {
  worker* w = this_worker();
  if (!w) return nullptr;
  fiber* f = w->current;
  return f == &w->native ? nullptr : f;
}

fiber* current_fiber_or_throw() {
  fiber* f = current_fiber();
  if (!f) throw std::logic_error("pipe: only a fiber can wait; start one with pipes::run");
  return f;
}

bool prepare_park(fiber* self, const park_site& site, void* argument) { return announce_park(self, site, argument); }

void withdraw_park(fiber* self) { leave_park(self); }

void park() {
  worker* w = this_worker();
  park_on(w, w->current);
}

void ready(fiber* f) {
  // There is one run at a time: a worker and a fiber that waits are of the same one.
  if (worker* w = this_worker()) [[likely]] {
    ready_on(w, f);
    return;
  }
  const outsider here;
  tsan_release(f);
  f->owner->push_global(runnable{f, nullptr});
}

void cancelled_here() {
  if (std::uncaught_exceptions() == 0) throw cancelled{};
}

void cancel_fibers(fiber* first, fiber* (*next)(const fiber*)) {
  const outsider here;
  for (fiber* f = first; f; f = next(f)) {
    f->cancelled.store(true, std::memory_order_seq_cst);
    f->inspected.fetch_add(1, std::memory_order_seq_cst);
  }
  heavy_fence();
  fiber_chain woken;
  for (fiber* f = first; f; f = next(f)) {
    const park_site* site = f->site.load(std::memory_order_acquire);
    if (site && site->cancel && site->cancel(f->argument.load(std::memory_order_relaxed))) woken.add(f);
    f->inspected.fetch_sub(1, std::memory_order_release);
  }
  while (fiber* f = woken.take()) ready(f);
}

}  // namespace pipes::detail

namespace pipes {

void yield() {
  using namespace detail;
  worker* w = this_worker();
  if (!w) {
    std::this_thread::yield();
    return;
  }
  fiber* self = w->current;
  if (is_cancelled(self)) cancelled_here();
  switch_away(w, self, w->successor_of_yield(self));
}

void set_fiber_name(std::string name) {
  using namespace detail;
  fiber* f = current_fiber();
  if (!f) return;
  std::unique_ptr<go_extra> fresh(f->extra ? nullptr : new go_extra);   // before the lock: it may throw
  f->extra_mu.lock();
  if (fresh) f->extra = fresh.release();
  f->extra->name.swap(name);
  f->extra_mu.unlock();
}

}  // namespace pipes
