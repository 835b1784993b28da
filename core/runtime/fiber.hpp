// fiber.hpp: one fiber, kept in the top bytes of its own stack.
// Who owns what, by state:
//   free      in a worker's cache or in the stack pool; suspended in fiber_main, which waits for its next job
//   running   the worker whose current it is; on_cpu is set
//   ready     linked (link) in exactly one run queue, or a worker's next slot
//   parked    site and argument say on what; whoever unlinks its waiter owns it and must call ready() once
// on_cpu stays set until the switch away has saved the context: a fiber may be made ready before, it is resumed only after.
// relaxed<T> fields are confined to one thread at a time (the owner of the queue, the worker), whichever fiber it runs;
// thieves and the monitor peek at some: plain moves.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/runtime/context.hpp"
#include "core/runtime/sanitizer.hpp"
#include "pipe/runtime/fiber.hpp"

namespace pipes::detail {

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

// The hand-over of a saved context between workers, and the edge from ready() or spawn() to the fiber, told to TSan.
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
  // One cache line for all that a park and a wake-up touch.
  // The switch:
  void* sp = nullptr;
  exception_state exceptions;
  relaxed<fiber*> link;            // run queue, free list
  // Parking; written by the fiber itself, read by cancel and dumps:
  std::atomic<const park_site*> site{nullptr};
  std::atomic<void*> argument{nullptr};
  std::atomic<std::int64_t> since{0};   // coarse clock, ns
  std::atomic<std::int16_t> inspected{0};   // so many look at site and argument: do not leave park()
  std::atomic<bool> cancelled{false};
  std::atomic<bool> on_cpu{false};

  // A second line for all that the beginning and the end of a job touch besides.
  alignas(64) std::atomic<bool> in_use{false};
  spin_lock extra_mu;
  std::uint32_t shields = 0;        // guarded by the cancel group's lock
  relaxed<task*> job;
  relaxed<runtime*> owner;
  std::atomic<std::uint64_t> id{0};
  go_extra* extra = nullptr;        // guarded by extra_mu for readers other than the fiber itself
  stack_class* stack = nullptr;     // constant
  // Hints, to prefetch and for nothing else (waiter_list): who began to wait in the same place some time later, and its waiter.
  relaxed<const fiber*> ahead;
  relaxed<const void*> ahead_waiter;

  // seldom looked at
  alignas(64) char* bottom = nullptr;   // constant: lowest usable byte, above the guard
  fiber* group_next = nullptr;          // guarded by the cancel group's lock
  fiber* group_previous = nullptr;
  sanitizer_context sanitizer;
};

static_assert(offsetof(fiber, on_cpu) < 64 && offsetof(fiber, in_use) == 64 && offsetof(fiber, bottom) == 128);

}  // namespace pipes::detail
