// config.cpp: the config that a command line names, checked.
#include "cmd/config.hpp"

#include <cstdio>

#include "cmd/arguments.hpp"
#include "pipelines/graph/load.hpp"

namespace pipes::cmd {

std::optional<std::string> config_file(const arguments& a) {
  if (a.has("e")) return {};
  return a.operands().at(0);
}

checked_config::checked_config(const arguments& a, const std::optional<std::string>& file, const std::optional<std::vector<std::string>>& values)
    : catalog_(a.all("plugin-path")) {
  pipelines::load_request request;
  if (file)
    request.file = *file;
  else
    request.expression = a.text("e");
  if (values)
    request.arguments = *values;
  else
    request.arguments_unknown = true;
  for (const std::string& setting : a.all("var")) {
    const std::size_t equals = setting.find('=');
    request.vars.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
  }
  pipelines::diagnostics faults;
  graph_ = pipelines::load_config(request, catalog_, faults);
  const std::string text = faults.print();
  std::fwrite(text.data(), 1, text.size(), stderr);
  if (faults.failed()) graph_.reset();
  exit_code_ = graph_ ? 0 : faults.exit_code();
}

}  // namespace pipes::cmd
