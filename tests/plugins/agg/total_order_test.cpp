// The one order of all values, and least and greatest by it.
#include "lib/total_order.hpp"

#include <algorithm>
#include <deque>
#include <limits>
#include <random>

#include "catch.hpp"
#include "lib/extreme.hpp"

using shared::extreme;
using shared::rank;
using shared::value_view;

namespace {

std::deque<std::string> kept;  // texts of the values below

value_view nothing(std::uint32_t tag) { return {tag, 0, {}}; }
value_view boolean(bool b) { return {PIPE_BOOL, b, {}}; }
value_view whole(std::int64_t i) { return {PIPE_INT, static_cast<std::uint64_t>(i), {}}; }
value_view real(double d) {
  value_view v{PIPE_FLOAT, 0, {}};
  std::memcpy(&v.bits, &d, sizeof d);
  return v;
}
value_view text(std::string s, std::uint32_t tag = PIPE_STRING) {
  kept.push_back(std::move(s));
  return {tag, 0, kept.back()};
}

// As sort does: ranks first, in full only where both say that there is more.
int by_rank(const value_view& a, const value_view& b) {
  const rank x = shared::order::of(a), y = shared::order::of(b);
  if (x.what != y.what) return x.what < y.what ? -1 : 1;
  if (x.prefix != y.prefix) return x.prefix < y.prefix ? -1 : 1;
  if (x.more != y.more) return x.more < y.more ? -1 : 1;
  return x.more ? shared::order::compare_values(a, b) : 0;
}

std::vector<value_view> ascending() {
  const double tiny = std::numeric_limits<double>::denorm_min();
  return {
      nothing(PIPE_NULL), boolean(false), boolean(true),
      real(-std::numeric_limits<double>::infinity()), real(-1e300), whole(std::numeric_limits<std::int64_t>::min()),
      whole(std::numeric_limits<std::int64_t>::min() + 1), whole(-9007199254740993), real(-9007199254740992.0), whole(-2), real(-1.5),
      text("-1", PIPE_WORD), real(-tiny), whole(0), real(tiny), text("0.5", PIPE_WORD), whole(1), real(1.0000000000000002), whole(2),
      text("10", PIPE_WORD), real(9007199254740992.0), whole(9007199254740993), whole(9007199254740994), whole(9007199254740995),
      real(9007199254740996.0), whole(std::numeric_limits<std::int64_t>::max() - 1), whole(std::numeric_limits<std::int64_t>::max()),
      real(9223372036854775808.0), text("1e300", PIPE_WORD),
      text(""), text(std::string("\0", 1)), text("01234", PIPE_WORD), text("10"), text("9"), text("A"), text("abcdefg"), text(std::string("abcdefg\0", 8)),
      text(std::string("abcdefg\0a", 9)), text("abcdefgh"), text("abcdefgh!"), text("abcdefgha"), text("abd"), text("\xc3\xa4"), text("\xff"),
      text("[1]", PIPE_JSON), text("[2]", PIPE_JSON), text("{}", PIPE_JSON)};
}

}  // namespace

TEST_CASE("null, false, true, numbers, text by its bytes, other JSON") {
  const auto values = ascending();
  for (std::size_t i = 0; i < values.size(); ++i)
    for (std::size_t j = 0; j < values.size(); ++j) {
      INFO(i << " and " << j);
      const int expected = i < j ? -1 : i > j;
      CHECK(shared::order::compare_values(values[i], values[j]) == expected);
      CHECK(by_rank(values[i], values[j]) == expected);
    }
}

TEST_CASE("values that print differently can be equal in the order") {
  CHECK(shared::order::compare_values(whole(1), text("1.0", PIPE_WORD)) == 0);
  CHECK(by_rank(whole(1), text("1.0", PIPE_WORD)) == 0);
  CHECK(by_rank(real(0.0), real(-0.0)) == 0);
  CHECK(by_rank(nothing(PIPE_MISSING), nothing(PIPE_NULL)) == 0);
  CHECK(by_rank(real(std::nan("")), nothing(PIPE_NULL)) == 0);
}

TEST_CASE("least and greatest do not depend on the order in which values come") {
  std::vector<value_view> values = ascending();
  values.push_back(text("1.0", PIPE_WORD));
  values.push_back(text("1.00", PIPE_WORD));
  values.push_back(nothing(PIPE_MISSING));
  std::mt19937_64 random(3);
  for (int round = 0; round < 200; ++round) {
    std::shuffle(values.begin(), values.end(), random);
    extreme a, b, c, d;
    for (std::size_t i = 0; i < values.size(); ++i) {
      (i % 2 ? a : b).add<false>(values[i]);
      (i % 3 ? c : d).add<true>(values[i]);
    }
    a.merge<false>(b);
    d.merge<true>(c);
    CHECK(a.get().tag == PIPE_BOOL);  // null takes no part
    CHECK(a.get().bits == 0);
    CHECK(d.get().text == "{}");
  }
}

TEST_CASE("of equal values the one with the least text stays") {
  std::vector<value_view> values{text("1.0", PIPE_WORD), text("1", PIPE_WORD), text("1.00", PIPE_WORD), text("1e0", PIPE_WORD)};
  std::sort(values.begin(), values.end(), [](const value_view& a, const value_view& b) { return a.text < b.text; });
  do {
    extreme least, greatest;
    for (const auto& v : values) {
      least.add<false>(v);
      greatest.add<true>(v);
    }
    CHECK(least.get().text == "1");
    CHECK(greatest.get().text == "1");
  } while (std::next_permutation(values.begin(), values.end(), [](const value_view& a, const value_view& b) { return a.text < b.text; }));
}

TEST_CASE("nothing but null has neither least nor greatest") {
  extreme e;
  e.add<false>(nothing(PIPE_NULL));
  e.add<false>(nothing(PIPE_MISSING));
  CHECK(e.get().tag == PIPE_MISSING);
}

TEST_CASE("what counts as a number") {
  for (const char* s : {"0", "-0", "1", "-1.5", "1e3", "1E+3", "0.1", "123456789012345678901234567890"}) CHECK(shared::read_number(s));
  for (const char* s : {"", "-", "01234", "0x1F", "nan", "inf", "+1", "1.", ".5", "1e", " 1", "1 ", "1_0", "--1"}) CHECK_FALSE(shared::read_number(s));
  CHECK(shared::read_number("9223372036854775807").what == shared::number::whole);
  CHECK(shared::read_number("9223372036854775808").what == shared::number::real);
}
