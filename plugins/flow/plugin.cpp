#include <pipe/plugin.hpp>

PIPE_PLUGIN("flow", "1.0.0", "MIT")
