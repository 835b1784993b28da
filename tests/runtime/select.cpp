// select: Go's rules, at several processor counts.
#include <pipe/runtime.hpp>

#include <array>
#include <atomic>
#include <cmath>
#include <vector>

#include "catch.hpp"
#include "runtime/helpers.hpp"

using namespace std::chrono_literals;
using pipes::on_recv;
using pipes::on_send;
using pipes::on_timeout;
using pipes::otherwise;

TEST_CASE("select takes what is ready, else otherwise, wherever that stands") {
  pipes::run({.processors = 1}, [] {
    pipes::chan<int> a(1), b(1);
    CHECK(pipes::select(otherwise(), on_recv(a), on_recv(b)) == 0);
    b.send(5);
    int got = 0;
    CHECK(pipes::select(otherwise(), on_recv(a), on_recv(b, [&](std::optional<int> v) { got = *v; })) == 2);
    CHECK(got == 5);
    CHECK(pipes::select(on_send(a, 9), on_recv(b)) == 0);
    CHECK(a.recv() == 9);
    a.close();
    bool closed = false;
    CHECK(pipes::select(on_recv(a, [&](std::optional<int> v) { closed = !v; }), otherwise()) == 0);
    CHECK(closed);
  });
}

TEST_CASE("the choice among the ready is uniform") {
  pipes::run({.processors = 1}, [] {
    constexpr int rounds = 40'000;
    std::array<pipes::chan<int>, 4> c;
    for (auto& x : c) {
      x = pipes::chan<int>(1);
      x.send(0);
    }
    std::array<int, 5> hits{};
    for (int i = 0; i < rounds; ++i) {
      const auto k = pipes::select(on_recv(c[0]), on_recv(c[1]), on_recv(pipes::chan<int>()), on_recv(c[2]), on_recv(c[3]));
      ++hits[k];
      c[k > 2 ? k - 1 : k].send(0);
    }
    CHECK(hits[2] == 0);
    for (std::size_t k : {0u, 1u, 3u, 4u}) CHECK(std::abs(hits[k] - rounds / 4) < 600);   // 7 standard deviations
  });
}

TEST_CASE("parked selects are fair to their cases") {
  pipes::run({.processors = 1}, [] {
    const int rounds = scaled(20'000);
    pipes::chan<int> a(0), b(0), stop(0);
    for (auto c : {a, b})
      pipes::go([=] {
        while (pipes::select(on_send(c, 1), on_recv(stop)) == 0) {}
      });
    int from_a = 0;
    for (int i = 0; i < rounds; ++i) from_a += pipes::select(on_recv(a), on_recv(b)) == 0;
    stop.close();
    CHECK(from_a > rounds / 10);
    CHECK(from_a < rounds - rounds / 10);
  });
}

TEST_CASE("a case that loses has no effect") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [] {
      pipes::chan<int> values(0), results(0), other(0);
      const int rounds = scaled(10'000);
      pipes::go([=] {
        for (int i = 0; i < rounds; ++i) {
          if (i % 3 == 0) other.send(-1);
          values.send(i);
        }
        values.close();
      });
      int expected = 0, others = 0;
      bool open = true;
      while (open)
        pipes::select(on_recv(values,
                              [&](std::optional<int> v) {
                                if (!v) open = false;
                                else CHECK(*v == expected++);
                              }),
                      on_recv(other, [&](std::optional<int>) { ++others; }));
      CHECK(expected == rounds);
      CHECK(others == (rounds + 2) / 3);
    });
  });
}

TEST_CASE("a channel may stand in several cases, also in both directions") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [] {
      pipes::chan<int> c(0);
      // alone, it must not exchange with itself
      CHECK(pipes::select(on_recv(c), on_send(c, 1), on_timeout(1ms)) == 2);
      // two such selects exchange with each other
      for (int round = 0; round < 300; ++round) {
        std::atomic<int> sends{0}, receives{0};
        pipes::wait_group wg;
        for (int i = 0; i < 2; ++i)
          wg.go([&] {
            const auto k = pipes::select(on_recv(c), on_send(c, 1), on_recv(c), on_send(c, 2));
            (k % 2 == 0 ? receives : sends).fetch_add(1);
          });
        wg.wait();
        CHECK(sends == 1);
        CHECK(receives == 1);
      }
    });
  });
}

TEST_CASE("select without a case, or with nil ones alone, blocks for ever") {
  CHECK_THROWS_AS(pipes::run([] { pipes::select(); }), pipes::deadlock);
  CHECK_THROWS_AS(pipes::run([] { pipes::select(on_recv(pipes::chan<int>())); }), pipes::deadlock);
}

TEST_CASE("handlers may park") {
  pipes::run({.processors = 2}, [] {
    pipes::chan<int> a(0), b(0);
    pipes::go([=] {
      a.send(1);
      b.send(2);
    });
    int second = 0;
    pipes::select(on_recv(a, [&](std::optional<int>) { second = *b.recv(); }));
    CHECK(second == 2);
  });
}

TEST_CASE("a timeout fires, not before its time, and only if nothing else is ready") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [] {
      pipes::chan<int> c(1);
      const auto begin = pipes::clock::now();
      bool fired = false;
      CHECK(pipes::select(on_recv(c), on_timeout(5ms, [&] { fired = true; })) == 1);
      CHECK(fired);
      CHECK(pipes::clock::now() - begin >= 5ms);
      CHECK(pipes::select(on_timeout(0ms), on_recv(c)) == 0);
      CHECK(pipes::select(on_timeout(-1h), on_recv(c), on_timeout(1h)) == 0);
      c.send(1);
      CHECK(pipes::select(on_timeout(0ms), on_recv(c)) == 1);
      CHECK(c.recv_for(2ms).closed() == false);
      CHECK(pipes::select(on_recv(c), on_timeout(std::chrono::hours::max()), on_timeout(1ms)) == 2);
    });
  });
}

TEST_CASE("select_set: cases known at run time") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [] {
      std::vector<pipes::chan<int>> inputs;
      pipes::select_set set;
      long sum = 0;
      int open = 0;
      for (int i = 0; i < 100; ++i) {
        pipes::chan<int> c(i % 3);
        inputs.push_back(c);
        const std::size_t index = set.recv(c, [&, i](std::optional<int> v) {
          if (v) {
            sum += *v;
          } else {
            --open;
            set.remove(static_cast<std::size_t>(i));
          }
        });
        CHECK(index == static_cast<std::size_t>(i));
        ++open;
      }
      for (auto& c : inputs)
        pipes::go([c] {
          for (int i = 1; i <= 10; ++i) c.send(i);
          c.close();
        });
      while (open > 0) set.wait();
      CHECK(sum == 5500);
      pipes::select_set sends;
      pipes::chan<std::unique_ptr<int>> out(1);
      sends.send(out, std::make_unique<int>(4));
      sends.timeout(1ms);
      CHECK(sends.wait() == 0);
      CHECK(sends.wait() == 1);
      CHECK(**out.recv() == 4);
    });
  });
}

TEST_CASE("after and tick") {
  pipes::run({.processors = 2}, [] {
    const auto begin = pipes::clock::now();
    auto once = pipes::after(3ms);
    CHECK(*once.recv() - begin >= 3ms);
    CHECK_FALSE(once.try_recv());
    auto ticks = pipes::tick(2ms);
    auto before = *ticks.recv();
    for (int i = 0; i < 3; ++i) {
      const auto now = *ticks.recv();
      CHECK(now > before);
      before = now;
    }
    CHECK_FALSE(pipes::tick(0ms));
    CHECK_FALSE(pipes::tick(-1ms));
    for (int i = 0; i < 1000; ++i) (void)pipes::after(1h);   // thrown away: does not keep the run alive
  });
}

TEST_CASE("random selects exchange each value once") {
  at_each_processor_count([](unsigned p) {
    for (unsigned seed = 1; seed <= 6; ++seed) {
      CAPTURE(p, seed);
      pipes::run({.processors = p}, [&] {
        std::vector<pipes::chan<int>> c;
        for (int i = 0; i < 5; ++i) c.emplace_back(i < 3 ? 0 : i);
        std::atomic<long> sent{0}, got{0};
        std::atomic<int> values_sent{0}, values_got{0};
        pipes::chan<int> stop(0);
        pipes::wait_group senders, receivers;
        for (int f = 0; f < 6; ++f)
          senders.go([&, f] {
            unsigned x = seed * 7919 + static_cast<unsigned>(f);
            for (int i = 0; i < scaled(3000); ++i) {
              x = x * 1664525 + 1013904223;
              auto &a = c[(x >> 8) % 5], &b = c[(x >> 16) % 5];
              const int v = static_cast<int>(x >> 24);
              std::size_t k;
              switch (x >> 5 & 3) {
                case 0: a.send(v); k = 0; break;
                case 1: k = pipes::select(on_send(a, v), on_timeout(50us), on_send(b, v)); break;
                case 2: k = a.try_send(v) ? 0 : 1; break;
                default: k = pipes::select(on_send(a, v), on_send(b, v), on_recv(stop)); break;
              }
              if (k == 0 || (k == 2 && (x >> 5 & 3) == 1) || (k == 1 && (x >> 5 & 3) == 3)) {
                sent += v;
                ++values_sent;
              }
            }
          });
        for (int f = 0; f < 6; ++f)
          receivers.go([&, f] {
            bool over = false;
            unsigned x = seed * 104729 + static_cast<unsigned>(f);
            const auto take = [&](std::optional<int> v) {
              if (!v) return;
              got += *v;
              ++values_got;
            };
            while (!over) {
              x = x * 1664525 + 1013904223;
              const auto at = [&](unsigned i) -> auto& { return c[(x + i) % 5]; };   // all of them, or a plain send might wait for ever
              pipes::select(on_recv(at(0), take), on_recv(at(1), take), on_recv(at(2), take), on_recv(at(3), take), on_recv(at(4), take),
                            on_recv(stop, [&](std::optional<int>) { over = true; }));
            }
          });
        senders.wait();
        stop.close();
        receivers.wait();
        for (auto& x : c)
          while (auto v = x.try_recv()) {
            got += *v;
            ++values_got;
          }
        CHECK(values_got == values_sent);
        CHECK(got == sent);
      });
    }
  });
}
