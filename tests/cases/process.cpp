// process.cpp: runs one command of a case, with time limit, in a process group of its own.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

#include "case.hpp"
#include "sanitized.hpp"

namespace cases {
namespace {

using clock = std::chrono::steady_clock;

struct ends {
  int read = -1, write = -1;
  ends() {
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
    read = fds[0];
    write = fds[1];
  }
  ~ends() { shut(read), shut(write); }
  ends(const ends&) = delete;
  ends& operator=(const ends&) = delete;
  static void shut(int& fd) {
    if (fd >= 0) close(fd);
    fd = -1;
  }
};

std::vector<std::string> environment(const std::filesystem::path& folder, const settings& with) {
  std::vector<std::string> env;
  env.push_back("PATH=" + with.pipe.parent_path().string() + ":/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
  env.push_back("HOME=" + folder.string());
  env.push_back("TMPDIR=" + folder.string());
  env.push_back("LANG=C.UTF-8");
  env.push_back("TZ=UTC");
  env.push_back(sanitized ? "SCALE=5" : "SCALE=1");
  for (const char* name : {"PIPE_PLUGIN_PATH", "ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"})
    if (const char* value = std::getenv(name)) env.push_back(std::string(name) + "=" + value);
  return env;
}

// True once `fd` has nothing more to give.
bool drain(int fd, std::string& to) {
  std::array<char, 65536> block;
  ssize_t got = read(fd, block.data(), block.size());
  if (got > 0) to.append(block.data(), static_cast<std::size_t>(got));
  return got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN);
}

pid_t start(const step& s, const std::filesystem::path& folder, const settings& with, ends& in, ends& out, ends& err) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  posix_spawn_file_actions_adddup2(&actions, in.read, 0);
  posix_spawn_file_actions_adddup2(&actions, out.write, 1);
  posix_spawn_file_actions_adddup2(&actions, err.write, 2);
  sigset_t defaults, none;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);

  std::string shell = "/bin/sh", flag = "-c", command = s.command;
  char* arguments[] = {shell.data(), flag.data(), command.data(), nullptr};
  std::vector<std::string> env = environment(folder, with);
  std::vector<char*> environment_pointers;
  for (std::string& e : env) environment_pointers.push_back(e.data());
  environment_pointers.push_back(nullptr);
  pid_t child = 0;
  int failed = posix_spawn(&child, "/bin/sh", &actions, &attributes, arguments, environment_pointers.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (failed) throw std::system_error(failed, std::generic_category(), "posix_spawn");
  return child;
}

}  // namespace

step_result run(const step& s, const std::filesystem::path& folder, const settings& with) {
  step_result result;
  ends in, out, err;
  const pid_t child = start(s, folder, with, in, out, err);
  ends::shut(in.read), ends::shut(out.write), ends::shut(err.write);
  fcntl(in.write, F_SETFL, O_NONBLOCK);  // this end is ours alone
  int watch = static_cast<int>(syscall(SYS_pidfd_open, child, 0));

  const auto deadline = clock::now() + std::chrono::seconds(with.timeout_seconds);
  std::size_t fed = 0;
  if (s.in.empty()) ends::shut(in.write);
  while (out.read >= 0 || err.read >= 0 || watch >= 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock::now()).count();
    if (left <= 0) {
      result.timed_out = true;
      break;
    }
    pollfd polled[] = {{in.write, POLLOUT, 0}, {out.read, POLLIN, 0}, {err.read, POLLIN, 0}, {watch, POLLIN, 0}};
    if (poll(polled, 4, static_cast<int>(left)) < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
    if (polled[0].revents) {
      ssize_t put = write(in.write, s.in.data() + fed, s.in.size() - fed);
      if (put > 0) fed += static_cast<std::size_t>(put);
      if (fed == s.in.size() || (put < 0 && errno != EAGAIN && errno != EINTR)) ends::shut(in.write);
    }
    if (polled[1].revents && drain(out.read, result.out)) ends::shut(out.read);
    if (polled[2].revents && drain(err.read, result.err)) ends::shut(err.read);
    if (polled[3].revents) ends::shut(watch);
  }
  if (result.timed_out) kill(-child, SIGKILL);
  ends::shut(watch);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace cases
