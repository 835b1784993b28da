// Quantiles and counts of different values: within their error, and the same however the values are split and merged.
#include <random>
#include <vector>

#include "lib/hyperloglog.hpp"
#include "lib/quantile_sketch.hpp"

#include "catch.hpp"

TEST_CASE("quantiles are exact for few values and within the error for many") {
  std::mt19937_64 random(11);
  std::lognormal_distribution<double> spread(0, 3);
  for (const double error : {0.01, 0.001}) {
    for (const std::size_t n : {1u, 2u, 100u, 4096u, 4097u, 50000u}) {
      std::vector<double> values;
      for (std::size_t i = 0; i < n; ++i) values.push_back(i % 10 == 0 ? 0 : (i % 3 ? 1 : -1) * spread(random));
      std::vector<shared::quantile_sketch> parts(1 + random() % 5, shared::quantile_sketch(error));
      shared::quantile_sketch whole(error);
      for (double v : values) {
        parts[random() % parts.size()].add(v);
        whole.add(v);
      }
      shared::quantile_sketch merged(error);
      for (std::size_t i = 0; i < parts.size(); ++i) {
        std::string kept;
        parts[i].save(kept);
        if (i % 2) merged.merge(std::move(parts[i]));
        else merged.add_saved(kept.data());
      }
      std::sort(values.begin(), values.end());
      REQUIRE(merged.count() == n);
      REQUIRE(merged.exact() == (n <= 4096));
      for (const double q : {0.0, 0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0}) {
        const double rank = std::ceil(q * static_cast<double>(n));
        const double right = values[static_cast<std::size_t>(rank < 1 ? 0 : rank - 1)], got = merged.at(q);
        CAPTURE(n, q, right, got);
        CHECK(got == whole.at(q));
        CHECK(std::fabs(got - right) <= (n <= 4096 ? 0 : std::fabs(right) * error * 1.0000001));
      }
    }
  }
}

TEST_CASE("extreme values stay within the buckets") {
  shared::quantile_sketch s;
  for (int i = 0; i < 5000; ++i) s.add(i % 2 ? 1e308 : -1e-308);
  CHECK(s.at(0) == -1e-308);
  CHECK(s.at(1) == 1e308);
  CHECK(s.at(0.25) == 0);
}

TEST_CASE("counts of different values: exact for few, near for many, merged as if they had been one") {
  std::mt19937_64 random(5);
  for (const std::size_t n : {0u, 1u, 1024u, 1025u, 5000u, 20000u, 100000u, 1000000u}) {
    shared::hyperloglog whole;
    std::vector<shared::hyperloglog> parts(3);
    for (std::size_t i = 0; i < n; ++i) {
      const std::uint64_t hash = random();
      whole.add(hash);
      whole.add(hash);
      parts[random() % 3].add(hash);
      parts[random() % 3].add(hash);
    }
    shared::hyperloglog merged;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      std::string kept;
      parts[i].save(kept);
      if (i % 2) merged.merge(parts[i]);
      else merged.add_saved(kept.data());
    }
    CHECK(merged.estimate() == whole.estimate());
    const double off = std::fabs(static_cast<double>(whole.estimate()) - static_cast<double>(n));
    CAPTURE(n, off);
    if (n <= 1024) CHECK(off == 0);
    else CHECK(off <= 0.025 * static_cast<double>(n));  // three standard errors
  }
}
