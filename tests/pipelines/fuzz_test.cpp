// fuzz_test.cpp: mutated configs and -e texts, from a fixed seed: whatever they are, loading ends, with a graph or with an error at a place.
#include <random>

#include "catch.hpp"
#include "pipelines/graph/print.hpp"
#include "table_catalog.hpp"

using namespace pipes::pipelines;

namespace {

const std::vector<std::string> seeds = {
    "#!/usr/bin/env -S pipe run\nname: top\nvars: {min: 500}\nplugins: [./build/geo.so]\ndefaults: {capacity: 16}\nstages:\n  - io.read: [access.log, 'old/*.gz']\n"
    "  - text.grep: ' 5\\d\\d '\n    workers: 4\n  - id: parsed\n    use: text.regex\n    with: {pattern: '^(?P<ip>\\S+) (?P<status>\\d{3})'}\n    workers: 8\n"
    "    from: {stage: text.grep, capacity: 0, timeout: 5s, on_timeout: tick}\n  - where: status >= ${min}\n  - top: {by: ip, limit: 10}\n",
    "stages:\n  - json.parse\n  - id: r\n    use: route\n    with: {slow: time > 3, fast: \"time < 1 # x\"}\n    on_error: {retry: {times: 5, backoff: 100ms}, then: {to: dead}}\n"
    "  - io.write: a\n    from: [r.slow, {stage: r.else, priority: 2}]\n  - head: ${1:-3}\n    from: r.fast\n  - id: dead\n    use: io.write\n    with: >-\n      dead\n      letters\n",
    "stages:\n  - io.read: ${@:-x}\n  - id: f\n    use: exec.each\n    with: [fetch, '{}']\n    from: [io.read, {stage: l, back: true}]\n  - id: l\n    use: text.grep\n    with: |\n      a(b)\n"
    "  - io.discard:\n    from: f\n    share: s\n",
};
const std::vector<std::string> inline_seeds = {
    "json.parse | where: status >= 500 and host ~ \"a | b\" | map: {x: f(a, b), y: tags[0]} | top: {by: [ip, 'h'], limit: 3}",
    "{text.grep: \"a \\\"b\\\" [x]\", workers: 4} | head: ${n:-3} | csv.parse | text.format: '{ip} {x}' | exec.filter: [sort, -n]",
};
const std::vector<std::string> pieces = {
    "{", "}", "[", "]", "(", ")", "'", "\"", ": ", "- ", "#", " #", "\n", "  ", "\t", "|", " | ", ">-\n", "&a ", "*a", "!t ", "${", "${1}", "${@}", "$${", "~", "null", ",", "?", "? ", "---\n", "...\n",
    "%", "@", "\\", "\\b", "<<: ", "\r\n", "\xC3\xA9", "\xFF", "from: ", "id: a\n", "back: true", "to: r", "0", "99999999999999999999", "workers: ", "stages:", "\x04", std::string(1, '\0')};

std::string mutate(std::string text, std::mt19937& random) {
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  for (std::size_t n = 1 + below(6); n-- > 0;) {
    const std::size_t at = below(text.size() + 1);
    switch (below(5)) {
      case 0: text.insert(at, pieces[below(pieces.size())]); break;
      case 1: text.erase(at, below(8)); break;
      case 2: text.insert(at, text.substr(below(text.size() + 1), below(40))); break;
      case 3: if (at < text.size()) text[at] = static_cast<char>(random()); break;
      case 4: text.erase(at, below(text.size() + 1)); break;
    }
  }
  return text;
}

void check_outcome(const loaded& out, const std::string& text) {
  INFO(text);
  CHECK(out.g.has_value() == !out.faults.failed());
  for (const diagnostic& d : out.faults.sorted()) {
    CHECK_FALSE(d.message.empty());
    CHECK(d.excerpt.find('\n') == std::string::npos);
    CHECK(d.caret <= d.excerpt.size() + 1);
  }
  if (!out.g) return;
  CHECK_FALSE(print_text(*out.g).empty());
  CHECK_FALSE(print_dot(*out.g).empty());
  CHECK_FALSE(print_mermaid(*out.g).empty());
  CHECK_FALSE(explain(*out.g, 2, {}).empty());
}

}  // namespace

TEST_CASE("mutated configs end in a graph or in faults") {
  std::mt19937 random(20261124);
  std::size_t graphs = 0;
  for (const std::string& seed : seeds) {
    load_request r;
    r.arguments_unknown = true;
    const loaded whole = load_yaml(seed, r);
    INFO(whole.faults.print());
    REQUIRE(whole.g);
    for (int i = 0; i < 1500; ++i) {
      const std::string text = mutate(seed, random);
      const loaded out = load_yaml(text, r);
      graphs += out.g.has_value();
      check_outcome(out, text);
    }
  }
  CHECK(graphs > 0);
}

TEST_CASE("mutated -e texts end in a graph or in faults") {
  std::mt19937 random(42);
  std::size_t graphs = 0;
  for (const std::string& seed : inline_seeds) {
    const loaded whole = load_inline(seed);
    INFO(whole.faults.print());
    REQUIRE(whole.g);
    for (int i = 0; i < 3000; ++i) {
      const std::string text = mutate(seed, random);
      const loaded out = load_inline(text);
      graphs += out.g.has_value();
      check_outcome(out, text);
    }
  }
  CHECK(graphs > 0);
}

TEST_CASE("every prefix of a config ends in a graph or in faults") {
  for (const std::string& seed : seeds)
    for (std::size_t n = 0; n < seed.size(); ++n) check_outcome(load_yaml(seed.substr(0, n)), seed.substr(0, n));
  for (const std::string& seed : inline_seeds)
    for (std::size_t n = 0; n < seed.size(); ++n) check_outcome(load_inline(seed.substr(0, n)), seed.substr(0, n));
}

TEST_CASE("large graphs are checked in time and told in bounds") {
  std::string many = "stages:\n  - io.read: x\n";
  for (int i = 0; i < 4000; ++i) many += "  - text.grep: x\n";
  CHECK(load_yaml(many).g);
  std::string wrong = "stages:\n";
  for (int i = 0; i < 4000; ++i) wrong += "  - text.grap" + std::to_string(i) + ": x\n    from: nobody" + std::to_string(i) + "\n";
  const loaded out = load_yaml(wrong);
  CHECK_FALSE(out.g);
  CHECK(out.faults.print().size() < 100'000);
  std::string fan = "stages:\n  - io.read: x\n";
  for (int i = 0; i < 300; ++i) fan += "  - id: b" + std::to_string(i) + "\n    use: text.grep\n    with: x\n    from: io.read\n";
  fan += "  - io.write: y\n    from: [b0";
  for (int i = 1; i < 300; ++i) fan += ", b" + std::to_string(i);
  CHECK(load_yaml(fan + "]\n").g);
}
