// inspect.hpp: looking at all fibers from outside.
#pragma once
#include <vector>

#include "core/runtime/scheduler.hpp"
#include "pipe/runtime/chan_core.hpp"

namespace pipes::detail {

std::vector<fiber_info> inspect_fibers(runtime& rt);
std::string fiber_name(fiber* f);
// What a fiber parked at such a site waits for; it is pinned meanwhile.
std::string describe_select(const void* argument);
std::string describe_io(const void* argument);
std::string describe_channel(const chan_core& c);
// SIGQUIT asks the run in progress for a dump while this lives, unless the program has a handler of its own.
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
void install_fault_handler(int status);   // reports stack overflows; run_options::stack_overflow_status
void prepare_thread_for_faults();       // once per thread: the alternate stack that the handler runs on

}  // namespace pipes::detail
