// this_worker.hpp: which worker runs the calling thread, and the cheap half of a fence whose other half is dear: what the locks that
// lean to one worker are made of. Included by leased_lock.hpp and birth_lease.hpp.
#pragma once
#include <atomic>
#include <cstdint>

namespace pipes::detail {

// What code in headers knows of a worker.
struct worker_face {
  static constexpr std::uint32_t most_leases = 8;
  explicit worker_face(std::uint16_t n) : number(n) {}
  // confined to the worker's thread
  std::uint64_t lock_uses = 0;
  std::uint32_t leases = most_leases;   // that it may take for new objects; see take_lease()
  const std::uint16_t number;           // not 0; no other worker has had it for a long time, in whatever run
};

// The calling thread's worker, null on other threads. A fiber may have moved to another thread since the last call, and compilers
// keep the address of a thread-local across a switch: so it is read by instructions that they do not see through, or else by a
// call of a function that is never inlined.
#if defined(__x86_64__) && defined(__ELF__)
inline worker_face* this_worker_face() noexcept {
  worker_face* w;
  asm volatile("movq pipes_thread_worker@gottpoff(%%rip), %0\n\tmovq %%fs:(%0), %0" : "=r"(w) : : "memory");
  return w;
}
#else
worker_face* this_worker_face() noexcept;
#endif

// A lease from birth (birth_lease.hpp) for a new object, which its maker mostly uses and frees; null: there is none. The end of one is dear,
// so few are out at a time: who frees an object that is leased to it still returns the lease, others are lost, and some new ones come
// every 10 ms at most.
worker_face* take_lease_slow(worker_face* w);
inline worker_face* take_lease() {
  worker_face* const w = this_worker_face();
  if (!w || w->leases == 0) return take_lease_slow(w);
  --w->leases;
  return w;
}
// What comes back is not hoarded: else objects that were made over a long time and die together would let as many new ones be leased at once.
inline void return_lease() {
  worker_face* const w = this_worker_face();
  if (w->leases < worker_face::most_leases) ++w->leases;
}

// Written once, before the first run has threads: the kernel gives us membarrier. No atomic, so that a test of it is one instruction.
#if defined(__ELF__)
[[gnu::visibility("hidden")]]
#endif
extern bool asymmetric_fences;
void full_fence();

// Two threads that each store to a word of their own and then look at the other's, and may not both miss it, need a full fence each (5 ns). Where
// one side does so a million times for each time of the other, only that one pays: the hot side keeps its compiler from moving the load
// up (light_fence), the other has the kernel run a full fence on every processor that runs a thread of this process (heavy_fence, a
// membarrier, 8 us). Whatever moment of the hot side that meets, its store is seen, or its load is still to come and sees the other's.
// Orders what this thread has stored before against what it loads after, towards every thread that calls heavy_fence() (biased_lock.hpp).
inline void light_fence() {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (!asymmetric_fences) [[unlikely]] full_fence();
}

// The same inside of a lease. Where fences are not asymmetric there are no leases, so that nothing has to be asked here.
inline void lease_fence() { std::atomic_signal_fence(std::memory_order_seq_cst); }

}  // namespace pipes::detail
