// lateness.cpp: how late 20 fibers' timers are beside fibers that keep their processor.   usage: lateness [SECONDS] [KIND...]
// For each kind of load, with one processor and with two: timers, then lateness in ms at the median, at 99 of 100, and at most.
#include <pipe/runtime.hpp>

#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using wall = std::chrono::steady_clock;

namespace {

std::atomic<bool> over{false};

void compute(std::chrono::nanoseconds d) {
  for (const auto end = wall::now() + d; wall::now() < end;) {}
}
void block(std::chrono::milliseconds d) {
  const timespec t{0, static_cast<long>(d.count()) * 1'000'000};
  nanosleep(&t, nullptr);
}
template <class F>
void fibers(int n, F step) {
  for (int i = 0; i < n; ++i)
    pipes::go([step] {
      while (!over) {
        step();
        pipes::yield();
      }
    });
}

struct load {
  const char* name;
  void (*start)();
};
const load loads[] = {
    {"slices-1ms", [] { fibers(4, [] { compute(1ms); }); }},
    {"slices-15ms", [] { fibers(4, [] { compute(15ms); }); }},
    {"computing-1s", [] { fibers(2, [] { compute(1s); }); }},
    {"blocked-200ms", [] { fibers(2, [] { block(200ms); }); }},
    {"lock-over-channel", [] {   // held across a send and 20 ms of work
       struct shared {
         pipes::mutex lock;
         pipes::chan<int> c{0};
       };
       const auto s = std::make_shared<shared>();
       fibers(4, [s] {
         const std::lock_guard held(s->lock);
         (void)s->c.send_for(1, 100ms);
         compute(20ms);
       });
       pipes::go([s] { while (!over) (void)s->c.recv_for(100ms); });
     }},
};

std::vector<double> lateness(unsigned processors, const load& beside, std::chrono::seconds length) {
  std::vector<double> late;
  std::mutex mu;
  over = false;
  pipes::run({.processors = processors}, [&] {
    beside.start();
    pipes::wait_group timers;
    for (int i = 0; i < 20; ++i)
      timers.go([&, i] {
        const auto end = wall::now() + length;
        for (int n = 0; wall::now() < end; ++n) {
          const auto due = pipes::now() + std::chrono::microseconds(3000 + (i * 7919 + n * 104729) % 7000);
          pipes::sleep_until(due);
          const double ms = std::chrono::duration<double, std::milli>(pipes::now() - due).count();
          const std::lock_guard guard(mu);
          late.push_back(ms);
        }
      });
    timers.wait();
    over = true;
  });
  std::sort(late.begin(), late.end());
  return late;
}

}  // namespace

int main(int count, char** words) {
  const std::chrono::seconds length(count > 1 ? std::atoi(words[1]) : 3);
  const std::vector<std::string> kinds(words + std::min(count, 2), words + count);
  std::printf("%-18s %2s %7s %8s %8s %8s\n", "load", "P", "timers", "p50", "p99", "most");
  for (const load& l : loads) {
    if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), l.name) == kinds.end()) continue;
    for (unsigned p : {1u, 2u}) {
      const auto late = lateness(p, l, length);
      std::printf("%-18s %2u %7zu %8.2f %8.2f %8.2f\n", l.name, p, late.size(), late[late.size() / 2], late[late.size() * 99 / 100], late.back());
      std::fflush(stdout);
    }
  }
}
