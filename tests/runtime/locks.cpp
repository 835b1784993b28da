// Locks and the like as programs use them, and misuse them.
#include <pipe/runtime.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <numeric>
#include <shared_mutex>
#include <vector>

#include "catch.hpp"
#include "runtime/helpers.hpp"

using namespace std::chrono_literals;
using pipes::chan;
using pipes::on_recv;
using pipes::on_timeout;

namespace {

// Mostly, others have parked by then where they go on to; no result may depend on it.
void let_others_park() {
  for (int i = 0; i < 200; ++i) pipes::yield();
}

}  // namespace

TEST_CASE("unlocking what nobody has locked is refused, and the lock is as it was") {
  pipes::run([] {
    pipes::mutex m;
    CHECK_THROWS_AS(m.unlock(), std::logic_error);
    m.lock();
    m.unlock();
    CHECK_THROWS_AS(m.unlock(), std::logic_error);
    CHECK(m.try_lock());
    m.unlock();

    pipes::rw_mutex rw;
    CHECK_THROWS_AS(rw.unlock(), std::logic_error);
    CHECK_THROWS_AS(rw.unlock_shared(), std::logic_error);
    rw.lock_shared();
    CHECK_THROWS_AS(rw.unlock(), std::logic_error);
    CHECK_FALSE(rw.try_lock());
    rw.unlock_shared();
    CHECK_THROWS_AS(rw.unlock_shared(), std::logic_error);
    rw.lock();
    CHECK_THROWS_AS(rw.unlock_shared(), std::logic_error);
    CHECK_FALSE(rw.try_lock_shared());
    rw.unlock();
    CHECK(rw.try_lock());
    rw.unlock();
  });
}

TEST_CASE("cond: a wait with what is not locked is refused, and the condition goes on") {
  pipes::run([] {
    pipes::mutex m;
    pipes::cond c;
    CHECK_THROWS_AS(c.wait(m), std::logic_error);
    bool told = false;
    pipes::wait_group waiting;
    waiting.go([&] {
      std::unique_lock lock(m);
      c.wait(lock, [&] { return told; });
    });
    std::unique_lock lock(m);
    told = true;
    lock.unlock();
    c.notify_all();
    waiting.wait();
  });
}

TEST_CASE("the standard's guards take a fiber's locks, several at once too") {
  on_one_two_and_seeded([] {
    pipes::mutex a, b;
    pipes::rw_mutex rw;
    long sum = 0;
    pipes::wait_group wg;
    for (int i = 0; i < 8; ++i)
      wg.go([&, i] {
        for (int k = 0; k < 50; ++k) {
          if (i % 2) {
            const std::scoped_lock both(a, b);
            ++sum;
            pipes::yield();
          } else {
            const std::scoped_lock both(b, a);
            ++sum;
          }
          const std::shared_lock reading(rw);
          const std::unique_lock attempt(rw, std::try_to_lock);
          if (attempt) std::abort();
        }
      });
    wg.wait();
    CHECK(sum == 400);
  });
}

TEST_CASE("as many readers as there are fibers hold a lock at once, and a writer comes when they have gone") {
  on_one_two_and_seeded([] {
    pipes::rw_mutex rw;
    const int n = 10;
    const chan<int> in(0), go(0), out(0);
    for (int i = 0; i < n; ++i)
      pipes::go([&] {
        rw.lock_shared();
        in.send(1);
        go.recv();
        rw.unlock_shared();
        out.send(1);
      });
    for (int i = 0; i < n; ++i) in.recv();            // all inside together
    CHECK_FALSE(rw.try_lock());
    go.close();
    for (int i = 0; i < n; ++i) out.recv();
    CHECK(rw.try_lock());
    rw.unlock();
  });
}

TEST_CASE("readers and writers that hammer a lock never meet where they must not") {
  on_one_two_and_seeded([] {
    pipes::rw_mutex rw;
    std::atomic<int> activity{0};                     // 1 a reader, 10000 a writer
    std::atomic<bool> wrong{false};
    pipes::wait_group wg;
    const int n = scaled(300);
    for (int w = 0; w < 2; ++w)
      wg.go([&] {
        for (int i = 0; i < n; ++i) {
          if (i % 3 == 0 ? !rw.try_lock() : (rw.lock(), false)) continue;
          if ((activity += 10000) != 10000) wrong = true;
          pipes::yield();
          activity -= 10000;
          rw.unlock();
        }
      });
    for (int r = 0; r < 10; ++r)
      wg.go([&] {
        for (int i = 0; i < n; ++i) {
          if (i % 3 == 0 ? !rw.try_lock_shared() : (rw.lock_shared(), false)) continue;
          const int now = ++activity;
          if (now < 1 || now >= 10000) wrong = true;
          pipes::yield();
          --activity;
          rw.unlock_shared();
        }
      });
    wg.wait();
    CHECK_FALSE(wrong.load());
    CHECK(activity == 0);
  });
}

TEST_CASE("cond: each notification wakes one, in the order of the waits, with a reader's lock too") {
  on_one_two_and_seeded([] {
    pipes::mutex m;
    pipes::cond c;
    const int n = 20;
    const chan<int> running(0);
    const chan<int> awake(n);
    for (int i = 0; i < n; ++i) {
      pipes::go([&, i] {
        std::unique_lock l(m);
        running.send(1);
        c.wait(l);
        awake.send(i);
      });
      running.recv();
      m.lock();                                       // it waits by now: wait() gave the lock away
      m.unlock();
    }
    for (int i = 0; i < n; ++i) {
      CHECK_FALSE(awake.try_recv());
      {
        const std::lock_guard l(m);
        c.notify_one();
      }
      CHECK(awake.recv() == i);
    }
    c.notify_one();                                   // nobody is there: lost

    pipes::rw_mutex rw;
    pipes::cond readers;
    bool ready = false;
    std::atomic<int> seen{0};
    pipes::wait_group wg;
    for (int i = 0; i < 5; ++i)
      wg.go([&] {
        std::shared_lock l(rw);
        while (!ready) readers.wait(l);
        ++seen;
      });
    let_others_park();
    {
      const std::lock_guard l(rw);
      ready = true;
    }
    readers.notify_all();
    wg.wait();
    CHECK(seen == 5);
  });
}

TEST_CASE("cond: a notification is not stolen by one that begins to wait after it") {
  on_one_two_and_seeded([] {
    for (int round = 0; round < scaled(300); ++round) {
      pipes::mutex m;
      pipes::cond c;
      const chan<int> begun(0);
      std::atomic<bool> first{false};
      const chan<int> done(0);
      pipes::go([&] {
        m.lock();
        begun.send(1);
        c.wait(m);
        m.unlock();
        first = true;
        done.send(1);
      });
      begun.recv();
      m.lock();
      m.unlock();
      pipes::scope late;
      late.go([&] {
        const std::lock_guard l(m);
        c.wait(m);
      });
      c.notify_one();
      if (pipes::select(on_recv(done), on_timeout(1min)) != 0) FAIL("the first waiter was not told");
    }
  });
}

TEST_CASE("a fiber that takes a lock again and again leaves it to others in between") {
  pipes::run({.processors = 2}, [] {
    pipes::mutex m;
    std::atomic<bool> stop{false};
    pipes::wait_group wg;
    wg.go([&] {
      while (!stop) {
        m.lock();
        pipes::sleep_for(100us);
        m.unlock();
      }
    });
    const chan<int> done(0);
    wg.go([&] {
      for (int i = 0; i < 10; ++i) {
        pipes::sleep_for(100us);
        m.lock();
        m.unlock();
      }
      done.send(1);
    });
    CHECK(pipes::select(on_recv(done), on_timeout(20s)) == 0);
    stop = true;
    pipes::select(on_recv(done), on_timeout(1ms));
    wg.wait();
  });
}

TEST_CASE("once: a call from within itself is a deadlock that is told, one through another once is none") {
  pipes::once outer, inner;
  int calls = 0;
  pipes::run([&] { outer.call([&] { inner.call([&] { ++calls; }); }); });
  CHECK(calls == 1);
  CHECK_THROWS_AS(pipes::run([] {
    pipes::once self;
    self.call([&] { self.call([] {}); });
  }), pipes::deadlock);
}

TEST_CASE("once that throws has been called: those who waited for it go on") {
  on_one_two_and_seeded([] {
    pipes::once o;
    std::atomic<int> ran{0}, threw{0}, through{0};
    pipes::wait_group wg;
    for (int i = 0; i < 10; ++i)
      wg.go([&] {
        try {
          o.call([&] {
            ++ran;
            pipes::yield();
            throw 1;
          });
          ++through;
        } catch (int) {
          ++threw;
        }
      });
    wg.wait();
    CHECK(ran == 1);
    CHECK(threw == 1);
    CHECK(through == 9);
  });
}

TEST_CASE("a wait group serves many waiters, generation after generation") {
  on_one_two_and_seeded([] {
    const pipes::wait_group a, b;
    for (int generation = 0; generation < 8; ++generation) {
      const int n = 16;
      a.add(n);
      b.add(n);
      const chan<int> passed(n);
      for (int i = 0; i < n; ++i)
        pipes::go([=] {
          a.done();
          b.wait();
          passed.send(1);
        });
      a.wait();
      for (int i = 0; i < n; ++i) {
        CHECK(passed.size() == 0);
        b.done();
      }
      for (int i = 0; i < n; ++i) passed.recv();
    }
  });
}

TEST_CASE("a wait group may be waited for while others add to it, each wait for what was there") {
  on_one_two_and_seeded([] {
    for (int round = 0; round < scaled(500); ++round) {
      pipes::wait_group wg;
      std::atomic<int> n{0};
      wg.go([&, wg] {
        ++n;
        wg.go([&] { ++n; });                          // from within: the count never falls to zero between
      });
      wg.wait();
      if (n != 2) FAIL("a fiber that was started from a counted one was not waited for");
    }
  });
}

TEST_CASE("semaphore: a large request that gives up lets the small ones behind it in") {
  on_one_two_and_seeded([] {
    pipes::semaphore s(3);
    s.acquire(2);
    pipes::cancel_token large;
    std::atomic<bool> got{false};
    const chan<int> done(0);
    large.go([&] {
      s.acquire(3);
      got = true;
    });
    for (; s.try_acquire(); pipes::yield()) s.release();   // until the large one waits
    pipes::go([&] {
      s.acquire();
      done.send(1);
    });
    let_others_park();
    CHECK_FALSE(s.try_acquire());                     // the large one is first
    CHECK_FALSE(done.try_recv());
    large.cancel();
    CHECK(done.recv() == 1);
    CHECK_FALSE(got.load());
    s.release(3);
    CHECK(s.try_acquire(3));
    s.acquire(0);                                     // nothing is always there
    CHECK_FALSE(s.try_acquire());
    s.release(3);
  });
}

TEST_CASE("semaphore: a large request that gives up while its fiber unwinds lets the small ones in, too") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [] {
      pipes::semaphore s(1);
      const pipes::cancel_token token;
      pipes::wait_group small;
      std::atomic<bool> waits{false};
      token.go([&] {
        struct last_wish {
          pipes::semaphore& s;
          std::atomic<bool>& waits;
          ~last_wish() {
            waits = true;
            s.acquire(2);
          }
        };
        try {
          const last_wish wish{s, waits};
          throw 1;
        } catch (int) {
        }
      });
      while (!waits) pipes::yield();
      while (s.try_acquire()) {          // nobody is before us
        s.release();
        pipes::yield();
      }
      small.go([&] { s.acquire(); });
      for (int i = 0; i < 10; ++i) pipes::yield();
      token.cancel();
      small.wait();
    });
  });
}

TEST_CASE("semaphore: more than there will ever be waits until it is cancelled, and small ones go on after") {
  on_one_two_and_seeded([] {
    pipes::semaphore s(1);
    pipes::scope impossible;
    impossible.go([&] { s.acquire(2); });
    let_others_park();
    impossible.cancel();
    impossible.join();
    s.acquire();
    s.release();
  });
  CHECK_THROWS_AS(pipes::run([] {
    pipes::semaphore s(1);
    s.acquire(2);
  }), pipes::deadlock);
}

TEST_CASE("a scope that is used again after its join waits for its new children all the same") {
  on_one_two_and_seeded([] {
    for (int round = 0; round < 20; ++round) {
      std::atomic<int> inside{0}, ended{0};
      {
        pipes::scope s;
        s.go([] {});
        s.join();
        s.go([&] {
          struct counted {
            std::atomic<int>& ended;
            ~counted() { ++ended; }
          } c{ended};
          ++inside;
          pipes::sleep_for(1h);
        });
        while (round % 2 && inside == 0) pipes::yield();
      }
      CHECK(inside == ended);
    }
  });
}

TEST_CASE("scopes within scopes: a failure deep down ends its own scope, a cancel above ends all below") {
  on_one_two_and_seeded([] {
    std::atomic<int> unwound{0}, leaves{0};
    struct counted {
      std::atomic<int>& n;
      ~counted() { ++n; }
    };
    const auto tree = [&](auto& self, int depth) -> void {
      const counted c{unwound};
      pipes::scope s;
      if (depth > 0)
        for (int i = 0; i < 2; ++i) s.go([&, depth] { self(self, depth - 1); });
      else
        s.go([&] {
          ++leaves;
          pipes::sleep_for(1h);
        });
      s.join();
    };
    {
      pipes::scope top;
      top.go([&] { tree(tree, 3); });
      while (leaves == 0) pipes::yield();
      top.cancel();
      top.join();
    }
    CHECK(unwound >= 4);
    std::string caught;
    pipes::scope outer;
    outer.go([&] {
      pipes::scope inner;
      inner.go([] { throw std::runtime_error("deep"); });
      inner.go([] { pipes::sleep_for(1h); });
      try {
        inner.join();
      } catch (const std::runtime_error& e) {
        caught = e.what();
      }
      pipes::sleep_for(1ms);                          // this scope is not touched by it
      caught += " down";
    });
    outer.join();
    CHECK(caught == "deep down");
  });
}

TEST_CASE("an exception beside a cancel: the first is what join tells, and none is lost in destructors") {
  on_one_two_and_seeded([] {
    for (int round = 0; round < scaled(200); ++round) {
      pipes::scope s;
      std::atomic<int> thrown{0};
      for (int i = 0; i < 5; ++i)
        s.go([&] {
          if (thrown.fetch_add(1) % 2 == 0) throw std::runtime_error("one of them");
          pipes::sleep_for(1h);
        });
      bool told = false;
      try {
        s.join();
      } catch (const std::runtime_error&) {
        told = true;
      }
      CHECK(told);
    }
  });
}
