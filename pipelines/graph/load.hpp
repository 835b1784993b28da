// load.hpp: from a file or the text of -e to the checked graph: the one door of the front end.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipelines/config/variables.hpp"
#include "pipelines/diagnostic.hpp"
#include "pipelines/graph/catalog.hpp"
#include "pipelines/graph/graph.hpp"

namespace pipes::pipelines {

struct load_request {
  std::string file;                       // path, or "-" for stdin; unused with `expression`
  std::optional<std::string> expression;  // -e
  std::vector<std::string> arguments;     // ${1}, ${2}, …; with -e: input files
  std::vector<std::pair<std::string, std::string>> vars;  // --var, in order
  bool arguments_unknown = false;         // check, graph
  // By default the process's environment.
  std::function<std::optional<std::string>(const std::string&)> environment;
};

// The graph, or nothing if `faults` holds errors. Reports all faults that can be found in one go; warnings too. Opens no data, starts nothing.
std::optional<graph> load_config(const load_request& request, catalog& types, diagnostics& faults);

// The same for a text that is at hand (tests, an editor). `base`: the folder that `plugins:` paths are relative to.
std::optional<graph> load_text(source_text source, const std::string& base, const load_request& request, catalog& types, diagnostics& faults);

}  // namespace pipes::pipelines
