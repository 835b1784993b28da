// table_catalog.cpp: see table_catalog.hpp.
#include "table_catalog.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace pipes::pipelines {
namespace {

option_spec opt(std::string name, option_type type, container box = container::scalar) {
  option_spec o;
  o.name = std::move(name);
  o.type = type;
  o.container = box;
  return o;
}
option_spec main_opt(std::string name, option_type type, container box = container::scalar) {
  option_spec o = opt(std::move(name), type, box);
  o.main = o.required = true;
  return o;
}

stage_spec spec(std::string type, shape s, std::vector<option_spec> options) {
  stage_spec out;
  out.type = std::move(type);
  out.shape = s;
  out.options = std::move(options);
  out.outputs = {"out"};
  out.may_have_workers = s != shape::run;
  out.gathers = out.any_order = s == shape::fold;
  out.record_errors = s != shape::run;
  return out;
}

// The groups that a pattern names.
std::vector<std::string> groups(const std::string& pattern) {
  std::vector<std::string> out;
  for (std::size_t at = pattern.find("(?P<"); at != std::string::npos; at = pattern.find("(?P<", at + 1)) out.push_back(pattern.substr(at + 4, pattern.find('>', at) - at - 4));
  return out;
}

}  // namespace

table_catalog::table_catalog() {
  const auto add = [&](stage_spec s) { return &(specs_[s.type] = std::move(s)); };
  using t = option_type;
  stage_spec* s = add(spec("io.stdin", shape::run, {}));
  s->has_input = false;
  s->reads_stdin = s->record_errors = true;
  s = add(spec("io.stdout", shape::run, {}));
  s->outputs.clear();
  s->writes_stdout = true;
  s = add(spec("io.discard", shape::run, {}));
  s->outputs.clear();
  s->any_order = true;
  option_spec framing = opt("framing", t::choice);
  framing.choices = {"lines", "nul", "none"};
  framing.fallback = "lines";
  s = add(spec("io.read", shape::run, {main_opt("path", t::text, container::list), framing}));
  s->has_input = false;
  s->record_errors = true;
  s = add(spec("io.write", shape::run, {main_opt("path", t::text)}));
  s->outputs.clear();
  option_spec pattern = main_opt("pattern", t::pattern);
  pattern.fixed_by = true;
  add(spec("text.grep", shape::map, {pattern, opt("invert", t::boolean), opt("fixed", t::boolean)}));
  add(spec("text.regex", shape::map, {main_opt("pattern", t::pattern)}));
  add(spec("text.format", shape::map, {main_opt("template", t::format)}));
  option_spec infer = opt("infer", t::boolean);
  infer.fallback = "true";
  add(spec("json.parse", shape::map, {opt("strict", t::boolean)}));
  add(spec("json.format", shape::map, {}));
  add(spec("csv.parse", shape::map, {infer}));
  add(spec("fields.keep", shape::map, {main_opt("fields", t::field, container::list), opt("invert", t::boolean)}));
  add(spec("flow.where", shape::map, {main_opt("condition", t::expression)}));
  option_spec set = opt("set", t::expression, container::map);
  set.rest = true;
  add(spec("flow.map", shape::map, {set}));
  option_spec ports = opt("ports", t::expression, container::map);
  ports.rest = true;
  s = add(spec("flow.route", shape::map, {ports}));
  s->dynamic_outputs = true;
  option_spec count = main_opt("count", t::integer);
  count.least = 0;
  add(spec("flow.head", shape::run, {count}));
  add(spec("flow.tail", shape::run, {count}));
  add(spec("flow.merge", shape::run, {}))->any_order = true;
  option_spec rate = main_opt("interval", t::duration);
  rate.least = 1'000'000;
  add(spec("flow.throttle", shape::run, {rate, opt("burst", t::size)}));
  option_spec by = main_opt("by", t::field, container::list);
  option_spec limit = opt("limit", t::integer);
  limit.least = 1;
  limit.most = 1000;
  limit.fallback = "10";
  add(spec("agg.top", shape::fold, {by, limit}));
  add(spec("agg.count", shape::fold, {}));
  option_spec sort_by = by;
  sort_by.sort_key = true;
  add(spec("agg.sort", shape::fold, {sort_by}));
  add(spec("agg.group", shape::fold, {opt("by", t::field, container::list), opt("count", t::text), opt("sum", t::expression, container::map)}));
  s = add(spec("exec.filter", shape::run, {main_opt("command", t::text, container::list)}));
  s->may_have_workers = true;
  s = add(spec("exec.each", shape::map, {main_opt("command", t::text, container::list)}));
  s->grain_records = 1;
}

bool table_catalog::add_plugin(const std::string& path, const std::string& base, std::string& problem) {
  plugins.push_back(base + ":" + path);
  if (path.find("bad") == std::string::npos) return true;
  problem = "not an ELF file";
  return false;
}

lookup_result table_catalog::find(std::string_view type) {
  static const std::map<std::string, std::string, std::less<>> shorts = {
      {"where", "flow.where"}, {"map", "flow.map"}, {"route", "flow.route"}, {"head", "flow.head"}, {"tail", "flow.tail"},
      {"top", "agg.top"}, {"count", "agg.count"}, {"group", "agg.group"}, {"sort", "agg.sort"}};
  const auto full = shorts.find(type);
  const auto it = specs_.find(full == shorts.end() ? std::string(type) : full->second);
  if (it != specs_.end()) return {lookup::found, &it->second, {}};
  const std::string plugin(type.substr(0, type.find('.')));
  if (plugin == "broken") return {lookup::broken_plugin, nullptr, "/lib/broken.so: not an ELF file"};
  for (const auto& [name, s] : specs_)
    if (type.find('.') != std::string_view::npos && name.compare(0, plugin.size() + 1, plugin + ".") == 0) return {lookup::no_stage, nullptr, {}};
  return {lookup::no_plugin, nullptr, {}};
}

std::vector<std::string> table_catalog::known_types() {
  std::vector<std::string> out = {"where", "map", "route", "head", "tail", "top", "count", "group", "sort"};
  for (const auto& [name, s] : specs_) out.push_back(name);
  return out;
}

stage_facts table_catalog::declare(const stage& s) {
  stage_facts f;
  f.fields.reads_bytes = s.type.compare(0, 4, "agg.") != 0 && s.type.compare(0, 5, "flow.") != 0 && s.type != "fields.keep";
  f.fields.own_bytes = s.type == "text.format" || s.type == "json.format";
  if (s.type.compare(0, 4, "agg.") == 0 && s.type != "agg.sort") f.fields.new_records = true;
  const option* main = s.options.empty() ? nullptr : &s.options.front();
  if (s.type == "flow.route" && main != nullptr) {
    f.outputs = main->val.keys;
    f.outputs.push_back("else");
  }
  if (s.type == "flow.map" && main != nullptr) f.fields.makes = main->val.keys;
  if (s.type == "json.parse") f.fields.makes_any = f.fields.json_in_place = true;
  if (s.type == "csv.parse") f.fields.makes_any = true;
  if (s.type == "text.regex") f.fields.attaches = groups(main->val.text);
  if (s.type == "fields.keep") {
    f.fields.keeps_only = true;
    for (const value& v : main->val.items) f.fields.keeps.push_back(v.text);
  }
  if (s.type == "agg.count") f.fields.makes = {"count"};
  if (s.type == "agg.top") {
    for (const value& v : find_option(s, "by")->val.items) f.fields.makes.push_back(v.text);
    f.fields.makes.push_back("count");
  }
  if (s.type == "exec.filter") f.fields_known = false;
  if (s.type == "io.read") {
    for (const value& v : main->val.items) f.reads_stdin |= v.text == "-";
    for (std::size_t i = 0; i < main->val.items.size(); ++i) {
      if (main->val.items[i].text != "missing") continue;
      option_fault fault;
      fault.option = "path";
      fault.path = {std::to_string(i)};
      fault.message = "cannot read 'missing': No such file or directory";
      f.faults.push_back(std::move(fault));
    }
  }
  if (s.type == "io.write" && main->val.text == "/none/out") {
    option_fault fault;
    fault.option = "path";
    fault.message = "/none/out cannot be written: No such file or directory";
    f.faults.push_back(std::move(fault));
  }
  return f;
}

text_facts table_catalog::check_pattern(std::string_view text, bool fixed) {
  text_facts f;
  if (fixed) return f;
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') ++i;
    else if (text[i] == '(') open.push_back(i);
    else if (text[i] == ')' && open.empty()) return f.faults.push_back({i, 1, "this ')' has no '('", "a literal one is '\\)'", false}), f;
    else if (text[i] == ')') open.pop_back();
  }
  if (!open.empty()) f.faults.push_back({open.back(), 1, "this '(' is never closed", "a literal one is '\\('", false});
  return f;
}

// Words that are no keywords are fields; `=` alone is a fault; texts are skipped.
text_facts table_catalog::check_expression(std::string_view text, bool) {
  text_facts f;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      const std::size_t begin = i;
      for (++i; i < text.size() && text[i] != c; ++i)
        if (c == '"' && text[i] == '\\') ++i;
      if (i >= text.size()) f.faults.push_back({begin, 1, "this text is never closed", {}, false});
    } else if (std::isalpha(static_cast<unsigned char>(c)) || c == '_') {
      std::size_t end = i;
      while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_' || text[end] == '.')) ++end;
      const std::string word(text.substr(i, end - i));
      for (const char* keyword : {"true", "false", "null", "and", "or", "not", "in", "if"})
        if (word == keyword) goto next;
      if (end < text.size() && text[end] == '(') goto next;
      f.fields.push_back(word);
    next:
      i = end - 1;
    } else if (c == '=' && i + 1 < text.size() && text[i + 1] != '=' && (i == 0 || std::string_view("=!<>").find(text[i - 1]) == std::string_view::npos)) {
      f.faults.push_back({i, 1, "'=' sets nothing here", "to compare, write '=='", false});
    }
  }
  if (!text.empty() && (text.back() == '>' || text.back() == '=')) f.faults.push_back({text.size(), 1, "an operand is missing", {}, false});
  return f;
}

text_facts table_catalog::check_field(std::string_view text) {
  text_facts f;
  f.fields.emplace_back(text);
  return f;
}

text_facts table_catalog::check_format(std::string_view text) {
  text_facts f;
  for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
    const std::size_t end = text.find('}', at);
    if (end == std::string_view::npos) return f.faults.push_back({at, text.size() - at, "this '{' is never closed", {}, false}), f;
    f.fields.emplace_back(text.substr(at + 1, end - at - 1));
  }
  return f;
}

namespace {
loaded load(const std::string& name, const std::string& text, load_request request) {
  if (!request.environment) request.environment = [](const std::string&) { return std::optional<std::string>(); };
  table_catalog types;
  loaded out;
  out.g = load_text(source_text(name, text), "/base", request, types, out.faults);
  return out;
}
}  // namespace

loaded load_yaml(const std::string& text, load_request request) { return load("config.yaml", text, std::move(request)); }

loaded load_inline(const std::string& text, load_request request) {
  request.expression = text;
  return load("-e", text, std::move(request));
}

const stage& stage_of(const graph& g, std::string_view id) {
  for (const stage& s : g.stages)
    if (s.id == id) return s;
  throw std::runtime_error("no stage " + std::string(id));
}

std::string option_of(const graph& g, std::string_view id, std::string_view name) {
  const option* o = find_option(stage_of(g, id), name);
  if (o == nullptr) return {};
  if (o->container == container::scalar) return o->val.text;
  std::string out;
  for (std::size_t i = 0; i < o->val.items.size(); ++i) {
    if (i > 0) out += '|';
    if (!o->val.keys.empty()) out += o->val.keys[i] + '=';
    out += o->val.items[i].text;
  }
  return out;
}

}  // namespace pipes::pipelines
