// os_linux.cpp: all that is asked of Linux itself: futex, membarrier, CPU time, and how many CPUs this process may use.
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

#include "core/runtime/biased_lock.hpp"
#include "core/runtime/futex.hpp"
#include "pipe/runtime/run.hpp"

namespace pipes::detail {

bool asymmetric_fences = false;

void init_asymmetric_fences() {
  [[maybe_unused]] static const bool done = [] {
    asymmetric_fences = ::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
    return true;
  }();
}

void heavy_fence_slow() {
  if (asymmetric_fences) {
    ::syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
  } else {
    full_fence();
  }
}

// By an exchange, since TSan understands that and no fence.
void full_fence() {
  std::atomic<int> full{0};
  full.exchange(1, std::memory_order_seq_cst);
}

void futex_wait(std::atomic<int>& word, int expected, clock::time_point deadline) {
  static_assert(sizeof(std::atomic<int>) == 4);
  timespec until{};
  timespec* timeout = nullptr;
  if (deadline != clock::time_point::max()) {
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(deadline.time_since_epoch()).count();
    until = {ns / 1'000'000'000, ns % 1'000'000'000};
    timeout = &until;   // FUTEX_WAIT_BITSET takes an absolute CLOCK_MONOTONIC time, which is steady_clock's
  }
  ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, expected, timeout, nullptr, FUTEX_BITSET_MATCH_ANY);
}

int current_thread_id() { return static_cast<int>(::syscall(SYS_gettid)); }

// The clock of pthread_getcpuclockid, by the id that the system knows the thread by.
std::int64_t cpu_time_of_thread(int id) {
  const auto of_thread = static_cast<clockid_t>((~static_cast<unsigned>(id) << 3) | 6);
  timespec t{};
  if (id == 0 || ::clock_gettime(of_thread, &t) != 0) return 0;
  return t.tv_sec * std::int64_t{1'000'000'000} + t.tv_nsec;
}

bool is_runnable(int id) {
  char path[64], room[1024];
  std::snprintf(path, sizeof path, "/proc/self/task/%d/stat", id);
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const ssize_t n = ::read(fd, room, sizeof room);
  ::close(fd);
  const std::string_view line(room, n > 0 ? static_cast<std::size_t>(n) : 0);
  const auto name_end = line.rfind(") ");       // the name before may hold anything
  return name_end != std::string_view::npos && line.substr(name_end + 2, 1) == "R";
}

void futex_wake(std::atomic<int>& word) { ::syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0); }

}  // namespace pipes::detail

namespace pipes {
namespace {

// What a small file of the kernel's holds; "" if there is none. (A stream would take a locale and 8 KiB for it.)
std::string contents(const std::string& path) {
  std::string text;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return text;
  char room[1024];
  for (ssize_t n; (n = ::read(fd, room, sizeof room)) > 0;) text.append(room, static_cast<std::size_t>(n));
  ::close(fd);
  return text;
}

// CPUs by the cgroup's quota, rounded up; 0: no quota.
unsigned cgroup_quota() {
  unsigned least = 0;
  const auto consider = [&](const std::string& quota_text, const char* period_text) {
    const double quota = std::strtod(quota_text.c_str(), nullptr), period = std::strtod(period_text, nullptr);
    if (!(quota > 0) || !(period > 0)) return;   // "max" is no number
    const auto cpus = std::max(1u, static_cast<unsigned>(quota / period + 0.999));
    least = least == 0 ? cpus : std::min(least, cpus);
  };
  const std::string groups = contents("/proc/self/cgroup");
  for (std::size_t at = 0; at < groups.size();) {
    const std::size_t end = std::min(groups.find('\n', at), groups.size());
    const std::string line = groups.substr(at, end - at);
    at = end + 1;
    if (line.rfind("0::", 0) == 0) {                       // version 2: every level up to the root may limit
      std::string path = line.substr(3);
      while (true) {
        const std::string max = contents("/sys/fs/cgroup" + path + "/cpu.max");
        if (const std::size_t blank = max.find(' '); blank != std::string::npos) consider(max.substr(0, blank), max.c_str() + blank);
        const auto slash = path.find_last_of('/');
        if (path.empty() || path == "/" || slash == std::string::npos) break;
        path.resize(slash);
      }
    } else if (line.find(":cpu,") != std::string::npos || line.find(",cpu:") != std::string::npos || line.find(":cpu:") != std::string::npos) {
      const std::string base = "/sys/fs/cgroup/cpu" + line.substr(line.find_last_of(':') + 1);
      const std::string quota = contents(base + "/cpu.cfs_quota_us");
      if (!quota.empty() && quota[0] != '-') consider(quota, contents(base + "/cpu.cfs_period_us").c_str());
    }
  }
  return least;
}

unsigned affinity_count() {
  for (std::size_t cpus = 1024; cpus <= 1 << 20; cpus *= 4) {
    cpu_set_t* set = CPU_ALLOC(cpus);
    if (!set) break;
    const bool ok = ::sched_getaffinity(0, CPU_ALLOC_SIZE(cpus), set) == 0;
    const int count = ok ? CPU_COUNT_S(CPU_ALLOC_SIZE(cpus), set) : 0;
    CPU_FREE(set);
    if (count > 0) return static_cast<unsigned>(count);
  }
  return std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace

unsigned available_processors() {
  const unsigned cpus = affinity_count();
  const unsigned quota = cgroup_quota();
  return quota > 0 ? std::min(cpus, quota) : cpus;
}

}  // namespace pipes
