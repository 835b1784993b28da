// run.hpp: starting the scheduler. Included by pipe/runtime.hpp.
#pragma once
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "pipe/runtime/fiber.hpp"

namespace pipes {

struct run_options {
  unsigned processors = 0;      // 0: as many as the process may use (affinity and cgroup quota count)
  std::size_t stack = 0;        // of a plain go(), bytes; 0: 64 KiB
  // Makes the run deterministic: one processor on the calling thread, every choice of the scheduler and of select drawn from the seed,
  // virtual time (pipes::clock). The same seed, program and input make the same schedule, except for what comes from outside: a
  // descriptor, or a blocking call of over 3 s. core/README.md says more.
  std::optional<std::uint64_t> seed = std::nullopt;
  std::function<void()> on_deadlock = nullptr;  // called when one is found, with every fiber still where it is parked; it must not park
  // Called when an exception has left a fiber and ends the run: in that fiber, with its name ("fiber N" if it has none), before the others
  // are cancelled and run() rethrows the exception. Must not park.
  std::function<void(const std::string& fiber, std::exception_ptr)> on_exception = nullptr;
  bool dump_on_sigquit = true;  // SIGQUIT prints dump_fibers() on stderr and the run goes on; not where SIGQUIT has a handler already
  int stack_overflow_status = 0;  // how the process ends once a stack overflow is reported: by this exit status; 0: by abort()
};

// CPUs that this process may use: affinity mask and cgroup quota, at least 1.
unsigned available_processors();

// One fiber, as dumps and deadlock reports show it.
struct fiber_info {
  std::uint64_t id = 0;
  std::string name;             // empty: was never named
  std::string state;            // "running", "ready" or the reason it is parked for
  const void* object = nullptr; // what it is parked on, where that is one object
  std::string detail;           // e.g. "3 of 16 buffered", "thread 2"
  clock::duration since{0};     // how long it has been parked, to some 10 ms
  bool daemon = false;
  std::shared_ptr<const std::vector<const void*>> backtrace;   // return addresses, innermost first; null: it runs, or is ready behind many others
};

// Every fiber of the run in progress. From any thread. The run goes on meanwhile: what a running fiber does may be past already, and each
// fiber is held for some microseconds while its stack is looked at.
std::vector<fiber_info> fibers();

// As text: name, state, what it waits for, since when, and the calls it is in. Fibers that are alike stand together, the largest group
// first. Functions have names if the program's or plugin's file holds symbols, and always the offset that addr2line takes.
std::string describe(const std::vector<fiber_info>& fibers);

// describe(fibers()).
std::string dump_fibers();

// Thrown by run() when every fiber was parked for ever.
struct deadlock : std::exception {
  explicit deadlock(std::vector<fiber_info> f);
  const char* what() const noexcept override { return report_.c_str(); }   // describe(fibers())
  const std::vector<fiber_info>& fibers() const { return fibers_; }

 private:
  std::vector<fiber_info> fibers_;
  std::string report_;
};

namespace detail {
void run_main(const run_options& options, task* main);   // rethrows what ended the run
}

// Runs main on a fiber and returns its value once all fibers have ended. Not from a fiber, one run at a time.
template <class F>
auto run(const run_options& options, F&& main) -> std::invoke_result_t<std::decay_t<F>&> {
  using result = std::invoke_result_t<std::decay_t<F>&>;
  if constexpr (std::is_void_v<result>) {
    detail::run_main(options, detail::make_task(std::forward<F>(main)));
  } else {
    std::optional<result> value;
    detail::run_main(options, detail::make_task([&value, body = std::decay_t<F>(std::forward<F>(main))]() mutable {
      value.emplace(std::invoke(body));
    }));
    if (!value) throw cancelled{};    // main was cancelled, and nothing else failed
    return std::move(*value);
  }
}
template <class F>
auto run(F&& main) -> std::invoke_result_t<std::decay_t<F>&> {
  return run(run_options{}, std::forward<F>(main));
}

}  // namespace pipes
