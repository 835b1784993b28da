// checks.cpp: what can only be seen on the whole graph: cycles, stages that nothing reaches, sinks that stop each other, an order that is lost.
#include <algorithm>

#include "pipelines/graph/draft.hpp"

namespace pipes::pipelines {
namespace {

using index_list = std::vector<std::uint32_t>;

class whole_graph {
public:
  whole_graph(checking& c, draft& d) : c_(c), d_(d), out_(d.stages.size()), in_(d.stages.size()) {
    for (std::uint32_t e = 0; e < d.g.edges.size(); ++e) {
      out_[d.g.edges[e].from].push_back(e);
      in_[d.g.edges[e].to].push_back(e);
    }
  }

  void run() {
    find_components();
    check_cycles();
    check_reach();
    if (c_.faults.failed()) return;
    stretch_branches();
    warn_of_coupled_sinks();
    warn_of_lost_order();
  }

private:
  const edge& at(std::uint32_t e) const { return d_.g.edges[e]; }
  const stage& of(std::uint32_t s) const { return d_.stages[s].s; }
  // As `from` names it: STAGE, or STAGE.PORT.
  std::string writer_of(const edge& e) const {
    const stage& s = of(e.from);
    const std::string& port = s.outputs[e.from_port].name;
    return s.outputs.size() > 1 || port != "out" ? s.id + "." + port : s.id;
  }

  // Tarjan's strongly connected components, without recursion. Two stages lie on a cycle together if they share a component.
  void find_components() {
    const std::size_t n = d_.stages.size();
    component_.assign(n, none);
    index_list order(n, none), low(n, 0), stack;
    std::vector<bool> on_stack(n, false);
    struct frame {
      std::uint32_t stage;
      std::size_t next;
    };
    std::vector<frame> work;
    std::uint32_t clock = 0, components = 0;
    for (std::uint32_t root = 0; root < n; ++root) {
      if (order[root] != none) continue;
      work.push_back({root, 0});
      while (!work.empty()) {
        frame& f = work.back();
        const std::uint32_t s = f.stage;
        if (f.next == 0) {
          order[s] = low[s] = clock++;
          stack.push_back(s);
          on_stack[s] = true;
        }
        if (f.next < out_[s].size()) {
          const std::uint32_t to = at(out_[s][f.next++]).to;
          if (order[to] == none) work.push_back({to, 0});
          else if (on_stack[to]) low[s] = std::min(low[s], order[to]);
          continue;
        }
        work.pop_back();
        if (!work.empty()) low[work.back().stage] = std::min(low[work.back().stage], low[s]);
        if (low[s] != order[s]) continue;
        for (std::uint32_t member = none; member != s;) {
          member = stack.back();
          stack.pop_back();
          on_stack[member] = false;
          component_[member] = components;
        }
        ++components;
      }
    }
    for (std::uint32_t e = 0; e < d_.g.edges.size(); ++e) {
      edge& x = d_.g.edges[e];
      if (component_[x.from] != component_[x.to]) continue;
      x.on_cycle = true;
      d_.stages[x.from].s.in_cycle = d_.stages[x.to].s.in_cycle = true;
    }
  }

  void check_cycles() {
    for (std::uint32_t e = 0; e < d_.g.edges.size(); ++e)
      if (at(e).back && !at(e).on_cycle)
        c_.faults.error(c_.source, d_.edge_places[e], "this edge closes no cycle, so that 'back: true' has no place here",
                        "the edge that leads back to an earlier stage is the one to mark");
    for (const stage_draft& s : d_.stages)
      if (s.s.in_cycle && s.s.shape == shape::fold)
        c_.faults.error(c_.source, s.where, label(s) + " is a fold inside a cycle: it waits for the end of an input that it feeds itself", "move it behind the cycle");
    find_unmarked_cycles();
  }

  // Depth first over the edges that are not marked: an edge to a stage that is still open closes a cycle. One report for each such edge.
  void find_unmarked_cycles() {
    enum : char { fresh, open, done };
    std::vector<char> state(d_.stages.size(), fresh);
    struct frame {
      std::uint32_t stage;
      std::size_t next;
    };
    for (std::uint32_t root = 0; root < d_.stages.size(); ++root) {
      if (state[root] != fresh) continue;
      std::vector<frame> path{{root, 0}};
      state[root] = open;
      while (!path.empty()) {
        frame& f = path.back();
        if (f.next == out_[f.stage].size()) {
          state[f.stage] = done;
          path.pop_back();
          continue;
        }
        const std::uint32_t e = out_[f.stage][f.next++];
        if (at(e).back) continue;
        const std::uint32_t to = at(e).to;
        if (state[to] == fresh) {
          state[to] = open;
          path.push_back({to, 0});
        } else if (state[to] == open) {
          std::vector<std::string> names;
          auto first = std::find_if(path.begin(), path.end(), [&](const frame& x) { return x.stage == to; });
          for (; first != path.end(); ++first) names.push_back(of(first->stage).id);
          names.push_back(of(to).id);
          std::string way;
          for (std::size_t i = 0; i < names.size(); ++i) {
            if (names.size() > 8 && i == 4) way += " -> …", i = names.size() - 3;
            else way += (i == 0 ? "" : " -> ") + names[i];
          }
          if (at(e).from_port == dead_letters)
            c_.faults.error(c_.source, d_.edge_places[e], "a cycle over dead letters: " + way, "let the reader of dead letters lead elsewhere");
          else
            c_.faults.error(c_.source, d_.edge_places[e], "a cycle without a back edge: " + way, "mark the edge that closes it: {stage: " + writer_of(at(e)) + ", back: true}");
        }
      }
    }
  }

  void check_reach() {
    std::vector<bool> reached(d_.stages.size(), false);
    index_list work;
    for (std::uint32_t s = 0; s < d_.stages.size(); ++s)
      if (of(s).inputs.empty() || d_.stages[s].spec == nullptr) reached[s] = true, work.push_back(s);
    while (!work.empty()) {
      const std::uint32_t s = work.back();
      work.pop_back();
      for (std::uint32_t e : out_[s])
        if (!reached[at(e).to]) reached[at(e).to] = true, work.push_back(at(e).to);
    }
    if (c_.faults.failed()) return;  // edges may be missing because of a fault that is reported already
    for (std::uint32_t s = 0; s < d_.stages.size(); ++s) {
      if (reached[s]) continue;
      const bool fed = !in_[s].empty();
      c_.faults.error(c_.source, d_.stages[s].where, label(d_.stages[s]) + (fed ? " has no input from outside its cycle" : " has no input"),
                      fed ? "add the stage that starts it to 'from'" : "say with 'from' which stage it reads");
    }
  }

  index_list sinks_behind(std::uint32_t first) const {
    index_list found, work{first};
    std::vector<bool> seen(d_.stages.size(), false);
    seen[first] = true;
    while (!work.empty()) {
      const std::uint32_t s = work.back();
      work.pop_back();
      if (of(s).outputs.empty() && (of(s).shape == shape::fold || !of(s).any_order)) found.push_back(s);
      for (std::uint32_t e : out_[s])
        if (at(e).from_port != dead_letters && d_.g.channels[at(e).channel].on_full == on_full::block && !seen[at(e).to]) seen[at(e).to] = true, work.push_back(at(e).to);
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  // A stage that waits for one branch of a source while another is full holds the source up for ever, if the first branch drops what the
  // second does not. So such branches give way while it waits, on disk if need be. Who has said how much may wait has that.
  void stretch_branches() {
    for (std::uint32_t s = 0; s < d_.stages.size(); ++s) {
      if (!of(s).in_turn || in_[s].size() < 2) continue;
      std::vector<std::uint32_t> branches(d_.stages.size(), 0);  // edges of this stage that each stage leads to
      std::vector<std::vector<bool>> above;
      for (std::uint32_t e : in_[s]) {
        above.push_back(ancestors(at(e).from));
        for (std::uint32_t a = 0; a < branches.size(); ++a) branches[a] += above.back()[a];
      }
      for (std::size_t i = 0; i < in_[s].size(); ++i) {
        channel& c = d_.g.channels[at(in_[s][i]).channel];
        if (c.unbounded || c.edges.size() != 1 || c.on_full != on_full::block) continue;
        bool is_branch = false;
        for (std::uint32_t a = 0; a < branches.size(); ++a) is_branch = is_branch || (above[i][a] && branches[a] > 1);
        c.elastic = is_branch && c.capacity_from != origin::given;
        if (!is_branch || c.elastic) continue;
        c_.faults.warning(c_.source, d_.edge_places[in_[s][i]],
                          "the run locks up if another branch before " + in_quotes(of(s).id) + " drops records that this one keeps: no more than " + std::to_string(c.capacity) + " batches may wait here",
                          "without 'capacity' it takes in what it must, on disk if need be");
      }
    }
  }

  // A broadcast that blocks on two branches with sinks of their own: the slower one sets the pace of both.
  void warn_of_coupled_sinks() {
    std::size_t looked = 0;
    for (std::uint32_t s = 0; s < d_.stages.size(); ++s)
      for (const output_port& p : of(s).outputs) {
        if (p.channels.size() < 2 || ++looked > 200) continue;
        std::uint32_t first = none, place = none;
        for (std::uint32_t ch : p.channels) {
          if (d_.g.channels[ch].on_full != on_full::block || d_.g.channels[ch].unbounded) continue;
          const std::uint32_t e = d_.g.channels[ch].edges.front();
          for (std::uint32_t sink : sinks_behind(at(e).to)) {
            if (first == none) first = sink;
            else if (sink != first && place == none) place = e, second_ = sink;
          }
          if (place != none) break;
        }
        if (place == none) continue;
        c_.faults.warning(c_.source, d_.edge_places[place],
                          "a slow " + in_quotes(of(second_).id) + " stops " + in_quotes(of(first).id) + ", and the other way round: both read " + in_quotes(of(s).id) + " over channels that block",
                          "if one may lose records, give its 'from' on_full: drop_oldest");
      }
  }

  // A fan-in of branches with a common ancestor: their order against each other is that of arrival. Folds do not mind.
  void warn_of_lost_order() {
    std::size_t looked = 0;
    for (std::uint32_t s = 0; s < d_.stages.size(); ++s) {
      index_list entries;
      for (std::uint32_t e : in_[s])
        if (!at(e).back && at(e).from_port != dead_letters) entries.push_back(e);
      if (entries.size() < 2 || of(s).in_turn || !order_matters(s) || ++looked > 200) continue;
      std::vector<bool> seen = ancestors(at(entries[0]).from);
      for (std::size_t i = 1; i < entries.size(); ++i) {
        const std::vector<bool> more = ancestors(at(entries[i]).from);
        std::uint32_t common = none;
        for (std::uint32_t a = 0; a < more.size(); ++a)
          if (seen[a] && more[a]) common = a;
        if (common != none) {
          c_.faults.warning(c_.source, d_.edge_places[entries[i]], label(of(s)) + " reads branches of " + in_quotes(of(common).id) + " in the order of arrival: the order that they had is lost",
                            "a sort behind it makes an order again");
          break;
        }
        for (std::uint32_t a = 0; a < more.size(); ++a)
          if (more[a]) seen[a] = true;
      }
    }
  }

  std::vector<bool> ancestors(std::uint32_t first) const {
    std::vector<bool> seen(d_.stages.size(), false);
    index_list work{first};
    seen[first] = true;
    while (!work.empty()) {
      const std::uint32_t s = work.back();
      work.pop_back();
      for (std::uint32_t e : in_[s])
        if (!at(e).back && !seen[at(e).from]) seen[at(e).from] = true, work.push_back(at(e).from);
    }
    return seen;
  }

  bool order_matters(std::uint32_t first) const {
    index_list work{first};
    std::vector<bool> seen(d_.stages.size(), false);
    seen[first] = true;
    while (!work.empty()) {
      const std::uint32_t s = work.back();
      work.pop_back();
      if (of(s).any_order) continue;
      if (of(s).outputs.empty()) return true;
      for (std::uint32_t e : out_[s])
        if (!at(e).back && !seen[at(e).to]) seen[at(e).to] = true, work.push_back(at(e).to);
    }
    return false;
  }

  checking& c_;
  draft& d_;
  std::vector<index_list> out_, in_;
  index_list component_;
  std::uint32_t second_ = none;
};

}  // namespace

void check_graph(checking& c, draft& d) { whole_graph(c, d).run(); }

}  // namespace pipes::pipelines
