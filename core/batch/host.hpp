// host.hpp: the batch functions of the C ABI's table.
#pragma once
#include <pipe/plugin.h>

namespace pipes {

// Sets the entries batch_*, output_*, record_error, block_*, field, field_name.
void fill_batch_functions(pipe_host& table);

}  // namespace pipes
