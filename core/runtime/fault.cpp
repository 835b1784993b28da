// fault.cpp: stack overflows. One hits a guard; the handler, on the thread's alternate stack, says whose stack it is and what to do.
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <utility>

#include "core/runtime/inspect.hpp"
#include "core/runtime/stack_pool.hpp"

namespace pipes::detail {
namespace {

constexpr std::size_t alternate_size = 64 * 1024;
struct sigaction previous_segv, previous_bus;
std::atomic<int> overflow_status{0};

struct line {
  char text[512];
  std::size_t size = 0;
  void add(const char* s) {
    while (*s && size < sizeof text) text[size++] = *s++;
  }
  void add(std::size_t n) {
    char digits[24];
    std::size_t i = sizeof digits;
    digits[--i] = 0;
    do digits[--i] = static_cast<char>('0' + n % 10);
    while (n /= 10);
    add(digits + i);
  }
};

void on_fault(int signal, siginfo_t* info, void* context) {
  const bool sent = info->si_code <= 0;  // by kill(2) or the like: no instruction faulted
  // (A wild pointer may lead to the guard of a stack that is not in use.)
  if (fiber* f = sent ? nullptr : fiber_of_guard(info->si_addr); f && f->in_use.load(std::memory_order_acquire)) {
    line l;
    l.add("pipe: stack overflow in fiber ");
    // The fiber stands in this very handler, so nobody frees its name.
    if (f->extra && !f->extra->name.empty()) {
      l.add("'");
      l.add(f->extra->name.c_str());
      l.add("'");
    } else {
      l.add(f->id.load(std::memory_order_relaxed));
    }
    l.add(": its stack of ");
    l.add(f->stack->stack_bytes / 1024);
    l.add(" KiB is used up; give it more (go_options::stack, or `stack:` of the stage), or recurse less\n");
    [[maybe_unused]] const auto n = ::write(STDERR_FILENO, l.text, l.size);
    if (const int status = overflow_status.load(std::memory_order_relaxed)) ::_exit(status);
    ::signal(SIGABRT, SIG_DFL);
    ::abort();
  }
  const struct sigaction& before = signal == SIGSEGV ? previous_segv : previous_bus;
  if (before.sa_flags & SA_SIGINFO) {
    before.sa_sigaction(signal, info, context);
  } else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
    before.sa_handler(signal);
  } else if (!sent || before.sa_handler != SIG_IGN) {
    ::signal(signal, SIG_DFL);   // the instruction faults again, as if we had not been here
    if (sent) ::raise(signal);
  }
}

}  // namespace

void install_fault_handler(int status) {
  overflow_status.store(status, std::memory_order_relaxed);
  // At each run: the program may have set handlers of its own since the last one.
  for (auto [signal, previous] : {std::pair{SIGSEGV, &previous_segv}, std::pair{SIGBUS, &previous_bus}}) {
    struct sigaction now {};
    if (::sigaction(signal, nullptr, &now) != 0 || ((now.sa_flags & SA_SIGINFO) && now.sa_sigaction == &on_fault)) continue;
    *previous = now;
    struct sigaction handler {};
    handler.sa_sigaction = &on_fault;
    handler.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    ::sigaction(signal, &handler, nullptr);
  }
}

alternate_stack::alternate_stack() {
  stack_t current{};
  if (::sigaltstack(nullptr, &current) == 0 && !(current.ss_flags & SS_DISABLE)) return;
  void* p = ::mmap(nullptr, alternate_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) return;
  stack_t s{};
  s.ss_sp = p;
  s.ss_size = alternate_size;
  if (::sigaltstack(&s, nullptr) == 0) memory_ = p;
  else ::munmap(p, alternate_size);
}
alternate_stack::~alternate_stack() {
  if (!memory_) return;
  stack_t off{};
  off.ss_flags = SS_DISABLE;
  ::sigaltstack(&off, nullptr);
  ::munmap(memory_, alternate_size);
}

}  // namespace pipes::detail
