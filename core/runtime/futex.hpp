// futex.hpp: what the scheduler asks the system for: to let threads sleep and wake them, and what they have done. In os_linux.cpp.
#pragma once
#include <atomic>

#include "pipe/runtime/fiber.hpp"

namespace pipes::detail {

// Sleeps while word == expected, until woken or the deadline; may return early.
void futex_wait(std::atomic<int>& word, int expected, clock::time_point deadline = clock::time_point::max());
void futex_wake(std::atomic<int>& word);

int current_thread_id();
std::int64_t cpu_time_of_thread(int id);   // ns; 0 where the system does not tell
bool is_runnable(int id);                  // on a CPU or waiting for one; needs no memory

}  // namespace pipes::detail
