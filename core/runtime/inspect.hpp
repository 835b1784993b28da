// inspect.hpp: looking at all fibers from outside; and the handlers of the two signals that want to know about fibers.
#pragma once
#include <vector>

#include "core/runtime/scheduler.hpp"
#include "pipe/runtime/chan_core.hpp"

namespace pipes::detail {

std::vector<fiber_info> inspect_fibers(runtime& rt);   // inspect.cpp
std::string fiber_name(fiber* f);

// What a fiber that is parked at such a site waits for. The caller has pinned the fiber.
std::string describe_select(const void* argument);     // select.cpp
std::string describe_io(const void* argument);         // poller.cpp
std::string describe_channel(const chan_core& c);

// sigquit.cpp: SIGQUIT asks the run in progress for a dump while this lives, unless the program has a handler of its own.
class quit_handler {
 public:
  explicit quit_handler(bool wanted);
  ~quit_handler();
  quit_handler(const quit_handler&) = delete;
  quit_handler& operator=(const quit_handler&) = delete;

 private:
  bool installed_ = false;
  bool was_ignored_ = false;
};

// fault.cpp: reports stack overflows. status: run_options::stack_overflow_status.
void install_fault_handler(int status);
// The stack that the handler runs on: while a thread works for the run, unless it has one. (No thread_local: the C library ends the process
// where it finds no memory to note that one is to be destroyed.)
class alternate_stack {
 public:
  alternate_stack();
  ~alternate_stack();
  alternate_stack(const alternate_stack&) = delete;
  alternate_stack& operator=(const alternate_stack&) = delete;

 private:
  void* memory_ = nullptr;
};

}  // namespace pipes::detail
