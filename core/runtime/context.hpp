// context.hpp: picks the CPU's context switch. A switch saves the callee-saved registers on the stack that is left;
// floating-point control words are not part of a fiber.
#pragma once
#if defined(__x86_64__)
#include "core/runtime/context_x86_64.hpp"
#elif defined(__aarch64__)
#include "core/runtime/context_aarch64.hpp"
#else
#error "pipe: no context switch for this CPU yet: add core/runtime/context_<cpu>.hpp and .S"
#endif

// context_<cpu>.hpp gives make_context(top, entry, argument), switch_context(save, to, value), registers_at(saved),
// cpu_pause() and cpu_ticks(); context_<cpu>.S gives pipes_context_entry, where a fresh stack begins: it calls the entry
// function, which never returns; and pipes_below_context, which unwind.cpp walks other stacks from.

#include <cstdint>

// A CPU predicts a return by the last call, and after a switch that was another fiber's: each return on the way out of a park
// is predicted wrong, unless both fibers came by the same calls. So functions that park are called through this one, body's return to
// which all fibers share; from here to the caller it is an indirect jump, which the CPU predicts by what it has seen before.
extern "C" std::uint8_t pipes_call_and_jump_back(void* a, void* b, void* c, void* d, std::uint8_t (*body)(void*, void*, void*, void*));
