// context_x86_64.hpp: the switch, System V ABI. Inlined on purpose: so the compiler saves only those callee-saved registers that the
// place of the switch uses, and no call stands between it and the switch, whose return the CPU would predict wrong.
#pragma once
#include <cstdint>

extern "C" void pipes_context_entry();
extern "C" void pipes_below_context(const void* registers, void (*function)(void*), void* argument);

namespace pipes::detail {

struct saved_frame {
  void* rbx;  // first run: the entry function
  void* rbp;  // first run: the argument
  void* rip;
};
static_assert(sizeof(saved_frame) == 24, "switch_context pops three words");

// A context on a fresh stack that ends at `top`: its first switch calls entry(argument, value).
inline void* make_context(void* top, void (*entry)(void*, void*), void* argument) {
  auto address = reinterpret_cast<std::uintptr_t>(top) & ~std::uintptr_t{15};
  auto* frame = reinterpret_cast<saved_frame*>(address - sizeof(saved_frame));
  *frame = saved_frame{};
  frame->rbx = reinterpret_cast<void*>(entry);
  frame->rbp = argument;
  frame->rip = reinterpret_cast<void*>(&pipes_context_entry);
  return frame;
}

// Saves the running context at *save, continues the one at `to`; `value` is what the switch returns over there.
// What it pushes lies where the surrounding function would have its red zone, so files that switch are compiled with -mno-red-zone.
// (To leap over the red zone instead would spread what a parked fiber needs over two more cache lines.)
inline void* switch_context(void** save, void* to, void* value) {
  asm volatile(
      "leaq 1f(%%rip), %%rcx\n\t"
      "pushq %%rcx\n\t"
      "pushq %%rbp\n\t"
      "pushq %%rbx\n\t"
      "movq %%rsp, (%%rdi)\n\t"
      "movq %%rsi, %%rsp\n\t"
      "popq %%rbx\n\t"
      "popq %%rbp\n\t"
      "popq %%rcx\n\t"
      "jmpq *%%rcx\n"
      "1:"
      : "+a"(value), "+D"(save), "+S"(to)
      :
      : "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3",
        "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15"
#ifdef __AVX512F__
        , "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25", "xmm26", "xmm27", "xmm28",
        "xmm29", "xmm30", "xmm31", "k1", "k2", "k3", "k4", "k5", "k6", "k7"
#endif
  );
  return value;
}

// What unwinding a context that is switched away from begins with.
struct unwind_registers {
  void* rbx;
  void* rbp;
  void* rip;
  const void* rsp;
  void* resumes_at() const { return rip; }
};
static_assert(sizeof(unwind_registers) == 32, "context_x86_64.S reads four words");

inline unwind_registers registers_at(const void* saved) {
  const auto* frame = static_cast<const saved_frame*>(saved);
  return {frame->rbx, frame->rbp, frame->rip, frame + 1};
}

inline void cpu_pause() { __builtin_ia32_pause(); }

// Ticks of a constant-rate counter; only ever compared with each other.
inline std::uint64_t cpu_ticks() { return __builtin_ia32_rdtsc(); }

}  // namespace pipes::detail
