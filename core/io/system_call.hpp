// system_call.hpp: a system call's result, from code that parks.
//
// errno is the thread's, and a fiber that has parked may have woken up on another thread. The compiler does not know that: it takes the address
// of errno once for a whole function, and would read the old thread's. So a function that parks never reads errno itself; the function
// that makes the call and reads errno is never inlined into it.
#pragma once
#include <sys/types.h>

#include <cerrno>
#include <cstdint>

namespace pipes {

// What call() returned, -errno if that was negative.
template <class F>
[[gnu::noinline]] std::int64_t result_of(F call) {
  const ssize_t n = call();
  return n < 0 ? -static_cast<std::int64_t>(errno) : n;
}

}  // namespace pipes
