// io.hpp: waiting for descriptors. Included by pipe/runtime.hpp.
#pragma once
#include <sys/types.h>

#include "pipe/runtime/fiber.hpp"

namespace pipes {

enum class io_result : std::uint8_t { ready, timed_out, not_pollable };   // not_pollable: a regular file, always ready

namespace detail {
[[nodiscard]] io_result wait_fd(int fd, bool writing, clock::time_point deadline);
}

// Parks until the descriptor can be read (written), has an error or was hung up. The descriptor's flags stay untouched;
// an event may be spurious, so a blocking descriptor that others read too can still block. Throws std::system_error
// for what is no open descriptor. A wait on a descriptor that another fiber closes meanwhile may last for ever.
[[nodiscard]] inline io_result wait_readable(int fd, clock::time_point deadline = clock::time_point::max()) {
  return detail::wait_fd(fd, false, deadline);
}
[[nodiscard]] inline io_result wait_writable(int fd, clock::time_point deadline = clock::time_point::max()) {
  return detail::wait_fd(fd, true, deadline);
}

}  // namespace pipes
