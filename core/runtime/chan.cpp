#include "pipe/runtime/chan.hpp"

#include <algorithm>
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

namespace {

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

class locked {
 public:
  explicit locked(chan_core* c) : c_(c) { c->mu.lock(); }
  ~locked() {
    if (c_) c_->mu.unlock();
    woken.wake();
  }
  locked(const locked&) = delete;
  locked& operator=(const locked&) = delete;
  // Also before a park: senders whose conversion failed are woken by it, not by whoever ends the park.
  void unlock() {
    c_->mu.unlock();
    c_ = nullptr;
    woken.wake();
  }
  wake_chain woken;

 private:
  chan_core* c_;
};

chan_status finish(fiber*, const waiter& w, const std::exception_ptr& error) {
  switch (w.outcome) {
    case waiter_outcome::done: return chan_status::ok;
    case waiter_outcome::closed: return chan_status::closed;
    case waiter_outcome::failed: std::rethrow_exception(error);
    case waiter_outcome::retry: return chan_status::would_block;
    case waiter_outcome::cancelled:
    case waiter_outcome::waiting: break;
  }
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

// The next sender's value to destination; false: no sender. A conversion that throws is its sender's failure.
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
      *s->error = std::current_exception();
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

chan_status chan_send(chan_core* c, void* source, move_fn convert) {
  if (!c) return park_forever();
  step();
  while (true) {
    locked lock(c);
    const chan_status s = send_locked(c, source, convert, nullptr, lock.woken);
    if (s != chan_status::would_block) return s;
    worker* here = this_worker();
    fiber* self = here ? static_cast<fiber*>(here->current) : current_fiber_or_throw();
    std::exception_ptr error;
    waiter w;
    w.parked = self;
    w.channel = c;
    w.value = source;
    w.convert = convert;
    w.error = &error;
    w.sending = true;
    c->senders.push(&w);
    if (!announce_park(self, send_site, &w)) {
      c->senders.unlink(&w);
      lock.unlock();
      withdraw_park(self);
      cancelled_here();
      return chan_status::cancelled;
    }
    lock.unlock();
    park_on(here, self);
    if (const chan_status end = finish(self, w, error); end != chan_status::would_block) return end;
  }
}

chan_status chan_recv(chan_core* c, void* destination) {
  if (!c) return park_forever();
  step();
  while (true) {
    locked lock(c);
    const chan_status s = recv_locked(c, destination, nullptr, lock.woken);
    if (s != chan_status::would_block) return s;
    worker* here = this_worker();
    fiber* self = here ? static_cast<fiber*>(here->current) : current_fiber_or_throw();
    waiter w;
    w.parked = self;
    w.channel = c;
    w.value = destination;
    c->receivers.push(&w);
    if (!announce_park(self, recv_site, &w)) {
      c->receivers.unlink(&w);
      lock.unlock();
      withdraw_park(self);
      cancelled_here();
      return chan_status::cancelled;
    }
    lock.unlock();
    park_on(here, self);
    if (const chan_status end = finish(self, w, nullptr); end != chan_status::would_block) return end;
  }
}

chan_status chan_try_send(chan_core* c, void* source, move_fn convert) {
  locked lock(c);
  return send_locked(c, source, convert, nullptr, lock.woken);
}

chan_status chan_try_recv(chan_core* c, void* destination) {
  locked lock(c);
  return recv_locked(c, destination, nullptr, lock.woken);
}

static chan_status until(select_case_base& operation, clock::time_point deadline) {
  select_case_base timeout(case_kind::timeout);
  timeout.after = deadline == clock::time_point::max() ? clock::duration::max() : deadline - clock::now();
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

bool wake_closed(waiter_list& list, ready_list& woken, std::size_t most) {
  waiter* w;
  for (std::size_t n = 0; n < most && (w = list.first()); ++n) {
    list.unlink(w);
    if constexpr (planted == plant::deaf_close)
      if (!w->sending && !list.first()) continue;
    if (!claim(w)) continue;
    w->outcome = waiter_outcome::closed;
    woken.add(w->parked);
  }
  return list.first() != nullptr;
}

// A crowd of waiters lies in no cache: to find one costs as much as to run it. So each flock is run by the worker that
// took it off the list, before it takes the next.
template <class Between>
void wake_flocks(chan_core* c, Between between) {
  for (bool more = true; more; between()) {
    ready_list woken;
    {
      locked lock(c);
      more = wake_closed(c->receivers, woken, worker::flock);
    }
    woken.wake();
  }
}

// Leaves the waking to fibers of its own. False: there is no memory for them, or, in a run with a seed, no use.
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
  ready_list woken;
  bool more;
  {
    locked lock(c);
    if (c->closed.load(std::memory_order_relaxed)) throw closed_channel("pipe: close of a closed channel");
    c->closed.store(true, std::memory_order_release);
    wake_closed(c->senders, woken, ~std::size_t{0});
    more = wake_closed(c->receivers, woken, worker::flock);
  }
  // The other receivers by the flock: nobody joins them any more, and whether one is told or looks for itself, it hears the same.
  woken.wake();
  if (!more || share_out_waking(c)) return;
  wake_flocks(c, [] {});
}

// --- channels that a timer feeds ---

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
