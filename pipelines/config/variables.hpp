// variables.hpp: ${name}, ${name:-default where it is unset or empty}, ${1}, ${@}, $${ in the scalars of a parsed config. A value never changes the tree.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pipelines/config/node.hpp"

namespace pipes::pipelines {

struct variable_sources {
  std::vector<std::pair<std::string, std::string>> given;    // --var
  std::function<std::optional<std::string>(const std::string&)> environment;
  std::vector<std::string> arguments;
  bool arguments_unknown = false;  // check, graph: ${1} may be unset, it is then some text
  bool arguments_are_files = false;  // -e
};

struct expanded {
  std::string text;
  text_map map;
  bool unknown = false;  // holds an argument that nobody gave yet
  bool failed = false;   // a fault was reported
};

class variables {
public:
  // Where a value is put in: as it is, as a constant or as text of a literal, as text of a pattern, template or replacement that is more than the variable.
  enum class use { text, expression, pattern, format, escaped_format, replacement };

  variables(const source_text& source, variable_sources sources, diagnostics& faults);

  // The config's `vars:`; call before anything is expanded.
  void define(const node& vars);

  // The scalar with its variables put in.
  expanded expand(const node& scalar, use how);
  // The scalar is exactly ${@}: the arguments as scalars of their own (marked with its place), or nothing.
  std::optional<std::vector<node>> all_arguments(const node& scalar);
  bool all_unknown() const { return sources_.arguments_unknown && sources_.arguments.empty(); }

  // A fault if a variable stands where it could change the structure: types, ids, references.
  bool refuse(const node& scalar, const std::string& what);

  // After everything is expanded: arguments and --var that nothing used.
  void report_unused();

private:
  struct found {
    std::optional<std::string> value;
    bool unknown = false;
  };
  found look_up(const std::string& name);

  const source_text& source_;
  variable_sources sources_;
  diagnostics& faults_;
  std::map<std::string, std::string> vars_;
  std::set<std::string> faulty_;    // those whose definition has a fault
  const node* defining_ = nullptr;  // `vars:`, while it is read
  std::set<std::string> used_;
  std::size_t highest_ = 0;  // the highest ${n} met
  bool all_used_ = false;
};

}  // namespace pipes::pipelines
