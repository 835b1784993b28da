#include <pipe/plugin.hpp>

PIPE_PLUGIN("csv", "1.0.0", "MIT")
