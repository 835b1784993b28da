// measure.cpp: runs a shell command and prints its wall time and CPU time in milliseconds and the largest resident set among
// its processes in KiB, on descriptor 3. Nothing but the C library, so that `run` can build it where it stands.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>

namespace {
double milliseconds(timeval t) { return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) / 1e3; }
double now() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) / 1e6;
}
}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const double start = now();
  const pid_t child = fork();
  if (child < 0) return 2;
  if (child == 0) {
    close(3);
    execl("/bin/bash", "bash", "-c", argv[1], static_cast<char*>(nullptr));
    _exit(127);
  }
  int status = 0;
  rusage used;
  if (wait4(child, &status, 0, &used) != child) return 2;
  dprintf(3, "%.2f %.2f %ld\n", now() - start, milliseconds(used.ru_utime) + milliseconds(used.ru_stime), used.ru_maxrss);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
