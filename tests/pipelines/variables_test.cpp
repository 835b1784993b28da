// variables_test.cpp: what ${…} becomes, where it may stand, which source wins.
#include "catch.hpp"
#include "table_catalog.hpp"

using namespace pipes::pipelines;

namespace {

load_request with(std::vector<std::string> arguments, std::vector<std::pair<std::string, std::string>> vars = {},
                  std::vector<std::pair<std::string, std::string>> environment = {}) {
  load_request r;
  r.arguments = std::move(arguments);
  r.vars = std::move(vars);
  r.environment = [environment](const std::string& name) -> std::optional<std::string> {
    for (const auto& [key, value] : environment)
      if (key == name) return value;
    return std::nullopt;
  };
  return r;
}

// The condition that `where: EXPRESSION` ends up with.
std::string where(const std::string& expression, load_request request) {
  const loaded out = load_yaml("vars: {own: mine}\nstages:\n  - json.parse\n  - where: " + expression + "\n", std::move(request));
  INFO(out.faults.print());
  REQUIRE(out.g);
  return option_of(*out.g, "where", "condition");
}

std::string grep(const std::string& pattern, load_request request) {
  const loaded out = load_yaml("vars: {own: mine}\nstages:\n  - text.grep: " + pattern + "\n", std::move(request));
  INFO(out.faults.print());
  REQUIRE(out.g);
  return option_of(*out.g, "text.grep", "pattern");
}

}  // namespace

TEST_CASE("option var wins over the environment, which wins over vars, which wins over the default") {
  const std::string text = "${v:-default}";
  CHECK(grep(text, with({})) == "default");
  const auto from = [&](load_request r, const std::string& vars) {
    const loaded out = load_yaml("vars: {" + vars + "}\nstages:\n  - text.grep: ${v:-default}\n", std::move(r));
    REQUIRE(out.g);
    return option_of(*out.g, "text.grep", "pattern");
  };
  CHECK(from(with({}), "v: file") == "file");
  CHECK(from(with({}, {}, {{"v", "env"}}), "v: file") == "env");
  CHECK(from(with({}, {{"v", "given"}}, {{"v", "env"}}), "v: file") == "given");
  CHECK(from(with({}, {{"v", "given"}, {"v", "last"}}), "v: file") == "last");
  CHECK(from(with({}), "w: 1, v: 'x${w}'") == "x1");
}

TEST_CASE("within an expression a variable is a constant") {
  CHECK(where("a == ${v}", with({}, {{"v", "500"}})) == "a == 500");
  CHECK(where("a - ${v}", with({}, {{"v", "-5"}})) == "a - (-5)");
  CHECK(where("a == ${v}", with({}, {{"v", "01"}})) == "a == \"01\"");
  CHECK(where("a == ${v}", with({}, {{"v", "true"}})) == "a == true");
  CHECK(where("a == ${v}", with({}, {{"v", "x or true"}})) == "a == \"x or true\"");
  CHECK(where("a == ${v}", with({}, {{"v", "a\"b\\c\nd"}})) == "a == \"a\\\"b\\\\c\\nd\"");
  CHECK(where("${1}", with({"yes"})) == "\"yes\"");
  CHECK(where("a == ${own}", with({})) == "a == \"mine\"");
}

TEST_CASE("within a text literal of an expression a variable is text that cannot end it") {
  CHECK(where("'a == \"x ${v}\"'", with({}, {{"v", "1"}})) == "a == \"x 1\"");
  CHECK(where("'a == \"x ${v}\"'", with({}, {{"v", "\" or true or \""}})) == "a == \"x \\\" or true or \\\"\"");
  CHECK(where("'a == \"\\\\${v}\"'", with({}, {{"v", "1"}})) == "a == \"\\\\1\"");
  CHECK(where("a == '${v}'", with({}, {{"v", "a\"b"}})) == "a == 'a\"b'");
  const loaded out = load_yaml("stages:\n  - json.parse\n  - where: a == '${v}'\n", with({}, {{"v", "it's"}}));
  CHECK_FALSE(out.g);
  CHECK(out.faults.print().find("config.yaml:3:18: error: the value holds a '") == 0);
}

TEST_CASE("within a pattern a variable is text, a doubled dollar is a literal one") {
  CHECK(grep("' ${v} '", with({}, {{"v", "5\\d"}})) == " 5\\\\d ");
  CHECK(grep("'^${v}$'", with({}, {{"v", "a.c|[x]-{1} #"}})) == "^a\\.c\\|\\[x\\]\\-\\{1\\}\\ \\#$");
  CHECK(grep("{pattern: 'x${v}', fixed: true}", with({}, {{"v", "a.c"}})) == "xa.c");
  CHECK(grep("${1}", with({"a.c"})) == "a.c");
  CHECK(grep("'${v:-a.c}'", with({})) == "a.c");
  CHECK(grep("'x${v:-a.c}'", with({})) == "xa\\.c");
  CHECK(grep("x$${v}", with({})) == "x${v}");
  CHECK(grep("'${v}'", with({}, {{"v", "${own}"}})) == "${own}");
  CHECK(grep("${v:-}x", with({})) == "x");
  CHECK(grep("${v:-a:-b}", with({})) == "a:-b");
}

TEST_CASE("a default may hold pairs of braces, and no variable") {
  CHECK(grep("'${v:-\\d{3}}'", with({})) == "\\d{3}");
  CHECK(grep("'${v:-\\d{3}}'", with({}, {{"v", "x"}})) == "x");
  CHECK(grep("'${v:-{}'", with({})) == "{");
  CHECK(grep("'${v:-a}b}'", with({}, {{"v", "x"}})) == "xb}");
  const loaded out = load_yaml("stages:\n  - text.grep: '${v:-${w}}'\n", with({}));
  CHECK(out.faults.print().find("config.yaml:2:17: error: a default is text: it holds no variable") == 0);
}

TEST_CASE("a pattern within an expression is one: a variable in it is text") {
  CHECK(where("a ~ '^${v}$'", with({}, {{"v", "x.y"}})) == "a ~ '^x\\.y$'");
  CHECK(where("'a !~ \"${v}\"'", with({}, {{"v", "x.y"}})) == "a !~ \"x\\\\.y\"");
  CHECK(where("a ~ ${v}", with({}, {{"v", "x.y"}})) == "a ~ \"x.y\"");
  CHECK(where("match(f(a, '${v}'), 'b${v}', '${v}') == '${v}'", with({}, {{"v", "x.y"}})) == "match(f(a, 'x.y'), 'bx\\.y', 'x.y') == 'x.y'");
  CHECK(where("a and match (b, '${v}') == '${v}'", with({}, {{"v", "x.y"}})) == "a and match (b, 'x\\.y') == 'x.y'");
  CHECK(where("a ~ ('^' + '${v}') and b == '${v}'", with({}, {{"v", "x.y"}})) == "a ~ ('^' + 'x\\.y') and b == 'x.y'");
  CHECK(where("a ~ 'b' or c + '${v}' == ('${v}')", with({}, {{"v", "x.y"}})) == "a ~ 'b' or c + 'x.y' == ('x.y')");
}

TEST_CASE("a variable that is a whole pattern of an expression is text, whatever it looks like") {
  CHECK(where("a ~ ${v} or b == ${v}", with({}, {{"v", "404"}})) == "a ~ \"404\" or b == 404");
  CHECK(where("match(a, ${v}) == ${v}", with({}, {{"v", "404"}})) == "match(a, \"404\") == 404");
}

TEST_CASE("within a longer template a variable is text") {
  const auto format = [](const std::string& text, const std::string& v) {
    const loaded out = load_yaml("stages:\n  - json.parse\n  - text.format: '" + text + "'\n", with({}, {{"v", v}}));
    INFO(out.faults.print());
    REQUIRE(out.g);
    return option_of(*out.g, "text.format", "template");
  };
  CHECK(format("{a} ${v}", "{b}") == "{a} {{b}}");
  CHECK(format("{${v}}", "a") == "{a}");
  CHECK(format("${v}", "{b}") == "{b}");
}

TEST_CASE("arguments by number and all together") {
  const auto paths = [](const std::string& value, load_request r) {
    const loaded out = load_yaml("stages:\n  - io.read: " + value + "\n", std::move(r));
    INFO(out.faults.print());
    REQUIRE(out.g);
    return option_of(*out.g, "io.read", "path");
  };
  CHECK(paths("${2}", with({"a", "b"})) == "b");
  CHECK(paths("${1:-x}", with({})) == "x");
  CHECK(paths("${@}", with({"a b", "c", "${d}"})) == "a b|c|${d}");
  CHECK(paths("['x', '${@}', 'y']", with({"a", "b"})) == "x|a|b|y");
  CHECK(paths("${@:-fall.log}", with({})) == "fall.log");
}

TEST_CASE("arguments and --var that nothing uses are faults") {
  const loaded one = load_yaml("stages:\n  - text.grep: ${1}\n", with({"a", "b"}));
  CHECK_FALSE(one.g);
  CHECK(one.faults.print().find("argument 'b' is one too many: the config uses 1") != std::string::npos);
  const loaded var = load_yaml("vars: {min: 3}\nstages:\n  - text.grep: ${min}\n", with({}, {{"mni", "4"}}));
  CHECK_FALSE(var.g);
  CHECK(var.faults.print().find("--var mni: the config has no such variable, did you mean 'min'?") != std::string::npos);
}

TEST_CASE("check takes unset positional arguments as unknown text") {
  load_request r = with({});
  r.arguments_unknown = true;
  const loaded out = load_yaml("stages:\n  - io.read: ${1}\n  - text.grep: 'x(${2}'\n  - head: ${3}\n", r);
  INFO(out.faults.print());
  REQUIRE(out.g);
  CHECK(find_option(stage_of(*out.g, "text.grep"), "pattern")->val.unknown);
  const loaded all = load_yaml("stages:\n  - io.read: ${@}\n", r);
  CHECK(all.g);
  const loaded named = load_yaml("stages:\n  - io.read: ${nobody}\n", r);
  CHECK_FALSE(named.g);
}

TEST_CASE("a fault behind a variable is still at its place") {
  const loaded out = load_yaml("stages:\n  - json.parse\n  - where: a > ${v} and b = 3\n", with({}, {{"v", "123456789"}}));
  CHECK_FALSE(out.g);
  CHECK(out.faults.print().find("config.yaml:3:27: error:") == 0);
  const loaded inside = load_yaml("stages:\n  - text.grep: '${v}'\n", with({}, {{"v", "x("}}));
  CHECK(inside.faults.print().find("config.yaml:2:17: error:") == 0);
}

TEST_CASE("definitions that double each other end") {
  std::string text = "vars:\n  v0: xxxxxxxxxx\n";
  for (int i = 1; i < 40; ++i) text += "  v" + std::to_string(i) + ": ${v" + std::to_string(i - 1) + "}${v" + std::to_string(i - 1) + "}\n";
  const loaded out = load_yaml(text + "stages:\n  - text.grep: ${v39}\n");
  CHECK_FALSE(out.g);
}
