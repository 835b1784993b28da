// share.hpp: work for an idle processor.
#pragma once

namespace pipes::detail {

// For a fiber that is about to compute for longer than it takes to wake a thread (some 20 us): if a processor is idle and something
// waits in the caller's queue, wakes a worker, which will take it. Never parks; does nothing outside a fiber.
void share_queue();

}  // namespace pipes::detail
