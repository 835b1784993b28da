// context.hpp: picks the CPU's context switch. A switch saves the six callee-saved registers on the stack that is left;
// floating-point control words are not part of a fiber.
#pragma once
#if defined(__x86_64__)
#include "core/runtime/context_x86_64.hpp"
#elif defined(__aarch64__)
#include "core/runtime/context_aarch64.hpp"
#else
#error "pipe: no context switch for this CPU yet: add core/runtime/context_<cpu>.hpp and .S"
#endif

// Saves the caller's context at *save, continues the context at `to`; `value` is what the switch returns over there.
extern "C" void* pipes_switch_context(void** save, void* to, void* value);
// Where a fresh stack begins: calls entry(argument, value) as make_context stored them; never returns.
extern "C" void pipes_context_entry();
