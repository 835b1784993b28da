// syntax.cpp: what a parser's "illegal map value" means to the one who wrote the line. Looks at the line where the parser stopped and names the
// trap; almost always the way out is to quote a value.
#include "pipelines/config/yaml.hpp"

#include <algorithm>

namespace pipes::pipelines {
namespace {

// The value of `key: value` or `- value` on a line: from behind the first such mark to the end of the line, comment included.
struct line_parts {
  span value;
  bool has_key = false;
};

line_parts split_line(const source_text& source, span line) {
  const std::string& text = source.text();
  std::uint32_t i = line.begin;
  const auto skip_blanks = [&] { while (i < line.end && is_blank(text[i])) ++i; };
  line_parts parts;
  skip_blanks();
  while (i + 1 < line.end && text[i] == '-' && is_blank(text[i + 1])) ++i, skip_blanks();
  parts.value = {i, line.end};
  if (i < line.end && (text[i] == '"' || text[i] == '\'' || text[i] == '{' || text[i] == '[')) return parts;
  for (std::uint32_t k = i; k < line.end; ++k) {
    if (text[k] != ':' || (k + 1 < line.end && !is_blank(text[k + 1]))) continue;
    i = k + 1;
    skip_blanks();
    parts.has_key = true;
    parts.value = {i, line.end};
    break;
  }
  while (parts.value.end > parts.value.begin && is_blank(text[parts.value.end - 1])) --parts.value.end;
  return parts;
}

bool tab_in_indent(const source_text& source, span line, std::uint32_t& at) {
  for (std::uint32_t i = line.begin; i < line.end && is_blank(source.text()[i]); ++i)
    if (source.text()[i] == '\t') return at = i, true;
  return false;
}

// Inside the brackets that begin at `open`: the plain value around `at`, up to the comma or closer that really ends it.
span value_in_flow(const source_text& source, std::uint32_t begin, std::uint32_t line_end) {
  const std::string& text = source.text();
  std::uint32_t depth = 0, end = begin;
  char quote = 0;
  for (; end < line_end; ++end) {
    const char c = text[end];
    if (quote != 0) {
      if (c == quote) quote = 0;
      continue;
    }
    if ((c == '"' || c == '\'') && (end == begin || is_blank(text[end - 1]) || text[end - 1] == '(')) quote = c;
    else if (c == '(' || c == '[' || c == '{') ++depth;
    else if (c == ')' || c == ']' || c == '}') {
      if (depth == 0) break;
      --depth;
    } else if (c == ',' && depth == 0) {
      break;
    }
  }
  while (end > begin + 1 && is_blank(text[end - 1])) --end;
  return {begin, end};
}

// The double quote that is open at `at`, or `at` itself.
std::uint32_t open_quote(const source_text& source, span line, std::uint32_t at) {
  std::uint32_t found = at;
  bool open = false;
  for (std::uint32_t i = line.begin; i < std::min(at, line.end); ++i) {
    if (open && source.text()[i] == '\\') ++i;
    else if (source.text()[i] == '"') open = !open, found = i;
  }
  return open ? found : at;
}

std::string quote_it(const source_text& source, span value) {
  return "quote it: " + yaml_quoted(source.slice(value));
}

}  // namespace

void explain_syntax(const source_text& source, std::uint32_t at, std::string_view message, std::uint32_t last_value, diagnostics& faults) {
  const std::string& text = source.text();
  const auto says = [&](std::string_view part) { return message.find(part) != std::string_view::npos; };
  // At the end of the text the fault is on the last line that holds something.
  std::uint32_t seen = std::min<std::uint32_t>(at, static_cast<std::uint32_t>(text.size()));
  while (seen > 0 && (seen == text.size() || text[seen] == '\n' || text[seen] == '\r') && seen > last_value) --seen;
  const span line = source.line_at(seen);
  const line_parts parts = split_line(source, line);

  std::uint32_t tab = 0;
  if (tab_in_indent(source, line, tab) || tab_in_indent(source, source.line_at(at), tab)) {
    faults.error(source, {tab, tab + 1}, "a tab in the indent; YAML indents with blanks alone");
    return;
  }
  if (says("unknown escape character")) {
    const std::uint32_t open = open_quote(source, line, at);
    std::uint32_t close = std::min(at, line.end);
    while (close < line.end && (text[close] != '"' || text[close - 1] == '\\')) ++close;
    const std::uint32_t back = at > line.begin && text[at - 1] == '\\' ? at - 1 : at > line.begin + 1 && text[at - 2] == '\\' ? at - 2 : at;
    faults.error(source, {back, back + 2}, "double quotes have no escape " + in_quotes(source.slice({back, back + 2})),
                 "single quotes leave backslashes alone: " + yaml_quoted(source.slice({open + 1, close})));
    return;
  }
  if (says("EOF in scalar")) {
    const std::uint32_t open = last_value < text.size() && text[last_value] != '"' && text[last_value] != '\'' ? open_quote(source, source.line_at(last_value), source.line_at(last_value).end) : last_value;
    faults.error(source, {open, open + 1}, "a quote is never closed");
    return;
  }
  if (says("referenced anchor is not defined") || says("alias not found") || says("anchor not found")) {
    const span value = {at, parts.value.end};
    faults.error(source, value, std::string(text[at] == '*' ? "this is an alias" : "this is an anchor") + " of YAML, not text",
                 "to mean the text, " + quote_it(source, value));
    return;
  }
  if (says("too deep") || says("bad file") || says("depth")) {
    faults.error(source, {at, at + 1}, "lists and maps are nested too deep");
    return;
  }

  // The innermost bracket that is open on this line before the fault.
  std::vector<std::uint32_t> brackets;
  for (std::uint32_t i = parts.value.begin, begins = 1; i < std::min(seen + 1, line.end); ++i) {
    const char c = text[i];
    if ((c == '{' || c == '[') && (begins != 0 || !brackets.empty())) brackets.push_back(i);
    if ((c == '}' || c == ']') && !brackets.empty()) brackets.pop_back();
    begins = 0;
  }
  const bool in_flow = says("flow not found") || says("flow end");

  if (in_flow && last_value >= line.begin && last_value < line.end) {
    // A value that holds brackets, `${1}`, or text behind a closing quote.
    const span value = value_in_flow(source, last_value, line.end);
    const bool nested = value.size() > 0 && (text[value.begin] == '{' || text[value.begin] == '[');
    if (!nested && value.end > at && value.begin < at) {
      const bool variable = source.slice(value).find("${") != std::string_view::npos;
      faults.error(source, value, variable ? "a variable between brackets has to be quoted" : "YAML does not read this value",
                   quote_it(source, value));
      return;
    }
  }
  if (in_flow && !says("flow end")) {
    // Never closed: the caret belongs to the bracket that opened it.
    std::uint32_t open = brackets.empty() ? last_value : brackets.front();
    if (open < text.size() && text[open] != '{' && text[open] != '[') {
      const std::size_t before = text.find_last_of("{[", open);
      if (before != std::string::npos) open = static_cast<std::uint32_t>(before);
    }
    const bool value = open == parts.value.begin;
    faults.error(source, {open, open + 1}, std::string("'") + text[open] + "' is never closed",
                 value ? "if it is text, " + quote_it(source, parts.value) : std::string());
    return;
  }
  if (says("flow end")) {
    faults.error(source, {at, at + 1}, "nothing is open that this could close", parts.value.size() > 0 ? "if it is text, " + quote_it(source, parts.value) : std::string());
    return;
  }
  if (says("illegal map value")) {
    // Either a second ': ' on one line, or a key deeper than the value above it.
    if (parts.has_key && parts.value.begin <= at) {
      const bool stages = source.slice({parts.value.begin, at}).find(" | ") != std::string_view::npos;
      faults.error(source, {at, at + 1}, "a ': ' inside a plain value begins a new key", stages ? "in a file each stage is an item of its own, on a line below; " + quote_it(source, parts.value) + " if it is text" : quote_it(source, parts.value));
      return;
    }
    faults.error(source, parts.has_key ? span{line.begin + static_cast<std::uint32_t>(source.slice(line).find_first_not_of(' ')), at} : line,
                 "this key is indented deeper than the keys above it, so that it continues the value above", "give it the indent of its neighbours");
    return;
  }
  if (says("illegal block entry")) {
    faults.error(source, {at, at + 1}, "'- ' begins a list item, which stands on a line of its own", "if it is text, " + quote_it(source, {at, std::max(parts.value.end, at + 1)}));
    return;
  }
  if (says("unknown token") && !brackets.empty() && brackets.back() < at && at < line.end) {
    // Between brackets a '?' ends a plain value, wherever it stands.
    std::uint32_t begin = brackets.back() + 1;
    for (std::uint32_t i = begin; i + 1 < at; ++i)
      if ((text[i] == ':' || text[i] == ',') && is_blank(text[i + 1])) begin = i + 1;
    while (begin < at && is_blank(text[begin])) ++begin;
    const span value = value_in_flow(source, begin, line.end);
    faults.error(source, value, begin == at ? "no plain value begins with " + in_quotes(source.slice({at, at + 1})) : "YAML does not read this value", quote_it(source, value));
    return;
  }
  if (says("unknown token")) {
    const span value = {at, std::max(parts.value.end, at + 1)};
    faults.error(source, value, "no plain value begins with " + in_quotes(source.slice({at, at + 1})), quote_it(source, value));
    return;
  }
  const bool quoted_first = parts.value.size() > 0 && (text[parts.value.begin] == '"' || text[parts.value.begin] == '\'');
  if ((says("end of map not found") || says("end of sequence not found")) && quoted_first && at > parts.value.begin && at < line.end) {
    // 'it's': an apostrophe, not the end of what was meant.
    const std::string_view value = source.slice(parts.value);
    const auto letter = [&](std::uint32_t i) { return (text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z'); };
    if (value.size() > 2 && value.front() == '\'' && value.back() == '\'' && letter(at) && letter(at - 2)) {
      faults.error(source, {at - 1, at}, "this ' ends the text", "within single quotes it is doubled: " + yaml_quoted(value.substr(1, value.size() - 2)));
      return;
    }
    faults.error(source, {at, std::max(parts.value.end, at + 1)}, "text behind a closing quote", "quote the whole: " + yaml_quoted(value));
    return;
  }
  if (says("end of map not found") || says("end of sequence not found")) {
    const std::size_t first = source.slice(line).find_first_not_of(' ');
    const std::uint32_t begin = line.begin + static_cast<std::uint32_t>(first == std::string_view::npos ? 0 : first);
    faults.error(source, {begin, begin + 1}, "the indent of this line fits no line above it", "keys of one map, items of one list begin in the same column");
    return;
  }
  if (says("block scalar") && parts.value.size() > 0 && (text[parts.value.begin] == '|' || text[parts.value.begin] == '>')) {
    faults.error(source, parts.value, "a plain '" + std::string(1, text[parts.value.begin]) + "' begins a block of lines, which stand below it", "if it is text, " + quote_it(source, parts.value));
    return;
  }
  faults.error(source, {at, at + 1}, "YAML does not read on from here (" + std::string(message) + ")",
               parts.has_key && parts.value.size() > 0 && at >= parts.value.begin ? "perhaps " + quote_it(source, parts.value) : std::string());
}

}  // namespace pipes::pipelines
