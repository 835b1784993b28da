// plugins/lib/memory_limit.hpp: what a stage says that holds a table which cannot go to disk.
#pragma once
#include <pipe/plugin.hpp>

#include <algorithm>
#include <string>

#include "lib/record_reader.hpp"

namespace shared {

// Throws once `held` bytes are more than the stage may hold. `what`: "the last 70000 keys"; `instead`: what else can be done.
inline void within_memory(const pipes::stage_base& stage, std::uint64_t held, const std::string& what, const std::string& instead) {
  const std::uint64_t shares = stage.memory() * stage.workers(), given = (shares + stage.workers() - 1) / 1024 * 1024;
  const std::uint64_t most = std::max(shares, given);  // what the shares leave over belongs to the stage too
  if (held <= most) return;
  throw std::runtime_error(what + " need " + size_words((held + 1023) / 1024 * 1024) + " of memory, more than the " + size_words(most) + " that this stage may hold; `memory` gives it more" +
                           (instead.empty() ? "" : ", " + instead));
}

}  // namespace shared
