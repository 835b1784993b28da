// this_worker.hpp: what locks that favour one worker are made of: which worker runs the calling thread, and a fence that costs one side
// nothing and the other much. Included by leased_lock.hpp and birth_lease.hpp. (A worker is a thread that runs fibers:
// core/runtime/scheduler.hpp.)
#pragma once
#include <atomic>
#include <cstdint>

namespace pipes::detail {

// What code in headers knows of a worker; confined to its thread but for the number.
struct worker_face {
  static constexpr std::uint32_t most_leases = 8;
  explicit worker_face(std::uint16_t n) : number(n) {}
  std::uint64_t lock_uses = 0;          // of leased locks; together.cpp counts what is done
  std::uint32_t leases = most_leases;   // that it may still take for new objects: take_lease()
  const std::uint16_t number;           // not 0; no other worker has had it for a long time, in whatever run
};

// The calling thread's worker; null on other threads. A fiber may have moved to another thread since the last call, but a compiler may
// keep the address of a thread-local across the switch. So it is read by instructions that compilers do not see through, elsewhere by
// a function that is never inlined.
#if defined(__x86_64__) && defined(__ELF__)
inline worker_face* this_worker_face() noexcept {
  worker_face* w;
  asm volatile("movq pipes_thread_worker@gottpoff(%%rip), %0\n\tmovq %%fs:(%0), %0" : "=r"(w) : : "memory");
  return w;
}
#else
worker_face* this_worker_face() noexcept;
#endif

// Takes a lease from birth (birth_lease.hpp) for a new object; null: none is left. That an object is shared after all costs a membarrier. So
// few leases are out at a time: a worker that frees an object still leased to it gets the lease back; one whose lease was ended by
// another worker does not, and some new ones come every 10 ms at most.
worker_face* take_lease_slow(worker_face* w);
inline worker_face* take_lease() {
  worker_face* const w = this_worker_face();
  if (!w || w->leases == 0) return take_lease_slow(w);
  --w->leases;
  return w;
}
// Not beyond most_leases: else objects that were made over a long time and die together would let as many new ones be leased at once.
inline void return_lease() {
  worker_face* const w = this_worker_face();
  if (w->leases < worker_face::most_leases) ++w->leases;
}

// Whether the kernel gives us membarrier. Written once, before the first run has threads; no atomic, so that to test it is one instruction.
#if defined(__ELF__)
[[gnu::visibility("hidden")]]
#endif
extern bool asymmetric_fences;
void full_fence();

// Two threads each store to a word of their own, then read the other's word. So that they never both miss what the other has stored, each
// needs a full fence between its two steps (5 ns). Where one side does this a million times for each time of the other, let only the
// other side pay. The hot side merely keeps its compiler from moving the load up (light_fence). The other side has the kernel run a full
// fence on every processor that runs a thread of this process (heavy_fence in biased_lock.hpp: a membarrier, 8 us). At whatever moment
// that meets the hot side: either its store is done, and is seen; or its load is still to come, and sees what the other has stored.
inline void light_fence() {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (!asymmetric_fences) [[unlikely]] full_fence();
}

// light_fence() within a lease. Without a membarrier there are no leases, so nothing has to be tested here.
inline void lease_fence() { std::atomic_signal_fence(std::memory_order_seq_cst); }

}  // namespace pipes::detail
