// help.cpp: --help, from the tables.
#include <algorithm>

#include "cmd/arguments.hpp"
#include "cmd/text.hpp"

namespace pipes::cmd {
namespace {

std::string table(const std::vector<std::pair<std::string, std::string>>& rows) {
  std::size_t left = 0;
  for (const auto& [name, doc] : rows) left = std::max(left, name.size());
  std::string text;
  for (const auto& [name, doc] : rows) text += "  " + name + std::string(left + 2 - name.size(), ' ') + wrap(doc, left + 4, page_width) + '\n';
  return text;
}

std::string doc_of(const flag& f) {
  std::string doc(f.doc);
  if (!f.choices.empty()) doc += ": " + join(f.choices, ", ");
  if (!f.fallback.empty()) doc += " (" + std::string(f.fallback) + ")";
  return doc;
}

}  // namespace

std::string help() {
  std::string text =
      "usage: pipe VERB [OPTION...] [OPERAND...]\n\n"
      "Runs a graph of stages, wired by channels, on all cores.\n\n";
  std::vector<std::pair<std::string, std::string>> rows;
  for (const verb& v : verbs())
    if (!v.hidden) rows.emplace_back(v.name, v.summary);
  text += table(rows) + "\nOptions\n" + table({{"--help", "This, or behind a verb all about that verb"}, {"--version", "The version, and that of the plugin ABI"}});
  text += "\nExamples\n";
  for (const example& e : examples()) text += "  " + std::string(e.command) + '\n';
  text += "\nExit codes\n";
  rows.clear();
  for (const exit_code& e : exit_codes()) rows.emplace_back(std::to_string(e.code), e.doc);
  return text + table(rows);
}

std::string help(const verb& v) {
  std::string text, start = "usage: ";
  for (std::string_view synopsis : v.synopses) {
    text += start + "pipe " + std::string(v.name) + (synopsis.empty() ? "" : " ") + std::string(synopsis) + '\n';
    start = "       ";
  }
  for (const std::string& paragraph : split(v.doc, "\n\n")) text += '\n' + wrap(paragraph, 0, page_width) + '\n';
  std::vector<std::pair<std::string, std::string>> rows;
  for (const flag& f : v.flags) rows.emplace_back(usage_of(f), doc_of(f));
  if (!rows.empty()) text += "\nOptions\n" + table(rows);
  return text;
}

}  // namespace pipes::cmd
