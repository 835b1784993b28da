// catalog.hpp: the stages that plugins bring, as the checker wants them: the catalogue over the loader and core/expr.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/plugin/loader.hpp"
#include "pipelines/graph/catalog.hpp"

namespace pipes::pipelines {

// One thread at a time. Descriptors live to the process's end.
class plugin_catalog : public catalog {
 public:
  explicit plugin_catalog(std::vector<std::string> folders = {}) : loader_(std::move(folders)) {}

  bool add_plugin(const std::string& path, const std::string& base, std::string& problem) override;
  lookup_result find(std::string_view type) override;
  std::vector<std::string> known_types() override;
  stage_facts declare(const stage& s) override;
  text_facts check_pattern(std::string_view text, bool fixed) override;
  text_facts check_expression(std::string_view text, bool condition) override;
  text_facts check_field(std::string_view text) override;
  text_facts check_format(std::string_view text) override;

  // Every plugin that can be loaded, for `pipe stages`; problems: one line for each that cannot.
  std::vector<const pipe_plugin*> plugins(std::vector<std::string>& problems);
  const std::vector<std::string>& folders() const { return loader_.folders(); }

 private:
  loader loader_;
  std::map<std::string, std::unique_ptr<stage_spec>, std::less<>> specs_;
};

// The everyday stages have short names: where -> flow.where. Empty: none of that name.
std::string_view long_name(std::string_view short_name);
const std::vector<std::pair<std::string_view, std::string_view>>& short_names();

}  // namespace pipes::pipelines
