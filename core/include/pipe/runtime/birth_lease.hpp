// birth_lease.hpp: for counters that anybody may change (of references, of fibers). From birth they are leased to the worker that makes them:
// as long as nobody else comes, that one changes them by plain stores. A locked instruction would be a tenth of a short fiber.
//   I1  owner_ is a worker, then ending(), then nobody(), and never goes back.
//   I2  The owner raises own_, then (lease fence, this_worker.hpp) reads owner_ again. If that is still itself it may write the counters
//       until it clears own_, else it backs out.
//   I3  Anybody else ends the lease, under mu_, before it touches a counter: it sets owner_ to ending(), pays for a heavy fence, waits until
//       own_ is clear, sets owner_ to nobody(). From then on the counters are changed by locked instructions alone.
// The owner touches nothing after it has cleared own_. So whoever has ended the lease, and then finds that the last reference is gone, may
// free the memory. To end a lease costs a membarrier, so each worker has a few only (take_lease).
#pragma once
#include <cstdint>

#include "pipe/runtime/spin_lock.hpp"
#include "pipe/runtime/this_worker.hpp"

namespace pipes::detail {

// Best kept 64 bytes away from its counters: once it is over, all read it and nobody writes it, so it should stay in every cache.
class birth_lease {
 public:
  using counter = std::atomic<std::int64_t>;

  // to: the calling thread's worker, by take_lease(); null: leased to nobody.
  explicit birth_lease(worker_face* to) : owner_(to ? to : nobody()) {}
  birth_lease(const birth_lease&) = delete;
  birth_lease& operator=(const birth_lease&) = delete;

  // Returns the sum. Acquires and releases, as change() does.
  std::int64_t add(counter& to, std::int64_t n) {
    if (!enter()) [[unlikely]] return add_shared(to, n);
    const std::int64_t sum = to.load(std::memory_order_relaxed) + n;
    to.store(sum, std::memory_order_relaxed);
    own_.store(false, std::memory_order_release);
    return sum;
  }
  // Makes it next(value), and returns the value before. next may be called several times.
  template <class F>
  std::int64_t change(counter& c, F next) {
    if (enter()) {
      const std::int64_t before = c.load(std::memory_order_relaxed);
      c.store(next(before), std::memory_order_relaxed);
      own_.store(false, std::memory_order_release);
      return before;
    }
    share();
    std::int64_t before = c.load(std::memory_order_acquire);
    while (!c.compare_exchange_weak(before, next(before), std::memory_order_acq_rel, std::memory_order_acquire)) {}
    return before;
  }
  // Whether the calling worker still has the lease.
  bool is_mine() const { return owner_.load(std::memory_order_relaxed) == this_worker_face(); }

 private:
  bool enter() {
    worker_face* const w = this_worker_face();
    if (owner_.load(std::memory_order_relaxed) != w) return false;
    own_.store(true, std::memory_order_relaxed);
    lease_fence();
    if (owner_.load(std::memory_order_acquire) == w) [[likely]] return true;
    own_.store(false, std::memory_order_release);
    return false;
  }
  // Neither is a worker, nor the null of other threads.
  static worker_face* nobody() { return reinterpret_cast<worker_face*>(std::uintptr_t{1}); }
  static worker_face* ending() { return reinterpret_cast<worker_face*>(std::uintptr_t{2}); }
  std::int64_t add_shared(counter& to, std::int64_t n);
  void share() {
    if (owner_.load(std::memory_order_acquire) != nobody()) end();
  }
  void end();

  std::atomic<worker_face*> owner_;
  std::atomic<bool> own_{false};       // the owner is inside; written by it alone
  spin_lock mu_;
};

}  // namespace pipes::detail
