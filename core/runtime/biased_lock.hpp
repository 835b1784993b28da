// biased_lock.hpp: a lock that its owner takes with a plain store, others rarely and at a high price.
//   I1  At most one of {the owner, one other} is inside.
//   I2  own_ is written by the owner alone, the bit `inside` of others_ by the others alone; the owner enters only while that is clear.
// Each side first writes its own word, then reads the other's; what keeps these two steps in order is a membarrier on the side of the
// others, nothing on the owner's (this_worker.hpp explains). Where the kernel has no membarrier, others_ holds the bit `fences` for
// ever, which sends the owner to the slow way: there it has a fence, too.
// Rejected: a ring with compare-and-swap, as Go's run queue: 5 ns at every scheduling step, for steals that hardly occur.
#pragma once
#include <atomic>
#include <cstdint>
#include <thread>

#include "core/runtime/context.hpp"
#include "pipe/runtime/this_worker.hpp"

namespace pipes::detail {

void init_asymmetric_fences();
void heavy_fence_slow();

// Pairs with every light_fence of every thread of the process.
inline void heavy_fence() { heavy_fence_slow(); }

class biased_lock {
 public:
  void lock_own() {
    own_.store(true, std::memory_order_relaxed);
    lease_fence();
    if (others_.load(std::memory_order_acquire) != 0) [[unlikely]]
      lock_own_slow();
  }
  void unlock_own() { own_.store(false, std::memory_order_release); }

  bool try_lock_other() {
    if (others_.fetch_or(inside, std::memory_order_acquire) & inside) return false;
    heavy_fence();
    for (int spins = 0; own_.load(std::memory_order_acquire); ++spins) {
      if (spins < 1000) cpu_pause();
      else std::this_thread::yield();
    }
    return true;
  }
  void unlock_other() { others_.fetch_and(static_cast<std::uint8_t>(~inside), std::memory_order_release); }

 private:
  static constexpr std::uint8_t inside = 1;
  static constexpr std::uint8_t fences = 2;   // so that the quick way has one word to test, for both reasons to be slow
  void lock_own_slow();
  std::atomic<bool> own_{false};
  std::atomic<std::uint8_t> others_{asymmetric_fences ? std::uint8_t{0} : fences};
};

}  // namespace pipes::detail
