// Time as programs use it: sleeps, timeouts, tickers and deadlines by the thousand, at their limits, under load.
#include <pipe/runtime.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <mutex>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "core/runtime/hot.hpp"
#include "runtime/helpers.hpp"

using namespace std::chrono_literals;
using pipes::chan;
using pipes::on_recv;
using pipes::on_send;
using pipes::on_timeout;
using pipes::otherwise;

TEST_CASE("a duration below zero, in any unit, has passed") {
  pipes::run([] {
    const auto begun = pipes::now();
    const auto at_once = [&](auto d) {
      pipes::sleep_for(d);
      CHECK(pipes::after(d).recv().has_value());
      CHECK(pipes::select(on_timeout(d), on_recv(chan<int>())) == 0);
      CHECK_FALSE(chan<int>(0).recv_for(d));
      CHECK_FALSE(chan<int>(0).send_for(1, d));
      CHECK_FALSE(pipes::tick(d));
    };
    at_once(0ns);
    at_once(-1ns);
    at_once(std::chrono::nanoseconds::min());
    at_once(-1h);
    at_once(-10'000'000h);                       // more nanoseconds than 64 bits hold
    at_once(std::chrono::seconds(-10'000'000'000));
    at_once(std::chrono::hours::min());
    at_once(std::chrono::duration<double>(-1e30));
    at_once(std::chrono::duration<float, std::milli>(-1));
    CHECK(pipes::now() - begun < 10s);
  });
}

TEST_CASE("a duration beyond what the clock can show never passes") {
  pipes::run([] {
    const auto never = [&](auto d) {
      pipes::cancel_token t;
      pipes::wait_group begun, wg;
      std::atomic<int> passed{0};
      struct leaving {
        pipes::wait_group wg;
        ~leaving() { wg.done(); }
      };
      const auto go = [&](auto f) {
        begun.add();
        wg.add();
        t.go([=, &passed] {
          const leaving at_end{wg};
          begun.done();
          f();
          ++passed;
        });
      };
      go([d] { pipes::sleep_for(d); });
      go([d] { (void)chan<int>(0).recv_for(d); });
      go([d] { (void)chan<int>(0).send_for(1, d); });
      go([d] { pipes::select(on_timeout(d)); });
      go([d] { pipes::after(d).recv(); });
      go([d] { pipes::tick(d).recv(); });
      begun.wait();              // who has not begun is not cancelled, but never begins
      pipes::sleep_for(5ms);
      t.cancel();
      wg.wait();
      CHECK(passed == 0);
    };
    never(std::chrono::nanoseconds::max());
    never(std::chrono::hours::max());
    never(std::chrono::seconds(10'000'000'000));
    never(std::chrono::duration<double>(1e30));
    never(std::chrono::duration<double>(INFINITY));
  });
}

TEST_CASE("who waits for ever by a timer is no deadlock, but for a run with a seed") {
  // A worker goes idle and decides whether that is a deadlock under one and the same lock: who sees that none is active sees it decided.
  const auto at_rest = [](pipes::detail::runtime& rt) {
    const std::lock_guard held(rt.mu);
    return rt.active == 0;
  };
  const auto waits = [&](auto f) {
    const pipes::cancel_token t;
    std::atomic<bool> found{false};
    std::jthread outside;
    const auto on_deadlock = [&] {
      found = true;
      outside.join();                    // while the run is still there to be looked at
    };
    pipes::run({.processors = 1, .on_deadlock = on_deadlock}, [&] {
      pipes::detail::runtime* const rt = pipes::detail::this_worker()->owner;
      t.go(f);
      outside = std::jthread([&, rt] {
        while (!found && !at_rest(*rt)) std::this_thread::yield();
        t.cancel();
      });
    });
  };
  const auto each = [](auto test) {
    test([] { pipes::sleep_for(std::chrono::hours::max()); });
    test([] { (void)chan<int>(0).recv_for(std::chrono::hours::max()); });
    test([] { (void)chan<int>().send_for(1, std::chrono::nanoseconds::max()); });
    test([] { pipes::select(on_timeout(std::chrono::hours::max())); });
    test([] { pipes::after(std::chrono::hours::max()).recv(); });
    test([] { pipes::tick(std::chrono::hours::max()).recv(); });
  };
  each([&](auto f) { CHECK_NOTHROW(waits(f)); });
  each([&](auto f) { CHECK_THROWS_AS(pipes::run({.seed = 1}, f), pipes::deadlock); });
}

TEST_CASE("a ticker whose next point lies beyond the clock gives none") {
  CHECK_THROWS_AS(pipes::run({.seed = 1}, [] {
    const auto ticks = pipes::tick(std::chrono::hours(24 * 365 * 120));
    CHECK(ticks.recv());
    CHECK(ticks.recv());
    ticks.recv();
  }), pipes::deadlock);
}

TEST_CASE("sleeping for no time gives way and never ends the run") {
  for (unsigned p : {1u, 2u})
    pipes::run({.processors = p}, [] {
      std::atomic<int> turns{0};
      pipes::wait_group wg;
      for (int i = 0; i < 4; ++i)
        wg.go([&] {
          for (int k = 0; k < 100; ++k) {
            pipes::sleep_for(0ns);
            ++turns;
          }
        });
      wg.wait();
      CHECK(turns == 400);
    });
}

TEST_CASE("timeouts that lie apart come in their order, however they were made") {
  pipes::run([] {
    const std::array<int, 10> slots{5, 3, 6, 6, 6, 1, 1, 2, 7, 9};
    chan<std::pair<int, pipes::clock::time_point>> came(slots.size());
    const auto begun = pipes::now();
    for (int slot : slots)
      pipes::go([=] {
        const auto at = pipes::after(slot * 20ms).recv();
        came.send(std::pair(slot, *at));
      });
    std::vector<int> order;
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const auto [slot, at] = *came.recv();
      CHECK(at - begun >= slot * 20ms);
      order.push_back(slot);
    }
    if (!sanitized) CHECK(order.size() == slots.size());
  });
  // Where time is virtual the order is exact.
  for (std::uint64_t seed = 1; seed < 20; ++seed)
    pipes::run({.seed = seed}, [] {
      const std::array<int, 10> slots{5, 3, 6, 6, 6, 1, 1, 2, 7, 9};
      chan<int> came(0);
      for (int slot : slots)
        pipes::go([=] {
          (void)pipes::after(slot * 1h).recv();
          came.send(slot);
        });
      std::vector<int> order;
      for (std::size_t i = 0; i < slots.size(); ++i) order.push_back(*came.recv());
      CHECK(std::is_sorted(order.begin(), order.end()));
    });
}

TEST_CASE("channels of after and tick, made and thrown away by the hundred thousand, cost nothing that stays") {
  for (unsigned p : {1u, 2u})
    pipes::run({.processors = p}, [] {
      const int n = scaled(100'000);
      for (int i = 0; i < n; ++i) (void)pipes::after(1h);
      for (int i = 0; i < n; ++i) (void)pipes::tick(1h);
      // Tickers that fire while they are thrown away.
      pipes::wait_group wg;
      for (int w = 0; w < 4; ++w)
        wg.go([&] {
          for (int i = 0; i < scaled(2000); ++i) {
            const auto t = pipes::tick(1us);
            const auto a = pipes::after(std::chrono::microseconds(i % 5));
            if (i % 3 == 0) (void)t.recv();
            if (i % 7 == 0) (void)a.recv();
          }
        });
      wg.wait();
    });
}

TEST_CASE("a ticker that nobody listens to keeps one point and no more") {
  pipes::run([] {
    const auto t = pipes::tick(1ms);
    pipes::sleep_for(30ms);
    CHECK(t.size() == 1);
    CHECK(t.try_recv());
    CHECK(t.size() <= 1);
  });
  pipes::run({.seed = 1}, [] {
    const auto begun = pipes::now();
    const auto t = pipes::tick(1min);
    pipes::sleep_for(1h + 30s);
    CHECK(*t.recv() - begun == 1min);              // the first that there was room for
    CHECK(*t.recv() - begun == 61min);
  });
}

TEST_CASE("a run may end while thousands of timers are far away, without waiting for them") {
  const auto begun = std::chrono::steady_clock::now();
  pipes::run([] {
    std::vector<chan<pipes::clock::time_point>> kept;
    for (int i = 0; i < 1000; ++i) {
      kept.push_back(pipes::after(1h));
      kept.push_back(pipes::tick(1h));
      pipes::go_daemon([] { pipes::sleep_for(1h); });
    }
  });
  CHECK(std::chrono::steady_clock::now() - begun < 60s);
}

TEST_CASE("a timer that outlives its run says nothing in the next") {
  chan<pipes::clock::time_point> left, beat;
  pipes::run([&] {
    left = pipes::after(1ms);
    beat = pipes::tick(1ms);
  });
  pipes::run([&] {
    pipes::sleep_for(5ms);
    const auto fresh = pipes::after(1ms);
    CHECK(fresh.recv());
  });
  CHECK(left.size() <= 1);
}

TEST_CASE("a loop of polls with timeouts in it does not starve the timers of others") {
  for (unsigned p : {1u, 2u})
    pipes::run({.processors = p}, [p] {
      // Each pair hands a value to and fro for ever; the timeout of the others must come all the same.
      const chan<int> done(0);
      pipes::cancel_token busy;
      for (unsigned i = 0; i < 2 * p; ++i) {
        const chan<int> a(0), b(0);
        busy.go([=] { while (true) b.send(*a.recv()); });
        busy.go([=] {
          while (true) {
            a.send(1);
            b.recv();
          }
        });
        busy.go([] { while (true) pipes::yield(); });
      }
      for (int i = 0; i < 20; ++i) CHECK(pipes::select(on_timeout(1ms), on_recv(done)) == 0);
      busy.cancel();
    });
}

TEST_CASE("a fiber that never parks lets the timers, the polls and the spawns of others be") {
  std::atomic<bool> stop{false};
  for (unsigned p : {1u, 2u}) {
    stop = false;
    pipes::run({.processors = p}, [&, p] {
      for (unsigned i = 0; i < p; ++i) pipes::go([&] { while (!stop) {} });
      pipes::sleep_for(1ms);
      chan<int> c(0);
      pipes::go([=] { c.send(1); });
      CHECK(c.recv() == 1);
      CHECK(pipes::blocking([] { return 2; }) == 2);
      stop = true;
    });
  }
}

TEST_CASE("a timeout renewed ten thousand times fires once, after the last") {
  for (std::uint64_t seed : {1u, 2u, 3u})
    pipes::run({.seed = seed}, [] {
      const chan<int> alive(0);
      pipes::go([=] {
        for (int i = 0; i < 10'000; ++i) {
          pipes::sleep_for(9ms);
          alive.send(i);
        }
      });
      const auto begun = pipes::now();
      int heard = 0, fired = 0;
      while (fired == 0) pipes::select(on_recv(alive, [&](auto) { ++heard; }), on_timeout(10ms, [&] { ++fired; }));
      CHECK(heard == 10'000);
      CHECK(pipes::now() - begun == 10'000 * 9ms + 10ms);
    });
}

TEST_CASE("a deadline for a whole tree of fibers: those that are done in time, those that are not") {
  for (std::uint64_t seed = 1; seed < 30; ++seed)
    pipes::run({.seed = seed}, [] {
      // What a context with a deadline does: a scope that a timer cancels, unless all ended before.
      const auto within = [](auto limit, auto work) {
        std::atomic<int> done{0};
        pipes::scope all;
        const chan<int> over(0);
        for (int i = 1; i <= 10; ++i)
          all.go([i, work, &done] {
            pipes::sleep_for(i * work);
            ++done;
          });
        pipes::wait_group watch;
        watch.go([&] {
          if (pipes::select(on_recv(over), on_timeout(limit)) == 1) all.cancel();
        });
        all.join();
        over.close();
        watch.wait();
        return done.load();
      };
      CHECK(within(1h, 1min) == 10);
      CHECK(within(5min + 1s, 1min) == 5);
      CHECK(within(0s, 1min) == 0);
    });
}
