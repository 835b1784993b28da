// main.cpp: finds the verb, reads its command line, calls it.
#include <pipe/plugin.h>

#include <fcntl.h>
#include <malloc.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>

#include "cmd/arguments.hpp"
#include "cmd/text.hpp"
#include "pipelines/diagnostic.hpp"

namespace pipes::cmd {
namespace {

int dispatch(const std::vector<std::string>& words) {
  if (words.empty()) throw usage_error("pipe: what is to be done? Try `pipe --help`");
  const std::string& name = words[0];
  if (name == "--help" || name == "-h" || name == "help") {
    const verb* about = words.size() > 1 ? find_verb(words[1]) : nullptr;
    print(about ? help(*about) : help());
    return 0;
  }
  if (name == "--version") {
    print("pipe " PIPE_VERSION "\nplugin ABI " + std::to_string(PIPE_ABI_VERSION) + '\n');
    return 0;
  }
  const verb* found = find_verb(name);
  if (!found) {
    std::vector<std::string> known{"--help", "--version"};
    for (const verb& v : verbs())
      if (!v.hidden) known.emplace_back(v.name);
    std::string hint = pipelines::did_you_mean(name, known);
    if (hint.empty()) hint = name[0] == '-' ? "options stand behind the verb" : name.find(": ") != std::string::npos ? "to run a pipeline: pipe run -e " + shell_word(name) : "to run a config: pipe run " + shell_word(name);
    throw usage_error("pipe: no verb " + pipelines::in_quotes(name) + "; " + hint);
  }
  const arguments a(*found, {words.begin() + 1, words.end()});
  if (a.help()) {
    print(help(*found));
    return 0;
  }
  return found->act(a);
}

// What was printed must have arrived, unless its reader did not want more.
int finish(int code) {
  const int error = print_rest();
  if (error == 0 || error == EPIPE || code != 0) return code;
  std::fprintf(stderr, "pipe: stdout: %s\n", std::strerror(error));
  return 1;
}

// One of 0, 1, 2 that the caller closed would be given to the next file opened, and data would go there. What stands in its
// place is open the wrong way round: reading or writing it fails as on a closed one.
void keep_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd)
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd) return;
}

// The allocator would raise this bound on its own, keep what is freed below it in heaps that nobody can shrink, and a stage that
// gathers 64 MiB would come to take up twice as much and more. Blocks of batches are pooled and hardly get this far.
void give_back_large_pieces() {
#ifdef M_MMAP_THRESHOLD
  mallopt(M_MMAP_THRESHOLD, 64 * 1024);
#endif
}

// Where memory runs out and nothing may be thrown, in a destructor say, the process ends: as one in which a stage has failed.
void tell_of_lost_memory() {
  static const std::terminate_handler before = std::get_terminate();
  std::set_terminate([] {
    try {
      if (std::current_exception()) throw;
    } catch (const std::bad_alloc&) {
      std::fputs("pipe: error: out of memory\n", stderr);
      std::_Exit(1);
    } catch (...) {
    }
    before();
  });
}

}  // namespace
}  // namespace pipes::cmd

int main(int argc, char** argv) {
  using namespace pipes::cmd;
  keep_standard_descriptors();
  give_back_large_pieces();
  tell_of_lost_memory();
  try {
    return finish(dispatch({argv + 1, argv + argc}));
  } catch (const usage_error& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 2;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "pipe: %s\n", e.what());
    return 1;
  }
}
