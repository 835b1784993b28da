// functions_text.cpp: functions on texts, and those with a regular expression. Texts are bytes; where characters count, they
// are those of UTF-8, and a byte that fits none counts as one.
#include "core/expr/functions.hpp"

#include <algorithm>
#include <stdexcept>

namespace pipes::expr {
namespace {

constexpr std::uint64_t longest_text = 64u << 20;
constexpr std::uint64_t longest_repeat = 1u << 20;

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }
bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::uint64_t characters(std::string_view s) { return static_cast<std::uint64_t>(std::count_if(s.begin(), s.end(), [](char c) { return !continues(c); })); }

// The byte offset of the n-th character.
std::size_t offset_of(std::string_view s, std::uint64_t n) {
  std::size_t i = 0;
  for (; i < s.size(); ++i)
    if (!continues(s[i]) && n-- == 0) break;
  return i;
}

template <class F>
value mapped(call& c, std::string_view s, F f) {
  char* p = static_cast<char*>(c.memory.take(s.size()));
  std::transform(s.begin(), s.end(), p, f);
  return text_value({p, s.size()});
}

value lower(call& c, const value* a, std::size_t) {
  return mapped(c, a[0].text, [](char x) { return x >= 'A' && x <= 'Z' ? static_cast<char>(x + 32) : x; });
}
value upper(call& c, const value* a, std::size_t) {
  return mapped(c, a[0].text, [](char x) { return x >= 'a' && x <= 'z' ? static_cast<char>(x - 32) : x; });
}
std::string_view without_left(std::string_view s) { while (!s.empty() && is_blank(s.front())) s.remove_prefix(1); return s; }
std::string_view without_right(std::string_view s) { while (!s.empty() && is_blank(s.back())) s.remove_suffix(1); return s; }
value trim(call&, const value* a, std::size_t) { return text_value(without_left(without_right(a[0].text))); }
value ltrim(call&, const value* a, std::size_t) { return text_value(without_left(a[0].text)); }
value rtrim(call&, const value* a, std::size_t) { return text_value(without_right(a[0].text)); }

value length(call& c, const value* a, std::size_t) {
  if (is_null(a[0])) return c.null();
  if (a[0].tag != PIPE_JSON) return int_value(static_cast<std::int64_t>(characters(to_text(a[0], c.memory))));
  std::int64_t n = 0;
  if (!a[0].text.empty() && a[0].text.front() == '{') {
    json::members all(a[0].text);
    for (json::member m; all.next(m);) ++n;
  } else {
    elements all(a[0].text);
    for (std::string_view e; all.next(e);) ++n;
  }
  return int_value(n);
}
value bytes(call&, const value* a, std::size_t) { return int_value(static_cast<std::int64_t>(a[0].text.size())); }

value substr(call&, const value* a, std::size_t n) {
  const std::string_view s = a[0].text;
  const auto size = static_cast<std::int64_t>(characters(s));
  std::int64_t start = static_cast<std::int64_t>(a[1].bits);
  if (start < 0) start = std::max<std::int64_t>(size + std::max(start, -size), 0);
  start = std::min(start, size);
  std::int64_t count = n > 2 ? static_cast<std::int64_t>(a[2].bits) : size;
  count = std::clamp<std::int64_t>(count, 0, size - start);
  const std::size_t from = offset_of(s, static_cast<std::uint64_t>(start));
  const std::string_view rest = s.substr(from);
  return text_value(rest.substr(0, offset_of(rest, static_cast<std::uint64_t>(count))));
}

value replace(call& c, const value* a, std::size_t) {
  std::string_view s = a[0].text;
  const std::string_view from = a[1].text, to = a[2].text;
  if (from.empty()) return text_value(s);
  std::string made;
  for (std::size_t at = 0;;) {
    const std::size_t hit = s.find(from, at);
    if (hit == std::string_view::npos) {
      if (at == 0) return text_value(s);
      made += s.substr(at);
      return text_value(c.keep(made));
    }
    made += s.substr(at, hit - at);
    made += to;
    at = hit + from.size();
    if (made.size() > longest_text) throw std::runtime_error("replace: the text grows beyond 64 MiB");
  }
}

value split(call& c, const value* a, std::size_t) {
  std::string_view s = a[0].text;
  const std::string_view by = a[1].text;
  memory::text_buffer list;
  list.push('[');
  for (bool first = true;; first = false) {
    const std::size_t hit = by.empty() ? std::string_view::npos : s.find(by);
    if (!first) list.push(',');
    json::append_string(list, s.substr(0, hit));
    if (hit == std::string_view::npos) break;
    s.remove_prefix(hit + by.size());
  }
  list.push(']');
  return json_value(c.keep({list.data(), list.size()}));
}

value join(call& c, const value* a, std::size_t n) {
  const std::string_view by = n > 1 ? a[1].text : std::string_view(",");
  std::string made;
  bool first = true;
  elements all(a[0].text);
  for (std::string_view e; all.next(e); first = false) {
    if (!first) made += by;
    made += to_text(json::read(e, c.memory), c.memory);
  }
  return text_value(c.keep(made));
}

value contains(call&, const value* a, std::size_t) { return bool_value(a[0].text.find(a[1].text) != std::string_view::npos); }
value starts_with(call&, const value* a, std::size_t) { return bool_value(a[0].text.substr(0, a[1].text.size()) == a[1].text); }
value ends_with(call&, const value* a, std::size_t) {
  return bool_value(a[0].text.size() >= a[1].text.size() && a[0].text.substr(a[0].text.size() - a[1].text.size()) == a[1].text);
}
value index_of(call&, const value* a, std::size_t) {
  const std::size_t hit = a[0].text.find(a[1].text);
  return int_value(hit == std::string_view::npos ? -1 : static_cast<std::int64_t>(characters(a[0].text.substr(0, hit))));
}

value pad(call& c, const value* a, std::size_t n) {
  const std::string_view s = a[0].text, fill = n > 2 ? a[2].text : std::string_view(" ");
  auto width = static_cast<std::int64_t>(a[1].bits);
  const bool left = width < 0;
  if (width < -65536 || width > 65536) return c.null();
  width = left ? -width : width;
  const auto have = static_cast<std::int64_t>(characters(s));
  if (have >= width || fill.empty()) return text_value(s);
  std::string space;
  for (std::int64_t k = have; k < width; ++k) space += fill;
  return text_value(c.keep(left ? space + std::string(s) : std::string(s) + space));
}

value repeat(call& c, const value* a, std::size_t) {
  const auto n = static_cast<std::int64_t>(a[1].bits);
  if (n <= 0) return text_value("");
  if (a[0].text.size() != 0 && static_cast<std::uint64_t>(n) > longest_repeat / a[0].text.size()) return c.null();
  std::string made;
  for (std::int64_t k = 0; k < n && !a[0].text.empty(); ++k) made += a[0].text;
  return text_value(c.keep(made));
}

value reverse(call& c, const value* a, std::size_t) {
  const std::string_view s = a[0].text;
  std::string made;
  for (std::size_t end = s.size(); end > 0;) {
    std::size_t start = end - 1;
    while (start > 0 && end - start < 4 && continues(s[start])) --start;
    made += s.substr(start, end - start);
    end = start;
  }
  return text_value(c.keep(made));
}

// -- with a regular expression

value match(call& c, const value* a, std::size_t n) {
  const std::uint32_t groups = c.pattern->groups();
  std::uint64_t group = groups ? 1 : 0;
  if (n > 2) {
    const value number = to_number(a[2]);
    if (is_text(a[2]) && is_null(number)) {
      group = UINT64_MAX;
      for (std::uint32_t g = 1; g <= groups; ++g)
        if (c.pattern->group_name(g) == a[2].text) group = g;
    } else if (number.tag == PIPE_INT) {
      group = number.bits;
    } else {
      group = UINT64_MAX;
    }
  }
  if (group > groups) return c.null();
  std::vector<std::uint64_t> found(2 * (groups + 1));
  std::uint64_t filled = 0;
  if (!c.pattern->find(a[0].text, 0, found.data(), groups + 1, filled) || found[2 * group] == UINT64_MAX) return null_value();
  if (found[2 * group] > found[2 * group + 1]) return null_value();
  return text_value(a[0].text.substr(found[2 * group], found[2 * group + 1] - found[2 * group]));
}

// Calls each(offsets) for every match, from left to right, as Perl and Python count them: behind an empty match the next one may begin at the
// same place but must not be empty. Where that has to move on, it moves by whole characters.
template <class F>
void each_match(call& c, std::string_view s, F&& each) {
  std::vector<std::uint64_t> found(2 * (c.pattern->groups() + 1));
  std::uint64_t filled = 0;
  bool was_empty = false;
  for (std::size_t at = 0; at <= s.size() && c.pattern->find(s, at, found.data(), found.size() / 2 | (was_empty ? PIPE_FIND_NOT_EMPTY : 0), filled);) {
    if (found[0] > found[1] || found[1] < at) break;
    at = found[1];
    const bool empty = found[0] == found[1];
    if (was_empty && empty && at < s.size() && continues(s[at])) {
      do ++at; while (at < s.size() && continues(s[at]));
      was_empty = false;
      continue;
    }
    was_empty = empty;
    each(found);
  }
}

value match_all(call& c, const value* a, std::size_t) {
  const std::size_t group = c.pattern->groups() ? 1 : 0;
  memory::text_buffer list;
  list.push('[');
  each_match(c, a[0].text, [&](const std::vector<std::uint64_t>& found) {
    if (list.size() > 1) list.push(',');
    if (found[2 * group] == UINT64_MAX) list.append("null");
    else json::append_string(list, a[0].text.substr(found[2 * group], found[2 * group + 1] - found[2 * group]));
  });
  list.push(']');
  return json_value(c.keep({list.data(), list.size()}));
}

value replace_regex(call& c, const value* a, std::size_t) {
  const std::string_view s = a[0].text, with = a[2].text;
  std::string made;
  std::size_t done = 0;
  each_match(c, s, [&](const std::vector<std::uint64_t>& found) {
    made += s.substr(done, found[0] - done);
    done = found[1];
    for (std::size_t i = 0; i < with.size(); ++i) {
      if ((with[i] != '\\' && with[i] != '$') || i + 1 >= with.size()) {
        made += with[i];
        continue;
      }
      const char next = with[i + 1];
      if (next >= '0' && next <= '9') {
        const auto g = static_cast<std::size_t>(next - '0');
        if (2 * g + 1 < found.size() && found[2 * g] != UINT64_MAX) made += s.substr(found[2 * g], found[2 * g + 1] - found[2 * g]);
        ++i;
      } else {
        made += with[i];
        if (next == with[i]) ++i;
      }
    }
    if (made.size() > longest_text) throw std::runtime_error("replace_regex: the text grows beyond 64 MiB");
  });
  made += s.substr(done);
  return text_value(c.keep(made));
}

}  // namespace

void add_text_functions(std::vector<function>& all) {
  const auto add = [&](const char* name, const char* parameters, const char* spec, std::uint32_t result, function_body body, const char* doc,
                       const char* example, const char* shows) { all.push_back({name, "text", parameters, spec, result, -1, true, doc, example, shows, body}); };
  add("lower", "text", "t", type_string, lower, "The text with ASCII letters in lower case.", "lower(\"Ab\")", "ab");
  add("upper", "text", "t", type_string, upper, "The text with ASCII letters in upper case.", "upper(\"Ab\")", "AB");
  add("trim", "text", "t", type_string, trim, "The text without blanks at either end.", "trim(\"  a b \")", "a b");
  add("ltrim", "text", "t", type_string, ltrim, "The text without blanks at its start.", "ltrim(\" a \") + \"|\"", "a |");
  add("rtrim", "text", "t", type_string, rtrim, "The text without blanks at its end.", "rtrim(\" a \") + \"|\"", " a|");
  add("length", "value", "a", type_int, length, "Characters of a text, elements of a list, members of an object.", "length(\"héllo\")", "5");
  add("bytes", "text", "t", type_int, bytes, "Bytes of a text.", "bytes(\"héllo\")", "6");
  add("substr", "text, start, length?", "ti?i", type_string, substr, "Part of a text by characters, from start (0 is the first; a negative one counts from the end).",
      "substr(\"abcdef\", 1, 3)", "bcd");
  add("replace", "text, from, to", "ttt", type_string, replace, "The text with every occurrence of `from` replaced.", "replace(\"a-b-c\", \"-\", \"+\")", "a+b+c");
  add("split", "text, separator", "tt", type_json, split, "The pieces of a text as a list.", "split(\"a,b\", \",\")", "[\"a\",\"b\"]");
  add("join", "list, separator?", "l?t", type_string, join, "A list's elements as one text; the separator is a comma unless given.", "join([1, 2, 3], \"-\")", "1-2-3");
  add("contains", "text, part", "tt", type_bool, contains, "Whether a text holds another.", "contains(\"seafood\", \"foo\")", "true");
  add("starts_with", "text, start", "tt", type_bool, starts_with, "Whether a text starts with another.", "starts_with(\"/api/x\", \"/api\")", "true");
  add("ends_with", "text, end", "tt", type_bool, ends_with, "Whether a text ends with another.", "ends_with(\"a.png\", \".png\")", "true");
  add("index", "text, part", "tt", type_int, index_of, "Where a text holds another, in characters from 0; -1 if it does not.", "index(\"seafood\", \"foo\")", "3");
  add("pad", "text, width, fill?", "ti?t", type_string, pad, "The text filled up to a width, behind it, or before it if the width is negative.", "pad(7, -3, \"0\")", "007");
  add("repeat", "text, times", "ti", type_string, repeat, "The text several times.", "repeat(\"ab\", 2)", "abab");
  add("reverse", "text", "t", type_string, reverse, "The characters from last to first.", "reverse(\"abc\")", "cba");
}

void add_pattern_functions(std::vector<function>& all) {
  const auto add = [&](const char* name, const char* parameters, const char* spec, std::uint32_t result, function_body body, const char* doc,
                       const char* example, const char* shows) { all.push_back({name, "patterns", parameters, spec, result, 1, true, doc, example, shows, body}); };
  add("match", "text, pattern, group?", "tt?a", type_string, match,
      "What a group matches, by number or name; without one, the first group, or all that matched if there is none. Null if nothing matches.",
      "match(\"id=42;\", 'id=(\\d+)')", "42");
  add("match_all", "text, pattern", "tt", type_json, match_all, "A list of all matches (of the first group, if there is one).", "match_all(\"a1b22\", '\\d+')", "[\"1\",\"22\"]");
  add("replace_regex", "text, pattern, with", "ttt", type_string, replace_regex, "The text with every match replaced; \\1 or $1 stands for a group, \\0 for all of it.",
      "replace_regex(\"a1b22\", '(\\d+)', '<\\1>')", "a<1>b<22>");
}

}  // namespace pipes::expr
