// catalog.hpp: the stages that a verb can see.
#pragma once

#include <vector>

#include "cmd/describe.hpp"

namespace pipes::cmd {

class arguments;

// Every stage of every plugin on the search path, by name. A plugin that cannot be loaded is told on stderr and left out.
std::vector<known_stage> all_stages(const arguments& a);

}  // namespace pipes::cmd
