// ending.cpp: when a run is over or can't go on, and how its fibers are cancelled then. See scheduler.hpp, I5 and I6.
//   check_end   called by each fiber that ends once main has: the last one ends the run, or cancels the daemons that are left
//   quiescent   called by an idle worker when nobody is active: the same, or a deadlock
//   stop        cancels all fibers, one after the other
#include <algorithm>
#include <stdexcept>

#include "core/runtime/futex.hpp"
#include "core/runtime/hot.hpp"
#include "core/runtime/inspect.hpp"
#include "core/runtime/poller.hpp"
#include "core/runtime/stack_pool.hpp"

namespace pipes::detail {

bool runtime::nothing_alive(bool daemons_too) const {
  // The counters only grow, and ends are summed before beginnings: so if the sums are equal, there was a moment with nothing alive.
  std::uint64_t ended = 0, begun = 0;
  const std::size_t count = worker_count.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < count; ++i) {
    const worker& w = *workers[i].load(std::memory_order_acquire);
    ended += w.finished.load(std::memory_order_acquire);
    if (daemons_too) ended += w.daemons_finished.load(std::memory_order_acquire);
  }
  const std::size_t count_after = worker_count.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < count_after; ++i) {
    const worker& w = *workers[i].load(std::memory_order_acquire);
    begun += w.spawned.load(std::memory_order_acquire);
    if (daemons_too) begun += w.daemons_spawned.load(std::memory_order_acquire);
  }
  begun += foreign_spawned.load(std::memory_order_acquire);
  if (daemons_too) begun += foreign_daemons.load(std::memory_order_acquire);
  return begun == ended;
}

void runtime::finished_fiber(worker& w, bool daemon) {
  auto& counter = daemon ? w.daemons_finished : w.finished;
  counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  light_fence();                         // pairs with the heavy one behind main_done: main's end sees this count, or we see main_done
  if (stopping.load(std::memory_order_relaxed)) [[unlikely]]
    (void)cancel_next(going_past::nobody);
  if (main_done.load(std::memory_order_acquire)) [[unlikely]] {
    main_done.exchange(true, std::memory_order_acq_rel);   // of two that end at once the later one at this word sees both counts
    check_end();
  }
}

void runtime::check_end() {
  if (!nothing_alive(false)) return;
  std::unique_lock lock(mu);
  if (!nothing_alive(false)) return;     // under mu: no outsider adds a fiber between the look and what follows from it
  if (nothing_alive(true)) return end_run();
  if (std::exchange(daemons_stopped, true)) return;
  lock.unlock();
  stop();
}

void runtime::end_run() {
  if (finished.exchange(true, std::memory_order_seq_cst)) return;
  for (worker* w : idle_workers) {
    w->wake_word.store(1, std::memory_order_release);
    futex_wake(w->wake_word);
  }
  io->interrupt();
}

void runtime::fail(std::exception_ptr e) {
  bool first;
  {
    std::lock_guard lock(mu);
    first = !failure;
    if (first) failure = e;
  }
  worker* const w = this_worker();
  if (fiber* f = w ? static_cast<fiber*>(w->current) : nullptr; first && on_exception && f && f != &w->native) {
    const std::string name = fiber_name(f);
    on_exception(name.empty() ? "fiber " + std::to_string(f->id.load(std::memory_order_relaxed)) : name, e);
  }
  stop();
}

// Cancels every fiber, the youngest first, each when those before it have ended: children often refer to what lives in their parents' frames.
void runtime::stop() {
  if (stopping.exchange(true, std::memory_order_seq_cst)) return;
  heavy_fence();                         // pairs with run_job: a job that begins later sees stopping
  {
    std::lock_guard lock(mu);
    for_each_fiber([&](fiber* f) {
      if (f->in_use.load(std::memory_order_acquire) && f->owner == this)
        to_cancel.push_back({f, f->id.load(std::memory_order_relaxed)});
    });
    std::sort(to_cancel.begin(), to_cancel.end(), [](const doomed& a, const doomed& b) { return a.id < b.id; });
    under_way.reserve(to_cancel.size());
  }
  (void)cancel_next(going_past::nobody);
}

bool runtime::has_ended(const doomed& d) { return !d.what->in_use.load(std::memory_order_acquire) || d.what->id.load(std::memory_order_relaxed) != d.id; }

// Going past all: nobody is active, so those under way wait where no cancel reaches them, for what an older one has.
bool runtime::cancel_next(going_past whom, clock::time_point since) {
  const auto held = hold_stacks();       // the fiber may end between the look at it and the cancelling
  doomed d;
  {
    std::lock_guard lock(mu);
    if (to_cancel.empty()) return false;
    while (!under_way.empty() && has_ended(under_way.back())) under_way.pop_back();
    if (!under_way.empty() && whom != going_past::all && (whom == going_past::nobody || !are_held_up(since))) return false;
    do {
      if (to_cancel.empty()) return false;
      d = to_cancel.back();
      to_cancel.pop_back();
    } while (has_ended(d));
    under_way.push_back(d);
  }
  cancel_fibers(d.what, [](const fiber*) -> fiber* { return nullptr; });
  return true;
}

// Where fibers that are yet to be cancelled never rest, nobody finds the run quiescent. Then one that has been held up since long ago is
// passed over, too: whoever has its mutex, and works on, has had that time to unlock it.
void runtime::cancel_past_held_up(clock::time_point since) {
  while (stopping.load(std::memory_order_relaxed) && cancel_next(going_past::held_up, since)) continue;
}

bool runtime::are_held_up(clock::time_point since) const {
  const park_site* youngest = nullptr;
  for (auto d = under_way.rbegin(); d != under_way.rend(); ++d) {
    if (has_ended(*d)) continue;
    youngest = held_up_at(*d, since);
    if (!youngest) return false;
  }
  return !youngest || youngest->reason != wait_reason::scope_join;   // what the youngest joins has not begun, and ends by itself
}

const park_site* runtime::held_up_at(const doomed& d, clock::time_point since) {
  fiber* const f = d.what;
  if (!f->site.load(std::memory_order_acquire)) return nullptr;
  f->inspected.fetch_add(1, std::memory_order_seq_cst);
  heavy_fence();                         // pairs with leave_park: its waiter stays while we look (park.cpp, I2)
  const park_site* const site = f->site.load(std::memory_order_acquire);
  const bool has_parked = site && !f->on_cpu.load(order_observe);   // until then `since` is of an earlier time
  const bool held_up = has_parked && f->since.load(std::memory_order_relaxed) <= since.time_since_epoch().count() &&
                       is_held_up(*site, f->argument.load(std::memory_order_relaxed));
  f->inspected.fetch_sub(1, std::memory_order_release);
  return held_up ? site : nullptr;
}

// When nobody is active: whether the next is to be cancelled though others are under way. Not while one is in a call that blocks, which
// comes to its end by itself.
bool runtime::cancels_past_parked() const {
  return !to_cancel.empty() && std::none_of(under_way.begin(), under_way.end(), &ends_by_itself);
}

bool runtime::ends_by_itself(const doomed& d) {
  const park_site* const site = d.what->site.load(std::memory_order_acquire);
  return !has_ended(d) && site && site->reason == wait_reason::blocking_call;
}

void runtime::fail_of_deadlock() {
  if (on_deadlock) on_deadlock();
  fail(std::make_exception_ptr(deadlock(inspect_fibers(*this))));
}

// Called by an idle worker when nobody is active. True: something has changed, look again. The lock is held before and after.
bool runtime::quiescent(std::unique_lock<std::mutex>& lock, worker& w) {
  const auto activate = [&] {
    idle_workers.erase(std::find(idle_workers.begin(), idle_workers.end(), &w));
    w.idle = false;
    set_active(active + 1);
    wake_monitor();
  };
  if (global.size() > 0) {
    activate();
    return true;
  }
  const bool goes_on = cancels_past_parked();
  if (!goes_on && (foreign_waits.load(std::memory_order_seq_cst) > 0 || io_waits.load(std::memory_order_seq_cst) > 0 || first_deadline() != no_deadline))
    return false;
  if (poller_worker) {                   // it may hold fibers whose timers it has just run: it will look itself, when it is back
    io->interrupt();
    return false;
  }
  if (!(main_done.load(std::memory_order_acquire) && nothing_alive(true)) && outsider::any()) {   // who may have a fiber in hand
    activate();
    lock.unlock();
    outsider::wait_for_all();
    lock.lock();
    return true;
  }
  if (goes_on) {
    activate();
    lock.unlock();
    (void)cancel_next(going_past::all);
    lock.lock();
    return true;
  }
  if (is_over()) {
    end_run();
    return true;
  }
  activate();                            // since it is to report and to cancel: what that wakes is this worker's to run
  const bool daemons = only_daemons();
  lock.unlock();
  if (daemons) stop();
  else fail_of_deadlock();
  lock.lock();
  return true;
}

// Where nothing can happen any more: whether that is the end. All fibers have ended; or those left are cancelled and still parked, on a mutex
// whose owner is parked, too, and are given up.
bool runtime::is_over() const {
  return stopping.load(std::memory_order_relaxed) || (main_done.load(std::memory_order_acquire) && nothing_alive(true));
}

// True: no outsider adds to the run from now on.
bool runtime::only_daemons() {
  if (main_done.load(std::memory_order_acquire) && nothing_alive(false)) daemons_stopped = true;
  return daemons_stopped;
}

}  // namespace pipes::detail
