// poller.cpp: epoll, the waits on it, and owned_fd; the invariants are in poller.hpp.
#include "core/runtime/poller.hpp"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "core/runtime/hot.hpp"
#include "core/runtime/inspect.hpp"
#include "core/runtime/timer.hpp"
#include "pipe/runtime/io.hpp"

namespace pipes::detail {

enum class io_outcome : std::uint8_t { waiting, ready, timed_out, cancelled };

struct io_waiter {
  io_waiter* next = nullptr;      // guarded by entry->mu, like outcome while it is `waiting`
  fiber* parked = nullptr;
  fd_entry* entry = nullptr;
  int fd = -1;
  bool writing = false;
  io_outcome outcome = io_outcome::waiting;
};

namespace {

bool unlink(io_waiter* w) {
  for (io_waiter** at = w->writing ? &w->entry->writers : &w->entry->readers; *at; at = &(*at)->next)
    if (*at == w) {
      *at = w->next;
      return true;
    }
  return false;
}

bool take_out(io_waiter* w, io_outcome outcome) {
  w->entry->mu.lock();
  const bool linked = unlink(w);
  if (w->outcome == io_outcome::waiting) w->outcome = outcome;
  w->entry->mu.unlock();
  return linked;
}

bool cancel_io(void* argument) { return take_out(static_cast<io_waiter*>(argument), io_outcome::cancelled); }

fiber* time_out(timer* t, clock::time_point) {
  auto* w = static_cast<io_waiter*>(t->argument);
  return take_out(w, io_outcome::timed_out) ? w->parked : nullptr;
}

constexpr park_site reading_site{wait_reason::io_read, &cancel_io};
constexpr park_site writing_site{wait_reason::io_write, &cancel_io};

constexpr std::uint32_t input = EPOLLIN | EPOLLRDHUP, output = EPOLLOUT;
constexpr int batch = 128;               // events taken at once

void wake_all(io_waiter*& list, bool& edge, fiber_chain& to_wake) {
  if (!list) edge = true;
  while (io_waiter* w = list) {
    list = w->next;
    w->outcome = io_outcome::ready;
    tsan_release(w->parked);
    to_wake.add(w->parked);
  }
}

}  // namespace

poller::poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (epoll_ < 0 || wake_ < 0) throw std::system_error(errno, std::generic_category(), "pipe: cannot wait for input and output (epoll and eventfd, two descriptors: ulimit -n)");
  epoll_event e{};
  e.events = EPOLLIN;
  e.data.fd = wake_;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &e) != 0) throw std::system_error(errno, std::generic_category(), "pipe: cannot wait for input and output (epoll and eventfd, two descriptors: ulimit -n)");
}

poller::~poller() {
  ::close(epoll_);
  ::close(wake_);
  for (auto& b : blocks_) delete[] b.load(std::memory_order_relaxed);
}

fd_entry& poller::entry(int fd) {
  if (fd < 0 || fd >= block_size * max_blocks) throw std::system_error(EBADF, std::generic_category(), "wait on a descriptor");
  auto& block = blocks_[fd / block_size];
  fd_entry* entries = block.load(std::memory_order_acquire);
  if (!entries) {
    std::lock_guard lock(grow_);
    entries = block.load(std::memory_order_relaxed);
    if (!entries) {
      entries = new fd_entry[block_size];
      block.store(entries, std::memory_order_release);
    }
  }
  return entries[fd % block_size];
}

int poller::watch(int fd, fd_entry& e) {
  epoll_event event{};
  event.events = (e.readers ? input : 0u) | (e.writers ? output : 0u);
  event.events |= e.kept ? e.watched | EPOLLET : EPOLLONESHOT;
  event.data.fd = fd;
  int error = ::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event) == 0 ? 0 : errno;
  if (error == ENOENT) error = ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : errno;
  if (e.kept && error == 0) e.watched = event.events;
  return error;
}

void poller::forget(int fd, fd_entry& e) {
  if (e.watched) ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);   // others may hold it open, in a child process
  e.kept = false;
}

void poller::collect(const epoll_event* events, int count, fiber_chain& to_wake) {
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[i];
    if (event.data.fd == wake_) continue;
    fd_entry& e = entry(event.data.fd);
    e.mu.lock();
    const bool both = event.events & (EPOLLERR | EPOLLHUP);
    if (both || (event.events & input)) wake_all(e.readers, e.edge_in, to_wake);
    if (both || (event.events & output)) wake_all(e.writers, e.edge_out, to_wake);
    if (!e.kept && (e.readers || e.writers)) watch(event.data.fd, e);
    e.mu.unlock();
  }
}

void poller::poll_now(worker& w) {
  epoll_event events[batch];
  const int n = ::epoll_wait(epoll_, events, batch, 0);
  if (n <= 0) return;
  collect(events, n, w.due);
  w.queue_lock.lock_own();
  w.append_ready(w.due);
  w.queue_lock.unlock_own();
  w.due = {};
}

void poller::wait(clock::time_point deadline, fiber_chain& to_wake) {
  epoll_event events[batch];
  static std::atomic<bool> fine{true};
  const auto left = deadline == clock::time_point::max() ? clock::duration(-1) : std::max(deadline - clock::now(), clock::duration(0));
  int n = -1;
  if (fine.load(std::memory_order_relaxed)) {
    const timespec t{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
    n = static_cast<int>(::syscall(SYS_epoll_pwait2, epoll_, events, batch, left.count() < 0 ? nullptr : &t, nullptr, 0));
    if (n < 0 && errno == ENOSYS) fine.store(false, std::memory_order_relaxed);
  }
  if (!fine.load(std::memory_order_relaxed)) {
    const auto ms = std::min<clock::rep>((left.count() + 999'999) / 1'000'000, 1'000'000'000);
    n = ::epoll_wait(epoll_, events, batch, left.count() < 0 ? -1 : static_cast<int>(ms));
  }
  for (int i = 0; i < n; ++i) {
    std::uint64_t drained;
    if (events[i].data.fd == wake_ && ::read(wake_, &drained, sizeof drained) < 0) break;
  }
  collect(events, n, to_wake);
}

void poller::interrupt() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto n = ::write(wake_, &one, sizeof one);
}

std::string describe_io(const void* argument) { return "descriptor " + std::to_string(static_cast<const io_waiter*>(argument)->fd); }

io_result wait_fd(int fd, bool writing, clock::time_point deadline, bool tried) {
  fiber* self = current_fiber_or_throw();
  runtime& rt = *self->owner.operator->();
  fd_entry& e = rt.io->entry(fd);
  io_waiter w;
  w.parked = self;
  w.entry = &e;
  w.fd = fd;
  w.writing = writing;
  const deadline_timer timeout(deadline, &time_out, &w);
  e.mu.lock();
  if (bool& edge = writing ? e.edge_out : e.edge_in; edge && tried && !is_cancelled(self)) {
    edge = false;
    e.mu.unlock();
    return io_result::ready;
  }
  if (w.outcome == io_outcome::timed_out) {
    e.mu.unlock();
    return io_result::timed_out;
  }
  io_waiter*& list = writing ? e.writers : e.readers;
  w.next = list;
  list = &w;
  if (!prepare_park(self, writing ? writing_site : reading_site, &w)) {
    unlink(&w);
    e.mu.unlock();
    withdraw_park(self);
    cancelled_here();
    return io_result::cancelled;
  }
  rt.io_waits.fetch_add(1, std::memory_order_seq_cst);
  const bool watched = tried && e.kept && (e.watched & (writing ? output : input));
  if (const int error = watched ? 0 : rt.io->watch(fd, e); error != 0) {
    unlink(&w);
    e.mu.unlock();
    rt.io_waits.fetch_sub(1, std::memory_order_seq_cst);
    withdraw_park(self);
    if (error == EPERM) return io_result::not_pollable;
    throw std::system_error(error, std::generic_category(), "wait on a descriptor");
  }
  e.mu.unlock();
  park();
  rt.io_waits.fetch_sub(1, std::memory_order_seq_cst);
  if (w.outcome == io_outcome::ready) return io_result::ready;
  if (w.outcome == io_outcome::timed_out) return io_result::timed_out;
  cancelled_here();
  return io_result::cancelled;
}

void keep_fd(int fd) {
  fd_entry& e = current_fiber_or_throw()->owner->io->entry(fd);
  e.mu.lock();
  e.kept = true;
  e.edge_in = e.edge_out = false;        // an event of the number's last descriptor may have come late
  e.watched = 0;
  e.mu.unlock();
}

void forget_fd(int fd) noexcept {
  const outsider here;
  runtime* rt = current_runtime();
  if (!rt) return;                       // the run is over, and its poller with it
  fd_entry& e = rt->io->entry(fd);
  e.mu.lock();
  rt->io->forget(fd, e);
  e.mu.unlock();
}

}  // namespace pipes::detail

namespace pipes {

owned_fd::owned_fd(int fd) : fd_(fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || (!(flags & O_NONBLOCK) && ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0))
    throw std::system_error(errno, std::generic_category(), "owned_fd");
  detail::keep_fd(fd);
}

void owned_fd::reset() noexcept {
  if (fd_ < 0) return;
  detail::forget_fd(fd_);
  ::close(std::exchange(fd_, -1));
}

std::size_t owned_fd::read(void* to, std::size_t n) {
  while (true) {
    const ssize_t got = ::read(fd_, to, n);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EAGAIN) {
      if (wait_readable() == io_result::cancelled) return 0;
    } else if (errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "read");
    }
  }
}

void owned_fd::write(const void* from, std::size_t n) {
  for (const char* at = static_cast<const char*>(from); n > 0;) {
    const ssize_t put = ::write(fd_, at, n);
    if (put >= 0) {
      at += put;
      n -= static_cast<std::size_t>(put);
    } else if (errno == EAGAIN) {
      if (wait_writable() == io_result::cancelled) return;
    } else if (errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "write");
    }
  }
}

}  // namespace pipes
