// io.hpp: waiting for descriptors. Included by pipe/runtime.hpp.
#pragma once
#include <sys/types.h>

#include <utility>

#include "pipe/runtime/fiber.hpp"

namespace pipes {

// not_pollable: a regular file, which is always ready. cancelled: only while the fiber's stack unwinds; else a cancelled wait throws.
enum class io_result : std::uint8_t { ready, timed_out, not_pollable, cancelled };

namespace detail {
// tried: the descriptor is an owned_fd's, and an attempt has just said EAGAIN.
[[nodiscard]] io_result wait_fd(int fd, bool writing, clock::time_point deadline, bool tried = false);
}

// Parks until the descriptor can be read (written), has an error or was hung up. The descriptor's flags stay untouched. An event may be
// spurious, so to read a blocking descriptor that others read, too, can still block. Throws std::system_error if it is no open
// descriptor. If another fiber closes it meanwhile the wait may last for ever.
[[nodiscard]] inline io_result wait_readable(int fd, clock::time_point deadline = clock::time_point::max()) {
  return detail::wait_fd(fd, false, deadline);
}
[[nodiscard]] inline io_result wait_writable(int fd, clock::time_point deadline = clock::time_point::max()) {
  return detail::wait_fd(fd, true, deadline);
}

// A descriptor of the program's own: non-blocking, known to the poller until it is closed, so that waiting costs no system call.
// Each direction for one fiber at a time. Made in a fiber; nobody may wait for it when it is destroyed (::shutdown wakes whoever
// does). Not for descriptors that other programs share, such as 0, 1 and 2: the flag would be theirs too.
class owned_fd {
 public:
  owned_fd() = default;
  explicit owned_fd(int fd);             // takes it over; throws std::system_error, and then has not
  owned_fd(owned_fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  owned_fd& operator=(owned_fd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~owned_fd() { reset(); }

  int get() const { return fd_; }
  void reset() noexcept;                 // closes it

  // Both park until it can be done, and throw std::system_error if it can't. While a cancelled fiber's stack unwinds they only do what can
  // be done at once: where they would wait, read returns 0 and write leaves the rest unwritten.
  std::size_t read(void* to, std::size_t n);          // some of it, at most n bytes; 0: the end
  void write(const void* from, std::size_t n);        // all of it

  // After an attempt of the program's own (accept, recv) that ended with EAGAIN; without one the wait may last for ever.
  [[nodiscard]] io_result wait_readable(clock::time_point deadline = clock::time_point::max()) {
    return detail::wait_fd(fd_, false, deadline, true);
  }
  [[nodiscard]] io_result wait_writable(clock::time_point deadline = clock::time_point::max()) {
    return detail::wait_fd(fd_, true, deadline, true);
  }

 private:
  int fd_ = -1;
};

}  // namespace pipes
