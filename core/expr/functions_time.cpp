// functions_time.cpp: time as seconds since 1970 in UTC, read and written by strftime's letters, in English, whatever the
// process's locale and time zone are.
#include "core/expr/functions.hpp"

#include <pipe/runtime.hpp>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>

namespace pipes::expr {
namespace {

const char* const months[] = {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"};
const char* const weekdays[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

struct date {
  std::int64_t year = 1970;
  int month = 1, day = 1, hour = 0, minute = 0, second = 0;
  std::int64_t nanoseconds = 0;
  int offset = 0;  // seconds east of UTC
};

std::int64_t days_from(std::int64_t y, int m, int d) {
  y -= m <= 2;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t yoe = y - era * 400;
  const std::int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

date date_of(std::int64_t seconds) {
  std::int64_t days = seconds / 86400, rest = seconds % 86400;
  if (rest < 0) { rest += 86400; --days; }
  date t;
  t.hour = static_cast<int>(rest / 3600);
  t.minute = static_cast<int>(rest / 60 % 60);
  t.second = static_cast<int>(rest % 60);
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const std::int64_t doe = days - era * 146097;
  const std::int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const std::int64_t mp = (5 * doy + 2) / 153;
  t.day = static_cast<int>(doy - (153 * mp + 2) / 5 + 1);
  t.month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
  t.year = yoe + era * 400 + (t.month <= 2);
  return t;
}

int days_in(std::int64_t year, int month) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0) ? 29 : days[month - 1];
}

class time_reader {
 public:
  explicit time_reader(std::string_view s) : s_(s) {}

  bool number(int most, std::int64_t& v, std::int64_t low, std::int64_t high) {
    int digits = 0;
    v = 0;
    while (digits < most && at_ < s_.size() && s_[at_] >= '0' && s_[at_] <= '9') {
      v = v * 10 + (s_[at_++] - '0');
      ++digits;
    }
    return digits > 0 && v >= low && v <= high;
  }
  bool number(int most, int& v, int low, int high) {
    std::int64_t n = 0;
    const bool ok = number(most, n, low, high);
    v = static_cast<int>(n);
    return ok;
  }
  bool character(char c) {
    if (at_ >= s_.size() || s_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool fraction(date& t) {
    std::int64_t scale = 100000000, n = 0;
    const std::size_t start = at_;
    for (; at_ < s_.size() && s_[at_] >= '0' && s_[at_] <= '9'; ++at_, scale /= 10) n += (s_[at_] - '0') * scale;
    t.nanoseconds = n;
    return at_ > start;
  }
  bool name(const char* const* names, int count, int& index) {
    for (int i = 0; i < count; ++i)
      for (const std::size_t size : {std::strlen(names[i]), std::size_t{3}})
        if (same(s_.substr(at_, size), std::string_view(names[i]).substr(0, size))) {
          index = i;
          at_ += size;
          return true;
        }
    return false;
  }
  bool zone(date& t) {
    if (character('Z') || character('z')) return true;
    for (const std::string_view utc : {"UTC", "GMT"})
      if (same(s_.substr(at_, 3), utc)) { at_ += 3; return true; }
    const bool west = at_ < s_.size() && s_[at_] == '-';
    if (!west && !(at_ < s_.size() && s_[at_] == '+')) return false;
    ++at_;
    int hours = 0, minutes = 0;
    if (!number(2, hours, 0, 23)) return false;
    character(':');
    if (at_ < s_.size() && s_[at_] >= '0' && s_[at_] <= '9' && !number(2, minutes, 0, 59)) return false;
    t.offset = (west ? -1 : 1) * (hours * 3600 + minutes * 60);
    return true;
  }
  bool blanks() {
    while (at_ < s_.size() && (s_[at_] == ' ' || s_[at_] == '\t')) ++at_;
    return true;
  }
  bool done() const { return at_ == s_.size(); }
  bool next_is(char c) const { return at_ < s_.size() && s_[at_] == c; }
  std::size_t at() const { return at_; }
  std::string_view rest() const { return s_.substr(at_); }
  void skip(std::size_t n) { at_ += n; }

 private:
  static bool same(std::string_view a, std::string_view b) {
    if (a.size() != b.size() || a.empty()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
      if ((a[i] | 0x20) != (b[i] | 0x20)) return false;
    return true;
  }
  std::string_view s_;
  std::size_t at_ = 0;
};

value seconds_of(const date& t) {
  if (t.day > days_in(t.year, t.month)) return null_value();
  const std::int64_t seconds = days_from(t.year, t.month, t.day) * 86400 + t.hour * 3600 + t.minute * 60 + t.second - t.offset;
  if (t.nanoseconds == 0) return int_value(seconds);
  return float_value(static_cast<double>(seconds) + static_cast<double>(t.nanoseconds) / 1e9);
}

// 2026-11-24T20:15:00.5+01:00 and its shorter forms.
bool read_iso(std::string_view s, date& t) {
  time_reader r(s);
  if (!(r.number(4, t.year, 0, 9999) && r.character('-') && r.number(2, t.month, 1, 12) && r.character('-') && r.number(2, t.day, 1, 31))) return false;
  if (r.done()) return true;
  if (!(r.character('T') || r.character('t') || r.character(' '))) return false;
  if (!(r.number(2, t.hour, 0, 23) && r.character(':') && r.number(2, t.minute, 0, 59))) return false;
  if (r.character(':') && !r.number(2, t.second, 0, 60)) return false;
  if ((r.character('.') || r.character(',')) && !r.fraction(t)) return false;
  r.blanks();
  return r.done() || (r.zone(t) && r.done());
}

std::string unknown_letter(std::string_view format, std::string_view known) {
  for (std::size_t i = 0; i + 1 < format.size(); ++i)
    if (format[i] == '%' && known.find(format[++i]) == std::string_view::npos) return std::string("there is no letter %") + format[i] + "; those there are: " + std::string(known);
  return "";
}
constexpr std::string_view letters_read = "YymdeHkIlMSfNbBhaAjpzZsTRFD%";
std::string wrong_to_read(std::string_view format) { return unknown_letter(format, letters_read); }
std::string wrong_to_write(std::string_view format) { return unknown_letter(format, std::string(letters_read) + "uwUWVGnt"); }

bool read_by(time_reader& r, std::string_view format, date& t, bool& afternoon, bool& halves, int depth = 0) {
  for (std::size_t i = 0; i < format.size(); ++i) {
    const char c = format[i];
    if (c == ' ') {
      r.blanks();
      continue;
    }
    if (c != '%' || i + 1 >= format.size()) {
      if (!r.character(c)) return false;
      continue;
    }
    int skipped = 0;
    bool ok = false;
    switch (format[++i]) {
      case 'Y': ok = r.number(4, t.year, 0, 9999); break;
      case 'y': ok = r.number(2, t.year, 0, 99); t.year += t.year < 69 ? 2000 : 1900; break;
      case 'm': ok = r.number(2, t.month, 1, 12); break;
      case 'd': case 'e': r.blanks(); ok = r.number(2, t.day, 1, 31); break;
      case 'H': case 'k': r.blanks(); ok = r.number(2, t.hour, 0, 23); break;
      case 'I': case 'l': r.blanks(); ok = r.number(2, t.hour, 1, 12); halves = true; break;
      case 'M': ok = r.number(2, t.minute, 0, 59); break;
      case 'S': ok = r.number(2, t.second, 0, 60); break;
      case 'f': case 'N': ok = r.fraction(t); break;
      case 'b': case 'B': case 'h': ok = r.name(months, 12, t.month); ++t.month; break;
      case 'a': case 'A': ok = r.name(weekdays, 7, skipped); break;
      case 'j': ok = r.number(3, skipped, 1, 366); if (ok) { const date d = date_of((days_from(t.year, 1, 1) + skipped - 1) * 86400); t.month = d.month; t.day = d.day; } break;
      case 'p':
        afternoon = !r.rest().empty() && (r.rest()[0] | 0x20) == 'p';
        ok = r.rest().size() >= 2 && ((r.rest()[0] | 0x20) == 'a' || afternoon) && (r.rest()[1] | 0x20) == 'm';
        if (ok) r.skip(2);
        break;
      case 'z': case 'Z': ok = r.zone(t); break;
      case 's': {
        const bool before = r.character('-');
        std::int64_t seconds = 0;
        ok = r.number(12, seconds, 0, 253402300799);
        t = date_of(before ? -seconds : seconds);
        break;
      }
      case 'T': ok = depth == 0 && read_by(r, "%H:%M:%S", t, afternoon, halves, 1); break;
      case 'R': ok = depth == 0 && read_by(r, "%H:%M", t, afternoon, halves, 1); break;
      case 'F': ok = depth == 0 && read_by(r, "%Y-%m-%d", t, afternoon, halves, 1); break;
      case 'D': ok = depth == 0 && read_by(r, "%m/%d/%y", t, afternoon, halves, 1); break;
      case '%': ok = r.character('%'); break;
      default: break;
    }
    if (!ok) return false;
  }
  return true;
}

value parse_time(call& c, const value* a, std::size_t n) {
  date t;
  bool ok = false;
  if (n < 2) {
    ok = read_iso(a[0].text, t);
  } else {
    time_reader r(a[0].text);
    bool afternoon = false, halves = false;
    ok = read_by(r, a[1].text, t, afternoon, halves) && r.done();
    if (halves) t.hour = t.hour % 12 + (afternoon ? 12 : 0);
  }
  const value v = ok ? seconds_of(t) : null_value();
  return is_null(v) ? c.null() : v;
}

void write_by(std::string& out, std::string_view format, const date& t, std::int64_t seconds, int depth = 0) {
  const auto number = [&](const char* how, long long v) {
    char b[32];
    out.append(b, static_cast<std::size_t>(std::snprintf(b, sizeof b, how, v)));
  };
  const std::int64_t days = days_from(t.year, t.month, t.day);
  const auto of_year = static_cast<int>(days - days_from(t.year, 1, 1)), weekday = static_cast<int>(((days + 4) % 7 + 7) % 7);
  const std::int64_t thursday = days + 3 - (weekday + 6) % 7;  // its year is that of the week
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 >= format.size()) {
      out += format[i];
      continue;
    }
    switch (format[++i]) {
      case 'Y': number("%04lld", t.year); break;
      case 'y': number("%02lld", t.year % 100); break;
      case 'm': number("%02lld", t.month); break;
      case 'd': number("%02lld", t.day); break;
      case 'e': number("%2lld", t.day); break;
      case 'H': number("%02lld", t.hour); break;
      case 'k': number("%2lld", t.hour); break;
      case 'I': number("%02lld", (t.hour + 11) % 12 + 1); break;
      case 'l': number("%2lld", (t.hour + 11) % 12 + 1); break;
      case 'M': number("%02lld", t.minute); break;
      case 'S': number("%02lld", t.second); break;
      case 'f': number("%06lld", t.nanoseconds / 1000); break;
      case 'N': number("%09lld", t.nanoseconds); break;
      case 'b': case 'h': out.append(months[t.month - 1], 3); break;
      case 'B': out += months[t.month - 1]; break;
      case 'a': out.append(weekdays[weekday], 3); break;
      case 'A': out += weekdays[weekday]; break;
      case 'u': number("%lld", weekday ? weekday : 7); break;
      case 'w': number("%lld", weekday); break;
      case 'U': number("%02lld", (of_year + 7 - weekday) / 7); break;
      case 'W': number("%02lld", (of_year + 7 - (weekday + 6) % 7) / 7); break;
      case 'V': number("%02lld", (thursday - days_from(date_of(thursday * 86400).year, 1, 1)) / 7 + 1); break;
      case 'G': number("%04lld", date_of(thursday * 86400).year); break;
      case 'j': number("%03lld", of_year + 1); break;
      case 'p': out += t.hour < 12 ? "AM" : "PM"; break;
      case 'z': out += "+0000"; break;
      case 'Z': out += "UTC"; break;
      case 's': number("%lld", seconds); break;
      case 'T': if (depth == 0) write_by(out, "%H:%M:%S", t, seconds, 1); break;
      case 'R': if (depth == 0) write_by(out, "%H:%M", t, seconds, 1); break;
      case 'F': if (depth == 0) write_by(out, "%Y-%m-%d", t, seconds, 1); break;
      case 'D': if (depth == 0) write_by(out, "%m/%d/%y", t, seconds, 1); break;
      case 'n': out += '\n'; break;
      case 't': out += '\t'; break;
      case '%': out += '%'; break;
      default: out += '%'; out += format[i]; break;
    }
  }
}

value format_time(call& c, const value* a, std::size_t n) {
  const double d = number_of(a[0]);
  if (!(std::fabs(d) < 253402300800.0)) return c.null();
  auto seconds = static_cast<std::int64_t>(std::floor(d));
  std::int64_t nanoseconds = std::llround((d - std::floor(d)) * 1e9);
  if (nanoseconds == 1'000'000'000) {  // nearer to the next second than a nanosecond tells
    ++seconds;
    nanoseconds = 0;
  }
  date t = date_of(seconds);
  t.nanoseconds = nanoseconds;
  std::string out;
  write_by(out, n > 1 ? a[1].text : std::string_view("%Y-%m-%dT%H:%M:%SZ"), t, seconds);
  return text_value(c.keep(out));
}

// Nanoseconds of pipes::clock at which the run with a seed began; 0: no such run, now() is the time of day.
std::atomic<std::int64_t> virtual_beginning{0};
std::int64_t clock_nanoseconds() { return std::chrono::duration_cast<std::chrono::nanoseconds>(clock::now().time_since_epoch()).count(); }

value now(call&, const value*, std::size_t) {
  constexpr double first_of_2026 = 1767225600;
  if (const std::int64_t began = virtual_beginning.load(std::memory_order_relaxed)) return float_value(first_of_2026 + static_cast<double>(clock_nanoseconds() - began) / 1e9);
  return float_value(std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count());
}

}  // namespace

void begin_time(bool is_virtual) { virtual_beginning.store(is_virtual ? clock_nanoseconds() : 0, std::memory_order_relaxed); }

void add_time_functions(std::vector<function>& all) {
  all.push_back({"now", "time", "", "", type_float, -1, false, "Seconds since 1970, with a fraction. With --seed it is virtual time, which begins with the year 2026.", "now() > 1600000000", "true", now});
  all.push_back({"parse_time", "time", "text, format?", "t?t", type_number, -1, true,
                 "Seconds since 1970 out of a text: ISO 8601, or by a format of strptime's letters. UTC unless the text names an offset.",
                 "parse_time(\"10/Oct/2000:13:55:36 -0700\", \"%d/%b/%Y:%H:%M:%S %z\")", "971211336", parse_time, wrong_to_read});
  all.push_back({"format_time", "time", "seconds, format?", "n?t", type_string, -1, true,
                 "Seconds since 1970 as text, in UTC: ISO 8601, or by a format of strftime's letters (%G-W%V is a week of ISO 8601).",
                 "format_time(971211336, \"%Y-%m-%d %H:%M\")", "2000-10-10 20:55", format_time, wrong_to_write});
}

}  // namespace pipes::expr
