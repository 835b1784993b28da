// leased_lock.hpp: the lock of channels, mutexes and the like. It is leased to the worker that has used it alone for a while: that one
// enters with plain stores, where the locked instruction of a spin lock would cost as much as the rest of a buffered send.
//   I1  shared_ is a spin lock for everybody; owner_, a worker and one of its places in own_, or nobody(), enters without it.
//   I2  owner_ is written with shared_ held. Who holds it and finds an owner ends the lease first: owner_ = nobody(), a heavy fence, then it
//       waits until the owner's own_ is clear.
//   I3  the owner raises its own_, then (lease fence) reads owner_ again: still itself, it is inside; else it backs out.
//   I4  own_[i] is written by one worker for ever, lessee_[i]. A worker may be stopped between its first look at owner_ and the raising of
//       its own_ for as long as it takes for the lease to end and another to begin; what it writes then must not be the new owner's.
// By I2 and I3 at least one of the two sees the other. A lease comes after `limit_` entries in a row by one worker; its end costs a
// membarrier (some us, what one or two thousand locked instructions save), so each end doubles the limit: what the ends cost
// grows with the logarithm of the uses. By I4 two workers may have leases of one lock, the first two that would; for the others it stays a spin
// lock. (Two, so that it all fits where a channel's lock, count and head share a cache line.)
#pragma once
#include <array>
#include <cstdint>

#include "pipe/runtime/spin_lock.hpp"
#include "pipe/runtime/this_worker.hpp"

namespace pipes::detail {

class leased_lock {
 public:
  leased_lock() = default;
  // Leased from birth to the calling thread's worker, which has taken a lease (take_lease); null: to nobody.
  explicit leased_lock(worker_face* to) : owner_(to ? lease(to, 1) : nobody), limit_(to ? first_limit / 2 : first_limit), lessee_{to ? to->number : no_worker, no_worker} {}
  leased_lock(const leased_lock&) = delete;
  leased_lock& operator=(const leased_lock&) = delete;

  [[gnu::always_inline]] void lock() {
    worker_face* w = this_worker_face();
    const std::uintptr_t owner = owner_.load(std::memory_order_relaxed);
    if (const std::uintptr_t place = owner ^ lease(w, 0); place <= places) {   // never 0: owner's low bits are a place or nobody's
      own_[place - 1].store(true, std::memory_order_relaxed);
      lease_fence();
      if (owner_.load(std::memory_order_acquire) == owner) [[likely]] {
        entered_ = static_cast<std::uint8_t>(place);
        ++w->lock_uses;
        return;
      }
      own_[place - 1].store(false, std::memory_order_release);
    }
    lock_shared(w);
  }
  // Whether the calling worker has it alone.
  bool is_mine() const { return (owner_.load(std::memory_order_relaxed) ^ lease(this_worker_face(), 0)) <= places; }
  [[gnu::always_inline]] void unlock() {
    if (entered_ != 0) own_[entered_ - 1].store(false, std::memory_order_release);
    else shared_.unlock();
  }

 private:
  static constexpr std::uintptr_t places = 2;   // numbered from 1
  static constexpr std::uintptr_t nobody = 4;   // no worker's, nor what other threads would have, whose worker is null
  static constexpr std::uint16_t no_worker = 0;
  static constexpr std::uint32_t first_limit = 512;
  static constexpr std::uint32_t recent = 256;   // so many entries after another worker's it counts as shared
  static std::uintptr_t lease(worker_face* w, std::uintptr_t place) { return reinterpret_cast<std::uintptr_t>(w) | place; }
  void lock_shared(worker_face* w);
  void begin_lease(worker_face* w);
  void end_lease();

  std::atomic<std::uintptr_t> owner_{nobody};
  std::array<std::atomic<bool>, places> own_{};   // the owner is inside
  spin_lock shared_;
  std::uint8_t entered_ = 0;           // which of them the present holder has raised: 0 is shared_, else the place; guarded by this lock, like the rest
  std::uint32_t row_ = 0;              // entries of last_ in a row
  worker_face* last_ = nullptr;
  std::uint32_t limit_ = first_limit;
  std::array<std::uint16_t, places> lessee_{};   // their numbers
};

static_assert(sizeof(leased_lock) == 32);

}  // namespace pipes::detail
