// The marks of a text are its quotes, or it has none.
#include "json/marks.hpp"

#include <random>
#include <string>
#include <vector>

#include "catch.hpp"

TEST_CASE("marks are the places of the quotes, of texts of any length") {
  if (!reader::marks::possible()) return;
  reader::marks m;
  std::mt19937 random(3);
  for (int i = 0; i < 20000; ++i) {
    const std::size_t size = random() % 300;
    const unsigned one_in = 1 + random() % 12;
    std::string text;
    std::vector<std::size_t> expected;
    while (text.size() < size) {
      const bool quote = random() % one_in == 0;
      if (quote) expected.push_back(text.size());
      text += quote ? '"' : "a,:{} \xc3\xff\x7f"[random() % 9];
    }
    const char odd = random() % 8 == 0 ? "\\\n\t\x1f"[random() % 4] : '\0';
    if (odd && size) {
      const std::size_t at = random() % size;
      if (text[at] != '"') text[at] = odd;
      else continue;
    }
    const bool taken = m.look(text.data(), text.size());
    if (taken != ((!odd || !size) && expected.size() % 2 == 0)) FAIL(text);
    if (!taken) continue;
    const std::vector<std::size_t> marked(m.quotes(), m.quotes() + expected.size());
    if (marked != expected) FAIL(text);
    for (std::size_t k = 0; k < 4; ++k)
      if (m.quotes()[expected.size() + k] < size) FAIL(text);
  }
}

TEST_CASE("a long text has no marks") {
  reader::marks m;
  CHECK(m.look(std::string(reader::marks::longest, '"').data(), reader::marks::longest) == reader::marks::possible());
  CHECK_FALSE(m.look(std::string(reader::marks::longest + 2, '"').data(), reader::marks::longest + 2));
  CHECK_FALSE(reader::marks(false).look("", 0));
}
