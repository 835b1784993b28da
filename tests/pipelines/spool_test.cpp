// spool_test.cpp: the queue behind a back edge: order, memory, and the count of what is in flight.
#include <pipe/runtime.hpp>

#include <random>

#include "catch.hpp"
#include "pipelines/run/link.hpp"
#include "pipelines/run/spool.hpp"

using namespace pipes::pipelines;

namespace {

std::string text_of(const pipes::batch_ref& b) {
  std::uint64_t n = 0;
  const pipe_slice* r = pipes::records(b.get(), n);
  std::string s;
  for (std::uint64_t i = 0; i < n; ++i) s.append(pipes::view(r[i])).append("|");
  return s;
}

}  // namespace

TEST_CASE("a spool hands on in order what came, from memory and from disk") {
  pipes::run([] {
    for (unsigned seed = 0; seed < 20; ++seed) {
      std::mt19937 random(seed);
      spool queue(64 * 1024, nullptr);
      std::size_t in = 0, out = 0;
      std::uint64_t most = 0;
      const auto take = [&] {
        const pipes::batch_ref b = std::move(queue.front());
        queue.pop();
        const std::string expected = std::to_string(out) + "|" + std::string(out % 700, 'x') + "|";
        REQUIRE(text_of(b) == expected);
        ++out;
      };
      for (int step = 0; step < 3000; ++step) {
        // Mostly more comes than goes, then the other way round.
        if (random() % 100 < (step < 2000 ? 70u : 30u)) {
          queue.push(pipes::from_text(std::to_string(in) + "\n" + std::string(in % 700, 'x') + "\n"));
          ++in;
        } else if (!queue.empty()) {
          take();
        }
        most = std::max(most, queue.on_disk());
      }
      while (!queue.empty()) take();
      CHECK(in == out);
      CHECK(most > 0);
      CHECK(queue.on_disk() == 0);
    }
  });
}

TEST_CASE("batches on disk are in flight: a cycle ends when the last of them is gone, and not before") {
  pipes::run([] {
    cycle round;
    round.add_outer_edge();
    spool queue(64 * 1024, &round);
    for (int i = 0; i < 2000; ++i) queue.push(round.track(pipes::from_text("record " + std::to_string(i) + std::string(200, '.') + "\n")));
    CHECK(queue.on_disk() > 0);
    round.outer_edge_closed();
    for (int i = 0; i < 2000; ++i) {
      CHECK_FALSE(round.over());
      pipes::batch_ref b = std::move(queue.front());
      queue.pop();
      CHECK(text_of(b).compare(0, 7, "record ") == 0);
      CHECK(pipes::get_origin(b.get()) != nullptr);
    }
    CHECK(round.over());
  });
}

TEST_CASE("a few records that keep a block alive are held as a copy") {
  pipes::run([] {
    spool queue(1 << 20, nullptr);
    std::string lines;
    for (int i = 0; i < 20000; ++i) lines += std::to_string(i) + "\n";
    const pipes::batch_ref block = pipes::from_text(lines);
    for (std::uint64_t i = 0; i < 500; ++i) queue.push(pipes::slice(block.get(), i, 1));
    CHECK(queue.on_disk() == 0);
    for (int i = 0; i < 500; ++i) {
      CHECK(text_of(queue.front()) == std::to_string(i) + "|");
      queue.pop();
    }
  });
}
