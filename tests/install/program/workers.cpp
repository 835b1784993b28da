// A program that knows the installed tree alone: a pool of three workers, then a select with a time limit.
#include <pipe/runtime.hpp>

#include <cstdio>

using namespace std::chrono_literals;

int main() {
  return pipes::run([] {
    pipes::chan<int> jobs(100), results(100);
    pipes::wait_group workers;
    for (int w = 0; w < 3; ++w) workers.go([=] {
      for (int j : jobs) results.send(j * 2);
    });
    pipes::go([=] {
      workers.wait();
      results.close();
    });
    pipes::go([=] {
      for (int j = 0; j < 1000; ++j) jobs.send(j);
      jobs.close();
    });
    long sum = 0;
    while (auto r = results.recv()) sum += *r;
    std::printf("%ld\n", sum);

    pipes::chan<int> silent(0);
    const int chosen = static_cast<int>(pipes::select(pipes::on_recv(silent, [](std::optional<int>) {}), pipes::on_timeout(1ms)));
    std::printf("case %d\n", chosen);
    return 0;
  });
}
