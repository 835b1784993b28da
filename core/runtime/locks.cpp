// locks.cpp: the slow ways of the locks. The invariants are in spin_lock.hpp, biased_lock.hpp, leased_lock.hpp and birth_lease.hpp.
#include <algorithm>
#include <thread>

#include "core/runtime/scheduler.hpp"
#include "pipe/runtime/birth_lease.hpp"
#include "pipe/runtime/leased_lock.hpp"

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

void biased_lock::lock_own_slow() {
  while (true) {
    light_fence();
    if (!(others_.load(std::memory_order_acquire) & inside)) return;
    own_.store(false, std::memory_order_release);
    while (others_.load(std::memory_order_acquire) & inside) std::this_thread::yield();
    own_.store(true, std::memory_order_relaxed);
  }
}

worker_face* take_lease_slow(worker_face* face) {
  constexpr std::uint32_t some = worker_face::most_leases;
  constexpr clock::rep every = 10'000'000;   // ns; a seventieth of it if all eight end: two membarriers each, of some 9 us
  auto* w = static_cast<worker*>(face);
  if (!w || !asymmetric_fences || w->coarse_now < w->more_leases_at) return nullptr;
  w->more_leases_at = w->coarse_now + every;
  w->leases = some - 1;
  return w;
}

static void wait_until_outside(const std::atomic<bool>& own) {
  for (int spins = 0; own.load(std::memory_order_acquire); ++spins) {
    if (spins < 1000) cpu_pause();
    else std::this_thread::yield();
  }
}

std::int64_t birth_lease::add_shared(counter& to, std::int64_t n) {
  share();
  return to.fetch_add(n, std::memory_order_acq_rel) + n;
}

void birth_lease::end() {
  mu_.lock();
  if (owner_.load(std::memory_order_relaxed) != nobody()) {
    owner_.store(ending(), std::memory_order_relaxed);
    heavy_fence();
    wait_until_outside(own_);
    owner_.store(nobody(), std::memory_order_release);
  }
  mu_.unlock();
}

void leased_lock::lock_shared(worker_face* face) {
  shared_.lock();
  auto* w = static_cast<worker*>(face);
  if (owner_.load(std::memory_order_relaxed) != nobody) end_lease();
  entered_ = 0;                          // only now: until then the owner may be inside
  if (w != last_) {
    row_ = last_ ? 0 : recent;           // the first worker ever: it shares with nobody, and is half way to a lease
    last_ = w;
  } else if (++row_ >= limit_ && w && asymmetric_fences) {
    begin_lease(w);
  }
  if (!w) return;
  ++w->lock_uses;
  if (row_ < recent) ++w->shared_uses;
}

void leased_lock::begin_lease(worker_face* w) {
  for (std::uintptr_t place = 1; place <= places; ++place) {
    std::uint16_t& lessee = lessee_[place - 1];
    if (lessee == no_worker) lessee = w->number;
    if (lessee == w->number) return owner_.store(lease(w, place), std::memory_order_relaxed);
  }
}

void leased_lock::end_lease() {
  const std::uintptr_t owner = owner_.load(std::memory_order_relaxed), place = owner % nobody;
  last_ = reinterpret_cast<worker_face*>(owner - place);
  owner_.store(nobody, std::memory_order_relaxed);
  heavy_fence();
  wait_until_outside(own_[place - 1]);
  if (limit_ < 1u << 30) limit_ *= 2;
}

}  // namespace pipes::detail
