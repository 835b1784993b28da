// plugins/flow/tail.cpp: the last records.
#include <pipe/plugin.hpp>

#include <deque>
#include <numeric>
namespace {
struct tail : pipes::run_stage {
  std::int64_t count = 10;
  static auto spec() {
    return pipes::stage<tail>("tail", "Pass the last records on when the input has ended.")
        .main_option("count", &tail::count, "How many records.").at_least(0)
        .example("tail: 2", "a\nb\nc", "b\nc");
  }
  // Holds the batches that end the input so far. A batch is cut to the rows that can still count before it is held: a small
  // selection is a copy, so that a few records never keep a block.
  void run(pipes::input& in, pipes::output& out) {
    const std::uint64_t wanted = static_cast<std::uint64_t>(count);
    std::deque<std::pair<pipes::batch, std::uint64_t>> held;
    std::uint64_t records = 0;
    for (auto& b : in) {
      if (!wanted) continue;
      std::uint64_t n = b.size();
      if (n > wanted) {
        b = last(b, n, wanted, out);
        n = wanted;
      }
      held.emplace_back(std::move(b), n);
      records += n;
      while (records - held.front().second >= wanted) {
        records -= held.front().second;
        held.pop_front();
      }
    }
    for (auto& [b, n] : held) {
      const std::uint64_t extra = records > wanted ? records - wanted : 0;
      records -= extra;
      out.send(extra ? last(b, n, n - extra, out) : std::move(b));
    }
  }

 private:
  static pipes::batch last(const pipes::batch& b, std::uint64_t n, std::uint64_t wanted, pipes::output& out) {
    std::vector<std::uint32_t> rows(static_cast<std::size_t>(wanted));
    std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(n - wanted));
    out.pass(b, rows);
    return out.take();
  }
};
PIPE_STAGE(tail)
}
