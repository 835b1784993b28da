// unwind.hpp: the calls that a parked fiber is in.
#pragma once
#include <vector>

#include "core/runtime/context.hpp"

namespace pipes::detail {

// Return addresses, innermost first, at most 64 of them. Meanwhile the frames from the saved registers on must stay as they are: the fiber is
// parked and pinned, or in a locked queue (inspect.cpp).
std::vector<const void*> walk_stack(const unwind_registers& registers);

}  // namespace pipes::detail
