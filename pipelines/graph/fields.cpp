// fields.cpp: the field flow of a draft: what each stage is asked for, and fields that are read but that no stage before makes.
#include <algorithm>

#include "pipelines/graph/demand.hpp"
#include "pipelines/graph/draft.hpp"

namespace pipes::pipelines {
namespace {

// What the ABI's check() does not tell. Whatever is guessed asks more of the stages before than need be, never less: a stage that makes or drops fields
// of records that go on is taken to change them, though it may only attach them (text.regex); a foreign stage is taken to look at bytes.
void refine(const stage& s, field_effect& e) {
  const auto of_plugin = [&](std::string_view name) { return std::string_view(s.type).substr(0, s.type.find('.')) == name; };
  if (of_plugin("agg") && !e.makes.empty()) e.new_records = true;
  if (of_plugin("agg") || of_plugin("flow") || of_plugin("fields")) e.reads_bytes = false;
  for (const char* type : {"text.format", "csv.format", "json.format"}) e.own_bytes |= s.type == type;
  e.json_in_place |= s.type == "json.parse";
  e.changes |= !e.new_records && !e.makes_any && (!e.makes.empty() || !e.drops.empty() || e.keeps_only);
}

std::vector<field_stage> describe(const draft& d) {
  std::vector<field_stage> out(d.stages.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const stage_draft& s = d.stages[i];
    out[i].known = s.facts_known && s.facts.fields_known;
    out[i].effect = s.facts.fields;
    out[i].effect.reads_all |= s.options.reads_all;
    for (const field_use& use : s.options.fields) out[i].effect.reads.push_back(use.field);
    refine(s.s, out[i].effect);
  }
  for (const edge& e : d.g.edges) (e.from_port == dead_letters ? out[e.from].dead_letters_to : out[e.from].next).push_back(e.to);
  for (field_stage& s : out) {
    std::sort(s.next.begin(), s.next.end());
    s.next.erase(std::unique(s.next.begin(), s.next.end()), s.next.end());
  }
  return out;
}

// Within one stage `map: {a: …, b: a + 1}` reads what it makes itself.
bool makes_itself(const stage_draft& s, const std::string& field) {
  field_set own;
  own.names.insert(s.facts.fields.makes.begin(), s.facts.fields.makes.end());
  return own.has(field);
}

}  // namespace

void spread_fields(checking& c, draft& d) {
  const std::vector<field_stage> stages = describe(d);
  const field_flow flow = propagate(stages);
  for (std::size_t i = 0; i < d.stages.size(); ++i) {
    stage& s = d.stages[i].s;
    s.all_fields_demanded = flow.demanded[i].all;
    s.demanded.assign(flow.demanded[i].names.begin(), flow.demanded[i].names.end());
  }
  if (c.faults.failed()) return;  // what comes before a stage at fault is not known
  for (std::size_t i = 0; i < d.stages.size(); ++i) {
    const stage_draft& s = d.stages[i];
    const field_set& there = flow.available[i];
    if (there.all || !flow.fed[i] || !stages[i].known) continue;
    for (const field_use& use : s.options.fields) {
      if (c.faults.full()) return;
      if (there.has(use.field) || makes_itself(s, use.field)) continue;
      const std::vector<std::string> known(there.names.begin(), there.names.end());
      std::string hint = did_you_mean(use.field, known);
      if (hint.empty()) hint = known.empty() ? "a parse stage (json.parse, csv.parse, text.regex) makes fields" : "there are: " + listed(known, "and");
      c.faults.error(c.source, use.where, "no stage before " + label(s) + " makes a field " + in_quotes(use.field), std::move(hint));
    }
  }
}

}  // namespace pipes::pipelines
