// sync.cpp: the slow ways of wait groups, locks, events; the invariants are in sync.hpp. All of them are a wait_queue under its lock, and
// differ in what lets the first of the queue go.
#include "pipe/runtime/sync.hpp"

#include <mutex>

#include "core/runtime/hot.hpp"
#include "core/runtime/timer.hpp"
#include "pipe/runtime/scope.hpp"

namespace pipes::detail {
namespace {

bool take_out(wait_node* n) {
  n->queue->mu.lock();
  const bool linked = n->linked.load(std::memory_order_relaxed);
  if (linked) n->queue->unlink(n);
  n->queue->mu.unlock();
  return linked;
}

bool cancel_node(void* argument) { return take_out(static_cast<wait_node*>(argument)); }

fiber* time_out_wait(timer* t, clock::time_point) {
  auto* n = static_cast<wait_node*>(t->argument);
  n->queue->mu.lock();
  const bool linked = n->linked.load(std::memory_order_relaxed);
  if (linked || !n->parked) n->timed_out = true;
  if (linked) n->queue->unlink(n);
  n->queue->mu.unlock();
  return linked ? n->parked : nullptr;
}

constexpr park_site wait_group_site{wait_reason::wait_group, &cancel_node};
constexpr park_site scope_end_site{wait_reason::scope_join, nullptr};
constexpr park_site mutex_site{wait_reason::mutex, nullptr};
constexpr park_site read_site{wait_reason::rw_mutex_read, nullptr};
constexpr park_site write_site{wait_reason::rw_mutex_write, nullptr};
constexpr park_site cond_site{wait_reason::cond, &cancel_node};
constexpr park_site semaphore_site{wait_reason::semaphore, &cancel_node};
constexpr park_site event_site{wait_reason::event, &cancel_node};

}  // namespace

void wait_queue::push(wait_node* n) {
  n->linked.store(true, std::memory_order_relaxed);
  n->next = nullptr;
  n->previous = last;
  if (last) last->next = n;
  else first = n;
  last = n;
}

void wait_queue::unlink(wait_node* n) {
  n->linked.store(false, std::memory_order_relaxed);
  if (n->previous) n->previous->next = n->next;
  else first = n->next;
  if (n->next) n->next->previous = n->previous;
  else last = n->previous;
  n->next = nullptr;
}

bool wait_queue::wait_and_unlock(wait_node& n, const park_site& site) {
  fiber* self = current_fiber();
  if (!self) {
    mu.unlock();
    (void)current_fiber_or_throw();
  }
  n.parked = self;
  n.queue = this;
  push(&n);
  if (!prepare_park(self, site, &n)) {
    unlink(&n);
    mu.unlock();
    withdraw_park(self);
    cancelled_here();
    return false;
  }
  mu.unlock();
  park();
  if (!n.granted && !n.timed_out) cancelled_here();
  return n.granted;
}

void wait_queue::let_go() {
  for (wait_node* n = first; n; n = n->next) n->queue = nullptr;
}

// Of a fiber that waits where no cancel reaches it; null: it does not.
static wait_node* uncancelled_node(const park_site& site, void* argument) {
  switch (site.reason) {
    case wait_reason::mutex:
    case wait_reason::rw_mutex_read:
    case wait_reason::rw_mutex_write:
    case wait_reason::scope_join: return static_cast<wait_node*>(argument);
    default: return nullptr;
  }
}

bool is_held_up(const park_site& site, void* argument) {
  const wait_node* n = uncancelled_node(site, argument);
  return n && n->linked.load(std::memory_order_relaxed);
}

void leave_queue(const park_site& site, void* argument) {
  wait_node* n = uncancelled_node(site, argument);
  if (n && n->queue) (void)take_out(n);
}

void wait_queue::wake(wait_node* list) {
  while (wait_node* n = list) {
    list = n->next;
    ready(n->parked);
  }
}

// Pops while grant(first) says so; returns those popped, linked in order.
template <class Grant>
static wait_node* pop_while(wait_queue& q, Grant grant) {
  wait_node* list = nullptr;
  wait_node** end = &list;
  while (q.first && grant(q.first)) {
    *end = q.pop();
    end = &(*end)->next;
  }
  return list;
}

void throw_moved_from() { throw std::logic_error("pipes::wait_group: this handle was moved from"); }

void wait_group_state::reached_zero(std::int64_t now, std::int64_t added) {
  if (now < 0) {
    lease.add(count, -added * one);
    throw std::logic_error("pipes::wait_group: negative count");
  }
  const outsider here;
  waiters.mu.lock();
  wait_node* list = pop_while(waiters, [](wait_node*) { return true; });
  lease.change(count, [](std::int64_t v) { return v & ~awaited; });
  waiters.mu.unlock();
  wait_queue::wake(list);
}

static void wait_for_zero(wait_group_state& g, const park_site& site) {
  step();
  g.waiters.mu.lock();
  if (g.lease.change(g.count, [](std::int64_t v) { return v == 0 ? v : v | wait_group_state::awaited; }) == 0) {
    g.waiters.mu.unlock();
    return;
  }
  // With the bit set, whoever reaches zero comes for this lock, and finds this node.
  wait_node n;
  g.waiters.wait_and_unlock(n, site);
}

void wait_group_state::wait() { wait_for_zero(*this, wait_group_site); }
void wait_group_state::wait_uncancelled() { wait_for_zero(*this, scope_end_site); }

}  // namespace pipes::detail

namespace pipes {

using detail::wait_node;
using detail::wait_queue;

// With q.mu held.
[[noreturn]] static void refuse_unlock(wait_queue& q) {
  q.mu.unlock();
  throw std::logic_error("pipes: unlock of what is not locked");
}

// woken_: a waiter has been taken out and woken, and competes for the mutex; until it is there no other one need be woken. If it loses it
// goes to the front of the queue with amount 1, and the next unlock hands the mutex to it. (To hand over at each unlock would make every
// lock a switch; to let everybody compete for ever would starve some.)
// Rejected: one word of atomic bits. Two entries of a leased lock cost less than two compare-and-swaps (3 ns in place of 10), and as much
// where the lock is not leased.
void mutex::lock_slow() {
  bool lost = false;
  while (true) {
    detail::fiber* self = detail::current_fiber();
    if (!self) {
      waiters_.mu.unlock();
      (void)detail::current_fiber_or_throw();
    }
    wait_node n;
    n.parked = self;
    n.queue = &waiters_;
    if (lost) {
      n.amount = 1;
      n.linked.store(true, std::memory_order_relaxed);
      n.next = waiters_.first;
      if (n.next) n.next->previous = &n;
      else waiters_.last = &n;
      waiters_.first = &n;
    } else {
      waiters_.push(&n);
    }
    (void)detail::prepare_park(self, detail::mutex_site, &n);   // not cancellable
    waiters_.mu.unlock();
    detail::park();
    if (n.granted) return;
    waiters_.mu.lock();
    woken_ = false;
    lost = held_;
    if (!lost) break;
  }
  held_ = true;
  waiters_.mu.unlock();
}

void mutex::unlock_slow() {
  if (!held_) refuse_unlock(waiters_);
  wait_node* heir = waiters_.first;
  waiters_.unlink(heir);
  heir->granted = heir->amount == 1;
  held_ = heir->granted;
  woken_ = !heir->granted;
  waiters_.mu.unlock();
  detail::ready(heir->parked);
}

// With waiters_.mu held: lets in whoever may enter now, in order.
void rw_mutex::admit_and_unlock() {
  wait_node* list = detail::pop_while(waiters_, [this](wait_node* n) {
    if (n->amount == 1) {
      if (writer_ || readers_ > 0) return false;
      writer_ = true;
      return true;
    }
    if (writer_) return false;
    ++readers_;
    return true;
  });
  waiters_.mu.unlock();
  wait_queue::wake(list);
}

void rw_mutex::lock() {
  detail::step();
  waiters_.mu.lock();
  if (!writer_ && readers_ == 0) {
    writer_ = true;
    waiters_.mu.unlock();
    return;
  }
  wait_node n;
  n.amount = 1;
  waiters_.wait_and_unlock(n, detail::write_site);
}

bool rw_mutex::try_lock() {
  waiters_.mu.lock();
  const bool entered = !writer_ && readers_ == 0;
  if (entered) writer_ = true;
  waiters_.mu.unlock();
  return entered;
}

void rw_mutex::unlock() {
  waiters_.mu.lock();
  if (!writer_) refuse_unlock(waiters_);
  writer_ = false;
  admit_and_unlock();
}

void rw_mutex::lock_shared() {
  detail::step();
  waiters_.mu.lock();
  if (!writer_ && !waiters_.first) {
    ++readers_;
    waiters_.mu.unlock();
    return;
  }
  wait_node n;
  waiters_.wait_and_unlock(n, detail::read_site);
}

bool rw_mutex::try_lock_shared() {
  waiters_.mu.lock();
  const bool entered = !writer_ && !waiters_.first;
  if (entered) ++readers_;
  waiters_.mu.unlock();
  return entered;
}

void rw_mutex::unlock_shared() {
  waiters_.mu.lock();
  if (readers_ == 0) refuse_unlock(waiters_);
  --readers_;
  admit_and_unlock();
}

void cond::wait_and_unlock(wait_node& n) { waiters_.wait_and_unlock(n, detail::cond_site); }

void cond::notify_one() {
  const detail::outsider here;
  waiters_.mu.lock();
  wait_node* n = waiters_.pop();
  waiters_.mu.unlock();
  if (n) detail::ready(n->parked);
}

void cond::notify_all() {
  const detail::outsider here;
  waiters_.mu.lock();
  wait_node* list = detail::pop_while(waiters_, [](wait_node*) { return true; });
  waiters_.mu.unlock();
  wait_queue::wake(list);
}

void semaphore::acquire(std::size_t n) {
  detail::step();
  waiters_.mu.lock();
  if (free_ >= n && !waiters_.first) {
    free_ -= n;
    waiters_.mu.unlock();
    return;
  }
  struct request {
    semaphore& from;
    wait_node node;
    ~request() {
      if (!node.granted) from.release(0);   // it is gone, and may have held up smaller ones behind it
    }
  } r{*this, {}};
  r.node.amount = n;
  waiters_.wait_and_unlock(r.node, detail::semaphore_site);
}

bool semaphore::try_acquire(std::size_t n) {
  waiters_.mu.lock();
  const bool got = free_ >= n && !waiters_.first;
  if (got) free_ -= n;
  waiters_.mu.unlock();
  return got;
}

void semaphore::release(std::size_t n) {
  const detail::outsider here;
  waiters_.mu.lock();
  free_ += n;
  wait_node* list = detail::pop_while(waiters_, [this](wait_node* w) {
    if (w->amount > free_) return false;
    free_ -= w->amount;
    return true;
  });
  waiters_.mu.unlock();
  wait_queue::wake(list);
}

void event::set() {
  const detail::outsider here;
  waiters_.mu.lock();
  wait_node* n = waiters_.pop();
  if (!n) set_ = true;
  waiters_.mu.unlock();
  if (n) detail::ready(n->parked);
}

bool event::wait_until(clock::time_point deadline) {
  detail::step();
  {
    const std::lock_guard held(waiters_.mu);
    if (std::exchange(set_, false)) return true;   // needs no timer, nor a run
  }
  wait_node n;
  n.queue = &waiters_;
  const detail::deadline_timer timeout(deadline, &detail::time_out_wait, &n);
  waiters_.mu.lock();
  if (set_ || n.timed_out) {
    const bool was_set = std::exchange(set_, false);
    waiters_.mu.unlock();
    return was_set;
  }
  detail::fiber* self = detail::current_fiber();
  struct counted {
    detail::runtime* rt;
    explicit counted(detail::runtime* r) : rt(r) {
      if (rt) rt->foreign_waits.fetch_add(1, std::memory_order_seq_cst);
    }
    ~counted() {
      if (rt) rt->foreign_waits.fetch_sub(1, std::memory_order_seq_cst);
    }
  } waiting(self ? static_cast<detail::runtime*>(self->owner) : nullptr);
  return waiters_.wait_and_unlock(n, detail::event_site);
}

}  // namespace pipes
