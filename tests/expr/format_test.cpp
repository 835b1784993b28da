// Templates: what they render and what is wrong with them.
#include "catch.hpp"
#include "table.hpp"

#include "core/expr/expr.hpp"

namespace {

std::vector<std::string> rendered(const char* text, pipe_batch* batch) {
  std::vector<pipes::remark> remarks;
  auto f = pipe_format::compile(text, remarks);
  INFO(text << ": " << (remarks.empty() ? std::string("no remark") : remarks[0].message));
  REQUIRE(f);
  pipes::output out;
  const pipe_slice* s = f->render(batch, out);
  std::vector<std::string> all;
  for (std::uint64_t i = 0; i < pipes::count(batch); ++i) all.emplace_back(pipes::view(s[i]));
  return all;
}

}  // namespace

TEST_CASE("templates render fields as they were read") {
  auto batch = test::table(3, {{"ip", {test::cell_of("w:1.2.3.4"), test::cell_of(""), test::cell_of("s:a\"b")}},
                               {"n", {test::cell_of("f:1.50"), test::cell_of("n"), test::cell_of("i:7")}},
                               {"tags", {test::cell_of("j:[1, \"x\"]"), test::cell_of("b:1"), test::cell_of("b:0")}},
                               {"odd name", {test::cell_of("i:1"), test::cell_of("i:2"), test::cell_of("i:3")}}});
  using lines = std::vector<std::string>;
  CHECK(rendered("{ip} {n}", batch.get()) == lines{"1.2.3.4 1.50", " ", "a\"b 7"});
  CHECK(rendered("{{{ip}}} {tags}", batch.get()) == lines{"{1.2.3.4} [1, \"x\"]", "{} true", "{a\"b} false"});
  CHECK(rendered("{tags[1]}|{ `odd name` }", batch.get()) == lines{"x|1", "|2", "|3"});
  CHECK(rendered("{}: {n}", batch.get()) == lines{"r: 1.50", "r: ", "r: 7"});
  CHECK(rendered("plain", batch.get()) == lines{"plain", "plain", "plain"});
  CHECK(rendered("", batch.get()) == lines{"", "", ""});
}

TEST_CASE("a template lists its fields") {
  std::vector<pipes::remark> remarks;
  auto f = pipe_format::compile("{a.b} {c} {a.b}", remarks);
  REQUIRE(f);
  REQUIRE(f->reads().size() == 2);
  CHECK(f->reads()[0] == pipes::field("a.b"));
}

TEST_CASE("many rows render as one by one") {
  std::vector<test::cell> cells;
  for (int i = 0; i < 2500; ++i) cells.push_back(test::cell_of(std::string("i:").append(std::to_string(i))));
  auto batch = test::table(cells.size(), {{"x", cells}});
  const auto all = rendered("<{x}>", batch.get());
  for (int i = 0; i < 2500; ++i) REQUIRE(all[static_cast<std::size_t>(i)] == std::string("<").append(std::to_string(i)).append(">"));
}

TEST_CASE("faults of templates say where") {
  const struct { const char* text; std::size_t offset; const char* part; } cases[] = {
      {"a {b", 2, "never closed"}, {"a } b", 2, "no partner"}, {"x { }", 2, "name is missing"}, {"{a + 1}", 3, "compute values with map"}, {"{5}", 1, "field's name"}, {"{a {b}}", 0, "never closed"}, {"{not}", 1, "backticks"},
  };
  for (const auto& c : cases) {
    std::vector<pipes::remark> remarks;
    INFO(c.text);
    CHECK_FALSE(pipe_format::compile(c.text, remarks));
    REQUIRE(!remarks.empty());
    CHECK(remarks[0].offset == c.offset);
    CHECK(remarks[0].message.find(c.part) != std::string::npos);
  }
}
