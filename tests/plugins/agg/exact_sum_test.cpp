// Sums are exact: one answer, whatever the order and however the values are shared out.
#include "lib/exact_sum.hpp"

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "catch.hpp"

using shared::exact_sum;

namespace {

double sum_of(const std::vector<double>& values) {
  exact_sum s;
  for (double v : values) s.add(v);
  return s.real();
}

// Shared out among `parts` sums, merged in a random order.
double shared_out(std::vector<double> values, std::size_t parts, std::mt19937_64& random) {
  std::shuffle(values.begin(), values.end(), random);
  std::vector<exact_sum> sums(parts);
  for (std::size_t i = 0; i < values.size(); ++i) sums[random() % parts].add(values[i]);
  std::shuffle(sums.begin(), sums.end(), random);
  exact_sum all;
  for (auto& s : sums) all.add(std::move(s));
  return all.real();
}

}  // namespace

TEST_CASE("the sum of floats is the exact one, rounded once") {
  CHECK(sum_of({}) == 0.0);
  CHECK(sum_of({0.1, 0.2, 0.3}) == 0.6);  // added up one by one: 0.6000000000000001
  CHECK(sum_of(std::vector<double>(10, 0.1)) == 1.0);
  CHECK(sum_of({1e308, 1e308, -1e308}) == 1e308);  // no overflow on the way
  CHECK(sum_of({1e100, 1.0, -1e100}) == 1.0);
  CHECK(sum_of({1e-300, 1.0, -1.0}) == 1e-300);
  CHECK(sum_of({5e-324, 5e-324}) == 1e-323);
  CHECK(sum_of({-5e-324, 2.5, -2.5}) == -5e-324);
  CHECK(sum_of({9007199254740992.0, 1.0}) == 9007199254740992.0);            // a tie goes to the even neighbour
  CHECK(sum_of({9007199254740994.0, 1.0}) == 9007199254740996.0);
  CHECK(sum_of({9007199254740992.0, 1.0, 1e-200}) == 9007199254740994.0);    // a trace more than the tie
  CHECK(sum_of({-9007199254740992.0, -1.0, -1e-200}) == -9007199254740994.0);
  CHECK(sum_of({std::numeric_limits<double>::max(), std::numeric_limits<double>::max()}) == std::numeric_limits<double>::infinity());
  CHECK(std::isnan(sum_of({1.0, std::numeric_limits<double>::infinity()})));
}

TEST_CASE("the mean is the exact one, rounded once") {
  const auto mean_of = [](const std::vector<double>& values) {
    exact_sum s;
    for (double v : values) s.add(v);
    return s.mean();
  };
  CHECK(mean_of({1.0, 2.0}) == 1.5);
  CHECK(mean_of({-0.1, 0.1}) == 0.0);
  const double largest = std::numeric_limits<double>::max();
  CHECK(mean_of({largest, largest}) == largest);  // the sum is no double
  CHECK(mean_of({5e-324, 0.0}) == 0.0);           // a tie goes to the even neighbour, also where doubles end
  CHECK(mean_of({5e-324, 1e-323}) == 1e-323);
  CHECK(mean_of({5e-324, 5e-324, 0.0}) == 5e-324);
  CHECK(std::isnan(mean_of({1.0, std::numeric_limits<double>::infinity()})));
  exact_sum whole;
  for (const std::int64_t v : {std::int64_t{9007199254740993}, std::int64_t{0}, std::int64_t{0}}) whole.add(v);
  CHECK(whole.mean() == 3002399751580331.0);  // 9007199254740993 is no double: rounded first it gives ...330.5
  std::mt19937_64 random(11);
  for (int round = 0; round < 3000; ++round) {
    const int spread = round % 3 == 0 ? 1 : round % 3 == 1 ? 30 : 300;
    std::vector<double> values(3 + random() % 9);
    for (double& v : values) v = std::ldexp(static_cast<double>(static_cast<std::int64_t>(random())), static_cast<int>(random() % static_cast<unsigned>(2 * spread)) - spread - 63);
    const double mean = mean_of(values);
    // How far from it all values are in sum, for a double and for its neighbours.
    const auto off = [&](double from) {
      exact_sum s;
      for (double v : values) {
        s.add(v);
        s.add(-from);
      }
      return std::fabs(s.real());
    };
    CHECK(off(mean) <= off(std::nextafter(mean, -largest)));
    CHECK(off(mean) <= off(std::nextafter(mean, largest)));
  }
}

TEST_CASE("the sum of floats depends on no order and no share") {
  std::mt19937_64 random(7);
  for (int round = 0; round < 40; ++round) {
    std::vector<double> values;
    const int spread = round % 4 == 0 ? 600 : round % 4 == 1 ? 60 : 8;
    for (int i = 0; i < 500; ++i) {
      const double mantissa = static_cast<double>(static_cast<std::int64_t>(random())) / 3.0;
      values.push_back(std::ldexp(mantissa, static_cast<int>(random() % static_cast<unsigned>(2 * spread)) - spread - 63));
    }
    const double once = sum_of(values);
    for (std::size_t parts : {1u, 2u, 3u, 8u, 100u}) CHECK(shared_out(values, parts, random) == once);
    // The sum and its counterpart leave nothing.
    std::vector<double> twice = values;
    for (double v : values) twice.push_back(-v);
    CHECK(shared_out(twice, 5, random) == 0.0);
  }
}

TEST_CASE("many large floats overflow into the wide sum unnoticed") {
  exact_sum s;
  const double v = 7e13;  // close to the greatest that the 128-bit sum takes
  for (int i = 0; i < 1000; ++i) s.add(v);
  CHECK(s.real() == 7e16);
  for (int i = 0; i < 2000; ++i) s.add(-v);
  CHECK(s.real() == -7e16);
}

TEST_CASE("integers stay integers while they fit in 64 bits") {
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  exact_sum s;
  std::int64_t whole = 0;
  s.add(most);
  REQUIRE(s.whole(whole));
  CHECK(whole == most);
  s.add(most);
  CHECK_FALSE(s.whole(whole));
  CHECK(s.real() == 18446744073709551614.0);
  s.add(-most);
  REQUIRE(s.whole(whole));  // an overflow on the way leaves no trace
  CHECK(whole == most);
  s.add(0.5);
  CHECK_FALSE(s.whole(whole));
  CHECK(s.count() == 4);
  exact_sum least;
  least.add(std::numeric_limits<std::int64_t>::min());
  REQUIRE(least.whole(whole));
  CHECK(whole == std::numeric_limits<std::int64_t>::min());
}

TEST_CASE("integers and floats are added exactly to each other") {
  exact_sum s;
  s.add(std::int64_t{9007199254740993});  // 2^53 + 1 is no double
  s.add(-9007199254740992.0);
  CHECK(s.real() == 1.0);
}

TEST_CASE("a sum that was saved and added again is the same sum") {
  std::mt19937_64 random(11);
  for (int round = 0; round < 50; ++round) {
    exact_sum all;
    std::string bytes;
    const std::size_t parts = 1 + random() % 5;
    for (std::size_t p = 0; p < parts; ++p) {
      exact_sum part;
      for (int i = 0; i < 20; ++i) {
        const double v = std::ldexp(static_cast<double>(static_cast<std::int64_t>(random())), static_cast<int>(random() % (round % 2 ? 1000 : 60)) - 100);
        const auto whole_number = static_cast<std::int64_t>(random() % 1000);
        part.add(v);
        all.add(v);
        part.add(whole_number);
        all.add(whole_number);
      }
      part.save(bytes);
    }
    exact_sum again;
    const char* from = bytes.data();
    for (std::size_t p = 0; p < parts; ++p) from = again.add_saved(from);
    CHECK(from == bytes.data() + bytes.size());
    CHECK(again.count() == all.count());
    CHECK(again.real() == all.real());
  }
}
