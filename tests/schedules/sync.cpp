// Locks, conditions, counters, under many schedules.
#include <deque>
#include <mutex>
#include <shared_mutex>
#include <vector>

#include "schedules/explore.hpp"

using namespace std::chrono_literals;
using schedules::explore;
using schedules::point;

TEST_CASE("mutex: one at a time, and everybody gets it", "[sync]") {
  explore([](const auto& how) {
    std::string order;
    int tried = 0;
    pipes::run(how, [&] {
      pipes::mutex m;
      int inside = 0;
      const auto enter = [&](int f) {
        HOLDS(inside++ == 0);
        point();
        pipes::yield();
        HOLDS(--inside == 0);
        order += std::to_string(f);
      };
      for (int f = 0; f < 3; ++f)
        pipes::go([&, f] {
          for (int i = 0; i < 2; ++i) {
            std::lock_guard lock(m);
            enter(f);
          }
        });
      pipes::go([&] {
        for (int i = 0; i < 2; ++i) {
          point();
          if (!m.try_lock()) continue;
          ++tried;
          enter(3);
          m.unlock();
        }
      });
      pipes::sleep_for(1ms);   // m lives here
      HOLDS(m.try_lock());
    });
    HOLDS(order.size() == static_cast<std::size_t>(6 + tried));
    return order;
  }).at_least(100);
}

TEST_CASE("rw_mutex: readers together, a writer alone", "[sync]") {
  explore([](const auto& how) {
    int most = 0;
    pipes::run(how, [&] {
      pipes::rw_mutex m;
      int readers = 0, writers = 0;
      for (int f = 0; f < 3; ++f)
        pipes::go([&] {
          for (int i = 0; i < 2; ++i) {
            std::shared_lock lock(m);
            most = std::max(most, ++readers);
            HOLDS(writers == 0);
            point();
            pipes::yield();
            --readers;
          }
        });
      for (int f = 0; f < 2; ++f)
        pipes::go([&] {
          std::unique_lock lock(m);
          HOLDS(++writers == 1 && readers == 0);
          pipes::yield();
          HOLDS(!m.try_lock() && !m.try_lock_shared());
          --writers;
        });
      pipes::sleep_for(1ms);
    });
    return std::to_string(most);
  }).at_least(3);
}

TEST_CASE("rw_mutex: a waiting writer keeps new readers out", "[sync]") {
  explore([](const auto& how) {
    std::string order;
    pipes::run(how, [&] {
      pipes::rw_mutex m;
      const auto at = [&](std::chrono::milliseconds d, std::function<void()> f) {
        pipes::go([d, f] {
          pipes::sleep_for(d);
          f();
        });
      };
      at(0ms, [&] {
        std::shared_lock lock(m);
        pipes::sleep_for(10ms);
        order += 'r';
      });
      at(1ms, [&] {
        std::unique_lock lock(m);
        pipes::sleep_for(10ms);
        order += 'W';
      });
      for (int i = 0; i < 2; ++i)
        at(2ms, [&] {
          HOLDS(!m.try_lock_shared());
          std::shared_lock lock(m);
          order += 'r';
        });
      pipes::sleep_for(100ms);
    });
    HOLDS(order == "rWrr");
    return std::string();
  });
}

TEST_CASE("cond: a bounded queue with notify_one loses nothing and strands nobody", "[sync]") {
  explore([](const auto& how) {
    std::vector<int> got;
    std::size_t fullest = 0;
    pipes::run(how, [&] {
      pipes::mutex m;
      pipes::cond room, filled;
      std::deque<int> q;
      pipes::wait_group all;
      for (int f = 0; f < 2; ++f)
        all.go([&, f] {
          for (int i = 0; i < 2; ++i) {
            std::unique_lock lock(m);
            room.wait(lock, [&] { return q.size() < 1; });
            q.push_back(10 * f + i);
            fullest = std::max(fullest, q.size());
            point();
            filled.notify_one();
          }
        });
      for (int f = 0; f < 2; ++f)
        all.go([&] {
          for (int i = 0; i < 2; ++i) {
            std::unique_lock lock(m);
            filled.wait(lock, [&] { return !q.empty(); });
            got.push_back(q.front());
            q.pop_front();
            point();
            room.notify_one();
          }
        });
      all.wait();
    });
    HOLDS(got.size() == 4 && fullest == 1);
    std::string s;
    for (int v : got) s += std::to_string(v) + " ";
    return s;
  }).at_least(4);
}

TEST_CASE("cond: notify_one wakes one, notify_all wakes all, no wait ends by itself", "[sync]") {
  explore([](const auto& how) {
    std::string order;
    pipes::run(how, [&] {
      pipes::mutex m;
      pipes::cond c;
      for (int f = 0; f < 3; ++f)
        pipes::go([&, f] {
          std::unique_lock lock(m);
          c.wait(lock);
          HOLDS(!m.try_lock());
          order += std::to_string(f);
        });
      c.notify_one();
      pipes::sleep_for(1ms);
      if (order.size() > 1) HOLDS(false);      // 1: its wait had begun before the notification
      const std::size_t before = order.size();
      std::size_t woken = 0;
      if (before == 0) {
        c.notify_one();
        pipes::sleep_for(1ms);
        woken = order.size();
        HOLDS(woken == 1);
      }
      c.notify_all();
      pipes::sleep_for(1ms);
      HOLDS(order.size() == 3);
    });
    return order;
  }).at_least(6);
}

TEST_CASE("semaphore: never more than there is - a large request is not overtaken", "[sync]") {
  explore([](const auto& how) {
    std::string order;
    int most = 0;
    pipes::run(how, [&] {
      pipes::semaphore s(3);
      int inside = 0;
      for (int f = 0; f < 4; ++f)
        pipes::go([&, f] {
          const int amount = f % 3 + 1;
          for (int i = 0; i < 2; ++i) {
            if (f == 3 && !s.try_acquire(static_cast<std::size_t>(amount))) continue;
            if (f != 3) s.acquire(static_cast<std::size_t>(amount));
            inside += amount;
            most = std::max(most, inside);
            HOLDS(inside <= 3);
            pipes::yield();
            inside -= amount;
            point();
            s.release(static_cast<std::size_t>(amount));
            order += std::to_string(f);
          }
        });
      pipes::sleep_for(1ms);
      HOLDS(s.try_acquire(3) && !s.try_acquire());
      s.release(2);
      pipes::go([&] {
        s.acquire(3);
        order += 'L';
      });
      pipes::sleep_for(1ms);
      HOLDS(!s.try_acquire());   // the two that are free are kept for it
      s.release();
      pipes::sleep_for(1ms);
    });
    HOLDS(order.back() == 'L');
    return order;
  }).at_least(50);
}

TEST_CASE("once: one call, and nobody goes on before it has ended", "[sync]") {
  explore([](const auto& how) {
    int calls = 0, passed = 0;
    std::string who;
    pipes::run(how, [&] {
      pipes::once o;
      bool ready = false;
      pipes::wait_group all;
      for (int f = 0; f < 3; ++f)
        all.go([&, f] {
          o.call([&] {
            ++calls;
            who = std::to_string(f);
            point();
            pipes::sleep_for(1ms);
            ready = true;
          });
          HOLDS(ready);
          ++passed;
        });
      all.wait();
    });
    HOLDS(calls == 1 && passed == 3);
    return who;
  }).exactly(3);
}

TEST_CASE("wait_group: every waiter goes on when the last is done, none before", "[sync]") {
  explore([](const auto& how) {
    int done = 0, waited = 0;
    pipes::run(how, [&] {
      pipes::wait_group g;
      for (int f = 0; f < 3; ++f)
        g.go([&] {
          pipes::yield();
          ++done;
        });
      for (int f = 0; f < 2; ++f)
        pipes::go([&, g] {
          g.wait();
          HOLDS(done == 3);
          ++waited;
        });
      g.wait();
      HOLDS(done == 3);
      g.wait();
    });
    HOLDS(waited == 2);
    return std::string();
  });
}
