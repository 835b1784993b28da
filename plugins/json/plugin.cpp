#include <pipe/plugin.hpp>

PIPE_PLUGIN("json", "1.0.0", "MIT")
