// Points in time as text: against the C library's calendar, and there and back.
#include "lib/time_text.hpp"

#include <time.h>

#include <random>

#include "catch.hpp"

namespace {
std::string written(const shared::time_format& f, shared::instant t, std::int64_t offset = 0) {
  std::string s(f.room(), '\0');
  s.resize(static_cast<std::size_t>(f.write(t, offset, s.data()) - s.data()));
  return s;
}
}  // namespace

TEST_CASE("times are written as strftime writes them") {
  std::mt19937_64 random(3);
  const char* const format = "%Y-%m-%d %H:%M:%S %y %e %I %b %B %a %A %j %p %u %w %U %W %V %G %T %R %F %D %% %k|%l %s";
  const shared::time_format mine(format);
  for (int i = 0; i < 20000; ++i) {
    const auto seconds = static_cast<std::int64_t>(random() % 253402300800u);  // to the end of the year 9999
    const time_t t = static_cast<time_t>(i % 2 ? seconds : seconds - 62135596800);
    struct tm parts;
    gmtime_r(&t, &parts);
    if (parts.tm_year < -900) continue;  // strftime pads years before 1000 as the C library likes
    char theirs[256];
    std::string plain(format);
    plain.resize(plain.size() - 3);  // %s of strftime is local time
    strftime(theirs, sizeof theirs, plain.c_str(), &parts);
    REQUIRE(written(mine, {t, 0}) == std::string(theirs) + " " + std::to_string(t));
  }
}

TEST_CASE("what was written is read back") {
  std::mt19937_64 random(4);
  const shared::time_format formats[] = {shared::time_format("%Y-%m-%dT%H:%M:%S.%N%z"), shared::time_format("%d/%b/%Y:%T.%N %z"), shared::time_format("%A, %B %e, %Y %I:%M:%S.%N %p %z"),
                                         shared::time_format("%j %Y %H%M%S %N %z")};
  for (int i = 0; i < 20000; ++i) {
    const shared::instant t{static_cast<std::int64_t>(random() % 253402300800u - 86400 * 365), static_cast<std::int32_t>(random() % 1000000000)};
    if (t.seconds < -62135596800) continue;
    const std::int64_t offset = static_cast<std::int64_t>(random() % 1440) * 60 - 43200;
    for (const auto& f : formats) {
      shared::instant back;
      const std::string s = written(f, t, offset);
      CAPTURE(s);
      REQUIRE(f.read(s, back));
      REQUIRE(back.seconds == t.seconds);
      REQUIRE(back.nanoseconds == t.nanoseconds);
    }
  }
}

TEST_CASE("what is no time is refused") {
  shared::instant t;
  const shared::time_format f("%Y-%m-%d");
  for (const char* s : {"", "2026", "2026-02-29", "2026-13-01", "2026-1-1x", "2026-00-10", "x026-01-01", "2026-04-31"}) CHECK_FALSE(f.read(s, t));
  CHECK(f.read("2024-2-29", t));
  CHECK(t.seconds == 1709164800);
  for (const char* s : {"2026-11-24T", "2026-11-24T20", "2026-11-24 20:15+", "2026-11-24T20:15:61", "20261124"}) CHECK_FALSE(shared::time_format::read_iso(s, t));
  CHECK(shared::time_format::read_iso("2026-11-24T20:15:00.5+01:00", t));
  CHECK(t.seconds == 1795547700);
  CHECK(t.nanoseconds == 500000000);
  CHECK_FALSE(shared::time_format::fault("%Q", true).empty());
  CHECK_FALSE(shared::time_format::fault("50%", true).empty());
  CHECK_FALSE(shared::time_format::fault("%u", true).empty());
  CHECK(shared::time_format::fault("%u %%", false).empty());
}
