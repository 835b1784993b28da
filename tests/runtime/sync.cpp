// Wait groups, locks, scopes, cancellation.
#include <pipe/runtime.hpp>

#include <atomic>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "runtime/helpers.hpp"

using namespace std::chrono_literals;

TEST_CASE("wait_group: waits for zero, refuses less") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [] {
      pipes::wait_group wg;
      wg.wait();
      CHECK_THROWS_AS(wg.done(), std::logic_error);
      wg.wait();
      int plain[32] = {};
      for (int& x : plain) wg.go([&x] { x = 1; });
      pipes::wait_group waiters;
      for (int i = 0; i < 4; ++i) waiters.go([=] { wg.wait(); });
      wg.wait();
      for (int x : plain) CHECK(x == 1);
      waiters.wait();
    });
  });
}

TEST_CASE("what was moved from: a channel is nil, a wait group refuses, a cancel token is still the same") {
  pipes::run([] {
    pipes::wait_group group;
    const pipes::wait_group taken = std::move(group);
    taken.add();
    CHECK_THROWS_AS(group.add(), std::logic_error);
    CHECK_THROWS_AS(group.done(), std::logic_error);
    CHECK_THROWS_AS(group.wait(), std::logic_error);
    CHECK_THROWS_AS(group.go([] {}), std::logic_error);
    const pipes::wait_group copy = group;
    CHECK_THROWS_AS(copy.wait(), std::logic_error);
    group = taken;
    group.done();
    taken.wait();

    pipes::chan<int> c(1);
    const pipes::chan<int> other = std::move(c);
    CHECK(other.try_send(1));
    CHECK_FALSE(c.try_send(1));
    CHECK_FALSE(c.try_recv().closed());
    CHECK_THROWS_AS(c.close(), pipes::closed_channel);
    CHECK(c.size() + c.capacity() == 0);

    pipes::cancel_token token;
    const pipes::cancel_token same = std::move(token);
    token.cancel();
    CHECK(same.cancelled());

    pipes::select_set set;
    set.otherwise();
    pipes::select_set moved = std::move(set);
    CHECK(moved.wait() == 0);
    CHECK(set.size() == 0);
  });
}

TEST_CASE("a wait group may go, or count again, as soon as wait has returned") {   // TSan and ASan check the first half
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [] {
      bool early = false;
      pipes::wait_group again;
      for (int round = 0; round < 100 * scaled(200); ++round) {
        pipes::wait_group once;
        std::atomic<int> done{0};
        again.add(2);
        once.add(2);
        for (int i = 0; i < 2; ++i)
          pipes::go([&] {              // by reference: done() must be through with the group when wait() returns
            ++done;
            again.done();
            once.done();
          });
        if (round % 3 == 0) pipes::yield();
        again.wait();
        early = early || done != 2;
        once.wait();
      }
      CHECK_FALSE(early);
    });
  });
}

TEST_CASE("mutex excludes, and every waiter gets it") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [] {
      pipes::mutex m;
      int plain = 0;
      const int fibers = 50, each = scaled(2000);
      pipes::wait_group wg;
      for (int f = 0; f < fibers; ++f)
        wg.go([&] {
          for (int i = 0; i < each; ++i) {
            std::lock_guard lock(m);
            const int before = plain;
            if (i % 64 == 0) pipes::yield();
            plain = before + 1;
          }
        });
      wg.wait();
      CHECK(plain == fibers * each);
      CHECK(m.try_lock());
      CHECK_FALSE(m.try_lock());
      m.unlock();
    });
  });
}

TEST_CASE("rw_mutex: readers together, writers alone, none starves") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [] {
      pipes::rw_mutex m;
      int plain = 0;
      std::atomic<int> reading{0}, most{0};
      pipes::wait_group wg;
      const int each = scaled(500);
      for (int f = 0; f < 8; ++f) {
        wg.go([&] {
          for (int i = 0; i < each; ++i) {
            m.lock_shared();
            const int now = ++reading;
            if (now > most) most = now;
            const int seen = plain;
            pipes::yield();
            if (seen != plain) FAIL("changed under a reader");
            --reading;
            m.unlock_shared();
          }
        });
        wg.go([&] {
          for (int i = 0; i < each; ++i) {
            std::lock_guard lock(m);
            if (reading != 0) FAIL("a reader beside a writer");
            ++plain;
          }
        });
      }
      wg.wait();
      CHECK(plain == 8 * each);
      CHECK(most > 1);
      CHECK(m.try_lock_shared());
      CHECK_FALSE(m.try_lock());
      m.unlock_shared();
      CHECK(m.try_lock());
      CHECK_FALSE(m.try_lock_shared());
      m.unlock();
    });
  });
}

TEST_CASE("cond: a queue with producers and consumers") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [] {
      pipes::mutex m;
      pipes::cond not_empty, not_full;
      std::deque<int> queue;
      const int each = scaled(5000);
      long sum = 0;   // under m
      pipes::wait_group producers, consumers;
      for (int f = 0; f < 4; ++f) {
        producers.go([&] {
          for (int i = 1; i <= each; ++i) {
            std::unique_lock lock(m);
            not_full.wait(lock, [&] { return queue.size() < 5; });
            queue.push_back(i);
            not_empty.notify_one();
          }
        });
        consumers.go([&] {
          while (true) {
            std::unique_lock lock(m);
            not_empty.wait(lock, [&] { return !queue.empty(); });
            const int v = queue.front();
            queue.pop_front();
            not_full.notify_one();
            if (v < 0) return;
            sum += v;
          }
        });
      }
      producers.wait();
      for (int i = 0; i < 4; ++i) {
        std::unique_lock lock(m);
        queue.push_back(-1);
        not_empty.notify_all();
      }
      consumers.wait();
      CHECK(sum == 4L * each * (each + 1) / 2);
    });
  });
}

TEST_CASE("once runs once, others wait for it, an exception counts") {
  at_each_processor_count([](unsigned p) {
    expectations all;
    pipes::run({.processors = p}, [&all] {
      pipes::once o, thrower;
      int runs = 0;
      pipes::wait_group wg;
      for (int i = 0; i < 20; ++i)
        wg.go([&] {
          o.call([&] {
            pipes::yield();
            ++runs;
          });
          all.expect(runs == 1);
        });
      wg.wait();
      CHECK_THROWS_AS(thrower.call([] { throw std::runtime_error("x"); }), std::runtime_error);
      thrower.call([] { FAIL("called again"); });
    });
  });
}

TEST_CASE("semaphore admits n") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [] {
      pipes::semaphore s(3);
      std::atomic<int> inside{0}, most{0};
      pipes::wait_group wg;
      for (int i = 0; i < 100; ++i)
        wg.go([&] {
          s.acquire();
          const int now = ++inside;
          if (now > most) most = now;
          if (now > 3) FAIL("too many");
          pipes::yield();
          --inside;
          s.release();
        });
      wg.wait();
      CHECK(most == 3);
      CHECK(s.try_acquire(3));
      CHECK_FALSE(s.try_acquire());
      s.release(3);
    });
  });
}

TEST_CASE("scope: the first exception cancels the rest and join rethrows it") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [] {
      std::atomic<int> begun{0}, cancelled{0};
      pipes::scope s;
      for (int i = 0; i < 10; ++i)
        s.go([&] {
          ++begun;
          try {
            pipes::chan<int>().recv();
          } catch (const pipes::cancelled&) {
            ++cancelled;
            throw;
          }
        });
      while (begun < 10) pipes::yield();
      s.go([] { throw std::range_error("first"); });
      CHECK_THROWS_AS(s.join(), std::range_error);
      CHECK(cancelled == 10);
    });
  });
}

TEST_CASE("scope: its destructor cancels and waits") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [] {
      int ended = 0;
      std::atomic<int> begun{0};
      pipes::mutex m;
      {
        pipes::scope s;
        for (int i = 0; i < 10; ++i)
          s.go([&] {
            ++begun;
            struct count {
              int& n;
              pipes::mutex& m;
              ~count() {
                std::lock_guard lock(m);
                ++n;
              }
            } c{ended, m};
            pipes::sleep_for(1h);
          });
        while (begun < 5) pipes::yield();      // some sleep, some may never run
      }
      CHECK(ended == begun);
    });
  });
}

namespace {

// Says that a fiber has ended, however it ends.
struct leaving {
  pipes::wait_group& wg;
  ~leaving() { wg.done(); }
};

}  // namespace

TEST_CASE("cancel reaches every kind of park, and again at each parking call") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [p] {
      const auto cancels = [p](const char* what, auto park) {
        CAPTURE(what, p);
        pipes::cancel_token token;
        std::atomic<int> caught{0};
        pipes::wait_group wg;
        std::atomic<bool> begun{false};
        wg.add();
        token.go([&] {
          const leaving at_end{wg};
          begun = true;
          for (int i = 0; i < 2; ++i) try {
              park();
            } catch (const pipes::cancelled&) {
              ++caught;
            }
          park();   // ends the fiber without a word
        });
        while (!begun) pipes::yield();
        for (int i = 0; i < 3; ++i) pipes::yield();
        token.cancel();
        CHECK(token.cancelled());
        wg.wait();
        CHECK(caught == 2);
      };
      pipes::chan<int> c(0);
      cancels("recv", [&] { c.recv(); });
      cancels("send", [&] { c.send(1); });
      cancels("nil", [] { pipes::chan<int>().recv(); });
      cancels("select", [&] { pipes::select(pipes::on_recv(c), pipes::on_timeout(1h)); });
      cancels("empty select", [] { pipes::select(); });
      cancels("sleep", [] { pipes::sleep_for(1h); });
      cancels("wait_group", [] {
        pipes::wait_group never;
        never.add();
        never.wait();
      });
      pipes::semaphore s(0);
      cancels("semaphore", [&] { s.acquire(); });
      pipes::event e;
      cancels("event", [&] { e.wait(); });
      pipes::mutex m;
      pipes::cond cv;
      cancels("cond", [&] {
        std::unique_lock lock(m);
        cv.wait(lock);
      });
      cancels("yield", [] {
        while (true) pipes::yield();
      });
      CHECK_FALSE(c.try_recv());
      CHECK_FALSE(c.try_send(1));
      CHECK(m.try_lock());
    });
  });
}

TEST_CASE("while a cancelled fiber unwinds, parking calls return at once") {
  pipes::run([] {
    pipes::cancel_token token;
    pipes::chan<int> c(0);
    pipes::wait_group wg;
    wg.add();
    bool empty = false;
    std::atomic<bool> begun{false};
    token.go([&] {
      begun = true;
      struct last_words {
        pipes::chan<int>& c;
        pipes::wait_group& wg;
        bool& empty;
        ~last_words() {
          c.send(1);
          empty = !c.recv();
          pipes::sleep_for(1h);
          wg.done();
        }
      } w{c, wg, empty};
      c.recv();
    });
    while (!begun) pipes::yield();
    token.cancel();
    wg.wait();
    CHECK(empty);
  });
}

TEST_CASE("a shield holds a cancel off: what parks under it goes through, the next parking call throws") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [] {
      for (int round = 0; round < scaled(2000); ++round) {
        pipes::cancel_token token;
        pipes::chan<int> c(0), told(0);
        bool sent = false, went_on = false;
        pipes::wait_group wg;
        wg.add();
        token.go([&] {
          const leaving at_end{wg};
          {
            pipes::cancel_shield outer;
            told.send(1);              // from here on the cancel may come at any time
            {
              pipes::cancel_shield inner;
              c.send(2);
            }
            c.send(3);
            sent = true;
          }
          c.recv();
          went_on = true;
        });
        told.recv();
        pipes::go([&] { token.cancel(); });
        if (round % 2) pipes::yield();
        CHECK(c.recv() == 2);
        CHECK(c.recv() == 3);
        wg.wait();
        CHECK(sent);
        CHECK_FALSE(went_on);
      }
    });
  });
}

TEST_CASE("a shield outside of any token does nothing, and the end of the run breaks through one") {
  pipes::run([] {
    pipes::cancel_shield nothing;
    pipes::yield();
  });
  bool broken = false;
  CHECK_THROWS_AS(pipes::run([&] {
    pipes::chan<int> ready(0);
    pipes::cancel_token token;
    token.go([&broken, ready] {
      pipes::cancel_shield held;
      ready.send(1);
      try {
        pipes::chan<int>().recv();
      } catch (const pipes::cancelled&) {
        broken = true;
      }
    });
    ready.recv();
    throw std::runtime_error("over");
  }), std::runtime_error);
  CHECK(broken);
}

TEST_CASE("a cancelled exchange has no effect: what was sent was received") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [] {
      for (int round = 0; round < scaled(2000); ++round) {
        pipes::chan<int> c(0);
        std::atomic<int> sent{0}, got{0};
        {
          pipes::scope s;                     // ~scope cancels wherever the two are, and waits for them
          s.go([&] {
            for (int i = 0; i < 3; ++i) {
              c.send(1);
              ++sent;
            }
          });
          s.go([&] {
            for (int i = 0; i < 3; ++i)
              if (round % 2 == 0 ? c.recv().has_value() : pipes::select(pipes::on_recv(c), pipes::on_recv(pipes::chan<int>())) == 0) ++got;
          });
          for (int i = round % 7; i > 0; --i) pipes::yield();
        }
        // a fiber may be cancelled between the exchange and its count only if it parks there, which it does not
        if (sent != got) FAIL("a value was lost or doubled");
      }
    });
  });
}

TEST_CASE("event: any thread may set it, it stays set until consumed") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [] {
      pipes::event e;
      e.set();
      e.set();
      e.wait();
      CHECK_FALSE(e.wait_for(1ms));
      int plain = 0;
      std::thread outside([&] {
        for (int i = 0; i < 100; ++i) {
          if (i == 99) plain = 1;
          e.set();
          std::this_thread::yield();
        }
      });
      e.wait();
      outside.join();
      CHECK(plain == 1);
    });
  });
}

TEST_CASE("an event that is set needs no run to be waited for") {
  pipes::event e;
  e.set();
  CHECK(e.wait_for(std::chrono::hours(1)));
}
