// catalog.hpp: what the checker needs to know about stages, as an interface, so that it knows neither shared objects nor the expression compiler.
// The engine implements it over the loader and core/expr; tests over a table. All functions are called from one thread, before anything runs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/graph/graph.hpp"

namespace pipes::pipelines {

struct option_spec {
  std::string name;
  option_type type = option_type::text;
  pipelines::container container = container::scalar;
  bool required = false;
  bool main = false;                    // takes a scalar or list given directly after the type
  bool rest = false;                    // a map that takes every key that is no other option (route, map)
  bool sort_key = false;                // a field with a leading '-' descends
  bool key_fields = false;              // a map whose keys name fields of the input
  bool condition = false;               // an expression that must be able to be true
  bool replacement = false;             // a text in which $ and \ are syntax, unless the bool option `fixed` is true
  bool escapes = false;                 // a template in whose text \t and its kin are escapes
  bool fixed_by = false;                // a pattern that is fixed text where the bool option `fixed` is true
  std::string fallback;                 // the default as a user would write it; empty: none
  std::optional<std::int64_t> least, most;  // of integers, reals, durations (nanoseconds), sizes (bytes)
  std::vector<std::string> choices;
  std::string doc;
};

// A stage type as its plugin describes it.
struct stage_spec {
  std::string type;             // canonical: "text.grep"
  pipelines::shape shape = shape::map;
  std::vector<option_spec> options;
  bool has_input = true;            // else a source
  std::vector<std::string> outputs; // the default one is called "out"; empty: a sink, unless dynamic_outputs
  bool dynamic_outputs = false;     // outputs are what declare() says
  bool may_have_workers = true;     // more than one (run stages: where the descriptor says so; stateful maps: no)
  std::uint64_t grain_records = 0;  // default grain; 0: the batch
  bool any_order = false;           // in what order records come means nothing to it
  bool gathers = false;             // holds what comes until its input ends
  bool in_memory = false;           // and fails beyond its memory, where others go to disk
  bool reads_stdin = false, writes_stdout = false;  // whatever its options say
  bool record_errors = true;        // single records can fail in it, so that on_error can speak of them
  std::string doc;
  const void* descriptor = nullptr; // goes into stage::descriptor
};

// A fault that a hook found inside an option's text. offset and length count bytes of that text; length 0: the whole of it.
struct fault {
  std::size_t offset = 0, length = 0;
  std::string message;
  std::string hint;         // printed behind the caret; may be empty
  bool is_warning = false;
};

struct text_facts {
  std::vector<fault> faults;
  std::vector<std::string> fields;  // fields that an expression, field or format reads; groups that a pattern names
  bool all_fields = false;          // reads whatever there is
};

// Compiles, for faults and facts alone, what the host compiles for stages.
class compile_checker {
public:
  virtual ~compile_checker() = default;
  virtual text_facts check_pattern(std::string_view text, bool fixed) = 0;
  virtual text_facts check_expression(std::string_view text, bool condition) = 0;
  virtual text_facts check_field(std::string_view text) = 0;
  virtual text_facts check_format(std::string_view text) = 0;
};

// What a stage says about itself once its options are set.
struct option_fault : fault {
  std::string option;         // which option; empty: the stage
  std::vector<std::string> path;  // key or decimal index inside it, outermost first
  bool at_key = false;            // the key that path ends with, not its value
};

struct stage_facts {
  std::vector<option_fault> faults;
  std::vector<std::string> outputs; // if dynamic_outputs
  bool reads_stdin = false, writes_stdout = false;  // with these options
  bool in_turn = false;             // waits for one of its inputs while others have something
  bool record_errors = true, gathers = true;  // with these options, in a stage of which stage_spec says so
  bool asks_memory = false;         // what it says depends on the stage's `memory`
  std::uint64_t holds = 0;          // bytes of buffers, all workers together
  std::vector<file_identity> reads_files;
  field_effect fields;
  bool fields_known = true;         // false: nothing is known, all that comes may be read, anything may be made
};

enum class lookup : std::uint8_t { found, no_plugin, no_stage, broken_plugin };

struct lookup_result {
  lookup outcome = lookup::no_plugin;
  const stage_spec* spec = nullptr;  // lives as long as the catalogue
  std::string problem;               // broken_plugin: file and reason
};

class catalog : public compile_checker {
public:
  // Adds a shared object of the config's `plugins:` list. `path` is as written, `base` the folder of the config. False: `problem` says why not.
  virtual bool add_plugin(const std::string& path, const std::string& base, std::string& problem) = 0;
  // `type` is PLUGIN.STAGE or a short name. May load the plugin.
  virtual lookup_result find(std::string_view type) = 0;
  // For suggestions: every type that could be written, short names included. May be slow.
  virtual std::vector<std::string> known_types() = 0;
  // The stage with its options set.
  virtual stage_facts declare(const stage& s) = 0;
};

}  // namespace pipes::pipelines
