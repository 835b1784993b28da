// context_aarch64.hpp: the frame that pipes_switch_context (context_aarch64.S) restores, AAPCS64.
#pragma once
#include <cstdint>

extern "C" void pipes_context_entry();
extern "C" void* pipes_switch_context(void** save, void* to, void* value);
extern "C" void pipes_below_context(const void* registers, void (*function)(void*), void* argument);

namespace pipes::detail {

struct saved_frame {
  void* x19;  // first run: the entry function
  void* x20;  // first run: the argument
  void* x21_to_x28[8];
  void* x29;
  void* x30;
  void* d8_to_d15[8];
};
static_assert(sizeof(saved_frame) == 160, "context_aarch64.S restores twenty words");

// A context on a fresh stack that ends at `top`: its first switch calls entry(argument, value).
inline void* make_context(void* top, void (*entry)(void*, void*), void* argument) {
  auto address = reinterpret_cast<std::uintptr_t>(top) & ~std::uintptr_t{15};
  auto* frame = reinterpret_cast<saved_frame*>(address - 16 - sizeof(saved_frame));
  *frame = saved_frame{};
  frame->x19 = reinterpret_cast<void*>(entry);
  frame->x20 = argument;
  frame->x30 = reinterpret_cast<void*>(&pipes_context_entry);
  return frame;
}

// Saves the running context at *save, continues the one at `to`; `value` is what the switch returns over there.
inline void* switch_context(void** save, void* to, void* value) { return pipes_switch_context(save, to, value); }

// What unwinding a context that is switched away from begins with.
struct unwind_registers {
  void* x19_to_x30[12];
  const void* sp;
  void* resumes_at() const { return x19_to_x30[11]; }
};
static_assert(sizeof(unwind_registers) == 104, "context_aarch64.S reads thirteen words");

inline unwind_registers registers_at(const void* saved) {
  const auto* frame = static_cast<const saved_frame*>(saved);
  unwind_registers r{};
  r.x19_to_x30[0] = frame->x19;
  r.x19_to_x30[1] = frame->x20;
  for (int i = 0; i < 8; ++i) r.x19_to_x30[2 + i] = frame->x21_to_x28[i];
  r.x19_to_x30[10] = frame->x29;
  r.x19_to_x30[11] = frame->x30;
  r.sp = frame + 1;
  return r;
}

inline void cpu_pause() { asm volatile("yield" ::: "memory"); }

// Ticks of a constant-rate counter; only ever compared with each other.
inline std::uint64_t cpu_ticks() {
  std::uint64_t t;
  asm volatile("mrs %0, cntvct_el0" : "=r"(t));
  return t;
}

}  // namespace pipes::detail
