// bench.cpp: the runtime's benchmarks, one line each: name, nanoseconds per operation, and of CPU time. go/bench.go is the twin.
// bench PROCESSORS NAME...   (no NAME: all)
#include <pipe/runtime.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "bench.hpp"

namespace {

using bench::timed;
using pipes::chan;
using pipes::wait_group;
using namespace std::chrono_literals;

double yield() {
  const int n = 5'000'000;
  wait_group wg;
  timed t;
  for (int f = 0; f < 2; ++f)
    wg.go([] {
      for (int i = 0; i < n; ++i) pipes::yield();
    });
  wg.wait();
  return t.per(2.0 * n);
}

double ping_pong() {
  const int n = 1'000'000;
  chan<int> a(0), b(0);
  timed t;
  pipes::go([=] {
    for (int v : a) b.send(v);
  });
  for (int i = 0; i < n; ++i) {
    a.send(i);
    b.recv();
  }
  a.close();
  return t.per(n);
}

double stream(int capacity, int pairs, int n) {
  chan<int> c(capacity);
  wait_group senders, receivers;
  timed t;
  for (int p = 0; p < pairs; ++p) {
    senders.go([=] {
      for (int i = 0; i < n / pairs; ++i) c.send(i);
    });
    receivers.go([=] {
      while (c.recv()) {}
    });
  }
  senders.wait();
  c.close();
  receivers.wait();
  return t.per(n);
}

double fan_in(int capacity) {
  const int senders = 1000, each = 2000;
  chan<int> c(capacity);
  timed t;
  for (int s = 0; s < senders; ++s)
    pipes::go([=] {
      for (int i = 0; i < each; ++i) c.send(i);
    });
  for (int i = 0; i < senders * each; ++i) c.recv();
  return t.per(double(senders) * each);
}

double select_2(int capacity) {
  const int n = 2'000'000;
  chan<int> a(capacity), b(capacity);
  for (auto c : {a, b})
    pipes::go([=] {
      for (int i = 0; i < n / 2; ++i) c.send(i);
    });
  timed t;
  for (int i = 0; i < n; ++i) pipes::select(pipes::on_recv(a), pipes::on_recv(b));
  return t.per(n);
}

double select_8(int capacity) {
  const int n = 1'000'000;
  std::array<chan<int>, 8> c;
  for (auto& x : c) {
    x = chan<int>(capacity);
    pipes::go([x] {
      for (int i = 0; i < n / 8; ++i) x.send(i);
    });
  }
  using pipes::on_recv;
  timed t;
  for (int i = 0; i < n; ++i)
    pipes::select(on_recv(c[0]), on_recv(c[1]), on_recv(c[2]), on_recv(c[3]), on_recv(c[4]), on_recv(c[5]), on_recv(c[6]), on_recv(c[7]));
  return t.per(n);
}

double select_timeout() {
  const int n = 1'000'000;
  chan<int> c(0);
  pipes::go([=] {
    for (int i = 0; i < n; ++i) c.send(i);
  });
  timed t;
  for (int i = 0; i < n; ++i) pipes::select(pipes::on_recv(c), pipes::on_timeout(1s));
  return t.per(n);
}

double spawn_join() {
  const int n = 1'000'000;
  wait_group wg;
  timed t;
  wg.add(n);
  for (int i = 0; i < n; ++i) pipes::go([=] { wg.done(); });
  wg.wait();
  return t.per(n);
}

double park(int n, bool reused) {
  double result = 0;
  for (int round = 0; round <= (reused ? 1 : 0); ++round) {
    chan<int> gate(0);
    wait_group ready, gone;
    ready.add(n);
    gone.add(n);
    timed t;
    for (int i = 0; i < n; ++i)
      pipes::go([=] {
        ready.done();
        gate.recv();
        gone.done();
      });
    ready.wait();
    result = t.per(n);
    gate.close();
    gone.wait();
  }
  return result;
}

double wake_by_close() {
  const int n = 100'000;
  double result = 0;
  for (int round = 0; round < 2; ++round) {
    chan<int> gate(0);
    wait_group ready, gone;
    ready.add(n);
    gone.add(n);
    for (int i = 0; i < n; ++i)
      pipes::go([=] {
        ready.done();
        gate.recv();
        gone.done();
      });
    ready.wait();
    pipes::sleep_for(1ms);
    timed t;
    gate.close();
    gone.wait();
    result = t.per(n);
  }
  return result;
}

double sieve() {
  chan<int> source(0);
  timed t;
  pipes::cancel_token all;
  all.go([=] {
    for (int i = 2;; ++i) source.send(i);
  });
  chan<int> in = source;
  for (int i = 0; i < 2000; ++i) {
    const int prime = *in.recv();
    chan<int> out(0);
    all.go([=] {
      while (true) {
        const int v = *in.recv();
        if (v % prime != 0) out.send(v);
      }
    });
    in = out;
  }
  const double result = t.per(1);
  all.cancel();
  return result;
}

double chain() {
  const int stages = 100, n = 100'000;
  chan<int> first(0);
  chan<int> in = first;
  for (int s = 0; s < stages; ++s) {
    chan<int> out(0);
    pipes::go([=] {
      for (int v : in) out.send(v + 1);
      out.close();
    });
    in = out;
  }
  timed t;
  pipes::go([=] {
    for (int i = 0; i < n; ++i) first.send(i);
    first.close();
  });
  while (in.recv()) {}
  return t.per(1);
}

double sleepers() {
  wait_group wg;
  timed t;
  for (int i = 0; i < 100'000; ++i) wg.go([] { pipes::sleep_for(100ms); });
  wg.wait();
  return t.per(1);
}

void work_a_microsecond() {
  static const int rounds = [] {
    volatile unsigned x = 1;
    timed t;
    for (int i = 0; i < 10'000'000; ++i) x = x * 1664525 + 1013904223;
    return static_cast<int>(1000 / t.per(10'000'000));
  }();
  volatile unsigned x = 1;
  for (int i = 0; i < rounds; ++i) x = x * 1664525 + 1013904223;
}

double pool(int workers) {
  const int n = 1'000'000;
  work_a_microsecond();
  chan<int> jobs(128);
  wait_group wg;
  timed t;
  for (int w = 0; w < workers; ++w)
    wg.go([=] {
      while (jobs.recv()) work_a_microsecond();
    });
  for (int i = 0; i < n; ++i) jobs.send(i);
  jobs.close();
  wg.wait();
  return t.per(n);
}

void skynet_node(chan<long> out, long number, long size) {
  if (size == 1) {
    out.send(number);
    return;
  }
  chan<long> results(0);
  for (long i = 0; i < 10; ++i) {
    const long child = number + i * size / 10;
    pipes::go([=] { skynet_node(results, child, size / 10); });
  }
  long sum = 0;
  for (int i = 0; i < 10; ++i) sum += *results.recv();
  out.send(sum);
}

double skynet() {
  chan<long> out(0);
  timed t;
  pipes::go([=] { skynet_node(out, 0, 1'000'000); });
  if (out.recv() != 499'999'500'000) std::abort();
  return t.per(1);
}

double locks(bool yields) {
  const int fibers = 1000, each = yields ? 200 : 5000;
  pipes::mutex m;
  long shared = 0;
  wait_group wg;
  timed t;
  for (int f = 0; f < fibers; ++f)
    wg.go([&] {
      for (int i = 0; i < each; ++i) {
        m.lock();
        ++shared;
        if (yields) pipes::yield();
        m.unlock();
      }
    });
  wg.wait();
  return t.per(double(fibers) * each);
}

struct benchmark {
  const char* name;
  double (*run)();
};
const benchmark all[] = {
    {"yield", yield},
    {"ping-pong", ping_pong},
    {"unbuffered", [] { return stream(0, 1, 2'000'000); }},
    {"buffered-1-1", [] { return stream(128, 1, 5'000'000); }},
    {"buffered-4-4", [] { return stream(128, 4, 5'000'000); }},
    {"select-2-0", [] { return select_2(0); }},
    {"select-2-128", [] { return select_2(128); }},
    {"select-8-0", [] { return select_8(0); }},
    {"select-8-128", [] { return select_8(128); }},
    {"select-timeout", select_timeout},
    {"spawn-join", spawn_join},
    {"park-100k", [] { return park(100'000, false); }},
    {"park-1M", [] { return park(1'000'000, false); }},
    {"park-reused", [] { return park(100'000, true); }},
    {"wake-close", wake_by_close},
    {"sieve", sieve},
    {"chain", chain},
    {"sleepers", sleepers},
    {"pool-8", [] { return pool(8); }},
    {"pool-1000", [] { return pool(1000); }},
    {"skynet", skynet},
    {"fan-in-0", [] { return fan_in(0); }},
    {"fan-in-128", [] { return fan_in(128); }},
    {"mutex", [] { return locks(false); }},
    {"mutex-yield", [] { return locks(true); }},
    {"echo-10k", [] { return bench::echo(10'000, 10'000, 50); }},
    {"echo-10-of-10k", [] { return bench::echo(10'000, 10, 30'000); }},
};

}  // namespace

int main(int argc, char** argv) {
  const unsigned processors = argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 0;
  for (const benchmark& b : all) {
    bool wanted = argc < 3;
    for (int i = 2; i < argc; ++i) wanted = wanted || std::strcmp(argv[i], b.name) == 0;
    if (!wanted) continue;
    const double ns = pipes::run({.processors = processors}, b.run);
    std::printf("%s %.1f %.1f\n", b.name, ns, bench::cpu_per_operation);
    std::fflush(stdout);
  }
}
