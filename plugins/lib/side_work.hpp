// plugins/lib/side_work.hpp: work on a fiber beside the stage's own, which goes on meanwhile and waits for it later.
//
//   W1  work owns what it touches: its fiber may outlive whoever started it, who can be cancelled.
//   W2  one work at a time: wait() comes before the next start().
//   W3  `told` is made before `at` says that it is awaited, and stays; a word in it that nobody waited for is read by the next wait.
// start() and wait() are for one fiber at a time; both park.
#pragma once
#include <pipe/plugin.hpp>

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <exception>
#include <memory>
#include <stdexcept>
#include <utility>

#include "lib/descriptor.hpp"

namespace shared {

class side_work {
 public:
  bool busy() const { return busy_; }

  template <class F>
  void start(const pipes::stage_base& stage, F work) {
    if (!state_) state_ = std::make_shared<state>();
    state_->at.store(running, std::memory_order_relaxed);
    stage.go([s = state_, work = std::move(work)]() mutable {
      try {
        work();
      } catch (...) {
        s->error = std::current_exception();
      }
      s->ended();
    });
    busy_ = true;
  }
  // Rethrows what the work threw. Returns at once where nothing is under way.
  void wait(const pipes::stage_base& stage) {
    if (!busy_) return;
    state& s = *state_;
    if (s.at.load(std::memory_order_acquire) != done) {
      if (!s.told) s.told = descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
      if (!s.told) throw std::runtime_error("no descriptor to wait with for work on another processor: " + errno_text(errno));
      int now = running;
      if (s.at.compare_exchange_strong(now, awaited, std::memory_order_acq_rel) || now == awaited) {
        std::uint64_t seen;
        while (s.at.load(std::memory_order_acquire) != done) {
          stage.wait_fd(s.told.get(), PIPE_FD_READ);
          (void)!::read(s.told.get(), &seen, sizeof seen);
        }
      }
    }
    busy_ = false;
    if (s.error) std::rethrow_exception(std::exchange(s.error, nullptr));
  }

 private:
  enum : int { running, awaited, done };
  struct state {
    std::atomic<int> at{running};
    std::exception_ptr error;  // the work's until `done`
    descriptor told;           // an eventfd; the waiting fiber's until `awaited`
    void ended() {
      if (at.exchange(done, std::memory_order_acq_rel) != awaited) return;
      const std::uint64_t one = 1;
      (void)!::write(told.get(), &one, sizeof one);
    }
  };
  std::shared_ptr<state> state_;
  bool busy_ = false;
};

}  // namespace shared
