// poller.hpp: which fibers wait for which descriptors, over one epoll set.
//   I1  a descriptor has at most one entry; an entry is never freed while the run lasts.
//   I2  a waiter linked in an entry lives on the stack of a fiber inside wait_fd; whoever unlinks it wakes it.
//   I3  an interrupt stays pending until a sleeper takes it: a worker that only passes by (poll_now) does not. The kernel looks
//       again before it lets the sleeper go, and would let it sleep on.
//   I4  the set watches at least what the linked waiters want; one event too many wakes nobody.
//   I5  of a kept descriptor (owned_fd), what was waited for once stays watched, edge by edge: an edge that finds nobody waiting
//       is remembered for the next who waits, so that only waiting without having tried first would miss it.
// Bare descriptors are registered for one shot, renewed at each wait: that survives that they are closed and their numbers used
// again, at the price of a system call a wait. Nobody but its owner can say that a number still means the same descriptor.
// Lock order: entry.mu, a leaf but for prepare_park; fibers are made ready after it is dropped.
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
  bool kept = false;              // the rest is for kept ones; all guarded by mu
  bool edge_in = false;           // came while nobody waited
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
