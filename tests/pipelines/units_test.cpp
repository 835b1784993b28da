// units_test.cpp: durations, sizes, numbers; nearest names.
#include "pipelines/graph/units.hpp"

#include "catch.hpp"
#include "pipelines/diagnostic.hpp"

using namespace pipes::pipelines;

TEST_CASE("durations") {
  CHECK(parse_duration("250ms") == 250'000'000);
  CHECK(parse_duration("5s") == 5'000'000'000);
  CHECK(parse_duration("1m30s") == 90'000'000'000);
  CHECK(parse_duration("1.5s") == 1'500'000'000);
  CHECK(parse_duration("2h") == 7'200'000'000'000);
  CHECK(parse_duration("0") == 0);
  for (const char* bad : {"", "5", "s", "5 s", "-5s", "5x", "1m30", "99999999999d", "1e3s", "5ss", ".5s", "5.s"}) CHECK_FALSE(parse_duration(bad));
  for (const char* text : {"250ms", "5s", "1m30s", "1h1m1s1ms1us1ns", "2d"}) CHECK(print_duration(*parse_duration(text)) == text);
}

TEST_CASE("sizes") {
  CHECK(parse_size("64KiB") == 65536);
  CHECK(parse_size("1MB") == 1'000'000);
  CHECK(parse_size("1.5GiB") == 1610612736);
  CHECK(parse_size("512") == 512);
  CHECK(parse_size("3B") == 3);
  for (const char* bad : {"", "KiB", "64K", "1 MB", "-1MB", "99999999TiB", "1MB1KB", "0x10"}) CHECK_FALSE(parse_size(bad));
  CHECK(print_size(65536) == "64KiB");
  CHECK(print_size(1000) == "1000B");
  CHECK(print_size(0) == "0B");
}

TEST_CASE("numbers are read as they are written, or not at all") {
  CHECK(parse_integer("-9223372036854775808") == INT64_MIN);
  CHECK(parse_integer("0") == 0);
  for (const char* bad : {"", "-", "010", "+1", "1_000", "0x1F", "9223372036854775808", "1 ", "1.0"}) CHECK_FALSE(parse_integer(bad));
  CHECK(parse_real("-1.5e3") == -1500.0);
  for (const char* bad : {"", "01", "1.", ".5", "nan", "inf", "1e", "1e999", "0x1", "+1"}) CHECK_FALSE(parse_real(bad));
}

TEST_CASE("the nearest name is near, or none") {
  const std::vector<std::string> names = {"workers", "ordered", "on_error", "with", "id"};
  CHECK(nearest("wokers", names) == "workers");
  CHECK(nearest("wrokers", names) == "workers");
  CHECK(nearest("on_eror", names) == "on_error");
  CHECK(nearest("WITH", names) == "with");
  CHECK(nearest("zzz", names).empty());
  CHECK(nearest("", names).empty());
  CHECK(nearest(std::string(1000, 'x'), names).empty());
}

TEST_CASE("a message shows line and caret, warnings among errors, in the order of the text") {
  const source_text s("a.yaml", "one: 1\ntwo: é = 2\n");
  diagnostics faults;
  faults.error(s, {15, 16}, "second", "hint", "note");
  faults.warning(s, {0, 3}, "first");
  faults.error(s, {15, 16}, "second", "hint", "note");  // told once
  CHECK(faults.errors() == 1);
  CHECK(faults.print() ==
        "a.yaml:1:1: warning: first\n1 | one: 1\n  | ^^^\n"
        "a.yaml:2:8: error: second\n2 | two: é = 2\n  |        ^ hint\nnote: note\n");
}
