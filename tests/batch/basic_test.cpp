// Blocks, cutting, runs, slices, passing on, withdrawal.
#include "catch.hpp"
#include "core/batch/lines.hpp"
#include "tools.hpp"

#include <random>

using namespace tools;

TEST_CASE("text is cut at line ends and nowhere else") {
  no_leaks leaks;
  {
    CHECK(lines(pipes::from_text("")).empty());
    CHECK(pipes::count(pipes::from_text("").get()) == 0);
    CHECK(written(pipes::from_text("")) == "");
    CHECK(lines(pipes::from_text("\n")) == strings{""});
    CHECK(lines(pipes::from_text("a\n\nb\n")) == strings{"a", "", "b"});
    CHECK(lines(pipes::from_text("a\r\nb\r\n")) == strings{"a\r", "b\r"});
    CHECK(lines(pipes::from_text("a\nb")) == strings{"a", "b"});
    const std::string binary("\0x\xff\xfe\n\x80\0\n", 8);
    const auto b = pipes::from_text(binary);
    CHECK(lines(b) == strings{std::string("\0x\xff\xfe", 4), std::string("\x80\0", 2)});
    CHECK(written(b) == binary);
  }
  CHECK(leaks.clean());
}

TEST_CASE("cutting agrees with a naive cut on random text") {
  std::mt19937 random(7);
  for (int round = 0; round < 400; ++round) {
    std::string s(random() % (round % 20 == 0 ? 300'000 : 700), 'x');
    const unsigned often = round == 0 ? 1 : 1 + random() % 90;
    for (char& c : s)
      if (random() % often == 0) c = '\n';
    strings expected;
    std::string line;
    for (char c : s) {
      if (c == '\n') expected.push_back(std::exchange(line, {}));
      else line += c;
    }
    if (!line.empty()) expected.push_back(line);
    const auto b = pipes::from_text(s);
    if (round / 20 % 2) REQUIRE(pipes::count(b.get()) == expected.size());  // else it is cut before anybody has counted
    REQUIRE(lines(b) == expected);
    REQUIRE(pipes::count(b.get()) == expected.size());
    REQUIRE(written(b) == s);
    std::vector<pipe_slice> plainly(expected.size());
    REQUIRE(pipes::lines::count_plain(s.data(), s.size()) == expected.size());
    pipes::lines::cut_plain(s.data(), s.size(), plainly.data(), 0);
    for (std::size_t i = 0; i < expected.size(); ++i) REQUIRE(pipes::view(plainly[i]) == expected[i]);
  }
}

TEST_CASE("a missing last newline stays missing only behind the last record written") {
  const auto b = pipes::from_text("a\nb\nc");
  CHECK(written(b) == "a\nb\nc");
  const std::uint32_t tail[] = {1, 2};
  CHECK(written(pipes::select(b.get(), tail, 2)) == "b\nc");
  const std::uint32_t turned[] = {2, 0};
  CHECK(written(pipes::select(b.get(), turned, 2)) == "c\na\n");
  CHECK(written(pipes::concat({b, pipes::from_text("d\n")})) == "a\nb\nc\nd\n");
  CHECK(written(pipes::concat({pipes::from_text("d\n"), b})) == "d\na\nb\nc");
  CHECK(written(pipes::copy(b.get())) == "a\nb\nc");
  CHECK(written(pipes::slice(b.get(), 0, 2)) == "a\nb\n");
}

TEST_CASE("neighbours are written as one run, and a block as itself") {
  std::string text;
  for (int i = 0; i < 100; ++i) text += std::string(800, static_cast<char>('a' + i % 26)) + "\n";
  const auto b = pipes::from_text(text);
  CHECK(pipes::runs(b.get()).count == 1);
  std::string_view bytes;
  REQUIRE(pipes::block(b.get(), bytes));
  CHECK(pipes::runs(b.get()).runs[0].data == bytes.data());
  const std::uint32_t rows[] = {0, 1, 2, 10, 11, 50};
  const auto some = pipes::select(b.get(), rows, 6);
  CHECK(pipes::runs(some.get()).count == 3);
  CHECK(pipes::runs(some.get()).bytes == 6 * 801);
  CHECK(written(some).size() == 6 * 801);
  const auto middle = pipes::slice(b.get(), 5, 20);
  REQUIRE(pipes::block(middle.get(), bytes));
  CHECK(bytes == std::string_view(text).substr(5 * 801, 20 * 801));
}

TEST_CASE("passing a whole batch on hands over the batch itself") {
  no_leaks leaks;
  {
    const auto b = pipes::from_text("a\nb\nc\n");
    pipes::output out;
    out.pass(0, b.get(), nullptr, 3);
    const std::uint32_t all[] = {0, 1, 2};
    out.pass(1, b.get(), all, 3);
    auto made = out.take(b.get());
    REQUIRE(made.size() == 2);
    CHECK(made[0].batch.get() == b.get());
    CHECK(made[1].batch.get() == b.get());
    CHECK(out.empty());
  }
  CHECK(leaks.clean());
}

TEST_CASE("records emitted one by one become one batch") {
  const auto b = pipes::from_text("a\nb\nc\nd\n");
  pipes::output out;
  for (std::uint32_t row : {3u, 1u}) out.pass(0, b.get(), &row, 1);
  for (std::uint32_t row : {0u, 2u}) {
    shape s;
    s.rows = {row};
    s.records = {"new" + std::to_string(row)};
    s.flags = PIPE_PART_OWN_BYTES;
    emit(out, 1, b, 1, {}, s);
  }
  auto made = out.take(b.get());
  REQUIRE(made.size() == 2);
  CHECK(lines(made[0].batch) == strings{"d", "b"});
  CHECK(lines(made[1].batch) == strings{"new0", "new2"});
  CHECK(written(made[1].batch) == "new0\nnew2\n");
}

TEST_CASE("what came of a failed record is withdrawn, the rest goes on") {
  const auto b = pipes::from_text("a\nb\nc\nd\n");
  pipes::output out;
  const std::uint32_t rows[] = {0, 1, 3};
  out.pass(0, b.get(), rows, 3);
  shape s;
  s.rows = {1, 2, 2};
  s.records = {"B", "C1", "C2"};
  emit(out, 1, b, 3, {attach("x", {number(1), number(2), number(3)})}, s);
  shape free;
  free.records = {"free"};
  emit(out, 1, {}, 1, {}, free);
  out.fail(1, "bad");
  out.fail(3, "worse");
  auto faults = out.take_faults();
  REQUIRE(faults.size() == 2);
  CHECK(faults[0].row == 1);
  CHECK(faults[1].message == "worse");
  auto made = out.take(b.get());
  REQUIRE(made.size() == 3);
  CHECK(lines(made[0].batch) == strings{"a"});
  CHECK(lines(made[1].batch) == strings{"C1", "C2"});
  CHECK(column(made[1].batch, "x") == strings{"i:2", "i:3"});
  CHECK(lines(made[2].batch) == strings{"free"});
  out.pass(0, b.get(), rows, 3);
  out.fail(0, "x");
  out.fail(1, "x");
  out.fail(3, "x");
  out.fail(2, "x");
  CHECK(out.take(b.get()).empty());
}

TEST_CASE("a small selection pins no block") {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "line " + std::to_string(i) + "\n";
  no_leaks leaks;
  pipes::batch_ref few, many;
  {
    const auto b = pipes::from_text(text);
    pipes::output out;
    std::vector<std::uint32_t> rows;
    for (std::uint32_t i = 0; i < 5000; i += 100) rows.push_back(i);
    out.pass(0, b.get(), rows.data(), rows.size());
    few = std::move(out.take(b.get()).at(0).batch);
    rows.clear();
    for (std::uint32_t i = 0; i < 5000; i += 2) rows.push_back(i);
    out.pass(0, b.get(), rows.data(), rows.size());
    many = std::move(out.take(b.get()).at(0).batch);
  }
  CHECK(pipes::memory::live().blocks == leaks.before.blocks + 1);
  CHECK(lines(many).at(1) == "line 2");
  many.reset();
  CHECK(pipes::memory::live().blocks == leaks.before.blocks);
  CHECK(lines(few).at(49) == "line 4900");
  CHECK(pipes::memory_of(few.get()) < 4096);
  few.reset();
  CHECK(leaks.clean());
}

TEST_CASE("a block with little in it is not kept, and one too large is refused") {
  no_leaks leaks;
  {
    pipes::output out;
    char* block = pipes::block_new(256 * 1024);
    std::memcpy(block + 10, "hello\nworld", 11);
    out.block(0, block, 10, 11, PIPE_BLOCK_NO_LAST_NEWLINE);
    auto made = out.take();
    REQUIRE(made.size() == 1);
    CHECK(written(made[0].batch) == "hello\nworld");
    CHECK(pipes::memory_of(made[0].batch.get()) < 4096);
    out.block(0, pipes::block_new(16), 0, 0, 0);
    CHECK(out.take().empty());
    CHECK_THROWS_AS(out.block(0, pipes::block_new(16), 0, std::uint64_t{1} << 32, 0), std::length_error);
    pipe_part part{};
    part.struct_size = sizeof part;
    part.count = std::uint64_t{1} << 32;
    CHECK_THROWS_AS(out.emit(0, part), std::length_error);
  }
  CHECK(leaks.clean());
}

TEST_CASE("origins are inherited and end with the last batch") {
  struct mark : pipes::origin {
    explicit mark(int& n) : n_(n) { ++n_; }
    ~mark() override { --n_; }
    int& n_;
  };
  int alive = 0;
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "some line\n";
  auto b = pipes::from_text(text);
  pipes::set_origin(b.get(), std::make_shared<mark>(alive));
  pipes::output out;
  const std::uint32_t row = 7;
  out.pass(0, b.get(), &row, 1);                       // copied
  shape s;
  s.records = {"new"};
  emit(out, 1, {}, 1, {}, s);                          // from nowhere
  auto made = out.take(b.get());
  REQUIRE(made.size() == 2);
  auto other = pipes::from_text("x\n");
  int others = 0;
  pipes::set_origin(other.get(), std::make_shared<mark>(others));
  auto both = pipes::concat({made[0].batch, other});
  b.reset();
  other.reset();
  made.clear();
  CHECK(alive == 1);
  CHECK(others == 1);
  auto again = pipes::with_origin(both.get(), nullptr);
  both.reset();
  CHECK(lines(again) == strings{"some line", "x"});
  CHECK(alive == 1);
  again.reset();
  CHECK(alive == 0);
  CHECK(others == 0);
}

TEST_CASE("what was read from a file says so, and which of its rows a row is") {
  pipes::output out;
  out.source("a.txt");
  char* block = pipes::block_new(8);
  std::memcpy(block, "1\n2\n3\n4\n", 8);
  out.block(0, block, 0, 8, 0);
  out.source("b.txt");
  block = pipes::block_new(2);
  std::memcpy(block, "5\n", 2);
  out.block(0, block, 0, 2, 0);
  out.source("");
  block = pipes::block_new(2);
  std::memcpy(block, "6\n", 2);
  out.block(0, block, 0, 2, 0);
  const auto made = out.take();
  REQUIRE(made.size() == 3);
  pipe_batch* const first = made[0].batch.get();
  REQUIRE(pipes::file_of(first));
  REQUIRE(pipes::file_of(made[1].batch.get()));
  CHECK(pipes::file_of(first)->name() == "a.txt");
  CHECK(pipes::file_of(made[1].batch.get())->name() == "b.txt");
  CHECK(pipes::file_of(first)->number() != pipes::file_of(made[1].batch.get())->number());
  CHECK_FALSE(pipes::file_of(made[2].batch.get()));

  const std::uint32_t rows[] = {1, 3};
  const auto some = pipes::select(first, rows, 2);
  const auto last = pipes::slice(some.get(), 1, 1);
  CHECK(pipes::file_of(last.get()) == pipes::file_of(first));
  CHECK(pipes::row_within(last.get(), 0, first) == std::optional<std::uint64_t>(3));
  CHECK_FALSE(pipes::row_within(first, 0, some.get()));
  CHECK(pipes::file_of(pipes::copy(last.get()).get()) == pipes::file_of(first));

  const auto same = pipes::concat({some, last});
  const auto both = pipes::concat({some, made[1].batch});
  CHECK(pipes::file_of(same.get()) == pipes::file_of(first));
  CHECK_FALSE(pipes::file_of(both.get()));
  CHECK_FALSE(pipes::row_within(same.get(), 0, first));
}
