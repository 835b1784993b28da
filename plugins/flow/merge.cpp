// plugins/flow/merge.cpp: several inputs become one.
#include <pipe/plugin.hpp>
namespace {
struct merge : pipes::run_stage {
  static auto spec() {
    return pipes::stage<merge>("merge", "Make one stream of several inputs.")
        .doc("Records pass in the order of their arrival, each batch whole; edges with a higher `priority` first. Any stage may have several inputs (`from: [a, b]`): "
             "this one does nothing else, so that they have a name.")
        .example("flow.merge", "a\nb", "a\nb");
  }
  void run(pipes::input& in, pipes::output& out) {
    for (auto& b : in) out.send(std::move(b));
  }
};
PIPE_STAGE(merge)
}
