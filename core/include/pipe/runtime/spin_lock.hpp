// spin_lock.hpp: the lock of timers, descriptors and the like, and the one beneath leased locks: held for some dozens of nanoseconds,
// never across a park.
// A waiter backs off from 0.75 us, doubling: two cores that hammer one line lose four times what they wait (70 -> 17 ns
// per item, four to four); past the last step it gives its thread away, since the holder may have lost its CPU.
#pragma once
#include <atomic>

namespace pipes::detail {

class spin_lock {
 public:
  void lock() {
    if (held_.exchange(true, std::memory_order_acquire)) [[unlikely]]
      lock_slow();
  }
  bool try_lock() { return !held_.exchange(true, std::memory_order_acquire); }
  void unlock() { held_.store(false, std::memory_order_release); }

 private:
  void lock_slow();
  std::atomic<bool> held_{false};
};

}  // namespace pipes::detail
