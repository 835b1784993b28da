// bare.hpp: what the bare loops share. They know their task and nothing else: no options, no errors but "cannot read", lines that fit
// into a block. What `pipe` needs beyond them is the price of being general.
#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace bare {

constexpr std::size_t block_size = 256u << 10;
constexpr std::size_t padding = 128;  // readable bytes behind what a loop is given

// Takes whole lines: from `begin` to `end`, behind the last newline. `share` is 0 or 1: which thread calls.
using lines = std::function<void(int share, const char* begin, const char* end)>;

// The file in two halves, each read block by block on a thread of its own.
void read_halves(const char* path, const lines& take);

// Standard input, a pipe, raised to 1 MiB: one thread reads, the other takes the lines (share 0).
void read_pipe(const lines& take);

void print(std::string_view text);

// The tasks. `path`: nullptr is standard input.
void count_lines(const char* path);
void find_fixed(const char* path, std::string_view needle);
void find_status(const char* path);
void top_addresses(const char* path);
void filter_json(const char* path);
void group_csv(const char* path);

}  // namespace bare
