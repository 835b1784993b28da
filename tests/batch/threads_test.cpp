// Late publication: many threads ask one batch for the same things at once and all see the same, and nothing is lost.
#include "catch.hpp"
#include "tools.hpp"

#include <atomic>
#include <thread>

using namespace tools;

namespace {
std::string joined_text(const char* what, int n) { return std::string(what).append(std::to_string(n)); }
}

TEST_CASE("threads that ask at once get the same arrays") {
  no_leaks leaks;
  constexpr int threads = 6;
  for (int round = 0; round < 60; ++round) {
    std::string text;
    for (int i = 0; i < 300; ++i) {
      text += "{\"a\":";
      text += std::to_string(i);
      text += ",\"b\":{\"c\":\"x\\n\"},\"d\":";
      text += std::to_string(i % 3);
      text += "}\n";
    }
    auto base = json(text);
    std::vector<std::uint32_t> rows;
    for (std::uint32_t i = 0; i < 300; i += 2) rows.push_back(i);
    auto picked = pipes::select(base.get(), rows.data(), rows.size());
    std::vector<cell> cells(150, number(7));
    auto edited = changed(picked, {set("a", cells), renamed("d", "e")});
    auto joined = pipes::concat({edited, base});
    std::atomic<int> ready{0};
    std::vector<const void*> seen[threads];
    std::vector<std::thread> all;
    for (int t = 0; t < threads; ++t)
      all.emplace_back([&, t] {
        const auto mine = joined;  // counts are shared as well
        ready.fetch_add(1);
        while (ready.load() < threads) std::this_thread::yield();
        const auto ask = [&](int what) -> const void* {
          std::uint64_t n = 0;
          switch (what) {
            case 0: return pipes::records(edited.get(), n);
            case 1: return &pipes::column(edited.get(), pipes::field("a"));
            case 2: return &pipes::column(edited.get(), pipes::field("b.c"));
            case 3: return &pipes::column(edited.get(), pipes::field("e"));
            case 4: return pipes::fields(joined.get(), n);
            case 5: return &pipes::runs(joined.get());
            case 6: return &pipes::column(joined.get(), pipes::field("b.c"));
            case 7: return &pipes::column(joined.get(), pipes::field("none"));
            default: return pipes::records(base.get(), n);
          }
        };
        seen[t].resize(9);
        for (int i = 0; i < 9; ++i) {
          const int what = (i + t * 2) % 9;
          seen[t][static_cast<std::size_t>(what)] = ask(what);
        }
      });
    for (auto& t : all) t.join();
    for (int t = 1; t < threads; ++t) REQUIRE(seen[t] == seen[0]);
    REQUIRE(pipes::column(edited.get(), pipes::field("a")).all == PIPE_INT);
    REQUIRE(lines(edited).at(1) == "{\"a\":7,\"b\":{\"c\":\"x\\n\"},\"e\":2}");
    REQUIRE(column(joined, "b.c").at(449) == "s:x\n");
  }
  CHECK(leaks.clean());
}

TEST_CASE("threads that cut a large block and count its lines at once agree") {
  no_leaks leaks;
  constexpr int threads = 4;
  for (int round = 0; round < 40; ++round) {
    const std::size_t line = round % 2 ? 120 : 20, lines_there = 200'000 / line;   // short ones are more than are cut before they are counted
    std::string text;
    for (std::size_t i = 0; i < lines_there; ++i) text.append(i % line, 'x').append(line - i % line, 'y') += '\n';
    text += "open";
    const auto b = pipes::from_text(text);
    std::atomic<int> ready{0}, wrong{0};
    const pipe_slice* seen[threads] = {};
    std::vector<std::thread> all;
    for (int t = 0; t < threads; ++t)
      all.emplace_back([&, t] {
        ready.fetch_add(1);
        while (ready.load() < threads) std::this_thread::yield();
        if (t % 2 && pipes::count(b.get()) != lines_there + 1) wrong.fetch_add(1);
        std::uint64_t n = 0;
        const pipe_slice* const r = seen[t] = pipes::records(b.get(), n);
        if (n != lines_there + 1 || pipes::view(r[n - 1]) != "open") wrong.fetch_add(1);
        for (std::size_t i = 0; i + 1 < n; ++i)
          if (r[i].data != r[0].data + i * (line + 1) || r[i].size != line) wrong.fetch_add(1);
      });
    for (auto& t : all) t.join();
    REQUIRE(wrong == 0);
    for (int t = 1; t < threads; ++t) REQUIRE(seen[t] == seen[0]);
    REQUIRE(written(b) == text);
  }
  CHECK(leaks.clean());
}

TEST_CASE("threads that ask at once for many fields get the same columns") {
  no_leaks leaks;
  constexpr int threads = 4, fields = 100;
  constexpr int steps[threads] = {1, 3, 7, 9};  // each in an order of its own
  for (int round = 0; round < 40; ++round) {
    std::vector<edit> edits;
    std::vector<const pipe_field*> names;
    for (int f = 0; f < fields; ++f) {
      const std::string name = std::string("wide").append(std::to_string(f));
      names.push_back(pipes::field(name));
      edits.push_back(attach(name, {number(f), number(f + 1), number(f + 2)}));
    }
    const auto base = changed(pipes::from_text("x\ny\nz\n"), edits);
    const std::uint32_t rows[] = {0, 2};
    const auto picked = pipes::select(base.get(), rows, 2);
    std::atomic<int> ready{0};
    std::vector<const void*> seen[threads];
    std::vector<std::thread> all;
    for (int t = 0; t < threads; ++t)
      all.emplace_back([&, t] {
        ready.fetch_add(1);
        while (ready.load() < threads) std::this_thread::yield();
        seen[t].resize(fields);
        for (int i = 0; i < fields; ++i) {
          const auto f = static_cast<std::size_t>((i * steps[t] + t) % fields);
          seen[t][f] = &pipes::column(picked.get(), names[f]);
        }
      });
    for (auto& t : all) t.join();
    for (int t = 1; t < threads; ++t)
      for (std::size_t f = 0; f < fields; ++f)
        REQUIRE(seen[t][f] == seen[0][f]);
    for (int f = 0; f < fields; ++f) REQUIRE(column(picked, names[static_cast<std::size_t>(f)]->name) == strings{joined_text("i:", f), joined_text("i:", f + 2)});
  }
  CHECK(leaks.clean());
}

TEST_CASE("blocks and chunks go round between threads") {
  no_leaks leaks;
  std::vector<std::thread> all;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 4; ++t)
    all.emplace_back([&, t] {
      pipes::output out;
      for (int i = 0; i < 400; ++i) {
        const std::size_t size = 70000 + static_cast<std::size_t>(i % 5) * 50000;
        char* block = pipes::block_new(size);
        std::memset(block, 'a' + t, size);
        block[size - 1] = '\n';
        out.block(0, block, 0, size, 0);
        auto made = out.take();
        std::uint64_t n = 0;
        const pipe_slice* r = pipes::records(made.at(0).batch.get(), n);
        if (n != 1 || r[0].data[0] != 'a' + t || r[0].data[r[0].size - 1] != 'a' + t) ++wrong;
      }
    });
  for (auto& t : all) t.join();
  CHECK(wrong.load() == 0);
  CHECK(leaks.clean());
}
