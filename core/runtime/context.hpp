// context.hpp: picks the CPU's context switch. A switch saves what must survive a call (callee-saved registers) on the stack that is
// left. Floating-point control words are not part of a fiber.
#pragma once
#if defined(__x86_64__)
#include "core/runtime/context_x86_64.hpp"
#elif defined(__aarch64__)
#include "core/runtime/context_aarch64.hpp"
#else
#error "pipe: no context switch for this CPU yet: add core/runtime/context_<cpu>.hpp and .S"
#endif

// context_<cpu>.hpp has make_context(top, entry, argument), switch_context(save, to, value), registers_at(saved), cpu_pause() and
// cpu_ticks(). context_<cpu>.S has pipes_context_entry, with which a fresh stack begins (it calls the entry function, which never
// returns), pipes_below_context, from which unwind.cpp walks other stacks, and:

#include <cstdint>

// A CPU predicts a return to go behind the last call, which after a switch was another fiber's. So each return on the way out of a park
// is predicted wrong, unless both fibers came by the same calls. A function that parks is therefore called through this one: body's
// return leads here whichever fiber it is, so it is predicted right; and from here to the caller it goes on by an indirect jump,
// which the CPU predicts by where it went before.
extern "C" std::uint8_t pipes_call_and_jump_back(void* a, void* b, void* c, void* d, std::uint8_t (*body)(void*, void*, void*, void*));
