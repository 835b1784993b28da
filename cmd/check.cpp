// check.cpp: `pipe check FILE...`: every fault of every config; with --explain, the graph as it will run.
#include <pipe/runtime.hpp>

#include "cmd/arguments.hpp"
#include "cmd/config.hpp"
#include "cmd/text.hpp"
#include "pipelines/graph/fusion.hpp"
#include "pipelines/graph/print.hpp"

namespace pipes::cmd {
namespace {

int check_one(const arguments& a, const std::optional<std::string>& file, bool title) {
  const checked_config config(a, file, {});
  if (!config.graph()) return config.exit_code();
  if (!a.has("explain")) return 0;
  if (title) print("# " + *file + '\n');
  print(pipelines::explain(*config.graph(), available_processors(), pipelines::fused_edges(*config.graph(), available_processors())));
  return 0;
}

}  // namespace

int check(const arguments& a) {
  if (a.has("e")) return check_one(a, {}, false);
  int code = 0;
  for (const std::string& file : a.operands()) {
    const int found = check_one(a, file, a.operands().size() > 1);
    if (found == 2 || code == 0) code = found;  // a config's faults weigh more than a plugin's
  }
  return code;
}

}  // namespace pipes::cmd
