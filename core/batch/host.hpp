// host.hpp: the batch functions of the C ABI's table, and what keeps exceptions within all of its functions.
#pragma once
#include <pipe/plugin.h>

namespace pipes {

// Sets the entries batch_*, output_*, record_error, block_*, field, field_name.
void fill_batch_functions(pipe_host& table);

// For functions of the table that have no way to say that they failed: an exception ends the process with a message. Out of memory ends it as
// a stage that fails would (exit code 1).
[[noreturn]] void give_up_host_call(const char* where) noexcept;
template <class F>
auto sure(const char* where, F f) noexcept -> decltype(f()) {
  try {
    return f();
  } catch (...) {
    give_up_host_call(where);
  }
}

}  // namespace pipes
