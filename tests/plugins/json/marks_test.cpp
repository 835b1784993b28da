// The marks of a text are its quotes, or it has none.
#include "json/marks.hpp"

#include <random>
#include <string>
#include <vector>

#include "catch.hpp"

namespace {

void finds_the_quotes(reader::marks::way w) {
  reader::marks m(w);
  std::mt19937 random(3);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  for (int i = 0; i < 40000; ++i) {
    const std::size_t size = below(300), one_in = 1 + below(12), escaped_in = below(3) ? 1000 : 1 + below(20);
    std::string text;
    std::vector<std::size_t> expected;
    bool sound = true, escapes = false;
    while (text.size() < size) {
      if (below(escaped_in) == 0) {
        text += (const char*[]){"\\\"", "\\\\", "\\n", "\\u00e9", "\\/", "\\t\\\""}[below(6)];
        escapes = true;
      } else if (below(one_in) == 0) {
        expected.push_back(text.size());
        text += '"';
      } else if (below(1500) == 0) {
        text += (const char*[]){"\n", "\t", "\x1f", "\\x", "\\u12g4", "\\u00\"", "\\ ", "\\u1"}[below(8)];
        text += '.';  // no hex digit
        sound = false;
      } else {
        text += "a,:{} \xc3\xff\x7f"[below(9)];
      }
    }
    if (below(200) == 0) text += '\\', sound = false;  // nothing behind it
    const bool taken = m.look(text.data(), text.size());
    if (taken != (sound && expected.size() % 2 == 0)) FAIL(text);
    if (!taken) continue;
    if (m.escapes() != escapes) FAIL(text);
    const std::vector<std::size_t> marked(m.quotes(), m.quotes() + expected.size());
    if (marked != expected) FAIL(text);
    if (m.count() != expected.size()) FAIL(text);
    for (std::size_t k = 0; k < 4; ++k)
      if (m.quotes()[expected.size() + k] < text.size()) FAIL(text);
  }
}

}  // namespace

TEST_CASE("marks are the places of the quotes that no backslash leads, in texts of any length") {
  finds_the_quotes(reader::marks::plain);
  if (reader::marks::possible()) finds_the_quotes(reader::marks::avx512);
}

TEST_CASE("a long text has no marks") {
  for (const auto w : {reader::marks::plain, reader::marks::fastest()}) {
    reader::marks m(w);
    CHECK(m.look(std::string(reader::marks::longest, '"').data(), reader::marks::longest) == (w != reader::marks::none));
    CHECK_FALSE(m.look(std::string(reader::marks::longest + 2, '"').data(), reader::marks::longest + 2));
  }
  CHECK_FALSE(reader::marks(reader::marks::none).look("", 0));
}
