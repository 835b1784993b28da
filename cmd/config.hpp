// config.hpp: the config that a command line names, checked; its faults are on stderr by then.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipelines/graph/graph.hpp"
#include "pipelines/run/catalog.hpp"

namespace pipes::cmd {

class arguments;

class checked_config {
public:
  // `file` is a path or "-"; nothing: the text of -e. `values` are ${1}, ${2}, …, with -e the input files; nothing: unknown yet.
  checked_config(const arguments& a, const std::optional<std::string>& file, const std::optional<std::vector<std::string>>& values);

  // Null if the config has faults.
  const pipelines::graph* graph() const { return graph_ ? &*graph_ : nullptr; }
  // 0, or what the faults amount to.
  int exit_code() const { return exit_code_; }

private:
  pipelines::plugin_catalog catalog_;  // the graph's descriptors are its own
  std::optional<pipelines::graph> graph_;
  int exit_code_ = 0;
};

// -e's or FILE's, whichever the command line has.
std::optional<std::string> config_file(const arguments& a);

}  // namespace pipes::cmd
