// log.hpp: what a running pipeline says besides its data, for the person who watches it. It goes to the process's default logger, whose level
// and format the program sets up (cmd/log.cpp). Of these files log.cpp alone includes the library behind it, which takes long to compile.
#pragma once
#include <string_view>

namespace pipes::pipelines::log {

enum class level { debug, info, warning, error };

// May be called by any thread; does not park.
void write(level, std::string_view message);

inline void debug(std::string_view message) { write(level::debug, message); }
inline void info(std::string_view message) { write(level::info, message); }
inline void warning(std::string_view message) { write(level::warning, message); }
inline void error(std::string_view message) { write(level::error, message); }

}  // namespace pipes::pipelines::log
