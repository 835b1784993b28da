// page.cpp: the examples inside a Markdown page, as a case.
#include <sstream>
#include <stdexcept>

#include "case.hpp"

namespace cases {
namespace {

// Calls on(kind, line) for every line: kind is the block's language, "" outside of blocks and for the fences.
template <class F>
void each_line(const std::string& text, F on) {
  std::istringstream in(text);
  std::string kind;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("```", 0) == 0) {
      inside = !inside;
      kind = inside ? line.substr(3) : "";
      on(std::string(), line);
    } else {
      on(inside ? kind : std::string(), line);
    }
  }
}

}  // namespace

test_case parse_page(const std::string& name, const std::string& text) {
  test_case c;
  c.name = name;
  c.title = "the page's examples";
  std::string last;
  each_line(text, [&](const std::string& kind, const std::string& line) {
    if (kind == "yaml") {
      if (last != "yaml") {
        c.files.push_back({"block" + std::to_string(c.files.size() + 1) + ".yaml", ""});
        c.steps.emplace_back();
        c.steps.back().command = "pipe check " + c.files.back().name;
      }
      c.files.back().content += line + '\n';
    } else if (kind == "console") {
      if (line.rfind("$ ", 0) == 0) {
        c.steps.emplace_back();
        c.steps.back().source.push_back(line);
        c.steps.back().command = line.substr(2) + " 2>&1";  // a page shows what a terminal would
        c.steps.back().any_exit = true;
      } else if (last != "console") {
        throw std::runtime_error(name + ": a console block starts with a command: " + line);
      } else {
        c.steps.back().expected.push_back(line.empty() ? ">" : "> " + line);
      }
    }
    last = kind;
  });
  if (c.steps.empty()) throw std::runtime_error(name + ": no examples");
  return c;
}

std::string print_page(const test_case& c, const std::string& text) {
  std::string out;
  std::size_t next = 0;
  each_line(text, [&](const std::string& kind, const std::string& line) {
    if (kind != "console") {
      out += line + '\n';
    } else if (line.rfind("$ ", 0) == 0) {
      out += line + '\n';
      while (c.steps[next].source.empty()) ++next;  // checks of yaml blocks
      for (const std::string& printed : c.steps[next].expected)
        if (printed != "\\") out += (printed.size() > 2 ? printed.substr(2) : "") + '\n';
      ++next;
    }
  });
  return out;
}

}  // namespace cases
