#include "process.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace spilling {
namespace {

int entries_of(const std::string& name) {
  int n = 0;
  DIR* d = ::opendir(name.c_str());
  if (!d) return -1;
  while (const dirent* e = ::readdir(d)) {
    const std::string leaf = e->d_name;
    if (leaf != "." && leaf != "..") ++n;
  }
  ::closedir(d);
  return n;
}

void remove_all(const std::string& name) {
  if (DIR* d = ::opendir(name.c_str())) {
    while (const dirent* e = ::readdir(d)) {
      const std::string leaf = e->d_name;
      if (leaf == "." || leaf == "..") continue;
      if (::unlink((name + "/" + leaf).c_str()) != 0) remove_all(name + "/" + leaf);
    }
    ::closedir(d);
  }
  ::rmdir(name.c_str());
}

}  // namespace

folder::folder() {
  char name[] = "/tmp/pipe-test-XXXXXX";
  if (!::mkdtemp(name)) throw std::runtime_error("no folder for the test");
  name_ = name;
}
folder::~folder() { remove_all(name_); }
int folder::entries() const { return entries_of(name_); }

std::string folder::write(const std::string& leaf, const std::string& text) const {
  std::ofstream(file(leaf), std::ios::binary) << text;
  return file(leaf);
}

std::string read_all(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

child::child(const std::string& pipeline, const std::vector<std::string>& files, const folder& where, std::uint64_t file_size_limit)
    : out_(where.file("out")), err_(where.file("err")), tmp_(where.file("tmp")) {
  ::mkdir(tmp_.c_str(), 0700);
  std::vector<std::string> words{PIPE_BINARY, "run", "-e", pipeline};
  words.insert(words.end(), files.begin(), files.end());
  std::vector<char*> argv;
  for (std::string& w : words) argv.push_back(w.data());
  argv.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ > 0) return;
  const int in = ::open("/dev/null", O_RDONLY);
  const int out = ::open(out_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int err = ::open(err_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::dup2(in, 0);
  ::dup2(out, 1);
  ::dup2(err, 2);
  ::setenv("TMPDIR", tmp_.c_str(), 1);
  if (file_size_limit) {
    const struct rlimit limit{file_size_limit, file_size_limit};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

child::~child() {
  if (waited_) return;
  ::kill(pid_, SIGKILL);
  wait();
}

bool child::running() {
  if (waited_) return false;
  struct rusage used {};
  if (::wait4(pid_, &status_, WNOHANG, &used) != pid_) return true;
  waited_ = true;
  most_kib_ = used.ru_maxrss;
  return false;
}

ended child::wait() {
  if (!waited_) {
    struct rusage used {};
    while (::wait4(pid_, &status_, 0, &used) != pid_) {
    }
    waited_ = true;
    most_kib_ = used.ru_maxrss;
  }
  ended e;
  if (WIFEXITED(status_)) e.code = WEXITSTATUS(status_);
  if (WIFSIGNALED(status_)) e.signal = WTERMSIG(status_);
  e.most_kib = most_kib_;
  e.out = read_all(out_);
  e.err = read_all(err_);
  return e;
}

int child::spill_entries() const { return entries_of(tmp_); }

bool child::has_spilled() const {
  const std::string fds = "/proc/" + std::to_string(pid_) + "/fd";
  DIR* d = ::opendir(fds.c_str());
  if (!d) return false;
  bool found = false;
  while (const dirent* e = ::readdir(d)) {
    char target[4096];
    const std::string path = fds + "/" + e->d_name;
    const ssize_t n = ::readlink(path.c_str(), target, sizeof target);
    struct stat about {};
    if (n <= 0) continue;
    const std::string name(target, static_cast<std::size_t>(n));
    if (name.rfind(tmp_ + "/tsan.", 0) == 0) continue;   // ThreadSanitizer's own
    if (name.rfind(tmp_ + "/", 0) == 0 && ::stat(path.c_str(), &about) == 0 && about.st_size > 0) found = true;
  }
  ::closedir(d);
  return found;
}

ended run(const std::string& pipeline, const std::vector<std::string>& files, const folder& where) { return child(pipeline, files, where).wait(); }

}  // namespace spilling
