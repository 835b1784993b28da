// leased_lock.hpp: the lock of channels, mutexes and the like. It is leased to the worker that has used it alone for a while: that one
// enters with plain stores, where the locked instruction of a spin lock would cost as much as the rest of a buffered send.
//   I1  shared_ is a spin lock for everybody; owner_, a worker or nobody(), enters without it.
//   I2  owner_ is written with shared_ held. Who holds it and finds an owner ends the lease first: owner_ = nobody(), a heavy fence, then it
//       waits until own_ is clear.
//   I3  the owner raises own_, then (lease fence) reads owner_ again: still itself, it is inside; else it backs out.
// By I2 and I3 at least one of the two sees the other. A lease comes after `limit_` entries in a row by one worker; its end costs a
// membarrier (some us, as much as a thousand locked instructions save), so each end doubles the limit: what the ends cost
// grows with the logarithm of the uses.
#pragma once
#include <cstdint>

#include "pipe/runtime/spin_lock.hpp"
#include "pipe/runtime/this_worker.hpp"

namespace pipes::detail {

class leased_lock {
 public:
  leased_lock() = default;
  // Leased from birth to the calling thread's worker, which has taken a lease (take_lease); null: to nobody.
  explicit leased_lock(worker_face* to) : owner_(to ? to : nobody()), limit_(to ? first_limit / 2 : first_limit) {}
  leased_lock(const leased_lock&) = delete;
  leased_lock& operator=(const leased_lock&) = delete;

  [[gnu::always_inline]] void lock() {
    worker_face* w = this_worker_face();
    if (owner_.load(std::memory_order_relaxed) == w) {
      own_.store(true, std::memory_order_relaxed);
      lease_fence();
      if (owner_.load(std::memory_order_acquire) == w) [[likely]] {
        by_owner_ = true;
        ++w->lock_uses;
        return;
      }
      own_.store(false, std::memory_order_release);
    }
    lock_shared(w);
  }
  // Whether the calling worker has it alone.
  bool is_mine() const { return owner_.load(std::memory_order_relaxed) == this_worker_face(); }
  [[gnu::always_inline]] void unlock() {
    if (by_owner_) own_.store(false, std::memory_order_release);
    else shared_.unlock();
  }

 private:
  static worker_face* nobody() { return reinterpret_cast<worker_face*>(std::uintptr_t{1}); }   // no worker, nor what other threads have: null
  static constexpr std::uint32_t first_limit = 1024;
  static constexpr std::uint32_t recent = 256;   // so many entries after another worker's it counts as shared
  void lock_shared(worker_face* w);
  void end_lease();

  std::atomic<worker_face*> owner_{nobody()};
  std::atomic<bool> own_{false};       // the owner is inside; written by it alone
  spin_lock shared_;
  bool by_owner_ = false;              // which of the two the present holder has raised; guarded by this lock, like the rest
  std::uint32_t row_ = 0;              // entries of last_ in a row
  worker_face* last_ = nullptr;
  std::uint32_t limit_ = first_limit;
};

}  // namespace pipes::detail
