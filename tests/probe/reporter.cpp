// tests/probe/reporter.cpp: a run stage that reports a record's fault as a map does.
#include <pipe/plugin.hpp>
namespace {
struct reporter : pipes::run_stage {
  static auto spec() { return pipes::stage<reporter>("reporter", "Report the first record as failed."); }
  void run(pipes::input& in, pipes::output& out) {
    for (auto& b : in) {
      out.fail(0, "not so");
      out.pass(b);
      out.flush();
    }
  }
};
PIPE_STAGE(reporter)
}
