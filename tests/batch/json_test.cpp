// JSON records: fields read from their text, and changes that touch nothing else of it.
#include <algorithm>
#include <random>

#include "catch.hpp"
#include "core/batch/json.hpp"
#include "tools.hpp"

using namespace tools;

TEST_CASE("fields are read from the text of JSON records") {
  const auto b = json("{\"a\":1,\"s\":\"x\\n\\u00e9\\ud83d\\ude00\",\"o\":{\"k\":[1, 2]},\"z\":null}\n"
                      "{ \"a\" : 2.50 , \"t\":true, \"o\":[] }\r\n"
                      "{}\n"
                      "{\"a\":12345678901234567890,\"\\u0061b\":\"k\",\"s\":\"\\ud800\"}\n");
  CHECK(column(b, "a") == strings{"i:1", "f:2.500000", "-", "f:12345678901234567168.000000"});
  CHECK(pipes::view(pipes::column(b.get(), pipes::field("a")).slices[1]) == "2.50");
  CHECK(pipes::view(pipes::column(b.get(), pipes::field("a")).slices[3]) == "12345678901234567890");
  CHECK(column(b, "s") == strings{"s:x\n\xc3\xa9\xf0\x9f\x98\x80", "-", "-", "s:\xef\xbf\xbd"});
  CHECK(column(b, "o") == strings{"j:{\"k\":[1, 2]}", "j:[]", "-", "-"});
  CHECK(column(b, "z") == strings{"n", "-", "-", "-"});
  CHECK(column(b, "t") == strings{"-", "t", "-", "-"});
  CHECK(column(b, "ab") == strings{"-", "-", "-", "s:k"});
  CHECK(column(b, "o.k") == strings{"j:[1, 2]", "-", "-", "-"});
  CHECK(column(b, "none") == strings{"-", "-", "-", "-"});
  CHECK(pipes::column(b.get(), pipes::field("none")).all == PIPE_MISSING);
  CHECK(names(b) == strings{"a", "s", "o", "z", "t", "ab"});
}

TEST_CASE("many fields that are asked for are those that one alone is") {
  std::mt19937 random(5);
  const strings keys{"a", "b", "\\u0061", "a.b", "a.b.c", "c", "d", "e.f", "g", "h", "i", "j", "k\\n", "l"};
  const strings values{"1", "-2.5", "\"x\"", "\"\\u00e9\"", "null", "true", "[1, 2]", "{\"b\":3,\"b.c\":4}", "{\"b\":{\"c\":5},\"f\":6}", "{}"};
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (unsigned i = 0, n = 1 + random() % 6; i < n; ++i) {
      text += '{';
      for (unsigned m = 0, most = random() % 12; m < most; ++m) text += (m ? ",\"" : "\"") + keys[random() % keys.size()] + "\": " + values[random() % values.size()];
      text += "}\n";
    }
    const auto b = json(text);
    strings asked{"a", "b", "a.b", "a.b.c", "c", "d", "e.f", "e", "g", "h", "i", "j", "k\n", "l", "none", "a.none"};
    std::shuffle(asked.begin(), asked.end(), random);
    for (const std::string& name : asked) {
      INFO(name << " of " << text);
      REQUIRE(column(b, name) == column(json(text), name));  // the latter a batch that was asked for nothing before
    }
  }
}

TEST_CASE("a dotted name is the field of that name, else a path behind the longest leading part that is one") {
  const auto b = json(R"({"a.b.c":1,"a":{"b":{"c":2}}}
{"a.b":{"c":3},"a":{"b":{"c":4}}}
{"a":{"b":{"c":5}}}
{"a.b":7,"a":{"b":{"c":6}}}
{"a":{"b.c":8}}
)");
  CHECK(column(b, "a.b.c") == strings{"i:1", "i:3", "i:5", "-", "-"});
}

TEST_CASE("a changed record is its text with the changes in place") {
  const auto b = json("{ \"a\" : 1, \"b\": \"x\" ,\"c\":[1,  2] }\r\n");
  const auto text = [&](std::vector<edit> e) { return written(changed(b, e)); };
  CHECK(text({set("b", {number(5)})}) == "{ \"a\" : 1, \"b\": 5 ,\"c\":[1,  2] }\r\n");
  CHECK(text({drop("a")}) == "{ \"b\": \"x\" ,\"c\":[1,  2] }\r\n");
  CHECK(text({drop("b")}) == "{ \"a\" : 1 ,\"c\":[1,  2] }\r\n");
  CHECK(text({drop("c")}) == "{ \"a\" : 1, \"b\": \"x\" }\r\n");
  CHECK(text({drop("a"), drop("b"), drop("c")}) == "{  }\r\n");
  CHECK(text({renamed("b", "bb")}) == "{ \"a\" : 1, \"bb\": \"x\" ,\"c\":[1,  2] }\r\n");
  CHECK(text({renamed("b", "a")}) == "{ \"a\": \"x\" ,\"c\":[1,  2] }\r\n");
  CHECK(text({renamed("no", "a")}) == "{ \"a\" : 1, \"b\": \"x\" ,\"c\":[1,  2] }\r\n");
  CHECK(text({keep("b")}) == "{ \"b\": \"x\" }\r\n");
  CHECK(text({keep("c"), keep("a")}) == "{ \"a\" : 1 ,\"c\":[1,  2] }\r\n");
  CHECK(text({set("n", {null()}), set("q\"", {string("\x01\t\"\\/\x7f\xff")})}) ==
        "{ \"a\" : 1, \"b\": \"x\" ,\"c\":[1,  2],\"n\":null,\"q\\\"\":\"\\u0001\\t\\\"\\\\/\x7f\xff\" }\r\n");
  CHECK(text({set("a", {gone()})}) == "{ \"b\": \"x\" ,\"c\":[1,  2] }\r\n");
  CHECK(text({set("f", {real(0.1)}), set("g", {real(3)}), set("h", {real(9007199254740992.0)})}) ==
        "{ \"a\" : 1, \"b\": \"x\" ,\"c\":[1,  2],\"f\":0.1,\"g\":3,\"h\":9007199254740992 }\r\n");
  CHECK(text({set("a", {number(7, "7.0e0")})}) == "{ \"a\" : 7.0e0, \"b\": \"x\" ,\"c\":[1,  2] }\r\n");
  CHECK(written(changed(json("{}\n"), {set("a", {truth(false)})})) == "{\"a\":false}\n");
  CHECK(written(changed(json("{\"a\":1,\"b\":2,\"a\":3}\n"), {set("a", {number(9)})})) == "{\"a\":9,\"b\":2}\n");
}

TEST_CASE("a dotted name is set where it is, else in its parent, else as a flat key") {
  const auto b = json("{\"a\":{ \"b\": 1 },\"x.y\":2,\"v\":3}\n");
  const auto text = [&](std::vector<edit> e) { return written(changed(b, e)); };
  CHECK(text({set("a.b", {number(5)})}) == "{\"a\":{ \"b\": 5 },\"x.y\":2,\"v\":3}\n");
  CHECK(text({set("a.c", {number(5)})}) == "{\"a\":{ \"b\": 1,\"c\":5 },\"x.y\":2,\"v\":3}\n");
  CHECK(text({set("x.y", {number(5)})}) == "{\"a\":{ \"b\": 1 },\"x.y\":5,\"v\":3}\n");
  CHECK(text({set("v.w", {number(5)})}) == "{\"a\":{ \"b\": 1 },\"x.y\":2,\"v\":3,\"v.w\":5}\n");
  CHECK(text({set("a.q.r", {number(5)})}) == "{\"a\":{ \"b\": 1 },\"x.y\":2,\"v\":3,\"a.q.r\":5}\n");
  CHECK(text({drop("a.b")}) == "{\"a\":{  },\"x.y\":2,\"v\":3}\n");
  CHECK(text({renamed("a.b", "a.z")}) == "{\"a\":{ \"z\": 1 },\"x.y\":2,\"v\":3}\n");
  CHECK(text({renamed("a.b", "z")}) == "{\"a\":{  },\"x.y\":2,\"v\":3,\"z\":1}\n");
  CHECK(text({keep("a.b"), keep("v")}) == "{\"a\":{ \"b\": 1 },\"v\":3}\n");
}

TEST_CASE("setting a field hides columns attached before to its parts and wholes") {
  auto b = json("{\"a\":{\"b\":1},\"z\":0}\n");
  b = changed(b, {attach("a.b", {number(1)}), attach("a", {raw("{\"b\":1}")})});
  CHECK(column(changed(b, {set("a", {raw("{\"b\":2}")})}), "a.b") == strings{"i:2"});
  CHECK(column(changed(b, {set("a.b", {number(3)})}), "a") == strings{"j:{\"b\":3}"});
  CHECK(column(changed(b, {drop("a")}), "a.b") == strings{"-"});
  CHECK(column(changed(b, {renamed("a", "c")}), "c.b") == strings{"i:1"});
  CHECK(column(changed(b, {renamed("a", "c")}), "a.b") == strings{"-"});
  CHECK(column(changed(b, {keep("a.b")}), "a.b") == strings{"i:1"});
  CHECK(names(changed(b, {set("a.b", {number(3)}), set("n", {number(4)})})) == strings{"a", "z", "n"});
}

TEST_CASE("changes on changes are one rendering, and late columns are right") {
  auto b = json("{\"a\":1}\n{\"a\":2}\n{\"b\":3}\n");
  b = changed(b, {set("c", {number(10), gone(), number(30)})});
  b = changed(b, {renamed("a", "b"), set("d", {string("x"), string("y"), string("z")})});
  const std::uint32_t rows[] = {2, 0};
  const auto turned = pipes::select(b.get(), rows, 2);
  CHECK(written(turned) == "{\"b\":3,\"c\":30,\"d\":\"z\"}\n{\"b\":1,\"c\":10,\"d\":\"x\"}\n");
  CHECK(column(turned, "b") == strings{"i:3", "i:1"});
  CHECK(column(b, "b") == strings{"i:1", "i:2", "i:3"});
  CHECK(column(b, "a") == strings{"-", "-", "-"});
  CHECK(column(b, "c") == strings{"i:10", "-", "i:30"});
  CHECK(names(b) == strings{"b", "c", "d"});
}

TEST_CASE("records that are not JSON print their fields in the order made") {
  auto b = pipes::from_text("line one\nline two\n");
  b = changed(b, {attach("ip", {word("1.2.3.4"), word("007")}), attach("n", {word("200"), gone()})});
  CHECK(written(b) == "line one\nline two\n");
  CHECK(names(b) == strings{"ip", "n"});
  auto c = changed(b, {set("t", {number(1), real(0.5)}), set("ip", {string("x\"y"), string("z")})});
  CHECK(written(c) == "{\"ip\":\"x\\\"y\",\"n\":200,\"t\":1}\n{\"ip\":\"z\",\"t\":0.5}\n");
  CHECK(lines(changed(c, {drop("ip"), renamed("n", "m")})) == strings{"{\"m\":200,\"t\":1}", "{\"t\":0.5}"});
  CHECK(lines(changed(c, {keep("t"), keep("n")})) == strings{"{\"n\":200,\"t\":1}", "{\"t\":0.5}"});
  pipes::output out;
  const pipe_slice* r = pipes::render(b.get(), PIPE_RENDER_JSON, out);
  CHECK(pipes::view(r[0]) == "{\"ip\":\"1.2.3.4\",\"n\":200}");
  CHECK(pipes::view(r[1]) == "{\"ip\":\"007\"}");
}

TEST_CASE("new bytes end what was to be rendered, and leave fields readable") {
  auto b = changed(json("{\"a\":1}\n{\"a\":2}\n"), {set("b", {number(5), number(6)})});
  shape s;
  s.flags = PIPE_PART_OWN_BYTES;
  s.records = {"one", "two"};
  auto c = changed(b, {}, s);
  CHECK(written(c) == "one\ntwo\n");
  CHECK(column(c, "a") == strings{"i:1", "i:2"});
  CHECK(column(c, "b") == strings{"i:5", "i:6"});
  CHECK_FALSE(pipes::is_json(c.get()));
  auto d = changed(b, {set("q", {number(1), number(1)})}, s);
  CHECK(written(d) == "one\ntwo\n");
  CHECK(column(d, "q") == strings{"i:1", "i:1"});
  CHECK(written(changed(d, {drop("a")})) == "{\"b\":5,\"q\":1}\n{\"b\":6,\"q\":1}\n");
}

TEST_CASE("unrendered records of nowhere print their fields") {
  pipes::output out;
  shape s;
  s.flags = PIPE_PART_UNRENDERED;
  emit(out, 0, {}, 2, {attach("k", {string("a"), string("b")}), attach("count", {number(2), number(1)})}, s);
  const auto b = out.take().at(0).batch;
  CHECK(written(b) == "{\"k\":\"a\",\"count\":2}\n{\"k\":\"b\",\"count\":1}\n");
  CHECK(names(pipes::copy(b.get())) == strings{"k", "count"});
  CHECK(written(pipes::copy(b.get())) == "{\"k\":\"a\",\"count\":2}\n{\"k\":\"b\",\"count\":1}\n");
}

TEST_CASE("numbers print as they should") {
  const auto print = [](double d) {
    char to[32];
    return std::string(to, pipes::json::print_float(to, d));
  };
  CHECK(print(1e15) == "1000000000000000");
  CHECK(print(0.1) == "0.1");
  CHECK(print(-2.0) == "-2");
  CHECK(print(1e300) == "1e+300");
  CHECK(print(1.0 / 0.0) == "null");
  CHECK(print(5e-324) == "5e-324");
  for (const char* yes : {"0", "-0", "10", "1.5", "1e5", "1E-5", "-0.0e+9"}) CHECK(pipes::json::is_number(yes));
  for (const char* no : {"", "-", "01", "+1", "1.", ".5", "1e", "0x1F", "nan", " 1", "1 ", "-01"}) CHECK_FALSE(pipes::json::is_number(no));
}

TEST_CASE("texts that are no JSON do no harm") {
  for (const char* bad : {"{", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":[1,{", "x", "", "{\"a\" 1}", "{\"a\":\"\\", "{,}", "{1:2}"}) {
    const auto b = json(std::string(bad) + "\n");
    column(b, "a");
    column(b, "a.b");
    names(b);
    CHECK(written(changed(b, {set("a", {number(1)}), drop("b"), keep("a")})) == std::string(bad) + "\n");
  }
}

TEST_CASE("a dotted name reaches into a field that holds JSON, of records that are not JSON") {
  auto b = pipes::from_text("l1\nl2\nl3\n");
  b = changed(b, {attach("o", {raw("{\"k\": 1}"), raw("[1]"), gone()}), attach("p.q", {gone(), word("x"), gone()})});
  CHECK(column(b, "o.k") == strings{"i:1", "-", "-"});
  const auto set_k = changed(b, {set("o.k", {number(5), number(6), number(7)})});
  CHECK(lines(set_k) == strings{"{\"o\":{\"k\": 5}}", "{\"o\":[1],\"p.q\":\"x\",\"o.k\":6}", "{\"o.k\":7}"});
  CHECK(column(set_k, "o.k") == strings{"i:5", "i:6", "i:7"});
  CHECK(column(set_k, "o") == strings{"j:{\"k\": 5}", "j:[1]", "-"});
  CHECK(lines(changed(b, {drop("o.k"), set("p.q", {null(), null(), null()})})) ==
        strings{"{\"o\":{},\"p.q\":null}", "{\"o\":[1],\"p.q\":null}", "{\"p.q\":null}"});
  const auto fresh_o = changed(b, {set("o", {raw("{\"k\":9}"), null(), null()})});
  CHECK(column(fresh_o, "o.k") == strings{"i:9", "-", "-"});
}
