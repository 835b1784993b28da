// tests/probe/choose.cpp: select over all inputs: says what each case brought.
#include <pipe/plugin.hpp>
namespace {
struct choose : pipes::run_stage {
  static auto spec() { return pipes::stage<choose>("choose", "Receive by select."); }
  void run(pipes::input& in, pipes::output& out) {
    std::vector<pipe_case> cases(in.edges());
    for (std::uint32_t i = 0; i < cases.size(); ++i) cases[i] = {PIPE_CASE_RECV, i, nullptr, 0, 0};
    while (!cases.empty()) {
      std::uint64_t which = 0;
      pipes::detail::check(pipes::detail::park(pipes::detail::host().select, context(), cases.data(), static_cast<std::uint64_t>(cases.size()), INT64_MAX, &which), "select failed");
      pipe_case& c = cases[which];
      const std::string port = std::to_string(c.port);
      if (c.status == PIPE_OK) {
        const pipes::batch b = pipes::batch::adopt(c.batch);
        for (pipes::record r : b.records()) out.emit(port + ":" + std::string(r.view()));
      } else {
        out.emit(port + (c.status == PIPE_TICK ? " ticks" : " ends"));
        if (c.status == PIPE_CLOSED) cases.erase(cases.begin() + static_cast<std::ptrdiff_t>(which));
      }
      out.flush();
    }
  }
};
PIPE_STAGE(choose)
}
