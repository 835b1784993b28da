// tests/probe/pair.cpp: a fiber for each input, which receives from it alone and says which one it is.
#include <pipe/plugin.hpp>
namespace {
struct pair : pipes::run_stage {
  static auto spec() { return pipes::stage<pair>("pair", "Number the records by their input, each on a fiber of its own."); }
  void run(pipes::input& in, pipes::output&) {
    for (std::uint32_t i = 0; i < in.edges(); ++i)
      go([this, in, i]() mutable {
        pipes::own_output out(context());
        while (pipes::received r = in.recv_from(i)) {
          for (pipes::record one : r->records()) out.emit(std::to_string(i) + ":" + std::string(one.view()));
          out.flush();
        }
      });
  }
};
PIPE_STAGE(pair)
}
