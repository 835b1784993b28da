// print.cpp: see print.hpp.
#include "pipelines/graph/print.hpp"

#include <algorithm>

#include "pipelines/graph/fusion.hpp"
#include "pipelines/graph/units.hpp"

namespace pipes::pipelines {
namespace {

std::string title(const stage& s) {
  std::string out = s.id;
  if (s.type != s.id) out += " (" + s.type + ")";
  return out;
}

std::string port_of(const graph& g, const edge& e) {
  if (e.from_port == dead_letters) return "dead letters";
  const stage& s = g.stages[e.from];
  return s.outputs.size() > 1 || s.outputs[e.from_port].name != "out" ? s.outputs[e.from_port].name : std::string();
}

void join(std::string& to, const std::string& part) {
  if (part.empty()) return;
  if (!to.empty()) to += ", ";
  to += part;
}

// What a user set up on an edge: "capacity 0, timeout 5s tick".
std::string edge_notes(const graph& g, const edge& e) {
  const channel& c = g.channels[e.channel];
  std::string out;
  if (e.back) join(out, "back");
  if (!c.share.empty()) join(out, "share " + c.share);
  if (!e.back && c.capacity_from == origin::given) join(out, c.capacity == 0 ? "unbuffered" : "capacity " + std::to_string(c.capacity));
  if (c.on_full != on_full::block) join(out, std::string(name_of(c.on_full)) + " when full");
  if (e.timeout.count() != 0) join(out, "timeout " + print_duration(e.timeout.count()) + ": " + std::string(name_of(e.on_timeout)));
  if (c.send_timeout.count() != 0) join(out, "send timeout " + print_duration(c.send_timeout.count()));
  if (e.priority != 0) join(out, "priority " + std::to_string(e.priority));
  return out;
}

std::string escaped(std::string_view text, char quote) {
  std::string out;
  for (char c : text) {
    if (c == quote || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string for_mermaid(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '"') out += "#quot;";
    else if (c == '#') out += "#35;";
    else if (c == '<') out += "#lt;";
    else if (c == '>') out += "#gt;";
    else out += c;
  }
  return out;
}

std::string edge_label(const graph& g, const edge& e) {
  std::string out = port_of(g, e);
  join(out, edge_notes(g, e));
  return out;
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// Columns, padded to their widest entry; no blanks at line ends.
std::string table(const std::vector<std::vector<std::string>>& rows, const std::string& indent) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (widths.size() <= i) widths.push_back(0);
      widths[i] = std::max(widths[i], width_of(row[i]));
    }
  std::string out;
  for (const auto& row : rows) {
    std::string line = indent;
    for (std::size_t i = 0; i < row.size(); ++i) line += row[i] + std::string(widths[i] - width_of(row[i]) + 2, ' ');
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
  return out;
}

std::string by(origin from) { return from == origin::built_in ? std::string() : " (" + std::string(name_of(from)) + ")"; }

std::string workers_text(const stage& s, std::uint32_t processors) {
  if (s.workers == 0) return std::to_string(workers_of(s, processors)) + " workers (auto)";
  return std::to_string(s.workers) + (s.workers == 1 ? " worker" : " workers") + by(s.workers_from);
}

std::string order_text(const stage& s) {
  if (s.shape == shape::fold) return "states merged";
  if (s.inputs.empty()) return {};
  return (s.ordered ? "ordered" : "in order of completion") + by(s.ordered_from);
}

std::string policy_text(const graph& g, const stage& s) {
  const error_policy& p = s.on_error;
  if (p.from == origin::built_in) return {};
  std::string out = "on error ";
  if (p.times != 0) out += "retry " + std::to_string(p.times) + " times from " + print_duration(p.backoff.count()) + ", then ";
  out += p.then == error_action::dead_letter ? "to " + (p.to == none ? std::string("?") : g.stages[p.to].id) : std::string(name_of(p.then));
  return out + by(p.from);
}

std::string demand_text(const stage& s) {
  if (s.outputs.empty()) return {};
  if (s.all_fields_demanded) return "all fields";
  if (s.demanded.empty()) return "no fields";
  constexpr std::size_t most = 12;
  std::string out = s.demanded.size() == 1 ? "field " : "fields ";
  for (std::size_t i = 0; i < std::min(most, s.demanded.size()); ++i) out += (i == 0 ? "" : ", ") + s.demanded[i];
  return out + (s.demanded.size() > most ? ", …" : "");
}

std::string value_text(const value& v) {
  const auto list = [&](auto each) {
    std::string out;
    for (std::size_t i = 0; i < v.items.size(); ++i) out += (i == 0 ? "" : ", ") + each(i);
    return out;
  };
  switch (v.kind) {
    case value::kind_t::null: return "null";
    case value::kind_t::list: return "[" + list([&](std::size_t i) { return value_text(v.items[i]); }) + "]";
    case value::kind_t::map: return "{" + list([&](std::size_t i) { return v.keys[i] + ": " + value_text(v.items[i]); }) + "}";
    case value::kind_t::boolean: return v.boolean ? "true" : "false";
    case value::kind_t::integer: return std::to_string(v.integer);
    case value::kind_t::real: return std::to_string(v.real);
    case value::kind_t::text: return (v.descending ? "-" : "") + v.text;
  }
  return {};
}

std::string option_text(const option& o) {
  std::string shown = o.val.kind == value::kind_t::integer && o.type == option_type::duration ? print_duration(o.val.integer)
                      : o.val.kind == value::kind_t::integer && o.type == option_type::size    ? print_size(static_cast<std::uint64_t>(o.val.integer))
                                                                                               : value_text(o.val);
  constexpr std::size_t most = 60;
  std::replace(shown.begin(), shown.end(), '\n', ' ');
  if (shown.size() > most) {
    std::size_t cut = most;
    while (cut > 0 && (static_cast<unsigned char>(shown[cut]) & 0xC0) == 0x80) --cut;
    shown = shown.substr(0, cut) + "…";
  }
  return o.name + ": " + shown + by(o.from == origin::given ? origin::built_in : o.from);
}

std::uint64_t saturating_multiply(std::uint64_t a, std::uint64_t b) { return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b; }
std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) { return a > UINT64_MAX - b ? UINT64_MAX : a + b; }

// Batches that can exist at once, in bytes: what waits in channels, what workers hold, what waits for its turn.
std::uint64_t most_in_flight(const graph& g, std::uint32_t processors, const std::vector<bool>& fused) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < g.channels.size(); ++i) {
    const channel& c = g.channels[i];
    if (c.unbounded || c.edges.empty() || fused[c.edges.front()]) continue;
    sum = saturating_add(sum, saturating_multiply(c.capacity, g.stages[c.from].batch.bytes));
  }
  for (const stage& s : g.stages) {
    std::uint64_t batches = workers_of(s, processors);
    std::uint64_t window = 0;
    if ((s.shape == shape::fold || (s.shape == shape::map && s.ordered)) && batches > 1)
      for (const input_port& p : s.inputs)
        for (std::uint32_t e : p.edges) window = std::max<std::uint64_t>(window, batches + g.channels[g.edges[e].channel].capacity);
    sum = saturating_add(sum, saturating_multiply(batches + window, s.batch.bytes));
  }
  return sum;
}

// What stages and back edges hold before they spill; or, `in_memory`, what stages hold that cannot.
std::uint64_t most_gathered(const graph& g, bool in_memory) {
  std::uint64_t sum = 0;
  for (const stage& s : g.stages)
    if ((s.gathers || s.in_memory) && s.in_memory == in_memory) sum = saturating_add(sum, s.memory);
  for (const channel& c : g.channels)
    if ((c.unbounded || c.elastic) && !in_memory) sum = saturating_add(sum, c.memory);
  return sum;
}

std::string about(std::uint64_t bytes) {
  constexpr std::uint64_t mib = 1 << 20;
  return bytes == UINT64_MAX ? "no bound" : bytes >= 10 * mib ? std::to_string((bytes + mib - 1) / mib) + "MiB" : print_size((bytes + 1023) / 1024 * 1024);
}

}  // namespace

std::string print_text(const graph& g) {
  std::string out;
  if (!g.name.empty()) out += g.name + '\n';
  std::vector<std::vector<std::string>> rows;
  for (std::uint32_t s = 0; s < g.stages.size(); ++s) {
    const stage& st = g.stages[s];
    std::string left = title(st);
    if (st.workers > 1) left += " x" + std::to_string(st.workers);
    bool any = false;
    for (const edge& e : g.edges) {
      if (e.from != s) continue;
      const std::string port = port_of(g, e), notes = edge_notes(g, e);
      rows.push_back({any ? "" : left, (port.empty() ? "-> " : port + " -> ") + g.stages[e.to].id + (notes.empty() ? "" : "  [" + notes + "]")});
      any = true;
    }
    if (!any) rows.push_back({left});
  }
  return out + table(rows, g.name.empty() ? "" : "  ");
}

std::string print_dot(const graph& g) {
  std::string out = "digraph \"" + escaped(g.name.empty() ? "pipeline" : g.name, '"') + "\" {\n  rankdir=LR;\n  node [shape=box];\n";
  for (std::size_t s = 0; s < g.stages.size(); ++s) {
    const stage& st = g.stages[s];
    std::string text = escaped(st.id, '"');
    if (st.type != st.id) text += "\\n" + escaped(st.type, '"');
    if (st.workers > 1) text += "\\nx" + std::to_string(st.workers);
    out += "  s" + std::to_string(s) + " [label=\"" + text + "\"" + (st.inserted ? ", style=dashed" : "") + "];\n";
  }
  for (const edge& e : g.edges) {
    const std::string text = edge_label(g, e);
    const bool dead = e.from_port == dead_letters;
    out += "  s" + std::to_string(e.from) + " -> s" + std::to_string(e.to);
    std::string attributes;
    if (!text.empty()) join(attributes, "label=\"" + escaped(text, '"') + "\"");
    if (dead) join(attributes, "style=dotted");
    if (e.back) join(attributes, "constraint=false, style=dashed");
    out += (attributes.empty() ? "" : " [" + attributes + "]") + ";\n";
  }
  return out + "}\n";
}

std::string print_mermaid(const graph& g) {
  std::string out = "flowchart LR\n";
  for (std::size_t s = 0; s < g.stages.size(); ++s) {
    const stage& st = g.stages[s];
    std::string text = for_mermaid(st.id);
    if (st.type != st.id) text += "<br>" + for_mermaid(st.type);
    if (st.workers > 1) text += "<br>x" + std::to_string(st.workers);
    out += "  s" + std::to_string(s) + "[\"" + text + "\"]\n";
  }
  for (const edge& e : g.edges) {
    const std::string text = for_mermaid(edge_label(g, e));
    out += "  s" + std::to_string(e.from) + (e.from_port == dead_letters || e.back ? " -.->" : " -->") + (text.empty() ? "" : "|\"" + text + "\"|") + " s" + std::to_string(e.to) + '\n';
  }
  return out;
}

std::string explain(const graph& g, std::uint32_t processors, const std::vector<std::uint32_t>& fused) {
  std::vector<bool> gone(g.edges.size(), false);
  for (std::uint32_t e : fused) gone[e] = true;
  std::string out = (g.name.empty() ? g.source : g.name) + ": " + std::to_string(g.stages.size()) + " stages, " + std::to_string(g.edges.size()) + " edges, " +
                    std::to_string(processors) + (processors == 1 ? " processor\n" : " processors\n");
  for (std::uint32_t s = 0; s < g.stages.size(); ++s) {
    const stage& st = g.stages[s];
    out += '\n' + title(st) + (st.inserted ? ", put in by pipe" : ", line " + std::to_string(st.where.line)) + '\n';
    std::string pool = std::string(name_of(st.shape)) + ", " + workers_text(st, processors);
    join(pool, order_text(st));
    if (!st.partition_by.empty()) join(pool, "partitioned by " + st.partition_by);
    if (st.every.count() != 0) join(pool, "emits every " + print_duration(st.every.count()));
    if (st.in_cycle) join(pool, "in a cycle");
    out += "  " + pool + '\n';
    std::string limits = "batches up to " + print_size(st.batch.bytes) + (st.batch.records != 0 ? " or " + std::to_string(st.batch.records) + (st.batch.records == 1 ? " record" : " records") : "") + by(st.batch.from);
    if (!st.inputs.empty() && st.grain.records != 0) join(limits, "worked on by " + std::to_string(st.grain.records) + (st.grain.records == 1 ? " record" : " records") + by(st.grain.from));
    if (st.memory != 0) join(limits, "memory " + print_size(st.memory) + by(st.memory_from) + (st.in_memory ? ", fails beyond" : st.gathers ? ", goes to disk beyond" : ""));
    join(limits, policy_text(g, st));
    out += "  " + limits + '\n';
    for (const option& o : st.options) out += "  " + option_text(o) + '\n';
    for (std::uint32_t i = 0; i < g.edges.size(); ++i) {
      const edge& e = g.edges[i];
      if (e.from != s) continue;
      const channel& c = g.channels[e.channel];
      const std::string port = port_of(g, e);
      out += "  " + (port.empty() ? "" : port + " ") + "-> " + g.stages[e.to].id + ": ";
      if (gone[i]) {
        out += "fused";
      } else if (c.unbounded) {
        out += "unbounded, spills beyond " + print_size(c.memory);
      } else {
        out += c.capacity == 0 ? "unbuffered" : std::to_string(c.capacity) + (c.capacity == 1 ? " batch" : " batches");
        out += by(c.capacity_from);
        if (c.elastic) out += ", more while another branch of the same source is behind, which spills beyond " + print_size(c.memory);
      }
      std::string notes;
      if (e.back) join(notes, "back");
      if (!c.share.empty()) join(notes, "share " + c.share);
      if (c.on_full != on_full::block) join(notes, std::string(name_of(c.on_full)) + " when full");
      if (e.timeout.count() != 0) join(notes, "timeout " + print_duration(e.timeout.count()) + ": " + std::string(name_of(e.on_timeout)));
      if (c.send_timeout.count() != 0) join(notes, "send timeout " + print_duration(c.send_timeout.count()));
      if (e.priority != 0) join(notes, "priority " + std::to_string(e.priority));
      if (g.stages[e.from].outputs.size() > e.from_port && g.stages[e.from].outputs[e.from_port].channels.size() > 1) join(notes, "broadcast");
      out += (notes.empty() ? "" : ", " + notes) + '\n';
    }
    const std::string demand = demand_text(st);
    if (!demand.empty()) out += "  asked for: " + demand + '\n';
  }
  out += "\nholds at most " + about(most_in_flight(g, processors, gone)) + " of batches";
  std::uint64_t buffers = 0;
  for (const stage& s : g.stages) buffers = saturating_add(buffers, s.holds);
  if (buffers) out += ", and " + about(buffers) + " of buffers";
  if (const std::uint64_t gathered = most_gathered(g, false)) out += ", and " + about(gathered) + " of what is gathered; what is more goes to disk";
  if (const std::uint64_t held = most_gathered(g, true)) out += ", and " + about(held) + " of what must fit into memory";
  out += '\n';
  return out;
}

}  // namespace pipes::pipelines
