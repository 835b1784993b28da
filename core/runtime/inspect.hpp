// inspect.hpp: looking at all fibers from outside.
#pragma once
#include <vector>

#include "core/runtime/scheduler.hpp"

namespace pipes::detail {

std::vector<fiber_info> inspect_fibers(runtime& rt);
std::string fiber_name(fiber* f);
void install_fault_handler();           // once per process: reports stack overflows
void prepare_thread_for_faults();       // once per thread: the alternate stack that the handler runs on

}  // namespace pipes::detail
