// tests/probe/late.cpp: starts a fiber when nobody reads any more, which finds itself cancelled before it has begun.
#include <pipe/plugin.hpp>
namespace {
struct late : pipes::run_stage {
  static auto spec() { return pipes::stage<late>("late", "Pass the records on; where they are no longer wanted, wait for an hour on a fiber."); }
  void run(pipes::input& in, pipes::output& out) {
    try {
      for (auto& b : in) out.pass(b), out.flush();
    } catch (const pipes::reader_gone&) {
      go([this] { sleep(std::chrono::hours(1)); });
      throw;
    }
  }
};
PIPE_STAGE(late)
}
