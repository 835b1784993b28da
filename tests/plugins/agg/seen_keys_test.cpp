// The keys that distinct has seen, against std::set.
#include "agg/seen_keys.hpp"

#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"

namespace {

using named = std::pair<std::string, std::uint16_t>;

// Lengths on both sides of every border, zeros and bytes with the highest bit among them.
named random_key(std::mt19937_64& random, std::size_t longest, unsigned variety) {
  std::string key(random() % (longest + 1), '\0');
  for (char& c : key) c = static_cast<char>(random() % 3 ? random() % variety : random());
  return {key, static_cast<std::uint16_t>(random() % 5)};
}

template <std::size_t Words>
void against_a_set(unsigned seed, unsigned variety) {
  using table = seen::short_keys<Words>;
  table keys;
  std::set<named> model;
  std::mt19937_64 random(seed);
  for (int i = 0; i < 40000; ++i) {
    const named k = random_key(random, table::longest, variety);
    typename table::probe p;
    keys.prepare(p, k.first.data(), k.first.size(), k.second, 7);
    REQUIRE(p.row == 7);
    REQUIRE(keys.add(p) == model.insert(k).second);
  }
  std::vector<named> taken;
  keys.take_all([&](std::string_view text, std::uint16_t kind) { taken.emplace_back(text, kind); });
  CHECK((taken == std::vector<named>(model.begin(), model.end())));  // by the bytes of the text, then by kind
  CHECK(keys.bytes_held() == 0);
  typename table::probe p;
  keys.prepare(p, "", 0, 0, 0);
  CHECK(keys.add(p));
  CHECK(!keys.add(p));
}

}  // namespace

TEST_CASE("short keys are told apart by every byte, their length and kind, and come out in their order") {
  for (unsigned variety : {1u, 2u, 256u}) {
    against_a_set<1>(variety, variety);
    against_a_set<2>(variety, variety);
  }
}

TEST_CASE("of the keys of a batch the rows of new ones are found, in order") {
  for (unsigned variety : {1u, 3u, 200u}) {
    std::mt19937_64 random(variety);
    seen::keys keys;
    shared::byte_table longer;
    std::set<named> model;
    for (std::size_t n : {0, 1, 31, 32, 33, 64, 65, 5000, 20000}) {
      std::vector<named> batch;
      // Some batches have keys of one length alone.
      const std::size_t longest = random() % 3 ? 20 : random() % 9;
      for (std::size_t i = 0; i < n; ++i) batch.push_back(random_key(random, longest, variety));
      std::vector<std::uint32_t> expected{4000000000u}, fresh = expected;  // what stands there stays
      for (std::size_t i = 0; i < n; ++i)
        if (model.insert(batch[i]).second) expected.push_back(static_cast<std::uint32_t>(i));
      const auto key = [&](std::size_t i) { return shared::byte_table::lookup{batch[i].first.data(), batch[i].first.size(), batch[i].second}; };
      if (random() % 4) {
        keys.add_all(n, key, longer, fresh);
      } else {
        for (std::size_t i = 0; i < n; ++i)
          if (keys.add(key(i), longer)) fresh.push_back(static_cast<std::uint32_t>(i));
      }
      REQUIRE((fresh == expected));
    }
  }
}
