// arguments.cpp: reads a command line with CLI11, which is included here alone.
#include "cmd/arguments.hpp"

#include <CLI/CLI.hpp>

#include "pipelines/diagnostic.hpp"
#include "pipelines/graph/units.hpp"

namespace pipes::cmd {
arguments::arguments(const verb& of, const std::vector<std::string>& words) : verb_(&of) {
  CLI::App app;
  app.set_help_flag();
  app.add_flag("-h,--help", help_);
  std::map<std::string, bool> switches;
  for (const flag& f : of.flags) {
    const std::string name(f.name);
    if (f.kind == value_kind::none)
      app.add_flag(dashed(f), switches[name]);
    else
      app.add_option(dashed(f), given_[name])->allow_extra_args(false);
  }
  app.prefix_command(of.rest_is_foreign);
  app.allow_extras();
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ParseError& e) {
    const std::string_view message = e.what();   // "--seed: 1 required TEXT missing" is for those who know CLI11
    for (const flag& f : of.flags)
      if (f.kind != value_kind::none && message.substr(0, message.find(':')) == dashed(f)) refuse(dashed(f) + " needs a value: " + dashed(f) + " " + std::string(f.value));
    refuse(e.what());
  }
  if (help_) return;

  bool flags_ended = false;
  for (const std::string& word : app.remaining()) {
    if (!flags_ended && word == "--") {
      flags_ended = true;
    } else if (!flags_ended && word.size() > 1 && word[0] == '-') {
      std::vector<std::string> known{"--help"};
      for (const flag& f : of.flags) known.push_back(dashed(f));
      const std::string hint = pipelines::did_you_mean(word, known);
      refuse("unknown option '" + word + "'" + (hint.empty() ? "" : "; " + hint));
    } else {
      operands_.push_back(word);
      flags_ended |= of.rest_is_foreign;
    }
  }
  for (const auto& [name, on] : switches)
    if (on) given_[name];
  for (const flag& f : of.flags) {
    const auto at = given_.find(f.name);
    if (f.kind == value_kind::none) continue;
    if (at->second.empty()) {
      given_.erase(at);
      continue;
    }
    if (at->second.size() > 1 && !f.repeats) refuse(dashed(f) + " is given twice");
    for (const std::string& value : at->second) check_value(f, value);
  }
  check_operands();
}

bool arguments::has(std::string_view name) const { return given_.find(name) != given_.end(); }

std::vector<std::string> arguments::all(std::string_view name) const {
  const auto at = given_.find(name);
  return at == given_.end() ? std::vector<std::string>() : at->second;
}

std::optional<std::string> arguments::text(std::string_view name) const {
  const auto at = given_.find(name);
  if (at != given_.end()) return at->second.back();
  const flag& f = find(name);
  if (f.fallback.empty()) return {};
  return std::string(f.fallback);
}

std::optional<std::int64_t> arguments::integer(std::string_view name) const {
  const std::optional<std::string> given = text(name);
  return given ? pipelines::parse_integer(*given) : std::nullopt;
}

std::optional<std::chrono::nanoseconds> arguments::duration(std::string_view name, bool or_zero) const {
  const std::optional<std::string> given = text(name);
  const std::optional<std::int64_t> parsed = given ? pipelines::parse_duration(*given) : std::nullopt;
  if (!parsed) return {};
  if (*parsed == 0 && !or_zero) refuse("--" + std::string(name) + " is above 0");
  return std::chrono::nanoseconds(*parsed);
}

const flag& arguments::find(std::string_view name) const {
  for (const flag& f : verb_->flags)
    if (f.name == name) return f;
  throw std::logic_error("the table has no flag " + std::string(name));
}

void arguments::check_value(const flag& f, const std::string& value) const {
  const std::string start = dashed(f) + ": " + pipelines::in_quotes(value) + " is ";
  switch (f.kind) {
    case value_kind::integer:
      if (pipelines::parse_integer(value).value_or(0) < 1) refuse(start + "not a whole number above 0");
      break;
    case value_kind::duration:
      if (pipelines::is_too_long(value)) refuse(start + "too long; a duration is at most 36500d");
      if (!pipelines::parse_duration(value)) refuse(start + "not a duration; write 250ms, 5s or 1m30s");
      break;
    case value_kind::choice: {
      std::vector<std::string> names(f.choices.begin(), f.choices.end());
      if (std::find(names.begin(), names.end(), value) == names.end()) refuse(start + "not one of " + pipelines::listed(names));
      break;
    }
    case value_kind::setting:
      if (const std::size_t equals = value.find('='); equals == std::string::npos || equals == 0) refuse(start + "not " + std::string(f.value));
      break;
    case value_kind::none:
    case value_kind::text:
    case value_kind::folder:
      break;
  }
}

void arguments::check_operands() const {
  const std::size_t inline_config = has("e") ? 1 : 0;
  if (operands_.size() < verb_->least) refuse("something is missing: pipe " + std::string(verb_->name) + ' ' + std::string(verb_->synopses[0]));
  const bool wants_config = verb_->takes == operand::config || verb_->takes == operand::configs;
  if (wants_config && operands_.empty() && !inline_config) refuse("which config? Name a FILE, - for stdin, or give the pipeline with -e");
  if (inline_config && !verb_->rest_is_foreign && !operands_.empty()) refuse("either -e or a FILE, not both");
  if (operands_.size() > verb_->most) refuse("what is " + pipelines::in_quotes(operands_[verb_->most]) + " for?");
}

void arguments::refuse(const std::string& why) const { throw usage_error("pipe " + std::string(verb_->name) + ": " + why); }

}  // namespace pipes::cmd
