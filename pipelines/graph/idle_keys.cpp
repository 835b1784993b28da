// idle_keys.cpp: keys that change nothing where they stand. They are warned of, since whoever wrote one expects something of it.
//
// What comes to life with a number that is written beside it (`partition_by` with `workers: 1`) is left alone.
#include <algorithm>

#include "pipelines/graph/draft.hpp"

namespace pipes::pipelines {
namespace {

class key_watch {
public:
  key_watch(checking& c, const draft& d) : c_(c), d_(d) {}

  void run() {
    for (std::uint32_t i = 0; i < d_.stages.size(); ++i) {
      const stage_draft& s = d_.stages[i];
      if (s.spec == nullptr || s.s.inserted) continue;
      look_at_memory(s);
      look_at_partition(s);
      look_at_order(s);
      look_at_share(s);
      if (!s.has_input()) idle(s, "grain", "it is a source, with no input to take pieces of");
      if (s.s.outputs.empty() && !s.open_ports()) idle(s, "batch", "it is a sink, which makes no batches", "it belongs to the stage that writes them");
    }
  }

private:
  void idle(const stage_draft& s, std::string_view key, const std::string& why, const std::string& hint = {}) {
    if (s.has_key(key)) c_.faults.warning(c_.source, s.key_place(key), "'" + std::string(key) + "' has no effect on " + label(s) + ": " + why, hint);
  }

  void look_at_memory(const stage_draft& s) {
    if (s.s.gathers || s.s.in_memory || !s.facts_known || s.facts.asks_memory) return;
    for (const input_port& in : s.s.inputs)
      for (std::uint32_t e : in.edges)
        if (const channel& ch = d_.g.channels[d_.g.edges[e].channel]; ch.unbounded || ch.elastic) return;
    idle(s, "memory", "it gathers nothing", "it is for stages that gather (sort, group, count, top, distinct, tail and their kin), and for readers of a back edge");
  }

  void look_at_partition(const stage_draft& s) {
    if (!s.has_input()) return idle(s, "partition_by", "it is a source, with no input to share out");
    if (s.spec->may_have_workers && (s.s.workers != 1 || s.has_key("workers") || s.s.shape != shape::run)) return;
    for (const input_port& in : s.s.inputs)
      for (std::uint32_t e : in.edges)
        if (d_.g.channels[d_.g.edges[e].channel].edges.size() > 1) return;
    idle(s, "partition_by", "it runs with one worker", s.spec->may_have_workers ? "give it workers" : "");
  }

  // `ordered: true` on a pool that cannot keep it would be a promise that is not held.
  void look_at_order(const stage_draft& s) {
    if (s.s.shape == shape::map && (!s.s.outputs.empty() || s.open_ports() || s.s.on_error.to != none)) return;
    if (s.s.shape == shape::fold) {
      idle(s, "ordered", "it is a fold, which emits once its input has ended");
    } else if (s.s.shape == shape::map) {
      idle(s, "ordered", "it is a sink");
    } else if (s.s.workers == 1) {
      idle(s, "ordered", "it runs with one worker");
    } else if (s.has_key("ordered") && s.s.ordered) {
      c_.faults.error(c_.source, s.key_place("ordered"), label(s) + " keeps no order with several workers", "without 'workers' it runs with one, which does");
    }
  }

  void look_at_share(const stage_draft& s) {
    if (!s.has_input()) return idle(s, "share", "it is a source, and reads nothing");
    for (const input_port& in : s.s.inputs)
      for (std::uint32_t e : in.edges)
        if (d_.g.channels[d_.g.edges[e].channel].edges.size() > 1) return;
    idle(s, "share", "no other stage with share: " + s.share + " reads what it reads", "give the stages that compete the same 'from' and the same 'share'");
  }

  checking& c_;
  const draft& d_;
};

}  // namespace

void warn_of_idle_keys(checking& c, const draft& d) { key_watch(c, d).run(); }

}  // namespace pipes::pipelines
