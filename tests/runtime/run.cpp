// Runs, spawns, turns: what run() and go() promise. How a run ends is in ending.cpp.
#include <pipe/runtime.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <vector>

#include "catch.hpp"
#include "core/runtime/hot.hpp"
#include "runtime/helpers.hpp"

using namespace std::chrono_literals;

TEST_CASE("run returns the value of main") {
  CHECK(pipes::run([] { return 42; }) == 42);
  CHECK(pipes::run([] { return std::make_unique<int>(7); }) != nullptr);
  bool ran = false;
  pipes::run([&] { ran = true; });
  CHECK(ran);
}

TEST_CASE("run waits for all fibers") {
  at_each_processor_count([](unsigned p) {
    std::atomic<int> ended{0};
    pipes::run({.processors = p}, [&] {
      for (int i = 0; i < 1000; ++i)
        pipes::go([&] {
          pipes::yield();
          ended.fetch_add(1);
        });
    });
    CHECK(ended == 1000);
  });
}

TEST_CASE("run follows run") {
  for (int i = 0; i < 200; ++i) CHECK(pipes::run({.processors = 2}, [&] { return i; }) == i);
}

TEST_CASE("a run within a run is refused") {
  const auto held = std::make_shared<int>(1);
  pipes::run([&] {
    CHECK_THROWS_AS(pipes::run([held] {}), std::logic_error);
    CHECK_THROWS_AS(pipes::blocking([&] { pipes::run([held] {}); }), std::logic_error);
    CHECK(held.use_count() == 1);
  });
  pipes::run({.seed = 1}, [] {
    const auto begin = pipes::now();
    CHECK_THROWS_AS(pipes::blocking([] { pipes::run({.seed = 2}, [] {}); }), std::logic_error);
    pipes::sleep_for(1h);                // virtual time goes on
    CHECK(pipes::now() == begin + 1h);
  });
}

TEST_CASE("a fiber that has not begun has its turn beside others that are always ready") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [p] {
      std::atomic<bool> stop{false};
      pipes::chan<int> c(0);
      pipes::wait_group all;
      for (unsigned pair = 0; pair < 2 * p; ++pair) {   // hand over to each other, and never to the queue's end
        all.go([&] { while (!stop) pipes::select(pipes::on_send(c, 1), pipes::on_timeout(10ms)); });
        all.go([&] { while (!stop) (void)c.recv_for(10ms); });
      }
      pipes::sleep_for(1ms);
      pipes::wait_group fresh;
      for (int i = 0; i < 100; ++i) fresh.go([] {});
      fresh.wait();
      stop = true;
      all.wait();
    });
  });
}

// Every pick between such slices looks for what is overdue, and chooses otherwise than usual.
TEST_CASE("a fiber that has been woken has its turn beside others whose slices are long") {
  for (unsigned processors : {1u, 2u}) {
    std::atomic<int> slices{0};
    std::atomic<bool> over{false};
    constexpr int enough = 1000;
    pipes::run({.processors = processors}, [&] {
      for (int i = 0; i < 4; ++i)
        pipes::go([&] {
          while (!over && slices < enough) {
            for (const auto end = std::chrono::steady_clock::now() + 1ms; std::chrono::steady_clock::now() < end;) {}
            ++slices;
            pipes::yield();
          }
        });
      for (int round = 0; round < 5; ++round) {
        pipes::wait_group timers;
        for (int i = 0; i < 20; ++i) timers.go([i] { pipes::sleep_for(std::chrono::microseconds(500 + 137 * i)); });
        timers.wait();                                // the last of them puts this one into its worker's next slot
      }
      over = true;
    });
    INFO(processors << " processors");
    CHECK(slices < enough);
  }
}

TEST_CASE("go outside of a run throws and destroys the closure") {
  auto held = std::make_shared<int>(1);
  CHECK_THROWS_AS(pipes::go([held] {}), std::logic_error);
  CHECK(held.use_count() == 1);
}

TEST_CASE("a fiber may be inside a catch block when it parks") {
  at_each_processor_count([](unsigned p) {
    expectations all;
    pipes::run({.processors = p}, [&all] {
      for (int i = 0; i < 50; ++i)
        pipes::go([i, &all] {
          try {
            throw i;
          } catch (int mine) {
            for (int k = 0; k < 20; ++k) {
              pipes::yield();
              try {
                throw k + 0.5;
              } catch (double d) {
                pipes::yield();
                all.expect(d == k + 0.5);
              }
            }
            all.expect(mine == i);
          }
        });
    });
  });
}

TEST_CASE("a million spawns do not pile up") {
  const int n = scaled(1'000'000);
  std::atomic<long> sum{0};
  pipes::run({.processors = 1}, [&] {
    pipes::wait_group wg;
    for (int i = 0; i < n; ++i) wg.go([&] { ++sum; });
    wg.wait();
  });
  CHECK(sum == n);
}

TEST_CASE("deep recursion on a larger stack") {
  struct deep {
    static int down(int n) {
      volatile char room[512];
      room[0] = static_cast<char>(n);
      return n == 0 ? room[0] : down(n - 1) + room[0] - static_cast<char>(n) + 1;
    }
  };
  pipes::run([&] { pipes::go({.stack = 1 << 21}, [] { CHECK(deep::down(1000) == 1000); }); });
}

namespace {

struct live_count {
  std::atomic<int> now{0}, most{0};
  void enter() {
    const int n = ++now;
    for (int seen = most; n > seen && !most.compare_exchange_weak(seen, n);) {}
  }
};

void tree_node(pipes::chan<int> out, int size, live_count& live) {
  live.enter();
  int sum = 1;
  if (size > 1) {
    pipes::chan<int> results(0);
    for (int i = 0; i < 10; ++i) pipes::go([=, &live] { tree_node(results, size / 10, live); });
    sum = 0;
    for (int i = 0; i < 10; ++i) sum += *results.recv();
  }
  --live.now;
  out.send(sum);
}

}  // namespace

TEST_CASE("trees go deep before they go wide, also when more of them wait than there is room for") {
  constexpr int trees = 250, leaves = sanitized ? 10 : 100;   // ThreadSanitizer bears some 8,000 fibers, on a busy machine too
  live_count live;
  const auto begin = std::chrono::steady_clock::now();
  pipes::run({.processors = 1}, [&] {
    pipes::chan<int> out(0);
    for (int i = 0; i < trees; ++i) pipes::go([=, &live] { tree_node(out, leaves, live); });
    int sum = 0;
    for (int i = 0; i < trees; ++i) sum += *out.recv();
    CHECK(sum == trees * leaves);
  });
  // Each 10 ms the one that waits longest has its turn, a tree at worst: that many more may be under way on a slow machine.
  const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin).count();
  CHECK(live.most < 2 * trees + 4 * passed);
}

TEST_CASE("a tree of fibers comes to its sum on two processors") {
  struct node {
    static void run(pipes::chan<long> out, long size) {
      if (size == 1) return out.send(1);
      pipes::chan<long> results(0);
      for (int i = 0; i < 10; ++i) pipes::go([=] { run(results, size / 10); });
      long sum = 0;
      for (int i = 0; i < 10; ++i) sum += *results.recv();
      out.send(sum);
    }
  };
  constexpr long leaves = sanitized ? 1'000 : 100'000;   // ThreadSanitizer bears 8,000 fibers at once
  for (int tree = 0; tree < 20; ++tree)
    CHECK(pipes::run({.processors = 2}, [] {
      pipes::chan<long> out(0);
      pipes::go([=] { node::run(out, leaves); });
      return *out.recv();
    }) == leaves);
}

// What goes to an idle processor: the oldest, if it is the root of a part of a tree, and has waited.
TEST_CASE("of a worker's fresh tasks the oldest is given away if it is of an older generation") {
  pipes::detail::runtime rt({});
  pipes::detail::worker w(rt, 0);
  pipes::detail::task tasks[4];
  const auto patience = 100us;
  const auto take = [&] {
    (void)w.take_subtree(patience);      // notes which is the oldest, and since when
    CHECK(w.take_subtree(patience) == nullptr);
    w.ran_ticks += 200 * rt.ticks_per_us;
    return w.take_subtree(patience);
  };
  const std::uint64_t siblings[] = {7, 7, 7, 7}, tree[] = {1, 1, 5, 9};
  for (int i = 0; i < 4; ++i) {
    tasks[i].parent = siblings[i];
    REQUIRE(w.push_fresh(&tasks[i]));
  }
  CHECK(take() == nullptr);
  while (w.take_fresh_newest()) {}
  for (int i = 0; i < 4; ++i) {
    tasks[i].parent = tree[i];
    REQUIRE(w.push_fresh(&tasks[i]));
  }
  CHECK(take() == &tasks[0]);
  while (w.take_fresh_newest()) {}
}

// Each look is 1 ms later here; between two of them more is spawned than run, the newest first.
TEST_CASE("where spawning never ends all that wait get their first turn within a second of the worker's time") {
  pipes::detail::runtime rt({});
  pipes::detail::worker w(rt, 0);
  pipes::detail::fiber woken;
  const bool list_never_ends = GENERATE(false, true);
  if (list_never_ends) w.push_ready(&woken);
  std::vector<pipes::detail::task> tasks(pipes::detail::worker::fresh_capacity);   // the last one is what is spawned without end
  for (std::size_t i = 0; i + 1 < tasks.size(); ++i) REQUIRE(w.push_fresh(&tasks[i]));
  std::size_t begun = 0;
  int looks = 0;
  while (begun + 1 < tasks.size()) {
    REQUIRE(++looks < 1000);
    w.ran_ticks += 1000 * rt.ticks_per_us;
    if (const auto r = w.take_late_fresh()) begun += r.fresh != &tasks.back();
    while (w.push_fresh(&tasks.back())) {}
    CHECK(w.take_fresh_newest().fresh == &tasks.back());
  }
  while (w.take_fresh_newest()) {}
  while (w.take_ready()) {}
}
