// poller.hpp: which fibers wait for which descriptors, over one epoll set.
//   I1  A descriptor has at most one entry; an entry is never freed while the run lasts.
//   I2  A waiter linked in an entry lives on the stack of a fiber inside wait_fd; whoever unlinks it wakes it.
//   I3  An interrupt stays pending until a sleeper takes it. A worker that only passes by (poll_now) must not: the kernel looks again
//       before it lets the sleeper go, would find nothing, and let it sleep on.
//   I4  The set watches at least what the linked waiters want; one event too many wakes nobody.
//   I5  Of a kept descriptor (owned_fd), what was waited for once stays watched, edge-triggered. An edge that finds nobody waiting is
//       remembered for the next fiber that waits: so nothing is missed by a fiber that tries first, and waits only after EAGAIN.
// Bare descriptors are registered for one shot at each wait, which costs a system call: nobody tells us when one is closed and its number
// used again. Only the owner of a descriptor can promise that the number still means the same.
// Lock order: entry.mu comes last, except for prepare_park; fibers are made ready after it is dropped.
#pragma once
#include <atomic>
#include <cstdint>
#include <mutex>

#include "core/runtime/runnable.hpp"

struct epoll_event;

namespace pipes::detail {

struct io_waiter;
struct worker;

struct fd_entry {
  spin_lock mu;
  io_waiter* readers = nullptr;   // guarded by mu
  io_waiter* writers = nullptr;
  bool kept = false;              // the rest, also guarded by mu, is for kept ones
  bool edge_in = false;           // an edge came while nobody waited
  bool edge_out = false;
  std::uint32_t watched = 0;      // epoll's events
};

struct poller {
  poller();
  ~poller();
  poller(const poller&) = delete;
  poller& operator=(const poller&) = delete;

  void poll_now(worker& w);                                              // never sleeps
  void wait(clock::time_point deadline, fiber_chain& to_wake);   // sleeps until an event, interrupt() or the deadline
  void interrupt();                                                      // from any thread
  fd_entry& entry(int fd);
  int watch(int fd, fd_entry& e);                                        // under e.mu; errno, EPERM: not pollable
  void forget(int fd, fd_entry& e);                                      // a kept one; under e.mu

 private:
  void collect(const ::epoll_event* events, int count, fiber_chain& to_wake);
  static constexpr int block_size = 1024;
  static constexpr int max_blocks = 1024;

  int epoll_ = -1;
  int wake_ = -1;
  std::mutex grow_;
  std::atomic<fd_entry*> blocks_[max_blocks] = {};   // written under grow_
};

}  // namespace pipes::detail
