// share.hpp: work for an idle processor.
#pragma once

namespace pipes::detail {

// Called by a fiber that is about to compute for longer than waking a thread takes (some 20 us): if a processor is idle and
// something waits behind the caller, a worker is woken, which will take it. Does nothing outside a fiber. Any fiber; never parks.
void share_queue();

}  // namespace pipes::detail
