// plugins/flow/head.cpp: the first records, then no more.
#include <pipe/plugin.hpp>

#include <numeric>
namespace {
struct head : pipes::run_stage {
  std::int64_t count = 10;
  static auto spec() {
    return pipes::stage<head>("head", "Pass the first records on, then stop.")
        .doc("Once it has them, the stages before it stop too, up to the source. One worker sees all records.")
        .main_option("count", &head::count, "How many records.").at_least(0)
        .example("head: 2", "a\nb\nc", "a\nb");
  }
  void check(pipes::checker& c) {
    c.ignores_bytes();
    if (count == 0) c.makes_any();  // it does not wait until it is known what there is
  }
  void run(pipes::input& in, pipes::output& out) {
    std::uint64_t left = static_cast<std::uint64_t>(count);
    if (!left) return;
    for (auto& b : in) {
      const std::uint64_t n = b.size();
      if (n < left) {
        left -= n;
        out.send(std::move(b));
        continue;
      }
      if (n == left) return out.send(std::move(b));
      std::vector<std::uint32_t> rows(static_cast<std::size_t>(left));
      std::iota(rows.begin(), rows.end(), 0u);
      out.pass(b, rows);
      return out.flush();
    }
  }
};
PIPE_STAGE(head)
}
