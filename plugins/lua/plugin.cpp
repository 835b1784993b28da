#include <pipe/plugin.hpp>

PIPE_PLUGIN("lua", "1.0.0", "MIT")
