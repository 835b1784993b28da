#include "pipe/runtime/spin_lock.hpp"

#include <thread>

#include "core/runtime/context.hpp"

namespace pipes::detail {

void spin_lock::lock_slow() {
  constexpr int first_pauses = 32;       // about 0.75 us
  constexpr int most_pauses = 1024;
  for (int pauses = first_pauses;; pauses *= 2) {
    if (pauses > most_pauses) {
      std::this_thread::yield();
      pauses = most_pauses;
    } else {
      for (int i = 0; i < pauses; ++i) cpu_pause();
    }
    if (!held_.load(std::memory_order_relaxed) && !held_.exchange(true, std::memory_order_acquire)) return;
  }
}

}  // namespace pipes::detail
