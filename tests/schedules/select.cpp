// Select: which case, how often, and what the others leave alone, under many schedules.
#include <set>
#include <vector>

#include "schedules/explore.hpp"

using namespace std::chrono_literals;
using schedules::explore;
using schedules::point;

TEST_CASE("select chooses uniformly among the ready", "[select][fair]") {
  const auto seen = explore([](const auto& how) {
    return std::to_string(pipes::run(how, [] {
      const pipes::chan<int> a(1), b(1), c(1), never(0);
      a.send(1);
      b.send(1);
      return pipes::select(pipes::on_recv(never), pipes::on_recv(a), pipes::on_recv(b), pipes::on_send(c, 1), pipes::on_timeout(1s));
    }));
  });
  seen.exactly(3);
  for (const char* which : {"1", "2", "3"}) seen.share(which, 0.28, 0.38);
}

TEST_CASE("two selects that could meet in both directions meet in one", "[select]") {
  explore([](const auto& how) {
    int through_x = 0, through_y = 0;
    std::size_t chosen[2] = {9, 9};
    pipes::run(how, [&] {
      const pipes::chan<int> x(0), y(0);
      pipes::wait_group both;
      both.go([&, x, y] { chosen[0] = pipes::select(pipes::on_send(x, 1), pipes::on_recv(y, [&](auto v) { through_y += *v; })); });
      both.go([&, x, y] { chosen[1] = pipes::select(pipes::on_send(y, 2), pipes::on_recv(x, [&](auto v) { through_x += *v; })); });
      both.wait();
    });
    HOLDS((chosen[0] == 0 && chosen[1] == 1 && through_x == 1 && through_y == 0) ||
          (chosen[0] == 1 && chosen[1] == 0 && through_y == 2 && through_x == 0));
    return std::to_string(chosen[0]);
  }).exactly(2);
}

TEST_CASE("the same channel in several cases - a select never meets itself", "[select]") {
  explore([](const auto& how) {
    int sum = 0;
    std::size_t which = 9;
    pipes::run(how, [&] {
      const pipes::chan<int> c(0);
      HOLDS(pipes::select(pipes::on_send(c, 1), pipes::on_recv(c), pipes::otherwise()) == 2);
      HOLDS(pipes::select(pipes::on_recv(c), pipes::on_send(c, 1), pipes::on_timeout(1ms)) == 2);
      pipes::go([c] { c.send(40); });
      const auto add = [&](std::optional<int> v) { sum += *v; };
      which = pipes::select(pipes::on_recv(c, add), pipes::on_recv(c, add), pipes::on_recv(c, add));
      pipes::go([&, c] { sum += c.recv().value(); });
      HOLDS(pipes::select(pipes::on_send(c, 2), pipes::on_send(c, 2), pipes::on_timeout(1s)) < 2);
    });
    HOLDS(sum == 42);
    return std::to_string(which);
  }).at_least(2);
}

TEST_CASE("otherwise: taken only when nothing is ready, and then nothing has happened", "[select]") {
  explore([](const auto& how) {
    int sent = 0, got = 0, neither = 0;
    pipes::run(how, [&] {
      const pipes::chan<int> c(1);
      pipes::wait_group all;
      for (int f = 0; f < 2; ++f)
        all.go([&, c] {
          for (int i = 0; i < 4; ++i)
            switch (pipes::select(pipes::on_send(c, 1), pipes::otherwise())) {
              case 0: ++sent; break;
              default: ++neither; HOLDS(c.size() == 1);
            }
        });
      all.go([&, c] {
        for (int i = 0; i < 4; ++i) pipes::select(pipes::otherwise([&] { ++neither; }), pipes::on_recv(c, [&](auto) { ++got; }));
      });
      all.wait();
      got += static_cast<int>(c.size());
    });
    HOLDS(sent == got);
    return std::to_string(sent);
  }).at_least(3);
}

TEST_CASE("timeout: a case that loses has no effect, one that wins is no timeout", "[select][timer]") {
  explore([](const auto& how) {
    std::string what;
    pipes::run(how, [&] {
      const pipes::chan<int> a(1), b(0);
      int taken = 0, put = 0;
      pipes::go([&, a] {
        pipes::sleep_for(3ms);
        if (a.try_send(1)) ++put;
      });
      pipes::go([&, b] {
        pipes::sleep_for(3ms);
        if (auto v = b.recv_for(0ms)) taken += *v;
      });
      const std::size_t which = pipes::select(pipes::on_recv(a, [&](auto v) { HOLDS(v == 1); }), pipes::on_send(b, 7), pipes::on_timeout(3ms));
      pipes::sleep_for(1ms);
      HOLDS(put == 1);
      HOLDS(a.size() == (which == 0 ? 0u : 1u));
      HOLDS(taken == (which == 1 ? 7 : 0));
      what = std::to_string(which);
    });
    return what;
  }).exactly(3);
}

// Waiters of selects that have been decided elsewhere stand in front of live ones.
TEST_CASE("crowd: many selects over the same channels, nothing lost, nobody forgotten", "[select][crowd]") {
  for (int capacity : {0, 1})
    explore([capacity](const auto& how) {
      std::multiset<int> got;
      std::multiset<int> sent;
      pipes::run(how, [&] {
        const pipes::chan<int> a(capacity), b(capacity);
        pipes::wait_group senders, receivers;
        const auto take = [&](std::optional<int> v) {
          if (v) got.insert(*v);
        };
        for (int f = 0; f < 2; ++f)
          receivers.go([&, a, b] {
            for (int i = 0; i < 2; ++i) pipes::select(pipes::on_recv(a, take), pipes::on_recv(b, take));
          });
        receivers.go([&, a] { take(a.recv()); });
        receivers.go([&, b] { take(b.recv()); });
        for (int f = 0; f < 2; ++f)
          senders.go([&, a, b, f] { sent.insert(pipes::select(pipes::on_send(a, 10 + f), pipes::on_send(b, 20 + f)) == 0 ? 10 + f : 20 + f); });
        senders.go([&, a] {
          a.send(1);
          sent.insert(1);
        });
        senders.go([&, b] {
          b.send(2);
          sent.insert(2);
        });
        senders.wait();
        a.close();
        b.close();
        receivers.wait();
        for (int v : a) got.insert(v);
        for (int v : b) got.insert(v);
      });
      HOLDS(sent.size() == 4);
      HOLDS(sent == got);
      std::string s;
      for (int v : got) s += std::to_string(v) + " ";
      return s;
    }).at_least(4);
}

// As many takers as values, and no close that would wake a forgotten one: a lost wake-up is a deadlock. One side takes either
// channel, so that who is left can always meet.
TEST_CASE("crowd: as many values as takers leave nobody parked", "[select][crowd]") {
  for (bool plain_sender : {true, false})
    explore([plain_sender](const auto& how) {
      int got = 0;
      pipes::run(how, [&] {
        const pipes::chan<int> a(0), b(0);
        const auto take = [&got](std::optional<int>) { ++got; };
        for (int f = 0; f < 3; ++f) {
          pipes::go([a, b, take, plain = f == 0 && !plain_sender] {
            if (plain) take(a.recv());
            else pipes::select(pipes::on_recv(a, take), pipes::on_recv(b, take), pipes::on_recv(a, take));
          });
          pipes::go([a, b, plain = f == 0 && plain_sender] {
            if (plain) a.send(1);
            else pipes::select(pipes::on_send(a, 1), pipes::on_send(b, 1));
          });
        }
      });
      HOLDS(got == 3);
      return std::string();
    });
}

// A sender that gave up has not sent: what it offered is offered again, and comes once.
TEST_CASE("crowd: a value whose sender gave up is not received", "[select][crowd][timer]") {
  explore([](const auto& how) {
    std::multiset<int> got;
    int offers = 0;
    pipes::run(how, [&] {
      const pipes::chan<int> a(0), b(0);
      pipes::wait_group all;
      for (int f = 0; f < 2; ++f)
        all.go([&, a, b, f] {
          while (true) {
            ++offers;
            if (pipes::select(pipes::on_send(a, f), pipes::on_send(b, f), pipes::on_timeout(1ms)) != 2) break;
          }
        });
      for (int f = 0; f < 2; ++f)
        all.go([&, a, b, f] {
          pipes::sleep_for(1ms);
          const auto v = (f ? a : b).recv_for(1ms);
          if (v) got.insert(*v);
        });
      pipes::sleep_for(4ms);
      for (int i = 0; i < 2; ++i)
        pipes::select(pipes::on_recv(a, [&](auto v) { got.insert(*v); }), pipes::on_recv(b, [&](auto v) { got.insert(*v); }), pipes::on_timeout(2ms));
      all.wait();
    });
    HOLDS(got == std::multiset<int>({0, 1}));
    return std::to_string(offers);
  }).at_least(2);
}

TEST_CASE("select on closed channels: a receive is told, a send throws", "[select][close]") {
  explore([](const auto& how) {
    std::string what;
    pipes::run(how, [&] {
      const pipes::chan<int> in(0), out(0);
      pipes::go([in, out] {
        point();
        in.close();
        point();
        out.close();
      });
      try {
        const std::size_t which = pipes::select(pipes::on_recv(in, [](auto v) { HOLDS(!v); }), pipes::on_send(out, 1));
        HOLDS(which == 0);
        what = "told";
      } catch (const pipes::closed_channel&) {
        what = "threw";
      }
    });
    return what;
  }).exactly(2);
}

TEST_CASE("select_set: waits again and again - a value is sent once", "[select]") {
  explore([](const auto& how) {
    std::vector<int> got;
    std::string order;
    pipes::run(how, [&] {
      const pipes::chan<int> a(0), b(1), out(0);
      pipes::go([a] {
        for (int i = 0; i < 2; ++i) a.send(i);
        a.close();
      });
      pipes::go([b] {
        b.send(10);
        b.close();
      });
      pipes::go([&, out] { got.push_back(out.recv().value()); });
      pipes::select_set set;
      bool a_open = true, b_open = true, sent = false;
      const auto from_a = set.recv(a, [&](std::optional<int> v) { a_open = v.has_value(); });
      const auto from_b = set.recv(b, [&](std::optional<int> v) { b_open = v.has_value(); });
      set.send(out, 99, [&] { HOLDS(!std::exchange(sent, true)); });
      while (a_open || b_open || !sent) {
        order += std::to_string(set.wait());
        if (!a_open) set.remove(from_a);
        if (!b_open) set.remove(from_b);
      }
    });
    HOLDS(got == std::vector<int>({99}));
    HOLDS(order.size() == 6);
    return order;
  }).at_least(10);
}
