// spin_lock.hpp: the lock of timers, descriptors and the like, and the one beneath leased locks. Held for some dozens of nanoseconds, never
// across a park.
// A waiter pauses for 0.75 us, then twice as long each time: two cores that hammer on one cache line lose four times what they wait (four
// senders to four receivers: 70 -> 17 ns a value). After the longest pause it gives its thread away: the holder may have lost its CPU.
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
