// elf.hpp: what a shared object says about itself, read before dlopen runs a line of its code.
#pragma once
#include <string>

namespace pipes {

// Empty when the file can be loaded as a plugin; else why not, in words that follow "PATH: ".
// Refuses: no ELF file, another class, byte order or machine, no shared object, no pipe_plugin_v1, a sanitizer runtime that this
// process lacks, a file that others may write, a file of a foreign owner. Reads the file only; never parks, but may block.
std::string refuse_plugin_file(const std::string& path);

}  // namespace pipes
