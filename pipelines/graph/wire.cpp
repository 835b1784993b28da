// wire.cpp: `from`, `share`, dead letters, the two ends -> edges and channels.
#include <algorithm>
#include <limits>

#include "pipelines/graph/draft.hpp"

namespace pipes::pipelines {
namespace {

constexpr std::uint32_t default_capacity = 4;
constexpr std::int64_t most_capacity = 1'000'000;
constexpr std::size_t most_edges = 100'000;

// One entry of a `from`.
struct source_ref {
  const node* name = nullptr;  // null: the previous stage
  span where;
  std::optional<std::uint32_t> capacity;
  std::optional<on_full> full;
  std::optional<std::int64_t> timeout, send_timeout;
  std::optional<on_timeout> tick;
  std::int32_t priority = 0;
  bool back = false;
  span capacity_where, full_where, timeout_where, tick_where, back_where, send_timeout_where, priority_where;
};

struct endpoint {
  std::uint32_t stage = none, port = 0;
};

class wiring {
public:
  wiring(checking& c, draft& d) : c_(c), d_(d) {}

  void run(const std::vector<std::string>& input_files) {
    find_dead_letter_readers();
    begin(input_files);
    for (std::uint32_t i = 0; i < d_.stages.size() && !c_.faults.full(); ++i) connect_inputs(i);
    connect_dead_letters();
    end();
    report_unread();
    check_stdin();
    for (const stage_draft& s : d_.stages) {
      d_.g.writes_stdout |= s.s.writes_stdout;
      d_.g.reads_stdin |= s.s.reads_stdin;
    }
  }

private:
  void fail(span at, std::string message, std::string hint = {}, std::string note = {}) {
    c_.faults.error(c_.source, at, std::move(message), std::move(hint), std::move(note));
  }

  std::vector<std::string> ids() const {
    std::vector<std::string> out;
    for (const stage_draft& s : d_.stages)
      if (!s.s.inserted) out.push_back(s.s.id);
    return out;
  }

  // Stages that could be meant by the whole of `name`.
  std::vector<std::uint32_t> called(std::string_view name) const {
    std::vector<std::uint32_t> out;
    for (std::uint32_t i = 0; i < d_.stages.size(); ++i) {
      const stage_draft& s = d_.stages[i];
      if (s.s.inserted) continue;
      if (s.s.id == name || (!s.has_key("id") && s.s.written == name)) out.push_back(i);
    }
    return out;
  }

  std::string candidates(const std::vector<std::uint32_t>& list) const {
    std::vector<std::string> names;
    for (std::uint32_t i : list) names.push_back("'" + d_.stages[i].s.id + "' in line " + std::to_string(d_.stages[i].s.where.line));
    return listed(names);
  }

  std::optional<std::uint32_t> stage_called(const std::string& name, span at) {
    const auto list = called(name);
    if (list.size() == 1) return list.front();
    if (list.empty()) {
      const std::string hint = did_you_mean(name, ids());
      fail(at, "there is no stage " + in_quotes(name), hint.empty() ? "the stages: " + listed(ids(), "and") : hint);
    } else {
      fail(at, in_quotes(name) + " could be " + candidates(list), "give the one that you mean an id");
    }
    return std::nullopt;
  }

  void find_dead_letter_readers() {
    targets_.assign(d_.stages.size(), none);
    for (std::uint32_t i = 0; i < d_.stages.size(); ++i) {
      stage_draft& s = d_.stages[i];
      if (!s.on_error || s.on_error->then != error_action::dead_letter || c_.faults.full()) continue;
      const auto target = stage_called(s.on_error->to, s.on_error->to_where);
      if (!target) continue;
      stage_draft& t = d_.stages[*target];
      // `defaults: {on_error: {to: dead}}` does not mean the dead-letter stages themselves.
      if (*target == i || (s.s.on_error.from == origin::defaults_key && is_target_of_default(i))) {
        if (s.s.on_error.from == origin::given) fail(s.on_error->to_where, label(s) + " cannot read its own dead letters");
        s.on_error.reset();
        s.s.on_error = {};
        continue;
      }
      if (!t.has_input()) {
        fail(s.on_error->to_where, label(t) + " takes no input, so that it cannot read dead letters");
        continue;
      }
      targets_[i] = *target;
      t.s.reads_dead_letters = true;
    }
    for (std::uint32_t i = 0; i < d_.stages.size(); ++i) {
      const stage_draft& s = d_.stages[i];
      if (targets_[i] != none && reads_dead_letters_alone(i) && s.s.on_error.from == origin::given)
        fail(s.on_error->to_where, label(s) + " reads dead letters; a dead letter of its own fails the run", "on_error: fail or skip");
    }
  }

  bool is_target_of_default(std::uint32_t i) const {
    const auto list = d_.defaults.on_error ? called(d_.defaults.on_error->to) : std::vector<std::uint32_t>();
    return std::find(list.begin(), list.end(), i) != list.end();
  }

  bool reads_dead_letters_alone(std::uint32_t i) const { return d_.stages[i].s.reads_dead_letters && !d_.stages[i].has_key("from"); }

  // The stage whose output the list puts in front of i.
  std::uint32_t previous(std::uint32_t i) const {
    while (i-- > 0)
      if (!reads_dead_letters_alone(i)) return i;
    return none;
  }

  void insert_first(stage_draft s) {
    d_.stages.insert(d_.stages.begin(), std::move(s));
    targets_.insert(targets_.begin(), none);
    for (std::uint32_t& t : targets_)
      if (t != none) ++t;
  }

  void begin(const std::vector<std::string>& input_files) {
    std::uint32_t first = 0;
    while (first < d_.stages.size() && reads_dead_letters_alone(first)) ++first;
    if (first == d_.stages.size()) return;
    const stage_draft& s = d_.stages[first];
    const bool wants = s.spec != nullptr && s.spec->has_input && !s.has_key("from");
    if (!input_files.empty()) {
      if (s.spec != nullptr && !wants) {
        fail(s.where, label(s) + " takes no input, so that the input files have no reader");
      } else if (s.spec != nullptr) {
        if (auto source = make_stage(c_, d_, "io.read", s.where, input_files)) insert_first(std::move(*source));
      }
    } else if (wants) {
      if (auto source = make_stage(c_, d_, "io.stdin", s.where)) insert_first(std::move(*source));
    }
  }

  // Reads `from` of a stage into refs.
  bool read_refs(const node& from, std::vector<source_ref>& refs) {
    switch (from.kind) {
      case node_kind::list: {
        if (from.items.empty()) return fail(from.where, "'from' names no stage"), false;
        bool good = true;
        for (const node& n : from.items) {
          if (n.kind == node_kind::list) fail(n.where, "'from' takes names and maps, not a list in a list"), good = false;
          else good &= read_refs(n, refs);
        }
        return good;
      }
      case node_kind::scalar:
        if (c_.vars.refuse(from, "the name of a stage")) return false;
        refs.emplace_back();
        refs.back().name = &from;
        refs.back().where = from.where;
        return true;
      case node_kind::map: return read_ref(from, refs);
      case node_kind::null: break;
    }
    return require_scalar(c_, from, "'from'", "a stage's name");
  }

  bool read_ref(const node& map, std::vector<source_ref>& refs) {
    source_ref r;
    r.where = map.where;
    bool good = true;
    static const std::vector<std::string> known = {"stage", "capacity", "on_full", "timeout", "on_timeout", "send_timeout", "priority", "back"};
    for (const member& m : map.members) {
      const std::string what = "'" + m.key + "'";
      if (m.key == "stage") {
        if (!require_scalar(c_, m.value, what, "a stage's name") || c_.vars.refuse(m.value, "the name of a stage")) good = false;
        else r.name = &m.value, r.where = m.value.where;
      } else if (m.key == "capacity") {
        r.capacity_where = m.where;
        if (const auto v = read_integer(c_, m.value, what, 0, most_capacity)) r.capacity = static_cast<std::uint32_t>(*v);
      } else if (m.key == "on_full") {
        r.full_where = m.where;
        if (const auto v = read_choice(c_, m.value, what, {"block", "drop_newest", "drop_oldest", "fail"})) r.full = static_cast<on_full>(*v);
      } else if (m.key == "timeout") {
        r.timeout_where = m.where;
        r.timeout = read_duration(c_, m.value, what);
      } else if (m.key == "on_timeout") {
        if (map.find("timeout") == nullptr) fail(m.where, "'on_timeout' says what happens on a 'timeout', which is missing", "add timeout: 5s");
        r.tick_where = m.where;
        if (const auto v = read_choice(c_, m.value, what, {"fail", "close", "tick"})) r.tick = static_cast<on_timeout>(*v);
      } else if (m.key == "send_timeout") {
        r.send_timeout_where = m.where;
        r.send_timeout = read_duration(c_, m.value, what);
      } else if (m.key == "priority") {
        r.priority_where = m.where;
        if (const auto v = read_integer(c_, m.value, what, -1'000'000, 1'000'000)) r.priority = static_cast<std::int32_t>(*v);
      } else if (m.key == "back") {
        r.back_where = m.where;
        r.back = read_boolean(c_, m.value, what).value_or(false);
      } else {
        const std::string hint = did_you_mean(m.key, known);
        fail(m.where, "'from' has no key " + in_quotes(m.key), hint.empty() ? "its keys: " + listed(known, "and") : hint);
      }
    }
    if (r.back && r.capacity) fail(r.capacity_where, "an edge with 'back: true' is unbounded: it has no capacity");
    if (r.back && r.full && *r.full != on_full::block) fail(r.full_where, "an edge with 'back: true' is unbounded: it is never full");
    if (r.back && r.send_timeout) fail(r.send_timeout_where, "an edge with 'back: true' is unbounded: no sender waits on it");
    if (r.full && *r.full != on_full::block && r.send_timeout) fail(r.send_timeout_where, "a sender waits on this edge only with 'on_full: block'");
    if (good) refs.push_back(r);
    return good;
  }

  // S, or S cut at its last dot into stage and port.
  std::optional<endpoint> resolve(const source_ref& r) {
    const std::string& name = r.name->text;
    const span at = r.name->where;
    const auto whole = called(name);
    if (whole.size() > 1) {
      fail(at, in_quotes(name) + " could be " + candidates(whole), "give the one that you mean an id");
      return std::nullopt;
    }
    if (whole.size() == 1) return default_port(whole.front(), at);
    const std::size_t dot = name.rfind('.');
    if (dot != std::string::npos) {
      const std::string stage = name.substr(0, dot), port = name.substr(dot + 1);
      const auto list = called(stage);
      if (list.size() > 1) {
        fail(at, in_quotes(name) + " could be port " + in_quotes(port) + " of " + candidates(list), "give the one that you mean an id");
        return std::nullopt;
      }
      if (list.size() == 1) return port_called(list.front(), port, at);
    }
    std::vector<std::string> known = ids();
    for (const stage_draft& s : d_.stages)
      if (s.s.outputs.size() > 1)
        for (const output_port& p : s.s.outputs) known.push_back(s.s.id + '.' + p.name);
    const std::string hint = did_you_mean(name, known);
    fail(at, "there is no stage " + in_quotes(name), hint.empty() ? "the stages: " + listed(ids(), "and") : hint);
    return std::nullopt;
  }

  std::optional<endpoint> port_called(std::uint32_t i, const std::string& name, span at) {
    stage_draft& s = d_.stages[i];
    std::vector<std::string> names;
    for (std::uint32_t p = 0; p < s.s.outputs.size(); ++p) {
      if (s.s.outputs[p].name == name) return endpoint{i, p};
      names.push_back(s.s.outputs[p].name);
    }
    if (s.open_ports()) {
      s.s.outputs.push_back({name, {}});
      return endpoint{i, static_cast<std::uint32_t>(s.s.outputs.size() - 1)};
    }
    const std::string hint = did_you_mean(name, names);
    fail(at, label(s) + " has no port " + in_quotes(name), names.empty() ? "it has no output" : hint.empty() ? "its ports: " + listed(names, "and") : hint);
    return std::nullopt;
  }

  std::optional<endpoint> default_port(std::uint32_t i, span at) {
    stage_draft& s = d_.stages[i];
    for (std::uint32_t p = 0; p < s.s.outputs.size(); ++p)
      if (s.s.outputs[p].name == "out" || s.s.outputs.size() == 1) return endpoint{i, p};
    if (s.open_ports()) return port_called(i, "out", at);
    if (s.s.outputs.empty()) {
      fail(at, label(s) + " has no output to read from");
      return std::nullopt;
    }
    std::vector<std::string> names;
    for (const output_port& p : s.s.outputs) names.push_back(s.s.id + '.' + p.name);
    fail(at, label(s) + " has several outputs: say which one to read", "from: " + listed(names));
    return std::nullopt;
  }

  void connect_inputs(std::uint32_t i) {
    stage_draft& s = d_.stages[i];
    const auto from = s.keys.find("from");
    if (from != s.keys.end()) {
      if (!s.has_input()) {
        fail(from->second->where, label(s) + " is a source: it takes no input");
        return;
      }
      std::vector<source_ref> refs;
      const std::size_t before = c_.faults.errors();
      read_refs(from->second->value, refs);
      if (refs.size() > 1000) {
        fail(from->second->where, "more than 1000 stages in one 'from'");
        return;
      }
      for (const source_ref& r : refs) {
        if (r.name == nullptr) connect_previous(i, r);
        else if (const auto e = resolve(r)) add_edge(*e, i, r);
      }
      if (c_.faults.errors() == before) warn_of_idle_keys_of(s, refs);
      reader_at_fault_ |= c_.faults.errors() != before;
      return;
    }
    if (!s.has_input() || reads_dead_letters_alone(i)) return;
    source_ref r;
    r.where = s.where;
    const std::size_t before = c_.faults.errors();
    connect_previous(i, r);
    reader_at_fault_ |= c_.faults.errors() != before;
  }

  void warn_of_idle_keys_of(const stage_draft& s, const std::vector<source_ref>& refs) {
    if (refs.size() == 1 && !s.s.reads_dead_letters && refs[0].priority_where.size() != 0)
      c_.faults.warning(c_.source, refs[0].priority_where, "'priority' has no effect: " + label(s) + " reads one edge alone", "it says which of several ready edges is received first");
    for (const source_ref& r : refs)
      if (r.tick == on_timeout::tick && s.spec != nullptr && s.s.shape == shape::map)
        c_.faults.warning(c_.source, r.tick_where, "'on_timeout: tick' has no effect: " + label(s) + " holds nothing back that it could flush", "it is for folds, and for stages that gather batches");
  }

  void connect_previous(std::uint32_t i, const source_ref& r) {
    const std::uint32_t before = previous(i);
    stage_draft& s = d_.stages[i];
    if (before == none) {
      if (s.spec != nullptr && s.has_key("from")) fail(r.where, label(s) + " is the first stage: say in 'stage' where it reads from");
      return;
    }
    stage_draft& b = d_.stages[before];
    if (b.s.outputs.empty() && !b.open_ports()) {
      fail(r.where, label(s) + " has no input: the stage before it, " + in_quotes(b.s.id) + ", has no output", "say with 'from' which stage it reads");
      return;
    }
    if (b.s.outputs.empty()) return;  // ports that an unknown argument will name
    if (const auto e = default_port(before, r.where)) add_edge(*e, i, r);
  }

  void add_edge(endpoint from, std::uint32_t to, const source_ref& r) {
    graph& g = d_.g;
    if (g.edges.size() >= most_edges) {
      if (!too_many_) fail(r.where, "more than " + std::to_string(most_edges) + " edges");
      too_many_ = true;
      return;
    }
    stage_draft& t = d_.stages[to];
    for (std::uint32_t other : t.s.inputs.front().edges)
      if (g.edges[other].from == from.stage && g.edges[other].from_port == from.port) {
        if (from.port != dead_letters) fail(r.where, label(t) + " reads the same output twice");
        return;
      }
    edge e;
    e.from = from.stage;
    e.from_port = from.port;
    e.to = to;
    e.priority = r.priority;
    e.timeout = nanos(r.timeout.value_or(0));
    e.on_timeout = r.tick.value_or(on_timeout::fail);
    e.back = r.back;
    e.where = c_.source.locate(r.where.begin);
    auto& writers = from.port == dead_letters ? d_.stages[from.stage].s.dead_letter_channels : d_.stages[from.stage].s.outputs[from.port].channels;
    const auto index = static_cast<std::uint32_t>(g.edges.size());
    if (!t.share.empty())
      for (std::uint32_t existing : writers)
        if (g.channels[existing].share == t.share) e.channel = existing;
    if (e.channel == none) {
      e.channel = static_cast<std::uint32_t>(g.channels.size());
      writers.push_back(e.channel);
      channel ch;
      ch.from = from.stage;
      ch.from_port = from.port;
      ch.share = t.share;
      ch.capacity = r.capacity.value_or(d_.defaults.capacity.value_or(default_capacity));
      ch.capacity_from = r.capacity ? origin::given : d_.defaults.capacity ? origin::defaults_key : origin::built_in;
      ch.unbounded = r.back;
      ch.on_full = r.full.value_or(on_full::block);
      ch.send_timeout = nanos(r.send_timeout.value_or(0));
      if (!t.share.empty()) ch.partition_by = t.s.partition_by;
      g.channels.push_back(std::move(ch));
    } else {
      join_share(g.channels[e.channel], t, r);
    }
    g.channels[e.channel].edges.push_back(index);
    t.s.inputs.front().edges.push_back(index);
    g.edges.push_back(e);
    d_.edge_places.push_back(r.where);
  }

  // Readers that share a channel may say its options several times, but not differently.
  void join_share(channel& ch, const stage_draft& t, const source_ref& r) {
    const auto differs = [&](span at, const std::string& key) { fail(at, "share " + in_quotes(ch.share) + " is one channel, but its readers differ in '" + key + "'"); };
    if (r.capacity && ch.capacity_from == origin::given && *r.capacity != ch.capacity) differs(r.capacity_where, "capacity");
    if (r.capacity) ch.capacity = *r.capacity, ch.capacity_from = origin::given;
    if (r.full && ch.on_full != on_full::block && *r.full != ch.on_full) differs(r.full_where, "on_full");
    if (r.full) ch.on_full = *r.full;
    if (r.send_timeout && ch.send_timeout.count() != 0 && ch.send_timeout.count() != *r.send_timeout) differs(r.send_timeout_where, "send_timeout");
    if (r.send_timeout) ch.send_timeout = nanos(*r.send_timeout);
    if (r.back != ch.unbounded) differs(r.back_where.size() != 0 ? r.back_where : r.where, "back");
    if (t.s.partition_by != ch.partition_by) differs(t.has_key("partition_by") ? t.key_place("partition_by") : t.key_place("share"), "partition_by");
  }

  void connect_dead_letters() {
    for (std::uint32_t i = 0; i < d_.stages.size(); ++i) {
      if (targets_[i] == none) continue;
      source_ref r;
      r.where = d_.stages[i].on_error->to_where;
      d_.stages[i].s.on_error.to = targets_[i];
      add_edge({i, dead_letters}, targets_[i], r);
    }
  }

  std::uint32_t last_of_main_line() const {
    for (auto i = static_cast<std::uint32_t>(d_.stages.size()); i-- > 0;)
      if (!reads_dead_letters_alone(i)) return i;
    return none;
  }

  void end() {
    if (d_.stages.empty()) return;
    const std::uint32_t main = last_of_main_line(), last = static_cast<std::uint32_t>(d_.stages.size() - 1);
    std::vector<endpoint> unread;
    for (std::uint32_t i : main == last || main == none ? std::vector{last} : std::vector{main, last}) {
      const stage_draft& s = d_.stages[i];
      if (s.spec == nullptr) continue;
      for (std::uint32_t p = 0; p < s.s.outputs.size(); ++p)
        if (s.s.outputs[p].channels.empty()) unread.push_back({i, p});
    }
    if (unread.empty()) return;
    auto sink = make_stage(c_, d_, "io.stdout", d_.stages[last].where);
    if (!sink) return;
    targets_.push_back(none);
    d_.stages.push_back(std::move(*sink));
    if (d_.stages.back().s.inputs.empty()) return;
    source_ref r;
    r.where = d_.stages[last].where;
    for (endpoint e : unread) add_edge(e, static_cast<std::uint32_t>(d_.stages.size() - 1), r);
  }

  void report_unread() {
    if (reader_at_fault_) return;  // it may have meant the output that seems unread
    for (const stage_draft& s : d_.stages) {
      if (s.spec == nullptr || s.s.inserted) continue;
      for (const output_port& p : s.s.outputs) {
        if (!p.channels.empty()) continue;
        const bool one = s.s.outputs.size() == 1;
        fail(s.where, (one ? "the output of " + label(s) : "output '" + p.name + "' of " + label(s)) + " is read by nobody",
             "read it with from: " + s.s.id + (one ? "" : '.' + p.name) + ", or end it in io.discard");
      }
    }
  }

  void check_stdin() {
    const stage_draft* first = nullptr;
    for (const stage_draft& s : d_.stages) {
      if (!s.s.reads_stdin) continue;
      if (d_.config_is_stdin) {
        fail(s.where, "the config itself is read from stdin, so that " + (s.s.inserted ? "the first stage" : label(s)) + " cannot read it", "begin with io.read, or give the config as a file");
      } else if (first != nullptr) {
        fail(s.where, label(s) + " reads stdin, which " + (first->s.inserted ? "the first stage already reads" : label(*first) + " already reads"));
      } else {
        first = &s;
      }
    }
  }

  checking& c_;
  draft& d_;
  std::vector<std::uint32_t> targets_;  // of each stage: who reads its dead letters
  bool reader_at_fault_ = false;
  bool too_many_ = false;
};

}  // namespace

void wire(checking& c, draft& d, const std::vector<std::string>& input_files) { wiring(c, d).run(input_files); }

}  // namespace pipes::pipelines
