// this_worker.hpp: which worker runs the calling thread, and the cheap half of a fence whose other half is dear: what the locks that
// lean to one worker are made of. Included by leased_lock.hpp.
#pragma once
#include <atomic>
#include <cstdint>

namespace pipes::detail {

// What code in headers knows of a worker.
struct worker_face {
  std::uint64_t lock_uses = 0;      // confined to the worker's thread
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

// Written once, before the first run has threads: the kernel gives us membarrier. No atomic, so that a test of it is one instruction.
extern bool asymmetric_fences;
void full_fence();

// Orders what this thread has stored before against what it loads after, towards every thread that calls heavy_fence() (biased_lock.hpp).
inline void light_fence() {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (!asymmetric_fences) [[unlikely]] full_fence();
}

}  // namespace pipes::detail
