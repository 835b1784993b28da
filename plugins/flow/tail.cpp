// plugins/flow/tail.cpp: the last records.
//
// What ends the input so far is held batch by batch, the oldest in front; what memory does not hold waits on disk, in its place.
#include <deque>
#include <numeric>

#include "lib/spilled_records.hpp"
namespace {
struct tail : pipes::run_stage {
  std::int64_t count = 10;

  static auto spec() {
    return pipes::stage<tail>("tail", "Pass the last records on when the input has ended.")
        .doc("What outgrows the stage's memory until then goes to disk.")
        .main_option("count", &tail::count, "How many records.").at_least(0)
        .gathers()
        .example("tail: 2", "a\nb\nc", "b\nc");
  }
  void check(pipes::checker& c) { c.ignores_bytes(); }
  // A batch is cut to the rows that can still count before it is held: a small selection is a copy, so that a few records never
  // keep a block.
  void run(pipes::input& in, pipes::output& out) {
    const std::uint64_t wanted = static_cast<std::uint64_t>(count);
    for (auto& b : in) {
      if (!wanted) continue;
      std::uint64_t n = b.size();
      if (n > wanted) {
        b = last(b, n, wanted, out);
        n = wanted;
      }
      records += n;
      hold(std::move(b), n);
      while (!held.empty() && records - held.front().count >= wanted) let_go();
    }
    // What is not written yet is the newest.
    const std::vector<pipes::batch> newest = waiting.pending();
    for (; !held.empty(); held.pop_front()) {
      part& p = held.front();
      send(p.on_disk ? waiting.take(context(), {p.place, p.count}) : std::move(p.batch), out);
    }
    for (const pipes::batch& b : newest) send(b, out);
  }

 private:
  struct part {
    pipes::batch batch;
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;  // in memory
    pipes::spill::place place{};
    bool on_disk = false;
  };
  std::deque<part> held;
  shared::record_stream waiting;
  std::uint64_t records = 0;  // held and waiting
  std::uint64_t bytes = 0;    // in memory

  void hold(pipes::batch b, std::uint64_t n) {
    const std::uint64_t more = b.bytes_held();
    if (waiting.pending().empty() && bytes + more <= memory() - memory() / 8) {
      bytes += more;
      held.push_back({std::move(b), n, more, {}, false});
      return;
    }
    waiting.append(b, context(), shared::spill_block(memory()), [&](const auto& block) { held.push_back({{}, block.count, 0, block.place, true}); });
  }
  void let_go() {
    part& p = held.front();
    records -= p.count;
    bytes -= p.bytes;
    if (p.on_disk) waiting.drop({p.place, p.count});
    held.pop_front();
  }
  void send(pipes::batch b, pipes::output& out) {
    const std::uint64_t n = b.size(), wanted = static_cast<std::uint64_t>(count);
    const std::uint64_t extra = std::min(n, records > wanted ? records - wanted : 0);
    records -= extra;
    if (extra < n) out.send(extra ? last(b, n, n - extra, out) : std::move(b));
  }
  static pipes::batch last(const pipes::batch& b, std::uint64_t n, std::uint64_t wanted, pipes::output& out) {
    std::vector<std::uint32_t> rows(static_cast<std::size_t>(wanted));
    std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(n - wanted));
    out.pass(b, rows);
    pipes::batch whole = out.take();
    if (!whole) throw std::bad_alloc();
    return whole;
  }
};
PIPE_STAGE(tail)
}
