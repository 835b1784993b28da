// tests/probe/slow.cpp: works on a record for as many seconds as it begins with, then passes it; one that ends in "fail" fails.
#include <pipe/plugin.hpp>

#include <cstdlib>
namespace {
struct slow : pipes::map_stage {
  static auto spec() { return pipes::stage<slow>("slow", "Take the seconds that a record begins with."); }
  void map(pipes::record r, pipes::output& out) {
    const std::string text(r.view());
    sleep(std::chrono::seconds(std::atoi(text.c_str())));
    if (text.size() > 4 && text.compare(text.size() - 4, 4, "fail") == 0) throw std::runtime_error("as it was told");
    out.emit(r);
  }
};
PIPE_STAGE(slow)
}
