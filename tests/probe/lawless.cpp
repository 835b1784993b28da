// lawless.cpp: stages that break the rules of the ABI, each in the way that its option says.
#include <pipe/plugin.hpp>
namespace {
struct lawless : pipes::map_stage {
  std::string how;
  static auto spec() { return pipes::stage<lawless>("lawless", "A map that breaks a rule.").main_option("how", &lawless::how, "Which one."); }
  void check(pipes::checker&) {
    if (how == "check") throw std::runtime_error("thrown by check");
  }
  void map(pipes::batch& in, pipes::output& out) {
    if (how == "cancelled") throw pipes::cancelled{};
    if (how == "far") out.fail(in.size() + 6, "none of yours");
    if (how == "counter") count("two\nlines\33[31m", 1);
    if (how == "mute") out.fail(1, "");
    out.pass(in);
  }
};
PIPE_STAGE(lawless)

struct outlaw : pipes::run_stage {
  std::string how;
  static auto spec() { return pipes::stage<outlaw>("outlaw", "A run stage that breaks a rule.").main_option("how", &outlaw::how, "Which one."); }
  void run(pipes::input& in, pipes::output& out) {
    const pipe_host& host = pipes::detail::host();
    const auto select = [&](pipe_case c) {
      std::uint64_t chosen = 0;
      pipes::detail::check(pipes::detail::park(host.select, context(), &c, std::uint64_t{1}, INT64_MAX, &chosen), "select failed");
    };
    if (how == "cancelled") throw pipes::cancelled{};
    if (how == "kind") select({9, 0, nullptr, 0, 0});
    if (how == "no batch") select({PIPE_CASE_SEND, 0, nullptr, 0, 0});
    if (how == "nothing") pipes::detail::check(pipes::detail::park(host.send, context(), std::uint32_t{0}, static_cast<pipe_batch*>(nullptr)), "send failed");
    if (how == "go") pipes::detail::check(pipes::detail::park(host.go, context(), static_cast<void (*)(void*)>(nullptr), static_cast<void*>(nullptr)), "go failed");
    if (how == "blocking") pipes::detail::check(pipes::detail::park(host.blocking, context(), static_cast<void (*)(void*)>(nullptr), static_cast<void*>(nullptr)), "blocking failed");
    for (auto& b : in) out.pass(b, 7);
    out.flush();
  }
};
PIPE_STAGE(outlaw)

// Keeps the rules: it emits on its second port, and flushes.
struct second : pipes::run_stage {
  static auto spec() { return pipes::stage<second>("second", "Every record on one port, its size on the other.").output_port("sizes", "The sizes."); }
  void run(pipes::input& in, pipes::output& out) {
    for (auto& b : in) {
      for (pipes::record r : b.records()) {
        out.emit(r);
        out.emit(std::to_string(r.size()), 1);
      }
      out.flush();
    }
  }
};
PIPE_STAGE(second)
}
