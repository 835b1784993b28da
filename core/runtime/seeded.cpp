// seeded.cpp: the deterministic mode; the invariants are in seeded.hpp.
#include "core/runtime/seeded.hpp"

#include <algorithm>

#include "core/runtime/hot.hpp"
#include "core/runtime/poller.hpp"

namespace pipes {
namespace detail {

std::atomic<std::uint32_t> detour{0};

namespace {

using namespace std::chrono_literals;

// Read by every thread that asks for the time; written by the run's thread alone. 0: no run with a seed.
std::atomic<clock::rep> virtual_now{0};
constexpr clock::rep first_moment = clock::duration(1000s).count();

constexpr std::uint64_t picks_between_looks = 1024, picks_until_held_up = 128 * picks_between_looks;
// A blocking call that lasts longer is taken whenever it ends; a silence outside that lasts longer lets time pass. It is far above what a
// busy machine adds to either.
constexpr auto patience = 3s;

std::uint64_t mixed(std::uint64_t x) {   // neighbouring seeds must not begin alike
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  x ^= x >> 31;
  return x ? x : 1;
}

// By a fiber's id, which says what began first. Tasks have none yet: they come last, in their order.
std::uint64_t order_of(const runnable& r) { return r.resumed ? r.resumed->id.load(std::memory_order_relaxed) : UINT64_MAX; }

}  // namespace

seeded_mode::seeded_mode(runtime& rt, std::uint64_t seed) : rt_(rt), seed_(seed) {
  constexpr std::uint32_t rates[] = {0, 16, 64, 160};
  yielding_ = rates[mixed(~seed) % 4];
}

seeded_mode::~seeded_mode() {
  virtual_now.store(0, std::memory_order_relaxed);
  detour.store(0, std::memory_order_relaxed);
}

void seeded_mode::start(worker& w) {
  w.random = mixed(seed_);
  w.fresh_room = 0;                    // spawn() comes to add()
  rt_.hungry.store(true, std::memory_order_relaxed);   // every pick comes to pick()
  virtual_now.store(first_moment, std::memory_order_relaxed);
  detour.store(UINT32_MAX, std::memory_order_relaxed);
}

void seeded_mode::collect(worker& w) {
  w.queue_lock.lock_own();
  if (fiber* f = w.next) {
    w.next = nullptr;
    candidates_.push_back({f, nullptr});
  }
  while (runnable r = w.take_ready()) candidates_.push_back(r);
  w.queue_lock.unlock_own();
}

runnable seeded_mode::pick(worker& w) {
  if (++picks_ % picks_between_looks == 0) {
    look_outside(w);
    if (picks_ % picks_until_held_up == 0) rt_.cancel_past_held_up(clock::time_point::max());   // no time passes
  }
  while (true) {
    collect(w);
    const auto now = clock::now();
    const std::size_t ready = candidates_.size();
    const std::size_t all = ready + (w.timers.next() <= now ? 1 : 0);
    if (all == 0) return {};
    const std::size_t chosen = w.below(static_cast<std::uint32_t>(all));
    if (chosen < ready) {
      const runnable r = candidates_[chosen];
      candidates_[chosen] = candidates_.back();
      candidates_.pop_back();
      return r;
    }
    w.timers.run_one_due(now, w, w.due);
    while (fiber* f = w.due.take()) candidates_.push_back({f, nullptr});
  }
}

void seeded_mode::call_begins(fiber* f) { calls_.push_back({f, real::now(), false}); }

void seeded_mode::call_ends(fiber* f) {
  std::erase_if(calls_, [&](const call& c) { return c.parked == f; });
}

void seeded_mode::drain_global() {
  std::lock_guard lock(rt_.mu);
  runnable_list all;
  while (rt_.global.size() > 0) rt_.global.take(rt_.global.size(), all);
  while (const runnable r = all.take()) {
    arrived_.push_back(r);
    for (call& c : calls_)
      if (c.parked == r.resumed) c.done = true;
  }
  rt_.global_size.store(0, std::memory_order_relaxed);
}

void seeded_mode::look_outside(worker& w) {
  if (rt_.dump_wanted.load(std::memory_order_relaxed)) rt_.start_dump();
  if (rt_.io_waits.load(std::memory_order_relaxed) > 0) rt_.io->wait(clock::now(), w.due);
  while (true) {
    drain_global();
    const auto now = real::now();
    auto longest = clock::duration::zero();   // until the last of the awaited calls is given up
    for (const call& c : calls_)
      if (!c.done) longest = std::max<clock::duration>(longest, c.begun + patience - now);
    if (longest <= clock::duration::zero()) break;
    rt_.io->wait(clock::now() + longest, w.due);
  }
  while (fiber* f = w.due.take()) arrived_.push_back({f, nullptr});
  std::stable_sort(arrived_.begin(), arrived_.end(), [](const runnable& a, const runnable& b) { return order_of(a) < order_of(b); });
  candidates_.insert(candidates_.end(), arrived_.begin(), arrived_.end());
  arrived_.clear();
}

void seeded_mode::advance(worker& w, clock::time_point to) {
  const clock::rep then = std::max(to.time_since_epoch().count(), virtual_now.load(std::memory_order_relaxed));
  virtual_now.store(then, std::memory_order_relaxed);
  w.coarse_now = then;
}

bool seeded_mode::wait(worker& w) {
  look_outside(w);
  if (!candidates_.empty()) return true;
  if (rt_.stopping.load(std::memory_order_relaxed)) {
    std::lock_guard lock(rt_.mu);
    if (rt_.cancels_past_parked()) return false;
  }
  constexpr auto never = clock::time_point::max();
  const auto first = w.timers.next();
  if (rt_.foreign_waits.load(std::memory_order_relaxed) + rt_.io_waits.load(std::memory_order_relaxed) > 0) {
    const auto until = first == never ? never : real::now() + std::max<clock::duration>(first - clock::now(), patience);
    while (candidates_.empty()) {
      const auto left = until == never ? clock::duration::max() : until - real::now();
      if (left <= clock::duration::zero()) break;
      rt_.io->wait(until == never ? never : clock::now() + left, w.due);
      look_outside(w);
    }
    if (!candidates_.empty()) return true;
  }
  if (first >= end_of_time) return false;   // no timer, or one for ever, which must not fire at once
  advance(w, first);
  return true;
}

void give_way() {
  worker* w = this_worker();
  if (!w) return;
  fiber* self = w->current;
  seeded_mode* mode = w->owner->seeded.get();
  if (!mode || self == &w->native || !mode->gives_way(*w)) return;
  w->queue_lock.lock_own();
  w->push_ready(self);
  w->queue_lock.unlock_own();
  switch_away(w, self, w->destination(w->pick()));
}

// --- the runtime's side ---

runnable runtime::find_seeded(worker& w) {
  while (true) {
    if (runnable r = std::exchange(w.pending, runnable{})) return r;
    if (finished.load(std::memory_order_acquire)) return {};
    if (runnable r = w.pick()) return r;
    if (!seeded->wait(w)) stand_still();
  }
}

// Nothing can happen any more: the end, or a deadlock; see quiescent(). Cancelling makes something happen again.
void runtime::stand_still() {
  if (outsider::any()) outsider::wait_for_all();   // it may have a fiber in hand
  std::unique_lock lock(mu);
  if (global.size() > 0) return;         // an outsider's, since the last look
  const bool more = !to_cancel.empty();
  if (!more && is_over()) return end_run();
  const bool daemons = !more && only_daemons();
  lock.unlock();
  if (more) (void)cancel_next(going_past::all);
  else if (daemons) stop();
  else fail_of_deadlock();
}

}  // namespace detail

clock::time_point clock::now() noexcept {
  const rep seeded = detail::virtual_now.load(std::memory_order_relaxed);
  if (seeded != 0) [[unlikely]]
    return time_point(duration(seeded));
  return std::chrono::steady_clock::now();
}

}  // namespace pipes
