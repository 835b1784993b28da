#include <pipe/plugin.hpp>

PIPE_PLUGIN("exec", "1.0.0", "MIT")
