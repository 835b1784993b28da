// bench.hpp: what the benchmarks share.
#pragma once
#include <pipe/runtime.hpp>

#include <time.h>

namespace bench {

inline double cpu_per_operation = 0;     // of the process, in ns; left by the last per()

inline double process_cpu_ns() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

struct timed {
  pipes::clock::time_point begin = pipes::clock::now();
  double cpu_begin = process_cpu_ns();
  double per(double n) const {
    const double wall = std::chrono::duration<double, std::nano>(pipes::clock::now() - begin).count();
    cpu_per_operation = (process_cpu_ns() - cpu_begin) / n;
    return wall / n;
  }
};

double echo(int connections, int busy, int rounds);   // echo.cpp

}  // namespace bench
