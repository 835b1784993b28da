// options.hpp: nodes of the config -> typed values, checked against their declaration, with every fault at its place.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pipelines/config/node.hpp"
#include "pipelines/config/variables.hpp"
#include "pipelines/graph/catalog.hpp"

namespace pipes::pipelines {

// What the parts of the checker share.
struct checking {
  const source_text& source;
  diagnostics& faults;
  variables& vars;
  catalog& types;
  std::vector<std::string> broken_plugins = {};  // of `plugins:`, by name: their stages are not told as unknown too
};

// Where a value's text stands; parallel to `value`.
struct placed_value {
  span where;
  span key_where;  // of a map's item
  text_map map;
  std::vector<std::string> keys;
  std::vector<placed_value> items;
};

struct field_use {
  std::string field;
  span where;
  bool of_input;  // an option of type field names fields of the input; an expression may read what the stage itself has set before
};

struct read_options {
  std::vector<option> options;
  std::vector<std::pair<std::string, placed_value>> places;  // by option name
  std::vector<field_use> fields;  // what expressions, fields and formats in them read
  bool reads_all = false;
  bool failed = false;
  bool unknown = false;           // some value depends on an argument that is not known
};

// A key that stands beside a stage's type: id, from, workers, …
bool is_stage_key(std::string_view key);

// "option 'count' of head", for messages.
std::string option_label(const std::string& option, const std::string& type);

// Reads the node behind a stage's type (or below `with`). `type_where` is blamed for what is missing, unless that was told.
read_options read_stage_options(checking& c, const stage_spec& spec, const std::string& written, const node& given, span type_where, bool missing_is_told = false);

// One value of the config's own keys (capacity, workers, every, …): each reports its fault and returns nothing.
// `what` begins the message: "'capacity'".
std::optional<std::int64_t> read_integer(checking& c, const node& n, const std::string& what, std::int64_t least, std::int64_t most);
// A number from 1 on, or the word, which is 0.
std::optional<std::int64_t> read_integer_or(checking& c, const node& n, const std::string& what, const std::string& word, std::int64_t most);
std::optional<std::int64_t> read_duration(checking& c, const node& n, const std::string& what);
std::optional<std::int64_t> read_size(checking& c, const node& n, const std::string& what, std::int64_t least, std::int64_t most);
std::optional<bool> read_boolean(checking& c, const node& n, const std::string& what);
std::optional<std::string> read_text(checking& c, const node& n, const std::string& what, const std::string& wanted = "text");
// The index of the choice.
std::optional<std::size_t> read_choice(checking& c, const node& n, const std::string& what, const std::vector<std::string>& choices);

// The scalar that is due here, or null after reporting that it is a list, a map or nothing, with the quoted form.
bool require_scalar(checking& c, const node& n, const std::string& what, const std::string& wanted);

}  // namespace pipes::pipelines
