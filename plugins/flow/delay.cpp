// plugins/flow/delay.cpp: records pass on a given time after they came.
#include <pipe/plugin.hpp>

#include <deque>
namespace {
struct delay : pipes::run_stage {
  static constexpr std::uint64_t usual_room = 16u << 20;
  pipes::duration time{0};
  static auto spec() {
    return pipes::stage<delay>("delay", "Pass records on a given time after they came.")
        .doc("Each batch waits by itself, so the pace of the input stays. What waits takes up to half of the stage's `memory`, 16 MiB where none is given; beyond that the stages before wait as well. What waits when the input ends still has its time.")
        .main_option("time", &delay::time, "How long.").required().at_least(0)
        .example("flow.delay: 10ms", "a\nb", "a\nb");
  }
  void check(pipes::checker& c) {
    c.ignores_bytes();
    c.holds(most_of(c.memory()));
  }
  void run(pipes::input& in, pipes::output& out) {
    struct held {
      std::int64_t due;
      std::uint64_t bytes;
      pipes::batch batch;
    };
    std::deque<held> waiting;
    std::uint64_t bytes = 0;
    const std::uint64_t most = most_of(memory());
    bool open = true;
    while (open || !waiting.empty()) {
      const std::int64_t due = waiting.empty() ? INT64_MAX : waiting.front().due;
      if (open && (waiting.empty() || bytes < most) && pipes::now() < due) {
        pipes::received r = in.recv_until(due);
        if (r.closed()) open = false;
        if (!r) continue;
        waiting.push_back({pipes::now() + time.count(), size_of(*r), std::move(*r)});
        bytes += waiting.back().bytes;
        continue;
      }
      const pipes::duration left(std::max<std::int64_t>(due - pipes::now(), 0));
      if (!hold_back(left, left)) {
        for (const held& h : waiting) give_up(h.batch.size());
        return;
      }
      bytes -= waiting.front().bytes;
      out.send(std::move(waiting.front().batch));
      waiting.pop_front();
    }
  }

 private:
  static std::uint64_t most_of(std::uint64_t given) { return given ? given / 2 : usual_room; }
  // About what a batch holds: its records' bytes, and what carries them.
  static std::uint64_t size_of(const pipes::batch& b) {
    constexpr std::uint64_t a_batch = 512, a_record = 16;
    if (const auto block = b.bytes()) return a_batch + block->size();
    std::uint64_t sum = a_batch;
    for (pipes::record r : b.records()) sum += a_record + r.size();
    return sum;
  }
};
PIPE_STAGE(delay)
}
