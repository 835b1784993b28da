// sigquit.cpp: SIGQUIT asks for a dump. The handler only leaves word and wakes the monitor, which starts a thread that looks and writes: so
// nothing waits for a slow stderr. The handler is an outsider (scheduler.hpp, I6): it never touches a run that is gone.
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <exception>
#include <string_view>

#include "core/runtime/futex.hpp"
#include "core/runtime/inspect.hpp"
#include "core/runtime/poller.hpp"
#include "core/runtime/seeded.hpp"

namespace pipes::detail {
namespace {

void on_quit(int) {
  const int error = errno;
  {
    const outsider here;
    if (runtime* rt = current_runtime()) rt->request_dump();
  }
  errno = error;
}

void write_all(std::string_view text) {
  for (std::size_t done = 0; done < text.size();) {
    const auto n = ::write(STDERR_FILENO, text.data() + done, text.size() - done);
    if (n < 0 && errno != EINTR) return;
    if (n > 0) done += static_cast<std::size_t>(n);
  }
}

}  // namespace

quit_handler::quit_handler(bool wanted) {
  struct sigaction before {};
  if (!wanted || ::sigaction(SIGQUIT, nullptr, &before) != 0) return;
  // An ignored SIGQUIT may be taken over: that is how a shell without job control starts what has a `&`; nobody has asked for it.
  if ((before.sa_flags & SA_SIGINFO) || (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN)) return;
  was_ignored_ = before.sa_handler == SIG_IGN;
  struct sigaction handler {};
  handler.sa_handler = &on_quit;
  handler.sa_flags = SA_ONSTACK | SA_RESTART;   // a fiber's own stack may be small
  installed_ = ::sigaction(SIGQUIT, &handler, nullptr) == 0;
}

quit_handler::~quit_handler() {
  if (!installed_) return;
  struct sigaction now {};
  if (::sigaction(SIGQUIT, nullptr, &now) == 0 && !(now.sa_flags & SA_SIGINFO) && now.sa_handler == &on_quit) {
    now.sa_handler = was_ignored_ ? SIG_IGN : SIG_DFL;
    ::sigaction(SIGQUIT, &now, nullptr);
  }
}

// Async-signal-safe.
void runtime::request_dump() {
  dump_wanted.store(true, std::memory_order_release);
  if (seeded) io->interrupt();           // no monitor: the run looks itself
  else wake_monitor();
}

// The monitor, at each of its looks.
void runtime::start_dump() {
  if (dumping.load(std::memory_order_acquire)) return;   // one at a time; dump_wanted stays for the next look
  dump_wanted.store(false, std::memory_order_relaxed);
  if (dump_thread.joinable()) dump_thread.join();
  dumping.store(true, std::memory_order_relaxed);
  try {
    // In a run with a seed this is the run's own thread, and no other can look at what is ready.
    dump_thread = std::thread([this, seen = seeded ? inspect_fibers(*this) : std::vector<fiber_info>()] {
      try {
        const std::vector<fiber_info> all = seeded ? seen : inspect_fibers(*this);
        write_all("pipe: SIGQUIT: " + std::to_string(all.size()) + (all.size() == 1 ? " fiber\n" : " fibers\n") + describe(all));
      } catch (const std::exception&) {
        write_all("pipe: SIGQUIT: no memory for a dump\n");
      }
      dumping.store(false, std::memory_order_release);
    });
  } catch (const std::exception&) {
    write_all("pipe: SIGQUIT: no thread, or no memory, for a dump\n");
    dumping.store(false, std::memory_order_relaxed);
  }
}

}  // namespace pipes::detail
