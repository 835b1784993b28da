// man.cpp: `pipe man TEMPLATE`: the man page. The template holds the prose; lines of the form `.\" @NAME@` are replaced by what the code knows.
#include <fstream>

#include "cmd/arguments.hpp"
#include "cmd/catalog.hpp"
#include "cmd/describe.hpp"
#include "cmd/functions.hpp"
#include "cmd/text.hpp"

namespace pipes::cmd {
namespace {

std::string synopsis() {
  std::string text;
  for (const verb& v : verbs()) {
    if (v.hidden) continue;
    for (std::string_view s : v.synopses) text += (text.empty() ? "" : ".br\n") + std::string("\\fBpipe ") + std::string(v.name) + "\\fR " + roff_text(s) + '\n';
  }
  return text;
}

std::string verb_sections() {
  std::string text;
  for (const verb& v : verbs()) {
    if (v.hidden) continue;
    text += ".SS pipe " + std::string(v.name) + '\n' + roff_text(v.summary) + '\n';
    for (const std::string& paragraph : split(v.doc, "\n\n")) text += ".PP\n" + roff_text(paragraph) + '\n';
    for (const flag& f : v.flags) {
      text += ".TP\n\\fB" + roff_text(dashed(f)) + "\\fR" + (f.value.empty() ? "" : " \\fI" + roff_text(f.value) + "\\fR") + '\n' + roff_text(f.doc);
      if (!f.choices.empty()) text += ": " + roff_text(join(f.choices, ", "));
      text += ".\n";
      if (!f.fallback.empty()) text += "Default: " + roff_text(f.fallback) + ".\n";
    }
  }
  return text;
}

std::string exit_section() {
  std::string text;
  for (const exit_code& e : exit_codes()) text += ".TP\n" + std::to_string(e.code) + '\n' + roff_text(e.doc) + ".\n";
  return text;
}

std::string example_section() {
  std::string text;
  for (const example& e : examples()) text += ".PP\n" + roff_text(e.doc) + ":\n.PP\n.RS\n.nf\n" + roff_text(e.command) + "\n.fi\n.RE\n";
  return text;
}

std::string stage_sections(const arguments& a) {
  std::string text;
  for (const known_stage& s : all_stages(a)) text += as_roff(s);
  return text;
}

}  // namespace

int man(const arguments& a) {
  std::ifstream in(a.operands()[0]);
  if (!in) throw usage_error("pipe man: cannot read " + a.operands()[0]);
  for (std::string line; std::getline(in, line);) {
    if (line == ".\\\" @SYNOPSIS@")
      print(synopsis());
    else if (line == ".\\\" @VERBS@")
      print(verb_sections());
    else if (line == ".\\\" @EXIT@")
      print(exit_section());
    else if (line == ".\\\" @EXAMPLES@")
      print(example_section());
    else if (line == ".\\\" @STAGES@")
      print(stage_sections(a));
    else if (line == ".\\\" @FUNCTIONS@")
      print(functions_as_roff());
    else
      print(line + '\n');
  }
  return 0;
}

}  // namespace pipes::cmd
