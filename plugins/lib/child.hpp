// plugins/lib/child.hpp: a child process: started without a shell, awaited without blocking a processor.
//
// A child is started by posix_spawn, which shares memory with it until it runs the program: that costs the same however large this
// process is. It gets its own process group, so that Ctrl-C drains the pipeline instead of killing what works for it.
#pragma once
#include <pipe/plugin.hpp>

#include <csignal>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "lib/descriptor.hpp"
#include "lib/quote.hpp"

extern char** environ;

namespace shared {

// The file that a command's first word means, as the shell would look for it; empty: none, and `why` says so.
inline std::string find_program(const std::string& name, std::string& why) {
  auto runnable = [](const std::string& file) {
    struct stat s;
    return ::stat(file.c_str(), &s) == 0 && S_ISREG(s.st_mode) && ::access(file.c_str(), X_OK) == 0;
  };
  if (name.empty()) {
    why = "the name of the program is empty";
    return "";
  }
  if (name.find('/') != std::string::npos) {
    if (runnable(name)) return name;
    struct stat s;
    if (::stat(name.c_str(), &s) != 0) why = "cannot run '" + name + "': " + errno_text(errno);
    else if (S_ISDIR(s.st_mode)) why = "cannot run '" + name + "': it is a folder";
    else why = "cannot run '" + name + "': it is not executable (chmod +x)";
    return "";
  }
  const char* path = std::getenv("PATH");
  std::string folders = path ? path : "/usr/local/bin:/usr/bin:/bin";
  for (std::size_t at = 0; at <= folders.size();) {
    const std::size_t end = std::min(folders.find(':', at), folders.size());
    std::string file = folders.substr(at, end - at);
    file = (file.empty() ? "." : file) + "/" + name;
    if (runnable(file)) return file;
    at = end + 1;
  }
  why = "no program '" + name + "' in PATH";
  if (name.find(' ') != std::string::npos) why += "; program and arguments are a list, [" + name.substr(0, name.find(' ')) + ", ...], no shell cuts them";
  return "";
}

// How a child ended, in words; empty: well.
inline std::string ending(int status) {
  if (WIFEXITED(status)) return WEXITSTATUS(status) ? "exited with status " + std::to_string(WEXITSTATUS(status)) : "";
  if (!WIFSIGNALED(status)) return "ended in an unknown way";
  const int number = WTERMSIG(status);
  const char* name = ::sigabbrev_np(number);
  return std::string("was killed by ") + (name ? std::string("SIG") + name : "signal " + std::to_string(number)) + (WCOREDUMP(status) ? " (core dumped)" : "");
}

// A command as a message shows it.
inline std::string command_text(const std::vector<std::string>& words) {
  std::string s;
  for (const auto& w : words) s += (s.empty() ? "" : " ") + w;
  return in_quotes(s);
}

class child {
 public:
  child() = default;
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  // A child that is still there has nobody left to work for. It may tidy up for half a second, then it is killed. This may
  // run while a cancelled fiber unwinds, where nothing can park: the processor waits, and its queue is lent out meanwhile.
  ~child() {
    if (pid_ <= 0) return;
    signal(SIGTERM);
    descriptor handle(open_handle());
    struct pollfd ended{handle.get(), POLLIN, 0};
    if (handle) ::poll(&ended, 1, 500);
    signal(SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
  }

  // argv ends with a null pointer. `feed`: its standard input is a pipe; else it is empty. Returns 0 or errno.
  int start(const char* file, char* const* argv, bool feed) {
    int in[2] = {-1, -1}, out[2] = {-1, -1};
    if (::pipe2(out, O_CLOEXEC) != 0) return errno;
    from_child = descriptor(out[0]);
    descriptor its_out(out[1]), its_in;
    if (feed) {
      if (::pipe2(in, O_CLOEXEC) != 0) return errno;
      its_in = descriptor(in[0]);
      to_child = descriptor(in[1]);
      widen_pipe(in[1]);
      widen_pipe(out[0]);
      (void)::fcntl(in[1], F_SETFL, O_NONBLOCK);
    }
    (void)::fcntl(out[0], F_SETFL, O_NONBLOCK);

    struct plan {
      posix_spawn_file_actions_t files;
      posix_spawnattr_t how;
      plan() {
        ::posix_spawn_file_actions_init(&files);
        ::posix_spawnattr_init(&how);
      }
      ~plan() {
        ::posix_spawn_file_actions_destroy(&files);
        ::posix_spawnattr_destroy(&how);
      }
    } p;
    if (feed)
      ::posix_spawn_file_actions_adddup2(&p.files, its_in.get(), STDIN_FILENO);
    else
      ::posix_spawn_file_actions_addopen(&p.files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&p.files, its_out.get(), STDOUT_FILENO);
    sigset_t none, defaults;
    ::sigemptyset(&none);
    ::sigemptyset(&defaults);
    for (int s : {SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGQUIT, SIGHUP}) ::sigaddset(&defaults, s);
    ::posix_spawnattr_setsigmask(&p.how, &none);
    ::posix_spawnattr_setsigdefault(&p.how, &defaults);
    ::posix_spawnattr_setpgroup(&p.how, 0);
    ::posix_spawnattr_setflags(&p.how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    const int error = ::posix_spawn(&pid_, file, &p.files, &p.how, argv, environ);
    if (error) pid_ = -1;
    return error;
  }

  // waitpid() by a function that never parks and is not inlined: errno is the thread's.
  [[gnu::noinline]] static pid_t collect(pid_t pid, int& status, int options) {
    pid_t got;
    do got = ::waitpid(pid, &status, options);
    while (got < 0 && errno == EINTR);
    return got;
  }
  // Parks until the child has ended; its status. Nothing: the deadline passed.
  std::optional<int> wait(const pipes::stage_base& stage, std::int64_t deadline = INT64_MAX) {
    int status = 0;
    if (collect(pid_, status, WNOHANG) == 0) {
      descriptor handle(open_handle());
      if (handle && !stage.wait_fd(handle.get(), PIPE_FD_READ, deadline)) return std::nullopt;
      if (!handle)  // no descriptor to be had: wait on a thread
        stage.blocking([&] {
          siginfo_t info;
          while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) continue;
        });
      collect(pid_, status, 0);
    }
    pid_ = -1;
    return status;
  }
  // To the child and all that it started.
  void signal(int number) {
    if (pid_ > 0) (void)::kill(-pid_, number);
  }

  descriptor to_child, from_child;

 private:
  int open_handle() const { return static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)); }
  pid_t pid_ = -1;
};

}  // namespace shared
