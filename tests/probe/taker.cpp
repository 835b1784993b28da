// tests/probe/taker.cpp: calls on the output of a map what only a run stage's own output can do.
#include <pipe/plugin.hpp>
namespace {
struct taker : pipes::map_stage {
  bool raw = false;
  static auto spec() { return pipes::stage<taker>("taker", "Take from a map's output.").option("raw", &taker::raw, "Through the C table."); }
  void map(pipes::record r, pipes::output& out) {
    out.emit(r);
    if (raw) pipes::detail::host().output_take(out.raw(), 0);
    else out.take();
  }
};
PIPE_STAGE(taker)
}
