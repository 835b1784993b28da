// diagnostic.hpp: faults in a config, each with its place, collected and printed together:
//
//   access.yaml:14:5: error: stage 'parse' (json.parse) has no option 'on_eror'
//   14 |     on_eror: skip
//      |     ^^^^^^^ did you mean 'on_error'?
//
// A source_text is the text that places refer to; it must outlive nothing: a diagnostic copies what it shows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/graph/graph.hpp"

namespace pipes::pipelines {

// Bytes [begin, end) of a source text.
struct span {
  std::uint32_t begin = 0, end = 0;
  std::uint32_t size() const { return end - begin; }
};

class source_text {
public:
  source_text() : source_text({}, {}) {}
  source_text(std::string name, std::string text);

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  std::string_view slice(span s) const;
  // Line and column (in characters), both from 1.
  place locate(std::uint32_t offset) const;
  // The line that holds `offset`, without its end: begin and end.
  span line_at(std::uint32_t offset) const;

private:
  std::string name_, text_;
  std::vector<std::uint32_t> starts_;
};

enum class severity : std::uint8_t { error, warning };

struct diagnostic {
  pipelines::severity severity = severity::error;
  std::string file;
  place where;            // unknown: of the file as a whole
  std::string message;
  std::string hint;       // stands behind the caret: "did you mean 'on_error'?"
  std::string note;       // a line of its own below
  std::string excerpt;    // the line as shown, cut around the fault if it is long
  std::uint32_t caret = 0, caret_length = 0;  // in characters of the excerpt
};

class diagnostics {
public:
  static constexpr std::size_t most_told = 100;  // faults that are kept and printed

  void error(const source_text& s, span at, std::string message, std::string hint = {}, std::string note = {});
  void warning(const source_text& s, span at, std::string message, std::string hint = {}, std::string note = {});
  // A fault without a place in the text: the file itself.
  void error(std::string file, std::string message, std::string note = {});
  // The same as error(), of a plugin that could not be loaded: its exit code is 3, unless something else is wrong first.
  void plugin_error(const source_text& s, span at, std::string message, std::string hint = {}, std::string note = {});

  bool failed() const { return errors_ != 0; }
  std::size_t errors() const { return errors_; }
  std::size_t warnings() const { return warnings_; }
  // So many faults that looking for more helps nobody.
  bool full() const { return list_.size() >= most_told; }
  // 0, 2 (configuration) or 3 (all errors are plugins that could not be loaded).
  int exit_code() const;

  // In the order of the text; warnings among the errors.
  std::vector<diagnostic> sorted() const;
  std::string print() const;

private:
  void add(severity sev, const source_text& s, span at, std::string message, std::string hint, std::string note);

  std::vector<diagnostic> list_;
  std::size_t errors_ = 0, warnings_ = 0, plugin_errors_ = 0, untold_ = 0;
};

// Text for a terminal or a log: names of files may hold what would steer the one, or is no UTF-8 in the other. Lines stay lines.
std::string printable(std::string_view text);
// 'text' in quotes, short and printable, for messages.
std::string in_quotes(std::string_view text);
// Text as a YAML single-quoted scalar, for "write it so".
std::string yaml_quoted(std::string_view text);
// The candidate that a user most likely meant, or empty.
std::string nearest(std::string_view name, const std::vector<std::string>& candidates);
// "did you mean 'x'?" or empty.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);
// Of stages' types: one of that name in some plugin, the stages of the plugin of that name, else the nearest; or empty.
std::string suggest_type(const std::string& written, const std::vector<std::string>& known);
// "a, b or c", at most sixteen of them.
std::string listed(const std::vector<std::string>& names, std::string_view last_word = "or");

}  // namespace pipes::pipelines
