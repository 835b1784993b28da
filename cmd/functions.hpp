// functions.hpp: the language of expressions as a part of the man page.
#pragma once

#include <string>

namespace pipes::cmd {

std::string functions_as_roff();

}  // namespace pipes::cmd
