// fields.cpp: the field flow of a draft: what each stage is asked for, and fields that are read but that no stage before makes.
#include <algorithm>

#include "pipelines/graph/demand.hpp"
#include "pipelines/graph/draft.hpp"

namespace pipes::pipelines {
namespace {

// Whatever a stage leaves unsaid is taken so that it asks more of the stages before than need be, never less: it looks at bytes, and fields that it
// does not say to attach change the record.
void refine(field_effect& e) {
  e.changes |= !e.new_records && !e.makes_any && (!e.makes.empty() || !e.drops.empty() || e.keeps_only);
  e.makes.insert(e.makes.end(), e.attaches.begin(), e.attaches.end());
}

std::vector<field_stage> describe(const draft& d) {
  std::vector<field_stage> out(d.stages.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const stage_draft& s = d.stages[i];
    out[i].known = s.facts_known && s.facts.fields_known;
    out[i].pairs = s.facts.in_turn && s.options.fields.empty();  // else it is a merge in the order of these, which passes records as they are
    out[i].effect = s.facts.fields;
    out[i].effect.reads_all |= s.options.reads_all;
    for (const field_use& use : s.options.fields) out[i].effect.reads.push_back(use.field);
    refine(out[i].effect);
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
  own.names.insert(s.facts.fields.attaches.begin(), s.facts.fields.attaches.end());
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
      if (there.has(use.field) || (!use.of_input && makes_itself(s, use.field))) continue;
      const std::vector<std::string> known(there.names.begin(), there.names.end());
      std::string hint = did_you_mean(use.field, known);
      const std::string_view quoted = use.where.begin > 0 ? c.source.slice({use.where.begin - 1, use.where.end + 1}) : std::string_view();
      if (hint.empty() && !use.of_input && quoted.size() == use.field.size() + 2 && (quoted.front() == '"' || quoted.front() == '\'') && quoted.front() == quoted.back())
        hint = "the quotes around it are YAML's: for the text write " + (quoted.front() == '"' ? yaml_quoted(quoted) : "\"" + std::string(quoted) + "\"");
      if (hint.empty() && use.of_input && use.field.find('(') != std::string::npos) hint = "a field is due, no expression: map: {NAME: …} before it makes one";
      if (hint.empty()) hint = known.empty() ? "a parse stage (json.parse, csv.parse, text.regex) makes fields" : "there are: " + listed(known, "and");
      c.faults.error(c.source, use.where, "no stage before " + label(s) + " makes a field " + in_quotes(use.field), std::move(hint));
    }
  }
}

}  // namespace pipes::pipelines
