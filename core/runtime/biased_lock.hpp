// biased_lock.hpp: a lock that its owner takes with a plain store, and others rarely and dearly.
//   I1  at most one of {the owner, one other} is inside.
//   I2  own_ is written by the owner alone, the bit `inside` of others_ by the others alone; the owner enters only while that is clear.
// The store-load race between the two sides is closed on the dear side: others pay a membarrier (this_worker.hpp), the owner none.
// Where there is none, others_ holds `fences` for ever.
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
  static constexpr std::uint8_t fences = 2;   // for ever, where the owner pays for its fence too: by the slow way, so that the other asks for nothing
  void lock_own_slow();
  std::atomic<bool> own_{false};
  std::atomic<std::uint8_t> others_{asymmetric_fences ? std::uint8_t{0} : fences};
};

}  // namespace pipes::detail
