// plugins/flow/throttle.cpp: pass records on no faster than at a given rate.
#include <pipe/plugin.hpp>

#include <cmath>
#include <numeric>
namespace {
struct throttle : pipes::run_stage {
  double rate = 0;
  std::int64_t burst = 1;
  static auto spec() {
    return pipes::stage<throttle>("throttle", "Pass records on no faster than at a given rate.")
        .doc("While the input is slower than the rate, nothing waits. After a pause up to `burst` records pass at once (never less than what the rate allows in 10 ms). "
             "What cannot pass yet waits, and the stages before it with it.")
        .main_option("rate", &throttle::rate, "Records a second.").required()
        .option("burst", &throttle::burst, "How many records may pass at once after a pause.").at_least(1)
        .example("flow.throttle: 1000", "a\nb", "a\nb");
  }
  void check(pipes::checker& c) {
    c.ignores_bytes();
    if (!(rate > 0)) c.fault("rate", "'rate' is above 0 records a second, not " + pipes::detail::real_text(rate));
  }
  // A bucket of tokens, one a record, that fills at the rate.
  void run(pipes::input& in, pipes::output& out) {
    const double room = std::max(static_cast<double>(burst), std::floor(rate / 100));
    double tokens = room;
    std::int64_t filled = pipes::now();
    for (auto& b : in) {
      const std::uint64_t n = b.size();
      for (std::uint64_t at = 0; at < n;) {
        const std::int64_t now = pipes::now();
        tokens = std::min(room, tokens + rate * static_cast<double>(now - filled) * 1e-9);
        filled = now;
        if (tokens < 1) {
          // Waits for the next record's token; at high rates for a millisecond's worth, since timers are not finer.
          const double missing = std::min({std::max(1.0, rate / 1000), room, static_cast<double>(n - at)}) - tokens;
          const auto time_for = [this](double records) { return pipes::duration(static_cast<std::int64_t>(std::ceil(std::min(records / rate, 1e9) * 1e9))); };
          if (hold_back(std::min(time_for(missing), pipes::duration(3'600'000'000'000)), time_for(1 - tokens))) continue;
          give_up(n - at);
          return;
        }
        const std::uint64_t now_passing = tokens >= static_cast<double>(n - at) ? n - at : static_cast<std::uint64_t>(tokens);
        tokens -= static_cast<double>(now_passing);
        if (now_passing == n) {
          out.send(std::move(b));
          break;
        }
        std::vector<std::uint32_t> rows(static_cast<std::size_t>(now_passing));
        std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(at));
        out.pass(b, rows);
        out.flush();
        at += now_passing;
      }
    }
  }
};
PIPE_STAGE(throttle)
}
