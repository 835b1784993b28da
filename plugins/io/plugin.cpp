#include <pipe/plugin.hpp>

PIPE_PLUGIN("io", "1.0.0", "MIT")
