#include <pipe/plugin.hpp>

PIPE_PLUGIN("probe", "1.0.0", "MIT")
