#include "json/quick.hpp"

#include <random>
#include <string>

#include "catch.hpp"

namespace {

// Where the value that begins the text ends, as far as quick.hpp says so; npos: it gives up. With the marks of the text, if it has
// some, it must say the same.
std::size_t steps(const std::string& text) {
  static reader::marks quotes;
  const std::string guarded = text + std::string(reader::quick::margin, '\n');
  const char* const begin = guarded.data();
  const char* const end = begin + text.size();
  const auto size = [&](const char* p) { return p ? static_cast<std::size_t>(p - begin) : std::string::npos; };
  reader::quick::scanned_strings scanned(end);
  const std::size_t n = size(reader::quick::value(begin, end, scanned));
  if (quotes.look(begin, text.size())) {
    reader::quick::marked_strings marked(begin, quotes);
    if (size(reader::quick::value(begin, end, marked)) != n) FAIL(text);
  }
  return n;
}

}  // namespace

TEST_CASE("quick steps over values and stops right behind them") {
  for (const char* text : {"0", "-0", "-12.50e+3", "1E9", "true", "false", "null", "\"\"", "\"a long text, longer than sixteen bytes\"", "[]", "{}",
                           "[1, [2 ,{\"a\" : null}],\"x\"]", "{\"k\":{\"l\":[true]},\"m\":\"n\"}"}) {
    INFO(text);
    CHECK(steps(text) == std::string(text).size());
    CHECK(steps(std::string(text) + ",9") == std::string(text).size());
  }
  CHECK(steps(R"(["a\"b\u00e9"])") == 14);
  CHECK(steps(std::string(reader::quick::deepest, '[') + std::string(reader::quick::deepest, ']')) != std::string::npos);
  CHECK(steps(std::string(reader::quick::deepest + 1, '[') + std::string(reader::quick::deepest + 1, ']')) == std::string::npos);
}

TEST_CASE("quick takes whole values exactly where the thorough checker does") {
  const std::string seed = R"({"a":[1,-2.5e3,0],"b":{"c":"x\ty\u0041","d":null},"e":true,"f":"0123456789abcdef0123"})";
  const std::string letters = "{}[]\",:\\0123.-+eEtrufalsn \t\n\x01\xc3";
  std::mt19937 random(7);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  std::size_t taken = 0;
  for (int i = 0; i < 100000; ++i) {
    std::string text = seed;
    for (std::size_t changes = 1 + below(2); changes; --changes) {
      const std::size_t at = below(text.size());
      if (below(2)) text.erase(at, 1 + below(3));
      else text.insert(at, 1, letters[below(letters.size())]);
    }
      const bool quick = steps(text) == text.size();
    taken += quick;
    // Blanks around the value are the caller's here and the checker's there.
    if (shared::json::blank(text.front()) || shared::json::blank(text.back())) continue;
    if (quick != shared::json::sound(text)) FAIL(text);
  }
  CHECK(taken > 1000);
}
