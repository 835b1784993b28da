// tests/probe/flaky.cpp: a run stage whose records fail: "x 2" fails twice before it passes, "x" never fails.
#include <pipe/plugin.hpp>

#include <cstdlib>
namespace {
struct flaky : pipes::run_stage {
  static auto spec() { return pipes::stage<flaky>("flaky", "Fail a record as many times as it says.").record_errors(); }
  void run(pipes::input& in, pipes::output& out) {
    for (auto& b : in) {
      for (pipes::record r : b.records()) {
        int tries = 0;
        out.attempt(r, [&] {
          const std::string_view text = r.view();
          out.emit(text);
          const auto blank = text.rfind(' ');
          if (blank != text.npos && tries++ < std::atoi(std::string(text.substr(blank)).c_str())) throw std::runtime_error("attempt " + std::to_string(tries));
        });
      }
      out.flush();
    }
  }
};
PIPE_STAGE(flaky)
}
