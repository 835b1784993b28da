// How a run ends: by its last fiber, by an exception, by a deadlock, with daemons, with threads outside that are still at it.
#include <pipe/runtime.hpp>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "core/runtime/hot.hpp"
#include "runtime/helpers.hpp"

using namespace std::chrono_literals;

TEST_CASE("an exception out of a fiber ends the run, which rethrows it") {
  at_each_processor_count([](unsigned p) {
    std::atomic<bool> unwound{false};
    CHECK_THROWS_AS(pipes::run({.processors = p},
                               [&] {
                                 struct mark {
                                   std::atomic<bool>& b;
                                   ~mark() { b = true; }
                                 } m{unwound};
                                 pipes::go([] { throw std::range_error("x"); });
                                 pipes::chan<int>().recv();
                               }),
                    std::range_error);
    CHECK(unwound);
  });
}

TEST_CASE("a run that fails unwinds no frame before the fibers that were started from it have ended, whatever they do") {
  struct stage {
    std::atomic<bool> begun{false}, failed{false}, gone{false};
    expectations all;
    void stands() { all.expect(!gone); }
    void after_the_failure() {             // by and by, on a thread of its own
      while (!failed) std::this_thread::yield();
      for (int i = 0; i < 1000; ++i) std::this_thread::yield();
      stands();
    }
  };
  const auto fails_beside = [](unsigned processors, auto other) {
    stage on;
    const auto main = [&] {
      struct frame {
        std::atomic<bool>& gone;
        ~frame() { gone = true; }
      } mine{on.gone};
      pipes::mutex m;
      pipes::wait_group all;
      all.go([&] { other(on, all, m); });  // the youngest: the newest begins first, and waits for it
      all.go([&] {
        while (!on.begun) pipes::yield();
        throw std::range_error("x");
      });
      all.wait();
    };
    const auto on_exception = [&](const std::string&, std::exception_ptr) { on.failed = true; };
    CHECK_THROWS_AS(pipes::run({.processors = processors, .on_exception = on_exception}, main), std::range_error);
  };
  for (unsigned p : {1u, 2u}) {
    fails_beside(p, [](stage& on, pipes::wait_group&, pipes::mutex&) {
      on.begun = true;
      while (true) {
        on.stands();
        pipes::yield();
        on.stands();
      }
    });
    fails_beside(p, [](stage& on, pipes::wait_group&, pipes::mutex&) {
      on.begun = true;
      on.after_the_failure();
    });
    fails_beside(p, [](stage& on, pipes::wait_group&, pipes::mutex&) {
      pipes::blocking([&] {
        on.begun = true;
        on.after_the_failure();
      });
    });
    fails_beside(p, [](stage& on, pipes::wait_group& all, pipes::mutex& m) {   // the youngest waits where no cancel reaches it, for an older one
      std::unique_lock held(m);
      all.go([&] {
        on.begun = true;
        const std::lock_guard mine(m);
        on.stands();
      });
      while (!on.failed) pipes::yield();
      pipes::sleep_for(1h);
    });
  }
}

TEST_CASE("a run that fails ends where the youngest fiber waits for a mutex and an older one never rests") {
  const auto fails_beside = [](pipes::run_options options, auto never_rests) {
    pipes::mutex m;
    pipes::wait_group all;
    CHECK_THROWS_AS(pipes::run(std::move(options),
                               [&] {
                                 std::atomic<int> begun{0};
                                 const auto begins = [&](auto f) {
                                   const int before = begun;
                                   all.go([&begun, f] {
                                     ++begun;
                                     f();
                                   });
                                   while (begun == before) pipes::yield();
                                 };
                                 begins([&m] {
                                   const std::lock_guard held(m);
                                   pipes::sleep_for(1h);
                                 });
                                 begins(never_rests);
                                 std::atomic<bool> waits{false};
                                 begins([&waits] {
                                   while (!waits) pipes::yield();
                                   throw std::range_error("x");
                                 });
                                 begins([&m] { const std::lock_guard mine(m); });
                                 waits = true;
                                 all.wait();
                               }),
                    std::range_error);
  };
  const auto yields = [] {
    while (true) pipes::yield();
  };
  const auto exchanges = [] {
    const pipes::chan<int> c(0);
    pipes::go([c] { while (true) (void)c.recv(); });
    while (true) c.send(1);
  };
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const auto waits_for_input = [&ends] { (void)pipes::wait_readable(ends[0]); };
  const auto ticks = [] {
    while (true) pipes::sleep_for(1ms);
  };
  const auto each = [&](pipes::run_options options) {
    fails_beside(options, yields);
    fails_beside(options, exchanges);
    fails_beside(options, waits_for_input);
    fails_beside(options, ticks);
  };
  for (unsigned p : {1u, 2u}) each({.processors = p});
  for (std::uint64_t seed = 1; seed <= 5; ++seed) each({.seed = seed});
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("the fiber that an exception left is named, once") {
  at_each_processor_count([](unsigned p) {
    std::vector<std::string> told;
    const auto tell = [&](const std::string& fiber, std::exception_ptr e) {
      CHECK_THROWS_AS(std::rethrow_exception(e), std::range_error);
      told.push_back(fiber);
    };
    CHECK_THROWS_AS(pipes::run({.processors = p, .on_exception = tell},
                               [] {
                                 for (int i = 0; i < 3; ++i) pipes::go({.name = "thrower"}, [] { throw std::range_error("x"); });
                                 pipes::chan<int>().recv();
                               }),
                    std::range_error);
    CHECK(told == std::vector<std::string>{"thrower"});
  });
}

TEST_CASE("daemons do not keep a run alive") {
  at_each_processor_count([](unsigned p) {
    std::atomic<bool> begun{false}, cancelled{false};
    pipes::run({.processors = p}, [&] {
      pipes::go_daemon([&] {
        begun = true;
        try {
          pipes::chan<int>().recv();
        } catch (pipes::cancelled&) {
          cancelled = true;
          throw;
        }
      });
      while (!begun) pipes::yield();
    });
    CHECK(cancelled);
  });
}

TEST_CASE("a deadlock ends the run with a report") {
  at_each_processor_count([](unsigned p) {
    try {
      pipes::run({.processors = p}, [] {
        pipes::chan<int> c(3);
        pipes::go({.name = "stuck"}, [=] { c.recv(); });
        pipes::wait_group wg;
        wg.add();
        wg.wait();
      });
      FAIL("no deadlock was found");
    } catch (const pipes::deadlock& d) {
      CHECK(d.fibers().size() == 2);
      const std::string text = d.what();
      CHECK(text.find("stuck: chan receive (0 of 3 buffered)") != std::string::npos);
      CHECK(text.find("wait_group") != std::string::npos);
    }
  });
}

TEST_CASE("a mutex deadlock, which cannot be unwound, ends the run too") {
  CHECK_THROWS_AS(pipes::run([] {
                    pipes::mutex m;
                    m.lock();
                    m.lock();
                  }),
                  pipes::deadlock);
  CHECK(pipes::run([] { return 1; }) == 1);
}

TEST_CASE("a fiber that begins anyway finds itself cancelled at its first wait, and others do not begin") {
  at_each_processor_count([](unsigned p) {
    std::atomic<int> begun{0}, cancelled{0};
    const auto waits = [&] {
      ++begun;
      try {
        pipes::sleep_for(1h);
      } catch (const pipes::cancelled&) {
        ++cancelled;
        throw;
      }
    };
    pipes::run({.processors = p}, [&] {
      pipes::cancel_token token;
      token.cancel();
      token.go({.begins_anyway = true}, waits);
      token.go({.name = "does not"}, waits);
    });
    CHECK(begun == 1);
    CHECK(cancelled == 1);
    const auto fails = [&] {
      pipes::go({.begins_anyway = true}, waits);
      pipes::go({.name = "does not"}, waits);
      throw std::range_error("x");
    };
    CHECK_THROWS_AS(pipes::run({.processors = p}, fails), std::range_error);
    CHECK(cancelled == begun);             // with several processors one may have begun before the run failed
    CHECK(cancelled >= 2);
  });
}

TEST_CASE("locks and tokens that outlive a run know nothing of its fibers that could not be unwound") {
  pipes::mutex m;
  pipes::rw_mutex rw;
  const pipes::cancel_token token;
  {
    const std::scoped_lock held(m, rw);
    CHECK_THROWS_AS(pipes::run([&] {
                      for (int i = 0; i < 3; ++i) {
                        token.go([&] { m.lock(); });
                        token.go([&] { rw.lock(); });
                        token.go([&] { rw.lock_shared(); });
                      }
                    }),
                    pipes::deadlock);
    const auto again = [&] {             // on the stacks of those
      pipes::wait_group all;
      int cancelled = 0;
      for (int i = 0; i < 20; ++i)
        all.go([&] {
          try {
            pipes::yield();
            pipes::yield();
          } catch (const pipes::cancelled&) {
            ++cancelled;
          }
        });
      pipes::yield();
      token.cancel();
      all.wait();
      return cancelled;
    };
    CHECK(pipes::run({.processors = 1}, again) == 0);
  }
  CHECK(m.try_lock());
  CHECK(rw.try_lock());
  m.unlock();
  rw.unlock();
}

TEST_CASE("a deadlock right after a blocking call is found") {
  at_each_processor_count([](unsigned p) {
    for (int i = 0; i < scaled(100); ++i)
      CHECK_THROWS_AS(pipes::run({.processors = p},
                                 [] {
                                   pipes::blocking([] {});
                                   pipes::chan<int>().recv();
                                 }),
                      pipes::deadlock);
  });
}

TEST_CASE("fibers whose timers fire while the last worker falls asleep are no deadlock") {
  at_each_processor_count([](unsigned p) {
    std::atomic<int> slept{0};
    const int each = scaled(300);
    pipes::run({.processors = p}, [&] {
      for (int f = 0; f < 3; ++f)
        pipes::go([&slept, each, f] {
          for (int i = 0; i < each; ++i) {
            pipes::sleep_for(std::chrono::microseconds(20 + 7 * f));
            slept.fetch_add(1);
          }
        });
    });
    CHECK(slept == 3 * each);
  });
}

// A thread outside is still at its call when the fiber it has woken ends the run; what it looks at must live as long.
TEST_CASE("a run ends while the thread that woke its last fiber is still at it") {
  const std::pair<const char*, void (*)(pipes::chan<int>, pipes::event&)> ways[] = {
      {"close", [](pipes::chan<int> c, pipes::event&) { c.close(); }},
      {"send", [](pipes::chan<int> c, pipes::event&) { while (!c.try_send(1)) std::this_thread::yield(); }},
      {"select", [](pipes::chan<int> c, pipes::event&) { while (pipes::select(pipes::on_send(c, 1), pipes::otherwise()) != 0) std::this_thread::yield(); }},
      {"event", [](pipes::chan<int>, pipes::event& e) { e.set(); }},
      {"go", [](pipes::chan<int>, pipes::event& e) { pipes::go([&e] { e.set(); }); }},
  };
  for (const auto& [name, wake] : ways) {
    INFO(name);
    std::atomic<const pipes::chan<int>*> channel{nullptr};
    std::atomic<bool> over{false};
    pipes::event e;
    std::thread outside([&, wake = wake] {
      while (!over) {
        const pipes::chan<int>* c = channel.load();
        if (!c) {
          std::this_thread::yield();
          continue;
        }
        const pipes::chan<int> mine = *c;
        channel = nullptr;
        wake(mine, e);
      }
    });
    const bool by_channel = name != std::string("event") && name != std::string("go");
    for (int i = 0; i < (sanitized ? 300 : 2000); ++i) {
      std::atomic<bool> woken{false};
      pipes::run({.processors = 2}, [&] {
        const pipes::chan<int> c(0);
        pipes::go([&] { while (!woken) pipes::yield(); });   // keeps a processor at work: it takes up at once what is woken
        channel = &c;
        if (by_channel) (void)c.recv();
        else e.wait();
        while (channel) pipes::yield();                      // the thread has its own copy
        woken = true;
      });
    }
    over = true;
    outside.join();
  }
}

TEST_CASE("a fiber started from outside runs or is refused, also while the run ends") {
  std::atomic<int> started{0}, refused{0}, ran{0};
  std::atomic<bool> asked{false}, over{false};
  std::thread outside([&] {
    while (!over) {
      if (!asked.exchange(false)) {           // one a run: more could keep it alive for ever
        std::this_thread::yield();
        continue;
      }
      try {
        pipes::go([&] { ran.fetch_add(1); });
        started.fetch_add(1);
      } catch (const std::logic_error&) {
        refused.fetch_add(1);
      }
    }
  });
  constexpr int runs = sanitized ? 500 : 3000;
  for (int i = 0; i < runs; ++i) {
    pipes::run({.processors = 2}, [&] {
      if (i % 2 == 0) pipes::go_daemon([] { pipes::chan<int>().recv(); });
      asked = true;
      for (int j = i % 50; j > 0; --j) pipes::yield();
    });
    while (asked) std::this_thread::yield();
  }
  over = true;
  outside.join();
  CHECK(ran == started);
  CHECK(started + refused == runs);
}

TEST_CASE("a daemon from outside does not keep a run alive either") {
  at_each_processor_count([](unsigned p) {
    std::thread outside;
    pipes::run({.processors = p}, [&] {
      pipes::event begun;
      outside = std::thread([&] {
        pipes::go_daemon([&] {
          begun.set();
          pipes::chan<int>().recv();
        });
      });
      begun.wait();
    });
    outside.join();
  });
}

// Two that end at once must not leave it to each other to end the run: then it would end when its daemons have something to do.
TEST_CASE("a run ends with its last fiber, whatever its daemons wait for") {
  for (int i = 0; i < (sanitized ? 500 : 20'000); ++i) {
    std::atomic<bool> slept{false};
    std::atomic<int> there{0};
    const auto at_once = [&](int who) {    // but for up to a few hundred cycles
      there.fetch_add(1);
      for (int spins = 0; there < 2 && spins < 1'000'000; ++spins) {}
      if (who == i % 2)
        for (int k = i / 4 % 100; k > 0; --k) std::atomic_signal_fence(std::memory_order_seq_cst);
    };
    pipes::run({.processors = 2}, [&] {
      pipes::go_daemon([&] {
        pipes::sleep_for(30s);
        slept = true;
      });
      pipes::yield();
      pipes::go([&] {
        pipes::blocking([] {});            // comes back on the other worker
        at_once(0);
      });
      pipes::yield();
      if (i / 2 % 2 == 0) pipes::go([&] { at_once(1); });
      else at_once(1);
    });
    REQUIRE_FALSE(slept);
  }
}

TEST_CASE("what a refused fiber owned may wait for a run") {
  struct owner {
    bool* ran;
    explicit owner(bool* r) : ran(r) {}
    owner(owner&& o) noexcept : ran(std::exchange(o.ran, nullptr)) {}
    ~owner() {
      if (ran) pipes::run([this] { *ran = true; });
    }
  };
  bool ran = false;
  CHECK_THROWS_AS(pipes::go([o = owner(&ran)] { (void)o; }), std::logic_error);
  CHECK(ran);
}

TEST_CASE("the end of a run waits for the outsiders of its time, not for those who come later") {
  std::atomic<bool> begun{false}, over{false};
  std::thread relay([&] {                // there is never nobody inside
    std::optional<pipes::detail::outsider> one(std::in_place), other;
    begun = true;
    while (!over) {
      other.emplace();
      one.reset();
      one.emplace();
      other.reset();
    }
  });
  while (!begun) std::this_thread::yield();
  for (int i = 0; i < 100; ++i) pipes::detail::outsider::wait_for_all();
  over = true;
  relay.join();
}

TEST_CASE("the last handle of a timer's channel may be dropped outside while the run ends") {
  using timed = pipes::receiver<pipes::clock::time_point>;
  std::atomic<timed*> left{nullptr};
  std::atomic<bool> over{false};
  std::thread outside([&] {
    while (!over) {
      if (timed* c = left.exchange(nullptr)) delete c;
      else std::this_thread::yield();
    }
  });
  for (int i = 0; i < (sanitized ? 500 : 5000); ++i)
    pipes::run([&] { delete left.exchange(new timed(pipes::after(10s))); });
  over = true;
  outside.join();
  delete left.load();
}

// A run fails while a thread outside has its main fiber in hand: that one is unwound all the same.
TEST_CASE("a fiber that is woken from outside while its run fails is unwound") {
  std::atomic<const pipes::chan<int>*> channel{nullptr};
  std::atomic<bool> over{false}, go{false}, idle{true};
  std::thread outside([&] {
    while (!over) {
      const pipes::chan<int>* c = channel.load();
      if (!c) {
        std::this_thread::yield();
        continue;
      }
      const pipes::chan<int> mine = *c;
      idle = false;
      channel = nullptr;
      for (int looks = 0; !go; ++looks)    // soon, and at once if the other thread has a processor
        if (looks > 20'000) std::this_thread::yield();
      (void)mine.try_send(1);
      idle = true;
    }
  });
  int unwound = 0;
  constexpr int runs = sanitized ? 300 : 5000;
  struct mark {
    int& count;
    ~mark() { ++count; }
  };
  for (int i = 0; i < runs; ++i) {
    while (!idle) std::this_thread::yield();
    go = false;
    const auto main = [&] {
      const mark m{unwound};
      const pipes::chan<int> c(0);
      channel = &c;
      pipes::go([&, i] {
        while (channel) pipes::yield();
        go = true;
        for (int k = i % 300; k > 0; --k) std::atomic_signal_fence(std::memory_order_seq_cst);
        throw std::range_error("x");
      });
      while (true) (void)c.recv();
    };
    CHECK_THROWS_AS(pipes::run({.processors = 1}, main), std::range_error);
  }
  over = true;
  outside.join();
  CHECK(unwound == runs);
}

// Its receiver is in no list any more, and not ready yet: for the run that is no deadlock.
TEST_CASE("a select outside of the run has the fiber in hand that takes its value") {
  static thread_local bool outside_the_run = false;
  static std::atomic<bool> deadlock_found;
  static pipes::event* kept;
  struct slow {
    slow() = default;
    slow(slow&&) noexcept {
      if (!outside_the_run) return;
      kept->set();                         // from here on all fibers wait, but for the one in hand
      const auto begin = std::chrono::steady_clock::now();
      while (!deadlock_found && std::chrono::steady_clock::now() - begin < 50ms) std::this_thread::yield();
    }
  };
  deadlock_found = false;
  std::atomic<const pipes::chan<slow>*> channel{nullptr};
  pipes::event keep;
  kept = &keep;
  std::thread outside([&] {
    outside_the_run = true;
    while (!channel) std::this_thread::yield();
    const pipes::chan<slow> mine = *channel;
    while (pipes::select(pipes::on_send(mine, slow()), pipes::otherwise()) != 0) std::this_thread::yield();
  });
  bool received = false;
  pipes::run({.processors = 1, .on_deadlock = [] { deadlock_found = true; }}, [&] {
    const pipes::chan<slow> c(0);
    channel = &c;
    pipes::go([&] { keep.wait(); });
    received = c.recv().has_value();
  });
  outside.join();
  CHECK(received);
  CHECK_FALSE(deadlock_found);
}
