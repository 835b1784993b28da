// write_batch.hpp: a batch into a descriptor.
#pragma once
#include "core/batch/batch.hpp"
#include "core/io/descriptor.hpp"

namespace pipes {

// Writes runs(batch), parking as needed; bytes written or -errno, as descriptor::write. Long runs that were read from a file go
// into a pipe as the file's pages. Not the process's own memory (vmsplice): a reader that passes on what it was given, as pv does,
// would pass on what that memory holds later. Of a file, too, somebody who writes into it in place while its pages are under way
// changes them; what is appended, or replaces the file, does not.
std::int64_t write_batch(descriptor& to, pipe_batch* batch);

}  // namespace pipes
