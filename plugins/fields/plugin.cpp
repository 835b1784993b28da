#include <pipe/plugin.hpp>

PIPE_PLUGIN("fields", "1.0.0", "MIT")
