// plugins/flow/merge.cpp: several inputs become one.
#include <pipe/plugin.hpp>

#include "lib/total_order.hpp"
namespace {
struct merge : pipes::run_stage {
  std::vector<pipes::field> by;
  static auto spec() {
    return pipes::stage<merge>("merge", "Make one stream of several inputs.")
        .doc("Without `by` records pass in the order of their arrival, each batch whole, edges with a higher `priority` first. With `by`, inputs that are each "
             "sorted by these fields become one sorted stream: it waits until every input has a record or has ended; of equal records those of the input named first come first. "
             "The order of values is that of `sort`.")
        .any_order()
        .main_option("by", &merge::by, "Fields that every input is sorted by; a leading '-' where it descends.").sort_key()
        .example("flow.merge", "a\nb", "a\nb");
  }
  void check(pipes::checker& c) {
    c.ignores_bytes();
    c.reads(by);
    if (!by.empty()) c.reads_in_turn();
  }

  void run(pipes::input& in, pipes::output& out) {
    if (by.empty()) {
      for (auto& b : in) out.send(std::move(b));
      return;
    }
    std::vector<source> sources(in.edges());
    while (fill(in, sources)) {
      std::vector<pipes::batch> parts;
      std::uint64_t base = 0;
      for (source& s : sources) {
        if (!s.open) continue;
        s.base = base;
        base += s.size;
        parts.push_back(s.batch);
      }
      if (base > UINT32_MAX) throw std::runtime_error("the inputs' batches together hold 2^32 records or more");
      pick(sources);
      const pipes::batch all = pipes::batch::concat(parts);
      pipe_part part{};
      part.from = all.raw();
      part.rows = rows_.data();
      part.count = rows_.size();
      out.emit_part(part);
      out.flush();
    }
  }

 private:
  struct source {
    pipes::batch batch;
    std::uint64_t base = 0;  // of its rows among those of all sources
    std::size_t size = 0, at = 0;
    std::vector<const pipe_column*> keys;
    bool open = true;
  };

  // Sees to it that every open source has a record. False: none is open.
  bool fill(pipes::input& in, std::vector<source>& sources) {
    bool any = false;
    for (std::uint32_t i = 0; i < sources.size(); ++i) {
      source& s = sources[i];
      while (s.open && s.at == s.size) {
        pipes::received r = in.recv_from(i);
        if (r.closed()) s = source{{}, 0, 0, 0, {}, false};
        if (!r) continue;
        s.batch = std::move(*r);
        s.size = s.batch.size();
        s.at = 0;
        s.keys.clear();
        for (pipes::field f : by) s.keys.push_back(&s.batch[f].raw());
      }
      any = any || s.open;
    }
    return any;
  }
  // The rows in their order, as far as they are certain: until one source has none left.
  void pick(std::vector<source>& sources) {
    rows_.clear();
    for (;;) {
      source* least = nullptr;
      for (source& s : sources)
        if (s.open && (!least || before(s, *least))) least = &s;
      rows_.push_back(static_cast<std::uint32_t>(least->base + least->at++));
      if (least->at == least->size) return;
    }
  }
  bool before(const source& a, const source& b) const {
    for (std::size_t k = 0; k < by.size(); ++k) {
      const int c = shared::order::compare_values(shared::value_view::of(*a.keys[k], a.at), shared::value_view::of(*b.keys[k], b.at));
      if (c != 0) return by[k].descending ? c > 0 : c < 0;
    }
    return false;
  }
  std::vector<std::uint32_t> rows_;  // scratch
};
PIPE_STAGE(merge)
}
