// One main for Catch2 2.x; version 3 brings its own library.
#ifdef PIPE_CATCH2_V2
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif
