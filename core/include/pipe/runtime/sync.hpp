// sync.hpp: waiting without values: wait groups, locks, events. Included by pipe/runtime.hpp.
//
// All of them queue their fibers in a wait_queue. While its mu is free:
//   I1  A linked node lives on the stack of a fiber inside the waiting call, and is unlinked under mu.
//   I2  Whoever unlinks a node makes its fiber ready, once, after mu is dropped.
// Every wait is first in, first out, except for a mutex (see there).
#pragma once
#include <atomic>
#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>

#include "pipe/runtime/birth_lease.hpp"
#include "pipe/runtime/fiber.hpp"
#include "pipe/runtime/leased_lock.hpp"

namespace pipes {
namespace detail {

struct wait_queue;

struct wait_node {
  wait_node* next = nullptr;
  wait_node* previous = nullptr;
  fiber* parked = nullptr;        // null: not linked yet
  wait_queue* queue = nullptr;    // null again once that has gone with the waiter in it: the end of a run unwinds past fibers that no cancel reaches
  std::size_t amount = 0;         // semaphore: how many; rw_mutex: 1 for a writer
  std::atomic<bool> linked{false};   // written under mu; the end of a run reads it without
  bool granted = false;           // false after park: cancelled or timed out
  bool timed_out = false;
};

struct wait_queue {
  leased_lock mu;
  wait_node* first = nullptr;     // guarded by mu
  wait_node* last = nullptr;

  wait_queue() = default;
  ~wait_queue() {
    if (first) [[unlikely]] let_go();
  }
  void let_go();
  void push(wait_node* n);
  void unlink(wait_node* n);
  wait_node* pop() {              // granted; the caller makes its fiber ready after unlocking
    wait_node* n = first;
    if (n) {
      unlink(n);
      n->granted = true;
    }
    return n;
  }
  // With mu held: links the node, drops mu, parks. True: granted; false: cancelled (thrown unless unwinding) or timed out.
  bool wait_and_unlock(wait_node& n, const park_site& site);
  // All nodes of a list made by pop(), linked through next.
  static void wake(wait_node* list);
};

// A waiter may destroy the group as soon as wait() has returned. So the call that reaches zero does not touch the group again after its
// change of the count, unless somebody is parked; and then its unlock is the last touch, and wait() passes through that lock, too. (With
// a lease the last touch is that it leaves the lease, for which whoever ends the lease waits.)
struct wait_group_state {
  static constexpr std::int64_t one = 2, awaited = 1;
  birth_lease lease;                    // of the counters behind waiters
  wait_queue waiters;
  birth_lease::counter count{0};        // twice the count, plus the bit `awaited`: fibers may be parked. The bit changes under waiters.mu
  wait_group_state() : wait_group_state(take_lease()) {}
  ~wait_group_state() {
    if (lease.is_mine()) return_lease();
  }
  void add(std::int64_t n) {
    const std::int64_t now = lease.add(count, n * one);
    if (now <= awaited && now != 0) [[unlikely]]
      reached_zero(now, n);
  }
  void reached_zero(std::int64_t now, std::int64_t added);  // or fell below: then it undoes the add, and throws
  void wait();
  void wait_uncancelled();        // for destructors that must not leave before

 private:
  explicit wait_group_state(worker_face* lessee) : lease(lessee) {}
};

struct counted_wait_group final : wait_group_state {
  birth_lease::counter refs{1};
  void ref() { lease.add(refs, 1); }
  void unref() {
    if (lease.add(refs, -1) == 0) delete this;
  }
};

[[noreturn]] void throw_moved_from();

class wait_group_handle {
 public:
  wait_group_handle() : group_(new counted_wait_group) {}
  wait_group_handle(const wait_group_handle& o) : group_(o.group_) {
    if (group_) group_->ref();
  }
  wait_group_handle(wait_group_handle&& o) noexcept : group_(std::exchange(o.group_, nullptr)) {}
  wait_group_handle& operator=(wait_group_handle o) noexcept {
    std::swap(group_, o.group_);
    return *this;
  }
  ~wait_group_handle() {
    if (group_) group_->unref();
  }
  wait_group_state* operator->() const {
    if (!group_) [[unlikely]] throw_moved_from();
    return group_;
  }
  explicit operator bool() const { return group_ != nullptr; }   // false once moved from

 private:
  counted_wait_group* group_;
};

}  // namespace detail

// Counts fibers (or anything) down to zero. A handle: copies are the same group. A negative count throws std::logic_error, as does
// every call on a handle that was moved from.
class wait_group {
 public:
  void add(std::int64_t n = 1) const { state_->add(n); }
  void done() const { state_->add(-1); }
  void wait() const { state_->wait(); }       // returns at once when the count is zero
  // add(1), then a fiber that runs f and calls done() however it ends.
  template <class F>
    requires std::is_invocable_v<std::decay_t<F>&>
  void go(F&& f) const {
    pipes::go(counted(std::forward<F>(f)));
  }
  template <class F>
    requires std::is_invocable_v<std::decay_t<F>&>
  void go(go_options options, F&& f) const {
    pipes::go(std::move(options), counted(std::forward<F>(f)));
  }

 private:
  template <class F>
  auto counted(F&& f) const {
    struct leaving {
      detail::wait_group_handle s;
      explicit leaving(const detail::wait_group_handle& counted) : s(counted) {}
      leaving(leaving&&) noexcept = default;
      ~leaving() {
        if (s) s->add(-1);
      }
    };
    state_->add(1);
    return [guard = leaving(state_), body = std::decay_t<F>(std::forward<F>(f))]() mutable { std::invoke(body); };
  }
  detail::wait_group_handle state_;
};

// A lock for fibers. While a woken waiter is on its way newcomers may take the lock; if that waiter finds it taken it is the next to get it.
// Not recursive; locking is not cancellable. Any fiber may unlock; to unlock what is not locked throws std::logic_error, with no effect.
class mutex {
 public:
  mutex() = default;
  mutex(const mutex&) = delete;
  mutex& operator=(const mutex&) = delete;
  void lock() {
    detail::step();
    waiters_.mu.lock();
    if (held_) [[unlikely]] return lock_slow();
    held_ = true;
    waiters_.mu.unlock();
  }
  [[nodiscard]] bool try_lock() {
    waiters_.mu.lock();
    const bool entered = !held_;
    held_ = true;
    waiters_.mu.unlock();
    return entered;
  }
  void unlock() {
    waiters_.mu.lock();
    if (!held_ || (waiters_.first && !woken_)) [[unlikely]] return unlock_slow();
    held_ = false;
    waiters_.mu.unlock();
  }

 private:
  void lock_slow();                   // both are entered with waiters_.mu held and drop it
  void unlock_slow();
  detail::wait_queue waiters_;
  bool held_ = false;                 // guarded by waiters_.mu
  bool woken_ = false;                // likewise; sync.cpp
};

// Many readers or one writer; a waiting writer keeps new readers out. As with mutex, a wrong unlock throws std::logic_error.
class rw_mutex {
 public:
  rw_mutex() = default;
  rw_mutex(const rw_mutex&) = delete;
  rw_mutex& operator=(const rw_mutex&) = delete;
  void lock();
  [[nodiscard]] bool try_lock();
  void unlock();
  void lock_shared();
  [[nodiscard]] bool try_lock_shared();
  void unlock_shared();

 private:
  void admit_and_unlock();
  detail::wait_queue waiters_;
  std::size_t readers_ = 0;           // guarded by waiters_.mu
  bool writer_ = false;
};

// Condition variable for any lock of fibers.
class cond {
 public:
  cond() = default;
  cond(const cond&) = delete;
  cond& operator=(const cond&) = delete;
  // Unlocks, waits for a notification, locks again (also when cancelled). No spurious wake-ups.
  template <class Lock>
  void wait(Lock& lock) {
    struct relock {
      Lock& l;
      ~relock() { l.lock(); }
    };
    waiters_.mu.lock();
    detail::wait_node n;
    try {
      lock.unlock();
    } catch (...) {                      // it was not locked
      waiters_.mu.unlock();
      throw;
    }
    relock again{lock};
    wait_and_unlock(n);
  }
  template <class Lock, class Predicate>
  void wait(Lock& lock, Predicate ready) {
    while (!ready()) wait(lock);
  }
  void notify_one();
  void notify_all();

 private:
  void wait_and_unlock(detail::wait_node& n);
  detail::wait_queue waiters_;
};

// call(f) runs f the first time; others wait for it. As in Go, an f that throws has been called.
class once {
 public:
  once() = default;
  once(const once&) = delete;
  once& operator=(const once&) = delete;
  template <class F>
  void call(F&& f) {
    if (done_.load(std::memory_order_acquire)) return;
    mu_.lock();
    struct leave {
      once& o;
      bool ran = false;
      ~leave() {
        if (ran) o.done_.store(true, std::memory_order_release);
        o.mu_.unlock();
      }
    } at_end{*this};
    if (done_.load(std::memory_order_relaxed)) return;
    at_end.ran = true;
    std::invoke(std::forward<F>(f));
  }

 private:
  std::atomic<bool> done_{false};
  mutex mu_;
};

class semaphore {
 public:
  explicit semaphore(std::size_t n) : free_(n) {}
  semaphore(const semaphore&) = delete;
  semaphore& operator=(const semaphore&) = delete;
  void acquire(std::size_t n = 1);
  [[nodiscard]] bool try_acquire(std::size_t n = 1);
  void release(std::size_t n = 1);

 private:
  detail::wait_queue waiters_;
  std::size_t free_;                  // guarded by waiters_.mu
};

// A flag that any thread may set and one fiber at a time consumes. While a fiber waits for it, the run is no deadlock.
// Not for signal handlers: those write to a pipe or eventfd that a fiber waits for.
class event {
 public:
  event() = default;
  event(const event&) = delete;
  event& operator=(const event&) = delete;
  void set();                                                        // wakes one waiter, or stays set
  void wait() { (void)wait_until(clock::time_point::max()); }        // until set; clears it
  [[nodiscard]] bool wait_until(clock::time_point deadline);         // false: not set by then
  template <class Rep, class Period>
  [[nodiscard]] bool wait_for(std::chrono::duration<Rep, Period> d) {
    return wait_until(detail::deadline_after(d));
  }

 private:
  detail::wait_queue waiters_;
  bool set_ = false;                  // guarded by waiters_.mu
};

}  // namespace pipes
