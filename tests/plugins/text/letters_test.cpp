// Upper and lower case: the pairs belong together, lengths stay.
#include "lib/letters.hpp"

#include <set>
#include <string>

#include "catch.hpp"

namespace {
std::string changed(std::string_view s, shared::letter_case to) {
  std::string made(s.size(), '\0');
  shared::change_case(s, to, made.data());
  return made;
}
}  // namespace

TEST_CASE("a letter's other case comes back, and stays within two bytes") {
  std::size_t pairs = 0;
  std::set<std::uint32_t> capitals;
  for (std::uint32_t c = 0x80; c < 0x800; ++c) {
    const std::uint32_t up = shared::upper_of(c), down = shared::lower_of(c);
    CAPTURE(c);
    CHECK(up >= 0x80);
    CHECK(up < 0x800);
    CHECK(down >= 0x80);
    CHECK(down < 0x800);
    CHECK((up == c || down == c));
    CHECK(shared::upper_of(up) == up);
    CHECK(shared::lower_of(down) == down);
    if (down != c) CHECK(shared::upper_of(down) == c);
    if (up != c && c != 0x3c2) {  // the final sigma has the capital of the other one
      CHECK(shared::lower_of(up) == c);
      CHECK(capitals.insert(up).second);
      ++pairs;
    }
  }
  CHECK(pairs == 311);  // as many as Unicode has in these ranges
}

TEST_CASE("long texts change like short ones") {
  std::string text, upper, lower;
  for (int i = 0; i < 3000; ++i) {
    const std::string piece = i % 37 == 0 ? "é" : i % 53 == 0 ? std::string("\xff") : std::string(1, static_cast<char>(i * 7 % 128));
    text += piece;
    upper += changed(piece, shared::letter_case::upper);
    lower += changed(piece, shared::letter_case::lower);
  }
  CHECK(changed(text, shared::letter_case::upper) == upper);
  CHECK(changed(text, shared::letter_case::lower) == lower);
}

TEST_CASE("pairs of every script") {
  CHECK(changed("azAZ09 éÿžſß ςσά ыѐџѡҋԯ ӂӏ աֆ", shared::letter_case::upper) == "AZAZ09 ÉŸŽſß ΣΣΆ ЫЀЏѠҊԮ ӁӀ ԱՖ");
  CHECK(changed("ÉŸŽİ ΣΆ ЫЀЏѠҊԮ ӁӀ ԱՖ Z[", shared::letter_case::lower) == "éÿžİ σά ыѐџѡҋԯ ӂӏ աֆ z[");
  CHECK(changed("o'neill ELAN_vital x1y ñandú", shared::letter_case::title) == "O'neill Elan_Vital X1y Ñandú");
  CHECK(changed("\xc3", shared::letter_case::upper) == "\xc3");
  CHECK(changed("\xc3\xc3\xa9\xff", shared::letter_case::upper) == "\xc3\xc3\x89\xff");
}
