// All kinds of load at once, for as long as one likes: nothing may hang, no memory may grow.
//   PIPE_SOAK=600 test_runtime "[.soak]"     seconds; without it, two
#include <sys/socket.h>
#include <unistd.h>

#include <pipe/runtime.hpp>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include "catch.hpp"
#include "runtime/helpers.hpp"

using namespace std::chrono_literals;

namespace {

long resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind("VmRSS:", 0) == 0) return std::atol(line.c_str() + 6);
  return 0;
}

enum load { streams, selects, closes, cancels, timers, calls, sockets, computing, bursts, loads };
constexpr std::array<const char*, loads> names{"streams", "selects", "closes", "cancels", "timers", "calls", "sockets", "computing", "bursts"};

void one_round(int what, int round, expectations& met) {
  pipes::wait_group all;
  switch (what) {
    case streams: {
      pipes::chan<int> c(round % 3 * 16);
      pipes::wait_group senders;
      std::atomic<int> taken{0};
      for (int s = 0; s < 4; ++s) senders.go([=] { for (int i = 0; i < 500; ++i) c.send(i); });
      for (int r = 0; r < 4; ++r) all.go([=, &taken] { while (c.recv()) ++taken; });
      senders.wait();
      c.close();
      all.wait();
      met.expect(taken == 2000);
      return;
    }
    case selects: {
      pipes::chan<int> a(0), b(round % 2), quit(0);
      for (auto c : {a, b}) all.go([=] { while (pipes::select(pipes::on_send(c, 1), pipes::on_recv(quit)) == 0) {} });
      int got = 0;
      for (int i = 0; i < 500; ++i) pipes::select(pipes::on_recv(a, [&](auto) { ++got; }), pipes::on_recv(b, [&](auto) { ++got; }), pipes::on_timeout(1min));
      quit.close();
      all.wait();
      met.expect(got == 500);
      return;
    }
    case closes: {
      pipes::chan<int> gate(0);
      for (int i = 0; i < 300; ++i) all.go([=] { gate.recv(); });
      pipes::yield();
      gate.close();
      all.wait();
      return;
    }
    case cancels: {
      pipes::chan<int> never(0);
      pipes::mutex m;
      pipes::scope s;
      for (int i = 0; i < 100; ++i)
        s.go([=, &m] {
          if (i % 3 == 0) pipes::sleep_for(1h);
          if (i % 3 == 1) never.recv();
          std::lock_guard lock(m);
          pipes::select(pipes::on_recv(never), pipes::on_timeout(1h));
        });
      for (int i = 0; i < round % 5; ++i) pipes::yield();
      s.cancel();
      return;
    }
    case timers:
      for (int i = 0; i < 500; ++i) all.go([=] { pipes::sleep_for(std::chrono::microseconds(i * 7 % 5000)); });
      all.wait();
      return;
    case calls:
      for (int i = 0; i < 8; ++i) all.go([] { pipes::blocking([] { std::this_thread::sleep_for(1ms); }); });
      all.wait();
      return;
    case sockets:
      for (int pair = 0; pair < 8; ++pair)
        all.go([&met] {
          int fd[2];
          met.expect(::socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0);
          pipes::wait_group server;
          server.go([&] {
            pipes::owned_fd mine(fd[1]);
            char bytes[64];
            for (std::size_t n; (n = mine.read(bytes, sizeof bytes)) > 0;) mine.write(bytes, n);
          });
          {
            pipes::owned_fd mine(fd[0]);
            char bytes[64] = {};
            for (int i = 0; i < 50; ++i) {
              mine.write(bytes, sizeof bytes);
              for (std::size_t n = 0; n < sizeof bytes;) n += mine.read(bytes + n, sizeof bytes - n);
            }
          }
          server.wait();
        });
      all.wait();
      return;
    case computing:
      for (int i = 0; i < 2; ++i)
        all.go([] {
          const auto end = pipes::clock::now() + 15ms;
          while (pipes::clock::now() < end) {}
        });
      all.wait();
      pipes::sleep_for(50ms);
      return;
    case bursts: {
      std::atomic<int> sum{0};
      for (int i = 0; i < 2000; ++i) all.go([&] { ++sum; });
      all.wait();
      met.expect(sum == 2000);
      return;
    }
    default: return;
  }
}

}  // namespace

TEST_CASE("all kinds of load side by side neither hang nor grow", "[.soak]") {
  const char* given = std::getenv("PIPE_SOAK");
  const std::chrono::milliseconds length = std::chrono::seconds(given ? std::atoi(given) : 8);
  long settled = 0, last = 0;
  std::array<std::atomic<long>, loads> rounds{};
  expectations met;
  pipes::run({.processors = 2}, [&] {
    const auto begin = pipes::clock::now();
    pipes::wait_group all;
    for (int what = 0; what < loads; ++what)
      all.go([&, what] {
        for (int round = 0; pipes::clock::now() < begin + length; ++round) {
          one_round(what, round, met);
          ++rounds[static_cast<std::size_t>(what)];
        }
      });
    pipes::sleep_until(begin + length / 4);
    settled = resident_kib();
    std::array<long, loads> before{};
    while (pipes::clock::now() < begin + length) {
      pipes::sleep_for(length / 8);
      for (std::size_t what = 0; what < loads; ++what) {
        const long now = rounds[what];
        INFO(names[what]);
        CHECK(now > before[what]);        // each goes on
        before[what] = now;
      }
    }
    all.wait();
    last = resident_kib();
  });
  std::printf("%ld KiB after a quarter of the time, %ld at the end; rounds:", settled, last);
  for (std::size_t what = 0; what < loads; ++what) std::printf(" %s %ld", names[what], rounds[what].load());
  std::printf("\n");
  CHECK(last < settled + settled / 4 + 4096);
}
