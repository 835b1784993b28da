// timer.hpp: deadlines, in an intrusive heap per worker.
//   I1  A timer is in at most one heap, which its heap_ names; index_ is its place there.
//   I2  fire runs under the heap's lock: once disarm() has returned it neither runs nor will run.
// fire must be short. It may take a channel's lock, must not park, arm or disarm, and returns the fiber to make ready, or null.
// Lock order: timer_heap.mu_ -> channel.mu. Nobody arms or disarms with a channel locked.
#pragma once
#include <atomic>
#include <cstdint>
#include <vector>

#include "core/runtime/runnable.hpp"

namespace pipes::detail {

class timer_heap;
struct worker;

struct timer {
  fiber* (*fire)(timer* self, clock::time_point now) = nullptr;
  void* argument = nullptr;
  clock::duration period{0};      // above zero: armed anew by itself

 private:
  friend class timer_heap;
  std::atomic<timer_heap*> heap_{nullptr};
  std::size_t index_ = 0;
};

class timer_heap {
 public:
  void arm(timer* t, clock::time_point deadline);   // throws std::bad_alloc, and then has not
  void abandon();                       // what is armed will not fire: the run is over
  // Fires what is due, collects the fibers to wake; returns whether anything fired.
  bool run_due(clock::time_point now, fiber_chain& to_wake);
  // Fires one of those that are due, drawn by w's generator: the deterministic mode.
  void run_one_due(clock::time_point now, worker& w, fiber_chain& to_wake);
  // The earliest deadline, clock::time_point::max() when there is none.
  clock::time_point next() const { return clock::time_point(clock::duration(next_.load(std::memory_order_seq_cst))); }
  bool empty() const { return next_.load(std::memory_order_relaxed) == clock::time_point::max().time_since_epoch().count(); }
  static bool disarm(timer* t);   // true: it had not fired

 private:
  struct entry {
    clock::time_point deadline;
    timer* what;
  };
  void place(std::size_t i, const entry& e) {
    heap_[i] = e;
    e.what->index_ = i;
  }
  void sift_up(std::size_t i, entry e);
  void sift_down(std::size_t i, entry e);
  void remove_at(std::size_t i);
  void fire_at(std::size_t i, clock::time_point now, fiber_chain& to_wake);
  void publish();

  spin_lock mu_;
  std::vector<entry> heap_;                                                              // guarded by mu_
  std::atomic<clock::rep> next_{clock::time_point::max().time_since_epoch().count()};    // written under mu_
};

// On the current worker's heap; throws std::bad_alloc. The timer must stay where it is until it has fired or is disarmed.
void arm_timer(timer* t, clock::time_point deadline);
bool disarm_timer(timer* t);   // true: it had not fired

// The deadline of a wait, armed as long as this lives; time_point::max(): none. To arm a timer may throw, so this is made before the waiter
// is linked anywhere. fire must therefore be ready for a waiter that is not linked yet.
class deadline_timer {
 public:
  deadline_timer(clock::time_point deadline, fiber* (*fire)(timer*, clock::time_point), void* argument) : armed_(deadline != clock::time_point::max()) {
    if (!armed_) return;
    timer_.fire = fire;
    timer_.argument = argument;
    arm_timer(&timer_, deadline);
  }
  ~deadline_timer() {
    if (armed_) disarm_timer(&timer_);
  }
  deadline_timer(const deadline_timer&) = delete;
  deadline_timer& operator=(const deadline_timer&) = delete;

 private:
  timer timer_;
  const bool armed_;
};

}  // namespace pipes::detail
