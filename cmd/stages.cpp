// stages.cpp: `pipe stages [TYPE]`: the list of stages, or all about one.
#include <algorithm>

#include "cmd/arguments.hpp"
#include "cmd/catalog.hpp"
#include "cmd/describe.hpp"
#include "cmd/text.hpp"
#include "pipelines/diagnostic.hpp"

namespace pipes::cmd {
namespace {

const known_stage& find(const std::vector<known_stage>& all, const std::string& type) {
  std::vector<std::string> names;
  for (const known_stage& s : all) {
    if (s.type == type || s.short_name == type) return s;
    names.push_back(s.name());
  }
  for (const known_stage& s : all)
    if (s.type != s.name()) names.push_back(s.type);
  const std::string hint = pipelines::suggest_type(type, names);
  throw usage_error("pipe stages: there is no stage " + pipelines::in_quotes(type) + "; " + (hint.empty() ? "`pipe stages` lists them" : hint));
}

std::string list(const std::vector<known_stage>& all) {
  std::size_t left = 0;
  for (const known_stage& s : all) left = std::max(left, s.name().size());
  std::string text;
  for (const known_stage& s : all) text += s.name() + std::string(left + 2 - s.name().size(), ' ') + std::string(view(s.stage->summary)) + '\n';
  return text;
}

}  // namespace

int stages(const arguments& a) {
  std::vector<known_stage> all = all_stages(a);
  const bool one = !a.operands().empty();
  if (one) all = {find(all, a.operands()[0])};
  const std::string format = *a.text("format");
  if (format == "text") {
    print(one ? as_text(all[0]) : list(all));
  } else if (format == "json") {
    print("[");
    for (std::size_t i = 0; i < all.size(); ++i) print((i ? ",\n " : "") + as_json(all[i]));
    print("]\n");
  } else if (format == "names") {
    for (const known_stage& s : all) print(s.name() + '\n');
  } else {
    for (const known_stage& s : all) print(as_cases(s));
  }
  return 0;
}

}  // namespace pipes::cmd
