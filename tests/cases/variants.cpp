// variants.cpp: what a pipeline writes does not depend on how its records are batched nor on how many work on them.
#include <algorithm>
#include <fstream>
#include <set>
#include <span>
#include <sstream>
#include <stdexcept>

#include "case.hpp"
#include "sanitized.hpp"

namespace cases {
namespace {

struct exception {
  const char *type, *why;
};

// Run with the example's input as it is instead of many times over.
constexpr exception once[] = {
    {"exec.each", "a process for each record"},
    {"flow.throttle", "waits between records"},
};

constexpr std::size_t most = std::size_t{sanitized ? 4 : 16} << 10;  // bytes of input, more or less

struct variant {
  const char *defaults, *keys, *options;  // of the config, of each of its stages, of the command
};

constexpr variant plain = {"capacity: 4", "", ""};
constexpr variant one_by_one[] = {
    {"batch: {records: 1}", "", ""},
    {"batch: {bytes: 64}", "", ""},
    {"workers: 1", "", "--threads 1 "},
    {"memory: 1MiB, batch: {bytes: 1KiB}", "", ""},
    {"workers: 7, capacity: 0", "", "--threads 7 "},
    {"capacity: 4", "grain: 1", ""},
    {"workers: 7", "grain: 3", "--threads 7 "},
    {"capacity: 4", "fuse: false", ""},
    {"batch: {records: 3}", "fuse: false", "--threads 2 "},
};
// A sanitizer looks for what goes wrong on the way, not for which of them changes an answer: it has them all at once, over fewer records.
constexpr variant at_once[] = {{"memory: 1MiB, batch: {records: 3}, workers: 7", "grain: 1", "--threads 7 "}};
constexpr std::span<const variant> others = sanitized ? std::span<const variant>(at_once) : std::span<const variant>(one_by_one);

std::string type_of(const std::string& stage) { return stage.substr(0, stage.find(':')); }

// The stages of `A | B: options`.
std::vector<std::string> stages_of(const std::string& pipeline) {
  constexpr std::string_view bar = " | ";
  std::vector<std::string> stages;
  for (std::size_t at = 0;;) {
    const std::size_t end = pipeline.find(bar, at);
    stages.push_back(pipeline.substr(at, end - at));
    if (end == std::string::npos) return stages;
    at = end + bar.size();
  }
}

std::string config(const std::vector<std::string>& stages, const variant& v) {
  std::string text = std::string("defaults: {") + v.defaults + "}\nstages:\n";
  for (const std::string& stage : stages) {
    text += "  - " + stage + (stage.find(':') == std::string::npos ? ": \n" : "\n");
    if (*v.keys && type_of(stage).compare(0, 3, "io.") != 0) text += std::string("    ") + v.keys + '\n';
  }
  return text;
}

std::set<std::string> set_of_lines(const std::string& text) {
  std::istringstream in(text);
  std::set<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.insert(line);
  return lines;
}

step_result run_as(const variant& v, const std::vector<std::string>& stages, const std::string& in, const std::filesystem::path& folder, const settings& with) {
  std::ofstream(folder / "variant.yaml", std::ios::binary) << config(stages, v);
  step s;
  s.command = std::string("pipe run ") + v.options + "variant.yaml";
  s.in = in;
  return run(s, folder, with);
}

// The reference is the same config without defaults and keys; the step's own expectations are for others to compare.
std::string run_variants(step s, const std::filesystem::path& folder, const settings& with) {
  const std::string verb = "pipe run -e ";
  if (s.command.rfind(verb, 0) != 0) return {};  // a config of its own
  const std::string in = std::exchange(s.in, "");
  s.command.replace(0, verb.size(), "printf %s ");  // the shell knows what is quoted
  const std::vector<std::string> stages = stages_of(run(s, folder, with).out);

  const bool as_it_is = std::any_of(std::begin(once), std::end(once), [&](const exception& e) {
    return std::any_of(stages.begin(), stages.end(), [&](const std::string& stage) { return type_of(stage) == e.type; });
  });
  const bool header = type_of(stages[0]) == "csv.parse" && stages[0].find("header: false") == std::string::npos;
  const std::string body = in.substr(header ? in.find('\n') + 1 : 0);
  std::string many = in;
  while (!as_it_is && !body.empty() && many.size() < most) many += body;

  const step_result wanted = run_as(plain, stages, many, folder, with);
  if (wanted.exit_code != 0) return "  exit " + std::to_string(wanted.exit_code) + " of\n" + config(stages, plain) + wanted.err;
  std::string report;
  for (const variant& v : others) {
    const step_result r = run_as(v, stages, many, folder, with);
    if (r.exit_code == 0 && r.out == wanted.out && set_of_lines(r.err) == set_of_lines(wanted.err)) continue;
    report += std::string("  pipe run ") + v.options + "with other output than without defaults and keys:\n" + config(stages, v);
    if (r.exit_code != 0) report += "  exit " + std::to_string(r.exit_code) + '\n';
    for (const std::string& line : diff(as_expected(wanted), as_expected(r)))
      if (line[0] != ' ') report += "  " + line + '\n';
  }
  return report;
}

}  // namespace

std::string run_variants(const test_case& c, const std::filesystem::path& folder, const settings& with) {
  std::string report;
  for (const step& s : c.steps) report += run_variants(s, folder, with);
  return report;
}

}  // namespace cases
