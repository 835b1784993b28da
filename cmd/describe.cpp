// describe.cpp: a stage's descriptor as text, JSON, test cases and roff.
#include "cmd/describe.hpp"

#include <algorithm>
#include <cstdint>

#include "cmd/text.hpp"

namespace pipes::cmd {
namespace {

struct names {
  std::string_view one, many;
};

names type_names(std::uint32_t type) {
  switch (type) {
    case PIPE_OPT_BOOL: return {"true or false", "booleans"};
    case PIPE_OPT_INT: return {"a whole number", "whole numbers"};
    case PIPE_OPT_FLOAT: return {"a number", "numbers"};
    case PIPE_OPT_DURATION: return {"a duration", "durations"};
    case PIPE_OPT_SIZE: return {"a size", "sizes"};
    case PIPE_OPT_CHOICE: return {"a choice", "choices"};
    case PIPE_OPT_PATTERN: return {"a pattern", "patterns"};
    case PIPE_OPT_FIELD: return {"a field", "fields"};
    case PIPE_OPT_EXPRESSION: return {"an expression", "expressions"};
    case PIPE_OPT_FORMAT: return {"a template", "templates"};
    default: return {"text", "texts"};
  }
}

std::string_view type_word(std::uint32_t type) {
  static constexpr std::string_view words[] = {"", "bool", "int", "float", "text", "duration", "size", "choice", "pattern", "field", "expression", "format"};
  return type < std::size(words) ? words[type] : "text";
}

std::vector<std::string_view> choices_of(const pipe_option& o) {
  std::vector<std::string_view> list;
  for (std::uint32_t i = 0; i < o.choice_count; ++i) list.push_back(view(o.choices[i]));
  return list;
}

std::vector<std::string_view> inputs_of(const pipe_stage& s) {
  if (s.flags & PIPE_STAGE_NO_INPUT) return {};
  return {"in"};
}

std::vector<std::string_view> outputs_of(const pipe_stage& s) {
  std::vector<std::string_view> list;
  if (s.flags & PIPE_STAGE_NO_OUTPUT) return list;
  if (!(s.flags & PIPE_STAGE_DYNAMIC_PORTS)) list.push_back("out");
  for (std::uint64_t i = 0; i < s.output_count; ++i) list.push_back(view(s.outputs[i].name));
  return list;
}

std::string sentence_on_shape(const pipe_stage& s) {
  std::string text = "A ";
  text += shape_of(s);
  text += " stage";
  if (s.flags & PIPE_STAGE_NO_INPUT) text += " and a source";
  if (s.flags & PIPE_STAGE_NO_OUTPUT) text += " and a sink";
  if (s.shape == PIPE_SHAPE_RUN)
    text += s.flags & PIPE_STAGE_MANY_WORKERS ? ": one worker, more with `workers`" : ": one worker";
  else if (s.flags & PIPE_STAGE_STATEFUL)
    text += ": one worker, since it carries state from record to record";
  else
    text += s.shape == PIPE_SHAPE_FOLD ? ": a worker on each processor, their states merged at the end" : ": a worker on each processor, output in the order of the input";
  return text + '.';
}

std::string ports_sentence(const pipe_stage& s) {
  const auto in = inputs_of(s), out = outputs_of(s);
  std::string text = in.empty() ? "no input" : "reads " + join(in, ", ");
  if (s.flags & PIPE_STAGE_DYNAMIC_PORTS)
    text += "; writes the ports that its options name";
  else
    text += out.empty() ? "; no output" : "; writes " + join(out, ", ");
  return text;
}

// A text that is no word stands in quotes: of a blank nothing would be seen.
std::string default_of(const pipe_option& o) {
  const std::string_view text = view(o.default_text);
  const auto of_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; };
  const bool bare = o.type != PIPE_OPT_TEXT || o.container != PIPE_OPT_ONE || std::all_of(text.begin(), text.end(), of_word);
  std::string out = bare ? "" : "'";
  out += text;
  return bare ? out : out + '\'';
}

std::string remarks_on(const pipe_option& o) {
  std::string text = type_of(o);
  if (o.flags & PIPE_OPTION_MIN && o.flags & PIPE_OPTION_MAX)
    text += ", " + std::to_string(o.min) + " to " + std::to_string(o.max);
  else if (o.flags & PIPE_OPTION_MIN)
    text += ", at least " + std::to_string(o.min);
  else if (o.flags & PIPE_OPTION_MAX)
    text += ", at most " + std::to_string(o.max);
  if (o.flags & PIPE_OPTION_REQUIRED) text += "; required";
  else if (o.default_text.size) text += "; default " + default_of(o);
  if (o.flags & PIPE_OPTION_MAIN) text += "; may stand right behind the type";
  return text;
}

// An example that -e cannot say is a config of its own.
bool in_file(const pipe_example& e) { return view(e.config).substr(0, 7) == "stages:"; }
std::string file_of(const known_stage& s) { return (s.short_name.empty() ? s.type : s.short_name) + ".yaml"; }
std::string command_of(const known_stage& s, const pipe_example& e) {
  return in_file(e) ? "pipe run " + file_of(s) : "pipe run -e " + shell_word(view(e.config));
}

std::string json_list(const std::vector<std::string_view>& items) {
  std::string text = "[";
  for (std::size_t i = 0; i < items.size(); ++i) text += (i ? "," : "") + json_string(items[i]);
  return text + ']';
}

// Each line with `mark` in front; an empty text is no line at all.
std::string marked(std::string_view text, char mark) {
  std::string out;
  if (text.empty()) return out;
  for (const std::string& line : split(text, "\n")) out += line.empty() ? std::string(1, mark) + '\n' : std::string(1, mark) + ' ' + line + '\n';
  return out;
}

// The example as a session in a shell, each line indented.
std::string session(const known_stage& s, const pipe_example& e, std::string_view indent) {
  std::string text;
  if (in_file(e)) text += "$ cat " + file_of(s) + '\n' + marked(view(e.config), '>');
  text += "$ " + command_of(s, e) + '\n' + marked(view(e.input), '<') + marked(view(e.output), '>');
  std::string out;
  for (const std::string& line : split(text, "\n"))
    if (!line.empty()) out.append(indent) += line + '\n';
  return out;
}

}  // namespace

std::string_view shape_of(const pipe_stage& s) { return s.shape == PIPE_SHAPE_MAP ? "map" : s.shape == PIPE_SHAPE_FOLD ? "fold" : "run"; }

std::string type_of(const pipe_option& o) {
  const names n = type_names(o.type);
  if (o.container == PIPE_OPT_LIST) return "a list of " + std::string(n.many);
  if (o.container == PIPE_OPT_MAP) return "a map of names to " + std::string(n.many);
  if (o.choice_count) return join(choices_of(o), ", ");
  return std::string(n.one);
}

std::string as_text(const known_stage& s) {
  const pipe_stage& d = *s.stage;
  std::string text = s.name() + (s.short_name.empty() ? "" : " (" + s.type + ")") + ": " + std::string(view(d.summary)) + '\n';
  if (d.doc.size)
    for (const std::string& paragraph : split(view(d.doc), "\n\n")) text += '\n' + wrap(paragraph, 0, page_width) + '\n';
  text += '\n' + wrap(sentence_on_shape(d), 0, page_width) + "\nPorts: " + ports_sentence(d) + ".\n";
  if (d.option_count) text += "\nOptions\n";
  for (std::uint64_t i = 0; i < d.option_count; ++i) {
    const pipe_option& o = d.options[i];
    text += "  " + std::string(view(o.name)) + ": " + wrap(remarks_on(o), 4, page_width) + "\n    " + wrap(view(o.doc), 4, page_width) + '\n';
  }
  for (std::uint64_t i = 0; i < d.example_count; ++i) {
    text += "\nExample\n" + session(s, d.examples[i], "  ");
  }
  return text;
}

std::string as_json(const known_stage& s) {
  const pipe_stage& d = *s.stage;
  std::string text = "{\"type\":" + json_string(s.type);
  if (!s.short_name.empty()) text += ",\"short\":" + json_string(s.short_name);
  text += ",\"shape\":" + json_string(shape_of(d)) + ",\"summary\":" + json_string(view(d.summary)) + ",\"doc\":" + json_string(view(d.doc));
  text += ",\"inputs\":" + json_list(inputs_of(d)) + ",\"outputs\":" + json_list(outputs_of(d));
  text += std::string(",\"outputs_from_options\":") + (d.flags & PIPE_STAGE_DYNAMIC_PORTS ? "true" : "false") + ",\"options\":[";
  for (std::uint64_t i = 0; i < d.option_count; ++i) {
    const pipe_option& o = d.options[i];
    static constexpr std::string_view containers[] = {"one", "list", "map"};
    text += std::string(i ? "," : "") + "{\"name\":" + json_string(view(o.name)) + ",\"type\":" + json_string(type_word(o.type));
    text += ",\"container\":" + json_string(o.container < 3 ? containers[o.container] : "one");
    text += std::string(",\"required\":") + (o.flags & PIPE_OPTION_REQUIRED ? "true" : "false") + ",\"main\":" + (o.flags & PIPE_OPTION_MAIN ? "true" : "false");
    if (o.default_text.size) text += ",\"default\":" + json_string(view(o.default_text));
    if (o.flags & PIPE_OPTION_MIN) text += ",\"least\":" + std::to_string(o.min);
    if (o.flags & PIPE_OPTION_MAX) text += ",\"most\":" + std::to_string(o.max);
    if (o.choice_count) text += ",\"choices\":" + json_list(choices_of(o));
    text += ",\"doc\":" + json_string(view(o.doc)) + '}';
  }
  text += "],\"examples\":[";
  for (std::uint64_t i = 0; i < d.example_count; ++i) {
    const pipe_example& e = d.examples[i];
    text += std::string(i ? "," : "") + "{\"config\":" + json_string(view(e.config)) + ",\"input\":" + json_string(view(e.input)) +
            ",\"output\":" + json_string(view(e.output)) + '}';
  }
  return text + "]}";
}

std::string as_cases(const known_stage& s) {
  std::string text;
  for (std::uint64_t i = 0; i < s.stage->example_count; ++i) {
    const pipe_example& e = s.stage->examples[i];
    text += "# " + s.type + ", example " + std::to_string(i + 1) + "\nfile input.txt\n";
    for (const std::string& line : split(view(e.input), "\n")) text += "  " + line + '\n';
    if (in_file(e)) {
      text += "file " + file_of(s) + '\n';
      for (const std::string& line : split(view(e.config), "\n")) text += "  " + line + '\n';
    }
    text += "$ ";
    for (const char c : command_of(s, e)) c == '\n' ? text += "\n  " : text += c;
    text += '\n' + marked(view(e.input), '<') + marked(view(e.output), '>') + "exit 0\n";
  }
  return text;
}

std::string as_roff(const known_stage& s) {
  const pipe_stage& d = *s.stage;
  std::string text = ".SS " + roff_text(s.name()) + '\n' + roff_text(view(d.summary)) + '\n';
  if (d.doc.size)
    for (const std::string& paragraph : split(view(d.doc), "\n\n")) text += ".PP\n" + roff_text(paragraph) + '\n';
  text += ".PP\n" + roff_text(sentence_on_shape(d)) + '\n';
  for (std::uint64_t i = 0; i < d.option_count; ++i) {
    const pipe_option& o = d.options[i];
    text += ".TP\n\\fB" + roff_text(view(o.name)) + "\\fR: " + roff_text(remarks_on(o)) + '\n' + roff_text(view(o.doc)) + '\n';
  }
  for (std::uint64_t i = 0; i < d.example_count; ++i) {
    text += ".PP\n.RS\n.nf\n" + roff_text(session(s, d.examples[i], "")) + ".fi\n.RE\n";
  }
  return text;
}

std::string roff_text(std::string_view text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    line_start = c == '\n';
    switch (c) {
      case '\\': out += "\\e"; break;
      case '-': out += "\\-"; break;
      case '\'': out += "\\(aq"; break;
      case '`': out += "\\(ga"; break;
      case '^': out += "\\(ha"; break;
      case '~': out += "\\(ti"; break;
      case '"': out += "\\(dq"; break;
      default: out += c;
    }
  }
  return out;
}

}  // namespace pipes::cmd
