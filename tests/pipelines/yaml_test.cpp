// yaml_test.cpp: the tree that YAML gives, and that every character of a scalar is found again in the source.
#include "pipelines/config/yaml.hpp"

#include "catch.hpp"

using namespace pipes::pipelines;

namespace {

node parse(const std::string& text) {
  const source_text source("config.yaml", text);
  diagnostics faults;
  const auto n = read_yaml(source, faults);
  INFO(faults.print());
  REQUIRE(n.has_value());
  REQUIRE_FALSE(faults.failed());
  return *n;
}

const node& at(const node& n, const std::string& key) {
  const member* m = n.find(key);
  REQUIRE(m != nullptr);
  return m->value;
}

// The source behind each byte of the scalar's text, in order.
std::string traced(const std::string& source, const node& n) {
  std::string out;
  for (std::uint32_t i = 0; i < n.text.size(); ++i) {
    const span s = n.map.locate(i);
    out += source.substr(s.begin, s.size() == 0 ? 1 : s.size());
  }
  return out;
}

}  // namespace

TEST_CASE("plain and quoted scalars know their style, their span and their characters") {
  const std::string text = "a: plain text\nb: 'it''s'\nc: \"x\\ty\\u00e9\"\nd: |\n  one\n  two\ne: >-\n  folded\n  text\nf: é ü\n";
  const node root = parse(text);
  const auto slice = [&](const node& n) { return text.substr(n.where.begin, n.where.size()); };
  CHECK(at(root, "a").style == style::plain);
  CHECK(slice(at(root, "a")) == "plain text");
  CHECK(traced(text, at(root, "a")) == "plain text");
  CHECK(at(root, "b").text == "it's");
  CHECK(slice(at(root, "b")) == "'it''s'");
  CHECK(traced(text, at(root, "b")) == "it''s");
  CHECK(at(root, "c").text == "x\ty\xC3\xA9");
  CHECK(slice(at(root, "c")) == "\"x\\ty\\u00e9\"");
  CHECK(traced(text, at(root, "c")) == "x\\ty\\u00e9\\u00e9");  // é has two bytes, both from the escape
  CHECK(at(root, "d").style == style::block);
  CHECK(at(root, "d").text == "one\ntwo\n");
  CHECK(traced(text, at(root, "d")) == "one\ntwo\n");
  CHECK(at(root, "e").text == "folded text");
  CHECK(traced(text, at(root, "e")) == "folded\ntext");
  CHECK(traced(text, at(root, "f")) == "é ü");
}

TEST_CASE("a plain scalar over several lines finds its words again") {
  const std::string text = "a: one\n   two\n   three # rest\nb: 2\n";
  const node root = parse(text);
  const node n = at(root, "a");
  CHECK(n.text == "one two three");
  CHECK(text.substr(n.map.locate(4).begin, 3) == "two");
  CHECK(text.substr(n.map.locate(8).begin, 5) == "three");
  CHECK(text.substr(n.comment.begin, n.comment.size()) == "# rest");
}

TEST_CASE("double quotes over several lines and with continuations find their words again") {
  const std::string text = "a: \"one\n  two \\\n  three\"\n";
  const node root = parse(text);
  const node n = at(root, "a");
  CHECK(n.text == "one two three");
  CHECK(text.substr(n.map.locate(4).begin, 3) == "two");
  CHECK(text.substr(n.map.locate(8).begin, 5) == "three");
}

TEST_CASE("keys keep their order and their places") {
  const std::string text = "z: 1\na: {y: 2, b: [3, 4]}\n";
  const node root = parse(text);
  REQUIRE(root.members.size() == 2);
  CHECK(root.members[0].key == "z");
  CHECK(text.substr(root.members[1].where.begin, root.members[1].where.size()) == "a");
  const node& a = root.members[1].value;
  CHECK(a.flow);
  CHECK(text.substr(a.where.begin, a.where.size()) == "{y: 2, b: [3, 4]}");
  CHECK(text.substr(at(a, "b").where.begin, at(a, "b").where.size()) == "[3, 4]");
  CHECK(at(a, "b").items[1].text == "4");
}

TEST_CASE("a missing value stands behind its key, not on the next line") {
  const std::string text = "a:\nb:   # why\nc: 1\n";
  const node root = parse(text);
  CHECK(at(root, "a").kind == node_kind::null);
  CHECK(at(root, "a").where.begin == 2);
  CHECK(at(root, "b").where.begin == 5);
  CHECK(text.substr(at(root, "b").comment.begin, at(root, "b").comment.size()) == "# why");
}

TEST_CASE("windows line ends change no place") {
  const std::string text = "a: one\r\nb:\r\n  - two\r\n";
  const node root = parse(text);
  CHECK(at(root, "a").text == "one");
  CHECK(traced(text, at(root, "b").items[0]) == "two");
}

TEST_CASE("an executable config begins with a comment") {
  const node root = parse("#!/usr/bin/env -S pipe run\n---\nstages: [head]\n");
  CHECK(at(root, "stages").items[0].text == "head");
}

TEST_CASE("what is no config is refused at once") {
  const auto refused = [](std::string text) {
    const source_text source("config.yaml", std::move(text));
    diagnostics faults;
    const auto n = read_yaml(source, faults);
    CHECK_FALSE(n.has_value());
    CHECK(faults.failed());
    return faults.print();
  };
  CHECK(refused(std::string(10 << 20, 'x')).find("over 1 MiB") != std::string::npos);
  CHECK(refused("a: b\0c" + std::string(1, '\0')).size() > 0);
  CHECK(refused("").find("empty") != std::string::npos);
  CHECK(refused("# only a comment\n").find("empty") != std::string::npos);
  CHECK(refused(std::string(200000, '[')).size() > 0);
  CHECK(refused("a: " + std::string(200000, '{')).size() > 0);
  std::string deep;
  for (int i = 0; i < 2000; ++i) deep += "- ";
  CHECK(refused(deep + "x").find("deeper") != std::string::npos);
  std::string wide = "[";
  for (int i = 0; i < 200000; ++i) wide += "a,";
  CHECK(refused(wide + "]").find("more than") != std::string::npos);
}

TEST_CASE("a byte of a column counts as its character") {
  const source_text source("x", "é: ü\nabc");
  CHECK(source.locate(0).column == 1);
  CHECK(source.locate(2).column == 2);
  CHECK(source.locate(4).column == 4);
  CHECK(source.locate(7).line == 2);
  CHECK(source.locate(7).column == 1);
  CHECK(source.locate(1000).line == 2);
}
