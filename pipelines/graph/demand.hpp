// demand.hpp: which fields the stages behind can ask for (backwards), and which fields a record can have (forwards). Plain data in, plain data out.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pipelines/graph/catalog.hpp"

namespace pipes::pipelines {

// A set of field names, or all there are.
struct field_set {
  bool all = false;
  std::set<std::string> names;

  bool add(const std::string& name) { return !all && names.insert(name).second; }
  bool add(const field_set& other);  // true if it grew
  bool has(std::string_view path) const;  // the name, or a leading part of it at a dot
};

struct field_stage {
  field_effect effect;
  bool known = true;               // false: reads anything, makes anything
  bool pairs = false;              // makes one record of one of each input (zip): its text is none of theirs
  std::vector<std::uint32_t> next; // stages that read its outputs
  std::vector<std::uint32_t> dead_letters_to;  // they see its input's fields, and error, stage, attempts
};

struct field_flow {
  std::vector<field_set> demanded;   // of each stage: what those behind ask of its output
  std::vector<field_set> available;  // of each stage: what its input can have
  std::vector<bool> fed;             // some path from a source leads to it
};

field_flow propagate(const std::vector<field_stage>& stages);

}  // namespace pipes::pipelines
