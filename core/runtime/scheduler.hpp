// scheduler.hpp: fibers on workers (threads), at most `processors` of them active at a time.
//
// Terms
//   worker   a thread with a run queue. It is active (runs a fiber or looks for one), idle (asleep, in idle_workers), or detached: its
//            fiber has computed for 10 ms or blocked for 2, so the monitor took its queue away and let another worker be active instead.
//   native   context: the thread's own stack, on which the worker looks for work and sleeps. Fibers do not pass through it: one that
//            parks switches straight to the next.
//   pick     one choice of who runs next. A slice is the time from one pick to the next.
//   look     what a worker does at the end of a round of 64 picks: it looks at the global queue, due timers, the poller and the far
//            ends of its own queue. Where slices are long a round is shorter: two looks are at most half a millisecond apart.
//
// A worker's queue, in the order in which pick() takes from it:
//   next     the fiber that the running one has made ready last. A hand-over: nobody else takes it while the worker moves on.
//   ready    a linked list, first in first out: woken fibers, and those that yielded. Fibers whose timers are due join at its front,
//            since their time has come already.
//   fresh    a ring of tasks that have no stack yet, last in first out: depth first keeps few stacks alive.
// The functions on the path of every park are in hot.hpp, the others in worker.cpp; who finds work for an empty queue is in scheduler.cpp.
//
//   I1  The queue is touched under queue_lock alone; the owner takes that with plain stores.
//   I2  A worker in the idle list has an empty queue; only the owner adds to a queue.
//   I3  A fiber is in at most one queue; a task in at most one.
//   I4  active + idle + detached + unstarted = all workers, under mu.
//   I5  Nothing can happen any more (the end, or a deadlock) when active = detached = 0, the global queue is empty and no timer,
//       descriptor, blocking call or foreign waiter is pending. What is pending is counted down by the waiting fiber itself once it
//       runs again, not by who wakes it: so a wake-up that is under way is pending, too.
//   I6  A thread that is none of the run's (it closes a channel, sets an event, starts a fiber, handles SIGQUIT) uses the run only as an
//       `outsider`. What it wakes may end the run at once, so the end waits for all outsiders of that moment: first when nobody can
//       start a thread any more (`finished`, under mu), and again when nobody can find the run any more. Nor is a fiber given up, or a
//       deadlock found, while an outsider may have one of the fibers in hand.
//
// Stealing must pay. Slices under 300 ns stay where they are: their cache lines would cost more than they do. A worker that searches
// raises `hungry`; a worker whose slices are long then gives half of its queue to the global one. A victim that has not made a pick for
// 5 us, and does not spawn either, is robbed of half by force, which costs a membarrier. Of a tree that is spawned depth first the
// oldest task goes however short the slices are: take_subtree. Where fibers on two workers do little but exchange values, one of the
// workers may retire for a while: together.cpp.
//
// Lock order: mu -> a worker's queue_lock. A timer heap's lock comes before both. Channel locks are never held here.
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
  static constexpr std::uint32_t flock = 128;            // waiters of a closed channel that are woken at a time
  static constexpr std::uint32_t round = 64;             // picks between two looks elsewhere

  explicit worker(runtime& r, std::size_t index);
  ~worker();

  // In groups by who may touch them. The order of the groups is measured: what a park touches lies in few cache lines.
  // Own means: touched by this worker's thread alone; of what is relaxed<T>, others may read a value that is just past.

  // Own: the running context
  relaxed<fiber*> current;             // a fiber, or `native`
  relaxed<fiber*> previous;            // left by the last switch, its on_cpu not cleared yet
  relaxed<exception_state*> exceptions;   // the thread's, which a switch exchanges
  relaxed<clock::rep> coarse_now;      // the time at the last look at the clock
  clock::rep more_leases_at = 0;       // no new ones before; see take_lease

  // Guarded by queue_lock: the queue. Others read counts without it to see whether it is worth the lock.
  biased_lock queue_lock;
  relaxed<fiber*> next;
  relaxed<fiber*> head;                // of the ready list, with tail and list_length
  relaxed<fiber*> tail;
  relaxed<std::uint32_t> fresh_first;  // the oldest; the ring is fresh[i % capacity] for i in [first, last)
  relaxed<std::uint32_t> fresh_last;
  relaxed<std::uint32_t> fresh_room = fresh_capacity;   // 0 in a run with a seed, which keeps its tasks elsewhere
  relaxed<std::uint32_t> fresh_credit; // so many picks take fresh tasks first: a spawner waits for room
  relaxed<std::uint32_t> list_length;
  // How long the oldest fresh task has been the oldest (oldest_is_late): fresh_first was oldest_seen at oldest_since, measured in
  // ran_ticks. Holds while oldest_stays: an empty ring clears it.
  relaxed<std::uint32_t> oldest_seen;
  relaxed<bool> oldest_stays;
  relaxed<std::uint64_t> oldest_since;
  std::uint32_t late_taken = 0;        // tasks taken because they were late, since the ring was empty
  relaxed<task*> fresh[fresh_capacity];

  // Written by this worker at each pick and each look; thieves and the monitor read them
  std::atomic<std::uint64_t> picks{0}; // see end_round: looks may skip some numbers
  relaxed<std::uint64_t> slice_ticks;  // average length of a slice, CPU ticks

  // Own: rounds
  relaxed<std::uint64_t> round_began;  // CPU ticks
  relaxed<std::uint64_t> round_picks;  // how many picks this round lasts: fewer where slices are long
  std::uint64_t ran_ticks = 0;         // how long it has run; time in which others had its CPU is mostly left out
  std::uint32_t looks = 0;
  std::uint32_t turns = 0;             // looks that chose who runs next
  bool in_usual_order = false;         // the last look left that choice to pick_own()
  std::uint64_t subtree_began = 0;     // CPU ticks; 0: it runs no subtree that was given to it (judge_subtree)

  // Own, but for done_seen: what together.cpp counts
  bool retires = false;                // goes idle at the next chance
  std::uint64_t shared_uses = 0;       // of locks that other workers use, too, in this window of time
  std::uint32_t moves = 0;             // halves of a queue given away or taken, in this window
  relaxed<std::uint64_t> done_seen;    // lock_uses and picks at the last look; all workers read it
  struct reading {
    std::uint64_t done = 0;            // by all workers
    std::uint64_t ticks = 0;           // when
  };
  reading window_began;

  relaxed<std::uint64_t> random;       // own: the generator's state (xorshift)

  // Own: caches
  stack_class& default_stacks;         // the process's pool of stacks of the default size, and of these:
  stack_magazine* stacks;              // the magazine that it works with,
  stack_magazine* more_stacks;         // one in reserve, full or empty,
  stack_group new_stacks;              // and slots that have not been used yet
  relaxed<task*> free_tasks;           // memory of small tasks (park.cpp): the list that it works with,
  relaxed<std::uint32_t> free_task_count;
  relaxed<std::uint64_t> next_id;      // ids of fibers: a block of them, up to ids_end
  relaxed<std::uint64_t> ids_end;
  relaxed<task*> full_magazine;        // and a full list in reserve, or none

  // Own: on their way
  relaxed<runtime*> owner;             // constant
  runnable pending;                    // chosen, but its context was still being saved
  fiber_chain due;                     // woken by timers and descriptors, on the way to a queue

  timer_heap timers;                   // has its own lock
  fiber native;                        // stands for the native context; it has no stack of ours

  // Written by this worker alone, summed by whoever asks (nothing_alive)
  std::atomic<std::uint64_t> spawned{0};
  std::atomic<std::uint64_t> finished{0};
  std::atomic<std::uint64_t> daemons_spawned{0};
  std::atomic<std::uint64_t> daemons_finished{0};

  // Written under runtime::mu, but for started and wake_word; the atomic ones are read without
  bool idle = false;                   // in idle_workers
  std::atomic<bool> polling{false};    // it sleeps in the poller: to wake it takes an interrupt
  std::atomic<bool> started{false};    // its thread is there
  std::atomic<bool> detached{false};
  std::atomic<int> wake_word{0};       // the futex that it sleeps on: 1 is a wake-up

  // The monitor's alone
  std::uint64_t seen_picks = 0;        // at its last full look,
  std::uint64_t glimpsed_picks = 0;    // and at its last look of any kind
  clock::time_point stuck_since{};     // picks has been seen_picks since then,
  std::int64_t seen_cpu_time = 0;      // when the thread had used so much CPU time (ns)
  std::int64_t last_cpu_time = 0;      // at the last full look

  // The thread
  std::atomic<int> thread_id{0};       // the system's; set by the thread as it begins, the monitor reads it
  const std::size_t index;             // in runtime::workers
  std::thread thread;                  // set by who starts it, joined by run_main

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
  task* take_subtree(std::chrono::microseconds patience);   // likewise, if it is the root of a subtree; null: not
  void give_half(runnable_list& to, bool all);   // half of the queue, or all of it

  // without it
  runnable pick();
  fiber* destination(runnable r);      // where to switch to for what was picked
  fiber* successor();                  // destination(pick()) for a fiber that parks; perhaps back to itself
  fiber* successor_of_yield(fiber* self);   // makes self ready, behind all that are, then the same
  void give_stacks_back();             // all but some, to the pool, which trims what lies idle

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
  const std::uint64_t long_slice;        // CPU ticks: from here on stealing pays
  const std::uint64_t ticks_per_us;

  // guarded by mu
  std::mutex mu;
  global_queue global;
  relaxed<std::size_t> active = 0;       // read without mu by who looks for work
  std::size_t allowed;                   // how many may be active: processors, or one fewer during a time together
  std::size_t detached_count = 0;
  std::vector<worker*> idle_workers;
  std::vector<worker*> unstarted;        // the system had no thread for them; room for all is reserved
  worker* poller_worker = nullptr;       // the idle one that sleeps in the poller
  std::vector<std::unique_ptr<worker>> owned;
  std::exception_ptr failure;            // what ended the run, first
  struct {                               // see together.cpp; in CPU ticks
    std::uint64_t lasts = 0;             // the present time together, or the last one; 0: it was in vain
    std::uint64_t ended = 0;
    std::uint64_t apart_rate = 0;        // what all workers did before it, per 2^20 ticks
    std::uint64_t apart_until = 0;       // until then nobody tries again
    bool broken = false;                 // the last one was: nothing was learnt
    worker::reading began;
    worker::reading watched;             // the monitor's last look
  } trial;
  bool daemons_stopped = false;          // only daemons were left: no outsider adds to the run any more
  struct doomed {
    fiber* what = nullptr;
    std::uint64_t id = 0;
  };
  std::vector<doomed> to_cancel;         // once stopping; the next one last
  std::vector<doomed> under_way;         // cancelled, and not known to have ended; room for all is reserved

  // Written under mu, read by all without it
  static constexpr std::size_t max_workers = 1024;
  std::atomic<worker*> workers[max_workers] = {};   // grows only
  std::atomic<std::size_t> worker_count{0};
  std::atomic<std::size_t> global_size{0};
  std::atomic<std::size_t> spare{0};            // allowed - active: so many more workers may become active

  // Anybody's: who looks for work, and who is to look
  std::atomic<int> searchers{0};                // 1: a worker is in search()
  std::atomic<bool> hungry{false};              // sends every worker to pick_elsewhere() at its next pick
  static constexpr std::uint32_t least_patience = 100;
  std::atomic<std::uint32_t> subtree_patience{least_patience};   // us; see worker::take_subtree
  std::atomic<bool> subtree_given{false};       // and not begun
  relaxed<std::uint64_t> together_until;        // CPU ticks; 0: apart. Written under mu, like the next one
  relaxed<bool> together_measured;              // trial.began is set
  std::atomic<bool> overdue{false};             // timers or descriptors: whoever sees it looks
  std::atomic<clock::rep> polled_at{0};         // when a busy worker looked at the descriptors last

  // Anybody's: how far the run is. Each goes from false to true, once
  std::atomic<bool> main_done{false};
  std::atomic<bool> stopping{false};            // all fibers are being cancelled
  std::atomic<bool> finished{false};            // nobody runs a fiber any more; set under mu

  // Anybody's: who sleeps until when, and what is pending (I5)
  std::atomic<int> monitor_word{0};             // 0: it sleeps until somebody becomes active, 1: it ticks, 2: the end
  std::atomic<clock::rep> poll_deadline{0};     // until when the polling worker sleeps; the least value: nobody does
  std::atomic<std::size_t> foreign_waits{0};    // blocking calls, events: somebody outside will wake a fiber
  std::atomic<std::size_t> io_waits{0};         // fibers that wait for descriptors
  std::atomic<std::uint64_t> foreign_spawned{0};   // by outsiders; grows under mu, until finished
  std::atomic<std::uint64_t> foreign_daemons{0};   // likewise
  std::atomic<std::uint64_t> last_id{0};        // the last id given to a worker; parents have lower ones than their children (next_id)

  // Parts
  std::unique_ptr<poller> io;
  std::unique_ptr<blocking_pool> blocking;
  std::unique_ptr<seeded_mode> seeded;          // null in a run without a seed

 private:
  friend struct worker;
  friend class seeded_mode;
  // scheduler.cpp: finding work
  runnable find_work(worker& w);
  bool search(worker& w);
  bool steal_by_force(worker& thief, worker& victim, bool all);
  void judge_subtree(worker& w);
  void drain(worker& w);
  template <class F>
  void add_global(F add);
  void queue_all(worker& w, runnable_list& list);
  // scheduler.cpp: idling and waking
  bool go_idle(worker& w, bool retires = false);   // false: the run is over
  void poll_for_all(std::unique_lock<std::mutex>& lock, worker& w);
  clock::time_point first_deadline() const;
  worker* add_worker();
  worker* claim_worker(std::unique_lock<std::mutex>& lock);
  void start_worker(worker* w);
  void put_back_unstarted(worker* w);
  void set_active(std::size_t n);        // these two under mu
  void set_allowed(std::size_t n);
  // together.cpp
  std::uint64_t done_by_all() const;
  bool is_crowded(worker& w, std::uint64_t now);
  bool come_together(std::uint64_t now, std::uint64_t rate);
  void judge_together(std::uint64_t now);
  void end_together(std::uint64_t now);
  void break_together(std::uint64_t now);
  void watch_together();
  void outlive_together();
  // ending.cpp
  bool quiescent(std::unique_lock<std::mutex>& lock, worker& w);
  void end_run();                        // these three under mu
  bool is_over() const;
  bool only_daemons();
  void fail_of_deadlock();
  enum class going_past { nobody, held_up, all };   // of those under way
  bool cancel_next(going_past whom, clock::time_point since = {});   // false: nobody was to be cancelled
  void cancel_past_held_up(clock::time_point since);
  bool cancels_past_parked() const;      // these two under mu
  bool are_held_up(clock::time_point since) const;
  static bool has_ended(const doomed& d);
  static bool ends_by_itself(const doomed& d);
  static const park_site* held_up_at(const doomed& d, clock::time_point since);   // null: it is not
  // seeded.cpp
  runnable find_seeded(worker& w);
  void stand_still();
  // monitor.cpp; starting and waking it: scheduler.cpp
  void start_monitor();                  // throws std::system_error
  void stop_monitor();
  void wake_monitor();
  void monitor();
  void monitor_sleeps();
  void watch(bool full, clock::time_point now);
  bool watch_worker(worker& w, bool full, clock::time_point now);
  bool is_stuck(worker& w, std::uint64_t picks, clock::time_point now);
  bool detach(worker& w, std::uint64_t picks);
  void ask_for_overdue_looks(clock::time_point now);
  pthread_t monitor_thread{};
  bool suspicious = false;               // the monitor's own: a worker may be stuck
  // sigquit.cpp
  void start_dump();
  std::atomic<bool> dump_wanted{false};
  std::atomic<bool> dumping{false};
  std::thread dump_thread;               // the monitor's; joined when the monitor has ended
};

// Of the run in progress; null: none. A thread that is no worker stays an outsider while it uses the run (I6).
runtime* current_runtime();

inline worker* this_worker() noexcept { return static_cast<worker*>(this_worker_face()); }

// I6. To be made before the run is looked up, and before a fiber is taken off the list in which it waits. Does nothing on a worker:
// the end waits for those anyhow. Async-signal-safe.
// Two counts take turns, so that whoever comes while the end waits does not hold it up. The end turns to the other count, then waits for
// the old one to fall to zero, and does that twice. An outsider that read the turn long ago may still raise the old count late; but then
// it sees all that the end wrote before it looked (everything here is seq_cst).
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

void fiber_main(void* self, void* w);    // what every stack runs, job after job

// Cancels `first` and those that `next` leads to from there; they are walked twice, and none may end meanwhile. Needs no memory.
void cancel_fibers(fiber* first, fiber* (*next)(const fiber*));
void abandon(fiber* f);                  // gives up one that will never run again, with all that its frames own
bool is_held_up(const park_site& site, void* argument);    // it waits where no cancel reaches it, for what nobody has given it yet (sync.cpp)
void leave_queue(const park_site& site, void* argument);   // takes the waiter of one that is given up out of its queue (sync.cpp)

}  // namespace pipes::detail
