// chan_core.hpp: the part of a channel that knows no element type. Included by chan_state.hpp.
//
// Hands values between fibers, through a ring of `capacity` slots. While mu is free:
//   I1  senders is non-empty only if the ring is full, receivers only if it is empty. (Waiters of a select that has been decided
//       elsewhere do not count: whoever meets one unlinks it and passes on.)
//   I2  closed never resets. Once it is set nobody joins a list; who still waits is woken by close(), receivers some at a time.
//   I3  a linked waiter lives on the stack of a fiber that is still inside send, recv or select.
//   I4  whoever unlinks a waiter without choice, or wins the choice of one that has one, wakes its fiber, once.
// A value moves under mu: constructors of elements must neither park nor use the channel.
// Lock order: timer_heap.mu_ -> mu; two channels are never locked at once. prepare_park() nests under mu, ready() does not.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>

#include "pipe/runtime/birth_lease.hpp"
#include "pipe/runtime/fiber.hpp"
#include "pipe/runtime/leased_lock.hpp"

namespace pipes::detail {

struct chan_core;

// On the stack of a fiber that waits in a select, or with a deadline: whoever writes `winner` first has decided the wait.
struct select_choice {
  static constexpr std::uint32_t undecided = 0xffffffff;
  static constexpr std::uint32_t by_owner = 0xfffffffe;      // by the selecting fiber itself, before it has parked
  static constexpr std::uint32_t by_cancel = 0xfffffffd;
  static constexpr std::uint32_t by_timeout = 0xfffffffc;
  std::atomic<std::uint32_t> winner{undecided};              // the index of a case, or one of these; written once, by whoever wins

  bool win(std::uint32_t index) {
    std::uint32_t expected = undecided;
    return winner.compare_exchange_strong(expected, index, std::memory_order_acq_rel, std::memory_order_acquire);
  }
};

// retry: whoever took the waiter out could not deliver, since its conversion threw; the fiber begins again. failed: the conversion of this
// sender's own value threw, in the receiver that took it.
enum class waiter_outcome : std::uint8_t { waiting, done, closed, cancelled, retry, failed };

using move_fn = void (*)(void* source, void* destination);   // constructs an element at destination

// A fiber in a channel's list, on that fiber's stack.
struct waiter {
  waiter* next = nullptr;            // guarded by channel->mu
  waiter* previous = nullptr;
  fiber* parked = nullptr;
  chan_core* channel = nullptr;
  void* value = nullptr;             // sender: the source; receiver: raw memory for the element
  move_fn convert = nullptr;         // sender only
  select_choice* choice = nullptr;   // null: a plain operation
  std::exception_ptr* error = nullptr;   // sender only: where an exception of convert is constructed, with outcome failed
  std::uint32_t index = 0;           // of the case in the select
  bool sending = false;
  bool linked = false;
  waiter_outcome outcome = waiter_outcome::waiting;   // written before ready(), read after park()
};

// First in, first out. first() is read without the lock by select's scan.
// A crowd of waiters is in no cache, and a walk along next would wait for memory at each step. So each fiber also knows one that came
// about `distance` later (fiber::ahead): a hint, to be prefetched and for nothing else, since that one may be gone. push() writes it
// into pace_, a linked waiter that stays `distance` behind the newest (less where some in between have left). With fewer than two
// waiters pace_ and behind_ mean nothing.
class waiter_list {
 public:
  static constexpr std::uint32_t distance = 8;
  waiter* first() const { return first_.load(std::memory_order_acquire); }
  waiter* last() const { return last_; }
  void push_before(waiter* w, waiter* at) {
    w->linked = true;
    w->next = at;
    w->previous = at->previous;
    at->previous = w;
    if (w->previous) {
      w->previous->next = w;
      return;
    }
    first_.store(w, std::memory_order_release);
    if (at == last_) {                           // now there are two
      pace_ = at;
      behind_ = 0;
    }
  }
  void push(waiter* w) {
    w->linked = true;
    w->next = nullptr;
    w->previous = last_;
    if (last_) [[unlikely]] follow(w);
    else first_.store(w, std::memory_order_release);
    last_ = w;
  }
  void pop(waiter* w) {                          // which is the first
    waiter* after = w->next;
    w->linked = false;
    first_.store(after, std::memory_order_release);
    if (after) {
      after->previous = nullptr;
      leave(w);
    } else {
      last_ = nullptr;
    }
  }
  void unlink(waiter* w) {
    w->linked = false;
    if (w->previous) w->previous->next = w->next;
    else first_.store(w->next, std::memory_order_release);
    if (w->next) w->next->previous = w->previous;
    else last_ = w->previous;
    leave(w);
  }

 private:
  void follow(waiter* w) {                       // last_, which is not null
    last_->next = w;
    if (!last_->previous) {
      pace_ = last_;
      behind_ = 1;
    } else if (behind_ < distance) {
      ++behind_;
    } else {
      hint(pace_, w);
      pace_ = pace_->next;
    }
  }
  static void hint(waiter* earlier, const waiter* later);
  void leave(waiter* w) {                        // unlinked; its neighbours in it still stand
    if (w != pace_) return;
    pace_ = w->next ? w->next : w->previous;
    behind_ = w->next && behind_ > 0 ? behind_ - 1 : 0;
  }

  std::atomic<waiter*> first_{nullptr};
  waiter* last_ = nullptr;
  waiter* pace_ = nullptr;
  std::uint32_t behind_ = 0;
};

enum class chan_status : std::uint8_t { ok = 1, closed, would_block, timed_out, cancelled };

// A channel that a timer feeds (after, tick); the timer dies with the last handle.
struct chan_timer;

struct chan_core {
  chan_core(std::size_t cap, std::size_t size, move_fn relocate_element, void (*destroy_channel)(chan_core*))
      : chan_core(take_lease(), cap, size, relocate_element, destroy_channel) {}
  ~chan_core() {
    if (lease.is_mine() && mu.is_mine()) return_lease();
  }
  chan_core(const chan_core&) = delete;
  chan_core& operator=(const chan_core&) = delete;

  birth_lease::counter refs{1};                  // handles; next to the lock, 64 bytes and more before its lease
  leased_lock mu;
  std::atomic<bool> closed{false};               // written under mu
  const std::uint32_t detour;                    // not 0: made in a run with a seed. Its sends and receives take the way that has step()
  std::atomic<std::size_t> count{0};             // elements in the ring; written under mu
  std::size_t head = 0;                          // guarded by mu, like the ring's contents
  char* ring = nullptr;                          // constant
  const std::size_t capacity;
  const std::size_t element_size;
  waiter_list receivers;                         // guarded by mu
  waiter_list senders;
  const move_fn relocate;                        // moves an element and destroys the source
  void (*const destroy)(chan_core*);
  chan_timer* fed_by = nullptr;                  // constant once published
  birth_lease lease;                             // of refs

  void* slot(std::size_t i) { return ring + i * element_size; }
  std::size_t tail_index() const {
    const std::size_t t = head + count.load(std::memory_order_relaxed);
    return t >= capacity ? t - capacity : t;
  }
  void pushed() { count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_release); }
  void popped() {
    head = head + 1 == capacity ? 0 : head + 1;
    count.store(count.load(std::memory_order_relaxed) - 1, std::memory_order_release);
  }
  void ref();
  void unref();

 private:
  chan_core(worker_face* lessee, std::size_t cap, std::size_t size, move_fn relocate_element, void (*destroy_channel)(chan_core*))
      : mu(lessee),
        detour(detail::detour.load(std::memory_order_relaxed)),
        capacity(cap),
        element_size(size),
        relocate(relocate_element),
        destroy(destroy_channel),
        lease(lessee) {}
  void release();
};

// The whole operations. source: the value to send; destination: raw memory for an element. A null channel blocks for ever. cancelled is
// returned only while the stack unwinds; else a cancelled fiber throws.
[[nodiscard]] chan_status chan_send(chan_core* c, void* source, move_fn convert);
[[nodiscard]] chan_status chan_recv(chan_core* c, void* destination);
// The same, entered with c->mu held, which they drop. Not for the null channel.
[[nodiscard]] chan_status chan_send_locked(chan_core* c, void* source, move_fn convert);
[[nodiscard]] chan_status chan_recv_locked(chan_core* c, void* destination);
[[nodiscard]] chan_status chan_try_send(chan_core* c, void* source, move_fn convert);
[[nodiscard]] chan_status chan_try_recv(chan_core* c, void* destination);
void chan_close(chan_core* c);                   // throws closed_channel

// Fibers to make ready once the lock is dropped: unlinked waiters, still on their stacks.
class wake_chain {
 public:
  void add(waiter* w) {
    w->next = first_;
    first_ = w;
  }
  bool empty() const { return !first_; }
  fiber* only() {                                // for at most one
    waiter* w = first_;
    first_ = nullptr;
    return w ? w->parked : nullptr;
  }
  void wake() {
    while (waiter* w = first_) {
      first_ = w->next;
      ready(w->parked);
    }
  }

 private:
  waiter* first_ = nullptr;
};

// One exchange under c->mu, without waiting. own: the caller's select, whose waiters are passed over. Throws what convert throws.
[[nodiscard]] chan_status send_locked(chan_core* c, void* source, move_fn convert, const select_choice* own, wake_chain& woken);
[[nodiscard]] chan_status recv_locked(chan_core* c, void* destination, const select_choice* own, wake_chain& woken);

}  // namespace pipes::detail
