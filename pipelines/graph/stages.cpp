// stages.cpp: the items of `stages:` -> stages with types, ids, options and settings.
#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "pipelines/graph/draft.hpp"

namespace pipes::pipelines {
namespace {

constexpr std::array<std::string_view, 15> stage_keys = {"id", "use", "with", "from", "workers", "ordered", "on_error", "batch",
                                                         "every", "share", "partition_by", "memory", "grain", "stack", "fuse"};
constexpr std::size_t most_stages = 5000;
constexpr std::int64_t most_workers = 100'000;
constexpr std::int64_t most_capacity = 1'000'000;

std::vector<std::string> stage_key_names() { return {stage_keys.begin(), stage_keys.end()}; }

bool is_id(std::string_view id) {
  if (id.empty() || (id[0] >= '0' && id[0] <= '9') || id[0] == '-') return false;
  return std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

const node no_options;

// Only what can be a type is looked up: a type's first part becomes a file's name.
lookup_result find(catalog& types, std::string_view name) {
  constexpr std::size_t longest = 200;
  const bool sound = !name.empty() && name.size() <= longest && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
  return sound && name.front() != '.' && name.front() != '-' ? types.find(name) : lookup_result();
}

// Which keys of a stage's item are its own, which one is the type.
struct item_parts {
  const member* type = nullptr;      // of the short form
  const node* use = nullptr;
  const node* options = &no_options;
  std::vector<const member*> others; // neither stage keys nor the type
};

item_parts split_item(checking& c, const node& item) {
  item_parts p;
  for (const member& m : item.members) {
    if (m.key == "use") p.use = &m.value;
    else if (m.key == "with") p.options = &m.value;
    else if (!is_stage_key(m.key)) p.others.push_back(&m);
  }
  if (p.use != nullptr || p.others.empty()) return p;
  // Of several candidates the type is the one that is known, else the one with a dot, else the first.
  const auto pick = [&](auto test) {
    const auto it = std::find_if(p.others.begin(), p.others.end(), test);
    if (it == p.others.end()) return false;
    p.type = *it;
    p.others.erase(it);
    return true;
  };
  if (!pick([&](const member* m) { return find(c.types, m->key).outcome == lookup::found; }) &&
      !pick([&](const member* m) { return m->key.find('.') != std::string::npos; })) {
    static constexpr std::string_view called_otherwise[] = {"type", "kind", "stage", "step", "uses"};  // elsewhere; 'srot: count' is a mistyped type
    if (pick([&](const member* m) {
          return std::find(std::begin(called_otherwise), std::end(called_otherwise), m->key) != std::end(called_otherwise) && m->value.is_scalar() &&
                 find(c.types, m->value.text).outcome == lookup::found;
        })) {
      c.faults.error(c.source, p.type->where, "the type of a stage stands behind 'use', not " + in_quotes(p.type->key), "write use: " + p.type->value.text);
      p.use = &std::exchange(p.type, nullptr)->value;
    } else {
      pick([](const member*) { return true; });
    }
  }
  return p;
}

// Looks the type up; reports a type that is none.
const stage_spec* find_type(checking& c, const std::string& written, span where) {
  const lookup_result found = find(c.types, written);
  if (found.outcome == lookup::found) return found.spec;
  const std::size_t dot = written.find('.');
  if (found.outcome == lookup::broken_plugin) {
    c.faults.plugin_error(c.source, where, "the plugin of " + in_quotes(written) + " cannot be loaded: " + found.problem);
    return nullptr;
  }
  if (dot != std::string::npos && std::find(c.broken_plugins.begin(), c.broken_plugins.end(), written.substr(0, dot)) != c.broken_plugins.end())
    return nullptr;  // told where the file is named
  const std::string hint = suggest_type(written, c.types.known_types());
  if (dot == std::string::npos || written.find_first_of(" (=:{[") != std::string::npos) {
    const std::size_t colon = written.find(':'), end = std::min(written.find_first_not_of("abcdefghijklmnopqrstuvwxyz_."), written.size());
    const std::string type = written.substr(0, end);
    if (colon != std::string::npos && find(c.types, written.substr(0, colon)).outcome == lookup::found)
      c.faults.error(c.source, where, "a blank has to follow the ':' behind a type", "did you mean '" + written.substr(0, colon) + ": " + written.substr(colon + 1) + "'?");
    else if (end < written.size() && find(c.types, type).outcome == lookup::found)
      c.faults.error(c.source, where, "unknown stage " + in_quotes(written), "write " + type + ": " + (written[end] == ' ' && written.find_first_of("=->(", end) == std::string::npos ? written.substr(end + 1) : "…"));
    else
      c.faults.error(c.source, where, "unknown stage " + in_quotes(written), hint.empty() ? "'pipe stages' lists them" : hint);
  } else if (found.outcome == lookup::no_stage) {
    c.faults.error(c.source, where, "plugin '" + written.substr(0, dot) + "' has no stage " + in_quotes(written.substr(dot + 1)), hint.empty() ? "'pipe stages' lists them" : hint);
  } else {
    c.faults.error(c.source, where, "unknown stage " + in_quotes(written) + ": there is no plugin '" + written.substr(0, dot) + "'",
                   hint.empty() ? "'pipe stages' lists them; 'plugins:' and --plugin-path add more" : hint);
  }
  return nullptr;
}

std::optional<batch_limit> read_batch(checking& c, const node& n) {
  if (n.kind != node_kind::map) {
    c.faults.error(c.source, n.where, "'batch' takes a map, not " + std::string(kind_name(n)), "write batch: {records: 1} or batch: {bytes: 64KiB}");
    return std::nullopt;
  }
  batch_limit limit;
  bool good = true;
  for (const member& m : n.members) {
    if (m.key == "records") {
      const auto v = read_integer(c, m.value, "'records'", 1, std::numeric_limits<std::int32_t>::max());
      v ? limit.records = static_cast<std::uint64_t>(*v) : good = false;
    } else if (m.key == "bytes") {
      const auto v = read_size(c, m.value, "'bytes'", 1, 1LL << 30);
      v ? limit.bytes = static_cast<std::uint64_t>(*v) : good = false;
    } else {
      c.faults.error(c.source, m.where, "'batch' has no key " + in_quotes(m.key), "its keys: records and bytes");
      good = false;
    }
  }
  return good ? std::optional(limit) : std::nullopt;
}

// fail | skip | {to: STAGE}; the part of on_error that says what happens in the end.
bool read_action(checking& c, const node& n, const std::string& what, policy_draft& out) {
  if (n.kind == node_kind::map) {
    for (const member& m : n.members) {
      if (m.key != "to") {
        c.faults.error(c.source, m.where, what + " has no key " + in_quotes(m.key), did_you_mean(m.key, {"to"}));
        return false;
      }
      if (!require_scalar(c, m.value, "'to'", "a stage's name") || c.vars.refuse(m.value, "the name of a stage")) return false;
      out.then = error_action::dead_letter;
      out.to = m.value.text;
      out.to_where = m.value.where;
    }
    if (!n.members.empty()) return true;
  }
  const std::string shape = what + " takes fail, skip or {to: STAGE}";
  if (!n.is_scalar()) {
    c.faults.error(c.source, n.where, shape + ", not " + (n.members.empty() && n.kind == node_kind::map ? std::string("an empty map") : std::string(kind_name(n))));
    return false;
  }
  const expanded e = c.vars.expand(n, variables::use::text);
  if (e.failed) return false;
  if (e.unknown) return true;
  const std::string& word = e.text;
  if (word == "fail") out.then = error_action::fail;
  else if (word == "skip") out.then = error_action::skip;
  else {
    const std::string near = nearest(word, {"fail", "skip"});
    c.faults.error(c.source, n.where, shape + ", not " + in_quotes(word), did_you_mean(word, {"fail", "skip"}),
                   word == "retry"                                                    ? "{retry: {times: 5, backoff: 100ms}} tries again"
                   : word.find_first_of(" :") == std::string::npos && near.empty() ? "if " + in_quotes(word) + " is a stage for dead letters, write {to: " + word + "}"
                                                                                      : std::string());
    return false;
  }
  return true;
}

std::optional<policy_draft> read_policy(checking& c, const node& n) {
  policy_draft out;
  const member* const retry = n.find("retry");
  if (retry == nullptr) {
    if (const member* then = n.find("then")) {
      c.faults.error(c.source, then->where, "'then' says what follows 'retry', which is missing", "write on_error: {retry: {times: 5, backoff: 100ms}, then: …}");
      return std::nullopt;
    }
    if (n.kind == node_kind::map && n.find("to") == nullptr && !n.members.empty()) {
      const std::string& key = n.members.front().key;
      std::string hint = did_you_mean(key, {"to", "retry", "then"});
      if (key == "skip" || key == "fail") hint = "write on_error: " + key;
      c.faults.error(c.source, n.members.front().where, "'on_error' has no key " + in_quotes(key), hint.empty() ? "its keys: to, retry and then" : hint);
      return std::nullopt;
    }
    return read_action(c, n, "'on_error'", out) ? std::optional(out) : std::nullopt;
  }
  bool good = true;
  out.times = 3;
  out.backoff = 100'000'000;
  for (const member& m : n.members) {
    if (m.key == "retry") continue;
    if (m.key == "then") {
      good &= read_action(c, m.value, "'then'", out);
    } else {
      c.faults.error(c.source, m.where, "'on_error' with 'retry' has no key " + in_quotes(m.key), m.key == "to" ? "write then: {to: …}" : did_you_mean(m.key, {"then"}));
      good = false;
    }
  }
  if (retry->value.kind != node_kind::map) {
    c.faults.error(c.source, retry->value.where, "'retry' takes a map, not " + std::string(kind_name(retry->value)), "write retry: {times: 5, backoff: 100ms}");
    return std::nullopt;
  }
  for (const member& m : retry->value.members) {
    if (m.key == "times") {
      const auto v = read_integer(c, m.value, "'times'", 1, 1'000'000);
      v ? out.times = static_cast<std::uint32_t>(*v) : good = false;
    } else if (m.key == "backoff") {
      const auto v = read_duration(c, m.value, "'backoff'");
      v ? out.backoff = *v : good = false;
    } else {
      c.faults.error(c.source, m.where, "'retry' has no key " + in_quotes(m.key), did_you_mean(m.key, {"times", "backoff"}));
      good = false;
    }
  }
  return good ? std::optional(out) : std::nullopt;
}

// 0: auto.
std::optional<std::uint32_t> read_workers(checking& c, const node& n) {
  const auto v = read_integer_or(c, n, "'workers'", "auto", most_workers);
  return v ? std::optional(static_cast<std::uint32_t>(*v)) : std::nullopt;
}

// What `on_error` asks of a stage, if it can be done there. A default that cannot is left out.
void fit_policy(checking& c, stage_draft& d) {
  const policy_draft& p = *d.on_error;
  if (p.then == error_action::fail && p.times == 0) return;
  std::string why, hint;
  if (!d.spec->record_errors || !d.facts.record_errors) {
    why = "'on_error' of " + label(d) + " can only be fail: what fails there is the stage, not one record that could be given up";
    hint = d.s.type == "exec.filter" ? "exec.each runs a program for each record" : "it belongs to stages that work record by record";
  } else if (!d.spec->has_input && p.then == error_action::dead_letter) {
    why = label(d) + " has no input, so that there is no record to send as a dead letter";
    hint = "on_error: fail or skip";
  } else if (!d.spec->has_input && p.times > 0) {
    why = label(d) + " has no input: what it could not read is not there to be tried again";
    hint = "on_error: fail or skip";
  } else {
    return;
  }
  if (d.s.on_error.from == origin::given) c.faults.error(c.source, d.keys.find("on_error")->second->value.where, why, hint);
  d.on_error.reset();
  d.s.on_error.from = origin::built_in;
}

void read_settings(checking& c, const defaults_draft& defaults, stage_draft& d) {
  stage& s = d.s;
  const auto value_of = [&](std::string_view key) -> const node* {
    const auto it = d.keys.find(key);
    return it == d.keys.end() ? nullptr : &it->second->value;
  };
  const bool known = d.spec != nullptr;
  const bool pool = !known || d.spec->may_have_workers;

  s.workers = known && (s.shape == shape::run || !pool) ? 1 : 0;
  if (defaults.workers && pool && s.shape != shape::run) s.workers = *defaults.workers, s.workers_from = origin::defaults_key;
  if (const node* n = value_of("workers")) {
    if (const auto v = read_workers(c, *n)) {
      s.workers_from = origin::given;
      if (!pool && *v != 1) {
        if (*v != 0) c.faults.error(c.source, n->where, label(d) + " runs with one worker", s.shape == shape::run ? "its doc says which stages take more: pipe stages " + s.type : "it carries state from batch to batch");
      } else {
        s.workers = *v;
      }
    }
  }
  if (const node* n = value_of("partition_by"); n != nullptr && n->kind == node_kind::list)
    c.faults.error(c.source, n->where, "'partition_by' takes one field, not a list",
                   n->items.size() == 1 ? "write partition_by: " + n->items[0].text : "make one of them before: map: {key: " + yaml_quoted(c.source.slice(n->where)) + "}, then partition_by: key");
  else if (n != nullptr)
    if (const auto v = read_text(c, *n, "'partition_by'")) {
      s.partition_by = *v;
      const text_facts facts = c.types.check_field(s.partition_by);
      for (const fault& f : facts.faults) c.faults.error(c.source, n->where, f.message, f.hint);
      d.options.fields.push_back({s.partition_by, n->where, true});
    }
  s.ordered = s.shape == shape::map ? s.partition_by.empty() : s.workers == 1;
  if (const node* n = value_of("ordered"))
    if (const auto v = read_boolean(c, *n, "'ordered'")) s.ordered = *v, s.ordered_from = origin::given;
  if (defaults.batch) s.batch = *defaults.batch, s.batch.from = origin::defaults_key;
  if (const node* n = value_of("batch"))
    if (const auto v = read_batch(c, *n)) s.batch = *v, s.batch.from = origin::given;
  if (known) s.grain.records = d.spec->grain_records;
  if (known) s.gathers = d.spec->gathers, s.in_memory = d.spec->in_memory, s.any_order = d.spec->any_order;
  if (s.grain.records != 0) s.grain.from = origin::stage_default;
  if (const node* n = value_of("grain"))
    if (const auto v = read_integer_or(c, *n, "'grain'", "batch", std::numeric_limits<std::int32_t>::max())) s.grain = {static_cast<std::uint64_t>(*v), origin::given};
  if (const node* n = value_of("every"))
    if (const auto v = read_duration(c, *n, "'every'")) {
      if (known && s.shape != shape::fold)
        c.faults.error(c.source, d.key_place("every"), label(d) + " is no fold: 'every' makes a fold emit and begin anew", "folds are agg.count, agg.top, agg.group and their kin");
      s.every = nanos(*v);
    }
  if (const node* n = value_of("share"))
    if (const auto v = read_text(c, *n, "'share'", "a name"); v && !c.vars.refuse(*n, "the name of a share")) d.share = *v;
  if (const node* n = value_of("memory"))
    if (const auto v = read_size(c, *n, "'memory'", 1 << 16, std::numeric_limits<std::int64_t>::max())) s.memory = static_cast<std::uint64_t>(*v), s.memory_from = origin::given;
  if (const node* n = value_of("stack"))
    if (const auto v = read_size(c, *n, "'stack'", 16 << 10, 256 << 20)) s.stack = static_cast<std::uint64_t>(*v);
  if (const node* n = value_of("fuse"))
    if (const auto v = read_boolean(c, *n, "'fuse'")) s.fuse = *v;
  d.on_error = defaults.on_error;
  s.on_error.from = defaults.on_error ? origin::defaults_key : origin::built_in;
  if (const node* n = value_of("on_error"))
    if (const auto v = read_policy(c, *n)) d.on_error = *v, s.on_error.from = origin::given;
}

// Once the stage has said what its options mean.
void settle_policy(checking& c, stage_draft& d) {
  if (d.on_error && d.spec != nullptr) fit_policy(c, d);
  if (!d.on_error) return;
  d.s.on_error.times = d.on_error->times;
  d.s.on_error.backoff = nanos(d.on_error->backoff);
  d.s.on_error.then = d.on_error->then;
}

// What someone meant by a key that a stage has not: one of an edge, one that is called otherwise elsewhere, one that is mistyped.
std::string hint_of_key(const std::string& key) {
  static constexpr std::string_view of_edges[] = {"capacity", "on_full", "timeout", "on_timeout", "send_timeout", "priority", "back"};
  static constexpr std::pair<std::string_view, std::string_view> called_otherwise[] = {{"name", "id"}, {"input", "from"}, {"inputs", "from"}, {"source", "from"}, {"type", "use"}, {"options", "with"}, {"threads", "workers"}};
  if (std::find(std::begin(of_edges), std::end(of_edges), key) != std::end(of_edges)) return "it is a key of an edge: from: {" + key + ": …}";
  for (const auto& [other, own] : called_otherwise)
    if (key == other) return "it is called '" + std::string(own) + "' here";
  const std::string near = did_you_mean(key, stage_key_names());
  return near.empty() ? "its keys: " + listed(stage_key_names(), "and") : near;
}

// Keys that are neither the type nor a stage's own: an option in the wrong column, or a name that is none.
// True if one was an option.
bool report_others(checking& c, const item_parts& p, const stage_draft& d) {
  bool moved = false;
  for (const member* m : p.others) {
    bool is_option = false, rest = false;
    if (d.spec != nullptr)
      for (const option_spec& o : d.spec->options) is_option |= o.name == m->key && !o.rest, rest |= o.rest;
    if (is_option || (rest && nearest(m->key, stage_key_names()).empty() && find(c.types, m->key).outcome != lookup::found)) {
      c.faults.error(c.source, m->where, in_quotes(m->key) + " is an option of " + d.s.written + ", not a key of the stage",
                     p.use != nullptr ? "move it below 'with:'" : "move it to the right, below '" + d.s.written + ":'");
      moved = true;
    } else if (p.use == nullptr && find(c.types, m->key).outcome == lookup::found) {
      c.faults.error(c.source, m->where, "a second type in one stage: " + in_quotes(m->key) + " beside " + in_quotes(d.s.written), "begin a new item with '- '");
    } else {
      c.faults.error(c.source, m->where, "a stage has no key " + in_quotes(m->key), hint_of_key(m->key));
    }
  }
  return moved;
}

void take_facts(checking& c, stage_draft& d) {
  if (d.spec == nullptr || d.options.failed || d.options.unknown) return;
  d.facts = c.types.declare(d.s);
  d.facts_known = true;
  d.s.reads_stdin |= d.facts.reads_stdin;
  d.s.writes_stdout |= d.facts.writes_stdout;
  d.s.gathers &= d.facts.gathers;
  d.s.holds = d.facts.holds;
  d.s.reads_files = d.facts.reads_files;
  d.s.fields = d.facts.fields;
  d.s.fields_known = d.facts.fields_known;
  d.s.in_turn = d.facts.in_turn;
  for (const option_fault& f : d.facts.faults) {
    span at = d.where;
    for (const auto& [name, place] : d.options.places) {
      if (name != f.option) continue;
      const placed_value* p = &place;
      for (const std::string& step : f.path) {
        std::size_t i = p->items.size();
        const auto key = std::find(p->keys.begin(), p->keys.end(), step);
        if (key != p->keys.end()) i = static_cast<std::size_t>(key - p->keys.begin());
        else if (!step.empty() && step.size() < 9 && step.find_first_not_of("0123456789") == std::string::npos) i = std::stoul(step);
        if (i >= p->items.size()) break;
        p = &p->items[i];
      }
      at = f.at_key ? p->key_where : p->where;
      if (!p->map.segments.empty() && f.length != 0)
        at = p->map.locate(static_cast<std::uint32_t>(f.offset), static_cast<std::uint32_t>(f.length));
    }
    if (f.is_warning) c.faults.warning(c.source, at, f.message, f.hint);
    else c.faults.error(c.source, at, f.message, f.hint), d.facts_known = false;
  }
}

void set_type(checking& c, stage_draft& d, const node& options, const item_parts* parts = nullptr) {
  d.spec = find_type(c, d.s.written, d.where);
  const bool moved = parts != nullptr && report_others(c, *parts, d);
  d.s.type = d.spec != nullptr ? d.spec->type : d.s.written;
  if (d.spec == nullptr) return;
  d.s.shape = d.spec->shape;
  d.s.descriptor = d.spec->descriptor;
  d.s.reads_stdin = d.spec->reads_stdin;
  d.s.writes_stdout = d.spec->writes_stdout;
  d.options = read_stage_options(c, *d.spec, d.s.written, options, d.where, moved);
  d.s.options = d.options.options;
}

void set_outputs(stage_draft& d) {
  if (d.has_input()) d.s.inputs.push_back({"in", {}});
  if (d.spec == nullptr) d.s.outputs.push_back({"out", {}});
  else if (d.spec->dynamic_outputs)
    for (const std::string& port : d.facts.outputs) d.s.outputs.push_back({port, {}});
  else
    for (const std::string& port : d.spec->outputs) d.s.outputs.push_back({port, {}});
}

}  // namespace

bool is_stage_key(std::string_view key) { return std::find(stage_keys.begin(), stage_keys.end(), key) != stage_keys.end(); }

std::string label(const stage& s) {
  return s.id == s.written && s.written == s.type ? "stage '" + s.id + "'" : "stage '" + s.id + "' (" + s.type + ")";
}

void read_defaults(checking& c, const node& given, defaults_draft& out) {
  if (given.kind != node_kind::map) {
    c.faults.error(c.source, given.where, "'defaults' is a map, not " + std::string(kind_name(given)), "write defaults: {capacity: 16}");
    return;
  }
  for (const member& m : given.members) {
    if (m.key == "capacity") {
      if (const auto v = read_integer(c, m.value, "'capacity'", 0, most_capacity)) out.capacity = static_cast<std::uint32_t>(*v);
    } else if (m.key == "batch") {
      out.batch = read_batch(c, m.value);
    } else if (m.key == "on_error") {
      out.on_error = read_policy(c, m.value);
    } else if (m.key == "workers") {
      out.workers = read_workers(c, m.value);
    } else if (m.key == "memory") {
      if (const auto v = read_size(c, m.value, "'memory'", 1 << 20, std::numeric_limits<std::int64_t>::max())) out.memory = static_cast<std::uint64_t>(*v);
    } else {
      const std::vector<std::string> known = {"capacity", "batch", "on_error", "workers", "memory"};
      const std::string hint = did_you_mean(m.key, known);
      c.faults.error(c.source, m.where, "'defaults' has no key " + in_quotes(m.key), hint.empty() ? "its keys: " + listed(known, "and") : hint);
    }
  }
}

std::optional<stage_draft> read_stage(checking& c, const defaults_draft& defaults, const node& item) {
  stage_draft d;
  if (item.faulty) return std::nullopt;
  if (item.is_scalar()) {
    if (c.vars.refuse(item, "the type of a stage")) return std::nullopt;
    d.s.written = item.text;
    d.where = item.where;
    set_type(c, d, no_options);
  } else if (item.kind == node_kind::map && !item.members.empty()) {
    item_parts p = split_item(c, item);
    for (const member& m : item.members)
      if (is_stage_key(m.key)) d.keys[m.key] = &m;
    if (p.use != nullptr) {
      if (!require_scalar(c, *p.use, "'use'", "a type") || c.vars.refuse(*p.use, "the type of a stage")) return std::nullopt;
      d.s.written = p.use->text;
      d.where = p.use->where;
    } else if (p.type != nullptr) {
      d.s.written = p.type->key;
      d.where = p.type->where;
      if (const member* with = item.find("with"); with != nullptr)
        c.faults.error(c.source, with->where, "'with' belongs to 'use'; here the options stand behind " + in_quotes(d.s.written + ":"));
      p.options = &p.type->value;
    } else {
      c.faults.error(c.source, item.members.front().where, "this stage has no type", "write it as {TYPE: options} or with 'use: TYPE'");
      return std::nullopt;
    }
    set_type(c, d, *p.options, &p);
  } else {
    c.faults.error(c.source, item.where, item.kind == node_kind::list ? "a stage is TYPE or {TYPE: options}, not a list" : "a stage is missing behind this '-'",
                   item.kind == node_kind::list ? std::string() : "write - TYPE: options");
    return std::nullopt;
  }
  d.s.where = c.source.locate(d.where.begin);
  d.s.id = d.s.written;
  if (const auto it = d.keys.find("id"); it != d.keys.end()) {
    const node& n = it->second->value;
    if (require_scalar(c, n, "'id'", "a name") && !c.vars.refuse(n, "an id")) {
      if (!is_id(n.text)) c.faults.error(c.source, n.where, "an id is letters, digits, '_' and '-', and begins with a letter or '_', not " + in_quotes(n.text));
      else d.s.id = n.text, d.has_id = true;
    }
  }
  read_settings(c, defaults, d);
  take_facts(c, d);
  settle_policy(c, d);
  set_outputs(d);
  return d;
}

void read_stages(checking& c, const node& list, draft& d) {
  if (list.kind != node_kind::list) {
    c.faults.error(c.source, list.where, "'stages' is a list, not " + std::string(kind_name(list)), "begin each stage with '- '");
    return;
  }
  if (list.items.empty()) c.faults.error(c.source, list.where, "no stages", "the smallest list is [head: 10]");
  if (list.items.size() > most_stages) {
    c.faults.error(c.source, list.items[most_stages].where, "more than " + std::to_string(most_stages) + " stages");
    return;
  }
  for (const node& item : list.items) {
    if (c.faults.full()) return;
    if (auto s = read_stage(c, d.defaults, item)) d.stages.push_back(std::move(*s));
  }
  // Given ids first: a stage without one makes way.
  std::map<std::string, const stage_draft*> given;
  for (const stage_draft& s : d.stages) {
    if (!s.has_id) continue;
    const auto [twin, fresh] = given.emplace(s.s.id, &s);
    if (!fresh)
      c.faults.error(c.source, s.keys.find("id")->second->value.where, "id " + in_quotes(s.s.id) + " is taken by the stage in line " + std::to_string(twin->second->s.where.line));
  }
  std::map<std::string, std::uint32_t> counts;
  for (stage_draft& s : d.stages) {
    if (s.has_key("id")) continue;
    const std::uint32_t n = ++counts[s.s.written];
    s.s.id = n == 1 && given.count(s.s.written) == 0 ? s.s.written : s.s.written + '#' + std::to_string(n + given.count(s.s.written));
  }
}

std::optional<stage_draft> make_stage(checking& c, const draft& d, const std::string& type, span where, std::vector<std::string> paths) {
  stage_draft s;
  s.s.written = type;
  s.s.inserted = true;
  s.where = where;
  node options;
  if (!paths.empty()) {
    options.kind = node_kind::list;
    options.where = where;
    for (std::string& path : paths) {
      node n;
      n.kind = node_kind::scalar;
      n.style = style::single_quoted;
      n.where = where;
      for (std::size_t i = 0; i < path.size(); ++i) {
        if (path.compare(i, 2, "${") == 0) n.text += '$';
        n.text += path[i];
      }
      n.map.append_fixed(0, where);
      options.items.push_back(std::move(n));
    }
  }
  set_type(c, s, options);
  if (s.spec == nullptr) return std::nullopt;
  s.s.id = type;
  for (int n = 2; std::any_of(d.stages.begin(), d.stages.end(), [&](const stage_draft& o) { return o.s.id == s.s.id; }); ++n) s.s.id = type + '#' + std::to_string(n);
  read_settings(c, d.defaults, s);
  take_facts(c, s);
  settle_policy(c, s);
  set_outputs(s);
  return s;
}

}  // namespace pipes::pipelines
