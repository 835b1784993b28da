// What workers bring to a fold, over many schedules: handed out in order, once, up to the first failure; never much of it at a time.
#include <pipe/runtime.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "catch.hpp"
#include "pipelines/run/outlet.hpp"

using pipes::pipelines::fold_turns;
using pipes::pipelines::outcome;

namespace {

struct told {
  std::vector<std::uint64_t> handed;   // tickets, in the order of being handed out
  std::uint64_t most = 0;              // outcomes at a time that were brought and not folded
};

// `workers` take tickets 0 to pieces - 1 in turn; that of `fails` fails.
told bring(std::uint64_t seed, int workers, std::uint64_t window, std::uint64_t pieces, std::uint64_t fails) {
  told result;
  pipes::run({.seed = seed}, [&] {
    fold_turns turns(window);
    std::uint64_t next = 0, held = 0;
    const auto pause = [](std::uint64_t most, std::uint64_t of) { for (std::uint64_t i = (of * 2654435761u >> 7) % most; i > 0; --i) pipes::yield(); };
    pipes::wait_group all;
    for (int w = 0; w < workers; ++w)
      all.go([&, w] {
        while (next < pieces) {
          const std::uint64_t ticket = next++;
          pause(4, ticket + seed);
          outcome o;
          if (ticket == fails) o.failed_stage = reinterpret_cast<pipes::pipelines::stage_state*>(&o);
          result.most = std::max(result.most, ++held);
          auto due = turns.pass(ticket, std::move(o));
          if (!due) return;
          for (auto& [of, piece] : *due) result.handed.push_back(of);
          for (auto& [of, piece] : *due) {
            if (piece.failed_stage) return;
            pause(16, of + seed + static_cast<std::uint64_t>(w));
            --held;
            turns.folded();
          }
        }
      });
    all.wait();
  });
  return result;
}

}  // namespace

TEST_CASE("a fold's turns: in order, each once, a window of them at a time") {
  constexpr std::uint64_t pieces = 60, none = pieces;
  for (std::uint64_t seed = 1; seed <= 300; ++seed)
    for (const std::uint64_t window : {1, 2, 5}) {
      constexpr int workers = 4;
      const told all = bring(seed, workers, window, pieces, none);
      REQUIRE(all.handed.size() == pieces);
      REQUIRE(all.most <= window + workers);
      const told some = bring(seed, workers, window, pieces, 40);
      REQUIRE(some.handed.size() == 41);
      for (const told* t : {&all, &some})
        for (std::size_t i = 0; i < t->handed.size(); ++i) REQUIRE(t->handed[i] == i);
    }
}
