// catalog.cpp: the stages that a verb can see: every stage of every plugin that can be loaded.
#include "cmd/catalog.hpp"

#include <algorithm>
#include <cstdio>

#include "cmd/arguments.hpp"
#include "pipelines/run/catalog.hpp"

namespace pipes::cmd {

std::vector<known_stage> all_stages(const arguments& a) {
  pipelines::plugin_catalog catalog(a.all("plugin-path"));
  std::vector<std::string> problems;
  std::vector<known_stage> found;
  for (const pipe_plugin* p : catalog.plugins(problems)) {
    for (std::uint64_t i = 0; i < p->stage_count; ++i) {
      const pipe_stage* s = p->stages[i];
      known_stage k{std::string(view(p->name)) + '.' + std::string(view(s->name)), {}, s};
      for (const auto& [short_name, long_name] : pipelines::short_names())
        if (long_name == k.type) k.short_name = short_name;
      found.push_back(std::move(k));
    }
  }
  for (const std::string& problem : problems) std::fprintf(stderr, "pipe: %s\n", problem.c_str());
  std::sort(found.begin(), found.end(), [](const known_stage& x, const known_stage& y) { return x.type < y.type; });
  return found;
}

}  // namespace pipes::cmd
