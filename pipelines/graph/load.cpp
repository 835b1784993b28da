// load.cpp: see load.hpp.
#include "pipelines/graph/load.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipelines/config/inline.hpp"
#include "pipelines/config/yaml.hpp"
#include "pipelines/graph/draft.hpp"

namespace pipes::pipelines {
namespace {

// The file's text, up to a little more than a config may have.
std::optional<std::string> read_file(const std::string& path, diagnostics& faults, const std::string& shown) {
  const bool standard_input = path == "-";
  const int fd = standard_input ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    faults.error(shown, std::string("cannot be read: ") + std::strerror(errno),
                 errno == ENOENT && path.find(": ") != std::string::npos ? "a pipeline on the command line follows -e" : "");
    return std::nullopt;
  }
  std::string text;
  std::string problem;
  struct stat about {};
  if (fstat(fd, &about) == 0 && S_ISDIR(about.st_mode)) problem = "is a directory, not a config";
  while (problem.empty() && text.size() <= largest_config) {
    const std::size_t before = text.size();
    text.resize(before + 65536);
    const ssize_t got = read(fd, text.data() + before, 65536);
    text.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) problem = std::string("cannot be read: ") + std::strerror(errno);
    if (got <= 0) break;
  }
  if (!standard_input) close(fd);
  if (problem.empty()) return text;
  faults.error(shown, problem);
  return std::nullopt;
}

std::optional<std::string> process_environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

void read_plugins(checking& c, const node& given, const std::string& base) {
  const auto add = [&](const node& n) {
    const auto path = read_text(c, n, "'plugins'");
    std::string problem;
    if (!path || path->empty() || c.types.add_plugin(*path, base, problem)) return;
    const std::string file = path->substr(path->rfind('/') + 1);
    c.broken_plugins.push_back(file.substr(0, file.find('.')));
    c.faults.plugin_error(c.source, n.where, "plugin " + in_quotes(*path) + " cannot be loaded: " + problem);
  };
  if (given.kind == node_kind::list) {
    for (const node& n : given.items) add(n);
  } else if (given.is_scalar()) {
    add(given);
  } else {
    c.faults.error(c.source, given.where, "'plugins' is a list of files, not " + std::string(kind_name(given)), "write plugins: [./build/geo.so]");
  }
}

// -e is for linear graphs: nothing may name another stage.
bool check_linear(const source_text& source, const node& stages, diagnostics& faults) {
  const std::size_t before = faults.errors();
  const auto refuse = [&](span at, const std::string& what) { faults.error(source, at, what + ": with -e, stages follow each other", "a graph that branches goes into a file"); };
  for (const node& item : stages.items)
    for (const member& m : item.members) {
      if (m.key == "from" && (m.value.kind != node_kind::map || m.value.find("stage") != nullptr)) refuse(m.where, "'from' names a stage");
      if (m.key == "share") refuse(m.where, "'share' needs several readers");
      if (m.key != "on_error") continue;
      const member* to = m.value.find("to");
      if (const member* then = m.value.find("then")) to = then->value.find("to");
      if (to != nullptr) refuse(to->where, "'to' names a stage");
    }
  return faults.errors() == before;
}

const node* check_top(checking& c, const node& root) {
  static const std::vector<std::string> known = {"name", "vars", "plugins", "defaults", "stages"};
  if (root.kind != node_kind::map) {
    const bool type = !root.text.empty() && root.text.front() != '.' && root.text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_.") == std::string::npos && c.types.find(root.text).outcome == lookup::found;
    c.faults.error(c.source, {root.where.begin, root.where.begin + 1}, "a config is a map with the key 'stages', not " + std::string(kind_name(root)),
                   root.kind == node_kind::list ? "write 'stages:' above the list" : "write stages: [" + (type ? root.text : "head: 10") + "]");
    return nullptr;
  }
  bool told = false;
  for (const member& m : root.members) {
    if (std::find(known.begin(), known.end(), m.key) != known.end()) continue;
    std::string hint = did_you_mean(m.key, known);
    told |= nearest(m.key, known) == "stages";
    if (m.key.find('/') == std::string::npos && c.types.find(m.key).outcome == lookup::found) hint = "a stage stands in the list below 'stages:'", told = true;
    c.faults.error(c.source, m.where, "a config has no key " + in_quotes(m.key), hint.empty() ? "its keys: " + listed(known, "and") : hint);
  }
  const member* const stages = root.find("stages");
  if (stages == nullptr) {
    if (!told) c.faults.error(c.source, {root.where.begin, root.where.begin + 1}, "the config has no 'stages'");
    return nullptr;
  }
  if (stages->value.kind == node_kind::null) {
    c.faults.error(c.source, stages->where, "'stages' is empty", "the smallest list is [head: 10]");
    return nullptr;
  }
  return &stages->value;
}

constexpr std::uint64_t least_memory = 64 * 1024;  // as for a stage's `memory`

// What gathers and has no `memory` of its own gets an even share of the run's. An edge that may spill has what its reader's `memory` says.
void share_memory(graph& g) {
  std::vector<std::uint64_t*> sharers;
  for (edge& e : g.edges) {
    channel& c = g.channels[e.channel];
    if ((!c.unbounded && !c.elastic) || c.memory != 0) continue;
    c.memory = g.stages[e.to].memory;
    if (c.memory == 0) sharers.push_back(&c.memory);
  }
  for (stage& s : g.stages) {
    if (!s.gathers || s.memory != 0) continue;
    s.memory_from = g.memory_from;
    sharers.push_back(&s.memory);
  }
  for (std::uint64_t* share : sharers) *share = std::max<std::uint64_t>(g.memory / sharers.size(), least_memory);
}

graph finish(draft d) {
  graph g = std::move(d.g);
  for (stage_draft& s : d.stages) g.stages.push_back(std::move(s.s));
  if (d.defaults.memory) g.memory = *d.defaults.memory, g.memory_from = origin::defaults_key;
  share_memory(g);
  return g;
}

}  // namespace

std::optional<graph> load_text(source_text source, const std::string& base, const load_request& request, catalog& types, diagnostics& faults) {
  const bool expression = request.expression.has_value();
  const std::size_t errors_before = faults.errors();
  const auto failed = [&] { return faults.errors() != errors_before; };
  const std::optional<node> root = expression ? read_inline(source, faults) : read_yaml(source, faults);
  if (!root) return std::nullopt;

  variable_sources from;
  from.given = request.vars;
  from.environment = request.environment ? request.environment : process_environment;
  if (!expression) from.arguments = request.arguments;
  from.arguments_unknown = request.arguments_unknown;
  from.arguments_are_files = expression;
  variables vars(source, std::move(from), faults);
  checking c{source, faults, vars, types};

  draft d;
  d.g.source = source.name();
  d.config_is_stdin = !expression && request.file == "-";
  const node* const stages = check_top(c, *root);
  if (const member* m = root->find("vars")) vars.define(m->value);
  if (const member* m = root->find("name"))
    if (const auto name = read_text(c, m->value, "'name'")) d.g.name = *name;
  if (const member* m = root->find("plugins")) read_plugins(c, m->value, base);
  if (const member* m = root->find("defaults")) read_defaults(c, m->value, d.defaults);
  if (stages == nullptr || (expression && !check_linear(source, *stages, faults))) return std::nullopt;
  read_stages(c, *stages, d);
  wire(c, d, expression ? request.arguments : std::vector<std::string>());
  if (!d.stages.empty()) {
    check_graph(c, d);
    spread_fields(c, d);
  }
  if (!failed()) warn_of_idle_keys(c, d);
  if (!failed()) vars.report_unused();
  if (failed()) return std::nullopt;
  return finish(std::move(d));
}

std::optional<graph> load_config(const load_request& request, catalog& types, diagnostics& faults) {
  if (request.expression) return load_text(source_text("-e", *request.expression), ".", request, types, faults);
  const std::string shown = request.file == "-" ? "stdin" : request.file;
  std::optional<std::string> text = read_file(request.file, faults, shown);
  if (!text) return std::nullopt;
  if (text->compare(0, 3, "\xEF\xBB\xBF") == 0) text->erase(0, 3);
  const std::size_t slash = request.file.rfind('/');
  const std::string base = slash == std::string::npos ? "." : slash == 0 ? "/" : request.file.substr(0, slash);
  return load_text(source_text(shown, std::move(*text)), base, request, types, faults);
}

}  // namespace pipes::pipelines
