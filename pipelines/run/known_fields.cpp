// known_fields.cpp: which fields the records of an edge have, where that is known without one: what a stage says of itself at check time,
// and what it has announced since.
#include <algorithm>

#include "core/batch/batch.hpp"
#include "pipelines/run/engine.hpp"

namespace pipes::pipelines {
namespace {

using names = std::vector<const pipe_field*>;

void add(names& to, const pipe_field* f) {
  if (std::find(to.begin(), to.end(), f) == to.end()) to.push_back(f);
}

void change(names& list, const field_effect& e) {
  for (const auto& [from, to] : e.renames) {
    const auto place = std::find(list.begin(), list.end(), field(from));
    if (place == list.end()) continue;
    const pipe_field* const renamed = field(to);
    *place = nullptr;
    list.erase(std::remove(list.begin(), list.end(), renamed), list.end());
    *std::find(list.begin(), list.end(), nullptr) = renamed;
  }
  const auto among = [](const std::vector<std::string>& those, const pipe_field* f) { return std::find(those.begin(), those.end(), f->name) != those.end(); };
  const auto goes = [&](const pipe_field* f) { return among(e.drops, f) || (e.keeps_only && !among(e.keeps, f)); };
  list.erase(std::remove_if(list.begin(), list.end(), goes), list.end());
  const auto is_renamed = [&](const std::string& name) { return std::any_of(e.renames.begin(), e.renames.end(), [&](const auto& r) { return r.second == name; }); };
  for (const std::string& name : e.attaches) add(list, field(name));
  for (const std::string& name : e.makes)
    if (!is_renamed(name)) add(list, field(name));
}

}  // namespace

// Each stage is looked at once, behind those that it depends on, by a list of our own: there may be more ways through a graph than can be
// gone, and more stages in a row than a fiber's stack bears.
std::optional<names> engine::fields_before(const stage& s) {
  known_of_stages known;
  std::vector<const stage*> open{&s};
  while (!open.empty()) {
    const stage& next = *open.back();
    const std::size_t others = open.size();
    if (!known.count(&next) && can_be_known(next))
      for (std::uint32_t i : next.inputs[0].edges) {
        const stage& from = graph_.stages[graph_.edges[i].from];
        if (!from.fields.new_records && !known.count(&from)) open.push_back(&from);
      }
    if (open.size() > others) continue;
    if (!known.count(&next)) known.emplace(&next, find_fields_before(next, known));
    open.pop_back();
  }
  return known.at(&s);
}

bool engine::can_be_known(const stage& s) const {
  return !s.inputs.empty() && !s.in_cycle && !(s.in_turn && s.inputs[0].edges.size() > 1);
}

std::optional<names> engine::find_fields_before(const stage& s, const known_of_stages& known) {
  if (s.inputs.empty()) return names();
  if (!can_be_known(s)) return std::nullopt;
  std::optional<names> all;
  for (std::uint32_t i : s.inputs[0].edges) {
    const edge& e = graph_.edges[i];
    const stage& from = graph_.stages[e.from];
    if (e.from_port == dead_letters || !from.fields_known) return std::nullopt;
    std::optional<names> list = from.fields.new_records ? names() : known.at(&from);
    if (!list) return std::nullopt;
    if (from.fields.makes_any) {
      stage_state& state = *stages_[e.from];
      std::lock_guard lock(state.announced_mutex);
      if (state.announced.empty()) return std::nullopt;
      for (const pipe_field* f : state.announced) add(*list, f);
    }
    change(*list, from.fields);
    if (all && *all != *list) return std::nullopt;
    all = std::move(list);
  }
  return all;
}

}  // namespace pipes::pipelines
