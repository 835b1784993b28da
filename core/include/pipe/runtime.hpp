// pipe/runtime.hpp: goroutines for C++: fibers, channels, select, timers. For those who embed the runtime; a plugin
// includes pipe/plugin.hpp instead.
#pragma once
#ifdef PIPE_PLUGIN_HPP
#error "pipe/runtime.hpp and pipe/plugin.hpp exclude each other in one translation unit"
#endif
#define PIPE_RUNTIME_HPP

#include "pipe/runtime/blocking.hpp"
#include "pipe/runtime/chan.hpp"
#include "pipe/runtime/fiber.hpp"
#include "pipe/runtime/io.hpp"
#include "pipe/runtime/run.hpp"
#include "pipe/runtime/scope.hpp"
#include "pipe/runtime/select.hpp"
#include "pipe/runtime/sync.hpp"
