// tests/probe/digger.cpp: recurses as deep as each record says.
#include <pipe/plugin.hpp>
namespace {
[[gnu::noinline]] std::uint64_t down(std::uint64_t n) {
  volatile char room[1024];
  room[0] = 1;
  return n == 0 ? 0 : down(n - 1) + static_cast<std::uint64_t>(room[0]);
}

struct digger : pipes::map_stage {
  static auto spec() { return pipes::stage<digger>("digger", "Recurse, 1 KiB a step."); }
  void map(pipes::record r, pipes::output& out) {
    if (down(std::stoull(std::string(r.view()))) > 0) out.emit(r);
  }
};
PIPE_STAGE(digger)
}
