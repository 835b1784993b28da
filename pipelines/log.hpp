// log.hpp: what a running pipeline says besides its data, for the person who watches it. Where that goes, and how much of it, is the program's
// matter (cmd/log.cpp).
#pragma once
#include <string_view>

namespace pipes::pipelines::log {

enum class level { debug, info, warning, error };

using sink = void (*)(level, std::string_view message);

// From now on messages go to `to`, which any thread may call and which does not park; at first they go nowhere. Called before a run starts.
void set_sink(sink to);

// May be called by any thread; does not park.
void write(level, std::string_view message);

inline void debug(std::string_view message) { write(level::debug, message); }
inline void info(std::string_view message) { write(level::info, message); }
inline void warning(std::string_view message) { write(level::warning, message); }
inline void error(std::string_view message) { write(level::error, message); }

}  // namespace pipes::pipelines::log
