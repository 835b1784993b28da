// sleep.cpp: waiting for a deadline alone; and arming timers, which may have to wake who sleeps in the poller.
#include "core/runtime/hot.hpp"
#include "core/runtime/poller.hpp"
#include "core/runtime/timer.hpp"

namespace pipes::detail {
namespace {

struct sleeper {
  timer t;
  fiber* self = nullptr;
};

fiber* wake_up(timer* t, clock::time_point) { return static_cast<sleeper*>(t->argument)->self; }
bool cancel_sleep(void* argument) { return disarm_timer(&static_cast<sleeper*>(argument)->t); }
constexpr park_site sleep_site{wait_reason::sleep, &cancel_sleep};

}  // namespace

void sleep_until(clock::time_point deadline) {
  fiber* self = current_fiber_or_throw();
  if (deadline <= clock::now()) {
    pipes::yield();
    return;
  }
  sleeper s;
  s.self = self;
  s.t.fire = &wake_up;
  s.t.argument = &s;
  arm_timer(&s.t, deadline);
  // Armed first: a canceller that sees the site finds the timer, or knows that it has fired.
  if (!prepare_park(self, sleep_site, &s) && disarm_timer(&s.t)) {
    withdraw_park(self);
    cancelled_here();
    return;
  }
  park();
  if (is_cancelled(self)) cancelled_here();
}

void arm_timer(timer* t, clock::time_point deadline) {
  const outsider here;
  worker* w = this_worker();
  runtime* rt = w ? static_cast<runtime*>(w->owner) : current_runtime();
  if (!rt) throw std::logic_error("pipe: timers need a run");
  if (!w) w = rt->workers[0].load(std::memory_order_acquire);
  w->timers.arm(t, deadline);
  // A worker that sleeps in the poller until later must look again. Pairs with poll_for_all, which first says that it will sleep, then reads
  // the heaps; here it is the other way round.
  if (deadline.time_since_epoch().count() < rt->poll_deadline.load(std::memory_order_seq_cst)) rt->io->interrupt();
}

bool disarm_timer(timer* t) {
  const outsider here;                   // its heap is the run's
  return timer_heap::disarm(t);
}

}  // namespace pipes::detail
