// leased_lock.hpp: the lock of channels, mutexes and the like. It is leased to the worker that has used it alone for a while, which then
// enters with plain stores. The locked instruction of a spin lock would cost as much as all the rest of a buffered send.
//   I1  shared_ is a spin lock for everybody. owner_ names who may enter without it: a worker together with its place in own_, or nobody.
//   I2  owner_ is written with shared_ held. Whoever takes shared_ and finds an owner ends the lease first: it sets owner_ to nobody, pays
//       for a heavy fence, and waits until the owner's own_ is clear.
//   I3  The owner raises its own_, then (lease fence, this_worker.hpp) reads owner_ again. If that is still itself it is inside, else it
//       backs out. So by I2 and I3 at least one of the two sees the other.
//   I4  own_[i] is written by one worker for ever, lessee_[i]. For a worker may be stopped after its first look at owner_, while its lease
//       ends and another one begins. When it goes on it raises and clears its own_, and that must not be the new owner's.
// A lease comes after `limit_` entries in a row by one worker. Its end costs a membarrier (some us, which one or two thousand entries save
// again), so each end doubles the limit: all ends together cost the logarithm of the uses. By I4 only the first two workers that qualify
// ever get leases of one lock; for others it stays a spin lock. (Two, since a channel's lock, count and head are to share a cache line.)
#pragma once
#include <array>
#include <cstdint>

#include "pipe/runtime/spin_lock.hpp"
#include "pipe/runtime/this_worker.hpp"

namespace pipes::detail {

class leased_lock {
 public:
  leased_lock() = default;
  // Leased from birth to the calling thread's worker, by take_lease(); null: to nobody.
  explicit leased_lock(worker_face* to) : owner_(to ? lease(to, 1) : nobody), limit_(to ? first_limit / 2 : first_limit), lessee_{to ? to->number : no_worker, no_worker} {}
  leased_lock(const leased_lock&) = delete;
  leased_lock& operator=(const leased_lock&) = delete;

  [[gnu::always_inline]] void lock() {
    worker_face* w = this_worker_face();
    const std::uintptr_t owner = owner_.load(std::memory_order_relaxed);
    if (const std::uintptr_t place = owner ^ lease(w, 0); place <= places) {   // w owns it; never 0, as owner's low bits never are
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
  static constexpr std::uintptr_t nobody = 4;   // no worker's place, nor one of the null that other threads have for a worker
  static constexpr std::uint16_t no_worker = 0;
  static constexpr std::uint32_t first_limit = 512;
  static constexpr std::uint32_t recent = 256;   // the first entries of a row: another worker has used the lock not long before
  static std::uintptr_t lease(worker_face* w, std::uintptr_t place) { return reinterpret_cast<std::uintptr_t>(w) | place; }
  void lock_shared(worker_face* w);
  void begin_lease(worker_face* w);
  void end_lease();

  std::atomic<std::uintptr_t> owner_{nobody};
  std::array<std::atomic<bool>, places> own_{};   // its lessee is inside
  spin_lock shared_;
  // Guarded by this lock itself:
  std::uint8_t entered_ = 0;           // by what the present holder has entered: 0 is shared_, else the place
  std::uint32_t row_ = 0;              // entries in a row by last_
  worker_face* last_ = nullptr;
  std::uint32_t limit_ = first_limit;  // a row of this length begins a lease
  std::array<std::uint16_t, places> lessee_{};   // the workers' numbers
};

static_assert(sizeof(leased_lock) == 32);

}  // namespace pipes::detail
