#include <pipe/plugin.hpp>

PIPE_PLUGIN("text", "1.0.0", "MIT")
