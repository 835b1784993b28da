// tests/probe/pump.cpp: as probe.slow does, but a run stage of many workers, which fails as a whole.
#include <pipe/plugin.hpp>

#include <cstdlib>
namespace {
struct pump : pipes::run_stage {
  static auto spec() { return pipes::stage<pump>("pump", "Take the seconds that a record begins with.").many_workers(); }
  void run(pipes::input& in, pipes::output& out) {
    for (auto& b : in)
      for (pipes::record r : b.records()) {
        const std::string text(r.view());
        sleep(std::chrono::seconds(std::atoi(text.c_str())));
        if (text.size() > 4 && text.compare(text.size() - 4, 4, "fail") == 0) throw std::runtime_error("as it was told");
        out.emit(text);
        out.flush();
      }
  }
};
PIPE_STAGE(pump)
}
