// scheduler.cpp: the global queue, waking a worker, a worker's life (finding work, stealing, idling), a run from its beginning to its end.
// Terms and invariants are in scheduler.hpp; a worker's own queue is in worker.cpp.
#include "core/runtime/hot.hpp"

#include <cxxabi.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <stdexcept>
#include <system_error>

#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/futex.hpp"
#include "core/runtime/inspect.hpp"
#include "core/runtime/poller.hpp"
#include "core/runtime/seeded.hpp"
#include "core/runtime/share.hpp"
#include "core/runtime/stack_pool.hpp"

namespace pipes::detail {
namespace {

std::atomic<runtime*> the_runtime{nullptr};

// The ticks are measured by the time since the program began, which mostly is long enough that nobody has to wait for it.
const struct {
  clock::time_point at = clock::now();
  std::uint64_t ticks = cpu_ticks();
} program_began;

std::uint64_t measured_ticks_per_us() {
  static const std::uint64_t rate = [] {
    while (clock::now() - program_began.at < std::chrono::microseconds(50)) cpu_pause();
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(clock::now() - program_began.at).count();
    return std::max<std::uint64_t>(static_cast<std::uint64_t>(static_cast<double>(cpu_ticks() - program_began.ticks) * 1000 / static_cast<double>(ns)), 1);
  }();
  return rate;
}

void ignore_sigpipe() {
  struct sigaction current {};
  if (::sigaction(SIGPIPE, nullptr, &current) == 0 && !(current.sa_flags & SA_SIGINFO) && current.sa_handler == SIG_DFL) {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, nullptr);
  }
}

}  // namespace

[[gnu::visibility("hidden")]] extern thread_local constinit worker_face* thread_worker asm("pipes_thread_worker");
thread_local constinit worker_face* thread_worker = nullptr;

#if !(defined(__x86_64__) && defined(__ELF__))
[[gnu::noinline]] worker_face* this_worker_face() noexcept {
  worker_face* w = thread_worker;
  asm volatile("" : "+r"(w)::"memory");
  return w;
}
#endif

runtime* current_runtime() { return the_runtime.load(std::memory_order_seq_cst); }

std::atomic<unsigned> outsider::turn_{0};
std::atomic<int> outsider::inside_[2] = {};

bool outsider::any() noexcept { return inside_[0].load(std::memory_order_seq_cst) + inside_[1].load(std::memory_order_seq_cst) != 0; }

void outsider::wait_for_all() {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  for (int both = 0; both < 2; ++both) {
    const unsigned old = turn_.fetch_add(1, std::memory_order_seq_cst) & 1;
    while (inside_[old].load(std::memory_order_seq_cst) != 0) std::this_thread::yield();
  }
}

runtime::runtime(const run_options& options)
    : processors(options.seed ? 1 : std::min<std::size_t>(options.processors ? options.processors : available_processors(), max_workers / 2)),
      default_stack(options.stack),
      on_deadlock(options.on_deadlock),
      on_exception(options.on_exception),
      long_slice(measured_ticks_per_us() * 3 / 10),
      ticks_per_us(measured_ticks_per_us()),
      allowed(processors),
      io(std::make_unique<poller>()),
      blocking(std::make_unique<blocking_pool>()),
      seeded(options.seed ? std::make_unique<seeded_mode>(*this, *options.seed) : nullptr) {
  poll_deadline.store(clock::time_point::min().time_since_epoch().count(), std::memory_order_relaxed);
}

runtime::~runtime() = default;

// --- the global queue ---

// Calls add(global), then sees to it that somebody looks.
template <class F>
void runtime::add_global(F add) {
  std::unique_lock lock(mu);
  add(global);
  global_size.store(global.size(), std::memory_order_relaxed);
  worker* woken = claim_worker(lock);
  lock.unlock();
  if (woken) start_worker(woken);
  else if (seeded) io->interrupt();
}

void runtime::push_global(runnable r) {
  add_global([&](global_queue& q) { q.add(r); });
}

void runtime::push_global(runnable_list& list) {
  if (list.size() > 0) add_global([&](global_queue& q) { q.append(list); });
}

bool runtime::push_foreign(task* t) {
  bool refused = false;
  add_global([&](global_queue& q) {
    refused = daemons_stopped || finished.load(std::memory_order_relaxed);
    if (refused) return;
    (t->extra && t->extra->daemon ? foreign_daemons : foreign_spawned).fetch_add(1, std::memory_order_acq_rel);
    q.add(runnable{nullptr, t});
  });
  return !refused;
}

// The worker's share of the global queue, `most` at most: one to run, the others go to its own queue.
runnable runtime::take_global(worker& w, std::size_t most) {
  runnable_list taken;
  {
    std::lock_guard lock(mu);
    global.take(std::min(most, global.size() / std::max<std::size_t>(active, 1) + 1), taken);
    global_size.store(global.size(), std::memory_order_relaxed);
  }
  runnable chosen = taken.take();
  if (taken.size() > 0) queue_all(w, taken);
  return chosen;
}

// Into w's own queue, which is the caller's; what finds no room goes to the global one.
void runtime::queue_all(worker& w, runnable_list& list) {
  runnable_list rest;
  w.queue_lock.lock_own();
  w.append_ready(list.fibers);
  while (task* t = list.tasks.take())
    if (!w.push_fresh(t)) rest.tasks.add(t);
  w.queue_lock.unlock_own();
  push_global(rest);
}

// --- waking ---

void runtime::set_active(std::size_t n) {
  if (active == 0 && n > 0) outlive_together();
  active = n;
  spare.store(n < allowed ? allowed - n : 0, std::memory_order_relaxed);
}

void runtime::set_allowed(std::size_t n) {
  allowed = n;
  set_active(active);
}

worker* runtime::add_worker() {
  const std::size_t index = worker_count.load(std::memory_order_relaxed);
  if (index == max_workers) return nullptr;
  idle_workers.reserve(index + 1);       // who falls asleep needs no memory
  owned.push_back(std::make_unique<worker>(*this, index));
  worker* w = owned.back().get();
  workers[index].store(w, std::memory_order_release);
  worker_count.store(index + 1, std::memory_order_release);
  return w;
}

// Makes one more worker active; null when there are enough. The caller drops mu and then calls start_worker.
worker* runtime::claim_worker(std::unique_lock<std::mutex>&) {
  if (active >= allowed || finished.load(std::memory_order_relaxed)) return nullptr;
  worker* w = nullptr;
  if (!idle_workers.empty()) {
    auto at = idle_workers.end() - 1;
    if (*at == poller_worker && idle_workers.size() > 1) --at;   // the one in epoll_wait goes last
    w = *at;
    idle_workers.erase(at);
    w->idle = false;
  } else if (!unstarted.empty()) {
    w = unstarted.back();
    unstarted.pop_back();
  } else {
    try {
      unstarted.reserve(owned.size() + 1);
      w = add_worker();
    } catch (const std::bad_alloc&) {
    }
    if (!w) return nullptr;              // those that there are go on without it
  }
  set_active(active + 1);
  return w;
}

void runtime::wake_monitor() {
  int asleep = 0;
  if (monitor_word.compare_exchange_strong(asleep, 1, std::memory_order_acq_rel)) futex_wake(monitor_word);
}

void runtime::start_worker(worker* w) {
  wake_monitor();
  if (w->index != 0 && !w->started.exchange(true, std::memory_order_acq_rel)) {
    try {
      w->thread = std::thread([this, w] { work(*w); });
    } catch (const std::exception&) {    // no memory, or no more threads allowed
      put_back_unstarted(w);
    }
    return;
  }
  w->wake_word.store(1, std::memory_order_release);
  futex_wake(w->wake_word);
  if (w->polling.load(std::memory_order_acquire)) io->interrupt();
}

void runtime::put_back_unstarted(worker* w) {
  w->started.store(false, std::memory_order_relaxed);
  {
    std::lock_guard lock(mu);
    unstarted.push_back(w);
    set_active(active - 1);
    // That was perhaps the last one active: whoever is idle must look whether there is work, or all is over.
    if (!idle_workers.empty()) {
      idle_workers.front()->wake_word.store(1, std::memory_order_release);
      futex_wake(idle_workers.front()->wake_word);
    }
  }
  io->interrupt();
}

void runtime::wake_one() {
  std::unique_lock lock(mu);
  worker* w = claim_worker(lock);
  lock.unlock();
  if (w) start_worker(w);
}

void share_queue() {
  worker* const w = this_worker();
  if (!w || w->queued() == 0) return;
  runtime& rt = *w->owner.operator->();
  if (rt.spare.load(std::memory_order_relaxed) > 0 && rt.searchers.load(std::memory_order_relaxed) == 0) rt.wake_one();
}

// --- a worker's life ---

void runtime::work(worker& w) {
  thread_worker = &w;
  const alternate_stack for_faults;
  w.thread_id.store(current_thread_id(), std::memory_order_release);
  w.exceptions = reinterpret_cast<exception_state*>(abi::__cxa_get_globals());
  w.native.sanitizer.adopt_thread();
  w.current = &w.native;
  w.round_began = cpu_ticks();
  w.round_picks = worker::round;
  w.coarse_now = clock::now().time_since_epoch().count();
  while (runnable r = find_work(w)) {
    try {
      if (r.fresh) r = {bind(w, r.fresh), nullptr};
    } catch (const std::bad_alloc&) {
      fail(std::make_exception_ptr(std::runtime_error("pipe: no memory for the stack of another fiber (ulimit -v, or the system's vm.overcommit_memory and vm.max_map_count, set how much there is)")));
      discard(w, r.fresh);
      continue;
    }
    for (int spins = 0; r.resumed->on_cpu.load(order_observe); ++spins) {
      if (spins < 200) cpu_pause();
      else std::this_thread::yield();
    }
    switch_to(&w, &w.native, r.resumed);
  }
  thread_worker = nullptr;
}

void runtime::drain(worker& w) {
  runnable_list all;
  w.queue_lock.lock_own();
  w.give_half(all, true);
  w.queue_lock.unlock_own();
  push_global(all);
}

runnable runtime::find_work(worker& w) {
  if (seeded) return find_seeded(w);
  while (true) {
    if (runnable r = std::exchange(w.pending, runnable{})) return r;
    if (finished.load(std::memory_order_acquire)) return {};
    if (w.detached.load(std::memory_order_relaxed)) {
      drain(w);
      if (!go_idle(w)) return {};
      continue;
    }
    if (std::exchange(w.retires, false)) {
      drain(w);
      if (!go_idle(w, true)) return {};
      continue;
    }
    if (runnable r = w.pick()) return r;
    const auto now = clock::now();
    w.coarse_now = now.time_since_epoch().count();
    run_timers(w, now);                  // before the global queue: that may hold long computations
    if (w.queued() > 0) continue;
    judge_subtree(w);
    if (global_size.load(std::memory_order_relaxed) > 0) {
      if (runnable r = take_global(w, 128)) {
        if (r.fresh && subtree_given.exchange(false, std::memory_order_relaxed)) w.subtree_began = cpu_ticks();
        return r;
      }
    }
    if (io_waits.load(std::memory_order_relaxed) > 0) io->poll_now(w);
    if (w.queued() > 0) continue;
    if (search(w)) continue;
    w.give_stacks_back();
    if (!go_idle(w)) return {};
    w.round_began = cpu_ticks();
  }
}

// This worker has run out of work. If the subtree that it was given was not worth the wake-up, the next one has to wait for twice as long.
void runtime::judge_subtree(worker& w) {
  constexpr std::uint32_t worth = 50, longest = 20'000;   // us
  if (w.subtree_began == 0) return;
  const std::uint64_t took = cpu_ticks() - std::exchange(w.subtree_began, 0);
  const std::uint32_t patience = subtree_patience.load(std::memory_order_relaxed);
  subtree_patience.store(took > worth * ticks_per_us ? least_patience : std::min(2 * patience, longest), std::memory_order_relaxed);
}

// Of all workers: the others may be busy.
void runtime::run_timers(worker& w, clock::time_point now) {
  const std::size_t count = worker_count.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < count; ++i) {
    if (!workers[i].load(std::memory_order_acquire)->timers.run_due(now, w.due)) continue;
    w.queue_lock.lock_own();
    w.push_due();
    w.queue_lock.unlock_own();
  }
}

bool runtime::steal_by_force(worker& thief, worker& victim, bool all) {
  if (!victim.queue_lock.try_lock_other()) return false;
  runnable_list taken;
  victim.give_half(taken, all);
  victim.queue_lock.unlock_other();
  if (taken.size() == 0) return false;
  ++thief.moves;
  queue_all(thief, taken);
  return true;
}

namespace {

// Another worker, as one that searches sees it.
struct suspect {
  std::uint64_t picks = 0;
  std::uint64_t since = 0;               // it has made no pick since then
  std::uint64_t looked = 0;              // at its queue; 0: not yet
  std::uint32_t fresh_last = 0;          // at that look

  void moved(std::uint64_t picks_now, std::uint64_t now) { *this = {picks_now, now, 0, 0}; }

  // It stands still: no pick for 5 us, and two looks at its queue, 2 us apart, show that it does not spawn either. Its queue is looked at
  // seldom, since that takes the cache lines away which a spawner writes to.
  bool stands_still(const worker& w, std::uint64_t now, std::uint64_t us) {
    const std::uint64_t picks_now = w.picks.load(std::memory_order_relaxed);
    if (picks_now != picks) {
      moved(picks_now, now);
      return false;
    }
    if (now - since <= 5 * us || now - looked <= 2 * us) return false;
    const bool first_look = std::exchange(looked, now) == 0;
    const std::uint32_t last = w.fresh_last;
    const bool spawns = std::exchange(fresh_last, last) != last;
    return !first_look && !spawns;
  }
};

}  // namespace

// For some 20 microseconds, one worker at a time: is anybody's queue worth a steal? True: there is something to pick.
bool runtime::search(worker& w) {
  const std::size_t count = worker_count.load(std::memory_order_acquire);
  if (active <= 1) return false;   // nobody else is active: all other queues are empty
  if (searchers.exchange(1, std::memory_order_acquire) != 0) return false;
  constexpr std::size_t watched = 64;
  suspect seen[watched];
  const std::uint64_t begin = cpu_ticks();
  bool found = false;
  for (std::size_t i = 0; i < std::min(count, watched); ++i)
    seen[i].moved(workers[i].load(std::memory_order_acquire)->picks.load(std::memory_order_relaxed), begin);
  hungry.store(true, std::memory_order_relaxed);
  while (!found) {
    const std::uint64_t now = cpu_ticks();
    if (global_size.load(std::memory_order_relaxed) > 0 || finished.load(std::memory_order_relaxed)) found = true;
    for (std::size_t i = 0; i < std::min(count, watched) && !found; ++i) {
      worker& victim = *workers[i].load(std::memory_order_acquire);
      if (&victim == &w || !seen[i].stands_still(victim, now, ticks_per_us) || victim.queued() == 0) continue;
      found = steal_by_force(w, victim, false);
      seen[i].moved(seen[i].picks, now);
    }
    if (now - begin > 20 * ticks_per_us) break;
    for (int i = 0; i < 4; ++i) cpu_pause();
  }
  hungry.store(false, std::memory_order_relaxed);
  searchers.store(0, std::memory_order_release);
  if (!found) return false;
  // Where there was something there may be more: another worker searches while this one works.
  if (spare.load(std::memory_order_relaxed) > 0)
    for (std::size_t i = 0; i < count; ++i)
      if (workers[i].load(std::memory_order_acquire)->queued() > 1) {
        wake_one();
        break;
      }
  return true;
}

// Sleeps until somebody makes this worker active again. False: the run is over.
bool runtime::go_idle(worker& w, bool retires) {
  std::unique_lock lock(mu);
  if (w.detached.load(std::memory_order_relaxed)) {
    w.detached.store(false, std::memory_order_relaxed);
    --detached_count;
    if (active < allowed) {
      set_active(active + 1);
      return true;
    }
  } else {
    if (global.size() > 0 && !(retires && active > 1)) return true;
    set_active(active - 1);
  }
  if (finished.load(std::memory_order_relaxed)) return false;
  w.idle = true;
  w.wake_word.store(0, std::memory_order_relaxed);
  idle_workers.push_back(&w);
  while (w.idle && !finished.load(std::memory_order_relaxed)) {
    if (active == 0 && detached_count == 0 && quiescent(lock, w)) break;
    w.wake_word.store(0, std::memory_order_relaxed);   // still idle, so a 1 there is the late one of an earlier wake-up
    if (poller_worker || active >= allowed) {   // somebody polls already, or enough are active and poll as they pass by
      lock.unlock();
      futex_wait(w.wake_word, 0);
      lock.lock();
    } else {
      poll_for_all(lock, w);
    }
  }
  return !finished.load(std::memory_order_relaxed);
}

// The one idle worker that sleeps in the poller, until the first deadline of all heaps.
void runtime::poll_for_all(std::unique_lock<std::mutex>& lock, worker& w) {
  poller_worker = &w;
  w.polling.store(true, std::memory_order_release);
  lock.unlock();
  poll_deadline.store(no_deadline.time_since_epoch().count(), std::memory_order_seq_cst);
  const auto deadline = first_deadline();
  poll_deadline.store(deadline.time_since_epoch().count(), std::memory_order_seq_cst);
  if (w.wake_word.load(std::memory_order_acquire) == 0 && !finished.load(std::memory_order_acquire)) io->wait(deadline, w.due);
  poll_deadline.store(clock::time_point::min().time_since_epoch().count(), std::memory_order_relaxed);
  const auto now = clock::now();
  w.coarse_now = now.time_since_epoch().count();
  const std::size_t count = worker_count.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < count; ++i) workers[i].load(std::memory_order_acquire)->timers.run_due(now, w.due);
  lock.lock();
  poller_worker = nullptr;
  w.polling.store(false, std::memory_order_relaxed);
  if (w.idle && w.due.size > 0 && active < allowed) {
    idle_workers.erase(std::find(idle_workers.begin(), idle_workers.end(), &w));
    w.idle = false;
    set_active(active + 1);
    wake_monitor();
  }
  while (fiber* f = w.due.take()) global.add(runnable{f, nullptr});
  global_size.store(global.size(), std::memory_order_relaxed);
}

clock::time_point runtime::first_deadline() const {
  auto first = no_deadline;
  const std::size_t count = worker_count.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < count; ++i) first = std::min(first, workers[i].load(std::memory_order_acquire)->timers.next());
  return first;
}

// --- a run ---

void runtime::start_monitor() {
  monitor_word.store(1, std::memory_order_relaxed);
  // No std::thread: its thread would free what it was handed, and the allocator first give it a heap of its own.
  const auto entry = [](void* r) noexcept -> void* {
    static_cast<runtime*>(r)->monitor();
    return nullptr;
  };
  if (const int error = pthread_create(&monitor_thread, nullptr, entry, this))
    throw std::system_error(error, std::generic_category(), "pipe: no thread could be started (memory, or ulimit -u)");
}

void runtime::stop_monitor() {
  monitor_word.store(2, std::memory_order_release);
  futex_wake(monitor_word);
  pthread_join(monitor_thread, nullptr);
}

std::exception_ptr runtime::run_main(owned_task main) {
  // What may fail comes before the run can be found; so does the first worker, which is to be this thread: an outsider that starts a fiber
  // would claim it.
  worker* const first = add_worker();
  set_active(1);
  first->spawned.store(1, std::memory_order_relaxed);
  if (!seeded) start_monitor();          // with a seed there is none: how long a fiber computes must change nothing
  the_runtime.store(this, std::memory_order_seq_cst);
  if (seeded) {
    seeded->start(*first);
    seeded->add(main.release());
  } else {
    first->queue_lock.lock_own();
    first->push_fresh(main.release());
    first->queue_lock.unlock_own();
  }
  work(*first);
  if (!seeded) stop_monitor();
  outsider::wait_for_all();              // whoever was starting a worker has done so
  if (dump_thread.joinable()) dump_thread.join();
  blocking->join();
  for (auto& w : owned)
    if (w->thread.joinable()) w->thread.join();
  for_each_fiber([&](fiber* f) {
    if (f->in_use.load(std::memory_order_acquire) && f->owner == this) abandon(f);
  });
  the_runtime.store(nullptr, std::memory_order_seq_cst);
  outsider::wait_for_all();              // nobody arms a timer any more
  for (auto& w : owned) w->timers.abandon();
  outsider::wait_for_all();              // nobody is in a heap to disarm one
  return failure;
}

void run_main(const run_options& options, task* main) {
  owned_task body(main);
  if (this_worker()) throw std::logic_error("pipes::run: called from a fiber");
  static std::atomic<bool> in_progress{false};
  if (in_progress.exchange(true, std::memory_order_acquire)) throw std::logic_error("pipes::run: a run is in progress already");
  struct at_end {
    ~at_end() { in_progress.store(false, std::memory_order_release); }
  } end;
  init_asymmetric_fences();
  ignore_sigpipe();
  install_fault_handler(options.stack_overflow_status);
  std::exception_ptr failure;
  {
    runtime rt(options);
    quit_handler quit(options.dump_on_sigquit);
    owned_task wrapped(make_task([&rt, body = std::move(body)]() mutable {
      struct main_ends {
        runtime& rt;
        ~main_ends() {
          rt.main_done.store(true, std::memory_order_release);
          heavy_fence();                 // pairs with finished_fiber
        }
      } ends{rt};
      task* const t = body.release();
      t->invoke(t);
    }));
    wrapped->extra = new go_extra{"main", 0, false, nullptr, false};
    failure = rt.run_main(std::move(wrapped));
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace pipes::detail
