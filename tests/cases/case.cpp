// case.cpp: reading, writing and comparing text cases.
#include "case.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace cases {
namespace {

constexpr std::string_view any = "…";

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool starts_with_mark(const std::string& line, char mark) { return !line.empty() && line[0] == mark && (line.size() == 1 || line[1] == ' '); }

std::string after_mark(const std::string& line) { return line.size() > 2 ? line.substr(2) : std::string(); }

void drop_newline(std::string& text) {
  if (!text.empty() && text.back() == '\n') text.pop_back();
}

// '…' in `pattern` stands for any run of bytes.
bool line_matches(std::string_view pattern, std::string_view line) {
  std::size_t wild = pattern.find(any);
  if (wild == std::string_view::npos) return pattern == line;
  if (line.substr(0, wild) != pattern.substr(0, wild)) return false;
  line.remove_prefix(wild);
  pattern.remove_prefix(wild + any.size());
  for (std::size_t skip = 0; skip <= line.size(); ++skip)
    if (line_matches(pattern, line.substr(skip))) return true;
  return false;
}

bool is_any_lines(const std::string& line) { return line.size() > 2 && line.substr(2) == any; }

bool lines_match(const std::vector<std::string>& want, std::size_t w, const std::vector<std::string>& got, std::size_t g) {
  for (; w < want.size(); ++w, ++g) {
    if (is_any_lines(want[w])) {
      for (;; ++g) {
        if (lines_match(want, w + 1, got, g)) return true;
        if (g >= got.size() || got[g][0] != want[w][0]) return false;
      }
    }
    if (g >= got.size() || !line_matches(want[w], got[g])) return false;
  }
  return g == got.size();
}

void append_marked(std::vector<std::string>& to, char mark, const std::string& text) {
  for (const std::string& line : lines_of(text)) to.push_back(line.empty() ? std::string(1, mark) : std::string(1, mark) + ' ' + line);
  if (!text.empty() && text.back() != '\n') to.push_back("\\");
}

}  // namespace

test_case parse(const std::string& name, const std::string& text) {
  test_case c;
  c.name = name;
  std::string* content = nullptr;  // what an indented line or a `\` belongs to
  std::string blank;               // empty lines inside a file; at its end they are none of it
  int number = 0;
  auto fail = [&](const std::string& why) { throw std::runtime_error(name + ":" + std::to_string(number) + ": " + why); };
  for (const std::string& line : lines_of(text)) {
    ++number;
    step* s = c.steps.empty() ? nullptr : &c.steps.back();
    bool expects = s && (!s->expected.empty() || s->command.empty());
    if (line.rfind("$ ", 0) == 0) {
      c.steps.emplace_back();
      s = &c.steps.back();
      s->source.swap(c.tail);
      s->source.push_back(line);
      s->command = line.substr(2);
      content = &s->command;
    } else if (line.rfind("file ", 0) == 0) {
      if (s) fail("files stand before the first command");
      c.files.push_back({line.substr(5), ""});
      content = &c.files.back().content;
      blank.clear();
      c.head.push_back(line);
    } else if (line.rfind("  ", 0) == 0) {
      if (!content) fail("an indented line belongs to `file` or `$`");
      if (s)
        *content += '\n' + line.substr(2), s->source.push_back(line);
      else
        *content += blank + line.substr(2) + '\n', blank.clear(), c.head.push_back(line);
    } else if (starts_with_mark(line, '<')) {
      if (!s || expects) fail("`<` stands below its command, before what that prints");
      s->in += after_mark(line) + '\n';
      s->source.push_back(line);
      content = &s->in;
    } else if (starts_with_mark(line, '>') || starts_with_mark(line, '!')) {
      if (!s) fail("expected output without a command");
      if (line[0] == '>' && !s->expected.empty() && s->expected.back()[0] == '!') fail("stdout stands before stderr");
      s->expected.push_back(line);
      content = nullptr;
    } else if (line == "\\") {
      if (content && !expects) {
        drop_newline(*content);
        (s ? s->source : c.head).push_back(line);
      } else if (expects) {
        s->expected.push_back(line);
      } else {
        fail("`\\` stands behind a line of text");
      }
    } else if (line.rfind("exit ", 0) == 0) {
      if (!s) fail("exit without a command");
      s->exit_code = std::stoi(line.substr(5));
      content = nullptr;
    } else if (line.empty() || line[0] == '#') {
      if (c.title.empty() && line.size() > 2) c.title = line.substr(2);
      if (!s && content && line.empty())
        blank += '\n', c.head.push_back(line);
      else
        (s ? c.tail : c.head).push_back(line);
    } else {
      fail("not a line of a case: " + line);
    }
  }
  ++number;
  if (c.steps.empty()) fail("a case without a command");
  return c;
}

std::string print(const test_case& c) {
  std::string text;
  auto add = [&](const std::vector<std::string>& lines) {
    for (const std::string& line : lines) text += line + '\n';
  };
  add(c.head);
  for (const step& s : c.steps) {
    add(s.source);
    add(s.expected);
    text += "exit " + std::to_string(s.exit_code) + '\n';
  }
  add(c.tail);
  return text;
}

std::vector<std::string> as_expected(const step_result& r) {
  std::vector<std::string> lines;
  append_marked(lines, '>', r.out);
  append_marked(lines, '!', r.err);
  return lines;
}

bool matches(const std::vector<std::string>& expected, const std::vector<std::string>& actual) {
  return lines_match(expected, 0, actual, 0);
}

std::vector<std::string> diff(const std::vector<std::string>& expected, const std::vector<std::string>& actual) {
  constexpr std::size_t most = 600;  // lines a side; the table below is their product
  const std::size_t n = std::min(expected.size(), most), m = std::min(actual.size(), most);
  std::vector<std::vector<std::uint16_t>> common(n + 1, std::vector<std::uint16_t>(m + 1));
  for (std::size_t i = n; i-- > 0;)
    for (std::size_t j = m; j-- > 0;)
      common[i][j] = line_matches(expected[i], actual[j]) ? static_cast<std::uint16_t>(common[i + 1][j + 1] + 1)
                                                          : std::max(common[i + 1][j], common[i][j + 1]);
  std::vector<std::string> lines;
  std::size_t i = 0, j = 0;
  while (i < n || j < m) {
    if (i < n && j < m && line_matches(expected[i], actual[j]))
      lines.push_back("  " + actual[j]), ++i, ++j;
    else if (i < n && (j == m || common[i + 1][j] >= common[i][j + 1]))
      lines.push_back("- " + expected[i++]);
    else
      lines.push_back("+ " + actual[j++]);
  }
  if (expected.size() > n || actual.size() > m) lines.push_back("  (and so on)");
  return lines;
}

}  // namespace cases
