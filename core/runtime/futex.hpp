// futex.hpp: sleeping and waking threads; the one place that names the system call.
#pragma once
#include <atomic>

#include "pipe/runtime/fiber.hpp"

namespace pipes::detail {

// Sleeps while word == expected, until woken or the deadline; may return early.
void futex_wait(std::atomic<int>& word, int expected, clock::time_point deadline = clock::time_point::max());
void futex_wake(std::atomic<int>& word);

}  // namespace pipes::detail
