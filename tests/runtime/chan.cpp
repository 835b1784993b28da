// Channels: Go's rules, at several processor counts.
#include <pipe/runtime.hpp>

#include <atomic>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "runtime/helpers.hpp"

using namespace std::chrono_literals;

namespace {

// Counts the living, so that a value destroyed twice or never shows.
struct counted {
  static inline std::atomic<int> alive{0};
  int id;
  explicit counted(int i) : id(i) { ++alive; }
  counted(counted&& o) noexcept : id(std::exchange(o.id, -1)) { ++alive; }
  counted& operator=(counted&&) = delete;
  ~counted() { --alive; }
};

// Moving one of these may throw.
struct fragile {
  static inline std::atomic<bool> explode{false};
  int id;
  explicit fragile(int i) : id(i) {}
  fragile(fragile&& o) : id(o.id) {
    if (explode) throw std::runtime_error("fragile");
    o.id = -1;
  }
};

}  // namespace

TEST_CASE("an unbuffered send completes only when a receive takes the value") {
  at_each_processor_count([](unsigned p) {
    expectations all;
    pipes::run({.processors = p}, [&all] {
      pipes::chan<int> c(0);
      std::atomic<bool> received{false};
      pipes::wait_group wg;
      wg.go([&] {
        for (int i = 0; i < 20; ++i) pipes::yield();
        received = true;
        all.expect(c.recv() == 1);
      });
      c.send(1);
      CHECK(received);
      wg.wait();
      CHECK(c.capacity() == 0);
      CHECK(c.size() == 0);
    });
  });
}

TEST_CASE("a buffered send blocks only when the buffer is full") {
  pipes::run({.processors = 1}, [] {
    pipes::chan<int> c(3);
    for (int i = 0; i < 3; ++i) c.send(i);
    CHECK(c.size() == 3);
    CHECK_FALSE(c.try_send(3));
    pipes::wait_group wg;
    std::atomic<bool> sent{false};
    wg.go([&] {
      c.send(3);
      sent = true;
    });
    for (int i = 0; i < 10; ++i) pipes::yield();
    CHECK_FALSE(sent);
    for (int i = 0; i < 4; ++i) CHECK(c.recv() == i);
    wg.wait();
    CHECK(sent);
    CHECK_FALSE(c.try_recv());
    CHECK_FALSE(c.try_recv().closed());
  });
}

TEST_CASE("closing: drained first, then closed to every receiver") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [] {
      pipes::chan<int> c(4);
      c.send(1);
      c.send(2);
      c.close();
      CHECK_THROWS_AS(c.send(3), pipes::closed_channel);
      CHECK_THROWS_AS((void)c.try_send(3), pipes::closed_channel);
      CHECK_THROWS_AS((void)c.send_for(3, 1ms), pipes::closed_channel);
      CHECK_THROWS_AS(pipes::select(pipes::on_send(c, 3)), pipes::closed_channel);
      CHECK_THROWS_AS(c.close(), pipes::closed_channel);
      CHECK_THROWS_AS(pipes::chan<int>().close(), pipes::closed_channel);
      CHECK(c.recv() == 1);
      CHECK(*c.try_recv() == 2);
      CHECK_FALSE(c.recv());
      CHECK(c.try_recv().closed());
      CHECK(c.recv_for(1s).closed());
    });
  });
}

TEST_CASE("closing wakes every parked receiver, and parked senders throw") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [] {
      pipes::chan<int> c(0), full(1);
      full.send(0);
      std::atomic<int> closed{0}, threw{0};
      pipes::wait_group wg;
      for (int i = 0; i < 50; ++i) {
        wg.go([&] {
          if (!c.recv()) ++closed;
        });
        wg.go([&] {
          try {
            full.send(1);
          } catch (pipes::closed_channel&) {
            ++threw;
          }
        });
      }
      for (int i = 0; i < 200; ++i) pipes::yield();
      c.close();
      full.close();
      wg.wait();
      CHECK(closed == 50);
      CHECK(threw == 50);
      CHECK(full.recv() == 0);
      CHECK_FALSE(full.recv());
    });
  });
}

TEST_CASE("a crowd of receivers: some are cancelled in the middle, some get values, a close wakes the others") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [] {
      constexpr int waves = 3, each = 600;
      constexpr int lasting[] = {0, 1, 3};   // of the tokens
      pipes::chan<int> c(0);
      pipes::cancel_token tokens[5];
      std::atomic<int> begun{0}, values{0}, told{0}, gone{0};
      pipes::wait_group all;
      int served = 0;
      for (int wave = 0; wave < waves; ++wave) {
        all.add(each);
        for (int i = 0; i < each; ++i)
          tokens[wave == waves - 1 ? lasting[i % 3] : i % 5].go([&] {
            struct leaving {
              std::atomic<int>& gone;
              pipes::wait_group& all;
              ~leaving() {
                ++gone;
                all.done();
              }
            } at_end{gone, all};
            ++begun;
            if (c.recv()) ++values;
            else ++told;
          });
        while (begun < (wave + 1) * each) pipes::yield();
        for (int i = 0; i < 50; ++i, ++served) c.send(i);
        if (wave == 1) {
          tokens[2].cancel();              // from all over the list, its end included
          tokens[4].cancel();
          while (gone < served + 1) pipes::yield();
        }
      }
      c.close();
      all.wait();
      const int cancelled = waves * each - values - told;
      CHECK(values == served);
      CHECK(cancelled > 0);
      CHECK(gone == waves * each);
    });
  });
}

TEST_CASE("a negative capacity throws") {
  CHECK_THROWS_AS(pipes::chan<int>(-1), std::length_error);
  CHECK_THROWS_AS(pipes::chan<int>(PTRDIFF_MAX), std::length_error);
}

TEST_CASE("nil channels: never ready, block for ever") {
  pipes::run([] {
    pipes::chan<int> nil;
    CHECK_FALSE(nil.try_recv());
    CHECK_FALSE(nil.try_recv().closed());
    CHECK_FALSE(nil.try_send(1));
    CHECK_FALSE(nil.recv_for(1ms));
    CHECK_FALSE(nil.send_for(1, 1ms));
    CHECK(nil.size() == 0);
    CHECK(nil.capacity() == 0);
    CHECK(pipes::select(pipes::on_recv(nil), pipes::on_send(nil, 1), pipes::otherwise()) == 2);
  });
  CHECK_THROWS_AS(pipes::run([] { pipes::chan<int>().recv(); }), pipes::deadlock);
  CHECK_THROWS_AS(pipes::run([] { pipes::chan<int>().send(1); }), pipes::deadlock);
}

TEST_CASE("parked receivers and senders are served first come, first served") {
  pipes::run({.processors = 1}, [] {
    pipes::chan<int> c(0);
    std::atomic<int> served{0};
    pipes::wait_group wg;
    for (int i = 0; i < 10; ++i) {
      wg.go([&, i] {
        CHECK(c.recv() == i);
        ++served;
      });
      pipes::yield();
    }
    for (int i = 0; i < 10; ++i) c.send(i);
    wg.wait();
    for (int i = 0; i < 10; ++i) {
      wg.go([&, i] { c.send(i); });
      pipes::yield();
    }
    for (int i = 0; i < 10; ++i) CHECK(c.recv() == i);
    wg.wait();
    CHECK(served == 10);
  });
}

TEST_CASE("many to many: each value arrives once") {
  at_each_processor_count([](unsigned p) {
    for (std::size_t capacity : {0u, 1u, 7u, 128u}) {
      const int senders = 8, receivers = 8, each = scaled(20'000);
      std::vector<std::atomic<int>> seen(static_cast<std::size_t>(senders * each));
      pipes::run({.processors = p}, [&] {
        pipes::chan<int> c(capacity);
        pipes::wait_group sending, receiving;
        for (int s = 0; s < senders; ++s)
          sending.go([&, s] {
            for (int i = 0; i < each; ++i) c.send(s * each + i);
          });
        for (int r = 0; r < receivers; ++r)
          receiving.go([&] {
            std::vector<int> last(static_cast<std::size_t>(senders), -1);
            for (int v : c) {
              seen[static_cast<std::size_t>(v)].fetch_add(1);
              int& before = last[static_cast<std::size_t>(v / each)];   // one sender's values come in order
              if (v <= before) FAIL("out of order");
              before = v;
            }
          });
        sending.wait();
        c.close();
        receiving.wait();
      });
      const auto wrong = std::count_if(seen.begin(), seen.end(), [](auto& n) { return n != 1; });
      CHECK(wrong == 0);
    }
  });
}

TEST_CASE("values are destroyed exactly once, also when a channel dies full") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [] {
      {
        pipes::chan<counted> c(8);
        for (int i = 0; i < 6; ++i) c.send(counted(i));
        CHECK(c.recv()->id == 0);
        CHECK(c.try_recv()->id == 1);
        CHECK(counted::alive == 4);
      }
      CHECK(counted::alive == 0);
      pipes::chan<counted> u(0);
      pipes::wait_group wg;
      wg.go([&] {
        for (int i = 0; i < 100; ++i) u.send(counted(i));
        u.close();
      });
      int n = 0;
      for (counted v : u) CHECK(v.id == n++);
      CHECK(n == 100);
      wg.wait();
      CHECK(counted::alive == 0);
    });
  });
}

TEST_CASE("a channel of bool, and of a type with an operator & of its own, is one like others") {
  pipes::run([] {
    pipes::chan<bool> flags(2);
    flags.send(false);
    CHECK(flags.try_send(true));
    const auto first = flags.try_recv(), second = flags.recv_for(1ms), third = flags.recv_for(1ms);
    CHECK((first && !*first));
    CHECK((second && *second));
    CHECK((!third && !third.closed()));
    flags.close();
    CHECK(flags.try_recv().closed());

    struct odd {
      int v;
      odd* operator&() { return nullptr; }
    };
    pipes::chan<odd> odds(1);
    odds.send(odd{1});
    CHECK(odds.recv()->v == 1);
    pipes::select_set set;
    set.send(odds, odd{2});
    set.wait();
    CHECK(odds.try_recv()->v == 2);
  });
}

TEST_CASE("a failed try, a losing case, a throw leave the value with the caller") {
  pipes::run({.processors = 2}, [] {
    pipes::chan<std::unique_ptr<int>> c(1), other(1);
    auto v = std::make_unique<int>(1);
    CHECK(c.try_send(std::move(v)));
    CHECK(v == nullptr);
    v = std::make_unique<int>(2);
    CHECK_FALSE(c.try_send(std::move(v)));
    CHECK(v != nullptr);
    CHECK_FALSE(c.send_for(std::move(v), 1ms));
    CHECK(v != nullptr);
    CHECK(pipes::select(pipes::on_send(c, std::move(v)), pipes::otherwise()) == 1);
    CHECK(v != nullptr);
    other.send(std::make_unique<int>(3));
    CHECK(pipes::select(pipes::on_send(c, std::move(v)), pipes::on_recv(other)) == 1);
    CHECK(v != nullptr);
    c.close();
    CHECK_THROWS_AS(c.send(std::move(v)), pipes::closed_channel);
    CHECK(v != nullptr);
  });
}

TEST_CASE("send converts, by whoever completes the exchange") {
  expectations all;
  pipes::run({.processors = 2}, [&all] {
    pipes::chan<std::string> c(0);
    pipes::wait_group wg;
    wg.go([&] {
      c.send("literal");
      std::string mine = "lvalue stays";
      c.send(mine);
      all.expect(mine == "lvalue stays");
      c.send(std::move(mine));
      all.expect(mine.empty());
    });
    CHECK(c.recv() == "literal");
    CHECK(c.recv() == "lvalue stays");
    CHECK(c.recv() == "lvalue stays");
    wg.wait();
  });
}

TEST_CASE("a move that throws is its sender's failure, receivers and channel go on") {
  pipes::run({.processors = 1}, [] {
    pipes::chan<fragile> c(0);
    pipes::wait_group wg;
    std::atomic<int> failed{0}, received{0};
    wg.go([&] {                                  // parked receiver, failing sender
      while (c.recv()) ++received;
    });
    pipes::yield();
    fragile f(1);
    fragile::explode = true;
    CHECK_THROWS_AS(c.send(std::move(f)), std::runtime_error);
    CHECK(f.id == 1);
    fragile::explode = false;
    c.send(std::move(f));
    c.close();
    wg.wait();
    CHECK(received == 1);

    c = pipes::chan<fragile>(0);
    for (int i = 0; i < 3; ++i)                  // parked senders, the receiver moves
      wg.go([&, i] {
        try {
          c.send(fragile(i));
        } catch (std::runtime_error&) {
          ++failed;
        }
      });
    for (int i = 0; i < 10; ++i) pipes::yield();
    fragile::explode = true;
    CHECK_FALSE(c.try_recv());                   // all three fail, none reaches the receiver
    fragile::explode = false;
    wg.wait();
    CHECK(failed == 3);
  });
}

TEST_CASE("views send or receive only, and are accepted for a chan") {
  pipes::run({.processors = 1}, [] {
    pipes::chan<int> c(2);
    pipes::sender<int> in = c;
    pipes::receiver<int> out = c;
    in.send(1);
    CHECK(in.try_send(2));
    CHECK(out.recv() == 1);
    CHECK(pipes::select(pipes::on_recv(out, [](std::optional<int> v) { CHECK(v == 2); })) == 0);
    CHECK(pipes::select(pipes::on_send(in, 3)) == 0);
    in.close();
    int sum = 0;
    for (int v : out) sum += v;
    CHECK(sum == 3);
  });
}

TEST_CASE("threads outside the run may try, and close") {
  pipes::run({.processors = 2}, [] {
    pipes::chan<int> c(0);
    std::thread outside;
    pipes::event keep;                       // while somebody outside may act, the run is no deadlock
    pipes::wait_group wg;
    wg.go([&] { CHECK(c.recv() == 5); });
    outside = std::thread([&] {
      while (!c.try_send(5)) std::this_thread::yield();
      c.close();
      keep.set();
    });
    keep.wait();
    wg.wait();
    outside.join();
    CHECK(c.try_recv().closed());
  });
}

TEST_CASE("what was sent before is seen after") {   // TSan checks it too
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [] {
      for (int round = 0; round < 200; ++round) {
        int plain = 0;
        pipes::chan<bool> done(round % 2 == 0 ? 0 : 1);
        pipes::go([&plain, done] {
          plain = 1;
          done.send(true);
        });
        done.recv();
        CHECK(plain == 1);
        int shared = 0;
        pipes::chan<int> closing(0);
        pipes::go([&shared, closing] {
          shared = 2;
          closing.close();
        });
        closing.recv();
        CHECK(shared == 2);
      }
    });
  });
}

TEST_CASE("a parked sender whose value cannot be converted is told at once") {
  struct picky {
    explicit picky(int v) {
      if (v < 0) throw std::range_error("negative");
    }
  };
  at_each_processor_count([](unsigned p) {
    bool refused = false;
    pipes::run({.processors = p}, [&] {
      pipes::chan<picky> c(0);
      pipes::go([&refused, c] {
        try {
          c.send(-1);
        } catch (std::range_error&) {
          refused = true;
        }
        c.send(1);
      });
      pipes::yield();
      CHECK(c.recv().has_value());   // parks behind the failed value; the sender must come back all the same
    });
    CHECK(refused);
  });
}
