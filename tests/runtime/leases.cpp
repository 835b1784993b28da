// The lock of a channel leans to the worker that has used it alone for a while: it must stay a lock when others come. So do the counts
// of references and of fibers, from their birth.
#include <pthread.h>

#include <pipe/runtime.hpp>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "runtime/helpers.hpp"


namespace {

struct two_words {
  std::uint64_t value;
  std::uint64_t inverse;               // torn or doubled, they do not fit or the sums do not
};

struct counting {
  std::atomic<int>* alive;
  explicit counting(std::atomic<int>* n) : alive(n) { ++*alive; }
  counting(const counting&) = delete;
  counting(counting&& other) noexcept : alive(other.alive) { ++*alive; }
  ~counting() { --*alive; }
};

}  // namespace

TEST_CASE("a channel goes from worker to worker between long spells with one") {
  expectations all;
  for (unsigned processors : {2u, 4u}) {
    std::atomic<std::uint64_t> sent{0}, received{0};
    std::atomic<int> present{0};
    pipes::run({.processors = processors}, [&] {
      pipes::chan<two_words> c(3);
      pipes::wait_group users;
      for (unsigned user = 1; user <= processors; ++user)
        users.go([&, user] {
          std::uint64_t random = user * 0x9e3779b97f4a7c15u;
          const auto draw = [&] {
            random ^= random << 13;
            random ^= random >> 7;
            return random ^= random << 17;
          };
          for (int spell = 0; spell < scaled(2000); ++spell) {
            ++present;
            for (std::uint64_t n = 500 + draw() % 3000; n > 0; --n) {
              const std::uint64_t x = draw();
              if (c.try_send(two_words{x, ~x})) sent += x;
              if (const auto got = c.try_recv()) {
                all.expect(got->inverse == ~got->value);
                received += got->value;
              }
            }
            // The next one has it alone for a while, if chance will have it.
            --present;
            for (std::uint64_t n = draw() % 4 * 5000; n > 0 && present > 0; --n) {}
            if (spell % 4 == 0) pipes::yield();
          }
        });
      users.wait();
      while (const auto left = c.try_recv()) received += left->value;
    });
    CHECK(sent == received);
  }
}

TEST_CASE("fibers that exchange values from worker to worker lose none when the workers come together") {
  for (int round = 0; round < scaled(20); ++round) {
    const int each = 20'000;
    std::uint64_t sum = 0;
    pipes::run({.processors = 3}, [&] {
      pipes::chan<int> a(128), b(128);
      for (int sender = 0; sender < 4; ++sender)
        pipes::go([=] {
          for (int i = 1; i <= each; ++i) (sender % 2 ? a : b).send(i);
        });
      for (int i = 0; i < 4 * each; ++i)
        pipes::select(pipes::on_recv(a, [&](std::optional<int> v) { sum += static_cast<std::uint64_t>(*v); }),
                      pipes::on_recv(b, [&](std::optional<int> v) { sum += static_cast<std::uint64_t>(*v); }));
    });
    REQUIRE(sum == std::uint64_t{4} * each * (each + 1) / 2);
  }
}

TEST_CASE("a channel made by a fiber is freed once, whoever copies and drops its handles meanwhile") {
  std::atomic<int> alive{0};
  for (int round = 0; round < scaled(200); ++round) {
    pipes::run({.processors = 1}, [&] {
      std::vector<std::thread> others;
      std::atomic<int> begun{0};
      for (int channel = 0; channel < 4; ++channel) {
        pipes::chan<counting> c(1);
        c.send(counting(&alive));
        others.emplace_back([&begun, channel, held = c]() mutable {
          ++begun;
          for (int n = 0; n < 50 * channel; ++n) {
            auto copy = held;
            pipes::sender<counting> view = copy;
          }
          held = {};
        });
        for (int n = 0; begun <= channel || n < 200; ++n) auto copy = c;
      }
      for (auto& t : others) t.join();
    });
    REQUIRE(alive == 0);
  }
}

TEST_CASE("a wait group counts what a thread and the worker that made it add and take, and may die after the wait") {
  for (int round = 0; round < scaled(300); ++round) {
    int done = 0;
    pipes::run({.processors = 2}, [&] {
      for (int group = 0; group < 4; ++group) {
        auto wg = std::make_unique<pipes::wait_group>();
        std::atomic<bool> begun{false};
        std::atomic<int> finished{0};
        wg->add(2);
        pipes::go([&, mine = *wg] {
          pipes::blocking([&] {
            begun = true;
            for (int n = 0; n < 100; ++n) {
              mine.add();
              mine.done();
            }
            ++finished;
            mine.done();
          });
        });
        wg->go([&] {
          for (int n = 0; n < 50; ++n) wg->add(2), wg->add(-2);
        });
        while (!begun) pipes::yield();
        for (int n = 0; n < 100 * group; ++n) {
          wg->add();
          wg->done();
        }
        ++finished;
        wg->done();
        wg->wait();
        done += finished;
        wg.reset();
      }
    });
    REQUIRE(done == 8);
  }
}

TEST_CASE("a wait group that falls below zero on its own worker or another is as it was") {
  pipes::run({.processors = 1}, [] {
    pipes::wait_group wg;
    CHECK_THROWS_AS(wg.done(), std::logic_error);
    wg.add(1);
    std::thread([&] { CHECK_THROWS_AS(wg.add(-2), std::logic_error); }).join();
    wg.done();
    wg.wait();
  });
}

#if !defined(__SANITIZE_THREAD__)   // which puts signals off
namespace {

std::atomic<bool> hold{false}, stopped{false};
void stop_here(int) {
  stopped = true;
  for (int patience = 1'000'000; hold.load() && --patience;) {}   // who is stopped within the lock must go on some time
}

}  // namespace

// One of two that use a lock is stopped wherever it happens to be; meanwhile the other has the lock leased to it, goes in, and lets
// the first one go on. About one stop in a hundred hits the way in, between the look at the owner and what is written then.
TEST_CASE("a worker that is stopped on its way into a leased lock disturbs nobody when it goes on") {
  struct sigaction ours{}, before{};
  ours.sa_handler = &stop_here;
  sigaction(SIGUSR1, &ours, &before);
  std::atomic<int> both_inside{0};
  const std::size_t rounds = 1000;
  pipes::run({.processors = 2}, [&] {
    std::vector<pipes::detail::leased_lock> locks(rounds);
    std::atomic<std::size_t> round{0};
    std::atomic<bool> inside{false}, quit{false};
    std::atomic<std::uint64_t> entered{0};
    std::atomic<pthread_t> other{};
    pipes::wait_group wg;
    wg.go([&] {
      other = pthread_self();
      while (!quit) {
        pipes::detail::leased_lock& mu = locks[round.load(std::memory_order_relaxed)];
        mu.lock();
        if (inside.load(std::memory_order_relaxed)) ++both_inside;
        mu.unlock();
        entered.store(entered.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
      }
    });
    while (entered == 0) pipes::yield();
    for (std::size_t r = 0; r < rounds; ++r) {
      pipes::detail::leased_lock& mu = locks[r];
      round = r;
      for (const std::uint64_t from = entered; entered < from + 3000;) {}
      hold = true;
      stopped = false;
      pthread_kill(other, SIGUSR1);
      while (!stopped) {}
      for (int i = 0; i < 5000 && !mu.is_mine(); ++i) {
        mu.lock();
        mu.unlock();
      }
      int long_enough = 50'000;
      mu.lock();
      inside = true;
      hold = false;
      for (const std::uint64_t from = entered; entered == from && !quit;)
        if (--long_enough == 0) break;
      inside = false;
      mu.unlock();
    }
    quit = true;
    wg.wait();
  });
  sigaction(SIGUSR1, &before, nullptr);
  CHECK(both_inside == 0);
}
#endif
