// inline.hpp: the text of `-e` -> the tree that the same stages in a file would give, with places in that text.
#pragma once

#include <optional>

#include "pipelines/config/node.hpp"

namespace pipes::pipelines {

// The tree of {stages: […]}, or nothing after reporting why.
std::optional<node> read_inline(const source_text& source, diagnostics& faults);

}  // namespace pipes::pipelines
