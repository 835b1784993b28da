// seeded.hpp: the deterministic mode of a run (run_options::seed): one worker, on the thread that called run(); every choice
// drawn from a generator; a clock that stands still while anything can run.
//   I1  candidates_ holds all that can run; the worker's own queue is emptied into it at each pick.
//   I2  What comes from another thread or a descriptor joins the candidates at two points only, in an order that does not depend on when it
//       came: when nothing can run, and at every 1024th pick, for the sake of fibers that only yield.
//   I3  Time passes when nothing can run and nothing is due: to the next timer. Due timers fire one at a time, each drawn against the
//       candidates; so of a timeout and an exchange at the same moment either may come first.
// A fiber may lose the processor where it may park by contract (detail::step): send, receive, select, locks, waits, go. Not in try_send,
// close, unlock and the like, which may be called with a std::mutex held.
// All this is the worker's own, except for what the clock is read from.
#pragma once
#include <chrono>
#include <cstdint>
#include <vector>

#include "core/runtime/scheduler.hpp"

namespace pipes::detail {

class seeded_mode {
 public:
  seeded_mode(runtime& rt, std::uint64_t seed);
  ~seeded_mode();
  seeded_mode(const seeded_mode&) = delete;
  seeded_mode& operator=(const seeded_mode&) = delete;

  void start(worker& w);               // from here on time is virtual
  void add(task* t) { candidates_.push_back({nullptr, t}); }
  runnable pick(worker& w);            // null: nothing can run
  const std::vector<runnable>& candidates() const { return candidates_; }
  bool gives_way(worker& w) { return w.below(256) < yielding_; }
  // Nothing can run: waits for what is outside, or lets time pass. False: there is neither, for ever; or the next fiber is to be cancelled.
  bool wait(worker& w);

  // A call on a thread of the blocking pool. Those that end soon are waited for, so that they end at the same point each time.
  void call_begins(fiber* f);
  void call_ends(fiber* f);

 private:
  using real = std::chrono::steady_clock;
  struct call {
    fiber* parked;
    real::time_point begun;
    bool done;
  };
  void collect(worker& w);
  void drain_global();
  void look_outside(worker& w);
  void advance(worker& w, clock::time_point to);

  runtime& rt_;
  const std::uint64_t seed_;
  std::uint32_t yielding_;             // at so many of 256 steps a fiber gives way
  std::uint64_t picks_ = 0;
  std::vector<runnable> candidates_;
  std::vector<runnable> arrived_;      // from outside (I2), on their way to the candidates
  std::vector<call> calls_;            // under way
};

}  // namespace pipes::detail
