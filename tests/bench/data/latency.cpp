// latency SECONDS [COMMAND]: one process writes a record every millisecond, each with the time at which it was written; this one
// reads them behind COMMAND, or straight from the pipe without one. Prints p50 and p99 from write to read in microseconds.
#include <fcntl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

long long now() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

void write_records(int to, int count) {
  const long long begin = now() + 300000000;  // the command has started by then
  for (int i = 0; i < count; ++i) {
    const long long due = begin + i * 1000000LL;
    const timespec at{static_cast<time_t>(due / 1000000000), static_cast<long>(due % 1000000000)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr);
    const std::string record = "{\"sent\":" + std::to_string(now()) + ",\"text\":\"one record of a trickle\"}\n";
    if (write(to, record.data(), record.size()) != static_cast<ssize_t>(record.size())) _exit(1);
  }
  _exit(0);
}

int fail(const char* what) {
  std::perror(what);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "latency SECONDS [COMMAND]\n"), 2;
  const int count = 1000 * std::atoi(argv[1]);
  int first[2], second[2];
  if (pipe2(first, O_CLOEXEC) != 0 || pipe2(second, O_CLOEXEC) != 0) return fail("pipe2");
  const pid_t writer = fork();
  if (writer < 0) return fail("fork");
  if (writer == 0) write_records(first[1], count);
  pid_t command = 0;
  int from = first[0];
  if (argc > 2) {
    command = fork();
    if (command < 0) return fail("fork");
    if (command == 0) {
      dup2(first[0], 0);
      dup2(second[1], 1);
      execl("/bin/sh", "sh", "-c", argv[2], static_cast<char*>(nullptr));
      _exit(127);
    }
    close(first[0]);
    from = second[0];
  }
  close(first[1]);
  close(second[1]);
  std::vector<long long> took;
  std::string held;
  char room[65536];
  for (ssize_t n; (n = read(from, room, sizeof room)) > 0;) {
    const long long at = now();
    held.append(room, static_cast<std::size_t>(n));
    std::size_t begin = 0;
    for (std::size_t end; (end = held.find('\n', begin)) != std::string::npos; begin = end + 1) {
      const std::size_t sent = held.find("\"sent\":", begin);
      if (sent < end) took.push_back(at - std::atoll(held.c_str() + sent + 7));
    }
    held.erase(0, begin);
  }
  if (command) waitpid(command, nullptr, 0);
  waitpid(writer, nullptr, 0);
  if (took.size() != static_cast<std::size_t>(count)) return std::fprintf(stderr, "latency: %zu of %d records came\n", took.size(), count), 1;
  std::sort(took.begin(), took.end());
  std::printf("%.1f %.1f\n", static_cast<double>(took[took.size() / 2]) / 1000, static_cast<double>(took[took.size() * 99 / 100]) / 1000);
  return 0;
}
