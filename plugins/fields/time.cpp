// plugins/fields/time.cpp: points in time from one form to another: numbers since 1970, ISO 8601, any strptime format.
#include <pipe/plugin.hpp>

#include "lib/keys.hpp"
#include "lib/quote.hpp"
#include "lib/set_columns.hpp"
#include "lib/time_text.hpp"
namespace {

using shared::instant;

// One side of the conversion.
struct form {
  enum kind { automatic, number, iso, by_format };
  kind what = automatic;
  std::int64_t unit = 1;  // number: how many make a second
  shared::time_format format;

  // What is wrong with the text; empty: nothing.
  static std::string fault(std::string_view text, bool reading) {
    if (text.find('%') != std::string_view::npos) return shared::time_format::fault(text, reading);
    form unused;
    return unused.named(text) && (reading || unused.what != automatic) ? "" : std::string(reading ? "'from' takes auto, " : "'to' takes ") + "iso, s, ms, us, ns or a format with strptime's letters (%Y-%m-%d), not '" + std::string(text) + "'";
  }
  bool named(std::string_view text) {
    what = text == "auto" ? automatic : text == "iso" ? iso : number;
    unit = text == "ms" ? 1000 : text == "us" ? 1000000 : text == "ns" ? 1000000000 : 1;
    return what != number || unit != 1 || text == "s";
  }
  explicit form(std::string_view text = "auto") {
    if (named(text)) return;
    what = by_format;
    format = shared::time_format(text);
  }
};

struct convert : pipes::map_stage {
  pipes::field field;
  std::string from = "auto";
  std::string to = "s";
  std::string as;
  std::string zone = "+00:00";
  pipes::duration floor{0};
  static auto spec() {
    return pipes::stage<convert>("time", "Read and write points in time.")
        .doc("The forms of `from` and `to`: `iso` is ISO 8601 (2026-11-24T20:15:00.5+01:00, shorter ones are read as well), `s`, `ms`, `us` and `ns` are numbers since 1970, anything with a percent sign "
             "is a format of strptime's letters, those of parse_time() and format_time(): %Y %m %d %H %M %S %f (a fraction) %b (a month's name) %a %j %p %z %s and so on; names are English. `auto` "
             "reads ISO 8601 or a number of seconds. Null and missing fields stay as they are; a value of another form is an error of its record.")
        .main_option("field", &convert::field, "The field.").required()
        .option("from", &convert::from, "The form of its values.")
        .option("to", &convert::to, "The form that they get.")
        .option("as", &convert::as, "The name of a field for the result; the field itself then stays.")
        .option("zone", &convert::zone, "The offset from UTC of a text that names none, and of a text that is written: +02:00.")
        .option("floor", &convert::floor, "Round down to a multiple of this, counted from midnight of 1 January 1970 in `zone`: 5m, 1h, 24h.").at_least(0)
        .example("text.access_log | fields.time: {field: time, from: '%d/%b/%Y:%H:%M:%S %z', to: iso} | text.format: '{time}'", "h - - [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.0\" 200 1", "2000-10-10T20:55:36Z")
        .example("json.parse | fields.time: {field: t, to: '%H:%M', floor: 15m, zone: '+02:00'}", R"({"t":971211336})", R"({"t":"22:45"})");
  }
  void check(pipes::checker& c) {
    c.ignores_bytes();
    c.reads(field);
    c.makes(as.empty() ? field : pipes::field(as));
    if (!as.empty()) c.reads(pipes::field(as));  // stays where there is nothing to convert
    if (auto why = form::fault(from, true); !why.empty()) c.fault("from", why);
    if (auto why = form::fault(to, false); !why.empty()) c.fault("to", why);
    std::int64_t unused;
    if (!offset_of(zone, unused)) c.fault("zone", "'zone' takes an offset from UTC such as +02:00, not '" + zone + "'");
  }
  void open() {
    from_ = form(from);
    to_ = form(to);
    offset_of(zone, offset_);
    for (std::size_t at = from.find('%'); at != std::string::npos && at + 1 < from.size(); at = from.find('%', at + 2))
      names_zone_ = names_zone_ || from[at + 1] == 'z' || from[at + 1] == 'Z' || from[at + 1] == 's';
    target_ = as.empty() ? field : pipes::field(as);
  }
  void map(pipes::batch& in, pipes::output& out) {
    const pipe_column& c = in[field].raw();
    pipes::column_writer w(out, c.count);
    const std::size_t room = to_.what == form::by_format ? to_.format.room() : iso_room;
    const bool texts = to_.what != form::number;
    const pipes::column before = in[target_];
    char* const begin = texts ? out.alloc(room * c.count) : nullptr;
    char* o = begin;
    for (std::size_t i = 0; i < c.count; ++i) {
      if (c.tags[i] == PIPE_NULL) w.null(i);
      if (c.tags[i] == PIPE_MISSING) w.value(i, before, i);
      if (c.tags[i] <= PIPE_NULL) continue;
      instant t;
      if (!read(c, i, t)) {
        char shown[shared::number_room];
        w.null(i);
        out.fail(i, "the field '" + std::string(field.name()) + "' is no time" + (from_.what == form::by_format ? " of the form '" + from + "'" : "") + ": " + shared::in_quotes(shared::printed(c, i, shown)));
        continue;
      }
      if (floor.count()) round_down(t);
      if (!texts) {
        put_number(w, i, t);
        continue;
      }
      char* const end = to_.what == form::iso ? write_iso(t, o) : to_.format.write(t, offset_, o);
      w.text(i, {o, static_cast<std::size_t>(end - o)});
      o = end;
    }
    if (texts) out.trim(begin, room * c.count, static_cast<std::size_t>(o - begin));
    made_.clear();
    if (c.all != PIPE_MISSING) made_.add(target_, w.done());
    made_.emit(in, out);
  }

 private:
  static constexpr std::size_t iso_room = 64;

  static bool offset_of(std::string_view s, std::int64_t& offset) {
    instant t;
    if (s.empty() || (s[0] != '+' && s[0] != '-' && s != "UTC" && s != "Z") || !shared::time_format("%z").read(s, t)) return false;
    offset = -t.seconds;
    return true;
  }
  bool read(const pipe_column& c, std::size_t i, instant& t) const {
    const std::uint32_t tag = c.tags[i];
    const bool text = tag == PIPE_STRING || tag == PIPE_WORD;
    if (tag == PIPE_JSON || tag == PIPE_BOOL) return false;
    const std::string_view s = text || (c.slices && c.slices[i].data) ? std::string_view(c.slices[i].data, c.slices[i].size) : std::string_view();
    char room[shared::number_room];
    switch (from_.what) {
      case form::by_format: return in_zone(from_.format.read(text ? s : shared::printed(c, i, room), t), t, names_zone_);
      case form::iso: return text && in_zone(shared::time_format::read_iso(s, t), t, has_zone(s));
      case form::automatic:
        if (text && shared::time_format::read_iso(s, t)) return in_zone(true, t, has_zone(s));
        break;
      default: break;
    }
    shared::number n;
    if (text) {
      n = shared::read_number(s);
    } else if (tag == PIPE_INT) {
      n.what = shared::number::whole;
      n.i = static_cast<std::int64_t>(c.values[i]);
    } else {
      n.what = shared::number::real;
      n.d = pipes::column(c).real(i);
    }
    return n && since(n, t);
  }
  bool since(const shared::number& n, instant& t) const {
    if (n.what == shared::number::whole) {
      t.seconds = shared::calendar::floor_div(n.i, from_.unit);
      t.nanoseconds = static_cast<std::int32_t>((n.i - t.seconds * from_.unit) * (1000000000 / from_.unit));
      return true;
    }
    const double seconds = n.d / static_cast<double>(from_.unit);
    if (!(std::fabs(seconds) < 1e15)) return false;
    const double whole = std::floor(seconds);
    t.seconds = static_cast<std::int64_t>(whole);
    t.nanoseconds = static_cast<std::int32_t>(std::llround((seconds - whole) * 1e9));
    if (t.nanoseconds == 1000000000) {
      ++t.seconds;
      t.nanoseconds = 0;
    }
    return true;
  }
  // A text without an offset of its own is in `zone`.
  bool in_zone(bool good, instant& t, bool named) const {
    if (good && !named) t.seconds -= offset_;
    return good;
  }
  static bool has_zone(std::string_view iso) {
    if (iso.size() < 12) return false;
    const std::string_view behind = iso.substr(11);
    return behind.find_first_of("+-zZuUgG") != std::string_view::npos;
  }
  void round_down(instant& t) const {
    const std::int64_t step = floor.count();
    if (step % 1000000000 == 0) {
      const std::int64_t whole = step / 1000000000, local = t.seconds + offset_;
      t.seconds = shared::calendar::floor_div(local, whole) * whole - offset_;
      t.nanoseconds = 0;
      return;
    }
    // A step that is no whole number of seconds: within 292 years of 1970 nanoseconds count from there.
    const std::int64_t most = INT64_MAX / 1000000000 - 1;
    if (t.seconds > most || t.seconds < -most) return;
    const std::int64_t since = t.seconds * 1000000000 + t.nanoseconds, down = shared::calendar::floor_div(since, step) * step;
    t.seconds = shared::calendar::floor_div(down, 1000000000);
    t.nanoseconds = static_cast<std::int32_t>(down - t.seconds * 1000000000);
  }
  void put_number(pipes::column_writer& w, std::size_t i, instant t) const {
    const std::int64_t per = 1000000000 / to_.unit;
    std::int64_t v;
    if (t.nanoseconds % per == 0 && !__builtin_mul_overflow(t.seconds, to_.unit, &v) && !__builtin_add_overflow(v, t.nanoseconds / per, &v))
      w.integer(i, v);
    else
      w.real(i, static_cast<double>(t.seconds) * static_cast<double>(to_.unit) + static_cast<double>(t.nanoseconds) / static_cast<double>(per));
  }
  char* write_iso(instant t, char* o) const {
    o = date_.write(t, offset_, o);
    if (t.nanoseconds) {  // as many digits as it has, in threes
      char digits[9];
      std::int32_t v = t.nanoseconds;
      for (int i = 9; i-- > 0; v /= 10) digits[i] = static_cast<char>('0' + v % 10);
      const std::size_t shown = t.nanoseconds % 1000000 == 0 ? 3 : t.nanoseconds % 1000 == 0 ? 6 : 9;
      *o++ = '.';
      std::memcpy(o, digits, shown);
      o += shown;
    }
    if (offset_ == 0) {
      *o++ = 'Z';
      return o;
    }
    o = offset_format_.write(t, offset_, o);
    o[0] = o[-1];  // +0200 to +02:00
    o[-1] = o[-2];
    o[-2] = ':';
    return o + 1;
  }

  form from_, to_;
  std::int64_t offset_ = 0;
  bool names_zone_ = false;
  pipes::field target_;
  shared::time_format date_{"%Y-%m-%dT%H:%M:%S"}, offset_format_{"%z"};
  shared::set_columns made_;
};
PIPE_STAGE(convert)
}
