// chan.cpp: sending, receiving and closing, without the element's type; the invariants are in chan_core.hpp.
//   send_locked, recv_locked    one exchange under the lock, if one can be made: for try_, select and the long way
//   chan_send, chan_recv        the quick ways first: the first partner waits for nothing else; nobody is there, park
//   send_any, recv_any          the long way: partners in selects, the ring, close
//   wait_to_send, wait_to_recv  link a waiter and park
// Which of these are functions of their own, and who jumps where, is measured: a rendezvous is little else than these steps.
#include "pipe/runtime/chan.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include "core/runtime/hot.hpp"
#include "core/runtime/plant.hpp"
#include "core/runtime/seeded.hpp"
#include "core/runtime/timer.hpp"
#include "pipe/runtime/select.hpp"

namespace pipes::detail {

struct chan_timer {
  timer t;
};

void waiter_list::hint(waiter* earlier, const waiter* later) {
  earlier->parked->ahead_waiter = later;
  earlier->parked->ahead = later->parked;
}

namespace {

// Whether a waiter just unlinked is the caller's to complete. False: its select has been decided.
bool claim(waiter* w) { return !w->choice || w->choice->win(w->index); }

bool cancel_waiter(void* argument) {
  auto* w = static_cast<waiter*>(argument);
  chan_core* c = w->channel;
  c->mu.lock();
  const bool linked = w->linked;
  if (linked) {
    (w->sending ? c->senders : c->receivers).unlink(w);
    w->outcome = waiter_outcome::cancelled;
  }
  c->mu.unlock();
  return linked;
}

constexpr park_site send_site{wait_reason::chan_send, &cancel_waiter};
constexpr park_site recv_site{wait_reason::chan_recv, &cancel_waiter};

// A wait that only a cancel ends.
struct forever {
  std::atomic<bool> over{false};
};
bool cancel_forever(void* argument) { return !static_cast<forever*>(argument)->over.exchange(true, std::memory_order_acq_rel); }
constexpr park_site nil_site{wait_reason::chan_nil, &cancel_forever};

chan_status park_forever() {
  fiber* self = current_fiber_or_throw();
  forever f;
  const bool wait = prepare_park(self, nil_site, &f);
  if (!wait && !f.over.exchange(true, std::memory_order_acq_rel)) withdraw_park(self);
  else park();
  cancelled_here();
  return chan_status::cancelled;
}

}  // namespace

void throw_closed_send() { throw closed_channel("pipe: send on a closed channel"); }

chan_status send_locked(chan_core* c, void* source, move_fn convert, const select_choice* own, wake_chain& woken) {
  if (c->closed.load(std::memory_order_relaxed)) return chan_status::closed;
  for (waiter *r = c->receivers.first(), *after = nullptr; r; r = after) {
    after = r->next;
    if (own && r->choice == own) continue;
    c->receivers.unlink(r);
    if (!claim(r)) {
      if constexpr (planted == plant::lost_wake) break;
      continue;
    }
    woken.add(r);
    r->outcome = waiter_outcome::retry;   // should convert throw
    convert(source, r->value);
    r->outcome = waiter_outcome::done;
    return chan_status::ok;
  }
  if (c->count.load(std::memory_order_relaxed) == c->capacity) return chan_status::would_block;
  convert(source, c->slot(c->tail_index()));
  c->pushed();
  return chan_status::ok;
}

// Moves the next sender's value to destination; false: no sender. A conversion that throws is its sender's failure.
static bool take_from_sender(chan_core* c, void* destination, const select_choice* own, wake_chain& woken) {
  for (waiter *s = c->senders.first(), *after = nullptr; s; s = after) {
    after = s->next;
    if (own && s->choice == own) continue;
    c->senders.unlink(s);
    if (!claim(s)) {
      if constexpr (planted == plant::value_twice) return s->convert(s->value, destination), true;
      continue;
    }
    woken.add(s);
    try {
      s->convert(s->value, destination);
      s->outcome = waiter_outcome::done;
      return true;
    } catch (...) {
      ::new (s->error) std::exception_ptr(std::current_exception());
      s->outcome = waiter_outcome::failed;
    }
  }
  return false;
}

chan_status recv_locked(chan_core* c, void* destination, const select_choice* own, wake_chain& woken) {
  if (c->count.load(std::memory_order_relaxed) > 0) {
    c->relocate(c->slot(c->head), destination);
    c->popped();
    if (c->senders.first() && take_from_sender(c, c->slot(c->tail_index()), own, woken)) c->pushed();
    return chan_status::ok;
  }
  if (take_from_sender(c, destination, own, woken)) return chan_status::ok;
  return c->closed.load(std::memory_order_relaxed) ? chan_status::closed : chan_status::would_block;
}

namespace {

// Room for the exception of a conversion, which the receiver constructs there. A union: a send whose conversion does not throw leaves it raw.
union sender_failure {
  std::exception_ptr error;
  sender_failure() {}
  ~sender_failure() {}
  [[noreturn]] void rethrow() {
    const std::exception_ptr taken = std::move(error);
    error.~exception_ptr();
    std::rethrow_exception(taken);
  }
};

// What a wait ended with that gave or took no value; would_block: begin again.
[[gnu::cold]] chan_status ended_otherwise(const waiter& w) {
  if (w.outcome == waiter_outcome::closed) return chan_status::closed;
  if (w.outcome == waiter_outcome::retry) return chan_status::would_block;
  cancelled_here();
  return chan_status::cancelled;
}

// Cancelled before it could park. Drops the lock.
[[gnu::cold]] chan_status turned_away(chan_core* c, waiter_list& list, waiter& w) {
  list.unlink(&w);
  c->mu.unlock();
  withdraw_park(w.parked);
  cancelled_here();
  return chan_status::cancelled;
}

[[gnu::cold]] void outside_of_fibers(chan_core* c) {
  c->mu.unlock();
  current_fiber_or_throw();
}

// From here to leave_to_wait() all are entered with the lock held and drop it.

// The end of an exchange with the first of its list, which waits for nothing else: as most of an unbuffered channel are.
inline void hand_over(chan_core* c, waiter_list& partners, waiter* partner, waiter_outcome outcome) {
  partners.pop(partner);
  fiber* f = partner->parked;
  partner->outcome = outcome;
  c->mu.unlock();
  if (worker* here = this_worker()) [[likely]] hand_over_to(here, f);
  else ready(f);
}

constexpr std::uint8_t raw(chan_status s) { return static_cast<std::uint8_t>(s); }

// The parameters stand where those of chan_send and chan_recv do: so no register has to move on the way here.
std::uint8_t wait_to_send(void* channel, void* source, void* conversion, void* worker_here) {
  auto* c = static_cast<chan_core*>(channel);
  auto* here = static_cast<worker*>(worker_here);
  const auto convert = reinterpret_cast<move_fn>(conversion);
  if (!here) [[unlikely]] outside_of_fibers(c);
  fiber* self = here->current;
  sender_failure failure;
  waiter w;
  w.parked = self;
  w.channel = c;
  w.value = source;
  w.convert = convert;
  w.error = &failure.error;
  w.sending = true;
  c->senders.push(&w);
  if (!announce_park(self, send_site, &w)) [[unlikely]] return raw(turned_away(c, c->senders, w));
  c->mu.unlock();
  park_on(here, self);
  if (w.outcome == waiter_outcome::done) [[likely]] return raw(chan_status::ok);
  if (w.outcome == waiter_outcome::failed) failure.rethrow();
  const chan_status end = ended_otherwise(w);
  return raw(end == chan_status::would_block ? chan_send(c, source, convert) : end);
}

std::uint8_t wait_to_recv(void* channel, void* destination, void*, void* worker_here) {
  auto* c = static_cast<chan_core*>(channel);
  auto* here = static_cast<worker*>(worker_here);
  if (!here) [[unlikely]] outside_of_fibers(c);
  fiber* self = here->current;
  waiter w;
  w.parked = self;
  w.channel = c;
  w.value = destination;
  c->receivers.push(&w);
  if (!announce_park(self, recv_site, &w)) [[unlikely]] return raw(turned_away(c, c->receivers, w));
  c->mu.unlock();
  park_on(here, self);
  if (w.outcome == waiter_outcome::done) [[likely]] return raw(chan_status::ok);
  const chan_status end = ended_otherwise(w);
  return raw(end == chan_status::would_block ? chan_recv(c, destination) : end);
}

// The long way of both: partners in selects, the ring, close. With would_block, and only then, the lock stays held.
[[gnu::noinline]] chan_status send_any(chan_core* c, void* source, move_fn convert) {
  locked_channel lock(c, std::adopt_lock);
  const chan_status s = send_locked(c, source, convert, nullptr, lock.woken);
  if (s == chan_status::would_block) lock.keep();
  return s;
}
[[gnu::noinline]] chan_status recv_any(chan_core* c, void* destination) {
  while (true) {
    {
      locked_channel lock(c, std::adopt_lock);
      const chan_status s = recv_locked(c, destination, nullptr, lock.woken);
      if (s != chan_status::would_block) return s;
      if (lock.woken.empty()) {
        lock.keep();
        return s;
      }
    }
    c->mu.lock();                        // senders whose conversion failed had to be woken first
  }
}

chan_status leave_to_wait(chan_core* c, void* source, move_fn convert) {
  return static_cast<chan_status>(pipes_call_and_jump_back(c, source, reinterpret_cast<void*>(convert), this_worker(), &wait_to_send));
}
chan_status leave_to_wait(chan_core* c, void* destination) {
  return static_cast<chan_status>(pipes_call_and_jump_back(c, destination, destination, this_worker(), &wait_to_recv));
}

// Each way of an exchange is a function of its own: so each saves the registers that it needs itself, and the way to a wait saves none.
[[gnu::noinline]] chan_status send_to(chan_core* c, void* source, move_fn convert, waiter* r) {
  try {
    convert(source, r->value);
  } catch (...) {
    c->mu.unlock();
    throw;
  }
  hand_over(c, c->receivers, r, waiter_outcome::done);
  return chan_status::ok;
}

[[gnu::noinline]] chan_status recv_from(chan_core* c, void* destination, waiter* s) {
  try {
    s->convert(s->value, destination);
  } catch (...) {
    ::new (s->error) std::exception_ptr(std::current_exception());
    hand_over(c, c->senders, s, waiter_outcome::failed);
    s = nullptr;
  }
  if (!s) return chan_recv(c, destination);
  hand_over(c, c->senders, s, waiter_outcome::done);
  return chan_status::ok;
}

[[gnu::noinline]] chan_status send_otherwise(chan_core* c, void* source, move_fn convert) {
  const chan_status s = send_any(c, source, convert);
  return s == chan_status::would_block ? leave_to_wait(c, source, convert) : s;
}

[[gnu::noinline]] chan_status recv_otherwise(chan_core* c, void* destination) {
  const chan_status s = recv_any(c, destination);
  return s == chan_status::would_block ? leave_to_wait(c, destination) : s;
}

}  // namespace

chan_status chan_send(chan_core* c, void* source, move_fn convert) {
  if (!c) [[unlikely]] return park_forever();
  step();
  c->mu.lock();
  return chan_send_locked(c, source, convert);
}

chan_status chan_send_locked(chan_core* c, void* source, move_fn convert) {
  if (!c->closed.load(std::memory_order_relaxed)) [[likely]] {
    if (waiter* r = c->receivers.first()) {
      if (!r->choice) return send_to(c, source, convert, r);
    } else if (c->count.load(std::memory_order_relaxed) == c->capacity) {
      return leave_to_wait(c, source, convert);
    }
  }
  return send_otherwise(c, source, convert);
}

chan_status chan_recv(chan_core* c, void* destination) {
  if (!c) [[unlikely]] return park_forever();
  step();
  c->mu.lock();
  return chan_recv_locked(c, destination);
}

chan_status chan_recv_locked(chan_core* c, void* destination) {
  if (waiter* s = c->senders.first()) {
    if (!s->choice && c->capacity == 0) return recv_from(c, destination, s);
  } else if (c->count.load(std::memory_order_relaxed) == 0 && !c->closed.load(std::memory_order_relaxed)) {
    return leave_to_wait(c, destination);
  }
  return recv_otherwise(c, destination);
}

chan_status chan_try_send(chan_core* c, void* source, move_fn convert) {
  locked_channel lock(c);
  return send_locked(c, source, convert, nullptr, lock.woken);
}

chan_status chan_try_recv(chan_core* c, void* destination) {
  locked_channel lock(c);
  return recv_locked(c, destination, nullptr, lock.woken);
}

static chan_status until(select_case_base& operation, clock::time_point deadline) {
  select_case_base timeout(case_kind::timeout);
  timeout.after = deadline - clock::now();
  select_case_base* const cases[] = {&operation, &timeout};
  const select_result chosen = select_wait(cases, 2);
  if (chosen.index == 1) return chan_status::timed_out;
  if (chosen.index == no_case) return chan_status::cancelled;
  return operation.kind == case_kind::send || chosen.received ? chan_status::ok : chan_status::closed;
}

chan_status chan_send_until(chan_core* c, void* source, move_fn convert, clock::time_point deadline) {
  select_case_base operation(case_kind::send);
  operation.channel = c;
  operation.value = source;
  operation.convert = convert;
  return until(operation, deadline);
}

chan_status chan_recv_until(chan_core* c, void* destination, clock::time_point deadline) {
  select_case_base operation(case_kind::recv);
  operation.channel = c;
  operation.value = destination;
  return until(operation, deadline);
}

namespace {

// Fetches what a parked fiber goes on with: its frames from the saved registers, just below the waiter, up to the fiber itself; of a deep
// stack both ends only. Always inlined: g++ takes a function that only prefetches for one without effects, and drops its calls.
[[gnu::always_inline]] inline void prefetch_parked(const void* w, const void* f) {
  constexpr std::uintptr_t line = 64, below_waiter = 192, fiber_lines = 2 * line, most = 16 * line, of_an_end = 6 * line;
  const auto prefetch = [](std::uintptr_t from, std::uintptr_t to) __attribute__((always_inline)) {
    for (; from < to; from += line) __builtin_prefetch(reinterpret_cast<const void*>(from), 1);
  };
  const std::uintptr_t low = (reinterpret_cast<std::uintptr_t>(w) - below_waiter) & ~(line - 1);
  const std::uintptr_t top = reinterpret_cast<std::uintptr_t>(f) + fiber_lines;
  if (top - low <= most) return prefetch(low, top);
  prefetch(low, low + of_an_end);
  prefetch(top - of_an_end, top);
}

// Of a closed channel, under its lock: takes `most` waiters off the list. True: there are more.
bool wake_closed(waiter_list& list, ready_list& woken, std::size_t most) {
  waiter* w;
  for (std::size_t n = 0; n < most && (w = list.first()); ++n) {
    fiber* f = w->parked;
    prefetch_parked(f->ahead_waiter, f->ahead);
    list.unlink(w);
    if constexpr (planted == plant::deaf_close)
      if (!w->sending && !list.first()) continue;
    if (!claim(w)) continue;
    w->outcome = waiter_outcome::closed;
    woken.add(f);
  }
  return list.first() != nullptr;
}

// A crowd of waiters is in no cache: to find one costs as much as to run it. So a worker runs each flock that it has taken off the list
// before it takes the next one.
template <class Between>
void wake_flocks(chan_core* c, Between between) {
  for (bool more = true; more; between()) {
    ready_list woken;
    {
      locked_channel lock(c);
      more = wake_closed(c->receivers, woken, worker::flock);
    }
    woken.wake();
  }
}

// Leaves the waking to fibers made for it. False: there is no memory for them; or, in a run with a seed, no use.
bool share_out_waking(chan_core* c) {
  constexpr std::size_t most = 4;        // more would only wait for the channel's lock
  struct hold {
    chan_core* c;
    explicit hold(chan_core* core) : c(core) { c->ref(); }
    hold(hold&& other) noexcept : c(std::exchange(other.c, nullptr)) {}
    ~hold() {
      if (c) c->unref();
    }
  };
  worker* w = this_worker();
  if (!w || w->owner->seeded) return false;
  bool any = false;
  try {
    for (std::size_t i = std::min(w->owner->processors, most); i > 0; --i, any = true) {
      task* t = make_task([held = hold(c)] { wake_flocks(held.c, [] { pipes::yield(); }); });
      w->spawned.store(w->spawned.load(std::memory_order_relaxed) + 1, std::memory_order_release);
      w->owner->push_global(runnable{nullptr, t});
    }
  } catch (const std::bad_alloc&) {
  }
  return any;
}

}  // namespace

void chan_close(chan_core* c) {
  if (!c) throw closed_channel("pipe: close of a nil channel");
  const outsider here;
  ready_list woken;
  bool more;
  {
    locked_channel lock(c);
    if (c->closed.load(std::memory_order_relaxed)) throw closed_channel("pipe: close of a closed channel");
    c->closed.store(true, std::memory_order_release);
    wake_closed(c->senders, woken, ~std::size_t{0});
    more = wake_closed(c->receivers, woken, worker::flock);
  }
  // The other receivers may come later, a flock at a time: nobody joins them any more, and whoever looks at the channel finds it closed.
  woken.wake();
  if (!more || share_out_waking(c)) return;
  wake_flocks(c, [] {});
}

// --- channels that a timer feeds ---

void chan_core::ref() { lease.add(refs, 1); }
void chan_core::unref() {
  if (lease.add(refs, -1) == 0) release();
}

void chan_core::release() {
  if (fed_by) {
    disarm_timer(&fed_by->t);
    delete fed_by;
  }
  destroy(this);
}

namespace {

fiber* feed(timer* t, clock::time_point now) {
  auto* c = static_cast<chan_core*>(t->argument);
  wake_chain woken;
  c->mu.lock();
  // full: the point is dropped, as Go's tickers do
  [[maybe_unused]] const chan_status s = send_locked(c, &now, &convert_element<clock::time_point, clock::time_point&>, nullptr, woken);
  c->mu.unlock();
  return woken.only();
}

}  // namespace

void feed_by_timer(const chan<clock::time_point>& c, clock::time_point first, clock::duration period) {
  chan_core* core = c.core();
  core->fed_by = new chan_timer;
  core->fed_by->t.fire = &feed;
  core->fed_by->t.argument = core;
  core->fed_by->t.period = period;
  arm_timer(&core->fed_by->t, first);
}

}  // namespace pipes::detail
