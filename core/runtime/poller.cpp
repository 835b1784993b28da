#include "core/runtime/poller.hpp"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

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
  if (linked) w->outcome = outcome;
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

void wake_all(io_waiter*& list, std::vector<fiber*>& to_wake) {
  while (io_waiter* w = list) {
    list = w->next;
    w->outcome = io_outcome::ready;
    to_wake.push_back(w->parked);
  }
}

}  // namespace

poller::poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (epoll_ < 0 || wake_ < 0) throw std::system_error(errno, std::generic_category(), "pipe: no poller");
  epoll_event e{};
  e.events = EPOLLIN;
  e.data.fd = wake_;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &e) != 0) throw std::system_error(errno, std::generic_category(), "pipe: no poller");
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
  event.events = EPOLLONESHOT | (e.readers ? EPOLLIN | EPOLLRDHUP : 0u) | (e.writers ? EPOLLOUT : 0u);
  event.data.fd = fd;
  if (::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event) == 0) return 0;
  if (errno != ENOENT) return errno;
  return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : errno;
}

void poller::collect(const epoll_event* events, int count, std::vector<fiber*>& to_wake) {
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[i];
    if (event.data.fd == wake_) continue;
    fd_entry& e = entry(event.data.fd);
    e.mu.lock();
    const bool both = event.events & (EPOLLERR | EPOLLHUP);
    if (both || (event.events & (EPOLLIN | EPOLLRDHUP))) wake_all(e.readers, to_wake);
    if (both || (event.events & EPOLLOUT)) wake_all(e.writers, to_wake);
    if (e.readers || e.writers) watch(event.data.fd, e);
    e.mu.unlock();
  }
}

void poller::poll_now(worker& w) {
  epoll_event events[64];
  const int n = ::epoll_wait(epoll_, events, 64, 0);
  if (n <= 0) return;
  std::vector<fiber*> woken;
  collect(events, n, woken);
  w.queue_lock.lock_own();
  for (fiber* f : woken) {
    tsan_release(f);
    w.push_ready(f);
  }
  w.queue_lock.unlock_own();
}

void poller::wait(clock::time_point deadline, std::vector<fiber*>& to_wake) {
  epoll_event events[64];
  static std::atomic<bool> fine{true};
  const auto left = deadline == clock::time_point::max() ? clock::duration(-1) : std::max(deadline - clock::now(), clock::duration(0));
  int n = -1;
  if (fine.load(std::memory_order_relaxed)) {
    const timespec t{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
    n = static_cast<int>(::syscall(SYS_epoll_pwait2, epoll_, events, 64, left.count() < 0 ? nullptr : &t, nullptr, 0));
    if (n < 0 && errno == ENOSYS) fine.store(false, std::memory_order_relaxed);
  }
  if (!fine.load(std::memory_order_relaxed)) {
    const auto ms = std::min<clock::rep>((left.count() + 999'999) / 1'000'000, 1'000'000'000);
    n = ::epoll_wait(epoll_, events, 64, left.count() < 0 ? -1 : static_cast<int>(ms));
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

io_result wait_fd(int fd, bool writing, clock::time_point deadline) {
  fiber* self = current_fiber_or_throw();
  runtime& rt = *self->owner.operator->();
  fd_entry& e = rt.io->entry(fd);
  io_waiter w;
  w.parked = self;
  w.entry = &e;
  w.fd = fd;
  w.writing = writing;
  timer t;
  e.mu.lock();
  io_waiter*& list = writing ? e.writers : e.readers;
  w.next = list;
  list = &w;
  if (!prepare_park(self, writing ? writing_site : reading_site, &w)) {
    unlink(&w);
    e.mu.unlock();
    withdraw_park(self);
    cancelled_here();
    return io_result::ready;
  }
  rt.io_waits.fetch_add(1, std::memory_order_seq_cst);
  if (const int error = rt.io->watch(fd, e); error != 0) {
    unlink(&w);
    e.mu.unlock();
    rt.io_waits.fetch_sub(1, std::memory_order_seq_cst);
    withdraw_park(self);
    if (error == EPERM) return io_result::not_pollable;
    throw std::system_error(error, std::generic_category(), "wait on a descriptor");
  }
  e.mu.unlock();
  if (deadline != clock::time_point::max()) {
    t.fire = &time_out;
    t.argument = &w;
    arm_timer(&t, deadline);
  }
  park();
  rt.io_waits.fetch_sub(1, std::memory_order_seq_cst);
  disarm_timer(&t);
  if (w.outcome == io_outcome::cancelled) cancelled_here();
  return w.outcome == io_outcome::timed_out ? io_result::timed_out : io_result::ready;
}

}  // namespace pipes::detail
