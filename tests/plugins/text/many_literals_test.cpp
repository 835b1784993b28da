// Any of several texts: the same line is found first as by looking for each of them, with and without vector instructions, and
// nothing outside the range is read.
#include "lib/many_literals.hpp"

#include <random>

#include "catch.hpp"

namespace {

// Which line of the text holds the first of the needles; npos: none does.
std::size_t slowly(std::string_view text, const std::vector<std::string>& needles) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    for (const std::string& n : needles)
      if (text.substr(begin, end - begin).find(n) != std::string_view::npos) return begin;
    begin = end + 1;
  }
  return std::string_view::npos;
}
std::size_t line_of(const char* hit, std::string_view text) {
  if (!hit) return std::string_view::npos;
  const std::size_t at = static_cast<std::size_t>(hit - text.data());
  const std::size_t before = at ? text.rfind('\n', at - 1) : std::string_view::npos;
  return before == std::string_view::npos ? 0 : before + 1;
}

}  // namespace

TEST_CASE("the first line that holds any of the texts") {
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    const std::size_t letters = 1 + random() % 4;
    const auto word = [&](std::size_t size) {
      std::string s;
      while (s.size() < size) s += static_cast<char>('a' + random() % letters);
      return s;
    };
    std::vector<std::string> needles;
    for (std::size_t n = 1 + random() % 12; n; --n) needles.push_back(word(1 + random() % 6));
    std::string text;
    for (std::size_t lines = random() % 6; lines; --lines) text += std::string(random() % 60, 'x') + word(random() % 8) + std::string(random() % 40, '.') + '\n';
    if (random() % 2 && !text.empty()) text.pop_back();
    const std::vector<char> exact(text.begin(), text.end());  // on the heap, to the byte: ASan sees a read beyond it
    const std::string_view view(exact.data(), exact.size());
    const shared::many_literals found(needles);
    const std::size_t expected = slowly(view, needles);
    CHECK(line_of(found.find(view.data(), view.data() + view.size()), view) == expected);
    CHECK(line_of(found.find_plain(view.data(), view.data(), view.data() + view.size()), view) == expected);
  }
}
