// Runs with a seed: what is repeated, what differs, how time passes.
#include <pipe/runtime.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "catch.hpp"
#include "runtime/helpers.hpp"

using namespace std::chrono_literals;

namespace {

// A bit of everything; the order in which things happened.
std::string everything(std::uint64_t seed) {
  std::string log;
  pipes::run({.seed = seed}, [&] {
    const pipes::chan<int> jobs(2), results(0);
    pipes::wait_group workers;
    pipes::mutex m;
    for (int w = 0; w < 3; ++w)
      workers.go([&, w] {
        for (int j : jobs) {
          std::lock_guard lock(m);
          if (j % 3 == 0) pipes::sleep_for(1ms);
          if (j % 4 == 0) pipes::blocking([] { std::this_thread::yield(); });
          results.send(10 * j + w);
        }
      });
    pipes::go([=] {
      workers.wait();
      results.close();
    });
    pipes::go([=] {
      for (int j = 0; j < 12; ++j) jobs.send(j);
      jobs.close();
    });
    const auto tick = pipes::tick(1ms);
    for (bool open = true; open;)
      pipes::select(pipes::on_recv(results,
                                   [&](std::optional<int> v) {
                                     open = v.has_value();
                                     if (v) log += std::to_string(*v) + " ";
                                   }),
                    pipes::on_recv(tick, [&](auto) { log += "tick "; }));
  });
  return log;
}

}  // namespace

TEST_CASE("the same seed makes the same schedule, another seed another") {
  std::set<std::string> all;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const std::string first = everything(seed);
    for (int again = 0; again < 5; ++again) CHECK(everything(seed) == first);
    all.insert(first);
  }
  CHECK(all.size() > 15);
}

TEST_CASE("blocking calls that end in another order are taken in the same") {
  const auto order = [](std::uint64_t seed, bool slow_first) {
    std::string log;
    std::atomic<int> ended{0};
    pipes::run({.seed = seed}, [&] {
      for (int f = 0; f < 3; ++f)
        pipes::go([&, f] {
          pipes::blocking([&] {
            const int before_it = slow_first ? 2 - f : f;
            for (int n; (n = ended) != before_it;) ended.wait(n);
            ++ended;
            ended.notify_all();
          });
          log += std::to_string(f);
        });
    });
    return log;
  };
  std::set<std::string> all;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const std::string first = order(seed, true);
    CHECK(order(seed, false) == first);
    all.insert(first);
  }
  CHECK(all.size() > 1);
}

TEST_CASE("a day passes at once, on the clock of the run alone") {
  const auto before = std::chrono::steady_clock::now();
  pipes::run({.seed = 1}, [] {
    const auto begun = pipes::now();
    pipes::sleep_for(24h);
    CHECK(pipes::now() - begun == 24h);
    CHECK(pipes::clock::now() == pipes::now());
  });
  CHECK(std::chrono::steady_clock::now() - before < 1h);
  CHECK(pipes::now() - std::chrono::steady_clock::now() < 1min);
}

TEST_CASE("with a seed: a deadlock is found, a failure comes out, runs follow each other") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    CHECK_THROWS_AS(pipes::run({.seed = seed}, [] { pipes::chan<int>(0).recv(); }), pipes::deadlock);
    CHECK_THROWS_AS(pipes::run({.seed = seed},
                               [] {
                                 pipes::go([] { throw std::range_error("x"); });
                                 pipes::sleep_for(1h);
                               }),
                    std::range_error);
    CHECK(pipes::run({.processors = 2}, [] { return 1; }) == 1);
  }
}

TEST_CASE("with a seed: a million fibers, and a fiber that only yields, hold nobody up") {
  int ended = 0;
  pipes::run({.seed = 3}, [&] {
    for (int i = 0; i < scaled(1'000'000); ++i) pipes::go([&] { ++ended; });
  });
  CHECK(ended == scaled(1'000'000));
  pipes::run({.seed = 4}, [&] {
    bool over = false;
    std::atomic<bool> yields{false};
    pipes::go([&] {
      pipes::blocking([&] { yields.wait(false); });
      over = true;
    });
    while (!over) {
      pipes::yield();
      yields = true;
      yields.notify_one();
    }
  });
}

TEST_CASE("with a seed: time waits for what comes from outside") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
  expectations met;
  pipes::run({.seed = 5}, [&] {
    const auto begun = pipes::now();
    const auto real_begin = std::chrono::steady_clock::now();
    auto written = real_begin;
    std::atomic<bool> slept{false};
    const auto parked = [](const std::string& state) {
      const auto all = pipes::fibers();
      return std::any_of(all.begin(), all.end(), [&](const pipes::fiber_info& f) { return f.state == state; });
    };
    pipes::go([&] {
      pipes::sleep_for(20ms);
      slept = true;
    });
    std::thread writer([&] {
      while (!parked("I/O read") || !(parked("sleep") || slept)) std::this_thread::yield();   // all that is left to do is wait
      met.expect(::write(ends[1], "x", 1) == 1);
      written = std::chrono::steady_clock::now();
    });
    CHECK(pipes::wait_readable(ends[0]) == pipes::io_result::ready);
    const bool time_stood = !slept && pipes::now() == begun;
    writer.join();
    if (written - real_begin < 2s) CHECK(time_stood);   // else the machine was too busy for this to say anything
    while (!slept) pipes::sleep_for(1ms);
    pipes::event set_by_a_thread;
    std::thread setter([&] { set_by_a_thread.set(); });
    CHECK(set_by_a_thread.wait_for(1h));
    setter.join();
  });
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("with a seed: a silence outside lets time pass") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
  expectations met;
  pipes::run({.seed = 6}, [&] {
    const auto begun = pipes::now();
    pipes::go([&] {
      pipes::sleep_for(20ms);   // the other fiber waits for this one's write, though it looks like I/O
      met.expect(::write(ends[1], "x", 1) == 1);
    });
    CHECK(pipes::wait_readable(ends[0]) == pipes::io_result::ready);
    CHECK(pipes::now() - begun == 20ms);
  });
  ::close(ends[0]);
  ::close(ends[1]);
}
