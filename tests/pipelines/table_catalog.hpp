// table_catalog.hpp: a catalogue for tests: the contract's stages as a table, and compilers that know just enough to find faults.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipelines/graph/load.hpp"

namespace pipes::pipelines {

class table_catalog : public catalog {
public:
  table_catalog();

  bool add_plugin(const std::string& path, const std::string& base, std::string& problem) override;
  lookup_result find(std::string_view type) override;
  std::vector<std::string> known_types() override;
  stage_facts declare(const stage& s) override;
  text_facts check_pattern(std::string_view text, bool fixed) override;
  text_facts check_expression(std::string_view text, bool condition) override;
  text_facts check_field(std::string_view text) override;
  text_facts check_format(std::string_view text) override;

  std::vector<std::string> plugins;  // as added: "base:path"

private:
  std::map<std::string, stage_spec, std::less<>> specs_;
};

// One load of a config text named config.yaml (or of -e), with nothing from the environment.
struct loaded {
  std::optional<graph> g;
  diagnostics faults;
};
loaded load_yaml(const std::string& text, load_request request = {});
loaded load_inline(const std::string& text, load_request request = {});

// The stage of that id; fails the test if there is none.
const stage& stage_of(const graph& g, std::string_view id);
// The given text of an option, "" if absent.
std::string option_of(const graph& g, std::string_view id, std::string_view option);

}  // namespace pipes::pipelines
