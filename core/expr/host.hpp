// host.hpp: the functions of the C ABI's table that run patterns, expressions and formats.
#pragma once
#include <pipe/plugin.h>

namespace pipes {

// Sets the entries pattern_*, expr_*, format_*. The table must live as long as plugins run: failures are reported by the `fail` that it has
// by then.
void fill_expr_functions(pipe_host& table);

}  // namespace pipes
