// Cancelling: tokens, scopes, daemons, the end of a run, under many schedules.
#include <mutex>
#include <set>

#include "schedules/explore.hpp"

using namespace std::chrono_literals;
using schedules::explore;
using schedules::point;

namespace {

struct at_end {
  std::function<void()> f;
  ~at_end() { f(); }
};

}  // namespace

TEST_CASE("a cancelled send is not received, a send that returned is", "[cancel]") {
  for (int capacity : {0, 1})
    explore([capacity](const auto& how) {
      std::set<int> returned, cancelled, got;
      pipes::run(how, [&] {
        const pipes::chan<int> c(capacity);
        const pipes::cancel_token t;
        for (int i = 0; i < 3; ++i)
          t.go([&, c, i] {
            try {
              if (i == 0) pipes::select(pipes::on_send(c, i), pipes::on_recv(pipes::chan<int>()));
              else c.send(i);
              returned.insert(i);
            } catch (const pipes::cancelled&) {
              cancelled.insert(i);
              throw;
            }
          });
        pipes::go([&, c] {
          for (int i = 0; i < 2; ++i)
            if (auto v = c.recv_for(1ms)) got.insert(*v);
        });
        pipes::yield();
        point();
        t.cancel();
        pipes::sleep_for(5ms);
        while (auto v = c.try_recv()) got.insert(*v);
      });
      HOLDS(returned == got);
      return std::to_string(returned.size()) + std::to_string(cancelled.size());
    }).at_least(3);
}

TEST_CASE("cancel reaches every place that parks, and again at each", "[cancel]") {
  explore([](const auto& how) {
    int ended = 0;
    std::string order;
    pipes::run(how, [&] {
      const pipes::chan<int> c(0);
      pipes::wait_group never;
      never.add(1);
      pipes::semaphore none(0);
      pipes::mutex m;
      pipes::cond moved;
      const pipes::cancel_token t;
      const auto begin = [&](char name, std::function<void()> park) {
        t.go([&, name, park] {
          const at_end leave{[&] {
            ++ended;
            order += name;
          }};
          try {
            park();
            HOLDS(false);
          } catch (const pipes::cancelled&) {
            bool again = false;
            try {
              c.send(1);
            } catch (const pipes::cancelled&) {
              again = true;
            }
            HOLDS(again);
            throw;
          }
        });
      };
      begin('r', [&] { (void)c.recv(); });
      begin('t', [&] { (void)c.recv_for(1h); });
      begin('s', [&] { pipes::select(pipes::on_recv(c), pipes::on_timeout(1h)); });
      begin('e', [&] { pipes::select(); });
      begin('z', [&] { pipes::sleep_for(1h); });
      begin('w', [&] { never.wait(); });
      begin('q', [&] { none.acquire(); });
      begin('c', [&] {
        std::unique_lock lock(m);
        moved.wait(lock);
      });
      pipes::sleep_for(1ms);   // all are parked
      const auto before = pipes::now();
      t.cancel();
      pipes::sleep_for(1ms);
      HOLDS(ended == 8);
      HOLDS(pipes::now() - before == 1ms);
      std::unique_lock lock(m);   // the waiter of the cond has given it back
    });
    return order;
  }).at_least(20);
}

TEST_CASE("locking a mutex is not cancellable, what is done with it is", "[cancel][sync]") {
  explore([](const auto& how) {
    bool locked = false;
    pipes::run(how, [&] {
      pipes::mutex m;
      const pipes::cancel_token t;
      std::unique_lock held(m);
      t.go([&] {
        std::unique_lock mine(m);
        locked = true;
        pipes::sleep_for(1h);
        HOLDS(false);
      });
      pipes::sleep_for(1ms);
      t.cancel();
      point();
      held.unlock();
      pipes::sleep_for(1ms);
      HOLDS(m.try_lock());
      m.unlock();
    });
    HOLDS(locked);
    return std::string();
  });
}

TEST_CASE("scope: the first exception cancels the rest and comes out of join", "[cancel]") {
  explore([](const auto& how) {
    int unwound = 0, begun = 0;
    std::string what;
    pipes::run(how, [&] {
      pipes::scope s;
      const pipes::chan<int> c(0);
      for (int i = 0; i < 3; ++i)
        s.go([&, c] {
          ++begun;
          const at_end leave{[&] { ++unwound; }};
          (void)c.recv();
          HOLDS(false);
        });
      for (const char* who : {"a", "b"})
        s.go([who] {
          pipes::yield();
          throw std::runtime_error(who);
        });
      try {
        s.join();
        HOLDS(false);
      } catch (const std::runtime_error& e) {
        what = e.what();
      }
      HOLDS(unwound == begun);
    });
    return what + std::to_string(begun);
  }).at_least(4);
}

TEST_CASE("scope: without join its end cancels and waits", "[cancel]") {
  explore([](const auto& how) {
    int begun = 0, ended = 0;
    pipes::run(how, [&] {
      {
        pipes::scope s;
        for (int i = 0; i < 3; ++i)
          s.go([&] {
            ++begun;
            const at_end leave{[&] { ++ended; }};
            pipes::sleep_for(1h);
          });
        point();
        if (begun == 3) pipes::yield();
      }
      HOLDS(ended == begun);
    });
    return std::to_string(begun);
  }).at_least(3);
}

TEST_CASE("daemons do not keep a run alive, and are cancelled, the youngest first, when all others have ended", "[cancel]") {
  explore([](const auto& how) {
    int served = 0;
    std::string ends;
    bool all_sent = false;
    pipes::run(how, [&] {
      const pipes::chan<int> c(0);
      for (char name : {'a', 'b'})
        pipes::go_daemon([&, c, name] {
          const at_end leave{[&] {
            HOLDS(all_sent);
            ends += name;
          }};
          while (c.recv()) ++served;
        });
      pipes::go([&, c] {
        for (int i = 0; i < 3; ++i) c.send(i);
        all_sent = true;
      });
    });
    HOLDS(served == 3);
    HOLDS(ends.size() <= 2 && !ends.empty());
    return ends;
  }).at_least(2);
}

TEST_CASE("an exception out of a fiber ends the run - all frames are unwound", "[cancel]") {
  explore([](const auto& how) {
    int begun = 0, ended = 0;
    std::string what;
    try {
      pipes::run(how, [&] {
        const pipes::chan<int> c(0);
        pipes::mutex m;
        std::unique_lock held(m);
        for (int i = 0; i < 3; ++i)
          pipes::go([&, c, i] {
            ++begun;
            const at_end leave{[&] { ++ended; }};
            if (i == 0) throw std::runtime_error("x");
            if (i == 1) (void)c.recv();
            if (i == 2) pipes::sleep_for(1h);
          });
        (void)c.recv();
        HOLDS(false);
      });
    } catch (const std::runtime_error& e) {
      what = e.what();
    }
    HOLDS(what == "x");
    HOLDS(begun == ended);
    return std::to_string(begun);
  }).at_least(2);
}
