// yaml.hpp: YAML text -> tree with places. Bounded on any input: size, depth and number of nodes have limits, aliases are refused.
#pragma once

#include <optional>

#include "pipelines/config/node.hpp"

namespace pipes::pipelines {

inline constexpr std::size_t largest_config = 1 << 20;  // bytes
inline constexpr std::size_t deepest_config = 64;
inline constexpr std::size_t most_nodes = 50'000;

// YAML's white space, within a line and across lines.
inline bool is_blank(char c) { return c == ' ' || c == '\t'; }
inline bool is_space(char c) { return is_blank(c) || c == '\n' || c == '\r'; }

// Reports bytes that no config holds (binary data, broken UTF-8); true if there are none.
bool check_text(const source_text& source, diagnostics& faults);

// The one document of the source, or nothing after reporting why.
std::optional<node> read_yaml(const source_text& source, diagnostics& faults);

// Says what is wrong at `at`, where the parser stopped with `message`, in words that tell how to write it.
void explain_syntax(const source_text& source, std::uint32_t at, std::string_view message, std::uint32_t last_value, diagnostics& faults);

}  // namespace pipes::pipelines
