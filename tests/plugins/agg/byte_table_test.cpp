// The hash table against std::map.
#include "lib/byte_table.hpp"
#include "lib/fold_rows.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"

using shared::byte_table;

TEST_CASE("keys of all lengths, with every byte, are told apart") {
  byte_table table;
  std::map<std::pair<std::string, int>, std::uint64_t> model;
  std::mt19937_64 random(1);
  for (int i = 0; i < 60000; ++i) {
    std::string key(random() % 40, '\0');
    for (char& c : key) c = static_cast<char>(random() % 3 ? random() % 4 : random());
    const std::uint16_t kind = static_cast<std::uint16_t>(random() % 3);
    ++table[table.find_or_add(key.data(), key.size(), kind)].value;
    ++model[{key, kind}];
  }
  REQUIRE(table.size() == model.size());
  for (const auto& e : table.entries()) {
    const auto found = model.find({std::string(e.text()), e.kind});
    REQUIRE(found != model.end());
    CHECK(found->second == e.value);
  }
}

TEST_CASE("many keys at once are found and added like one after the other") {
  byte_table one, all;
  std::mt19937_64 random(2);
  std::vector<std::uint32_t> expected, got;
  for (std::size_t n : {0, 1, 31, 32, 33, 40000, 40001}) {
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < n; ++i) keys.push_back(std::to_string(random() % 60000));
    for (const std::string& k : keys) expected.push_back(one.find_or_add(k.data(), k.size(), static_cast<std::uint16_t>(k.size() % 2)));
    std::size_t next = 0;
    all.find_or_add_all(
        n, [&](std::size_t i) { return byte_table::lookup{keys[i].data(), keys[i].size(), static_cast<std::uint16_t>(keys[i].size() % 2)}; },
        [&](std::size_t i, std::uint32_t at) {
          CHECK(i == next++);
          CHECK(at < all.size());
          got.push_back(at);
        });
  }
  CHECK(got == expected);
  CHECK(one.size() == all.size());
}

TEST_CASE("the hash looks at every byte") {
  for (std::size_t n = 1; n < 70; ++n) {
    std::string a(n, 'a');
    for (std::size_t i = 0; i < n; ++i) {
      std::string b = a;
      b[i] = 'b';
      CHECK(shared::bytes::hash(a.data(), n, 1) != shared::bytes::hash(b.data(), n, 1));
      CHECK_FALSE(shared::bytes::same(a.data(), b.data(), n));
    }
    CHECK(shared::bytes::same(a.data(), std::string(a).data(), n));
  }
}

TEST_CASE("a table that is rewound is empty, and keeps the places of a small one only") {
  byte_table table;
  const auto fill = [&](std::uint32_t n) {
    for (std::uint32_t i = 0; i < n; ++i) {
      const std::string key = std::to_string(i);
      REQUIRE(table.find_or_add(key.data(), key.size(), 0) == i);
      table[i].value = 7;
    }
  };
  fill(4096);
  const std::size_t full = table.bytes_held();
  table.rewind();
  CHECK(table.size() == 0);
  const std::size_t kept = table.bytes_held();
  CHECK(kept > 0);
  CHECK(kept < full);  // the keys are gone
  CHECK(table.find_or_add("77", 2, 0) == 0);
  CHECK(table[0].value == 0);
  table.rewind();
  fill(4096);
  CHECK(table.bytes_held() == full);
  table.rewind();
  fill(20000);
  table.rewind();
  CHECK(table.bytes_held() == 0);
}

TEST_CASE("indices are dense, stay, and start anew after clear") {
  byte_table table;
  CHECK(table.find_or_add("", 0, 0) == 0);
  CHECK(table.find_or_add("", 0, 1) == 1);
  for (std::uint32_t i = 2; i < 5000; ++i) {
    const std::string key = std::to_string(i);
    CHECK(table.find_or_add(key.data(), key.size(), 0) == i);
  }
  CHECK(table.find_or_add("77", 2, 0) == 77);
  table.clear();
  CHECK(table.size() == 0);
  CHECK(table.bytes_held() == 0);
  CHECK(table.find_or_add("77", 2, 0) == 0);
  CHECK(table[0].value == 0);
}

TEST_CASE("keys are put in order by their bytes, whatever stands behind the first of them") {
  std::mt19937 random(7);
  const auto text = [&] {
    std::string t(random() % 12, 'k');
    for (char& c : t)
      if (random() % 3 == 0) c = static_cast<char>(random() % 3 ? random() : 0);
    return t;
  };
  for (std::size_t width : {1u, 2u}) {
    shared::byte_table table;
    for (int i = 0; i < 3000; ++i) {
      std::string key;
      for (std::size_t f = 0; f < width; ++f) {
        const std::string part = text();
        const auto size = static_cast<std::uint32_t>(part.size());
        if (width > 1) key += std::string(1, static_cast<char>(random() % 3)) + std::string(reinterpret_cast<const char*>(&size), sizeof size);
        key += part;
      }
      table.find_or_add(key.data(), key.size(), width > 1 ? 0 : static_cast<std::uint16_t>(random() % 3));
    }
    std::vector<std::uint32_t> expected = shared::first_numbers(table.size());
    std::sort(expected.begin(), expected.end(), [&](std::uint32_t a, std::uint32_t b) { return shared::key_codec::compare(table[a], table[b], width) < 0; });
    CHECK(shared::in_key_order(table, width) == expected);
  }
}
