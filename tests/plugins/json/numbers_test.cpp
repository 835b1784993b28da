// Numbers are read as std::from_chars reads them, by whichever way.
#include "lib/numbers.hpp"

#include <bit>
#include <limits>
#include <random>
#include <string>

#include "catch.hpp"

namespace {

// The value by the library alone: whole if it fits, or else a float.
void read_as_the_library_does(const std::string& text) {
  const char* const end = text.data() + text.size();
  std::int64_t whole = 0;
  double real = 0;
  const auto as_whole = std::from_chars(text.data(), end, whole);
  const bool is_whole = as_whole.ec == std::errc{} && as_whole.ptr == end;
  if (!is_whole) std::from_chars(text.data(), end, real);
  const shared::number n = shared::number_of_checked(text);
  if (n.what != (is_whole ? shared::number::whole : shared::number::real) || (is_whole && n.i != whole) ||
      std::bit_cast<std::uint64_t>(n.d) != std::bit_cast<std::uint64_t>(real))
    FAIL(text);
}

}  // namespace

TEST_CASE("short numbers are rounded to nearest, ties to even") {
  for (const char* text : {"0", "-0", "0.0", "-0.0", "0.1", "-0.1", "1.5", "0.10000000000000000", "9007199254740993.0", "9007199254740992.5", "9007199254740993.5", "4503599627370496.5",
                           "4503599627370497.5", "0.0000000000000000001", "0.9999999999999999999", "9999999999999999999", "999999999999999999", "9.999999999999999999", "0.00000000000000000000001",
                           "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1e3", "1.25e-3", "18446744073709551615.5", "0.9999999999999999", "0.99999999999999994", "0.99999999999999995"})
    read_as_the_library_does(text);
}

TEST_CASE("random numbers are read as by the library") {
  std::mt19937_64 random(11);
  for (int i = 0; i < 400000; ++i) {
    std::string text = random() % 4 ? "" : "-";
    const std::size_t before = random() % (random() % 3 ? 4 : 20), behind = random() % 22;
    if (before == 0 || random() % 3 == 0) text += '0';
    else text += static_cast<char>('1' + random() % 9);
    if (text.back() != '0')
      for (std::size_t k = 1; k < before; ++k) text += static_cast<char>('0' + random() % 10);
    if (behind) text += '.';
    const unsigned digits = random() % 5 ? 10 : 1 + random() % 2;  // long runs of nothing, too
    for (std::size_t k = 0; k < behind; ++k) text += static_cast<char>('0' + random() % digits);
    if (random() % 10 == 0) text += "e" + std::to_string(static_cast<int>(random() % 40) - 20);
    read_as_the_library_does(text);
  }
}

TEST_CASE("ties between two floats are read as by the library") {
  std::mt19937_64 random(12);
  for (int i = 0; i < 100000; ++i) {
    // An odd multiple of half the distance between floats of that size has few digits behind the point.
    const int bits = static_cast<int>(random() % 10);
    const std::uint64_t whole = (std::uint64_t{1} << (53 - bits - 1)) | (random() & ((std::uint64_t{1} << (53 - bits - 1)) - 1));
    std::uint64_t part = (random() << 1 | 1) & ((std::uint64_t{1} << (bits + 1)) - 1);
    std::string text = std::to_string(whole) + ".";
    for (int k = 0; k <= bits; ++k) {
      part *= 10;
      text += static_cast<char>('0' + (part >> (bits + 1)));
      part &= (std::uint64_t{1} << (bits + 1)) - 1;
    }
    read_as_the_library_does(text);
  }
}
