// Where memory runs out in the middle of a call it throws std::bad_alloc, and nothing else has happened: no closure is left behind,
// no lock held, no waiter linked.
#include <pipe/runtime.hpp>

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "core/runtime/futex.hpp"
#include "core/runtime/runnable.hpp"
#include "runtime/helpers.hpp"

using namespace std::chrono_literals;
using pipes::chan;
using pipes::on_recv;
using pipes::on_timeout;

namespace {

// For this thread: so many allocations of at least that size succeed; below zero: all for which there is memory.
thread_local long allocations_left = -1;
thread_local std::size_t counted_from = 0;

// In functions of their own: a fiber may be on another thread than at its last look.
[[gnu::noinline]] void allow(long n, std::size_t from) {
  allocations_left = n;
  counted_from = from;
}
[[gnu::noinline]] bool allowed(std::size_t size) {
  if (size < counted_from) return true;
  if (allocations_left == 0) return false;
  if (allocations_left > 0) --allocations_left;
  return true;
}

// f with n allocations of at least that size; whether it came through.
template <class F>
bool comes_through(long n, F&& f, std::size_t from = 0) {
  struct again_enough {
    ~again_enough() { allow(-1, 0); }
  } at_end;
  allow(n, from);
  try {
    f();
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  if (void* p = allowed(size) ? std::malloc(size) : nullptr) return p;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allowed(size) ? std::malloc(size) : nullptr; }   // ASan has one of its own
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept { std::free(p); }

TEST_CASE("a fiber that cannot be started for want of memory leaves nothing of its closure") {
  pipes::run({.processors = 1}, [] {
    const auto kept = std::make_shared<int>(0);
    const std::string name(100, 'n');
    const auto started_in_the_end = [&](auto start) {
      struct large {                     // too large for the worker's own list of tasks
        std::shared_ptr<int> one;
        char room[256];
      };
      const long held = kept.use_count();
      for (long n = 0;; ++n) {
        pipes::go_options options{.name = name, .stack = 128 << 10};
        large captured{kept, {}};
        const bool started = comes_through(n, [&] { start(options, [captured = std::move(captured)] { (void)captured; }); });
        if (started) break;
        captured.one = nullptr;
        CHECK(kept.use_count() == held);
        REQUIRE(n < 20);
      }
    };
    pipes::wait_group group;
    pipes::cancel_token token;
    pipes::scope scope;
    started_in_the_end([](pipes::go_options& o, auto f) { pipes::go(std::move(o), std::move(f)); });
    started_in_the_end([](pipes::go_options& o, auto f) { pipes::go_daemon(std::move(o), std::move(f)); });
    started_in_the_end([&](pipes::go_options& o, auto f) { token.go(std::move(o), std::move(f)); });
    started_in_the_end([&](pipes::go_options& o, auto f) { group.go(std::move(o), std::move(f)); });
    started_in_the_end([&](pipes::go_options& o, auto f) { scope.go(std::move(o), std::move(f)); });
    group.wait();
    scope.join();
    while (kept.use_count() > 1) pipes::yield();
  });
}

TEST_CASE("a fiber that cannot be named for want of memory goes on, and can be looked at") {
  pipes::run({.processors = 1}, [] {
    pipes::wait_group wg;
    wg.go([] {
      std::string name(100, 'n');
      CHECK_FALSE(comes_through(0, [&] { pipes::set_fiber_name(std::move(name)); }));
      CHECK(pipes::fibers().size() == 2);
      pipes::set_fiber_name("the other");
      CHECK(holds(pipes::dump_fibers(), "the other"));
    });
    wg.wait();
  });
}

TEST_CASE("a wait whose timer finds no memory has not begun") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const chan<int> c(0);
  pipes::event e;
  // The timers of a worker lie in an array that grows now and then; a run begins with a new one. Smaller ones grow unhindered: while
  // the fiber waits its worker needs memory, too.
  constexpr std::size_t large = 1000;
  const auto fails_at_times = [&](auto times_out) {
    int failures = 0;
    pipes::run({.processors = 1}, [&] {
      std::vector<chan<pipes::clock::time_point>> timers;
      for (int i = 0; i < 70; ++i) {
        timers.push_back(pipes::after(1h));
        bool timed_out = false;
        if (!comes_through(0, [&] { timed_out = times_out(); }, large)) {
          ++failures;
          timed_out = times_out();       // with memory
        }
        CHECK(timed_out);
        CHECK_FALSE(c.try_send(1));      // nobody is left behind
        CHECK_FALSE(c.try_recv());
      }
    });
    CHECK(failures > 0);
  };
  const auto soon = [] { return pipes::now() + 100us; };
  fails_at_times([&] { return pipes::sleep_until(soon()), true; });
  fails_at_times([&] { return !c.recv_for(100us); });
  fails_at_times([&] { return !c.send_for(1, 100us); });
  fails_at_times([&] { return pipes::select(on_recv(c), on_timeout(100us)) == 1; });
  fails_at_times([&] { return !e.wait_until(soon()); });
  fails_at_times([&] { return pipes::wait_readable(ends[0], soon()) == pipes::io_result::timed_out; });
  fails_at_times([&] { return pipes::after(100us).recv().has_value(); });
  pipes::run([&] {
    e.set();
    e.wait();
    REQUIRE(::write(ends[1], "x", 1) == 1);
    CHECK(pipes::wait_readable(ends[0]) == pipes::io_result::ready);
  });
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("who looks at fibers and finds no memory for it lets them go on") {
  pipes::run({.processors = 1}, [] {
    constexpr int n = 100;
    const chan<int> c(0);
    pipes::wait_group all;
    int begun = 0;
    for (int i = 0; i < n; ++i)
      all.go([&] {
        ++begun;
        (void)c.recv();
      });
    while (begun < n) pipes::yield();
    std::size_t seen = 0;
    for (long given = 0; !comes_through(given, [&] { seen = pipes::fibers().size(); });) ++given;
    CHECK(seen == n + 1);
    c.close();
    all.wait();
  });
}

TEST_CASE("the monitor's look at a thread takes no memory") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  std::atomic<int> id{0};
  std::thread blocked([&] {
    id = pipes::detail::current_thread_id();
    char byte;
    (void)!::read(ends[0], &byte, 1);
  });
  while (id == 0) std::this_thread::yield();
  bool self = false, other = true;
  const auto look = [&] {
    self = pipes::detail::is_runnable(pipes::detail::current_thread_id());
    other = pipes::detail::is_runnable(id);
  };
  while (other && comes_through(0, look)) std::this_thread::yield();   // until it blocks
  CHECK(self);
  CHECK_FALSE(other);
  (void)!::write(ends[1], "x", 1);
  blocked.join();
  for (const int end : ends) ::close(end);
}

TEST_CASE("the global queue takes what it is given, and in order, whether there is memory or not") {
  using pipes::detail::fiber;
  std::vector<std::unique_ptr<fiber>> fibers;
  for (int i = 0; i < 5000; ++i) fibers.push_back(std::make_unique<fiber>());
  pipes::detail::global_queue queue;
  std::size_t given = 0, taken = 0;
  const auto give = [&](std::size_t n) {
    pipes::detail::fiber_chain chain;
    for (std::size_t i = 0; i < n; ++i) chain.add(fibers[given++].get());
    if (n == 1) queue.add(pipes::detail::runnable{chain.head, nullptr});
    else queue.add(chain);
  };
  const auto take = [&](std::size_t most) {
    pipes::detail::runnable_list list;
    queue.take(most, list);
    while (fiber* f = list.fibers.take()) CHECK(f == fibers[taken++].get());
  };
  bool there_is_memory = false;
  for (std::size_t i = 0; given + 10 < fibers.size(); ++i) {
    if (i % 97 == 0) there_is_memory = !there_is_memory;
    CHECK(comes_through(there_is_memory ? -1 : 0, [&] { give(i % 10 + 1); }));
    CHECK(queue.size() == given - taken);
    if (i % 3 == 0) take(i % 7 + 1);
  }
  while (queue.size() > 0) take(100);
  CHECK(taken == given);
}

TEST_CASE("cancelling takes no memory") {
  pipes::run({.processors = 1}, [] {
    constexpr int n = 20;
    const pipes::cancel_token token;
    int begun = 0, ended = 0;
    for (int i = 0; i < n; ++i)
      token.go([&] {
        struct leaving {
          int& count;
          ~leaving() { ++count; }
        } at_end{ended};
        ++begun;
        pipes::sleep_for(1h);
      });
    while (begun < n) pipes::yield();
    CHECK(comes_through(0, [&] { token.cancel(); }));
    while (ended < n) pipes::yield();
  });
}
