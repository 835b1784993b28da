// context_x86_64.hpp: the frame that pipes_switch_context (context_x86_64.S) pops, System V ABI.
#pragma once
#include <cstdint>

extern "C" void pipes_context_entry();

namespace pipes::detail {

struct saved_frame {
  void* r15;
  void* r14;
  void* r13;  // first run: the argument
  void* r12;  // first run: the entry function
  void* rbx;
  void* rbp;
  void* rip;
};
static_assert(sizeof(saved_frame) == 56, "context_x86_64.S pops seven words");

// A context on a fresh stack that ends at `top`: its first switch calls entry(argument, value).
inline void* make_context(void* top, void (*entry)(void*, void*), void* argument) {
  auto address = reinterpret_cast<std::uintptr_t>(top) & ~std::uintptr_t{15};
  auto* frame = reinterpret_cast<saved_frame*>(address - 16 - sizeof(saved_frame));
  *frame = saved_frame{};
  frame->r12 = reinterpret_cast<void*>(entry);
  frame->r13 = argument;
  frame->rip = reinterpret_cast<void*>(&pipes_context_entry);
  return frame;
}

inline void cpu_pause() { __builtin_ia32_pause(); }

// Ticks of a constant-rate counter; only ever compared with each other.
inline std::uint64_t cpu_ticks() { return __builtin_ia32_rdtsc(); }

}  // namespace pipes::detail
