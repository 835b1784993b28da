// elf.hpp: what a shared object says about itself, read before dlopen runs a line of its code.
#pragma once
#include <string>

namespace pipes {

// Empty if the file can be loaded as a plugin; else why not, in words that follow "PATH: ".
// Refuses what is no ELF file or no shared object, is of another class, byte order or machine, does not export pipe_plugin_v1, needs a
// sanitizer runtime that this process lacks, can be written by everybody, or belongs to somebody else than this user or root. Only
// reads the file. Never parks, but may block.
std::string refuse_plugin_file(const std::string& path);

}  // namespace pipes
