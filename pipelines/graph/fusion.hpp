// fusion.hpp: which neighbours run in one fiber, without a channel between them, because no user can tell.
//
// An edge is fused when it leads from the only output of a map stage to the only input of a map or fold stage, nothing else
// reads or writes it, none of its settings is given in the file, both stages have the same number of workers and keep the same
// order (a fold needs none), neither cuts, deals or counts pieces in a way of its own, and neither says `fuse: false`. A long chain is
// made of several, since its stages are called on one stack.
#pragma once
#include <cstdint>
#include <vector>

#include "pipelines/graph/graph.hpp"

namespace pipes::pipelines {

// The workers that a stage gets on a machine with so many processors.
std::uint32_t workers_of(const stage& s, unsigned processors);

// For each stage, the first stage of the chain that it runs in (itself, if it is not fused to the one before).
std::vector<std::uint32_t> fused_heads(const graph& g, unsigned processors);
// The edges inside chains.
std::vector<std::uint32_t> fused_edges(const graph& g, unsigned processors);

}  // namespace pipes::pipelines
