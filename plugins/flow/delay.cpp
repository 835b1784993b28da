// plugins/flow/delay.cpp: records pass on a given time after they came.
#include <pipe/plugin.hpp>

#include <deque>
namespace {
struct delay : pipes::run_stage {
  pipes::duration time{0};
  static auto spec() {
    return pipes::stage<delay>("delay", "Pass records on a given time after they came.")
        .doc("Each batch waits by itself, so the pace of the input stays; up to 1,000 batches wait, beyond that the stages before wait as well. What waits when the input ends still has its time.")
        .main_option("time", &delay::time, "How long.").required().at_least(0)
        .example("flow.delay: 10ms", "a\nb", "a\nb");
  }
  void check(pipes::checker& c) { c.ignores_bytes(); }
  void run(pipes::input& in, pipes::output& out) {
    std::deque<std::pair<std::int64_t, pipes::batch>> waiting;
    bool open = true;
    while (open || !waiting.empty()) {
      const std::int64_t due = waiting.empty() ? INT64_MAX : waiting.front().first;
      if (open && waiting.size() < most && pipes::now() < due) {
        pipes::received r = in.recv_until(due);
        if (r.closed()) open = false;
        if (r) waiting.emplace_back(pipes::now() + time.count(), std::move(*r));
        continue;
      }
      sleep(pipes::duration(std::max<std::int64_t>(due - pipes::now(), 0)));
      out.send(std::move(waiting.front().second));
      waiting.pop_front();
    }
  }

 private:
  static constexpr std::size_t most = 1000;
};
PIPE_STAGE(delay)
}
