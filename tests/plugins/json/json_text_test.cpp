// JSON as text: what is malformed is found, named and placed; paths; escapes.
#include "lib/json_text.hpp"

#include <random>
#include <vector>

#include "catch.hpp"

namespace json = shared::json;

namespace {
std::string said(const std::string& text) {
  std::vector<char> exact(text.begin(), text.end());
  json::fault f;
  if (json::checker({exact.data(), exact.size()}).document(f)) return "";
  return std::to_string(f.at - exact.data()) + ": " + f.why;
}
std::string unescaped(std::string raw) {
  std::string to(raw.size(), '\0');
  to.resize(json::unescape(raw, to.data()));
  return to;
}
}  // namespace

TEST_CASE("sound values are sound") {
  for (const char* s : {"{}", "[]", " {\"a\" : [1, -2.5e3, true, false, null, \"x\\u00e9\\n\"], \"b\":{\"c\":{}}} \r", "0", "\"\"", "[[[[]]],{}]", "\"\xff\""}) {
    INFO(s);
    CHECK(said(s).empty());
  }
}

TEST_CASE("faults are named and placed") {
  CHECK(said("") == "0: the text ends where a value should come");
  CHECK(said("{\"a\":1") == "6: the text ends where ',' or '}' should come");
  CHECK(said("{\"a\":}") == "5: expected a value");
  CHECK(said("{\"a\":1,}") == "7: expected a key in double quotes");
  CHECK(said("{\"a\" 1}") == "5: expected ':'");
  CHECK(said("{'a':1}") == "1: expected a key in double quotes");
  CHECK(said("[1 2]") == "3: expected ',' or ']'");
  CHECK(said("[1,]") == "3: expected a value");
  CHECK(said("{\"a\":01}") == "5: '01' is no JSON number");
  CHECK(said("{\"a\":NaN}") == "5: 'NaN' is no JSON value; text stands in double quotes");
  CHECK(said("{\"a\":\"x}") == "5: a string that is not closed");
  CHECK(said("\"\\q\"") == "1: an unknown escape in a string");
  CHECK(said("\"\\u12g4\"") == "1: \\u without four hex digits");
  CHECK(said("\"a\tb\"") == "2: a control character in a string; it must be written as an escape");
  CHECK(said("{} x") == "3: more text behind the value");
  CHECK(said("{\"a\":{\"b\":}}") == "10: expected a value");
  CHECK(said(std::string(2000, '[')) == "1000: nested more than 1000 levels deep");
}

TEST_CASE("a cut or changed text never leads beyond its end") {
  const std::string good = R"({"id.orig_h":"10.0.0.1","n":[1,2.5e-3,{"x":"\u00e9\"\\"}],"t":true,"z":null})";
  std::mt19937_64 random(2);
  for (std::size_t n = 0; n < good.size(); ++n) CHECK_FALSE(said(good.substr(0, n)).empty());
  for (int i = 0; i < 20000; ++i) {
    std::string s = good;
    for (std::size_t k = 1 + random() % 3; k > 0; --k) s[random() % s.size()] = "{}[]\",:\\u0e \x01\xff"[random() % 15];
    const std::vector<char> exact(s.begin(), s.end());
    json::fault f;
    json::checker({exact.data(), exact.size()}).document(f);
    json::along({exact.data(), exact.size()}, "n.x");
    unescaped(s);
  }
}

TEST_CASE("members by path") {
  const std::string o = R"({"a":{"b":{"c":7}},"a.b":1,"k\u0065y":"v","l":[{"c":1}]})";
  CHECK(json::member(o, "a.b") == "1");
  CHECK(json::member(o, "key") == "\"v\"");
  CHECK(json::along(o, "a.b.c") == "7");
  CHECK(json::along(o, "a.b") == R"({"c":7})");
  CHECK(json::along(o, "a.x").data() == nullptr);
  CHECK(json::along(o, "l.c").data() == nullptr);
}

TEST_CASE("escapes are resolved and made") {
  CHECK(unescaped(R"(a\n\t\"\\\/b)") == "a\n\t\"\\/b");
  CHECK(unescaped(R"(\u00e9\u20ac\ud83d\ude00)") == "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  CHECK(unescaped(R"(\ud83dx)") == "\xef\xbf\xbdx");
  const std::string all = std::string("plain, then \"quotes\" \\ \n\r\t\b\f\x01\x1f and a long tail \xff\xc3\xa9 of more than sixteen bytes") + '\0';
  std::string to(6 * all.size() + 2, '\0');
  to.resize(static_cast<std::size_t>(json::write_string(all, to.data()) - to.data()));
  CHECK(said(to).empty());
  CHECK(unescaped(to.substr(1, to.size() - 2)) == all);
}
