// Descriptors, blocking calls, sleeping, and fibers that keep their thread for long.
#include <pipe/runtime.hpp>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "runtime/helpers.hpp"

using namespace std::chrono_literals;

TEST_CASE("wait_readable parks until there is something, a hang-up, or the deadline") {
  at_each_processor_count([](unsigned p) {
    expectations all;
    pipes::run({.processors = p}, [&all] {
      int fd[2];
      REQUIRE(::pipe(fd) == 0);
      CHECK(pipes::wait_readable(fd[0], pipes::clock::now() + 1ms) == pipes::io_result::timed_out);
      CHECK(pipes::wait_writable(fd[1]) == pipes::io_result::ready);
      pipes::wait_group wg;
      std::atomic<int> bytes{0};
      wg.go([&] {
        char c;
        while (true) {
          all.expect(pipes::wait_readable(fd[0]) == pipes::io_result::ready);
          if (::read(fd[0], &c, 1) != 1) break;
          ++bytes;
        }
      });
      for (int i = 0; i < 100; ++i) {
        CHECK(::write(fd[1], "x", 1) == 1);
        pipes::yield();
      }
      ::close(fd[1]);
      wg.wait();
      CHECK(bytes == 100);
      CHECK((::fcntl(fd[0], F_GETFL) & O_NONBLOCK) == 0);
      ::close(fd[0]);
    });
  });
}

// Whoever sleeps in the poller is told of earlier deadlines through it; a worker that passes by must leave that to the sleeper.
TEST_CASE("a timer that a worker arms before it falls asleep is heard while another sleeps in the poller") {
  at_each_processor_count([](unsigned p) {
    expectations all;
    pipes::run({.processors = p}, [&all] {
      int fd[2];
      REQUIRE(::pipe(fd) == 0);
      pipes::wait_group wg;
      wg.go([&] { all.expect(pipes::wait_readable(fd[0]) == pipes::io_result::ready); });
      for (int n = 0; n < 200; ++n) {
        pipes::blocking([] {});          // comes back on a worker that was not in the poller
        pipes::sleep_for(50us);
      }
      CHECK(::write(fd[1], "x", 1) == 1);
      wg.wait();
      ::close(fd[0]);
      ::close(fd[1]);
    });
  });
}

TEST_CASE("what epoll refuses is said so, what is no descriptor throws") {
  pipes::run([] {
    char name[] = "/tmp/pipe-io-XXXXXX";
    const int fd = ::mkstemp(name);
    REQUIRE(fd >= 0);
    CHECK(pipes::wait_readable(fd) == pipes::io_result::not_pollable);
    ::close(fd);
    ::unlink(name);
    CHECK_THROWS_AS((void)pipes::wait_readable(fd), std::system_error);
    CHECK_THROWS_AS((void)pipes::wait_readable(-1), std::system_error);
  });
}

TEST_CASE("an owned descriptor carries everything, in pieces of any size, while its number goes from one to the next") {
  at_each_processor_count([](unsigned p) {
    expectations all;
    for (const std::size_t piece : {1ul, 64ul, 100'000ul, 3'000'000ul}) {   // the last ones do not fit into the socket
      pipes::run({.processors = p}, [&] {
        pipes::wait_group pairs;
        for (int pair = 0; pair < 8; ++pair)
          pairs.go([piece, &all] {
            for (int round = 0; round < 20; ++round) {
              int fd[2];
              all.expect(::socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0);
              pipes::wait_group server;
              server.go([&] {
                pipes::owned_fd mine(fd[1]);
                std::vector<char> bytes(piece);
                for (std::size_t n; (n = mine.read(bytes.data(), bytes.size())) > 0;) mine.write(bytes.data(), n);
              });
              pipes::owned_fd mine(fd[0]);
              std::vector<char> sent(piece, static_cast<char>(round)), back(piece);
              pipes::wait_group sender;
              sender.go([&] { mine.write(sent.data(), sent.size()); });
              for (std::size_t n = 0; n < piece;) n += mine.read(back.data() + n, piece - n);
              sender.wait();
              all.expect(sent == back);
              all.expect(::shutdown(mine.get(), SHUT_WR) == 0);
              char c = 0;
              all.expect(mine.read(&c, 1) == 0);
              server.wait();
            }
          });
        pairs.wait();
      });
      if (piece > 1000 && sanitized) break;
    }
  });
}

TEST_CASE("a number that an owned descriptor had serves a bare one, and the other way round") {
  expectations all;
  pipes::run([&] {
    for (int round = 0; round < 100; ++round) {
      int fd[2];
      REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0);
      const bool owned = round % 3 != 0;
      pipes::wait_group reader;
      pipes::chan<bool> waited(1);
      reader.go([&] {
        char c = 0;
        if (owned) {
          pipes::owned_fd mine(fd[0]);
          all.expect(mine.wait_readable(pipes::clock::now() + 1us) == pipes::io_result::timed_out);
          waited.send(true);
          all.expect(mine.read(&c, 1) == 1);
          all.expect(pipes::wait_readable(mine.get()) == pipes::io_result::ready);   // as a bare one, though something is left unread
          all.expect(mine.read(&c, 1) == 1);
        } else {
          all.expect(pipes::wait_readable(fd[0]) == pipes::io_result::ready);
          all.expect(::read(fd[0], &c, 1) == 1);
          ::close(fd[0]);
        }
      });
      if (owned) waited.recv();
      for (int i = 0; i < round % 5; ++i) pipes::yield();
      all.expect(::write(fd[1], "xy", 2) == 2);
      reader.wait();
      ::close(fd[1]);
    }
  });
}

TEST_CASE("a wait for a descriptor can be cancelled") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [] {
      int fd[2];
      REQUIRE(::pipe(fd) == 0);
      std::atomic<bool> begun{false}, caught{false};
      {
        pipes::scope s;
        s.go([&] {
          begun = true;
          try {
            (void)pipes::wait_readable(fd[0]);
          } catch (const pipes::cancelled&) {
            caught = true;
            throw;
          }
        });
        while (!begun) pipes::yield();                 // what is cancelled before it begins never runs
        for (int i = 0; i < 5; ++i) pipes::yield();    // parked by now, or about to park
      }
      CHECK(caught);
      ::close(fd[0]);
      ::close(fd[1]);
    });
  });
}

TEST_CASE("blocking: results, exceptions, references, many at once") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [] {
      CHECK(pipes::blocking([] { return 7; }) == 7);
      CHECK_THROWS_AS(pipes::blocking([] { throw std::range_error("x"); }), std::range_error);
      int here = 1;
      int& there = pipes::blocking([&]() -> int& { return here; });
      CHECK(&there == &here);
      // each waits for the other: they must have a thread each
      std::atomic<int> met{0};
      pipes::wait_group wg;
      for (int i = 0; i < 16; ++i)
        wg.go([&] {
          pipes::blocking([&] {
            ++met;
            while (met < 16) std::this_thread::yield();
          });
        });
      wg.wait();
      CHECK(met == 16);
    });
  });
}

TEST_CASE("sleepers wake in the order of their deadlines, none early") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [] {
      pipes::wait_group wg;
      std::atomic<int> early{0};
      for (int i = 0; i < 200; ++i)
        wg.go([&, i] {
          const auto until = pipes::clock::now() + std::chrono::microseconds(i * 37 % 3000);
          pipes::sleep_until(until);
          if (pipes::clock::now() < until) ++early;
        });
      wg.wait();
      CHECK(early == 0);
      pipes::sleep_for(-1h);
      pipes::sleep_for(0s);
    });
  });
}

TEST_CASE("fibers that compute or block without end hold up nobody") {
  for (unsigned p : {1u, 2u}) {
    expectations all;
    pipes::run({.processors = p}, [p, &all] {
      std::atomic<bool> release{false};
      pipes::wait_group wg;
      for (unsigned i = 0; i < p; ++i) wg.go([&] { while (!release) {} });
      int fd[2];
      REQUIRE(::pipe(fd) == 0);
      for (unsigned i = 0; i < p; ++i) wg.go([&] {
          char c;
          all.expect(::read(fd[0], &c, 1) == 1);
        });
      // with every processor taken twice over, only the monitor lets this fiber go on
      for (int i = 0; i < 3; ++i) pipes::sleep_for(1ms);
      CHECK(::write(fd[1], "xxxx", p) == static_cast<ssize_t>(p));
      release = true;
      wg.wait();
      ::close(fd[0]);
      ::close(fd[1]);
    });
  }
}
