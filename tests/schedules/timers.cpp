// Time: virtual, exact, and in order, under many schedules.
#include <algorithm>
#include <vector>

#include "schedules/explore.hpp"

using namespace std::chrono_literals;
using schedules::explore;

TEST_CASE("sleepers wake in the order of their deadlines, at them - equal ones in any order", "[timer]") {
  explore([](const auto& how) {
    std::string order;
    pipes::run(how, [&] {
      const auto begun = pipes::now();
      const auto sleeper = [&](char name, std::chrono::milliseconds d) {
        pipes::go([&order, begun, name, d] {
          pipes::sleep_for(d);
          HOLDS(pipes::now() - begun == d);
          order += name;
        });
      };
      sleeper('z', 3600'000ms);
      for (char name : {'a', 'b', 'c'}) sleeper(name, 5ms);
      sleeper('1', 4ms);
      sleeper('9', 6ms);
    });
    HOLDS(order.size() == 6 && order[0] == '1' && order[4] == '9' && order[5] == 'z');
    return order;
  }).exactly(6);
}

TEST_CASE("time stands still while anything can run", "[timer]") {
  explore([](const auto& how) {
    pipes::run(how, [&] {
      const auto begun = pipes::now();
      bool rung = false;
      pipes::go([&] {
        pipes::sleep_for(1ns);
        rung = true;
      });
      for (int i = 0; i < 50; ++i) pipes::yield();
      HOLDS(!rung && pipes::now() == begun);
      pipes::sleep_for(1ns);
      HOLDS(pipes::now() - begun == 1ns);
    });
    return std::string();
  });
}

TEST_CASE("after: one time point, when it was due - thrown away, it does not keep the run", "[timer]") {
  explore([](const auto& how) {
    pipes::run(how, [&] {
      const auto begun = pipes::now();
      const auto first = pipes::after(2ms), second = pipes::after(1ms);
      (void)pipes::after(1h);
      HOLDS(second.recv().value() - begun == 1ms);
      const std::size_t which = pipes::select(pipes::on_recv(first, [&](auto t) { HOLDS(*t - begun == 2ms); }), pipes::on_recv(second), pipes::on_timeout(10ms));
      HOLDS(which == 0);
      HOLDS(!first.recv_for(1min));
      HOLDS(pipes::now() - begun == 2ms + 1min);
    });
    return std::string();
  });
}

TEST_CASE("tick: every period - points that nobody takes are dropped, later ones come in time", "[timer]") {
  explore([](const auto& how) {
    std::string outcome;
    pipes::run(how, [&] {
      const auto begun = pipes::now();
      const auto t = pipes::tick(10ms);
      for (int i = 1; i <= 3; ++i) HOLDS(t.recv().value() - begun == i * 10ms);
      pipes::sleep_for(35ms);              // at 65: the one of 40 waits, those of 50 and 60 are gone
      HOLDS(t.recv().value() - begun == 40ms);
      HOLDS(t.recv().value() - begun == 70ms);
      int taken = 0;                       // two at the same channel share the points
      pipes::wait_group both;
      for (int f = 0; f < 2; ++f)
        both.go([&, f] {
          for (int i = 0; i < 2; ++i) {
            HOLDS(t.recv().has_value());
            ++taken;
            outcome += std::to_string(f);
          }
        });
      both.wait();
      HOLDS(taken == 4 && pipes::now() - begun == 110ms);
      HOLDS(pipes::tick(0ms).core() == nullptr);
    });
    return outcome;
  }).at_least(2);
}

TEST_CASE("the earliest timeout of a select counts, and only one", "[timer][select]") {
  explore([](const auto& how) {
    pipes::run(how, [&] {
      const auto begun = pipes::now();
      HOLDS(pipes::select(pipes::on_timeout(1h), pipes::on_timeout(3ms), pipes::on_recv(pipes::chan<int>())) == 1);
      HOLDS(pipes::now() - begun == 3ms);
      HOLDS(pipes::select(pipes::on_timeout(0ms), pipes::on_recv(pipes::chan<int>())) == 0);
      HOLDS(pipes::now() - begun == 3ms);
    });
    return std::string();
  });
}
