// The loser tree against sorting all at once.
#include "lib/loser_tree.hpp"

#include <algorithm>
#include <random>

#include "catch.hpp"

TEST_CASE("sequences merged by a loser tree come in order, equal heads by number of their sequence") {
  std::mt19937 random(5);
  for (int round = 0; round < 300; ++round) {
    const std::size_t n = 1 + random() % 20;
    std::vector<std::vector<int>> sequences(n);
    std::vector<std::pair<int, std::size_t>> expected, got;
    for (std::size_t s = 0; s < n; ++s) {
      sequences[s].resize(1 + random() % 30);
      for (int& v : sequences[s]) v = static_cast<int>(random() % 50);
      std::sort(sequences[s].begin(), sequences[s].end());
      for (int v : sequences[s]) expected.emplace_back(v, s);
    }
    std::sort(expected.begin(), expected.end());
    std::vector<std::size_t> at(n, 0);
    auto less = [&](std::size_t a, std::size_t b) {
      const int x = sequences[a][at[a]], y = sequences[b][at[b]];
      return x != y ? x < y : a < b;
    };
    shared::loser_tree<decltype(less)> tree(n, less);
    while (!tree.empty()) {
      const std::size_t s = tree.winner();
      got.emplace_back(sequences[s][at[s]], s);
      if (++at[s] == sequences[s].size()) tree.ended();
      else tree.moved();
    }
    CHECK(got == expected);
  }
}
