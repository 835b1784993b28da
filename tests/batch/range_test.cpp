// Ranges of a file that a record is too long in: what the message says, and what finding that out reads.
#include <fcntl.h>
#include <pipe/runtime.hpp>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "catch.hpp"
#include "core/batch/range.hpp"
#include "tools.hpp"

namespace {

constexpr std::uint64_t limit = 1u << 20;  // of a record, and a range's size

// A file without a name, closed with what is made of it.
std::shared_ptr<pipes::source_file> file_of(int& fd) {
  char name[] = "/tmp/pipe-range-XXXXXX";
  fd = ::mkstemp(name);
  REQUIRE(fd >= 0);
  ::unlink(name);
  return std::make_shared<pipes::source_file>(fd, "'it'");
}
void put(int fd, const std::string& text, std::uint64_t at) { REQUIRE(::pwrite(fd, text.data(), text.size(), static_cast<off_t>(at)) == static_cast<ssize_t>(text.size())); }

std::uint64_t bytes_read() {
  std::ifstream io("/proc/self/io");
  std::string key;
  std::uint64_t n = 0;
  io >> key >> n;
  REQUIRE(key == "rchar:");
  return n;
}

// What loading the range that begins there is told.
std::string fault_at(const std::shared_ptr<pipes::source_file>& file, std::uint64_t at) { return pipes::read_fault(pipes::make_range(file, at, limit, false, limit).get()); }

}  // namespace

TEST_CASE("the number of a record that is too long is that of the records counted before, which are not read again") {
  int fd = -1;
  const auto file = file_of(fd);
  std::string text;
  while (text.size() < 24 * limit) text += std::to_string(text.size()) + "\n";
  const auto records = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
  put(fd, text, 0);
  put(fd, std::string(3 * limit, 'x'), text.size());
  const std::uint64_t last = text.size() / limit * limit;
  const std::string expected = "'it': record " + std::to_string(records + 1) + ": the record that begins at byte " + std::to_string(text.size()) + " is longer than 1MiB; max_record sets the limit, framing says what ends a record";
  pipes::run([&] {
    // Nobody has counted: it is read.
    CHECK(fault_at(file, last) == expected);
    // Those of some ranges, in any order.
    for (const std::uint64_t at : {std::uint64_t{7}, std::uint64_t{3}, std::uint64_t{5}}) {
      const auto b = pipes::make_range(file, at * limit, limit, false, limit);
      CHECK(pipes::read_fault(b.get()).empty());
      (void)pipes::count(b.get());
    }
    CHECK(fault_at(file, last) == expected);
    for (std::uint64_t at = 0; at < last; at += limit) {
      const auto b = pipes::make_range(file, at, limit, false, limit);
      CHECK(pipes::read_fault(b.get()).empty());
      (void)pipes::count(b.get());
    }
    const std::uint64_t before = bytes_read();
    CHECK(fault_at(file, last) == expected);
    CHECK(bytes_read() - before < 8 * limit);
    return 0;
  });
}

TEST_CASE("where counting would be one more pass over a large file the message goes without the record's number") {
  int fd = -1;
  const auto file = file_of(fd);
  const std::uint64_t end = 600 * limit;
  for (std::uint64_t at = 0; at < end; at += limit) put(fd, "\n", at + limit - 1);
  REQUIRE(::ftruncate(fd, static_cast<off_t>(end + 4 * limit)) == 0);
  pipes::run([&] {
    const std::uint64_t before = bytes_read();
    CHECK(fault_at(file, end) == "'it': the record that begins at byte " + std::to_string(end) + " is longer than 1MiB; max_record sets the limit, framing says what ends a record");
    CHECK(bytes_read() - before < 8 * limit);
    return 0;
  });
}

TEST_CASE("a range of a power of two takes up a piece of the pool of that size, not of the next") {
  int fd = -1;
  const auto file = file_of(fd);
  put(fd, std::string(limit, '\n'), 0);
  pipes::run([&] {
    constexpr std::uint64_t size = limit / 4;
    const auto b = pipes::make_range(file, size, size, false, limit);
    CHECK(pipes::read_fault(b.get()).empty());
    CHECK(pipes::memory_of(b.get()) < size + size / 8);
    return 0;
  });
}
