// Dumps: what fibers() and SIGQUIT say about fibers, while these go on.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <pipe/runtime.hpp>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "runtime/helpers.hpp"

using namespace std::chrono_literals;

namespace {

// Not inlined, and no last calls: the dump is to show them.
[[gnu::noinline]] void take_what_comes(const pipes::chan<int>& c, std::atomic<int>& taken) {
  while (c.recv()) ++taken;
  ++taken;
}

[[gnu::noinline]] void take_in_a_lambda(const pipes::chan<int>& c, std::atomic<int>& taken) {
  const auto take = [&]() __attribute__((noinline)) { take_what_comes(c, taken); ++taken; };
  take();
  --taken;
}

struct shop {
  pipes::chan<int> orders{3}, parcels{0};
  [[gnu::noinline]] void open() {
    pipes::select(pipes::on_recv(orders), pipes::on_send(parcels, 1));
    orders = pipes::chan<int>();
  }
};

std::size_t lines_of(const std::string& text) { return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')); }

// Until n fibers are parked for this reason. In a fiber.
void until_parked(std::size_t n, const std::string& state) {
  while (true) {
    const auto all = pipes::fibers();
    if (static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](auto& f) { return f.state == state && f.backtrace; })) >= n) return;
    pipes::sleep_for(1ms);
  }
}

// stderr of this process, in a file while this lives.
class captured_stderr {
 public:
  captured_stderr() : before_(::dup(STDERR_FILENO)), file_(std::tmpfile()) { ::dup2(::fileno(file_), STDERR_FILENO); }
  ~captured_stderr() {
    ::dup2(before_, STDERR_FILENO);
    ::close(before_);
    std::fclose(file_);
  }
  std::string text() const {
    std::string s(static_cast<std::size_t>(std::max<off_t>(::lseek(::fileno(file_), 0, SEEK_END), 0)), 0);
    const auto n = ::pread(::fileno(file_), s.data(), s.size(), 0);
    s.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return s;
  }

 private:
  int before_;
  std::FILE* file_;
};

}  // namespace

TEST_CASE("a dump shows name, state, what is waited on, and the calls by name") {
  at_each_processor_count([](unsigned p) {
    std::string text;
    std::atomic<int> taken{0};
    expectations met;
    pipes::run({.processors = p}, [&] {
      pipes::chan<int> c(16), lone(0);
      shop s;
      int ends[2];
      REQUIRE(::pipe(ends) == 0);
      pipes::wait_group ended;
      const auto start = [&](std::string name, auto body) {
        ended.add();
        pipes::go({.name = std::move(name)}, [=] {
          body();
          ended.done();
        });
      };
      for (int i = 0; i < 5; ++i) start("taker " + std::to_string(i), [&] { take_what_comes(c, taken); });
      start("keeper", [&] { s.open(); });
      start("listener", [&] { met.expect(pipes::wait_readable(ends[0]) == pipes::io_result::ready); });
      start("packer", [&] { take_in_a_lambda(lone, taken); });
      pipes::cancel_token nap;
      nap.go({.name = "sleeper"}, [] { pipes::sleep_for(1h); });   // a last call: no frame of its own
      until_parked(6, "chan receive");
      until_parked(1, "sleep");
      until_parked(1, "select");
      until_parked(1, "I/O read");
      text = pipes::dump_fibers();
      c.close();
      s.orders.close();
      lone.close();
      nap.cancel();
      CHECK(::write(ends[1], "x", 1) == 1);
      ended.wait();
      ::close(ends[0]);
      ::close(ends[1]);
    });
    CAPTURE(text);
    CHECK(holds(text, "5 fibers: chan receive (0 of 16 buffered), all on one, for "));
    CHECK(holds(text, "are taker "));
    CHECK(holds(text, "    (anonymous namespace)::take_what_comes ("));
    CHECK(holds(text, "keeper: select (receive: 0 of 3 buffered, send: 0 of 0 buffered), for "));
    CHECK(holds(text, "shop::open ("));
    CHECK(holds(text, "listener: I/O read (descriptor "));
    CHECK(holds(text, "main: running (thread "));
    CHECK_FALSE(holds(text, "pipes_context_entry"));
    CHECK(holds(text, "    (anonymous namespace)::take_in_a_lambda(pipes::chan<int> const&, std::atomic<int>&)::{lambda()#1} ("));
    CHECK(holds(text, "sleeper: sleep, for "));
    CHECK(taken == 6);
  });
}

TEST_CASE("SIGQUIT prints the fibers, few or many, and the run goes on") {
  for (const int n : {10, scaled(10'000)}) {
    std::atomic<int> taken{0};
    std::string text;
    {
      captured_stderr err;
      pipes::run([&] {
        pipes::chan<int> c(0);
        for (int i = 0; i < n; ++i) pipes::go({.name = "taker-" + std::to_string(i)}, [&taken, c] { take_what_comes(c, taken); });
        until_parked(static_cast<std::size_t>(n), "chan receive");
        ::kill(::getpid(), SIGQUIT);
        while (!holds(text, "names the line")) {
          pipes::sleep_for(1ms);
          text = err.text();
        }
        for (int i = 0; i < n; ++i) c.send(i);
        c.close();
      });
    }
    CAPTURE(text);
    CHECK(taken == 2 * n);
    std::string count = std::to_string(n);
    if (n >= 1000) count.insert(count.size() - 3, 1, ',');
    CHECK(holds(text, count + " fibers: chan receive (0 of 0 buffered), all on one, for "));
    CHECK(holds(text, "take_what_comes"));
    CHECK(lines_of(text) < 20);
  }
}

namespace {

[[gnu::noinline]] void give_way(std::atomic<bool>& stop, std::atomic<int>& begun) {
  ++begun;
  while (!stop) pipes::yield();
  ++begun;
}

}  // namespace

TEST_CASE("fibers that are ready show their calls, those that run the thread") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [&] {
      std::atomic<bool> stop{false};
      std::atomic<int> begun{0};
      pipes::wait_group all;
      const int n = 40;
      for (int i = 0; i < n; ++i) all.go([&] { give_way(stop, begun); });
      while (begun < n) pipes::yield();
      std::string text;
      for (int i = 0; i < 1000 && !(holds(text, ": ready\n") && holds(text, "give_way (")); ++i) {   // those of others' queues come and go
        text = pipes::dump_fibers();
        pipes::yield();
      }
      stop = true;
      all.wait();
      CAPTURE(text);
      CHECK(holds(text, ": ready\n"));
      CHECK(holds(text, "give_way ("));
      CHECK(holds(text, ": running (thread "));
      CHECK(lines_of(text) < 60);
    });
  });
}

TEST_CASE("with a seed, too, ready fibers show their calls") {
  std::string text, printed;
  pipes::run({.seed = 7}, [&] {
    std::atomic<bool> stop{false};
    std::atomic<int> begun{0};
    const captured_stderr err;
    for (int i = 0; i < 3; ++i) pipes::go([&] { give_way(stop, begun); });
    while (begun < 3) pipes::yield();
    text = pipes::dump_fibers();
    ::kill(::getpid(), SIGQUIT);
    for (; !holds(printed, "names the line"); printed = err.text()) pipes::yield();
    stop = true;
    while (begun < 6) pipes::yield();
  });
  CAPTURE(text, printed);
  CHECK(holds(text, "3 fibers: ready\n"));
  CHECK(holds(text, "give_way ("));
  CHECK(holds(printed, ": ready\n"));
  CHECK(holds(printed, "give_way ("));
}

TEST_CASE("a program's own SIGQUIT handler stays, and the default is back after a run") {
  static std::atomic<int> quits{0};
  struct sigaction mine {}, before {}, after {};
  mine.sa_handler = [](int) { ++quits; };
  ::sigaction(SIGQUIT, &mine, &before);
  pipes::run([] { ::raise(SIGQUIT); });
  CHECK(quits == 1);
  ::sigaction(SIGQUIT, &before, nullptr);
  pipes::run([] {});
  ::sigaction(SIGQUIT, nullptr, &after);
  CHECK(after.sa_handler == before.sa_handler);
}

TEST_CASE("stacks are walked soundly while their fibers are woken and parked again") {
  at_each_processor_count([](unsigned p) {
    std::set<const void*> outermost;
    std::size_t walked = 0;
    std::atomic<bool> stop{false};
    pipes::run({.processors = p}, [&] {
      for (int pair = 0; pair < 8; ++pair) {
        pipes::chan<int> there(0), back(pair % 2);
        pipes::go([=] {
          for (int v : there) back.send(v);
          back.close();
        });
        pipes::go([=, &stop] {
          for (int i = 0; !stop; ++i) {
            there.send(i);
            pipes::select(pipes::on_recv(back), pipes::on_timeout(1s));
            if (i % 64 == 0) pipes::sleep_for(50us);
          }
          there.close();
          while (back.recv()) {}
        });
      }
      std::thread looker([&] {
        for (int i = 0; i < scaled(1000) || walked < 1000; ++i)
          for (const auto& f : pipes::fibers())
            if (f.backtrace) {
              ++walked;
              outermost.insert(f.backtrace->empty() ? nullptr : f.backtrace->back());
            }
        stop = true;
      });
      pipes::blocking([&] { looker.join(); });
    });
    CHECK(walked >= 1000);
    CHECK(outermost.size() == 1);   // where every fiber begins
  });
}

// The report of a deadlock of 1,000 fibers that wait for one channel.
template <class Name>
std::string deadlocked(std::size_t capacity, Name&& name) {
  try {
    pipes::run([&] {
      static std::atomic<int> taken{0};
      pipes::chan<int> c(capacity);
      for (int i = 0; i < 1000; ++i) pipes::go({.name = name(std::to_string(i), i)}, [c] { take_what_comes(c, taken); });
      pipes::wait_group never;
      never.add();
      never.wait();
    });
  } catch (const pipes::deadlock& d) {
    return d.what();
  }
  return "no deadlock was found";
}

TEST_CASE("a deadlock's report groups what is alike") {
  const std::string text = deadlocked(2, [](const std::string& n, int) { return "taker [" + n + "]"; });
  CAPTURE(text);
  CHECK(holds(text, "deadlock: 1,001 fibers are parked for ever\n1,000 fibers: chan receive (0 of 2 buffered), all on one, for "));
  CHECK(holds(text, "main: wait_group, for "));
  CHECK(lines_of(text) < 12);
}

TEST_CASE("names that differ in numbers alone are of one kind, wherever the numbers stand") {
  const std::string text = deadlocked(0, [](const std::string& n, int i) { return i % 2 ? "w" + n : "10.0." + n + ".7:4433 reader"; });
  CAPTURE(text);
  CHECK(holds(text, "\n500 fibers: chan receive (0 of 0 buffered), all on one, for "));
  CHECK(holds(text, ".7:4433 reader and 496 more"));
  CHECK(holds(text, "    are w"));
  CHECK(lines_of(text) < 20);
}
