// lines.hpp: line ends in a block of text. SSE2 where there is (the base of x86-64, and faster than memory), memchr elsewhere.
#pragma once
#include <pipe/plugin.h>

#include <cstddef>
#include <cstdint>

namespace pipes::lines {

// Records in [text, text + size): line ends, and one more when bytes follow the last one.
std::uint64_t count(const char* text, std::size_t size);

// Cuts them; `to` has room for count() slices. The last one carries `open_flags` when no line end follows it.
void cut(const char* text, std::size_t size, pipe_slice* to, std::uint32_t open_flags);

}  // namespace pipes::lines
