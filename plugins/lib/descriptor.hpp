// plugins/lib/descriptor.hpp: a file descriptor that closes itself, and what errno says in a form that any thread may ask for.
#pragma once
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace shared {

inline std::string errno_text(int error) {
  std::string text = std::generic_category().message(error);
  if (struct rlimit r; error == EMFILE && ::getrlimit(RLIMIT_NOFILE, &r) == 0) text += " (ulimit -n is " + std::to_string(r.rlim_cur) + ")";
  return text;
}

class descriptor {
 public:
  explicit descriptor(int fd = -1) : fd_(fd) {}
  descriptor(descriptor&& o) noexcept : fd_(std::exchange(o.fd_, -1)) {}
  descriptor& operator=(descriptor o) noexcept {
    std::swap(fd_, o.fd_);
    return *this;
  }
  ~descriptor() { close(); }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  // 0, or the errno that says what of the writing failed after all.
  int close() {
    const int fd = std::exchange(fd_, -1);
    return fd >= 0 && ::close(fd) != 0 ? errno : 0;
  }

 private:
  int fd_;
};

// Gives a pipe room for 1 MiB: with 64 KiB the two ends wake each other for every 64 KiB. Not allowed everywhere; then it stays.
inline void widen_pipe(int fd) {
  struct stat s;
  constexpr int wanted = 1 << 20;
  if (::fstat(fd, &s) == 0 && S_ISFIFO(s.st_mode) && ::fcntl(fd, F_GETPIPE_SZ) < wanted) (void)::fcntl(fd, F_SETPIPE_SZ, wanted);
}

}  // namespace shared
