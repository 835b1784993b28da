// Channels: exchange, order, room, close, values, under many schedules.
#include <set>
#include <vector>

#include "schedules/explore.hpp"

using namespace std::chrono_literals;
using schedules::explore;
using schedules::point;

namespace {

// A value that may only move and tells how many of its kind are alive.
struct token {
  int id;
  int* alive;
  token(int i, int& a) : id(i), alive(&a) { ++*alive; }
  token(token&& o) noexcept : id(std::exchange(o.id, -1)), alive(o.alive) { ++*alive; }
  token& operator=(token&& o) noexcept {
    id = std::exchange(o.id, -1);
    return *this;
  }
  ~token() { --*alive; }
};

std::string text(const std::vector<int>& values) {
  std::string s;
  for (int v : values) s += std::to_string(v) + ",";
  return s;
}

// Two senders of three values each, 10, 11, 12 and 20, 21, 22, and `receivers` fibers that take them until the close.
std::string streams(const pipes::run_options& how, int capacity, int receivers) {
  std::vector<int> got;
  int sent = 0, asked = 0;
  pipes::run(how, [&] {
    const pipes::chan<int> c(capacity);
    pipes::wait_group senders;
    for (int s = 1; s <= 2; ++s)
      senders.go([&, s, c] {
        for (int i = 0; i < 3; ++i) {
          c.send(s * 10 + i);
          ++sent;
          HOLDS(sent - asked <= capacity);   // no send has ended without room or a receive
        }
      });
    for (int r = 0; r < receivers; ++r)
      pipes::go([&, c] {
        while (true) {
          ++asked;
          const std::optional<int> v = c.recv();
          if (!v) break;
          got.push_back(*v);
        }
      });
    senders.wait();
    c.close();
  });
  HOLDS(got.size() == 6);
  HOLDS(std::set<int>(got.begin(), got.end()) == std::set<int>({10, 11, 12, 20, 21, 22}));
  if (receivers == 1)   // what one fiber sent arrives in its order
    for (std::size_t i = 0; i < got.size(); ++i)
      for (std::size_t k = i + 1; k < got.size(); ++k) HOLDS(got[i] / 10 != got[k] / 10 || got[i] < got[k]);
  return text(got);
}

}  // namespace

TEST_CASE("unbuffered: every value once, in its sender's order, never ahead of a receive", "[chan]") {
  explore([](const auto& how) { return streams(how, 0, 1); }).exactly(20);   // all merges of three and three
  explore([](const auto& how) { return streams(how, 0, 2); }).at_least(50);
}

TEST_CASE("buffered: every value once, in its sender's order, never more ahead than there is room", "[chan]") {
  explore([](const auto& how) { return streams(how, 1, 1); }).exactly(20);
  explore([](const auto& how) { return streams(how, 2, 2); }).at_least(50);
}

TEST_CASE("parked senders and parked receivers are served in the order in which they came", "[chan]") {
  for (int capacity : {0, 1})
    explore([capacity](const auto& how) {
      std::vector<int> got, served;
      pipes::run(how, [&] {
        const pipes::chan<int> c(capacity), d(capacity);
        for (int i = 0; i < 4; ++i) {
          pipes::go([&, c, i] {
            pipes::sleep_for((i + 1) * 1ms);
            c.send(i);
          });
          pipes::go([&, d, i] {
            pipes::sleep_for((i + 1) * 1ms);
            HOLDS(d.recv() == i);
            served.push_back(i);
          });
        }
        pipes::sleep_for(10ms);
        for (int i = 0; i < 4; ++i) {
          got.push_back(c.recv().value());
          d.send(i);
        }
      });
      HOLDS(got == std::vector<int>({0, 1, 2, 3}));
      HOLDS(served.size() == 4);
      return text(served);
    });
}

TEST_CASE("close: what is buffered is drained, then every receiver is told, parked or not", "[chan][close]") {
  explore([](const auto& how) {
    std::vector<int> got;
    int told = 0;
    pipes::run(how, [&] {
      const pipes::chan<int> c(2);
      for (int r = 0; r < 3; ++r)
        pipes::go([&, c] {
          while (auto v = c.recv()) got.push_back(*v);
          ++told;
          HOLDS(!c.recv());
          HOLDS(c.try_recv().closed());
        });
      for (int i = 0; i < 4; ++i) c.send(i);
      point();
      c.close();
    });
    HOLDS(told == 3);
    HOLDS(std::set<int>(got.begin(), got.end()) == std::set<int>({0, 1, 2, 3}));
    return text(got);
  }).at_least(10);
}

TEST_CASE("close: a parked sender throws and its value is not received - one that had sent is", "[chan][close]") {
  for (int capacity : {0, 1})
    explore([capacity](const auto& how) {
      std::set<int> returned, threw, got;
      pipes::run(how, [&] {
        const pipes::chan<int> c(capacity);
        pipes::wait_group senders;
        for (int i = 0; i < 3; ++i)
          senders.go([&, c, i] {
            try {
              c.send(i);
              returned.insert(i);
            } catch (const pipes::closed_channel&) {
              threw.insert(i);
            }
          });
        if (auto v = c.recv_for(1ms)) got.insert(*v);
        point();
        c.close();
        senders.wait();
        for (int v : c) got.insert(v);
      });
      HOLDS(returned == got);
      HOLDS(returned.size() + threw.size() == 3);
      HOLDS(!returned.empty() && static_cast<int>(returned.size()) <= 1 + capacity);
      return text({returned.begin(), returned.end()});
    }).exactly(capacity == 0 ? 3 : 6);
}

TEST_CASE("close: of two at once one throws, and then nothing can be sent", "[chan][close]") {
  explore([](const auto& how) {
    int closed = 0, refused = 0;
    pipes::run(how, [&] {
      const pipes::chan<int> c(1);
      pipes::wait_group both;
      for (int i = 0; i < 2; ++i)
        both.go([&, c] {
          point();
          try {
            c.close();
            ++closed;
          } catch (const pipes::closed_channel&) {
            ++refused;
          }
        });
      both.wait();
      for (int way = 0; way < 3; ++way) {
        bool threw = false;
        try {
          if (way == 0) c.send(1);
          if (way == 1) HOLDS(!c.try_send(1));
          if (way == 2) HOLDS(!c.send_for(1, 1ms));
        } catch (const pipes::closed_channel&) {
          threw = true;
        }
        HOLDS(threw);
      }
    });
    HOLDS(closed == 1 && refused == 1);
    return std::string();
  });
}

TEST_CASE("nil: never ready, ended by a cancel alone - all on nil is a deadlock", "[chan]") {
  explore([](const auto& how) {
    int cancelled = 0;
    pipes::run(how, [&] {
      const pipes::chan<int> nil, c(1);
      const pipes::cancel_token t;
      pipes::wait_group ended;
      for (int i = 0; i < 2; ++i) {
        ended.add(1);
        t.go([&, nil, i] {
          struct mark {
            int& n;
            const pipes::wait_group& g;
            ~mark() {
              ++n;
              g.done();
            }
          } at_end{cancelled, ended};
          if (i == 0) (void)nil.recv();
          else nil.send(1);
          HOLDS(false);
        });
      }
      pipes::go([c] { c.send(5); });
      HOLDS(pipes::select(pipes::on_recv(nil), pipes::on_send(nil, 1), pipes::on_recv(c)) == 2);
      HOLDS(!nil.try_send(1) && !nil.try_recv());
      pipes::sleep_for(1ms);
      t.cancel();
      ended.wait();
    });
    HOLDS(cancelled == 2);
    if (*how.seed % 50 != 0) return std::string();   // a deadlock's report, with every fiber's calls, takes a hundred times as long
    bool stuck = false;
    try {
      pipes::run(how, [] {
        pipes::go([] { pipes::chan<int>().send(1); });
        pipes::chan<int>().recv();
      });
    } catch (const pipes::deadlock& d) {
      stuck = d.fibers().size() == 2;
    }
    HOLDS(stuck);
    return std::string();
  });
}

TEST_CASE("try: nothing lost, nothing twice, and without room or a partner nothing at all", "[chan]") {
  for (int capacity : {0, 1, 2})
    explore([capacity](const auto& how) {
      int sent = 0, got = 0;
      pipes::run(how, [&] {
        const pipes::chan<int> c(capacity);
        pipes::wait_group all;
        for (int s = 0; s < 2; ++s)
          all.go([&, c] {
            for (int i = 0; i < 3; ++i) {
              point();
              if (c.try_send(1)) ++sent;
            }
          });
        for (int r = 0; r < 2; ++r)
          all.go([&, c, r] {
            for (int i = 0; i < 2; ++i) {
              point();
              if (r == 0 ? bool(c.try_recv()) : bool(c.recv_for(1ms))) ++got;
            }
          });
        all.wait();
        while (c.try_recv()) ++got;
        HOLDS(c.size() == 0);
      });
      HOLDS(sent == got);
      HOLDS(sent >= capacity);
      return std::to_string(sent);
    }).at_least(3);
}

TEST_CASE("for: at the very moment of the deadline either may win, and both sides agree", "[chan][timer]") {
  explore([](const auto& how) {
    bool received = false, delivered = false;
    pipes::run(how, [&] {
      const pipes::chan<int> c(0);
      pipes::go([&, c] {
        pipes::sleep_for(5ms);
        delivered = c.send_for(7, 1ms);
      });
      const auto begun = pipes::now();
      received = bool(c.recv_for(5ms));
      HOLDS(pipes::now() - begun == 5ms);
    });
    HOLDS(received == delivered);
    return received ? std::string("value") : std::string("timeout");
  }).exactly(2);
}

TEST_CASE("move-only values: destroyed once, left with a sender that did not send", "[chan]") {
  for (int capacity : {0, 1, 2})
    explore([capacity](const auto& how) {
      int alive = 0;
      std::set<int> kept, sent, got;
      pipes::run(how, [&] {
        const pipes::chan<token> c(capacity);
        pipes::wait_group senders;
        for (int i = 0; i < 3; ++i)
          senders.go([&, c, i] {
            token mine(i, alive);
            const bool ok = i == 0 ? c.send_for(std::move(mine), 2ms) : i == 1 ? c.try_send(std::move(mine)) : c.send_for(std::move(mine), 1ms);
            HOLDS(mine.id == (ok ? -1 : i));
            (ok ? sent : kept).insert(i);
          });
        pipes::sleep_for(1ms);
        for (int i = 0; i < 2; ++i)
          if (auto v = c.recv_for(1ms)) got.insert(v->id);
        senders.wait();
        HOLDS(got.size() + c.size() == sent.size());   // the rest dies with the channel
      });
      HOLDS(alive == 0);
      HOLDS(kept.size() + sent.size() == 3);
      for (int i : got) HOLDS(sent.count(i) == 1);
      return std::to_string(sent.size()) + "/" + std::to_string(got.size());
    }).at_least(2);
}

TEST_CASE("a conversion that throws is its sender's fault alone", "[chan]") {
  struct picky {
    int v;
    picky(int x) : v(x) {
      if (x < 0) throw std::range_error("negative");
    }
    picky(picky&& o) noexcept : v(o.v) {}
  };
  for (int capacity : {0, 1})
    explore([capacity](const auto& how) {
      std::vector<int> got;
      int threw = 0;
      pipes::run(how, [&] {
        const pipes::chan<picky> c(capacity);
        pipes::wait_group senders;
        for (int v : {1, -1, 2})
          senders.go([&, c, v] {
            try {
              c.send(v);
              HOLDS(v > 0);
            } catch (const std::range_error&) {
              ++threw;
            }
          });
        for (int i = 0; i < 2; ++i) got.push_back(c.recv()->v);
        HOLDS(!c.recv_for(1ms));
        senders.wait();
      });
      HOLDS(threw == 1);
      HOLDS(got[0] + got[1] == 3);
      return text(got);
    }).exactly(2);
}
