// watch.cpp: the watcher, a thread beside the run that waits for what no fiber waits for: signals, --timeout, the end of --drain-timeout, a reader
// of stdout that leaves, --stall and --progress. It decides nothing about records: it drains, aborts, or tells.
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "pipelines/graph/units.hpp"
#include "pipelines/log.hpp"
#include "pipelines/run/engine.hpp"

namespace pipes::pipelines {

void engine::abandon() {
  std::string busy;
  for (auto& u : units_)
    if (!u->ended()) busy += (busy.empty() ? "'" : ", '") + u->name() + "'";
  log::error("stage " + busy + " did not stop: ending the process");
  run_report r;
  {
    std::lock_guard lock(mutex_);
    r.exit_code = cause_.value_or(0);
    r.signal = signal_;
  }
  options_.abandon(r);
}

void engine::end_watch() {
  if (over_.exchange(true, std::memory_order_acq_rel)) return;
  const std::uint64_t one = 1;
  if (::write(wake_watcher_, &one, sizeof one) < 0) log::debug("waking the watcher failed");
}

void engine::watch(const sigset_t& signals) {
  constexpr std::int64_t patience = 5'000'000'000;  // much more than a stage takes that gives way, on a busy machine too
  const int fd = options_.handle_signals ? ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK) : -1;
  const std::int64_t started = wall_ticks();
  unit* writer = nullptr;  // of stdout: its reader may leave while nothing is written
  for (auto& s : stages_)
    if (s->settings->writes_stdout) writer = s->owner;
  bool timed_out = false;
  std::uint64_t seen = progress_.load(std::memory_order_relaxed);
  std::int64_t moved_at = started, drawn_at = started;
  bool drawn = false;
  std::int64_t given_up_at = INT64_MAX;  // when stages that do not give way to the abort have had their time
  while (!over_.load(std::memory_order_acquire)) {
    std::int64_t wake = INT64_MAX;
    if (options_.timeout && !timed_out) wake = std::min(wake, started + options_.timeout->count());
    const std::int64_t deadline = drain_deadline_.load(std::memory_order_acquire);
    wake = std::min(wake, aborting() ? given_up_at : deadline);
    if (options_.stall) wake = std::min(wake, moved_at + options_.stall->count());
    if (options_.progress) wake = std::min(wake, drawn_at + 200'000'000);
    struct pollfd on[3] = {{wake_watcher_, POLLIN, 0}, {fd, POLLIN, 0}, {writer ? STDOUT_FILENO : -1, 0, 0}};
    const std::int64_t left = wake == INT64_MAX ? -1 : std::max<std::int64_t>(0, (wake - wall_ticks() + 999'999) / 1'000'000);
    ::poll(on, 3, left > 1'000'000'000 ? -1 : static_cast<int>(left));
    if (over_.load(std::memory_order_acquire)) break;
    if (on[2].revents & (POLLERR | POLLHUP)) {
      writer->unwanted();
      writer = nullptr;
    }
    if (on[1].revents & POLLIN) {
      struct signalfd_siginfo info {};
      while (::read(fd, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGQUIT) {
          log::warning("SIGQUIT: the pipeline as it stands\n" + dump());
        } else if (draining_.load()) {
          abort();
        } else {
          log::info(std::string(info.ssi_signo == SIGINT ? "SIGINT" : "SIGTERM") + ": stopping the sources, writing what is in flight; a second one aborts");
          drain(1, static_cast<int>(info.ssi_signo));
        }
      }
    }
    const std::int64_t now = wall_ticks();
    if (options_.progress && now >= drawn_at + 200'000'000) {
      drawn_at = now;
      if (const std::string line = progress_line(); !line.empty()) {
        std::fprintf(stderr, "\r%s\033[K", line.c_str());
        std::fflush(stderr);
        drawn = true;
      }
    }
    if (options_.timeout && !timed_out && now >= started + options_.timeout->count()) {
      timed_out = true;
      log::error("--timeout " + print_duration(options_.timeout->count()) + ": stopping the sources");
      drain(5, 0);
    }
    if (!aborting() && now >= drain_deadline_.load(std::memory_order_acquire)) {
      log::warning("what was in flight was not written within --drain-timeout: aborting");
      abort();
    }
    if (options_.abandon && aborting()) {
      if (given_up_at == INT64_MAX) given_up_at = now + patience;
      if (now >= given_up_at) abandon();
    }
    if (options_.stall) {
      const std::uint64_t moves = progress_.load(std::memory_order_relaxed);
      if (moves != seen) {
        seen = moves;
        moved_at = now;
      } else if (now >= moved_at + options_.stall->count()) {
        log::warning("nothing has moved for " + print_duration(options_.stall->count()) + "\n" + dump());
        moved_at = now;
      }
    }
  }
  if (drawn) std::fputs("\r\033[K", stderr);
  if (fd >= 0) ::close(fd);
}

}  // namespace pipes::pipelines
