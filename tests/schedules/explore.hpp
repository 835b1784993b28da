// explore.hpp: a scenario under thousands of schedules. Each seed is one run in the deterministic mode; what a scenario promises it
// checks with HOLDS, inside fibers or after the run. A seed that breaks a promise, a deadlock or any other exception is reported
// with the command that runs it again alone:
//   PIPE_SEED=N        that seed only
//   PIPE_SCHEDULES=N   so many seeds instead of 10,000
#pragma once
#include <pipe/runtime.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>

#include "catch.hpp"

namespace schedules {

struct broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void hold(bool ok, const char* what, const char* file, int line) {
  if (!ok) throw broken(std::string(file) + ":" + std::to_string(line) + ": does not hold: " + what);
}
#define HOLDS(...) ::schedules::hold(static_cast<bool>(__VA_ARGS__), #__VA_ARGS__, __FILE__, __LINE__)

// A point where the schedule may switch, in front of what does not park by itself: close, try_send, notify.
inline void point() { pipes::detail::step(); }

// What the schedules led to: each outcome that a scenario returned, and how often.
class outcomes {
 public:
  explicit outcomes(bool alone) : alone_(alone) {}
  void add(const std::string& what) {
    ++seen_[what];
    ++all_;
  }
  // That many different ones at least: the schedules do differ where they may.
  void at_least(std::size_t kinds) const {
    if (alone_) return;
    const std::size_t wanted = all_ < 10'000 ? (kinds + 1) / 2 : kinds;
    INFO(seen_.size() << " different outcomes in " << all_ << " schedules");
    CHECK(seen_.size() >= wanted);
  }
  void exactly(std::size_t kinds) const {
    at_least(kinds);
    std::string list;
    for (const auto& [what, n] : seen_) list += what + " ";
    INFO("outcomes: " << list);
    CHECK(seen_.size() <= kinds);
  }
  // Its share of all schedules.
  void share(const std::string& what, double low, double high) const {
    if (alone_) return;
    const auto at = seen_.find(what);
    const double part = at == seen_.end() ? 0 : static_cast<double>(at->second) / static_cast<double>(all_);
    INFO("share of " << what << " in " << all_ << " schedules: " << part);
    CHECK(part >= low);
    CHECK(part <= high);
  }

 private:
  bool alone_;
  std::size_t all_ = 0;
  std::map<std::string, std::size_t> seen_;
};

// The scenario makes its own run, with the options that it is given, and returns what came of it.
outcomes explore(const std::function<std::string(const pipes::run_options&)>& scenario);

}  // namespace schedules
