// inline_test.cpp: the quoting rules of -e, by example.
#include "pipelines/config/inline.hpp"

#include "catch.hpp"
#include "table_catalog.hpp"

using namespace pipes::pipelines;

namespace {

std::string show(const node& n) {
  std::string out;
  switch (n.kind) {
    case node_kind::null: return "null";
    case node_kind::scalar: return std::string("<").append(n.text).append(">");
    case node_kind::list:
      for (const node& i : n.items) out += (out.empty() ? "" : " ") + show(i);
      return std::string("[").append(out).append("]");
    case node_kind::map:
      for (const member& m : n.members) out += (out.empty() ? "" : " ") + m.key + "=" + show(m.value);
      return std::string("{").append(out).append("}");
  }
  return out;
}

// The stages of a text, one a line.
std::string stages(const std::string& text) {
  const source_text source("-e", text);
  diagnostics faults;
  const auto root = read_inline(source, faults);
  INFO(faults.print());
  REQUIRE(root.has_value());
  std::string out;
  for (const node& n : root->find("stages")->value.items) out += show(n) + "\n";
  return out;
}

}  // namespace

TEST_CASE("stages are separated by a bar between blanks") {
  CHECK(stages("head") == "<head>\n");
  CHECK(stages("text.grep: ERROR | top: {by: host}") == "{text.grep=<ERROR>}\n{top={by=<host>}}\n");
  CHECK(stages("json.parse\n| where: a > 1\n|\n head: 1") == "<json.parse>\n{where=<a > 1>}\n{head=<1>}\n");
  CHECK(stages("  head: 1  ") == "{head=<1>}\n");
  CHECK(stages("where: a || b | head: 1") == "{where=<a || b>}\n{head=<1>}\n");
  CHECK(stages("text.grep: a|b | head: 1") == "{text.grep=<a|b>}\n{head=<1>}\n");
}

TEST_CASE("raw text needs no care") {
  CHECK(stages("where: #ip > 3") == "{where=<#ip > 3>}\n");
  CHECK(stages("where: !done") == "{where=<!done>}\n");
  CHECK(stages("text.grep: *x & y: z") == "{text.grep=<*x & y: z>}\n");
  CHECK(stages("text.grep: null") == "{text.grep=<null>}\n");
  CHECK(stages("text.grep: a #b") == "{text.grep=<a #b>}\n");
  CHECK(stages("text.grep:  \\bfoo ") == "{text.grep=<\\bfoo>}\n");
}

TEST_CASE("a bar inside quotes or brackets separates nothing") {
  CHECK(stages("where: x == \"a | b\" | head: 1") == "{where=<x == \"a | b\">}\n{head=<1>}\n");
  CHECK(stages("where: x == 'a | b' | head: 1") == "{where=<x == 'a | b'>}\n{head=<1>}\n");
  CHECK(stages("text.grep: (a | b) | head: 1") == "{text.grep=<(a | b)>}\n{head=<1>}\n");
  CHECK(stages("where: x == \"a \\\" | b\" | head: 1") == "{where=<x == \"a \\\" | b\">}\n{head=<1>}\n");
}

TEST_CASE("a quote behind a letter, digit or backslash, or without partner, is text") {
  CHECK(stages("text.grep: don't | head: 1 | text.grep: can't") == "{text.grep=<don't>}\n{head=<1>}\n{text.grep=<can't>}\n");
  CHECK(stages("text.grep: 5\" | head: 1 | text.grep: 6\"") == "{text.grep=<5\">}\n{head=<1>}\n{text.grep=<6\">}\n");
  CHECK(stages("text.grep: \\\" | head: 1 | text.grep: \\\"") == "{text.grep=<\\\">}\n{head=<1>}\n{text.grep=<\\\">}\n");
  CHECK(stages("text.grep: \"abc | head: 1") == "{text.grep=<\"abc>}\n{head=<1>}\n");
  CHECK(stages("text.grep: 'abc | head: 1") == "{text.grep=<'abc>}\n{head=<1>}\n");
}

TEST_CASE("a bracket behind a backslash, or without partner, is text") {
  CHECK(stages("text.grep: \\( | head: 1 | text.grep: \\)") == "{text.grep=<\\(>}\n{head=<1>}\n{text.grep=<\\)>}\n");
  CHECK(stages("text.grep: (a | head: 1") == "{text.grep=<(a>}\n{head=<1>}\n");
  CHECK(stages("text.grep: x[(]y | head: 1") == "{text.grep=<x[(]y>}\n{head=<1>}\n");
  CHECK(stages("text.grep: x) | head: 1") == "{text.grep=<x)>}\n{head=<1>}\n");
  CHECK(stages("text.grep: [abc | head: 1") == "{text.grep=<[abc>}\n{head=<1>}\n");
}

TEST_CASE("a text quoted from end to end loses its quotes alone") {
  CHECK(stages("text.grep: ' 5\\d\\d '") == "{text.grep=< 5\\d\\d >}\n");
  CHECK(stages("text.grep: \"a \\\"b\\\" \\n\"") == "{text.grep=<a \"b\" \\n>}\n");
  CHECK(stages("text.grep: 'it\\'s'") == "{text.grep=<it's>}\n");
  CHECK(stages("text.grep: \"it's\"") == "{text.grep=<it's>}\n");
  CHECK(stages("text.grep: ''") == "{text.grep=<>}\n");
  CHECK(stages("where: \"a\" == \"b\"") == "{where=<\"a\" == \"b\">}\n");
  CHECK(stages("text.grep: \"a\\\\\" | head: 1") == "{text.grep=<a\\\\>}\n{head=<1>}\n");
}

TEST_CASE("flow values run to the next comma or closer outside quotes and brackets") {
  CHECK(stages("map: {x: f(a, b), y: tags[0], z: \"a, b\" + c}") == "{map={x=<f(a, b)> y=<tags[0]> z=<\"a, b\" + c>}}\n");
  CHECK(stages("map: {x: a == 'b}', y: #1}") == "{map={x=<a == 'b}'> y=<#1>}}\n");
  CHECK(stages("io.read: [a.log, 'b c.log', \"d,e\"]") == "{io.read=[<a.log> <b c.log> <d,e>]}\n");
  CHECK(stages("group: {by: [a, b], sum: {n: x * 2}}") == "{group={by=[<a> <b>] sum={n=<x * 2>}}}\n");
  CHECK(stages("map: {\"odd key\": 1, k: }") == "{map={odd key=<1> k=null}}\n");
  CHECK(stages("map: {t: time: now}") == "{map={t=<time: now>}}\n");
  CHECK(stages("{text.grep: a b, workers: 4}") == "{text.grep=<a b> workers=<4>}\n");
  CHECK(stages("exec.filter: []") == "{exec.filter=[]}\n");
  CHECK(stages("where: ${1}") == "{where=<${1}>}\n");
  CHECK(stages("top: {by: ${x}}") == "{top={by=<${x}>}}\n");
}

TEST_CASE("option e builds the graph that the same stages in a file build") {
  const loaded a = load_inline("json.parse | where: status >= 500 | top: {by: ip, limit: 3}");
  const loaded b = load_yaml("stages:\n  - json.parse\n  - where: status >= 500\n  - top: {by: ip, limit: 3}\n");
  REQUIRE(a.g);
  REQUIRE(b.g);
  REQUIRE(a.g->stages.size() == b.g->stages.size());
  for (std::size_t i = 0; i < a.g->stages.size(); ++i) {
    CHECK(a.g->stages[i].type == b.g->stages[i].type);
    CHECK(a.g->stages[i].id == b.g->stages[i].id);
    CHECK(a.g->stages[i].options.size() == b.g->stages[i].options.size());
  }
  CHECK(option_of(*a.g, "where", "condition") == "status >= 500");
}

TEST_CASE("input files of -e become the first stage") {
  load_request request;
  request.arguments = {"a.log", "b ${x}.log"};
  const loaded out = load_inline("head: 3", request);
  INFO(out.faults.print());
  REQUIRE(out.g);
  CHECK(out.g->stages[0].type == "io.read");
  CHECK(option_of(*out.g, "io.read", "path") == "a.log|b ${x}.log");
  const loaded source = load_inline("io.read: x | head: 3", request);
  CHECK_FALSE(source.g);
  CHECK(source.faults.print().find("takes no input") != std::string::npos);
}
