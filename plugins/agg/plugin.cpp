#include <pipe/plugin.hpp>

PIPE_PLUGIN("agg", "1.0.0", "MIT")
