// draft.hpp: a graph in the making. load.cpp runs the steps in this order: read_defaults, read_stages, wire, check_graph, spread_fields.
// Each step reports all that it can find; a stage whose type or options are at fault goes on as one that fits anywhere, so that one fault does
// not beget others.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/graph/options.hpp"

namespace pipes::pipelines {

struct policy_draft {
  std::uint32_t times = 0;
  std::int64_t backoff = 0;
  error_action then = error_action::fail;
  std::string to;
  span to_where;
};

struct defaults_draft {
  std::optional<std::uint32_t> capacity, workers;  // workers 0: auto
  std::optional<std::uint64_t> memory;
  std::optional<batch_limit> batch;
  std::optional<policy_draft> on_error;
};

struct stage_draft {
  stage s;
  const stage_spec* spec = nullptr;  // null: unknown type, reported
  read_options options;
  stage_facts facts;
  bool facts_known = false;          // declare() was asked
  span where;                        // the type as written
  std::map<std::string, const member*, std::less<>> keys;  // stage keys that stand in the file
  std::optional<policy_draft> on_error;
  std::string share;
  bool has_id = false;               // a sound one stands in the file

  bool has_input() const { return spec == nullptr || spec->has_input; }
  // Ports are not known, so that any name may be one.
  bool open_ports() const { return spec == nullptr || (spec->dynamic_outputs && !facts_known); }
  bool has_key(std::string_view key) const { return keys.find(key) != keys.end(); }
  span key_place(std::string_view key) const {
    const auto it = keys.find(key);
    return it == keys.end() ? where : it->second->where;
  }
};

struct draft {
  graph g;
  defaults_draft defaults;
  std::vector<stage_draft> stages;
  std::vector<span> edge_places;  // parallel to g.edges
  bool config_is_stdin = false;
};

// "stage 'parse' (json.parse)"
std::string label(const stage& s);
inline std::string label(const stage_draft& d) { return label(d.s); }

// A stage as it stands in the list, its keys told apart.
std::optional<stage_draft> read_stage(checking& c, const defaults_draft& defaults, const node& item);

// `defaults:` of the config.
void read_defaults(checking& c, const node& given, defaults_draft& out);
// All of `stages:`, with ids, types, options and settings.
void read_stages(checking& c, const node& list, draft& d);
// A stage that the file does not name: io.stdin, io.stdout, io.read for the input files of -e. Null if its type is not known (reported at `where`).
std::optional<stage_draft> make_stage(checking& c, const draft& d, const std::string& type, span where, std::vector<std::string> paths = {});

// Edges, channels, ends.
void wire(checking& c, draft& d, const std::vector<std::string>& input_files);
// Cycles, stages that nothing reaches, sinks that stop each other, lost order.
void check_graph(checking& c, draft& d);
// Keys that change nothing where they stand. Call it on a graph without faults.
void warn_of_idle_keys(checking& c, const draft& d);
// Demand backwards, makers forwards.
void spread_fields(checking& c, draft& d);

}  // namespace pipes::pipelines
