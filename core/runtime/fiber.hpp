// fiber.hpp: one fiber, kept in the top bytes of its own stack.
// Who owns a fiber, by its state:
//   free      a worker's cache or the stack pool. It is suspended in fiber_main, which waits for its next job.
//   running   the worker whose `current` it is. on_cpu is set.
//   ready     exactly one run queue, in which it is linked by `link`, or a worker's next slot.
//   parked    whoever unlinks its waiter, and then must call ready() once. site and argument say what it waits for.
// on_cpu stays set until the switch away has saved the context. A fiber may be made ready before that, but is resumed only after.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/runtime/context.hpp"
#include "core/runtime/sanitizer.hpp"
#include "pipe/runtime/fiber.hpp"

namespace pipes::detail {

// A field that belongs to one thread at a time (the worker, or whoever holds the queue's lock), while others may peek at it: an
// atomic for the sake of those, as cheap as a plain one.
template <class T>
class relaxed {
 public:
  relaxed(T v = T{}) : v_(v) {}
  operator T() const { return v_.load(std::memory_order_relaxed); }
  T operator->() const { return v_.load(std::memory_order_relaxed); }
  relaxed& operator=(T v) {
    v_.store(v, std::memory_order_relaxed);
    return *this;
  }
  relaxed& operator=(const relaxed& other) { return *this = static_cast<T>(other); }

 private:
  std::atomic<T> v_;
};

// on_cpu hands a saved context from one worker to another by these two. What ready() or spawn() orders before the fiber's next step
// goes by the locks of queues, which TSan does not know: it is told by the two functions below.
constexpr auto order_publish = std::memory_order_release;
constexpr auto order_observe = std::memory_order_acquire;
#ifdef PIPE_TSAN
inline void tsan_release(void* p) { __tsan_release(p); }
inline void tsan_acquire(void* p) { __tsan_acquire(p); }
#else
inline void tsan_release(void*) {}
inline void tsan_acquire(void*) {}
#endif

// What the C++ runtime keeps per thread and must be per fiber (layout of the Itanium ABI's __cxa_eh_globals).
struct exception_state {
  void* caught = nullptr;
  unsigned int uncaught = 0;
};
static_assert(sizeof(exception_state) == 16, "a switch moves it as one value");

struct runtime;
struct stack_class;

struct alignas(64) fiber {
  // The first cache line: all that a park and a wake-up touch.
  // The switch:
  void* sp = nullptr;                       // where the context is saved while it does not run
  exception_state exceptions;               // likewise
  relaxed<fiber*> link;                     // in a run queue, or a chain on its way there
  // Parking: written by the fiber itself, read by who cancels or dumps it
  std::atomic<const park_site*> site{nullptr};   // null: not parked
  std::atomic<void*> argument{nullptr};     // of the site: the waiter, mostly
  std::atomic<std::int64_t> since{0};       // the worker's coarse_now, ns
  // Written by those who cancel or dump:
  std::atomic<std::int16_t> inspected{0};   // how many are looking at site and argument: until they are done it stays in park()
  std::atomic<bool> cancelled{false};
  std::atomic<bool> on_cpu{false};          // by the worker that switches

  // The second line: all that the beginning and the end of a job touch besides.
  alignas(64) std::atomic<bool> in_use{false};   // it has a job
  spin_lock extra_mu;
  std::uint32_t shields = 0;                // guarded by the cancel group's lock
  relaxed<task*> job;
  relaxed<runtime*> owner;
  std::atomic<std::uint64_t> id{0};
  go_extra* extra = nullptr;                // written under extra_mu by the fiber itself, which reads it without
  stack_class* stack = nullptr;             // constant
  // Hints, to be prefetched and for nothing else (waiter_list): who began to wait in the same place somewhat later, and its waiter.
  relaxed<const fiber*> ahead;
  relaxed<const void*> ahead_waiter;

  // Seldom looked at.
  alignas(64) char* bottom = nullptr;   // constant: lowest usable byte, above the guard
  fiber* group_next = nullptr;          // guarded by the cancel group's lock
  fiber* group_previous = nullptr;
  sanitizer_context sanitizer;
};

static_assert(offsetof(fiber, on_cpu) < 64 && offsetof(fiber, in_use) == 64 && offsetof(fiber, bottom) == 128);

}  // namespace pipes::detail
