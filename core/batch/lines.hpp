// lines.hpp: line ends in a block of text, by AVX2 if the processor has it, else SSE2 (all x86-64 have that); memchr elsewhere.
#pragma once
#include <pipe/plugin.h>

#include <cstddef>
#include <cstdint>

namespace pipes::lines {

// Records in [text, text + size): line ends, and one more when bytes follow the last one.
std::uint64_t count(const char* text, std::size_t size);

// Cuts them; `to` has room for count() slices. The last one carries `open_flags` when no line end follows it.
void cut(const char* text, std::size_t size, pipe_slice* to, std::uint32_t open_flags);

// Cuts without having counted, so the bytes are looked at once: from `text` on until the end, or until fewer than `cut_margin` of the `room`
// slices at `to` are left. Returns how many lines it has cut; `text` becomes the beginning of the first that is not. Without AVX2 it cuts
// nothing.
constexpr std::size_t cut_margin = 512;
std::size_t cut_some(const char*& text, const char* end, pipe_slice* to, std::size_t room, std::uint32_t open_flags);

// count() and cut() without AVX2; here for tests, too.
std::uint64_t count_plain(const char* text, std::size_t size);
void cut_plain(const char* text, std::size_t size, pipe_slice* to, std::uint32_t open_flags);

}  // namespace pipes::lines
