// variables.cpp: see variables.hpp. What is expanded is bounded, so that definitions that double each other end.
#include "pipelines/config/variables.hpp"

#include <algorithm>

#include "core/expr/functions.hpp"
#include "pipelines/config/yaml.hpp"
#include "pipelines/graph/units.hpp"

namespace pipes::pipelines {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_name(std::string_view name) {
  return !name.empty() && !is_digit(name[0]) && std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

bool is_number(std::string_view name) {
  return !name.empty() && name.size() <= 4 && name[0] != '0' && name.find_first_not_of("0123456789") == std::string_view::npos;
}

// The '}' of the variable whose '${' stands at `at`: a default may hold pairs of braces ('\d{3}'), and where they do not pair it ends at the first.
std::size_t closing(std::string_view text, std::size_t at) {
  const std::size_t first = text.find('}', at);
  if (text.substr(at, first - at).find(":-") == std::string_view::npos) return first;
  std::size_t depth = 0;
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '{') ++depth;
    if (text[i] == '}' && --depth == 0) return i;
  }
  return first;
}

// Behind an odd number of backslashes the last of them would make an escape of what begins a value: another one, to make it text. In double
// quotes two of them write one; a single one at the end counts as two (literals::take_backslash).
std::string lone_backslash(std::string_view before, char quote = 0) {
  const std::size_t there = before.size() - before.find_last_not_of('\\') - 1;
  return std::string((quote == '"' ? (there + 1) / 2 : there) % 2, '\\');
}

// An escape of letters or digits may end the pattern: \1, \x4, with which a letter or digit would go on.
bool may_end_in_escape(std::string_view pattern) {
  const auto at = std::find_if_not(pattern.rbegin(), pattern.rend(), [](char c) { return is_letter(c) || is_digit(c); });
  return at != pattern.rbegin() && at != pattern.rend() && *at == '\\';
}

// A text as the pattern that matches it alone behind what is there already, also inside of [...] and (?x).
std::string pattern_of(std::string_view value, std::string_view before, char quote = 0) {
  constexpr std::string_view special = "\\^$.[]|()?*+{}-# ";
  std::string out = lone_backslash(before, quote);
  if (!value.empty() && (is_letter(value[0]) || is_digit(value[0])) && may_end_in_escape(before)) {
    out += {'\\', 'x', "0123456789abcdef"[value[0] >> 4], "0123456789abcdef"[value[0] & 15]};
    value.remove_prefix(1);
  }
  for (char c : value) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

// A text as the template that gives it alone, behind what is there already.
std::string format_of(std::string_view value, bool escapes, std::string_view before) {
  std::string out = escapes ? lone_backslash(before) : std::string();
  for (char c : value) {
    if (c == '{' || c == '}' || (escapes && c == '\\')) out += c;
    out += c;
  }
  return out;
}

// Digits that begin a value would go on with the number of a group before it: $1 becomes ${1}.
void close_group(std::string& before) {
  const std::size_t digits = before.find_last_not_of("0123456789") + 1;
  const std::size_t dollars = digits - (before.find_last_not_of('$', digits - 1) + 1);
  if (digits == 0 || digits == before.size() || dollars % 2 == 0) return;  // of two dollars the first makes the second a text
  before.insert(digits, "{");
  before += '}';
}

std::string replacement_of(std::string_view value, std::string_view before) {
  std::string out = lone_backslash(before);
  for (char c : value) {
    if (c == '$' || c == '\\') out += c;
    out += c;
  }
  return out;
}

// Follows an expression byte by byte: the literal that is open, and whether what stands here is a pattern.
class literals {
public:
  void see(char c) {
    if (quote_ != 0) {
      if (escape_) escape_ = false;
      else if (c == '\\' && quote_ == '"') escape_ = true;
      else if (c == quote_) quote_ = 0, last_ = pattern_ ? end_of_pattern : c;
      return;
    }
    if (is_space(c)) {
      apart_ = true;
      return;
    }
    const bool letter = (c >= 'a' && c <= 'z') || c == '_';
    if (c == '"' || c == '\'' || c == '`') {
      pattern_ = c != '`' && pattern();
      quote_ = c;
    } else if (c == '(' || c == '[') {
      const expr::function* const f = c == '(' ? expr::find_function(word_) : nullptr;
      calls_.push_back({f != nullptr ? f->pattern : -1, 0});
    } else if ((c == ')' || c == ']') && !calls_.empty()) {
      calls_.pop_back();
    } else if (c == ',' && !calls_.empty()) {
      ++calls_.back().argument;
    }
    if (!letter || apart_) word_.clear();
    if (letter) word_ += c;
    apart_ = false;
    // ~ ("a" + "b") is one as a whole.
    if (c == '+' && last_ == end_of_pattern) last_ = '~';
    else if (c != '(' || last_ != '~') last_ = c;
  }
  char quote() const { return quote_; }  // 0: none
  bool pattern() const { return quote_ != 0 ? pattern_ : last_ == '~' || (!calls_.empty() && calls_.back().pattern == calls_.back().argument); }
  // Text is put in: was a backslash right before it, which makes no escape of it?
  bool take_backslash() { return std::exchange(escape_, false); }

private:
  struct call {
    int pattern, argument;  // which argument is one; -1: none
  };
  static constexpr char end_of_pattern = 1;
  std::vector<call> calls_;
  std::string word_;  // before the next byte, perhaps with blanks between
  char quote_ = 0, last_ = 0;
  bool escape_ = false, pattern_ = false, apart_ = false;
};

std::string escaped(std::string_view value) {
  std::string out;
  for (char c : value) {
    if (c == '"' || c == '\\') out += '\\', out += c;
    else if (c == '\n') out += "\\n";
    else if (c == '\t') out += "\\t";
    else if (c == '\r') out += "\\r";
    else out += c;
  }
  return out;
}

// The value as a constant of the expression language.
std::string constant(const std::string& value) {
  if (value == "true" || value == "false" || value == "null") return value;
  if (parse_real(value)) return value[0] == '-' ? '(' + value + ')' : value;
  return '"' + escaped(value) + '"';
}

}  // namespace

variables::variables(const source_text& source, variable_sources sources, diagnostics& faults)
    : source_(source), sources_(std::move(sources)), faults_(faults) {}

void variables::define(const node& vars) {
  if (vars.kind != node_kind::map) {
    faults_.error(source_, vars.where, "'vars' is a map of names and values, not " + std::string(kind_name(vars)));
    return;
  }
  defining_ = &vars;
  for (const member& m : vars.members) {
    if (!is_name(m.key)) {
      faults_.error(source_, m.where, "a variable's name is letters, digits and '_', not " + in_quotes(m.key));
    } else if (!m.value.is_scalar()) {
      const bool nothing = m.value.kind == node_kind::null && m.value.where.size() == 0;
      if (nothing && m.value.comment.size() == 0) {
        vars_[m.key] = "";
        continue;
      }
      if (nothing)
        faults_.error(source_, m.value.comment, "everything behind this '#' is a comment: variable '" + m.key + "' is empty",
                      "to mean the text, quote it: " + yaml_quoted(source_.slice(m.value.comment)) + "; to mean none, write ''");
      else
        faults_.error(source_, m.value.where, "variable '" + m.key + "' takes text, not " + std::string(kind_name(m.value)),
                      "quote it: " + yaml_quoted(source_.slice(m.value.where)));
      faulty_.insert(m.key);
    } else {
      expanded e = expand(m.value, use::text);
      if (e.failed) faulty_.insert(m.key);
      else vars_[m.key] = std::move(e.text);
    }
  }
  defining_ = nullptr;
}

variables::found variables::look_up(const std::string& name) {
  used_.insert(name);
  for (auto it = sources_.given.rbegin(); it != sources_.given.rend(); ++it)
    if (it->first == name) return {it->second};
  if (sources_.environment)
    if (auto value = sources_.environment(name)) return {std::move(value)};
  if (const auto it = vars_.find(name); it != vars_.end()) return {it->second};
  if (faulty_.count(name) != 0) return {"", true};  // told where it is defined
  return {};
}

expanded variables::expand(const node& scalar, use how) {
  expanded e;
  const std::string& text = scalar.text;
  if (text.find("${") == std::string::npos) {
    e.text = text;
    e.map = scalar.map;
    return e;
  }
  const bool whole = text.compare(0, 2, "${") == 0 && closing(text, 0) == text.size() - 1;
  literals literal;  // of an expression
  for (std::uint32_t i = 0; i < text.size();) {
    const auto at = static_cast<std::uint32_t>(e.text.size());
    if (text.compare(i, 3, "$${") == 0) {
      e.text += "${";
      e.map.append_fixed(at, scalar.map.locate(i, 3));
      i += 3;
      continue;
    }
    if (text.compare(i, 2, "${") != 0) {
      const span here = scalar.map.locate(i);
      here.size() == 1 ? e.map.append_straight(at, here.begin) : e.map.append_fixed(at, here);
      e.text += text[i];
      if (how == use::expression) literal.see(text[i]);
      ++i;
      continue;
    }
    const std::size_t close = closing(text, i);
    const std::uint32_t end = close == std::string::npos ? static_cast<std::uint32_t>(text.size()) : static_cast<std::uint32_t>(close) + 1;
    const span place = scalar.map.locate(i, end - i);
    const std::string inside = close == std::string::npos ? std::string() : text.substr(i + 2, close - i - 2);
    const std::size_t dash = inside.find(":-");
    const std::string name = inside.substr(0, dash);
    found f;
    if (name == "@") {
      all_used_ = true;
      faults_.error(source_, place, "'${@}' is a list: it stands alone, where a list may stand");
      e.failed = true;
    } else if (is_number(name)) {
      const std::size_t n = std::stoul(name);
      highest_ = std::max(highest_, n);
      if (n <= sources_.arguments.size()) f.value = sources_.arguments[n - 1];
      else if (dash == std::string::npos && sources_.arguments_unknown) f.value = "", f.unknown = true;
    } else if (is_name(name)) {
      f = look_up(name);
    } else {
      faults_.error(source_, place, "'${' begins a variable: ${name}, ${name:-default}, ${1} or ${@}", "a literal '${' is written '$${'");
      e.failed = true;
    }
    // As in the shell, the default stands for a variable that is empty, too.
    if (dash != std::string::npos && f.value && f.value->empty() && !f.unknown) f.value.reset();
    if (!e.failed && !f.value) {
      if (dash != std::string::npos) {
        f.value = inside.substr(dash + 2);
        if (f.value->find("${") != std::string::npos) {
          faults_.error(source_, place, "a default is text: it holds no variable");
          e.failed = true;
        }
      } else {
        std::vector<std::string> known;
        for (const auto& [key, value] : vars_) known.push_back(key);
        for (const auto& [key, value] : sources_.given) known.push_back(key);
        const bool below = defining_ != nullptr && defining_->find(name) != nullptr;
        std::string hint = below ? "it stands below: a variable may use those above it" : did_you_mean(name, known);
        if (hint.empty()) {
          hint = !is_number(name)               ? "give it with --var " + name + "=…, or a default: ${" + name + ":-…}"
                 : sources_.arguments_are_files ? "with -e, the arguments are input files"
                                                : "give it behind the config's name, or a default: ${" + name + ":-…}";
        }
        faults_.error(source_, place, is_number(name) ? "argument " + name + " is not given" : "variable '" + name + "' is not set", std::move(hint));
        e.failed = true;
      }
    }
    if (f.value) {
      e.unknown |= f.unknown;
      std::string put = *f.value;
      if (how == use::replacement && !whole) close_group(e.text), put = replacement_of(put, e.text);
      if ((how == use::format || how == use::escaped_format) && !whole) put = format_of(put, how == use::escaped_format, e.text);
      if (how == use::pattern && !whole) put = pattern_of(put, e.text);
      if (literal.quote() != 0 && literal.pattern()) put = pattern_of(put, e.text, literal.quote());
      if (how == use::expression) {
        const char quote = literal.quote();
        if (quote == 0) {
          put = literal.pattern() ? '"' + escaped(put) + '"' : constant(put);
        } else if (quote == '"') {
          put = (literal.take_backslash() ? "\\" : "") + escaped(put);
        } else if (put.find(quote) != std::string::npos) {
          faults_.error(source_, place, std::string("the value holds a ") + quote + ", which would end the text that it stands in",
                        quote == '\'' ? "write the text in double quotes" : std::string());
          e.failed = true;
        }
      }
      if (e.text.size() + put.size() > largest_config) {
        if (!e.failed) faults_.error(source_, place, "the text with its variables is over " + std::to_string(largest_config >> 20) + " MiB");
        e.failed = true;
        return e;
      }
      if (!put.empty()) e.map.append_fixed(at, place);
      e.text += put;
    }
    i = end;
  }
  return e;
}

std::optional<std::vector<node>> variables::all_arguments(const node& scalar) {
  const std::string& text = scalar.text;
  if (!scalar.is_scalar() || text.compare(0, 3, "${@") != 0 || closing(text, 0) != text.size() - 1) return std::nullopt;
  if (text.size() != 4 && text.compare(3, 2, ":-") != 0) return std::nullopt;
  all_used_ = true;
  std::vector<std::string> values = sources_.arguments;
  if (values.empty() && text.size() != 4) values.push_back(text.substr(5, text.size() - 6));
  std::vector<node> out;
  for (const std::string& value : values) {
    node n;
    n.kind = node_kind::scalar;
    n.style = style::single_quoted;
    n.where = scalar.where;
    // What an argument holds is text: a `${` in it is no variable.
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (value.compare(i, 2, "${") == 0) n.text += '$';
      n.text += value[i];
    }
    n.map.append_fixed(0, scalar.where);
    out.push_back(std::move(n));
  }
  return out;
}

bool variables::refuse(const node& scalar, const std::string& what) {
  const std::size_t at = scalar.text.find("${");
  if (at == std::string::npos) return false;
  const std::size_t end = std::min(scalar.text.find('}', at), scalar.text.size() - 1);
  faults_.error(source_, scalar.map.locate(static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end - at + 1)), what + " holds no variable: a value never changes the graph");
  return true;
}

void variables::report_unused() {
  std::vector<std::string> known(used_.begin(), used_.end());
  for (const auto& [key, value] : vars_) known.push_back(key);
  for (const auto& [name, value] : sources_.given) {
    if (used_.count(name) != 0) continue;
    const std::string meant = did_you_mean(name, known);
    faults_.error(source_.name(), "--var " + name + ": the config has no such variable" + (meant.empty() ? "" : ", " + meant));
  }
  if (all_used_ || sources_.arguments_are_files || sources_.arguments.size() <= highest_) return;
  faults_.error(source_.name(), "argument " + in_quotes(sources_.arguments[highest_]) + " is one too many: the config uses " +
                                    (highest_ == 0 ? std::string("none") : std::to_string(highest_)),
                sources_.arguments[highest_].compare(0, 1, "-") == 0 ? "options stand before the config's name" : "a config takes its arguments as ${1}, ${2:-default}, ${@}");
}

}  // namespace pipes::pipelines
