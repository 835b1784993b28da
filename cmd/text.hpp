// text.hpp: small helpers for printing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pipes::cmd {

std::string join(const std::vector<std::string_view>& parts, std::string_view between);
std::vector<std::string> split(std::string_view text, std::string_view at);
inline constexpr std::size_t page_width = 100;
// Breaks at blanks so that lines end before `width`; every line but the first starts with `indent` blanks.
std::string wrap(std::string_view text, std::size_t indent, std::size_t width);
// A JSON string, in its quotes.
std::string json_string(std::string_view text);
// A word for sh, quoted where it must be.
std::string shell_word(std::string_view text);

// Writes to stdout; a reader that is gone is no fault.
void print(std::string_view text);
// What print() may hold back; 0, or the first error of writing to stdout.
int print_rest();

}  // namespace pipes::cmd
