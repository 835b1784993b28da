// Limits: what parked fibers cost, what goes back, how overflows end, what holds up nobody.
// Programs that must die run in a child process.
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pipe/runtime.hpp>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

#include "catch.hpp"
#include "runtime/helpers.hpp"

using namespace std::chrono_literals;

namespace {

struct ended {
  int status = 0;
  std::string text;                      // what it wrote to stderr
};

// f in a child, which exits with 0 when f returns.
template <class F>
ended in_child(F&& f) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    for (int s : {SIGSEGV, SIGABRT, SIGBUS}) ::signal(s, SIG_DFL);   // not the test framework's
    f();
    ::_exit(0);
  }
  ::close(ends[1]);
  ended e;
  char buffer[4096];
  for (ssize_t n; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;) e.text.append(buffer, static_cast<std::size_t>(n));
  ::close(ends[0]);
  ::waitpid(child, &e.status, 0);
  return e;
}

// KiB of memory that this process holds, page tables included.
long memory_held() {
  std::ifstream status("/proc/self/status");
  long sum = 0;
  for (std::string line; std::getline(status, line);)
    if (line.rfind("VmRSS:", 0) == 0 || line.rfind("VmPTE:", 0) == 0) sum += std::atol(line.c_str() + 6);
  return sum;
}

// How often the threads of a process have gone to sleep so far.
long sleeps_of(pid_t process) {
  long sum = 0;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
    std::ifstream status(thread.path() / "status");
    for (std::string line; std::getline(status, line);)
      if (line.rfind("voluntary_ctxt_switches:", 0) == 0) sum += std::atol(line.c_str() + 24);
  }
  return sum;
}

// Runs f in a child: whether there comes a second in which its threads go to sleep at most so often. What wakes up by itself
// shows in every second, however slow the machine is.
template <class F>
bool comes_to_rest(long most, F&& f) {
  const pid_t child = ::fork();
  if (child == 0) {
    f();
    ::_exit(0);
  }
  bool rests = false;
  for (int second = 0; second < 20 && !rests; ++second) {
    const long before = sleeps_of(child);
    std::this_thread::sleep_for(1s);
    rests = before > 0 && sleeps_of(child) - before <= most && ::waitpid(child, nullptr, WNOHANG) == 0;   // and lives
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  return rests;
}

[[gnu::noinline]] int down(int n) {
  volatile char room[1024];
  room[0] = static_cast<char>(n);
  return n == 0 ? room[0] : down(n - 1) + room[0];
}

// As foreign code may be built: nothing touches the pages of the frame in between.
[[gnu::noinline, gnu::optimize("no-stack-clash-protection")]] int leap() {
  volatile char room[300 * 1024];
  room[0] = 1;
  return room[0];
}

}  // namespace

TEST_CASE("stacks with large guards are to be had where the program has used up its mappings") {
  if (sanitized) return;
  const ended e = in_child([] {
    constexpr std::size_t most = 200'000, page = 4096;   // vm.max_map_count is 65,530
    auto* const mine = static_cast<char*>(::mmap(nullptr, 2 * most * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    if (mine == MAP_FAILED || ::madvise(mine, page, 102) != 0) return;   // MADV_GUARD_INSTALL, Linux 6.13: before, each guard is a mapping
    std::size_t n = 0;
    while (n < most && ::mprotect(mine + 2 * n * page, page, PROT_NONE) == 0) ++n;
    if (n < 100 || n == most) return;
    for (std::size_t i = n - 60; i < n; ++i) (void)::mprotect(mine + 2 * i * page, page, PROT_READ);   // some are needed all the same
    pipes::run([] {
      pipes::chan<int> never(0);
      std::atomic<int> begun{0};
      pipes::wait_group all;
      for (int i = 0; i < 200; ++i) {
        all.add();
        pipes::go({.stack = 256 * 1024}, [&] {
          ++begun;
          never.recv();
          all.done();
        });
      }
      while (begun < 200) pipes::sleep_for(1ms);
      never.close();
      all.wait();
    });
  });
  CHECK(e.status == 0);
  CHECK(e.text == "");
}

TEST_CASE("more parked fibers than the system allows mappings take less than 5 KiB each, guards included") {
  if (sanitized) return;
  const ended e = in_child([] {
    constexpr int n = 200'000;        // vm.max_map_count is 65,530
    const long before = memory_held();
    pipes::run([&] {
      pipes::chan<int> never(0);
      std::atomic<int> begun{0};
      pipes::wait_group all;
      for (int i = 0; i < n; ++i)
        all.go([&] {
          ++begun;
          never.recv();
        });
      while (begun < n) pipes::sleep_for(1ms);
      const long held = memory_held() - before;
      if (held >= 5L * n) std::fprintf(stderr, "%ld KiB", held);
      never.close();
      all.wait();
    });
  });
  CHECK(e.status == 0);
  CHECK(e.text == "");
}

TEST_CASE("bursts of fibers do not grow memory, and deep recursion gives its memory back") {
  if (sanitized) return;
  const ended e = in_child([] {
    const auto burst = [] {
      pipes::wait_group all;
      for (int i = 0; i < 100'000; ++i) all.go([] { pipes::yield(); });
      all.wait();
    };
    pipes::run([&] {
      burst();
      const long first = memory_held();
      for (int round = 0; round < 10; ++round) burst();
      if (memory_held() > first + first / 4 + 8192) std::fprintf(stderr, "grown from %ld to %ld KiB", first, memory_held());
      const auto deep = [] {
        pipes::wait_group all;
        pipes::chan<int> bottom(0);
        std::atomic<int> there{0};
        for (int i = 0; i < 2000; ++i)
          all.go([&] {
            down(48);
            ++there;
            bottom.recv();
          });
        while (there < 2000) pipes::sleep_for(1ms);
        const long most = memory_held();
        bottom.close();
        all.wait();
        return most;
      };
      const long most = deep();
      if (most < first + 40 * 2000) std::fprintf(stderr, "not deep: %ld, then %ld KiB", first, most);
      while (memory_held() > most - 30 * 2000) pipes::sleep_for(10ms);   // hangs where nothing goes back
    });
  });
  CHECK(e.status == 0);
  CHECK(e.text == "");
}

TEST_CASE("after a burst of fibers their memory goes back to the system, and the next burst has it anew") {
  if (sanitized) return;
  const ended e = in_child([] {
    constexpr int n = 20'000;
    const auto burst = [] {
      pipes::chan<int> values(0);
      pipes::wait_group all;
      std::atomic<long> sum{0};
      for (int i = 0; i < n; ++i) all.go([&] { sum += *values.recv(); });
      for (int i = 0; i < n; ++i) values.send(i);
      all.wait();
      if (sum != n * (n - 1L) / 2) std::fprintf(stderr, "a sum of %ld\n", sum.load());
      return memory_held();
    };
    pipes::run([&] {
      const long before = memory_held();
      const long first = burst();
      if (first < before + 4L * n) std::fprintf(stderr, "no burst: %ld, then %ld KiB\n", before, first);
      for (int round = 0; round < 2; ++round) {
        while (memory_held() > before + n) pipes::sleep_for(10ms);   // hangs where nothing goes back
        if (burst() > first + first / 4) std::fprintf(stderr, "grown from %ld KiB\n", first);
      }
    });
  });
  CHECK(e.status == 0);
  CHECK(e.text == "");
}

TEST_CASE("a run whose fibers all wait wakes nobody up") {
  if (sanitized) return;
  CHECK(comes_to_rest(0, [] { pipes::run([] { pipes::sleep_for(1h); }); }));
  CHECK(comes_to_rest(0, [] {
    int ends[2];
    if (::pipe(ends) != 0) return;
    pipes::run({.processors = 2}, [&] {
      pipes::go([] { pipes::sleep_for(1h); });
      for (int i = 0; i < 1000; ++i) pipes::go([] { pipes::yield(); });
      pipes::blocking([] {});
      (void)pipes::wait_readable(ends[0]);
    });
  }));
}

TEST_CASE("between the ticks of a timer nobody watches a run in which nothing happens") {
  if (sanitized) return;
  CHECK(comes_to_rest(1000, [] {
    pipes::run([] {
      for (auto at : pipes::tick(50ms)) (void)at;   // 20 a second; a thread that looks every millisecond would be seen
    });
  }));
}

TEST_CASE("a stack overflow is told by the fiber's name, with the remedy") {
  if (sanitized) return;
  const ended e = in_child([] { pipes::run([] { pipes::go({.name = "digger"}, [] { down(100'000); }); }); });
  CHECK((WIFSIGNALED(e.status) && WTERMSIG(e.status) == SIGABRT));
  CHECK(holds(e.text, "pipe: stack overflow in fiber 'digger': its stack of 64 KiB is used up; give it more"));
}

TEST_CASE("a frame that leaps over 256 KiB without touching them is caught, where stacks are for foreign code") {
  if (sanitized) return;
  const ended e = in_child([] { pipes::run([] { pipes::go({.name = "leaper", .stack = 256 * 1024}, [] { std::exit(leap()); }); }); });
  CHECK((WIFSIGNALED(e.status) && WTERMSIG(e.status) == SIGABRT));
  CHECK(holds(e.text, "stack overflow in fiber 'leaper': its stack of 256 KiB"));
}

TEST_CASE("a program can end with a status of its own after a stack overflow") {
  if (sanitized) return;
  const ended e = in_child([] { pipes::run({.stack_overflow_status = 7}, [] { pipes::go([] { down(100'000); }); }); });
  CHECK((WIFEXITED(e.status) && WEXITSTATUS(e.status) == 7));
  CHECK(holds(e.text, "pipe: stack overflow in fiber "));
}

TEST_CASE("a fault that is only sent ends the program as it would without a run") {
  if (sanitized) return;
  const auto waits = [] { pipes::run([] { ::kill(::getpid(), SIGSEGV); pipes::sleep_for(1ms); }); };
  const ended killed = in_child(waits);
  CHECK((WIFSIGNALED(killed.status) && WTERMSIG(killed.status) == SIGSEGV));
  CHECK(killed.text == "");
  const ended ignored = in_child([&] {
    ::signal(SIGSEGV, SIG_IGN);
    waits();
  });
  CHECK(ignored.status == 0);
}

TEST_CASE("a stack larger than the address space ends the run with an error") {
  for (const std::size_t size : {~std::size_t{0}, std::size_t{1} << 63, std::size_t{1} << 45})
    CHECK_THROWS_AS(pipes::run([&] { pipes::go({.stack = size}, [] {}); }), std::runtime_error);
  CHECK_THROWS_AS(pipes::run({.stack = ~std::size_t{0}}, [] {}), std::runtime_error);
}

TEST_CASE("where address space is scarce stages have stacks as long as there is room for some") {
  if (sanitized) return;
  const ended e = in_child([] {
    const rlimit most{200ul << 20, 200ul << 20};   // less than the 320 MiB that are taken at once otherwise
    ::setrlimit(RLIMIT_AS, &most);
    int ran = 0;
    pipes::run({.processors = 1}, [&] { pipes::go({.stack = 256 * 1024}, [&] { ++ran; }); });
    if (ran != 1) ::_exit(1);
  });
  CHECK(e.status == 0);
}

TEST_CASE("without a thread for the run it is refused, and another may follow") {
  if (sanitized) return;
  const ended e = in_child([] {
    if (::getuid() == 0 && ::setuid(65534) != 0) ::_exit(1);   // root may have as many as it likes
    rlimit most{};
    ::getrlimit(RLIMIT_NPROC, &most);
    const rlimit none{0, most.rlim_max};
    ::setrlimit(RLIMIT_NPROC, &none);
    const auto held = std::make_shared<int>(1);
    try {
      pipes::run([held] {});
    } catch (const std::system_error& failure) {
      std::fprintf(stderr, "caught: %s", failure.what());
    }
    bool outside = false;
    try {
      pipes::go([] {});
    } catch (const std::logic_error&) {
      outside = true;
    }
    ::setrlimit(RLIMIT_NPROC, &most);
    if (held.use_count() != 1 || !outside || pipes::run([] { return 4; }) != 4) ::_exit(1);
  });
  CHECK(e.status == 0);
  CHECK(holds(e.text, "caught: pipe: no thread could be started (memory, or ulimit -u)"));
}

TEST_CASE("without memory for another stack the run ends with an error") {
  if (sanitized) return;
  const ended e = in_child([] {
    const rlimit most{2ul << 30, 2ul << 30};
    ::setrlimit(RLIMIT_AS, &most);
    try {
      pipes::run([] {
        pipes::chan<int> never(0);
        for (int i = 0; i < 1'000'000; ++i) pipes::go([=] { never.recv(); });
        never.recv();
      });
    } catch (const std::exception& failure) {
      std::fprintf(stderr, "caught: %s", failure.what());
    }
  });
  CHECK(e.status == 0);
  CHECK(holds(e.text, "caught: pipe: no memory for the stack of another fiber (ulimit -v"));
}

TEST_CASE("a fiber that computes or blocks in the system holds up nobody") {
  at_each_processor_count([](unsigned p) {
    for (const bool computes : {true, false}) {
      std::atomic<bool> fired{false};
      expectations met;
      pipes::run({.processors = p}, [&] {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        pipes::wait_group all;
        for (unsigned i = 0; i < p; ++i)   // one for every processor: each waits for what another fiber does
          all.go([&] {
            char c = 0;
            if (computes)
              while (!fired) {}
            else
              met.expect(::read(ends[0], &c, 1) == 1);
          });
        all.go([&] {
          for (int i = 0; i < 3; ++i) pipes::sleep_for(1ms);
          fired = true;
          if (!computes) met.expect(::write(ends[1], "12345678", p) == static_cast<ssize_t>(p));
        });
        all.wait();
        ::close(ends[0]);
        ::close(ends[1]);
      });
      CHECK(fired);
    }
  });
}
