// units.hpp: durations and sizes as users write them: 250ms, 1m30s; 64KiB, 1MB.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pipes::pipelines {

// Nanoseconds. Nothing if it is no duration or over a hundred years. "0" needs no unit.
std::optional<std::int64_t> parse_duration(std::string_view text);
bool is_too_long(std::string_view text);  // a duration of over a hundred years
// Bytes; a bare number counts bytes.
std::optional<std::int64_t> parse_size(std::string_view text);
std::optional<std::int64_t> parse_integer(std::string_view text);  // decimal, without leading zeros
std::optional<double> parse_real(std::string_view text);           // as JSON writes numbers

std::string print_duration(std::int64_t nanoseconds);
std::string print_size(std::uint64_t bytes);

}  // namespace pipes::pipelines
