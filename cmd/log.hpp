// log.hpp: where every log line goes: stderr, as text or as one JSON object a line.
#pragma once

#include <string>

namespace pipes::cmd {

class arguments;

// Has what pipelines say written as --log-level and --log-format ask for. Called once, before threads are started.
void set_up_log(const arguments& a);

}  // namespace pipes::cmd
