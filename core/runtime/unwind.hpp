// unwind.hpp: the calls that a parked fiber is in.
#pragma once
#include <vector>

#include "core/runtime/context.hpp"

namespace pipes::detail {

// Return addresses, innermost first, at most 64 of them. The frames above the saved registers must stay as they are
// meanwhile: the fiber is parked and pinned (inspect.cpp), though it may have been woken since its registers were copied.
std::vector<const void*> walk_stack(const unwind_registers& registers);

}  // namespace pipes::detail
