// The expression language: cases with results, faults with places, functions' examples, columns against single values.
#include "catch.hpp"
#include "cases.hpp"
#include "table.hpp"

#include "core/expr/expr.hpp"
#include "core/expr/functions.hpp"
#include "core/expr/node.hpp"
#include "core/expr/order.hpp"

#include <algorithm>
#include <functional>
#include <random>
#include <sstream>

namespace {

using pipes::expr::value;

std::vector<std::string> pieces(const std::string& line, const std::string& by) {
  std::vector<std::string> all;
  for (std::size_t at = 0;;) {
    const std::size_t end = line.find(by, at);
    all.push_back(line.substr(at, end == std::string::npos ? std::string::npos : end - at));
    if (end == std::string::npos) return all;
    at = end + by.size();
  }
}

// The lines of a table of cases; a text may run over a line's end.
std::vector<std::vector<std::string>> cases_of(const char* table, std::size_t least) {
  std::vector<std::vector<std::string>> all;
  std::string pending;
  std::istringstream in(table + 1);
  for (std::string line; std::getline(in, line);) {
    pending += pending.empty() ? line : "\n" + line;
    auto parts = pieces(pending, " ;; ");
    if (parts.size() == least - 1 && pending.find(" ;; ;; ") != std::string::npos) parts = pieces(pending, " ;; ");
    std::vector<std::string> split;
    for (const auto& p : pieces(pending, ";;")) {
      std::string s = p;
      if (!split.empty() && !s.empty() && s.front() == ' ') s.erase(0, 1);
      if (!s.empty() && s.back() == ' ') s.pop_back();
      split.push_back(s);
    }
    if (split.size() < least) continue;
    all.push_back(split);
    pending.clear();
  }
  REQUIRE(pending.empty());
  return all;
}

std::unique_ptr<pipe_expr> compiled(const std::string& text) {
  std::vector<pipes::remark> remarks;
  auto e = pipe_expr::compile(text, remarks);
  INFO(text << ": " << (remarks.empty() ? std::string("no remark") : remarks[0].message));
  REQUIRE(e);
  return e;
}

std::vector<std::string> results(pipe_expr& e, pipe_batch* batch) {
  pipes::output out;
  pipe_column column{};
  e.column(batch, out, column);
  REQUIRE(column.count == pipes::count(batch));
  std::vector<std::string> all;
  for (std::uint64_t i = 0; i < column.count; ++i) {
    if (column.all != PIPE_MIXED) REQUIRE(column.tags[i] == column.all);
    all.push_back(test::shown(pipes::expr::entry(column, i)));
  }
  return all;
}

}  // namespace

TEST_CASE("expressions mean what the table says") {
  const auto all = cases_of(test::expression_cases, 3);
  CHECK(all.size() > 200);
  for (const auto& c : all) {
    std::vector<std::pair<std::string, std::vector<test::cell>>> columns;
    if (!c[1].empty())
      for (const auto& f : pieces(c[1], "|")) columns.push_back({f.substr(0, f.find('=')), {test::cell_of(f.substr(f.find('=') + 1))}});
    columns.push_back({"unused", {test::cell_of("i:0")}});
    auto batch = test::table(1, columns);
    INFO("expression " << c[0] << " of " << c[1]);
    auto e = compiled(c[0]);
    const auto got = results(*e, batch.get());
    CHECK(got[0] == c[2]);
    if (c.size() > 3) CHECK(std::to_string(e->misses()) == c[3]);
    std::uint32_t row = 7;
    std::uint64_t count = 0;
    e->rows(batch.get(), &row, count);
    CHECK(count == (c[2] == "true" ? 1 : 0));
  }
}

TEST_CASE("faults say where and what") {
  for (const auto& c : cases_of(test::fault_cases, 4)) {
    std::vector<pipes::remark> remarks;
    auto e = pipe_expr::compile(c[0], remarks);
    INFO("expression " << c[0] << ": " << (remarks.empty() ? std::string("no remark") : remarks[0].message));
    const bool warning = c[1].substr(0, 5) == "warn ";
    REQUIRE(remarks.size() == 1);
    CHECK(warning == (e != nullptr));
    CHECK(remarks[0].warning == warning);
    CHECK(std::to_string(remarks[0].offset) == (warning ? c[1].substr(5) : c[1]));
    CHECK(remarks[0].length == std::max<std::size_t>(std::stoul(c[2]), 1));
    CHECK(remarks[0].message.find(c[3]) != std::string::npos);
  }
}

TEST_CASE("no warning where blanks or parentheses make it plain") {
  for (const char* text : {"total - used", "(x ?? 0) + 1", "x ?? (0 + 1)", "a-1", "x ?? y", "abs(a)-b", "a.b - c"}) {
    std::vector<pipes::remark> remarks;
    CHECK(pipe_expr::compile(text, remarks));
    CHECK(remarks.empty());
  }
}

TEST_CASE("a condition must be able to be true") {
  std::vector<pipes::remark> remarks;
  CHECK_FALSE(pipe_expr::compile("x + 1", remarks, true));
  REQUIRE(remarks.size() == 1);
  CHECK(remarks[0].length == 5);
  remarks.clear();
  CHECK(pipe_expr::compile("flag", remarks, true));
  CHECK(pipe_expr::compile("x > 1", remarks, true));
  CHECK(remarks.empty());
}

TEST_CASE("every function's example shows what it says") {
  CHECK(pipes::expr::functions().size() > 50);
  auto batch = test::table(1, {{"unused", {test::cell_of("i:0")}}});
  for (const auto& f : pipes::expr::functions()) {
    INFO(f.name << ": " << f.example);
    CHECK(std::string(f.example).find(f.name) != std::string::npos);
    auto e = compiled(f.example);
    auto got = results(*e, batch.get())[0];
    if (got.size() > 1 && got.front() == '"') got = got.substr(1, got.size() - 2);
    CHECK(got == f.shows);
    CHECK((e->types() & (f.result | pipes::expr::type_any)) != 0);
  }
}

TEST_CASE("reads lists the fields, types what may come out") {
  auto e = compiled("a.b + lower(`c d`) + tags[0].x + a.b");
  std::vector<std::string> names;
  for (const auto* f : e->reads()) names.push_back(f->name);
  CHECK(names == std::vector<std::string>{"a.b", "c d", "tags"});
  CHECK(compiled("x > 1")->types() == pipes::expr::type_bool);
  CHECK(compiled("lower(x)")->types() == (pipes::expr::type_string | pipes::expr::type_null));
  CHECK(compiled("x")->types() == pipes::expr::type_any);
}

TEST_CASE("columns of any length and mixture agree with single values") {
  const char* const kinds[] = {"i:5", "i:-3", "i:9007199254740993", "f:1.5", "f:5.0", "w:5", "w:abc", "w:007", "w:1.5", "s:5", "s:abc", "b:1", "b:0", "n", "", "j:[1,2]"};
  const char* const expressions[] = {"x + y", "x - y", "x * y", "x / y", "x // y", "x % y", "-x", "x == y", "x != y", "x < y", "x <= y", "x > y", "x >= y", "x == 5", "x > 1.5",
                                     "x < 5", "x >= 9007199254740992", "x == \"abc\"", "x < \"b\"", "x != 5.0", "x ?? y", "if(x == y, x, y)", "x in [5, \"abc\"]", "x ~ '^[0-9]'",
                                     "x + \"!\"", "x and y", "x or not y", "x != null and x > y", "5 < x", "\"abc\" == x", "x[0]", "lower(x)", "x in y", "x + y * 2 - x"};
  std::mt19937 random(11);
  for (const char* text : expressions) {
    for (int round = 0; round < 12; ++round) {
      const std::size_t n = round < 8 ? 1 + random() % 40 : 1000 + random() % 1200;
      std::vector<test::cell> x, y;
      // Some rounds of one type alone, for the loops that need no look at each tag.
      const std::size_t fixed = random() % (sizeof kinds / sizeof *kinds);
      const bool same = round % 2 == 0;
      for (std::size_t i = 0; i < n; ++i) {
        x.push_back(test::cell_of(kinds[same ? fixed : random() % (sizeof kinds / sizeof *kinds)]));
        y.push_back(test::cell_of(kinds[same && round % 4 == 0 ? fixed : random() % (sizeof kinds / sizeof *kinds)]));
      }
      auto whole = test::table(n, {{"x", x}, {"y", y}});
      auto e = compiled(text);
      const auto together = results(*e, whole.get());
      auto single = compiled(text);
      std::vector<std::string> alone;
      std::vector<std::uint32_t> expected;
      for (std::size_t i = 0; i < n; ++i) {
        auto one = test::table(1, {{"x", {x[i]}}, {"y", {y[i]}}});
        alone.push_back(results(*single, one.get())[0]);
        if (alone.back() == "true") expected.push_back(static_cast<std::uint32_t>(i));
      }
      INFO(text << " round " << round);
      REQUIRE(together == alone);
      REQUIRE(e->misses() == single->misses());
      std::vector<std::uint32_t> rows(n);
      std::uint64_t count = 0;
      e->rows(whole.get(), rows.data(), count);
      rows.resize(count);
      REQUIRE(rows == expected);
    }
  }
}

TEST_CASE("operators on single values are those of the plain definition") {
  // Columns of one row go through the loops; the definition is value.hpp.
  const char* const kinds[] = {"i:5", "i:-3", "i:0", "f:1.5", "f:-2.0", "w:5", "w:abc", "s:5", "b:1", "n"};
  const struct { const char* text; std::function<value(const value&, const value&)> means; } operators[] = {
      {"x + y", [](const value& a, const value& b) { bool m; return pipes::expr::arithmetic('+', a, b, m); }},
      {"x - y", [](const value& a, const value& b) { bool m; return pipes::expr::arithmetic('-', a, b, m); }},
      {"x * y", [](const value& a, const value& b) { bool m; return pipes::expr::arithmetic('*', a, b, m); }},
      {"x / y", [](const value& a, const value& b) { bool m; return pipes::expr::arithmetic('/', a, b, m); }},
      {"x == y", [](const value& a, const value& b) { return pipes::expr::bool_value(pipes::expr::equal(a, b)); }},
      {"x < y", [](const value& a, const value& b) { return pipes::expr::bool_value(pipes::expr::compare(a, b) == -1); }},
      {"x >= y", [](const value& a, const value& b) { const int c = pipes::expr::compare(a, b); return pipes::expr::bool_value(c == 0 || c == 1); }},
  };
  for (const auto& o : operators)
    for (const char* x : kinds)
      for (const char* y : kinds) {
        const test::cell a = test::cell_of(x), b = test::cell_of(y);
        auto batch = test::table(1, {{"x", {a}}, {"y", {b}}});
        INFO(o.text << " of " << x << " and " << y);
        const auto text = [](const test::cell& c) { return c.tag >= PIPE_STRING ? std::string_view(c.text) : std::string_view(); };
        CHECK(results(*compiled(o.text), batch.get())[0] == test::shown(o.means({a.tag, a.bits, text(a)}, {b.tag, b.bits, text(b)})));
      }
}

TEST_CASE("the total order") {
  const char* const ascending[] = {"n", "b:0", "b:1", "f:-1.5", "i:0", "w:1", "i:9007199254740992", "w:9007199254740993", "s:", "w:01", "s:1", "w:a", "s:b", "j:[1]"};
  const std::size_t n = sizeof ascending / sizeof *ascending;
  std::vector<test::cell> cells;
  for (const char* a : ascending) cells.push_back(test::cell_of(a));
  auto batch = test::table(n, {{"x", cells}});
  const pipe_column& c = pipes::column(batch.get(), pipes::field("x"));
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < n; ++k) {
      INFO(ascending[i] << " and " << ascending[k]);
      CHECK(pipes::expr::compare_total(c, i, c, k) == (i < k ? -1 : i > k));
    }
}

TEST_CASE("results outlive the expression") {
  pipes::output out;
  auto batch = test::table(2, {{"x", {test::cell_of("w:a"), test::cell_of("")}}});
  pipe_column column{};
  {
    auto e = compiled("if(x == null, \"a constant of some length\", x + \" and some more text\")");
    e->column(batch.get(), out, column);
  }
  CHECK(pipes::view(column.slices[0]) == "a and some more text");
  CHECK(pipes::view(column.slices[1]) == "a constant of some length");
}

TEST_CASE("no text brings the compiler down") {
  const char* const parts[] = {"x", "y.z", "`a b`", "1", "2.5", "\"t\"", "'r'", "(", ")", "[", "]", ",", "+", "-", "*", "/", "//", "%", "==", "!=", "<", ">=", "~", "!~", "in", "not", "and",
                               "or", "??", "if(", "lower(", "match(", "null", "true", ".", "?", ":", "=", "\\", "\"", "'", "`", "{", "$", "é", "\x01", "substr(", "[0]", "9223372036854775808", "5x"};
  std::mt19937 random(5);
  auto batch = test::table(3, {{"x", {test::cell_of("i:1"), test::cell_of("w:a"), test::cell_of("j:[1]")}}});
  int sound = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (std::size_t k = random() % 9; k > 0; --k) text += std::string(parts[random() % (sizeof parts / sizeof *parts)]) + (random() % 2 ? " " : "");
    std::vector<pipes::remark> remarks;
    auto e = pipe_expr::compile(text, remarks);
    INFO(text);
    for (const auto& r : remarks) {
      CHECK(r.offset <= text.size());
      CHECK_FALSE(r.message.empty());
    }
    REQUIRE((e || !remarks.empty()));
    if (!e) continue;
    ++sound;
    results(*e, batch.get());
  }
  CHECK(sound > 500);
  for (int i = 0; i < 5000; ++i) {
    std::string text;
    for (std::size_t k = random() % 30; k > 0; --k) text += static_cast<char>(random() % 256);
    std::vector<pipes::remark> remarks;
    pipe_expr::compile(text, remarks);
    pipe_format::compile(text, remarks);
  }
}

TEST_CASE("depth is bounded") {
  const auto repeat = [](const char* s, int n) { std::string t; while (n-- > 0) t += s; return t; };
  for (const std::string& text : {repeat("(", 100000) + "x" + repeat(")", 100000), repeat("(", 20000) + "x" + repeat(")", 20000), repeat("-", 30000) + "x", repeat("not ", 10000) + "x", repeat("lower(", 9000) + "x",
                                  "x" + repeat(" * x", 10000), "x" + repeat(" ?? x", 9000), repeat("[", 30000), "x" + repeat("[0]", 15000)}) {
    std::vector<pipes::remark> remarks;
    auto e = pipe_expr::compile(text, remarks);
    CHECK((e || !remarks.empty()));
  }
  // Long chains of conditions are flat.
  std::string text = "x == 0";
  for (int i = 1; i < 2000; ++i) text += " or x == " + std::to_string(i);
  auto batch = test::table(1, {{"x", {test::cell_of("i:1999")}}});
  CHECK(results(*compiled(text), batch.get())[0] == "true");
}
