// unwind.cpp: walks the stack of a context that is switched away from, with the unwinder and the tables that the compiler brings for
// exceptions. So it needs no frame pointers and no library, and walks through plugins, too. _Unwind_Backtrace begins with its caller's
// frame; it is called below pipes_below_context, a frame whose tables say that its caller is the other context (context_<cpu>.S). Code
// without tables ends the walk.
// Rejected: frame pointers (every plugin and the C++ library would need them); libunwind (as good, but one more package for everybody who
// links pipe::core).
#include "core/runtime/unwind.hpp"

#include <unwind.h>

namespace pipes::detail {
namespace {

constexpr std::size_t most_frames = 64;

struct walk {
  const unwind_registers& registers;
  std::vector<const void*> frames;
  bool arrived = false;                  // past our own frames, in the other context
};

_Unwind_Reason_Code visit(_Unwind_Context* context, void* argument) {
  auto& w = *static_cast<walk*>(argument);
  const auto* at = reinterpret_cast<const void*>(_Unwind_GetIP(context));
  if (at == w.registers.resumes_at()) w.arrived = true;
  if (!w.arrived) return _URC_NO_REASON;
  if (!at || w.frames.size() == most_frames) return _URC_END_OF_STACK;
  w.frames.push_back(at);
  return _URC_NO_REASON;
}

}  // namespace

std::vector<const void*> walk_stack(const unwind_registers& registers) {
  walk w{registers, {}};
  w.frames.reserve(most_frames);         // so that nothing throws: an exception would unwind into the other context
  pipes_below_context(&registers, [](void* argument) { _Unwind_Backtrace(&visit, argument); }, &w);
  return std::move(w.frames);
}

}  // namespace pipes::detail
