// birth_lease.hpp: counters that many may change, leased from their birth to the worker that makes them: as long as no other comes,
// that one changes them by plain stores, where a locked instruction would be a tenth of a short fiber. Count references and fibers.
//   I1  owner_ is a worker, or ending(), or nobody(); it goes that way and never back.
//   I2  the owner raises own_, then (lease fence) reads owner_ again: still itself, it may write the counters until it clears own_; else it
//       backs out.
//   I3  anybody else, before touching a counter, ends the lease under mu_: owner_ = ending(), a heavy fence, waits until own_ is clear,
//       then owner_ = nobody(). From then on the counters are changed by locked instructions alone.
// The owner touches nothing after clearing own_. So who has ended the lease, and then finds a value that lets it free the memory, may.
// The end of a lease costs a membarrier. So a worker has a few leases only (take_lease): what dies with its lease gives it back, what
// loses it does not; some new ones come every few ms.
#pragma once
#include <cstdint>

#include "pipe/runtime/spin_lock.hpp"
#include "pipe/runtime/this_worker.hpp"

namespace pipes::detail {

// Best kept 64 bytes away from its counters: once it is over it is only read, by all.
class birth_lease {
 public:
  using counter = std::atomic<std::int64_t>;

  // to: the calling thread's worker, which has taken a lease; null: nobody's.
  explicit birth_lease(worker_face* to) : owner_(to ? to : nobody()) {}
  birth_lease(const birth_lease&) = delete;
  birth_lease& operator=(const birth_lease&) = delete;

  // The sum. Acquires and releases, like the other one.
  std::int64_t add(counter& to, std::int64_t n) {
    if (!enter()) [[unlikely]] return add_shared(to, n);
    const std::int64_t sum = to.load(std::memory_order_relaxed) + n;
    to.store(sum, std::memory_order_relaxed);
    own_.store(false, std::memory_order_release);
    return sum;
  }
  // Makes it next(value), which may be asked several times; the value before.
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
  // The calling worker still has it.
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
  static worker_face* nobody() { return reinterpret_cast<worker_face*>(std::uintptr_t{1}); }   // no worker, nor what other threads have: null
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
