// print.hpp: a graph as text: for `pipe graph` (text, dot, mermaid) and `pipe check --explain`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipelines/graph/graph.hpp"

namespace pipes::pipelines {

std::string print_text(const graph& g);
std::string print_dot(const graph& g);
std::string print_mermaid(const graph& g);

// The graph as it will run with that many processors. `fused`: the edges that the engine really fuses.
std::string explain(const graph& g, std::uint32_t processors, const std::vector<std::uint32_t>& fused);

}  // namespace pipes::pipelines
