// plugins/io/discard.cpp: takes all records and does nothing with them.
#include <pipe/plugin.hpp>
namespace {
struct discard : pipes::run_stage {
  static auto spec() {
    return pipes::stage<discard>("discard", "Take all records and drop them.")
        .doc("For an output that is not wanted, and for measuring what comes before it (`--stats` counts).")
        .many_workers()
        .any_order()
        .example("io.discard", "a\nb", "");
  }
  void run(pipes::input& in) {
    for ([[maybe_unused]] auto& b : in) continue;
  }
};
PIPE_STAGE(discard)
}
