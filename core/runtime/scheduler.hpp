// scheduler.hpp: fibers on workers (threads), at most `processors` of them active at a time.
//
// Terms. A worker is a thread with a run queue; it is active (looks for work or runs a fiber), detached (its fiber has
// computed for 10 ms or blocked for 2: the monitor took its queue away and let another worker be active in its place) or
// idle. The native context is the thread's own stack: it looks for work and sleeps; between fibers, a switch goes
// straight from the one that parks to the next.
//
// A worker's queue, in the order in which pick() takes from it:
//   next     the fiber made ready last by the running one: a hand-over, nobody else takes it while the worker moves on
//   ready    linked list, first in first out: woken, yielded
//   fresh    ring of tasks that have no stack yet, last in first out: depth first keeps few stacks alive
// Every 64th pick looks elsewhere first: the global queue, due timers, the poller, the far ends of its own queue; sooner where
// slices are long, so that half a millisecond passes at most between two looks. Fibers whose timers are due go to the front of
// the ready list: their time has come already. The hot functions are in hot.hpp.
//   I1  the queue is touched under queue_lock alone; the owner takes that with plain stores.
//   I2  a worker in the idle list has an empty queue; only the owner adds to a queue.
//   I3  a fiber is in at most one queue; a task in at most one.
//   I4  active + idle + detached + unstarted = all workers, under mu.
//   I5  nothing can happen any more (deadlock, or the end) when active = detached = 0, the global queue is empty and
//       no timer, descriptor, blocking call or foreign waiter is pending: each of these is counted out by its fiber itself, once
//       it runs again.
//   I6  a thread that is none of the run's (it closes a channel, sets an event, starts a fiber, takes SIGQUIT) touches the run as
//       an `outsider` alone. What it wakes may end the run at once: the end waits for the outsiders of that moment, once when nobody
//       can begin a thread any more (`finished`, under mu) and once when nobody can find the run any more. Nor are fibers given up,
//       or a deadlock found, while an outsider may have one of them in hand.
// Stealing must pay: slices under 300 ns stay home (their cache lines cost more than they do). A worker that searches
// raises hungry; one whose slices are long then gives half of its queue to the global one. If a victim has not come
// by for 5 us, nor spawns, the thief takes the half by force, which costs a membarrier. Of a tree that is spawned depth first the oldest
// task goes however short the slices are: take_subtree.
// Where fibers on two workers do little but exchange values, one of the workers may retire for a while: together.cpp.
// Lock order: mu -> a worker's queue_lock; timer heaps before neither. Channel locks are never held here.
#pragma once
#include <pthread.h>

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/runtime/biased_lock.hpp"
#include "core/runtime/runnable.hpp"
#include "core/runtime/stack_pool.hpp"
#include "core/runtime/timer.hpp"
#include "pipe/runtime/run.hpp"

namespace pipes::detail {

inline constexpr auto no_deadline = clock::time_point::max();

struct poller;
struct blocking_pool;
class seeded_mode;

struct task_discarder {
  void operator()(task* t) const { discard_task(t); }
};
using owned_task = std::unique_ptr<task, task_discarder>;   // until a queue has it

struct worker : worker_face {
  static constexpr std::uint32_t fresh_capacity = 256;   // power of two
  static constexpr std::uint32_t crowd = 64;             // a ready list longer than this is prefetched
  static constexpr std::uint32_t flock = 128;            // of the waiters of a closed channel so many are woken at a time
  static constexpr std::uint32_t round = 64;             // picks between two looks elsewhere

  explicit worker(runtime& r, std::size_t index);
  ~worker();

  // the running context; confined to this thread
  relaxed<fiber*> current;
  relaxed<fiber*> previous;            // left by the last switch, its on_cpu not cleared yet
  relaxed<exception_state*> exceptions;
  relaxed<clock::rep> coarse_now;
  clock::rep more_leases_at = 0;       // no new ones before; see take_lease

  // the queue; guarded by queue_lock
  biased_lock queue_lock;
  relaxed<fiber*> next;
  relaxed<fiber*> head;
  relaxed<fiber*> tail;
  relaxed<std::uint32_t> fresh_first;  // oldest; fresh[i % capacity] for i in [first, last)
  relaxed<std::uint32_t> fresh_last;
  relaxed<std::uint32_t> fresh_room = fresh_capacity;   // 0 in a run with a seed, which keeps its tasks elsewhere
  relaxed<std::uint32_t> fresh_credit; // so many picks take fresh tasks first: a spawner waits for room
  relaxed<std::uint32_t> list_length;
  relaxed<std::uint32_t> oldest_seen;  // fresh_first of a look: the oldest since oldest_since, if
  relaxed<bool> oldest_stays;          // the ring has not been empty since
  relaxed<std::uint64_t> oldest_since; // of ran_ticks
  std::uint32_t late_taken = 0;        // so many have been taken because they were late, since the ring was empty
  relaxed<task*> fresh[fresh_capacity];

  // read by thieves and the monitor
  std::atomic<std::uint64_t> picks{0};
  relaxed<std::uint64_t> slice_ticks;  // average length of a slice, CPU ticks
  relaxed<std::uint64_t> round_began;
  relaxed<std::uint64_t> round_picks;  // how many picks this round lasts: fewer where slices are long
  std::uint64_t ran_ticks = 0;         // confined: how long it has run, but for most of what others took of its CPU
  std::uint32_t looks = 0;             // confined
  std::uint32_t turns = 0;             // confined: looks that chose who runs next
  bool in_usual_order = false;         // confined: the last look left that to pick_own()
  std::uint64_t subtree_began = 0;     // confined; CPU ticks; 0: what this worker runs is nobody's subtree
  bool retires = false;                // confined; see together.cpp, like what follows
  std::uint64_t shared_uses = 0;       // confined; in this window of time: of locks that other workers use too
  std::uint32_t moves = 0;             // confined; likewise: how often it gave half of its queue away, or took half of another's
  relaxed<std::uint64_t> done_seen;    // uses of locks and picks, at the last look
  struct reading {
    std::uint64_t done = 0;
    std::uint64_t ticks = 0;
  };
  reading window_began;                // confined; what all workers had done
  relaxed<std::uint64_t> random;       // xorshift state; confined

  // caches; confined
  stack_class& default_stacks;         // the process's; those of the default size
  stack_magazine* stacks;              // of the default size: those that it works with,
  stack_magazine* more_stacks;         // and a full or an empty one
  stack_group new_stacks;
  relaxed<task*> free_tasks;
  relaxed<std::uint32_t> free_task_count;
  relaxed<std::uint64_t> next_id;      // of its present block of ids, which ends before ids_end
  relaxed<std::uint64_t> ids_end;
  relaxed<task*> full_magazine;        // see park.cpp
  relaxed<runtime*> owner;
  runnable pending;                    // chosen, but its context was still being saved
  fiber_chain due;                     // woken by timers and descriptors, on the way to a queue

  timer_heap timers;
  fiber native;

  // counters, written by the owner alone, summed by others
  std::atomic<std::uint64_t> spawned{0};
  std::atomic<std::uint64_t> finished{0};
  std::atomic<std::uint64_t> daemons_spawned{0};
  std::atomic<std::uint64_t> daemons_finished{0};

  // idling; guarded by runtime::mu
  bool idle = false;
  std::atomic<bool> polling{false};
  std::atomic<bool> started{false};
  std::atomic<bool> detached{false};
  std::atomic<int> wake_word{0};
  std::uint64_t seen_picks = 0;        // the monitor's alone
  std::uint64_t glimpsed_picks = 0;
  clock::time_point stuck_since{};     // when seen_picks was seen first, with
  std::int64_t seen_cpu_time = 0;      // ns
  std::int64_t last_cpu_time = 0;
  std::atomic<int> thread_id{0};       // of the system; set when the thread begins
  const std::size_t index;
  std::thread thread;

  std::uint32_t below(std::uint32_t n);   // drawn uniformly

  std::uint32_t queued() const { return list_length + (fresh_last - fresh_first) + (next ? 1u : 0u); }

  // under queue_lock
  void push_ready(fiber* f);
  void push_due();                     // all of `due`, before what is ready; empties it
  void append_ready(const fiber_chain& chain);
  void push_next(fiber* f);
  bool push_fresh(task* t);            // false: full
  runnable take_ready();
  runnable take_fresh_newest();
  runnable take_fresh_oldest();
  runnable take_late_fresh();          // the oldest, if it has waited for long
  task* take_subtree(std::chrono::microseconds patience);
  void give_half(runnable_list& to, bool all);

  // without it
  runnable pick();
  fiber* destination(runnable r);      // where to switch to for what was picked
  fiber* successor();                  // both in one for a fiber that parks; perhaps back to itself
  fiber* successor_of_yield(fiber* self);   // which becomes ready, behind all that are
  void give_stacks_back();             // but for some: the pool trims what lies idle

 private:
  static void prefetch_crowd(const fiber* f);
  bool count_pick();                   // true: look elsewhere first
  runnable pick_after_look();
  runnable pick_own();
  fiber* successor_after_look();
  fiber* successor_in_queue();
  fiber* give_turn(fiber* self, bool look);
  bool oldest_is_late(std::chrono::microseconds patience);
  runnable pick_elsewhere(std::uint64_t n, bool& leave);
  std::uint64_t end_round(std::uint64_t n, std::uint64_t now);
  void look_at_timers_and_descriptors();
  bool give_away(bool look);
  runnable pick_in_turn(bool global_too);
};

struct runtime {
  explicit runtime(const run_options& options);
  ~runtime();

  std::exception_ptr run_main(owned_task main);

  // from anywhere
  void push_global(runnable r);
  void push_global(runnable_list& list);
  bool push_foreign(task* t);            // an outsider's; false: the run is over
  void wake_one();                       // if fewer than `allowed` are active
  void fail(std::exception_ptr e);       // the first one ends the run
  void stop();                           // cancels every fiber, in turn

  // worker side
  void work(worker& w);                  // the native context's loop
  void finished_fiber(worker& w, bool daemon);
  void run_timers(worker& w, clock::time_point now);
  runnable take_global(worker& w, std::size_t most);
  bool nothing_alive(bool daemons_too) const;
  fiber* bind(worker& w, task* t);       // gives a task a stack; throws std::bad_alloc
  void discard(worker& w, task* t);
  void check_end();

  void request_dump();                   // async-signal-safe

  // constant
  const std::size_t processors;
  const std::size_t default_stack;
  const std::function<void()> on_deadlock;
  const std::function<void(const std::string&, std::exception_ptr)> on_exception;
  std::uint64_t long_slice;              // CPU ticks: from here on stealing pays
  std::uint64_t ticks_per_us;

  // guarded by mu
  std::mutex mu;
  global_queue global;
  relaxed<std::size_t> active = 0;       // read without it by who looks for work
  std::size_t allowed;                   // so many may be active: processors, or in a time together one fewer
  std::size_t detached_count = 0;
  std::vector<worker*> idle_workers;
  std::vector<worker*> unstarted;               // the system had no thread for them; room for all is reserved
  worker* poller_worker = nullptr;
  std::vector<std::unique_ptr<worker>> owned;
  std::exception_ptr failure;
  struct {                               // see together.cpp; in CPU ticks
    std::uint64_t lasts = 0;             // the present time together, or the last one; 0: it was in vain
    std::uint64_t ended = 0;
    std::uint64_t apart_rate = 0;        // what all workers did before it, per 2^20 ticks
    std::uint64_t apart_until = 0;       // until then nobody tries again
    bool broken = false;                 // the last one: nothing was learnt
    worker::reading began;
    worker::reading watched;             // the monitor's last look
  } trial;
  bool daemons_stopped = false;          // nothing else is left: no outsider adds to the run any more
  struct doomed {
    fiber* what = nullptr;
    std::uint64_t id = 0;
  };
  std::vector<doomed> to_cancel;         // once stopping; the next one last
  std::vector<doomed> under_way;         // of these, cancelled and not known to have ended; room for all is reserved

  // atomic
  static constexpr std::size_t max_workers = 1024;
  std::atomic<worker*> workers[max_workers] = {};   // grows only
  std::atomic<std::size_t> worker_count{0};
  std::atomic<std::size_t> global_size{0};
  std::atomic<std::size_t> spare{0};            // allowed - active: so many more workers may become active
  std::atomic<int> searchers{0};
  std::atomic<bool> hungry{false};
  static constexpr std::uint32_t least_patience = 100;
  std::atomic<std::uint32_t> subtree_patience{least_patience};   // us; see worker::take_subtree
  std::atomic<bool> subtree_given{false};       // and not begun
  relaxed<std::uint64_t> together_until;        // CPU ticks; 0: apart. Written under mu, like the next one
  relaxed<bool> together_measured;              // trial.began is set
  std::atomic<bool> overdue{false};             // timers or descriptors: whoever sees it looks
  std::atomic<clock::rep> polled_at{0};         // when a busy worker has looked at the descriptors last
  bool suspicious = false;                      // the monitor's: a worker may be stuck
  std::atomic<bool> main_done{false};
  std::atomic<bool> stopping{false};
  std::atomic<bool> finished{false};
  std::atomic<int> monitor_word{0};             // 0: it sleeps until somebody becomes active, 1: it ticks, 2: the end
  std::atomic<clock::rep> poll_deadline{0};     // until when the polling worker sleeps; the least value: nobody does
  std::atomic<std::size_t> foreign_waits{0};    // blocking calls, events: somebody outside will wake a fiber
  std::atomic<std::size_t> io_waits{0};
  std::atomic<std::uint64_t> foreign_spawned{0};   // by outsiders; grows under mu, until finished
  std::atomic<std::uint64_t> foreign_daemons{0};   // likewise
  std::atomic<std::uint64_t> last_id{0};        // given out to workers; of fibers, parents before children (park.cpp, next_id)
  std::unique_ptr<poller> io;
  std::unique_ptr<blocking_pool> blocking;
  std::unique_ptr<seeded_mode> seeded;          // null in a run without a seed

 private:
  friend struct worker;
  friend class seeded_mode;
  template <class F>
  void add_global(F add);
  void queue_all(worker& w, runnable_list& list);
  runnable find_work(worker& w);
  runnable find_seeded(worker& w);
  void stand_still();
  void fail_of_deadlock();
  void judge_subtree(worker& w);
  bool search(worker& w);
  std::uint64_t done_by_all() const;
  bool is_crowded(worker& w, std::uint64_t now);
  bool come_together(std::uint64_t now, std::uint64_t rate);
  void judge_together(std::uint64_t now);
  void end_together(std::uint64_t now);
  void break_together(std::uint64_t now);
  void watch_together();
  void outlive_together();
  bool steal_by_force(worker& thief, worker& victim, bool all);
  bool go_idle(worker& w, bool retires = false);   // false: the run is over
  void poll_for_all(std::unique_lock<std::mutex>& lock, worker& w);
  clock::time_point first_deadline() const;
  bool quiescent(std::unique_lock<std::mutex>& lock, worker& w);
  worker* add_worker();
  void start_worker(worker* w);
  void wake_monitor();
  worker* claim_worker(std::unique_lock<std::mutex>& lock);
  void set_active(std::size_t n);
  void set_allowed(std::size_t n);
  void drain(worker& w);
  void end_run();                        // these three under mu
  bool is_over() const;
  bool only_daemons();
  void start_monitor();                  // throws std::system_error
  void stop_monitor();
  void monitor();
  void watch(bool full, clock::time_point now);
  bool is_stuck(worker& w, std::uint64_t picks, clock::time_point now);
  void start_dump();
  void cancel_next(bool past_parked);
  static bool has_ended(const doomed& d);
  static bool ends_by_itself(const doomed& d);
  pthread_t monitor_thread{};
  std::atomic<bool> dump_wanted{false};
  std::atomic<bool> dumping{false};
  std::thread dump_thread;               // the monitor's; joined when the monitor has ended
};

// Of the run in progress; null: none. Who is no worker stays an outsider while it uses the run (I6).
runtime* current_runtime();

inline worker* this_worker() noexcept { return static_cast<worker*>(this_worker_face()); }

// I6. Raised before the run is looked up, and before a fiber is taken off the list in which it waits; of no effect on a worker, which
// the end waits for anyhow. Async-signal-safe. Two counts take turns, so that who comes while the end waits does not hold it up: an
// outsider raises the one of its time (a late one the other, and then sees what the end wrote before it looked; all seq_cst).
class outsider {
 public:
  outsider() noexcept {
    if (this_worker()) return;
    in_ = &inside_[turn_.load(std::memory_order_seq_cst) & 1];
    in_->fetch_add(1, std::memory_order_seq_cst);
  }
  ~outsider() {
    if (in_) in_->fetch_sub(1, std::memory_order_release);
  }
  outsider(const outsider&) = delete;
  outsider& operator=(const outsider&) = delete;
  static bool any() noexcept;
  static void wait_for_all();            // that are inside now

 private:
  std::atomic<int>* in_ = nullptr;
  static std::atomic<unsigned> turn_;
  static std::atomic<int> inside_[2];
};

void fiber_main(void* self, void* w);
// From `first` on, each with the one that `next` gives, twice. None of them may end meanwhile, or all are to be cancelled. Needs no memory.
void cancel_fibers(fiber* first, fiber* (*next)(const fiber*));
void abandon(fiber* f);
void leave_queue(const park_site& site, void* argument);   // of a fiber that is given up (sync.cpp)

}  // namespace pipes::detail
