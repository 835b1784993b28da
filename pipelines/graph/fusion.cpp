#include "pipelines/graph/fusion.hpp"

#include <pipe/plugin.h>

#include <algorithm>

namespace pipes::pipelines {
namespace {

constexpr std::size_t longest_chain = 64;  // stages

std::uint32_t flags_of(const stage& s) { return static_cast<const pipe_stage*>(s.descriptor)->flags; }

bool fused(const graph& g, const edge& e, unsigned processors) {
  if (e.from_port == dead_letters || e.back || e.on_cycle || e.timeout.count() > 0 || e.priority != 0) return false;
  const stage& a = g.stages[e.from];
  const stage& b = g.stages[e.to];
  const channel& c = g.channels[e.channel];
  if (!a.fuse || !b.fuse || a.shape != shape::map || b.shape == shape::run) return false;
  if (a.outputs.size() != 1 || a.outputs[0].channels.size() != 1 || c.edges.size() != 1 || b.inputs[0].edges.size() != 1) return false;
  if (c.capacity_from == origin::given || c.on_full != on_full::block || c.send_timeout.count() > 0 || !c.share.empty()) return false;
  if (a.batch.records != 0 || b.grain.records != 0 || !b.partition_by.empty() || !a.partition_by.empty() || b.every.count() > 0) return false;
  if (flags_of(b) & PIPE_STAGE_EACH_RECORD) return false;
  if (static_cast<const pipe_stage*>(b.descriptor)->cut) return false;
  if (workers_of(a, processors) != workers_of(b, processors)) return false;
  // A fold does not care for the order, so the map in front of it need not keep it.
  return b.shape == shape::fold || a.ordered == b.ordered;
}

}  // namespace

std::uint32_t workers_of(const stage& s, unsigned processors) {
  return s.workers != 0 ? s.workers : std::max(1u, processors);
}

std::vector<std::uint32_t> fused_edges(const graph& g, unsigned processors) {
  std::vector<std::uint32_t> result, before(g.stages.size(), none);
  for (std::uint32_t i = 0; i < g.edges.size(); ++i)
    if (fused(g, g.edges[i], processors)) {
      result.push_back(i);
      before[g.edges[i].to] = g.edges[i].from;
    }
  // Each stage of a chain is called by the one before it, on one stack.
  std::erase_if(result, [&](std::uint32_t e) {
    std::size_t place = 0;
    for (std::uint32_t s = g.edges[e].to; before[s] != none; s = before[s]) ++place;
    return place % longest_chain == 0;
  });
  return result;
}

std::vector<std::uint32_t> fused_heads(const graph& g, unsigned processors) {
  std::vector<std::uint32_t> before(g.stages.size(), none);
  for (std::uint32_t e : fused_edges(g, processors)) before[g.edges[e].to] = g.edges[e].from;
  std::vector<std::uint32_t> head(g.stages.size());
  for (std::uint32_t i = 0; i < head.size(); ++i) {
    head[i] = i;
    while (before[head[i]] != none) head[i] = before[head[i]];
  }
  return head;
}

}  // namespace pipes::pipelines
