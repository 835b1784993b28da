// plugins/lib/time_text.hpp: points in time as text, read and written by a format of strptime's letters that is taken apart once.
// The letters mean what they mean to parse_time() and format_time() of the expressions. UTC unless a text names an offset. Names are
// English. Pure functions; no locale, no allocation per value.
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace shared {

// Seconds and nanoseconds since 1970, 0 <= nanoseconds < 10^9.
struct instant {
  std::int64_t seconds = 0;
  std::int32_t nanoseconds = 0;
};

namespace calendar {

inline constexpr const char* months[] = {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"};
inline constexpr const char* weekdays[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

// Days since 1970 of a date of the Gregorian calendar; the year begins in March, so that the odd day comes last.
inline std::int64_t days_from(std::int64_t year, int month, int day) {
  year -= month <= 2;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t of_era = year - era * 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}
struct date {
  std::int64_t year;
  int month, day;
};
inline date date_of(std::int64_t days) {
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const std::int64_t of_era = days - era * 146097;
  const std::int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const std::int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
  const int m = static_cast<int>((5 * of_year + 2) / 153);
  const int month = m < 10 ? m + 3 : m - 9;
  return {year + era * 400 + (month <= 2), month, static_cast<int>(of_year - (153 * m + 2) / 5 + 1)};
}
inline bool leap(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }
inline int days_in(std::int64_t year, int month) {
  return month == 2 ? (leap(year) ? 29 : 28) : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}
inline std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

}  // namespace calendar

class time_format {
 public:
  static constexpr std::string_view iso = "%Y-%m-%dT%H:%M:%SZ";

  // What is wrong with a format; empty: nothing. `reading`: some letters can only be written.
  static std::string fault(std::string_view format, bool reading) {
    for (std::size_t i = 0; i < format.size(); ++i) {
      if (format[i] != '%') continue;
      if (++i == format.size()) return "a '%' stands at the end; '%%' is a percent sign";
      if (!std::strchr(reading ? "YymdeHkIlMSfNbBhaAjpzZsTRFD%nt" : "YymdeHkIlMSfNbBhaAuwUWVGjpzZsTRFD%nt", format[i])) return std::string("there is no letter %") + format[i];
    }
    return "";
  }
  explicit time_format(std::string_view format = iso) {
    for (std::size_t i = 0; i < format.size(); ++i) {
      const char next = format[i] == '%' && i + 1 < format.size() ? format[++i] : '\0';
      switch (next) {
        case '\0': parts_ += format[i], parts_ += '\0'; break;
        case 'T': add("H:M:S"); break;
        case 'R': add("H:M"); break;
        case 'F': add("Y-m-d"); break;
        case 'D': add("m/d/y"); break;
        case 'n': parts_ += '\n', parts_ += '\0'; break;
        case 't': parts_ += '\t', parts_ += '\0'; break;
        case '%': parts_ += '%', parts_ += '\0'; break;
        default: parts_ += next, parts_ += '\1';
      }
    }
  }

  bool read(std::string_view text, instant& to) const {
    const char* p = text.data();
    const char* const end = p + text.size();
    fields f;
    for (std::size_t i = 0; i < parts_.size(); i += 2) {
      if (parts_[i + 1] == '\0') {
        if (parts_[i] == ' ' || parts_[i] == '\t' || parts_[i] == '\n') {
          while (p < end && (*p == ' ' || *p == '\t')) ++p;
        } else if (p == end || *p++ != parts_[i]) {
          return false;
        }
      } else if (!f.read(parts_[i], p, end)) {
        return false;
      }
    }
    return p == end && f.done(to);
  }

  // 2026-11-24T20:15:00.5+01:00 and its shorter forms.
  static bool read_iso(std::string_view text, instant& to) {
    const char* p = text.data();
    const char* const end = p + text.size();
    fields f;
    if (!f.read('Y', p, end) || !is(p, end, '-') || !f.read('m', p, end) || !is(p, end, '-') || !f.read('d', p, end)) return false;
    if (p == end) return f.done(to);
    if (*p != 'T' && *p != 't' && *p != ' ') return false;
    ++p;
    if (!f.read('H', p, end) || !is(p, end, ':') || !f.read('M', p, end)) return false;
    if (is(p, end, ':') && !f.read('S', p, end)) return false;
    if ((is(p, end, '.') || is(p, end, ',')) && !f.read('f', p, end)) return false;
    while (p < end && *p == ' ') ++p;
    return (p == end || f.read('z', p, end)) && p == end && f.done(to);
  }

  // Bytes that write() may need.
  std::size_t room() const { return 24 * (parts_.size() / 2) + 1; }
  // Returns the end. `offset`: of the zone that is written, in seconds.
  char* write(instant t, std::int64_t offset, char* o) const {
    const std::int64_t local = t.seconds + offset;
    const std::int64_t days = calendar::floor_div(local, 86400);
    const int of_day = static_cast<int>(local - days * 86400);
    const calendar::date d = calendar::date_of(days);
    const int hour = of_day / 3600, weekday = static_cast<int>(((days + 4) % 7 + 7) % 7);
    const std::int64_t of_year = days - calendar::days_from(d.year, 1, 1);
    const std::int64_t thursday = days + 3 - (weekday + 6) % 7;  // its year is that of the week
    for (std::size_t i = 0; i < parts_.size(); i += 2) {
      if (parts_[i + 1] == '\0') {
        *o++ = parts_[i];
        continue;
      }
      switch (parts_[i]) {
        case 'Y': o = year(o, d.year); break;
        case 'y': o = padded(o, (d.year % 100 + 100) % 100, 2); break;
        case 'm': o = padded(o, d.month, 2); break;
        case 'd': o = padded(o, d.day, 2); break;
        case 'e': o = padded(o, d.day, 2, ' '); break;
        case 'H': o = padded(o, hour, 2); break;
        case 'k': o = padded(o, hour, 2, ' '); break;
        case 'I': o = padded(o, (hour + 11) % 12 + 1, 2); break;
        case 'l': o = padded(o, (hour + 11) % 12 + 1, 2, ' '); break;
        case 'M': o = padded(o, of_day / 60 % 60, 2); break;
        case 'S': o = padded(o, of_day % 60, 2); break;
        case 'f': o = padded(o, t.nanoseconds / 1000, 6); break;
        case 'N': o = padded(o, t.nanoseconds, 9); break;
        case 'b':
        case 'h': o = name(o, calendar::months[d.month - 1], 3); break;
        case 'B': o = name(o, calendar::months[d.month - 1]); break;
        case 'a': o = name(o, calendar::weekdays[weekday], 3); break;
        case 'A': o = name(o, calendar::weekdays[weekday]); break;
        case 'u': *o++ = static_cast<char>('0' + (weekday ? weekday : 7)); break;
        case 'w': *o++ = static_cast<char>('0' + weekday); break;
        case 'U': o = padded(o, (of_year + 7 - weekday) / 7, 2); break;
        case 'W': o = padded(o, (of_year + 7 - (weekday + 6) % 7) / 7, 2); break;
        case 'V': o = padded(o, (thursday - calendar::days_from(calendar::date_of(thursday).year, 1, 1)) / 7 + 1, 2); break;
        case 'G': o = year(o, calendar::date_of(thursday).year); break;
        case 'j': o = padded(o, of_year + 1, 3); break;
        case 'p': o = name(o, hour < 12 ? "AM" : "PM"); break;
        case 'z':
        case 'Z':
          if (offset == 0 && parts_[i] == 'Z') {
            o = name(o, "UTC");
          } else {
            const std::int64_t east = offset < 0 ? -offset : offset;
            *o++ = offset < 0 ? '-' : '+';
            o = padded(padded(o, east / 3600, 2), east / 60 % 60, 2);
          }
          break;
        case 's': o = digits(o, t.seconds); break;
        default: break;
      }
    }
    return o;
  }

 private:
  static char* year(char* o, std::int64_t y) { return y < 0 || y > 9999 ? digits(o, y) : padded(o, y, 4); }
  void add(const char* letters) {
    for (; *letters; ++letters) {
      const bool letter = (*letters >= 'A' && *letters <= 'Z') || (*letters >= 'a' && *letters <= 'z');
      parts_ += *letters;
      parts_ += letter ? '\1' : '\0';
    }
  }
  static bool is(const char*& p, const char* end, char c) {
    if (p == end || *p != c) return false;
    ++p;
    return true;
  }
  static char* padded(char* o, std::int64_t v, int width, char with = '0') {
    for (int i = width; i-- > 0; v /= 10) o[i] = v || i == width - 1 ? static_cast<char>('0' + v % 10) : with;
    return o + width;
  }
  static char* digits(char* o, std::int64_t v) {
    if (v < 0) *o++ = '-';
    char b[20];
    int n = 0;
    for (std::uint64_t u = v < 0 ? 0 - static_cast<std::uint64_t>(v) : static_cast<std::uint64_t>(v); u || n == 0; u /= 10) b[n++] = static_cast<char>('0' + u % 10);
    while (n) *o++ = b[--n];
    return o;
  }
  static char* name(char* o, const char* s, std::size_t most = 99) {
    for (std::size_t i = 0; i < most && s[i]; ++i) *o++ = s[i];
    return o;
  }

  // What has been read so far.
  struct fields {
    std::int64_t year = 1970, offset = 0, since = 0;
    int month = 1, day = 1, hour = 0, minute = 0, second = 0, nanoseconds = 0, day_of_year = 0;
    bool halves = false, afternoon = false, absolute = false;

    static bool number(const char*& p, const char* end, int most, int& v, int low, int high) {
      const char* const start = p;
      v = 0;
      while (p < end && p - start < most && *p >= '0' && *p <= '9') v = v * 10 + (*p++ - '0');
      return p > start && v >= low && v <= high;
    }
    static void blanks(const char*& p, const char* end) {
      while (p < end && (*p == ' ' || *p == '\t')) ++p;
    }
    static bool word(const char*& p, const char* end, const char* s, std::size_t size) {
      if (static_cast<std::size_t>(end - p) < size) return false;
      for (std::size_t i = 0; i < size; ++i)
        if ((p[i] | 0x20) != (s[i] | 0x20)) return false;
      p += size;
      return true;
    }
    static bool name(const char*& p, const char* end, const char* const* names, int count, int& index) {
      for (int i = 0; i < count; ++i)
        if (word(p, end, names[i], std::strlen(names[i])) || word(p, end, names[i], 3)) {
          index = i;
          return true;
        }
      return false;
    }
    bool zone(const char*& p, const char* end) {
      if (word(p, end, "UTC", 3) || word(p, end, "GMT", 3)) return true;
      if (p < end && (*p | 0x20) == 'z') return ++p, true;
      if (p == end || (*p != '+' && *p != '-')) return false;
      const bool west = *p++ == '-';
      int hours = 0, minutes = 0;
      if (!number(p, end, 2, hours, 0, 23)) return false;
      is(p, end, ':');
      if (p < end && *p >= '0' && *p <= '9' && !number(p, end, 2, minutes, 0, 59)) return false;
      offset = (west ? -1 : 1) * (hours * 3600 + minutes * 60);
      return true;
    }
    bool read(char letter, const char*& p, const char* end) {
      int v = 0;
      switch (letter) {
        case 'Y':
          if (!number(p, end, 4, v, 0, 9999)) return false;
          year = v;
          return true;
        case 'y':
          if (!number(p, end, 2, v, 0, 99)) return false;
          year = v + (v < 69 ? 2000 : 1900);
          return true;
        case 'm': return number(p, end, 2, month, 1, 12);
        case 'd':
        case 'e': blanks(p, end); return number(p, end, 2, day, 1, 31);
        case 'H':
        case 'k': blanks(p, end); return number(p, end, 2, hour, 0, 23);
        case 'I':
        case 'l': blanks(p, end); halves = true; return number(p, end, 2, hour, 1, 12);
        case 'M': return number(p, end, 2, minute, 0, 59);
        case 'S': return number(p, end, 2, second, 0, 60);
        case 'f':
        case 'N': {
          const char* const start = p;
          nanoseconds = 0;
          for (int scale = 100000000; p < end && *p >= '0' && *p <= '9'; ++p, scale /= 10) nanoseconds += (*p - '0') * scale;
          return p > start;
        }
        case 'b':
        case 'B':
        case 'h':
          if (!name(p, end, calendar::months, 12, v)) return false;
          month = v + 1;
          return true;
        case 'a':
        case 'A': return name(p, end, calendar::weekdays, 7, v);
        case 'j': return number(p, end, 3, day_of_year, 1, 366);
        case 'p':
          afternoon = p < end && (*p | 0x20) == 'p';
          return word(p, end, afternoon ? "pm" : "am", 2);
        case 'z':
        case 'Z': return zone(p, end);
        case 's': {
          const bool before = is(p, end, '-');
          const char* const start = p;
          since = 0;
          while (p < end && p - start < 12 && *p >= '0' && *p <= '9') since = since * 10 + (*p++ - '0');
          if (before) since = -since;
          absolute = true;
          return p > start;
        }
        default: return false;
      }
    }
    bool done(instant& to) {
      to.nanoseconds = nanoseconds;
      if (absolute) {
        to.seconds = since;
        return true;
      }
      if (halves) hour = hour % 12 + (afternoon ? 12 : 0);
      if (day_of_year) {
        if (day_of_year == 366 && !calendar::leap(year)) return false;
        const calendar::date d = calendar::date_of(calendar::days_from(year, 1, 1) + day_of_year - 1);
        month = d.month;
        day = d.day;
      }
      if (day > calendar::days_in(year, month)) return false;
      to.seconds = calendar::days_from(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset;
      return true;
    }
  };

  std::string parts_;  // pairs: a letter and 1, or a byte that stands for itself and 0
};

}  // namespace shared
