// plugins/flow/skip.cpp: all but the first records.
#include <pipe/plugin.hpp>

#include <numeric>
namespace {
struct skip : pipes::run_stage {
  std::int64_t count = 1;
  static auto spec() {
    return pipes::stage<skip>("skip", "Drop the first records, pass the others on.")
        .doc("One worker sees all records. `tail` passes only the last ones, `head` only the first.")
        .main_option("count", &skip::count, "How many records to drop.").at_least(0)
        .example("flow.skip: 2", "a\nb\nc", "c");
  }
  void check(pipes::checker& c) { c.ignores_bytes(); }
  void run(pipes::input& in, pipes::output& out) {
    std::uint64_t left = static_cast<std::uint64_t>(count);
    for (auto& b : in) {
      const std::uint64_t n = left ? b.size() : 0;
      if (n < left || !left) {
        if (!left) out.send(std::move(b));
        left -= n;
        continue;
      }
      std::vector<std::uint32_t> rows(static_cast<std::size_t>(n - left));
      std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(left));
      left = 0;
      out.pass(b, rows);
      out.flush();
    }
  }
};
PIPE_STAGE(skip)
}
