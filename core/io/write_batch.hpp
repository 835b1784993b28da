// write_batch.hpp: writes a batch to a descriptor.
#pragma once
#include "core/batch/batch.hpp"
#include "core/io/descriptor.hpp"

namespace pipes {

// Writes runs(batch), parking as needed; returns the bytes written or -errno, as descriptor::write. Long runs that were read from a file go into
// a pipe as the file's pages. (Whoever writes into that file in place while its pages are under way changes them; not who appends to
// it, or replaces it.)
// Rejected: the process's own memory as pages (vmsplice). A reader that hands on what it was given, as pv does, would hand on what the memory
// holds later.
std::int64_t write_batch(descriptor& to, pipe_batch* batch);

}  // namespace pipes
