// completion.cpp: `pipe completion SHELL`: a completion script made from the tables of flags.cpp.
#include "cmd/arguments.hpp"
#include "cmd/text.hpp"
#include "core/expr/functions.hpp"

namespace pipes::cmd {
namespace {

std::vector<const verb*> shown_verbs() {
  std::vector<const verb*> list;
  for (const verb& v : verbs())
    if (!v.hidden) list.push_back(&v);
  return list;
}

std::vector<std::string_view> fixed_operands(const verb& v) {
  if (v.takes == operand::shell) return {"bash", "zsh", "fish"};
  if (v.takes == operand::thing) return {"plugin", "config"};
  std::vector<std::string_view> names;
  if (v.takes == operand::function)
    for (const expr::function& f : expr::functions()) names.push_back(f.name);
  return names;
}

bool takes_config(const verb& v) { return v.takes == operand::config || v.takes == operand::configs; }

constexpr std::string_view list_stages = "pipe stages --format names 2>/dev/null";

std::string bash() {
  std::string text =
      "# bash completion for pipe\n"
      "_pipe_paths() {\n"
      "  compopt -o filenames 2>/dev/null   # not for words: one that a folder is called would get a slash\n"
      "  mapfile -t COMPREPLY < <(compgen \"$1\" -- \"$cur\")\n"
      "}\n"
      "_pipe() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]} words=\n"
      "  COMPREPLY=()\n"
      "  if [ \"$cur\" = = ]; then cur=''; elif [ \"$prev\" = = ]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi   # --option=value\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    words='";
  for (const verb* v : shown_verbs()) text += std::string(v->name) + ' ';
  text += "--help --version'\n  else\n    case $verb,$prev in\n";
  for (const verb* v : shown_verbs())
    for (const flag& f : v->flags) {
      const std::string pattern = "      " + std::string(v->name) + ',' + dashed(f) + ") ";
      if (!f.choices.empty()) text += pattern + "words='" + join(f.choices, " ") + "' ;;\n";
      if (f.kind == value_kind::folder) text += pattern + "_pipe_paths -d; return ;;\n";
      if (f.choices.empty() && f.kind != value_kind::none && f.kind != value_kind::folder) text += pattern + "return ;;\n";
    }
  text += "      *)\n        case $verb,$cur in\n";
  for (const verb* v : shown_verbs()) {
    text += "          " + std::string(v->name) + ",-*) words='--help";
    for (const flag& f : v->flags) text += ' ' + dashed(f);
    text += "' ;;\n";
    if (v->takes == operand::stage_type) text += "          " + std::string(v->name) + ",*) words=$(" + std::string(list_stages) + ") ;;\n";
    if (takes_config(*v)) text += "          " + std::string(v->name) + ",*) _pipe_paths -f; return ;;\n";
    if (!fixed_operands(*v).empty()) text += "          " + std::string(v->name) + ",*) [ \"$COMP_CWORD\" -gt 2 ] || words='" + join(fixed_operands(*v), " ") + "' ;;\n";
  }
  return text +
         "        esac ;;\n    esac\n  fi\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
         "}\n"
         "complete -F _pipe pipe\n";
}

// A text inside '…[…]' of zsh's _arguments.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') out += "'\\'";
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh() {
  std::string text =
      "#compdef pipe\n"
      "# zsh completion for pipe\n"
      "_pipe() {\n"
      "  local -a verbs\n"
      "  if (( CURRENT == 2 )); then\n    verbs=(\n";
  for (const verb* v : shown_verbs()) text += "      '" + std::string(v->name) + ':' + zsh_text(v->summary) + "'\n";
  text += "    )\n    _describe verb verbs\n    _arguments '--help[Help]' '--version[Versions]'\n    return\n  fi\n  local verb=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $verb in\n";
  for (const verb* v : shown_verbs()) {
    text += "    " + std::string(v->name) + ")\n      _arguments '--help[Help on this verb]'";
    for (const flag& f : v->flags) {
      text += std::string(" \\\n        '") + (f.repeats ? "*" : "") + dashed(f) + (f.kind != value_kind::none && f.name.size() > 1 ? "=[" : "[") + zsh_text(f.doc) + ']';
      if (!f.choices.empty())
        text += ':' + std::string(f.value) + ":(" + join(f.choices, " ") + ')';
      else if (f.kind == value_kind::folder)
        text += ':' + std::string(f.value) + ":_files -/";
      else if (f.kind != value_kind::none)
        text += ':' + std::string(f.value) + ':';
      text += '\'';
    }
    if (v->takes == operand::stage_type) text += " \\\n        '*:stage:($(" + std::string(list_stages) + "))'";
    if (takes_config(*v)) text += " \\\n        '*:file:_files'";
    if (!fixed_operands(*v).empty()) text += " \\\n        '1:what:(" + join(fixed_operands(*v), " ") + ")'";
    text += " ;;\n";
  }
  return text + "  esac\n}\n_pipe \"$@\"\n";
}

std::string fish() {
  std::string text = "# fish completion for pipe\ncomplete -c pipe -n __fish_use_subcommand -l help -d Help\ncomplete -c pipe -n __fish_use_subcommand -l version -d Versions\n";
  for (const verb* v : shown_verbs()) {
    const std::string name(v->name), here = "complete -c pipe -n '__fish_seen_subcommand_from " + name + "' ";
    text += "complete -c pipe -f -n __fish_use_subcommand -a " + name + " -d " + shell_word(v->summary) + '\n';
    for (const flag& f : v->flags) {
      text += here + (f.name.size() == 1 ? "-s " : "-l ") + std::string(f.name) + " -d " + shell_word(f.doc);
      if (!f.choices.empty())
        text += " -x -a '" + join(f.choices, " ") + "'";
      else if (f.kind == value_kind::folder)
        text += " -x -a '(__fish_complete_directories)'";
      else if (f.kind != value_kind::none)
        text += " -r";
      text += '\n';
    }
    if (v->takes == operand::stage_type) text += here + "-f -a '(" + std::string(list_stages) + ")'\n";
    if (!fixed_operands(*v).empty())
      text += "complete -c pipe -n '__fish_seen_subcommand_from " + name + "; and test (count (commandline -opc)) -eq 2' -f -a '" + join(fixed_operands(*v), " ") + "'\n";
    if (!takes_config(*v)) text += here + "-f\n";
    text += here + "-l help -d 'Help on this verb'\n";
  }
  return text;
}

}  // namespace

int completion(const arguments& a) {
  const std::string& shell = a.operands()[0];
  if (shell == "bash")
    print(bash());
  else if (shell == "zsh")
    print(zsh());
  else if (shell == "fish")
    print(fish());
  else
    throw usage_error("pipe completion: there is none for '" + shell + "'; bash, zsh and fish are known");
  return 0;
}

}  // namespace pipes::cmd
