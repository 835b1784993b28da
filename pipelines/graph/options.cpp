// options.cpp: see options.hpp.
#include "pipelines/graph/options.hpp"

#include <algorithm>
#include <limits>

#include "pipelines/graph/units.hpp"

namespace pipes::pipelines {
namespace {

constexpr std::size_t longest_quote = 80;

// A hint that shows how the text is written, if it is short enough to show.
std::string quote_hint(std::string_view text, const std::string& before = "quote it: ") {
  if (text.empty() || text.size() > longest_quote || text.find('\n') != std::string_view::npos) return {};
  return before + yaml_quoted(text);
}

// The text was in YAML, where a comment, a backspace, a bracket can be a trap.
bool wants_quotes(option_type type) {
  return type == option_type::pattern || type == option_type::expression || type == option_type::format;
}

std::string wanted(const option_spec& spec) {
  if (spec.type == option_type::choice) return listed(spec.choices);
  std::string out(name_of(spec.type));
  if (spec.type == option_type::duration) out += " (250ms, 5s, 1m30s)";
  if (spec.type == option_type::size) out += " (64KiB, 1MB)";
  return out;
}

std::string bound(const option_spec& spec, std::int64_t v) {
  if (spec.type == option_type::duration) return print_duration(v);
  if (spec.type == option_type::size) return print_size(static_cast<std::uint64_t>(v));
  return std::to_string(v);
}

bool is_identifier(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Where a field's name stands in the text of an expression or format: as a whole word.
std::size_t find_word(const std::string& text, const std::string& word) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const bool left = at == 0 || !is_identifier(text[at - 1]), right = at + word.size() >= text.size() || !is_identifier(text[at + word.size()]);
    if (left && right) return at;
  }
  return std::string::npos;
}

std::string boolean_hint(const std::string& text) {
  for (const char* yes : {"yes", "on", "1", "True", "TRUE", "Yes", "On", "y"})
    if (text == yes) return "write true";
  for (const char* no : {"no", "off", "0", "False", "FALSE", "No", "Off", "n"})
    if (text == no) return "write false";
  return {};
}

std::string integer_hint(const std::string& text) {
  const std::size_t digit = text.find_first_not_of('0');
  if (!text.empty() && text[0] == '0' && digit != std::string::npos && parse_integer(text.substr(digit))) return "write it without leading zeros: " + text.substr(digit);
  if (!text.empty() && text.find_first_not_of("0123456789-") == std::string::npos && text.size() > 18) return "it does not fit into 64 bits";
  return {};
}

std::string unit_hint(const std::string& text, bool time) {
  std::string tight;
  for (char c : text)
    if (c != ' ') tight += c;
  if (tight != text && (time ? parse_duration(tight) : parse_size(tight))) return "write it without blanks: " + tight;
  if (time && is_too_long(text)) return "that is too long, it is at most 36500d";
  if (time && parse_real(text)) return "say the unit: " + text + "s";
  if (!time && text.size() > 1) {
    static constexpr std::pair<char, const char*> shorts[] = {{'k', "KiB"}, {'K', "KiB"}, {'m', "MiB"}, {'M', "MiB"}, {'g', "GiB"}, {'G', "GiB"}};
    for (const auto& [c, unit] : shorts)
      if (const std::string number = text.substr(0, text.size() - 1); text.back() == c && parse_size(number)) return "write " + number + unit;
  }
  return {};
}

class options_reader {
public:
  options_reader(checking& c, const stage_spec& spec, const std::string& written, span type_where, bool missing_is_told, read_options& out)
      : c_(c), spec_(spec), written_(written), type_where_(type_where), missing_is_told_(missing_is_told), out_(out) {}

  void read(const node& given) {
    find_fixed(given);
    if (given.faulty) {
      out_.failed = true;
      return;
    }
    has_options_ = given.kind == node_kind::map;
    switch (given.kind) {
      case node_kind::null: read_nothing(given); break;
      case node_kind::scalar:
      case node_kind::list: read_main(given); break;
      case node_kind::map: read_map(given); break;
    }
    sort_and_fill();
  }

private:
  void fail(span at, std::string message, std::string hint = {}, std::string note = {}) {
    out_.failed = true;
    c_.faults.error(c_.source, at, std::move(message), std::move(hint), std::move(note));
  }

  const option_spec* find(std::string_view name) const {
    for (const option_spec& o : spec_.options)
      if (o.name == name && !o.rest) return &o;
    return nullptr;
  }
  const option_spec* main_option() const {
    for (const option_spec& o : spec_.options)
      if (o.main) return &o;
    return nullptr;
  }
  const option_spec* rest_option() const {
    for (const option_spec& o : spec_.options)
      if (o.rest) return &o;
    return nullptr;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const option_spec& o : spec_.options)
      if (!o.rest) out.push_back(o.name);
    return out;
  }
  std::string what(const option_spec& o) const { return option_label(o.name, written_); }

  // A pattern may be fixed text, which depends on another option.
  void find_fixed(const node& given) {
    if (const member* m = given.find("fixed"); m != nullptr && m->value.is_scalar()) fixed_ = c_.vars.expand(m->value, variables::use::text).text == "true";
  }

  void read_nothing(const node& given) {
    if (given.where.size() != 0) {  // a written null
      const option_spec* const main = main_option();
      fail(given.where, written_ + " takes " + (main != nullptr ? wanted(*main) : std::string("options")) + ", not null", quote_hint(c_.source.slice(given.where), "to mean the text, quote it: "));
      return;
    }
    missing_because_of_ = given.comment;
  }

  void read_main(const node& given) {
    const option_spec* main = main_option();
    if (main == nullptr || main->container == container::map) {
      if (main == nullptr && rest_option() != nullptr) main = rest_option();
      if (main != nullptr) {
        fail(given.where, written_ + " takes a map of " + std::string(main->type == option_type::expression ? "names and expressions" : "names and values") + ", not " + std::string(kind_name(given)));
      } else if (spec_.options.empty()) {
        fail(given.where, written_ + " takes no options");
      } else {
        fail(given.where, written_ + " takes named options, no value of its own", "its options: " + listed(names(), "and"));
      }
      return;
    }
    read_option(*main, given);
  }

  void read_map(const node& given) {
    const option_spec* const rest = rest_option();
    const option_spec* const main = main_option();
    const bool whole = rest == nullptr && main != nullptr && main->container == container::map &&
                       std::none_of(given.members.begin(), given.members.end(), [&](const member& m) { return find(m.key) != nullptr; });
    if (whole && !given.members.empty()) {
      read_option(*main, given);
      return;
    }
    node others;  // what the rest option takes
    others.kind = node_kind::map;
    others.where = given.where;
    bool all_empty = !given.members.empty();
    for (const member& m : given.members) all_empty &= m.value.kind == node_kind::null && m.value.where.size() == 0;
    for (const member& m : given.members) {
      if (const option_spec* o = find(m.key)) {
        read_option(*o, m.value, m.where);
      } else if (rest != nullptr) {
        others.members.push_back(m);
      } else if (all_empty && given.flow && main != nullptr) {
        if (!require_scalar(c_, given, what(*main), wanted(*main))) out_.failed = true;
        return;
      } else {
        // Fields are a key `on` which one stage joins and `by` which others group: the one is meant by the other, which no spelling shows.
        const std::string other = m.key == "by" ? "on" : m.key == "on" ? "by" : "";
        std::string hint = find(other) ? "did you mean '" + other + "'?" : did_you_mean(m.key, names());
        if (hint.empty()) hint = spec_.options.empty() ? "it has none" : "its options: " + listed(names(), "and");
        if (is_stage_key(m.key)) hint = "it is a key of the stage: it stands beside its type, {" + written_ + ": …, " + m.key + ": …}";
        fail(m.where, written_ + " has no option " + in_quotes(m.key), std::move(hint));
      }
    }
    if (rest != nullptr && !others.members.empty()) read_option(*rest, others);
  }

  void read_option(const option_spec& spec, const node& given, span key_where = {}) {
    option o;
    o.name = spec.name;
    o.type = spec.type;
    o.container = spec.container;
    o.from = origin::given;
    placed_value place;
    const bool before = out_.failed;
    out_.failed = false;
    read_container(spec, given, o.val, place);
    const bool good = !out_.failed;
    out_.failed |= before;
    seen_.push_back(spec.name);
    if (key_where.size() != 0 && place.where.size() == 0) place.where = key_where;
    if (!good) return;
    out_.options.push_back(std::move(o));
    out_.places.emplace_back(spec.name, std::move(place));
  }

  void read_container(const option_spec& spec, const node& given, value& v, placed_value& place) {
    place.where = given.where;
    v.where = c_.source.locate(given.where.begin);
    if (spec.container == container::map) {
      v.kind = value::kind_t::map;
      if (given.kind != node_kind::map) {
        fail(given.where, what(spec) + " takes a map of names and " + (spec.type == option_type::expression ? "expressions" : "values") + ", not " + std::string(kind_name(given)),
             spec.type == option_type::expression && given.kind != node_kind::list ? "give the result a name: " + spec.name + ": {NAME: EXPRESSION}" : std::string());
        return;
      }
      for (const member& m : given.members) {
        if (m.key.empty()) {
          fail(m.where, what(spec) + ": a name is empty");
          continue;
        }
        if (m.key.find("${") != std::string::npos) fail(m.where, "a name holds no variable: values alone do");
        if (spec.key_fields) out_.fields.push_back({m.key, m.where, true});
        v.keys.push_back(m.key);
        place.keys.push_back(m.key);
        v.items.emplace_back();
        place.items.emplace_back();
        place.items.back().key_where = m.where;
        read_scalar(spec, m.value, v.items.back(), place.items.back(), in_quotes(m.key) + " in " + what(spec));
      }
      return;
    }
    if (spec.container == container::list) {
      v.kind = value::kind_t::list;
      if (given.kind == node_kind::map) {
        fail(given.where, what(spec) + " takes a list, not a map", given.flow ? quote_hint(c_.source.slice(given.where)) : std::string());
        return;
      }
      const auto add = [&](const node& n) {
        if (const auto all = c_.vars.all_arguments(n)) {
          if (all->empty() && !c_.vars.all_unknown()) fail(n.where, "no arguments are given", "give them behind the config's name, or a default: ${@:-…}");
          for (const node& one : *all) add_item(spec, one, v, place);
          if (all->empty()) v.unknown = out_.unknown = true;
          return;
        }
        add_item(spec, n, v, place);
      };
      if (given.kind == node_kind::list) {
        for (const node& n : given.items) add(n);
        if (given.items.empty() && spec.required) fail(given.where, what(spec) + " is empty");
      } else {
        add(given);
      }
      return;
    }
    read_scalar(spec, given, v, place, what(spec));
  }

  void add_item(const option_spec& spec, const node& n, value& v, placed_value& place) {
    v.items.emplace_back();
    place.items.emplace_back();
    read_scalar(spec, n, v.items.back(), place.items.back(), what(spec));
  }

  void read_scalar(const option_spec& spec, const node& n, value& v, placed_value& place, const std::string& name) {
    place.where = n.where;
    v.where = c_.source.locate(n.where.begin);
    if (!require_scalar(c_, n, name, wanted(spec))) {
      out_.failed = true;
      return;
    }
    if (wants_quotes(spec.type) && n.style == style::plain && n.comment.size() != 0) {
      const span meant = {n.where.begin, n.comment.end};
      fail(n.comment, "everything behind this '#' is a comment, no part of " + std::string(name_of(spec.type)),
           quote_hint(c_.source.slice(meant), "to mean it, quote all: "),
           "to keep the comment, quote what stands before it: " + yaml_quoted(c_.source.slice(n.where)));
      return;
    }
    if (n.backspace && (wants_quotes(spec.type) || spec.type == option_type::text)) {
      const std::string_view source = c_.source.slice(n.where);
      fail(n.where, "in double quotes \\b is a backspace", source.size() > 2 ? quote_hint(source.substr(1, source.size() - 2), "single quotes leave backslashes alone: ") : std::string());
      return;
    }
    const bool pattern = spec.type == option_type::pattern && !(spec.fixed_by && fixed_);
    expanded e = c_.vars.expand(n, spec.type == option_type::expression ? variables::use::expression
                                   : spec.type == option_type::format   ? (spec.escapes ? variables::use::escaped_format : variables::use::format)
                                   : pattern                            ? variables::use::pattern
                                   : spec.replacement && !fixed_        ? variables::use::replacement
                                                                        : variables::use::text);
    if (e.failed) {
      out_.failed = true;
      return;
    }
    v.unknown = e.unknown;
    out_.unknown |= e.unknown;
    v.kind = value::kind_t::text;
    v.text = std::move(e.text);
    place.map = std::move(e.map);
    if (!e.unknown) set_typed(spec, n, v, place, name);
  }

  void set_typed(const option_spec& spec, const node& n, value& v, placed_value& place, const std::string& name) {
    const auto wrong = [&](std::string hint = {}) {
      if (n.style == style::raw && v.text.find('|') != std::string::npos) hint = "a '|' between stages has a blank on both sides";
      if (v.text.size() > 1 && v.text[0] == '$') hint = "a variable is written ${" + v.text.substr(1) + "}";
      fail(n.where, name + " takes " + wanted(spec) + ", not " + in_quotes(v.text), std::move(hint));
    };
    const auto ranged = [&](auto number) {
      const auto less = [&](std::int64_t b) { return number < static_cast<decltype(number)>(b); };
      const auto more = [&](std::int64_t b) { return number > static_cast<decltype(number)>(b); };
      if (spec.least && less(*spec.least)) fail(n.where, name + " is at least " + bound(spec, *spec.least) + ", not " + v.text);
      else if (spec.most && more(*spec.most)) fail(n.where, name + " is at most " + bound(spec, *spec.most) + ", not " + v.text);
    };
    switch (spec.type) {
      case option_type::boolean:
        if (v.text != "true" && v.text != "false") return wrong(boolean_hint(v.text));
        v.kind = value::kind_t::boolean;
        v.boolean = v.text == "true";
        return;
      case option_type::integer: {
        const auto number = parse_integer(v.text);
        if (!number) return wrong(integer_hint(v.text));
        v.kind = value::kind_t::integer;
        v.integer = *number;
        return ranged(*number);
      }
      case option_type::real: {
        const auto number = parse_real(v.text);
        if (!number) return wrong();
        v.kind = value::kind_t::real;
        v.real = *number;
        return ranged(*number);
      }
      case option_type::duration: {
        const auto number = parse_duration(v.text);
        if (!number) return wrong(unit_hint(v.text, true));
        v.kind = value::kind_t::integer;
        v.integer = *number;
        return ranged(*number);
      }
      case option_type::size: {
        const auto number = parse_size(v.text);
        if (!number) return wrong(unit_hint(v.text, false));
        v.kind = value::kind_t::integer;
        v.integer = *number;
        return ranged(*number);
      }
      case option_type::choice: {
        const auto it = std::find(spec.choices.begin(), spec.choices.end(), v.text);
        if (it == spec.choices.end()) return wrong(did_you_mean(v.text, spec.choices));
        v.integer = it - spec.choices.begin();
        return;
      }
      case option_type::text: return;
      case option_type::pattern: return take_facts(spec, c_.types.check_pattern(v.text, spec.fixed_by && fixed_), n, v, place);
      case option_type::field: {
        if (spec.sort_key && v.text.size() > 1 && v.text[0] == '-') {
          v.descending = true;
          v.text.erase(0, 1);
          for (auto& s : place.map.segments) s.at > 0 ? --s.at : (s.straight ? ++s.source.begin : s.source.begin);
        }
        if (v.text.empty()) return wrong();
        if (const std::size_t blank = v.text.rfind(' '); spec.sort_key && blank != std::string::npos) {
          const std::string last = v.text.substr(blank + 1);
          if (last == "desc" || last == "DESC") c_.faults.warning(c_.source, n.where, "this sorts by a field called " + in_quotes(v.text), "the largest first: -" + v.text.substr(0, blank));
        }
        return take_facts(spec, c_.types.check_field(v.text), n, v, place);
      }
      case option_type::expression:
        if (v.text.find_first_not_of(" \t\r\n") == std::string::npos) return fail(n.where, name + " takes an expression; this one is empty");
        return take_facts(spec, c_.types.check_expression(v.text, spec.condition), n, v, place);
      case option_type::format: return take_facts(spec, c_.types.check_format(v.text), n, v, place);
    }
  }

  void take_facts(const option_spec& spec, const text_facts& facts, const node& n, const value& v, const placed_value& place) {
    for (const fault& f : facts.faults) {
      const auto size = static_cast<std::uint32_t>(v.text.size());
      span at = n.where;
      if (f.offset >= size && size != 0) {
        // Behind the end of the text: the byte after its last one.
        at = place.map.locate(size - 1);
        at = {at.end, at.end + 1};
      } else if (size != 0 && f.offset < size && !(f.offset == 0 && f.length == 0)) {
        at = place.map.locate(static_cast<std::uint32_t>(f.offset), static_cast<std::uint32_t>(std::min<std::size_t>(std::max<std::size_t>(f.length, 1), size - f.offset)));
      }
      if (f.is_warning) c_.faults.warning(c_.source, at, f.message, f.hint);
      else fail(at, f.message, f.hint);
    }
    out_.reads_all |= facts.all_fields;
    if (spec.type == option_type::pattern) return;
    // Looking every name up in a text of that size would take for ever; the value as a whole is blamed then.
    constexpr std::size_t most_looked = 1 << 24;
    const bool look = facts.fields.size() < most_looked / (v.text.size() + 1);
    for (const std::string& field : facts.fields) {
      const std::size_t at = look ? find_word(v.text, field) : std::string::npos;
      const span where = at == std::string::npos ? n.where : place.map.locate(static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(field.size()));
      out_.fields.push_back({field, where, spec.type == option_type::field});
    }
  }

  void missing(const option_spec& spec) {
    if (spec.rest) {
      const std::string of = spec.type == option_type::expression ? "names and expressions" : "names and values";
      return fail(type_where_, written_ + " needs " + of, "write " + written_ + ": {NAME: " + (spec.type == option_type::expression ? "EXPRESSION}" : "VALUE}"));
    }
    const std::string& text = c_.source.text();
    const bool before_colon = type_where_.end < text.size() && text[type_where_.end] == ':';
    const bool behind_use = type_where_.begin >= 2 && text.compare(type_where_.begin - 2, 2, ": ") == 0;
    std::string hint;
    if (has_options_) hint = "add " + spec.name + ": …";
    else if (behind_use) hint = "add with: {" + spec.name + ": …}";
    else if (spec.main) hint = before_colon ? "write it behind the colon: " + written_ + ": …" : "write " + written_ + ": …";
    fail(type_where_, written_ + " needs " + in_quotes(spec.name) + ": " + wanted(spec), std::move(hint));
  }

  // Options in the order of the declaration, defaults behind them, what is required looked for.
  void sort_and_fill() {
    out_.failed |= missing_is_told_;
    for (const option_spec& spec : spec_.options) {
      if (std::find(seen_.begin(), seen_.end(), spec.name) != seen_.end()) continue;
      const bool lost = !missing_is_told_ && missing_because_of_.size() != 0 && (spec.required || (spec.main && wants_quotes(spec.type)));
      if (spec.required || lost) {
        if (lost)
          fail(missing_because_of_, "everything behind this '#' is a comment: " + what(spec) + " is missing", quote_hint(c_.source.slice(missing_because_of_), "to mean the text, quote it: "));
        else if (!missing_is_told_ && !out_.failed)
          missing(spec);
      } else if (!spec.fallback.empty()) {
        option o;
        o.name = spec.name;
        o.type = spec.type;
        o.container = spec.container;
        o.from = origin::stage_default;
        o.val.kind = value::kind_t::text;
        o.val.text = spec.fallback;
        out_.options.push_back(std::move(o));
      }
    }
    const auto rank = [&](const option& o) {
      return std::find_if(spec_.options.begin(), spec_.options.end(), [&](const option_spec& s) { return s.name == o.name; }) - spec_.options.begin();
    };
    std::stable_sort(out_.options.begin(), out_.options.end(), [&](const option& a, const option& b) { return rank(a) < rank(b); });
  }

  checking& c_;
  const stage_spec& spec_;
  const std::string& written_;
  const span type_where_;
  const bool missing_is_told_;
  read_options& out_;
  std::vector<std::string> seen_;
  span missing_because_of_;
  bool fixed_ = false;
  bool has_options_ = false;  // written as a map
};

}  // namespace

std::string option_label(const std::string& option, const std::string& type) { return "option '" + option + "' of " + type; }

read_options read_stage_options(checking& c, const stage_spec& spec, const std::string& written, const node& given, span type_where, bool missing_is_told) {
  read_options out;
  options_reader(c, spec, written, type_where, missing_is_told, out).read(given);
  return out;
}

bool require_scalar(checking& c, const node& n, const std::string& what, const std::string& wanted_text) {
  if (n.faulty) return false;
  if (n.is_scalar()) return true;
  const std::string begin = what + " takes " + wanted_text + ", not " + std::string(kind_name(n));
  // Where any text is one, brackets and null may be meant as they stand.
  const bool any_text = wanted_text == "text" || wanted_text == name_of(option_type::pattern) || wanted_text == name_of(option_type::expression) || wanted_text == name_of(option_type::format);
  if (n.kind != node_kind::null) {
    const bool one = n.items.size() == 1 && n.items[0].is_scalar();
    c.faults.error(c.source, n.where, begin, any_text ? n.flow ? quote_hint(c.source.slice(n.where)) : std::string() : one ? "write it without brackets: " + n.items[0].text : std::string());
  } else if (n.comment.size() != 0 && n.where.size() == 0) {
    c.faults.error(c.source, n.comment, "everything behind this '#' is a comment: " + what + " is missing", quote_hint(c.source.slice(n.comment), "to mean the text, quote it: "));
  } else {
    c.faults.error(c.source, n.where, begin, n.where.size() != 0 && any_text ? quote_hint(c.source.slice(n.where), "to mean the text, quote it: ") : std::string());
  }
  return false;
}

namespace {
// A scalar of the config's own keys, as text. Nothing: reported, or unknown.
std::optional<std::string> scalar_text(checking& c, const node& n, const std::string& what, const std::string& wanted_text, bool& unknown) {
  if (!require_scalar(c, n, what, wanted_text)) return std::nullopt;
  expanded e = c.vars.expand(n, variables::use::text);
  unknown = e.unknown;
  if (e.failed) return std::nullopt;
  return std::move(e.text);
}
}  // namespace

std::optional<std::int64_t> read_integer(checking& c, const node& n, const std::string& what, std::int64_t least, std::int64_t most) {
  bool unknown = false;
  const auto text = scalar_text(c, n, what, "a whole number", unknown);
  if (!text || unknown) return std::nullopt;
  const auto number = parse_integer(*text);
  if (!number) c.faults.error(c.source, n.where, what + " takes a whole number, not " + in_quotes(*text));
  else if (*number < least || *number > most) {
    c.faults.error(c.source, n.where, what + (*number < least ? " is at least " + std::to_string(least) : " is at most " + std::to_string(most)) + ", not " + *text);
    return std::nullopt;
  }
  return number;
}

std::optional<std::int64_t> read_integer_or(checking& c, const node& n, const std::string& what, const std::string& word, std::int64_t most) {
  const std::string wanted_text = "a number or " + word;
  bool unknown = false;
  const auto text = scalar_text(c, n, what, wanted_text, unknown);
  if (!text || unknown) return std::nullopt;
  if (*text == word) return 0;
  const auto number = parse_integer(*text);
  if (!number) c.faults.error(c.source, n.where, what + " takes " + wanted_text + ", not " + in_quotes(*text), did_you_mean(*text, {word}));
  else if (*number >= 1 && *number <= most) return number;
  else c.faults.error(c.source, n.where, what + (*number < 1 ? " is at least 1" : " is at most " + std::to_string(most)) + ", not " + *text);
  return std::nullopt;
}

std::optional<std::int64_t> read_duration(checking& c, const node& n, const std::string& what) {
  bool unknown = false;
  const auto text = scalar_text(c, n, what, "a duration (250ms, 5s, 1m30s)", unknown);
  if (!text || unknown) return std::nullopt;
  const auto number = parse_duration(*text);
  if (!number) c.faults.error(c.source, n.where, what + " takes a duration (250ms, 5s, 1m30s), not " + in_quotes(*text), unit_hint(*text, true));
  else if (*number == 0) {
    c.faults.error(c.source, n.where, what + " is more than 0");
    return std::nullopt;
  }
  return number;
}

std::optional<std::int64_t> read_size(checking& c, const node& n, const std::string& what, std::int64_t least, std::int64_t most) {
  bool unknown = false;
  const auto text = scalar_text(c, n, what, "a size (64KiB, 1MB)", unknown);
  if (!text || unknown) return std::nullopt;
  const auto number = parse_size(*text);
  if (!number) c.faults.error(c.source, n.where, what + " takes a size (64KiB, 1MB), not " + in_quotes(*text), unit_hint(*text, false));
  else if (*number < least || *number > most) {
    const std::string limit = *number < least ? " is at least " + print_size(static_cast<std::uint64_t>(least)) : " is at most " + print_size(static_cast<std::uint64_t>(most));
    c.faults.error(c.source, n.where, what + limit + ", not " + *text);
    return std::nullopt;
  }
  return number;
}

std::optional<bool> read_boolean(checking& c, const node& n, const std::string& what) {
  bool unknown = false;
  const auto text = scalar_text(c, n, what, "true or false", unknown);
  if (!text || unknown) return std::nullopt;
  if (*text == "true" || *text == "false") return *text == "true";
  c.faults.error(c.source, n.where, what + " takes true or false, not " + in_quotes(*text), boolean_hint(*text));
  return std::nullopt;
}

std::optional<std::string> read_text(checking& c, const node& n, const std::string& what, const std::string& wanted_text) {
  bool unknown = false;
  auto text = scalar_text(c, n, what, wanted_text, unknown);
  if (text && text->empty() && !unknown) {
    c.faults.error(c.source, n.where, what + " is empty");
    return std::nullopt;
  }
  return text;
}

std::optional<std::size_t> read_choice(checking& c, const node& n, const std::string& what, const std::vector<std::string>& choices) {
  bool unknown = false;
  const auto text = scalar_text(c, n, what, listed(choices), unknown);
  if (!text || unknown) return std::nullopt;
  const auto it = std::find(choices.begin(), choices.end(), *text);
  if (it == choices.end()) {
    c.faults.error(c.source, n.where, what + " takes " + listed(choices) + ", not " + in_quotes(*text), did_you_mean(*text, choices));
    return std::nullopt;
  }
  return static_cast<std::size_t>(it - choices.begin());
}

}  // namespace pipes::pipelines
