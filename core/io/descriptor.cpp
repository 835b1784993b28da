// descriptor.cpp: see descriptor.hpp. errno is read in result_of() alone (system_call.hpp).
#include "core/io/descriptor.hpp"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "core/io/system_call.hpp"

namespace pipes {
namespace {

bool with_seed() { return detail::detour.load(std::memory_order_relaxed) != 0; }

}  // namespace

descriptor::descriptor(int fd, bool writing) : fd_(fd) {
  struct stat info {};
  // Not open in this direction (after `>&-` main puts something in its place): the first read or write will say so.
  if (const int flags = ::fcntl(fd, F_GETFL); flags < 0 || (flags & O_ACCMODE) == (writing ? O_RDONLY : O_WRONLY)) return;
  if (::fstat(fd, &info) != 0) return;  // the first read or write will say EBADF
  if (S_ISREG(info.st_mode) || S_ISDIR(info.st_mode) || S_ISBLK(info.st_mode)) {
    kind_ = kind::regular;
  } else if (S_ISSOCK(info.st_mode)) {
    kind_ = kind::socket;
  } else if (!inherited(fd)) {
    if (::fcntl(fd, F_GETFL) & O_NONBLOCK) kind_ = kind::nonblocking;
  } else if (S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode)) {
    const std::string path = "/proc/self/fd/" + std::to_string(fd);
    own_ = ::open(path.c_str(), (writing ? O_WRONLY : O_RDONLY) | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (own_ >= 0) kind_ = kind::nonblocking;
  }
  takes_pages_ = kind_ == kind::nonblocking && S_ISFIFO(info.st_mode);
}

descriptor::~descriptor() {
  if (own_ >= 0) ::close(own_);
}

std::int64_t descriptor::try_read(char* to, std::size_t size) {
  const auto plain = [&] { return ::read(this->fd(), to, size); };
  const auto elsewhere = [&] {
    std::int64_t n = 0;
    blocking([&] { n = result_of(plain); });
    return n;
  };
  for (;;) {
    std::int64_t n = 0;
    switch (kind_) {
      case kind::nonblocking: n = result_of(plain); break;
      case kind::socket: n = result_of([&] { return ::recv(fd_, to, size, MSG_DONTWAIT); }); break;
      case kind::regular: {
        struct iovec part {to, size};
        n = result_of([&] { return ::preadv2(fd_, &part, 1, -1, with_seed() ? 0 : RWF_NOWAIT); });
        if (n == -EAGAIN || n == -EOPNOTSUPP || n == -ENOSYS) n = elsewhere();
        break;
      }
      case kind::other: {
        struct pollfd ready {fd_, POLLIN, 0};
        if (::poll(&ready, 1, 0) == 0) return -EAGAIN;
        n = elsewhere();
        break;
      }
    }
    if (n != -EINTR) return n;
  }
}

bool descriptor::hold(bool for_writing) const {
  constexpr int patience = 3000;  // ms
  if (!with_seed()) return false;
  struct pollfd on {fd(), static_cast<short>(for_writing ? POLLOUT : POLLIN), 0};
  return ::poll(&on, 1, patience) == 1;
}

std::int64_t descriptor::write(const pipe_text* parts, std::size_t count) {
  std::int64_t total = 0;
  std::vector<struct iovec> list;
  std::size_t next = 0;
  std::uint64_t offset = 0;  // of parts[next]
  while (next < count) {
    list.clear();
    for (std::size_t i = next; i < count && list.size() < IOV_MAX; ++i) {
      const std::uint64_t skip = i == next ? offset : 0;
      if (parts[i].size > skip) list.push_back({const_cast<char*>(parts[i].data) + skip, static_cast<std::size_t>(parts[i].size - skip)});
      if (parts[i].size <= skip && i == next) {
        ++next;
        offset = 0;
      }
    }
    if (list.empty()) break;
    const auto plain = [&] { return ::writev(this->fd(), list.data(), static_cast<int>(list.size())); };
    std::int64_t n = 0;
    if (kind_ == kind::socket) {
      struct msghdr message {};
      message.msg_iov = list.data();
      message.msg_iovlen = list.size();
      n = result_of([&] { return ::sendmsg(fd_, &message, MSG_DONTWAIT | MSG_NOSIGNAL); });
    } else if (kind_ == kind::other) {
      blocking([&] { n = result_of(plain); });
    } else {
      // Also a regular file: a write into the page cache is as quick as a copy, unless the disk is behind; then the monitor lets another worker
      // have the processor.
      n = result_of(plain);
    }
    if (n == -EINTR) continue;
    if (n == -EAGAIN) {
      if (!wait_for_room()) return -ECANCELED;
      continue;
    }
    if (n < 0) return n;
    total += n;
    for (std::uint64_t left = static_cast<std::uint64_t>(n); left > 0 && next < count;) {
      const std::uint64_t here = parts[next].size - offset;
      if (left < here) {
        offset += left;
        left = 0;
      } else {
        left -= here;
        ++next;
        offset = 0;
      }
    }
  }
  return total;
}

std::int64_t descriptor::write_pages(int file, std::uint64_t offset, std::size_t size) {
  std::int64_t total = 0;
  auto at = static_cast<off64_t>(offset);
  while (takes_pages_ && static_cast<std::size_t>(total) < size) {
    const std::int64_t n = result_of([&] { return ::splice(file, &at, fd(), nullptr, size - static_cast<std::size_t>(total), SPLICE_F_NONBLOCK); });
    if (n > 0) total += n;
    else if (n == -EAGAIN && !wait_for_room()) return -ECANCELED;
    else if (n == -EPIPE) return n;
    else if (n != -EINTR && n != -EAGAIN) break;  // the file has become shorter, or its file system can't: write() will say what is wrong
  }
  return total;
}

bool descriptor::wait_for_room() {
  return (inherited(fd_) && hold(true)) || wait_writable(fd()) != io_result::cancelled;
}

}  // namespace pipes
