// tests/probe/alarm.cpp: two workers; the first waits for input without end, the second until a deadline, and says that it passed.
#include <pipe/plugin.hpp>
namespace {
struct alarm : pipes::run_stage {
  static auto spec() { return pipes::stage<alarm>("alarm", "Say that a deadline passed.").many_workers(); }
  void run(pipes::input& in, pipes::output& out) {
    if (worker() == 0) {
      for (auto& b : in) out.send(std::move(b));
      return;
    }
    if (!in.recv_until(pipes::now() + 10'000'000).timeout()) return;
    out.emit("timeout");
    out.flush();
  }
};
PIPE_STAGE(alarm)
}
