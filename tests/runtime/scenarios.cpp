// What programs written for Go rely on: channels, select, timers and sync together, in the situations that have broken runtimes.
#include <pipe/runtime.hpp>

#include <array>
#include <atomic>
#include <map>
#include <vector>

#include "catch.hpp"
#include "runtime/helpers.hpp"

using namespace std::chrono_literals;
using pipes::chan;
using pipes::closed_channel;
using pipes::on_recv;
using pipes::on_send;
using pipes::otherwise;

namespace {

template <class F>
void run_on_each(F&& body) {
  at_each_processor_count([&](unsigned p) { pipes::run({.processors = p}, [&] { body(); }); });
}

}  // namespace

TEST_CASE("a channel of any capacity: blocks when empty, blocks when full, drains, keeps order") {
  run_on_each([] {
    for (int capacity = 0; capacity < 10; ++capacity) {
      {
        chan<int> c(capacity);
        std::atomic<int> received{0};
        pipes::wait_group wg;
        for (int i = 0; i < 2; ++i)
          wg.go([&] {
            c.recv();
            ++received;
          });
        for (int i = 0; i < 10; ++i) pipes::yield();
        CHECK(received == 0);
        CHECK_FALSE(c.try_recv());
        c.send(0);
        c.send(0);
        wg.wait();
        CHECK(received == 2);
      }
      {
        chan<int> c(capacity);
        for (int i = 0; i < capacity; ++i) c.send(i);
        CHECK(c.size() == static_cast<std::size_t>(capacity));
        CHECK(c.capacity() == static_cast<std::size_t>(capacity));
        std::atomic<bool> sent{false};
        pipes::wait_group wg;
        wg.go([&] {
          c.send(capacity);
          sent = true;
        });
        for (int i = 0; i < 10; ++i) pipes::yield();
        CHECK_FALSE(sent.load());
        for (int i = 0; i <= capacity; ++i) CHECK(c.recv() == i);
        wg.wait();
        CHECK(sent.load());
      }
      {
        chan<int> c(capacity);
        for (int i = 0; i < capacity; ++i) c.send(i);
        c.close();
        for (int i = 0; i < capacity; ++i) CHECK(c.recv() == i);
        for (int i = 0; i < 3; ++i) {
          CHECK_FALSE(c.recv().has_value());
          CHECK(c.try_recv().closed());
        }
      }
      {
        chan<int> c(capacity);
        chan<bool> done(0);
        pipes::go([=] { done.send(!c.recv().has_value()); });
        pipes::yield();
        c.close();
        CHECK(done.recv() == true);
      }
      {
        chan<int> c(capacity);
        pipes::go([=] {
          for (int i = 0; i < 100; ++i) c.send(i);
        });
        for (int i = 0; i < 100; ++i) CHECK(c.recv() == i);
      }
    }
  });
}

TEST_CASE("four senders and four receivers: every receiver sees each sender's values in order, each value comes once") {
  run_on_each([] {
    constexpr int parties = 4;
    const int each = scaled(1000);
    for (int capacity : {0, 1, 10}) {
      chan<std::pair<int, int>> c(capacity);
      chan<std::vector<std::vector<int>>> results(parties);
      for (int s = 0; s < parties; ++s)
        pipes::go([=] {
          for (int i = 0; i < each; ++i) c.send(std::pair(s, i));
        });
      for (int r = 0; r < parties; ++r)
        pipes::go([=] {
          std::vector<std::vector<int>> seen(parties);
          for (int i = 0; i < each; ++i) {
            const auto [sender, value] = *c.recv();
            seen[static_cast<std::size_t>(sender)].push_back(value);
          }
          results.send(std::move(seen));
        });
      std::map<std::pair<int, int>, int> times;
      bool in_order = true;
      for (int r = 0; r < parties; ++r) {
        const auto seen = *results.recv();
        for (int s = 0; s < parties; ++s) {
          const auto& values = seen[static_cast<std::size_t>(s)];
          in_order = in_order && std::is_sorted(values.begin(), values.end());
          for (int v : values) ++times[{s, v}];
        }
      }
      CHECK(in_order);
      CHECK(times.size() == static_cast<std::size_t>(parties * each));
    }
  });
}

TEST_CASE("a poll never misses a channel that is ready all the time") {
  run_on_each([] {
    bool ready = true;
    for (int i = 0; i < scaled(2000); ++i) {
      chan<int> c(1);
      c.send(1);
      pipes::wait_group wg;
      std::atomic<bool> got{true};
      wg.go([&] {
        if (pipes::select(on_recv(c), otherwise()) == 1) got = false;
      });
      c.close();
      c.recv();
      wg.wait();
      ready = ready && got;
    }
    CHECK(ready);
  });
}

TEST_CASE("of two channels one is ready at any time: a poll over both never says none") {
  run_on_each([] {
    bool ready = true;
    for (int closes : {0, 1})
      for (int i = 0; i < scaled(2000); ++i) {
        chan<int> a(1), b(1);
        a.send(1);
        pipes::wait_group wg;
        std::atomic<bool> got{true};
        wg.go([&] {
          if (pipes::select(on_recv(a), on_recv(b), otherwise()) == 2) got = false;
        });
        if (closes) b.close();
        else b.send(1);
        pipes::select(on_recv(a), otherwise());
        wg.wait();
        ready = ready && got;
      }
    CHECK(ready);
  });
}

TEST_CASE("selects that send and receive on one channel never meet themselves") {
  run_on_each([] {
    for (int capacity : {0, 10}) {
      const int rounds = scaled(1000);
      chan<int> c(capacity);
      pipes::wait_group wg;
      std::atomic<int> own{0};
      for (int p = 0; p < 2; ++p)
        wg.go([&, p] {
          const auto check = [&](std::optional<int> v) {
            if (v == p) ++own;
          };
          for (int i = 0; i < rounds; ++i) {
            if (p == 0 || i % 2 == 0) pipes::select(on_send(c, p), on_recv(c, check));
            else pipes::select(on_recv(c, check), on_send(c, p));
          }
        });
      // Whoever is left alone at the end is let go.
      pipes::cancel_token stop;
      stop.go([=] {
        while (true) {
          pipes::select(on_send(c, 2), on_recv(c));
          pipes::yield();
        }
      });
      wg.wait();
      stop.cancel();
      if (capacity == 0) CHECK(own == 0);
    }
  });
}

TEST_CASE("eight goroutines over four channels by plain operations and by selects: all come home") {
  run_on_each([] {
    const int n = scaled(2000);
    std::array<chan<int>, 4> c{chan<int>(0), chan<int>(0), chan<int>(2), chan<int>(3)};
    pipes::wait_group wg;
    for (auto& one : c) {
      wg.go([=] {
        for (int i = 0; i < n; ++i) one.send(0);
      });
      wg.go([=] {
        for (int i = 0; i < n; ++i) one.recv();
      });
    }
    wg.go([=] {
      std::array<int, 4> sent{};
      auto open = c;
      for (int i = 0; i < 4 * n; ++i) {
        const std::size_t k = pipes::select(on_send(open[3], 0), on_send(open[2], 0), on_send(open[0], 0), on_send(open[1], 0));
        const std::size_t which = std::array<std::size_t, 4>{3, 2, 0, 1}[k];
        if (++sent[which] == n) open[which] = chan<int>();
      }
    });
    wg.go([=] {
      std::array<int, 4> received{};
      auto open = c;
      for (int i = 0; i < 4 * n; ++i) {
        const std::size_t which = pipes::select(on_recv(open[0]), on_recv(open[1]), on_recv(open[2]), on_recv(open[3]));
        if (++received[which] == n) open[which] = chan<int>();
      }
    });
    wg.wait();
    for (auto& one : c) CHECK(one.size() == 0);
  });
}

TEST_CASE("a consumer that selects between two busy producers hears both") {
  run_on_each([] {
    const int trials = scaled(10000);
    chan<int> a(trials + 1), b(trials + 1);
    for (int i = 0; i <= trials; ++i) {
      a.send(1);
      b.send(2);
    }
    chan<int> never(0), out(0);
    chan<bool> done(0);
    pipes::wait_group wg;
    wg.go([&] {
      for (bool on = true; on;) {
        std::optional<int> v;
        const auto keep = [&](std::optional<int> got) { v = got; };
        pipes::select(on_recv(never, keep), on_recv(a, keep), on_recv(b, keep));
        if (pipes::select(on_send(out, *v), on_recv(done)) == 1) on = false;
      }
    });
    int first = 0, second = 0;
    for (int i = 0; i < trials; ++i) ++(*out.recv() == 1 ? first : second);
    done.close();
    wg.wait();
    if (trials > 1000) CHECK(std::abs(first - second) < trials / 5);
  });
}

TEST_CASE("a select with two sends on one channel sends both values about as often") {
  run_on_each([] {
    const int n = scaled(1000);
    for (int capacity : {0, 1, n}) {
      chan<int> c(capacity);
      pipes::wait_group wg;
      int zeros = 0, ones = 0;
      wg.go([&] {
        for (int i = 0; i < n; ++i) {
          pipes::yield();
          ++(*c.recv() ? ones : zeros);
        }
      });
      for (int i = 0; i < n; ++i) pipes::select(on_send(c, 0), on_send(c, 1));
      wg.wait();
      if (n > 100) {
        CHECK(zeros > n / 10);
        CHECK(ones > n / 10);
      }
    }
  });
}

TEST_CASE("a pipeline of goroutines passes its tokens in order") {
  run_on_each([] {
    const int length = 10, values = scaled(500);
    for (int capacity : {0, 10}) {
      chan<int> first(capacity), last = first;
      for (int i = 0; i < length; ++i) {
        chan<int> next(capacity);
        pipes::go([in = last, next] {
          for (int v : in) next.send(v + 1);
          next.close();
        });
        last = next;
      }
      pipes::go([=] {
        for (int i = 0; i < values; ++i) first.send(i);
        first.close();
      });
      int expected = length;
      for (int v : last) CHECK(v == expected++);
      CHECK(expected == length + values);
    }
  });
}

TEST_CASE("a counter sent by a select over four channels arrives without gap or repetition") {
  run_on_each([] {
    const int n = scaled(4000);
    std::array<chan<int>, 4> c{chan<int>(0), chan<int>(0), chan<int>(0), chan<int>(0)};
    chan<int> gathered(0);
    chan<bool> end(0);
    pipes::go([=] {
      for (int i = 0; i < n; ++i) pipes::select(on_send(c[0], i), on_send(c[1], i), on_send(c[2], i), on_send(c[3], i));
      for (auto& one : c) one.close();
    });
    for (auto& one : c)
      pipes::go([=] {
        for (int v : one) gathered.send(v);
        end.send(true);
      });
    pipes::go([=] {
      for (int i = 0; i < 4; ++i) end.recv();
      gathered.close();
    });
    std::vector<int> times(static_cast<std::size_t>(n), 0);
    for (int v : gathered) ++times[static_cast<std::size_t>(v)];
    CHECK(std::all_of(times.begin(), times.end(), [](int t) { return t == 1; }));
  });
}

TEST_CASE("leaving a queue from its middle leaves the others in it") {
  run_on_each([] {
    for (int i = 0; i < scaled(500); ++i) {
      chan<bool> a(0), b(0), c(0), left(0);
      pipes::wait_group wg;
      wg.go([&] { a.recv(); });
      wg.go([&] {
        // In a's queue, then out of it through b.
        CHECK(pipes::select(on_recv(a), on_recv(b)) == 1);
        left.send(true);
      });
      wg.go([&] { a.recv(); });
      for (int k = 0; k < 4; ++k) pipes::yield();
      // b only meets the select if that already waits or comes later; a may have been taken by it only through a send.
      b.send(true);
      left.recv();
      a.send(true);
      a.send(true);
      wg.wait();
    }
  });
}

TEST_CASE("what blocks, what throws, what goes through: open, full, closed and nil channels, alone and in select") {
  using namespace pipes;
  pipes::run({.processors = 1}, [] {      // a yield lets the others begin
    const auto blocks = [](auto operation) {
      cancel_token t;
      std::atomic<bool> passed{false};
      wait_group wg;
      wg.add(1);
      t.go([&] {
        struct at_end {
          wait_group& wg;
          ~at_end() { wg.done(); }
        } end{wg};
        operation();
        passed = true;
      });
      for (int i = 0; i < 10; ++i) pipes::yield();
      t.cancel();
      wg.wait();
      return !passed;
    };
    chan<int> nil, open(0), roomy(10), full(1), closed(0), drained(3);
    full.send(1);
    closed.close();
    drained.send(7);
    drained.close();

    CHECK(blocks([=] { nil.recv(); }));
    CHECK(blocks([=] { nil.send(1); }));
    CHECK(blocks([=] { open.recv(); }));
    CHECK(blocks([=] { open.send(1); }));
    CHECK(blocks([=] { roomy.recv(); }));
    CHECK(blocks([=] { full.send(1); }));
    roomy.send(1);
    CHECK(roomy.size() == 1);
    CHECK_FALSE(closed.recv().has_value());
    CHECK(drained.recv() == 7);
    CHECK_FALSE(drained.recv().has_value());
    CHECK_THROWS_AS(closed.send(1), closed_channel);
    CHECK_THROWS_AS(closed.close(), closed_channel);
    CHECK_THROWS_AS(nil.close(), closed_channel);
    CHECK_THROWS_AS(closed.try_send(1), closed_channel);
    CHECK_THROWS_AS(pipes::select(on_send(closed, 1)), closed_channel);
    CHECK_THROWS_AS(pipes::select(on_send(closed, 1), otherwise()), closed_channel);

    CHECK(blocks([=] { pipes::select(on_recv(nil)); }));
    CHECK(blocks([=] { pipes::select(on_send(nil, 1), on_recv(open)); }));
    CHECK(pipes::select(on_recv(nil), on_send(nil, 1), otherwise()) == 2);
    CHECK(pipes::select(on_recv(open), otherwise()) == 1);
    CHECK(pipes::select(on_send(open, 1), otherwise()) == 1);
    CHECK(pipes::select(on_send(full, 1), on_recv(full), otherwise()) == 1);
    CHECK(pipes::select(on_recv(closed), otherwise()) == 0);
    CHECK(pipes::select(on_recv(nil), on_recv(closed)) == 1);
  });
}

TEST_CASE("a prime sieve of channels finds the primes") {
  run_on_each([] {
    std::vector<int> primes;
    pipes::cancel_token all;
    chan<int> source(0);
    all.go([=] {
      for (int i = 2;; ++i) source.send(i);
    });
    chan<int> in = source;
    while (primes.size() < 25) {
      const int prime = *in.recv();
      primes.push_back(prime);
      chan<int> out(0);
      all.go([=] {
        while (true)
          if (const int v = *in.recv(); v % prime != 0) out.send(v);
      });
      in = out;
    }
    all.cancel();
    CHECK(primes == std::vector<int>{2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97});
  });
}

TEST_CASE("a wait group's waiters see all that was done before it became zero") {
  run_on_each([] {
    bool all = true;
    for (int i = 0; i < scaled(1000); ++i) {
      pipes::wait_group wg;
      int a = 0, b = 0;
      wg.add(2);
      pipes::go([&] {
        a = 1;
        wg.done();
      });
      pipes::go([&] {
        b = 1;
        wg.done();
      });
      wg.wait();
      all = all && a == 1 && b == 1;
    }
    CHECK(all);
    CHECK_THROWS_AS(pipes::wait_group().done(), std::logic_error);
  });
}

TEST_CASE("a thousand goroutines count under a mutex, readers never see a torn pair") {
  run_on_each([] {
    const int n = scaled(1000);
    pipes::mutex m;
    pipes::rw_mutex rw;
    long counter = 0, x = 0, y = 0;
    std::atomic<bool> torn{false};
    pipes::wait_group wg;
    for (int i = 0; i < n; ++i) {
      wg.go([&] {
        m.lock();
        ++counter;
        m.unlock();
      });
      wg.go([&, i] {
        if (i % 10 == 0) {
          rw.lock();
          ++x;
          pipes::yield();
          ++y;
          rw.unlock();
        } else {
          rw.lock_shared();
          if (x != y) torn = true;
          rw.unlock_shared();
        }
      });
    }
    wg.wait();
    CHECK(counter == n);
    CHECK_FALSE(torn.load());
  });
}

TEST_CASE("a producer that is abandoned half-way can be told through a quit channel") {
  run_on_each([] {
    chan<int> values(0);
    chan<bool> quit(0), gone(0);
    pipes::go([=] {
      for (int i = 0;; ++i)
        if (pipes::select(on_send(values, i), on_recv(quit)) == 1) break;
      gone.send(true);
    });
    for (int i = 0; i < 10; ++i) CHECK(values.recv() == i);
    quit.close();
    CHECK(gone.recv() == true);
  });
}

TEST_CASE("a timer that is late for nobody: select over work, tick and deadline ends by the deadline") {
  run_on_each([] {
    chan<int> work(0);
    pipes::cancel_token t;
    t.go([=] {
      for (int i = 0;; ++i) {
        work.send(i);
        pipes::sleep_for(1ms);
      }
    });
    const auto deadline = pipes::after(30ms);
    const auto beat = pipes::tick(5ms);
    int done = 0, beats = 0;
    for (bool on = true; on;)
      pipes::select(on_recv(work, [&](std::optional<int>) { ++done; }), on_recv(beat, [&](auto) { ++beats; }),
                    on_recv(deadline, [&](auto) { on = false; }));
    t.cancel();
    CHECK(done >= 1);
    CHECK(beats >= 1);
  });
}
