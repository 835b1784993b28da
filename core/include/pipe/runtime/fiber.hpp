// fiber.hpp: starting fibers, and what every parking operation shares. Included by pipe/runtime.hpp.
#pragma once
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "pipe/runtime/spin_lock.hpp"

namespace pipes {

// steady_clock, with the same time points. In a run with a seed (run_options) its time is virtual: the same on all threads, and it stands
// still while any fiber can run. Timers, sleeps and timeouts go by it; so should a program that measures against them.
struct clock {
  using duration = std::chrono::steady_clock::duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr bool is_steady = true;
  static time_point now() noexcept;
};
inline clock::time_point now() noexcept { return clock::now(); }

// Thrown by a call that would park a cancelled fiber. A call that need not wait goes through, so a loop of such calls should yield().
// While the stack unwinds, a call that would park returns at once instead: a destructor that parks in the normal course of things must
// be ready for that, or hold a cancel_shield. It is no std::exception, so that catch (std::exception&) lets it through.
struct cancelled {};

// How a fiber is started; the plain go(f) uses the defaults.
struct go_options {
  std::string name = {};    // shown by dumps, deadlock reports, stack overflows
  std::size_t stack = 0;    // bytes, 0: 64 KiB; from 256 KiB on with a guard of 1 MiB
  bool begins_anyway = false;   // cancelled before it has begun, it begins all the same, and its first parking call throws; else it never begins
};

namespace detail {

struct fiber;
struct task;
struct cancel_group;

// Why a fiber is parked; one for every place that parks.
enum class wait_reason : std::uint8_t {
  chan_send, chan_recv, chan_nil, select, select_empty, sleep, wait_group, mutex, rw_mutex_read, rw_mutex_write, cond, semaphore,
  scope_join, io_read, io_write, blocking_call, event
};
const char* to_string(wait_reason r);

// A place that parks. cancel (null: not cancellable) takes the fiber's waiter out of what it waits for. True: it was still in, and the
// caller must make the fiber ready. False: somebody else has taken it out, and wakes it.
struct park_site {
  wait_reason reason;
  bool (*cancel)(void* argument);
};

// Parking, in three steps, so that no wake-up is lost:
//   1  Under the lock of what it waits for, the fiber links its waiter and calls prepare_park(). False: the fiber is cancelled; it must
//      unlink, unlock, call withdraw_park() and report that (cancelled_here).
//   2  It unlocks. From here on anybody may call ready(fiber).
//   3  park() gives the CPU away, and returns once ready() was called.
// ready() is called with no lock of a channel held.
fiber* current_fiber();                     // null outside a fiber
fiber* current_fiber_or_throw();            // std::logic_error outside a fiber: only a fiber can park
[[nodiscard]] bool prepare_park(fiber* self, const park_site& site, void* argument);
void withdraw_park(fiber* self);            // after prepare_park, instead of park
void park();
void ready(fiber* f);
// step(): a place where a fiber of a run with a seed may give way to another one, as a thread could be preempted anywhere. Nothing in other
// runs.
extern std::atomic<std::uint32_t> detour;   // all ones while a run with a seed is in progress, else 0
void give_way();
inline void step() {
  if (detour.load(std::memory_order_relaxed) != 0) [[unlikely]]
    give_way();
}
// Throws pipes::cancelled; returns while the stack unwinds, where a second exception would end the process.
void cancelled_here();

struct go_extra {
  std::string name;
  std::size_t stack = 0;
  bool daemon = false;
  cancel_group* group = nullptr;            // the fiber joins it; holds a reference
  bool begins_anyway = false;
  ~go_extra();
};

// What a fiber runs: a closure, in one allocation with this head. invoke runs and destroys it; drop only destroys it.
struct task {
  void (*invoke)(task*) = nullptr;
  void (*drop)(task*) = nullptr;
  task* next = nullptr;
  go_extra* extra = nullptr;
  std::uint64_t parent = 0;                 // the id of the fiber that spawned it; 0: none did
};

// For a task that will never run.
inline void discard_task(task* t) {
  delete t->extra;
  t->drop(t);
}

constexpr std::size_t small_task = 128;     // tasks up to this size come from the worker's own list
void* allocate_task(std::size_t size);
void free_task(void* memory, std::size_t size);
void spawn(task* t);

template <class F>
struct closure_task : task {
  explicit closure_task(F&& f) : f_(std::move(f)) {}
  explicit closure_task(const F& f) : f_(f) {}

  // A small closure moves to the stack, beside what the fiber touches anyway, and its memory is used again at once. Else each parked fiber
  // would hold two cache lines more, and the next task would get memory that is in no cache.
  static void run(task* t) {
    auto* self = static_cast<closure_task*>(t);
    if constexpr (std::is_nothrow_move_constructible_v<F> && sizeof(closure_task) <= small_task) {
      F f(std::move(self->f_));
      discard(t);
      std::invoke(f);
    } else {
      reclaim guard{self};
      std::invoke(self->f_);
    }
  }
  static void discard(task* t) { reclaim guard{static_cast<closure_task*>(t)}; }

 private:
  struct reclaim {
    closure_task* self;
    ~reclaim() {
      self->~closure_task();
      free_task(self, sizeof(closure_task));
    }
  };
  F f_;
};

template <class F>
task* make_task(F&& f) {
  using node = closure_task<std::decay_t<F>>;
  static_assert(alignof(node) <= alignof(std::max_align_t), "over-aligned closures are not supported");
  void* memory = allocate_task(sizeof(node));
  node* t;
  try {
    t = new (memory) node(std::forward<F>(f));
  } catch (...) {
    free_task(memory, sizeof(node));
    throw;
  }
  t->invoke = &node::run;
  t->drop = &node::discard;
  return t;
}

// With a name, or a stack size of its own.
template <class F>
task* make_task(F&& f, go_options options) {
  std::unique_ptr<go_extra> extra(new go_extra{std::move(options.name), options.stack, false, nullptr, options.begins_anyway});
  task* t = make_task(std::forward<F>(f));
  t->extra = extra.release();
  return t;
}

void sleep_until(clock::time_point deadline);

// The last deadline that a timer can have, 292 years from the clock's beginning. (time_point::max() is no deadline at all.)
inline constexpr clock::time_point end_of_time = clock::time_point::max() - clock::duration(1);

// now + d without overflow, at most end_of_time. A d below zero, in whatever unit, is over now.
template <class Rep, class Period>
clock::time_point deadline_after(std::chrono::duration<Rep, Period> d) {
  const auto now = clock::now();
  if (!(d > d.zero())) return now;
  const std::chrono::duration<double> most = end_of_time - now;
  if (std::chrono::duration<double>(d) >= most) return end_of_time;
  return now + std::chrono::ceil<clock::duration>(d);
}

}  // namespace detail

// Starts f on a fiber of its own. May let other fibers run first. An exception out of f ends the run, which rethrows it.
template <class F>
  requires std::is_invocable_v<std::decay_t<F>&>
void go(F&& f) {
  detail::spawn(detail::make_task(std::forward<F>(f)));
}

template <class F>
  requires std::is_invocable_v<std::decay_t<F>&>
void go(go_options options, F&& f) {
  detail::spawn(detail::make_task(std::forward<F>(f), std::move(options)));
}

// A fiber that does not keep run() alive and is cancelled at its end.
template <class F>
  requires std::is_invocable_v<std::decay_t<F>&>
void go_daemon(go_options options, F&& f) {
  detail::task* t = detail::make_task(std::forward<F>(f), std::move(options));
  t->extra->daemon = true;
  detail::spawn(t);
}
template <class F>
  requires std::is_invocable_v<std::decay_t<F>&>
void go_daemon(F&& f) {
  go_daemon(go_options{}, std::forward<F>(f));
}

// Lets the other ready fibers run.
void yield();

// Beyond the clock's end that is for ever. As in Go it is a timer all the same: while a fiber sleeps so, no deadlock is found. (But in a
// run with a seed, where time passes at once, it does not count as one.)
template <class Rep, class Period>
void sleep_for(std::chrono::duration<Rep, Period> d) {
  detail::sleep_until(detail::deadline_after(d));
}
inline void sleep_until(clock::time_point deadline) { detail::sleep_until(deadline); }

// Names the running fiber for dumps and reports.
void set_fiber_name(std::string name);

}  // namespace pipes
