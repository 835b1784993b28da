#include "pipelines/run/catalog.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <utility>

#include "core/expr/expr.hpp"
#include "pipelines/run/instance.hpp"

namespace pipes::pipelines {
namespace {

option_type type_of(std::uint32_t t) {
  switch (t) {
    case PIPE_OPT_BOOL: return option_type::boolean;
    case PIPE_OPT_INT: return option_type::integer;
    case PIPE_OPT_FLOAT: return option_type::real;
    case PIPE_OPT_DURATION: return option_type::duration;
    case PIPE_OPT_SIZE: return option_type::size;
    case PIPE_OPT_CHOICE: return option_type::choice;
    case PIPE_OPT_PATTERN: return option_type::pattern;
    case PIPE_OPT_FIELD: return option_type::field;
    case PIPE_OPT_EXPRESSION: return option_type::expression;
    case PIPE_OPT_FORMAT: return option_type::format;
    default: return option_type::text;
  }
}

std::unique_ptr<stage_spec> describe(std::string_view plugin, const pipe_stage& d) {
  auto spec = std::make_unique<stage_spec>();
  spec->type = std::string(plugin) + "." + std::string(view(d.name));
  spec->shape = d.shape == PIPE_SHAPE_MAP ? shape::map : d.shape == PIPE_SHAPE_FOLD ? shape::fold : shape::run;
  for (std::uint64_t i = 0; i < d.option_count; ++i) {
    const pipe_option& from = d.options[i];
    option_spec& o = spec->options.emplace_back();
    o.name = view(from.name);
    o.type = type_of(from.type);
    o.container = from.container == PIPE_OPT_LIST ? container::list : from.container == PIPE_OPT_MAP ? container::map : container::scalar;
    o.required = from.flags & PIPE_OPTION_REQUIRED;
    o.main = from.flags & PIPE_OPTION_MAIN;
    o.rest = from.flags & PIPE_OPTION_REST;
    o.key_fields = from.flags & PIPE_OPTION_KEY_FIELDS;
    o.sort_key = from.flags & PIPE_OPTION_SORT_KEY;
    o.escapes = from.flags & PIPE_OPTION_ESCAPES;
    o.condition = from.flags & PIPE_OPTION_CONDITION;
    o.fixed_by = from.flags & PIPE_OPTION_FIXED_BY;
    o.replacement = from.flags & PIPE_OPTION_REPLACEMENT;
    o.fallback = view(from.default_text);
    if (from.flags & PIPE_OPTION_MIN) o.least = from.min;
    if (from.flags & PIPE_OPTION_MAX) o.most = from.max;
    for (std::uint32_t c = 0; c < from.choice_count; ++c) o.choices.emplace_back(view(from.choices[c]));
    o.doc = view(from.doc);
  }
  spec->has_input = !(d.flags & PIPE_STAGE_NO_INPUT);
  if (!(d.flags & PIPE_STAGE_NO_OUTPUT)) {
    spec->outputs.emplace_back("out");
    for (std::uint64_t i = 0; i < d.output_count; ++i) spec->outputs.emplace_back(view(d.outputs[i].name));
  }
  spec->dynamic_outputs = d.flags & PIPE_STAGE_DYNAMIC_PORTS;
  spec->may_have_workers = d.shape == PIPE_SHAPE_RUN ? (d.flags & PIPE_STAGE_MANY_WORKERS) != 0 : !(d.flags & PIPE_STAGE_STATEFUL);
  spec->grain_records = d.flags & PIPE_STAGE_EACH_RECORD ? 1 : 0;
  spec->any_order = d.shape == PIPE_SHAPE_FOLD || (d.flags & PIPE_STAGE_ANY_ORDER);
  spec->gathers = d.shape == PIPE_SHAPE_FOLD || (d.flags & PIPE_STAGE_GATHERS);
  spec->in_memory = d.flags & PIPE_STAGE_IN_MEMORY;
  spec->reads_stdin = d.flags & PIPE_STAGE_READS_STDIN;
  spec->writes_stdout = d.flags & PIPE_STAGE_WRITES_STDOUT;
  spec->record_errors = d.shape != PIPE_SHAPE_RUN || (d.flags & PIPE_STAGE_RECORD_ERRORS);
  spec->doc = view(d.summary);
  spec->descriptor = &d;
  return spec;
}

text_facts facts_of(const std::vector<remark>& remarks) {
  text_facts facts;
  for (const remark& r : remarks) {
    fault f;
    f.offset = r.offset;
    f.length = r.length;
    f.message = r.message;
    f.is_warning = r.warning;
    facts.faults.push_back(std::move(f));
  }
  return facts;
}

// Collects what check() says. The base is what the ABI sees.
struct collecting_checker : pipe_checker {
  stage_facts facts;
  const std::uint64_t memory;

  explicit collecting_checker(std::uint64_t given) : memory(given) {
    static const pipe_checker_functions table = {
        sizeof(pipe_checker_functions), 0,
        [](pipe_checker* c, pipe_text o, std::uint64_t at, pipe_text m) { self(c).remark_on(o, at, m, false); },
        [](pipe_checker* c, pipe_text o, std::uint64_t at, pipe_text m) { self(c).remark_on(o, at, m, true); },
        [](pipe_checker* c, const pipe_field* f) { self(c).facts.fields.reads.push_back(f->name); },
        [](pipe_checker* c) { self(c).facts.fields.reads_all = true; },
        [](pipe_checker* c, const pipe_field* f) { self(c).facts.fields.makes.push_back(f->name); },
        [](pipe_checker* c) { self(c).facts.fields.makes_any = true; },
        [](pipe_checker* c, const pipe_field* f) { self(c).facts.fields.drops.push_back(f->name); },
        [](pipe_checker* c, const pipe_field* f) {
          self(c).facts.fields.keeps_only = true;
          self(c).facts.fields.keeps.push_back(f->name);
        },
        [](pipe_checker* c) { self(c).facts.fields.new_records = true; },
        [](pipe_checker* c, pipe_text name) { self(c).facts.outputs.emplace_back(view(name)); },
        [](pipe_checker* c, pipe_text o, std::uint64_t item, std::uint64_t at, pipe_text m) { self(c).remark_on(o, at, m, false, item); },
        [](pipe_checker* c, pipe_text o, std::uint64_t item, std::uint64_t at, pipe_text m) { self(c).remark_on(o, at, m, true, item); },
        [](pipe_checker* c) { self(c).facts.reads_stdin = true; },
        [](pipe_checker* c) { self(c).facts.writes_stdout = true; },
        [](pipe_checker* c, const pipe_field* f) { self(c).facts.fields.attaches.push_back(f->name); },
        [](pipe_checker* c) { self(c).facts.fields.reads_bytes = false; },
        [](pipe_checker* c) { self(c).facts.fields.own_bytes = true; },
        [](pipe_checker* c) { self(c).facts.fields.json_in_place = true; },
        [](pipe_checker* c) { self(c).facts.record_errors = false; },
        [](pipe_checker* c) { self(c).facts.in_turn = true; },
        [](pipe_checker* c) { self(c).facts.gathers = false; },
        [](pipe_checker* c, std::uint64_t bytes) { self(c).facts.holds = bytes; },
        [](pipe_checker* c, pipe_text path) {
          if (struct stat s; ::stat(std::string(view(path)).c_str(), &s) == 0 && S_ISREG(s.st_mode)) self(c).facts.reads_files.push_back({s.st_dev, s.st_ino});
        },
        [](pipe_checker* c, const pipe_field* from, const pipe_field* to) {
          self(c).facts.fields.renames.emplace_back(from->name, to->name);
          self(c).facts.fields.drops.push_back(from->name);
          self(c).facts.fields.makes.push_back(to->name);
        },
        [](pipe_checker* c) { self(c).facts.fields.makes_any = self(c).facts.fields.changes = true; },
        [](pipe_checker* c) {
          self(c).facts.asks_memory = true;
          return self(c).memory;
        },
        [](pipe_checker* c, pipe_text o, std::uint64_t item, pipe_text m) {
          self(c).remark_on(o, UINT64_MAX, m, false, item);
          self(c).facts.faults.back().at_key = true;
        },
    };
    functions = &table;
  }
  static collecting_checker& self(pipe_checker* c) { return *static_cast<collecting_checker*>(c); }
  void remark_on(pipe_text option, std::uint64_t offset, pipe_text message, bool warning, std::optional<std::uint64_t> item = std::nullopt) {
    option_fault f;
    f.option = view(option);
    f.offset = offset == UINT64_MAX ? 0 : static_cast<std::size_t>(offset);
    f.length = offset == UINT64_MAX ? 0 : 1;
    f.message = view(message);
    f.is_warning = warning;
    if (item) f.path.push_back(std::to_string(*item));
    facts.faults.push_back(std::move(f));
  }
};

}  // namespace

const std::vector<std::pair<std::string_view, std::string_view>>& short_names() {
  static const std::vector<std::pair<std::string_view, std::string_view>> names = {
      {"where", "flow.where"}, {"map", "flow.map"},   {"route", "flow.route"}, {"head", "flow.head"},         {"tail", "flow.tail"},
      {"top", "agg.top"},      {"count", "agg.count"}, {"group", "agg.group"},  {"sort", "agg.sort"}, {"distinct", "agg.distinct"},
  };
  return names;
}

std::string_view long_name(std::string_view short_name) {
  for (const auto& [brief, full] : short_names())
    if (brief == short_name) return full;
  return {};
}

bool plugin_catalog::add_plugin(const std::string& path, const std::string& base, std::string& problem) {
  const std::filesystem::path given(path);
  const loaded_plugin& opened = loader_.by_path((given.is_absolute() || base.empty() ? given : std::filesystem::path(base) / given).string());
  problem = opened.problem;
  return opened.plugin != nullptr;
}

lookup_result plugin_catalog::find(std::string_view type) {
  const std::string_view full = long_name(type);
  if (!full.empty()) type = full;
  lookup_result result;
  if (auto known = specs_.find(type); known != specs_.end()) {
    result.outcome = lookup::found;
    result.spec = known->second.get();
    return result;
  }
  const std::size_t dot = type.find('.');
  if (dot == std::string_view::npos) return result;
  const loaded_plugin& opened = loader_.by_name(type.substr(0, dot));
  if (!opened.problem.empty()) {
    result.outcome = lookup::broken_plugin;
    result.problem = opened.problem;
    return result;
  }
  if (!opened.plugin) return result;
  for (std::uint64_t i = 0; i < opened.plugin->stage_count; ++i) {
    const pipe_stage& d = *opened.plugin->stages[i];
    if (view(d.name) != type.substr(dot + 1)) continue;
    auto& spec = specs_[std::string(type)];
    spec = describe(view(opened.plugin->name), d);
    result.outcome = lookup::found;
    result.spec = spec.get();
    return result;
  }
  result.outcome = lookup::no_stage;
  return result;
}

std::vector<const pipe_plugin*> plugin_catalog::plugins(std::vector<std::string>& problems) {
  std::vector<const pipe_plugin*> all;
  for (const std::string& name : loader_.names()) {
    const loaded_plugin& opened = loader_.by_name(name);
    if (opened.plugin) {
      all.push_back(opened.plugin);
    } else if (!opened.problem.empty()) {
      problems.push_back(opened.problem);
    }
  }
  return all;
}

std::vector<std::string> plugin_catalog::known_types() {
  std::vector<std::string> types;
  std::vector<std::string> ignored;
  for (const pipe_plugin* p : plugins(ignored))
    for (std::uint64_t i = 0; i < p->stage_count; ++i) types.push_back(std::string(view(p->name)) + "." + std::string(view(p->stages[i]->name)));
  for (const auto& [brief, full] : short_names()) types.emplace_back(brief);
  return types;
}

stage_facts plugin_catalog::declare(const stage& s) {
  const auto& d = *static_cast<const pipe_stage*>(s.descriptor);
  collecting_checker checker(s.memory);
  pipe_context context;
  context.stage_id = s.id;
  std::string problem;
  auto made = instance::make(s, d, context, problem);
  auto complain = [&](const std::string& message) {
    option_fault f;
    f.message = message;
    checker.facts.faults.push_back(std::move(f));
  };
  if (!made) {
    complain(problem);
    checker.facts.fields_known = false;
    return std::move(checker.facts);
  }
  // What options of these types name is read without the stage having to say so.
  for (const option& o : s.options) {
    auto note = [&](const value& v) {
      text_facts facts;
      if (o.type == option_type::expression) facts = check_expression(v.text, false);
      if (o.type == option_type::format) facts = check_format(v.text);
      for (std::string& f : facts.fields) checker.facts.fields.reads.push_back(std::move(f));
    };
    if (o.val.kind == value::kind_t::list || o.val.kind == value::kind_t::map) {
      for (const value& v : o.val.items) note(v);
    } else {
      note(o.val);
    }
  }
  if (d.check && d.check(made->self(), &checker) != PIPE_OK) complain(context.take_cause());
  return std::move(checker.facts);
}

text_facts plugin_catalog::check_pattern(std::string_view text, bool fixed) {
  std::vector<remark> remarks;
  const auto compiled = pipe_pattern::compile(text, fixed, remarks);
  text_facts facts = facts_of(remarks);
  if (compiled)
    for (std::uint32_t g = 1; g <= compiled->groups(); ++g)
      if (!compiled->group_name(g).empty()) facts.fields.emplace_back(compiled->group_name(g));
  return facts;
}

text_facts plugin_catalog::check_expression(std::string_view text, bool condition) {
  std::vector<remark> remarks;
  const auto compiled = pipe_expr::compile(text, remarks, condition);
  text_facts facts = facts_of(remarks);
  if (compiled)
    for (const pipe_field* f : compiled->reads()) facts.fields.push_back(f->name);
  return facts;
}

text_facts plugin_catalog::check_field(std::string_view text) {
  text_facts facts;
  if (text.empty()) {
    fault f;
    f.message = "a field's name is empty";
    facts.faults.push_back(std::move(f));
  } else {
    facts.fields.emplace_back(text);
  }
  return facts;
}

text_facts plugin_catalog::check_format(std::string_view text) {
  std::vector<remark> remarks;
  const auto compiled = pipe_format::compile(text, remarks);
  text_facts facts = facts_of(remarks);
  if (compiled)
    for (const pipe_field* f : compiled->reads()) facts.fields.push_back(f->name);
  return facts;
}

}  // namespace pipes::pipelines
