// plugins/fields/cast.cpp: values of fields become integers, floats, texts or booleans.
#include <charconv>

#include "lib/keys.hpp"
#include "lib/quote.hpp"
#include "lib/set_columns.hpp"
namespace {
struct cast : pipes::map_stage {
  pipes::map_of<pipes::choice> fields;
  static auto spec() {
    return pipes::stage<cast>("cast", "Turn the values of fields into integers, floats, text or booleans.")
        .doc("Takes a map of fields to types. `int` and `float` read a number with blanks around it, a plus or zeros in front, true as 1 and false as 0; int drops a fraction. `bool` takes true, "
             "yes, on, 1 and false, no, off, 0, in any case, and numbers (0 is false). `text` takes what the value prints as, and it is never a number from then on. Null and missing fields "
             "stay as they are. A value that cannot be turned is an error of its record.")
        .rest_option("fields", &cast::fields, "The fields and their types: {NAME: int, ...}.").choices({"int", "float", "text", "bool"}).required().key_fields()
        .example("csv.parse | fields.cast: {id: text, n: int, ok: bool} | json.format", "id,n,ok\n7,0012,yes", R"({"id":"7","n":12,"ok":true})");
  }
  void check(pipes::checker& c) { shared::check_set(c, fields); }
  void map(pipes::batch& in, pipes::output& out) {
    made_.clear();
    std::int64_t missing = 0;
    for (const auto& [name, wanted] : fields) {
      const pipes::field field(name);
      const pipe_column& c = in[field].raw();
      missing += c.all == PIPE_MISSING ? static_cast<std::int64_t>(c.count) : c.all == PIPE_MIXED ? std::count(c.tags, c.tags + c.count, PIPE_MISSING) : 0;
      if (c.all == PIPE_MISSING) continue;
      if (c.all == PIPE_NULL || already(c.all, wanted.index)) {
        made_.add(field, c);
        continue;
      }
      pipes::column_writer w(out, c.count);
      for (std::size_t i = 0; i < c.count; ++i) {
        if (c.tags[i] == PIPE_NULL) w.null(i);
        if (c.tags[i] <= PIPE_NULL) continue;
        if (already(c.tags[i], wanted.index)) {
          w.value(i, pipes::column(c), i);
          continue;
        }
        if (!turn(w, i, c, wanted.index, out)) {
          char room[shared::number_room];
          w.null(i);
          out.fail(i, "the field '" + name + "' is no " + std::string(said[wanted.index]) + ": " + shared::in_quotes(shared::printed(c, i, room)));
        }
      }
      made_.add(field, w.done());
    }
    if (missing) count("missing fields", missing);
    made_.emit(in, out);
  }

 private:
  enum type : std::uint32_t { to_int, to_float, to_text, to_bool };
  static constexpr const char* said[] = {"whole number of 64 bits", "number", "text", "true or false"};

  static bool already(std::uint32_t tag, std::uint32_t type) {
    return type == to_int ? tag == PIPE_INT : type == to_float ? tag == PIPE_FLOAT : type == to_text ? tag == PIPE_STRING : tag == PIPE_BOOL;
  }
  static bool same_word(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x + 32 : x) == y; });
  }
  static std::string_view bare(std::string_view s) {
    const auto blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    while (!s.empty() && blank(s.front())) s.remove_prefix(1);
    while (!s.empty() && blank(s.back())) s.remove_suffix(1);
    return s;
  }
  // A number as people write it: JSON's, or with a plus or zeros in front, or a bare point at either end.
  static shared::number number_of(std::string_view s) {
    s = bare(s);
    shared::number n = shared::read_number(s);
    if (n || s.empty()) return n;
    if (s.front() == '+') {
      s.remove_prefix(1);
      if (s.empty() || s.front() == '-' || s.front() == '+') return n;
    }
    for (char c : s)
      if (!shared::is_digit(c) && c != '-' && c != '+' && c != '.' && c != 'e' && c != 'E') return n;  // no inf, nan, hex
    const char* const end = s.data() + s.size();
    if (const auto r = std::from_chars(s.data(), end, n.i); r.ec == std::errc{} && r.ptr == end) {
      n.what = shared::number::whole;
    } else if (const auto f = std::from_chars(s.data(), end, n.d); f.ec == std::errc{} && f.ptr == end) {
      n.what = shared::number::real;
    }
    return n;
  }
  static bool turn(pipes::column_writer& w, std::size_t i, const pipe_column& c, std::uint32_t type, pipes::output& out) {
    const std::uint32_t tag = c.tags[i];
    char room[shared::number_room];
    if (type == to_text) {
      std::string_view text = shared::printed(c, i, room);
      if (text.data() == room) text = out.copy(text);
      w.text(i, text);
      return true;
    }
    if (tag == PIPE_JSON) return false;
    shared::number n;
    if (tag == PIPE_STRING || tag == PIPE_WORD) {
      const std::string_view text(c.slices[i].data, c.slices[i].size);
      if (type == to_bool) {
        for (const char* yes : {"true", "yes", "on"})
          if (same_word(bare(text), yes)) return w.boolean(i, true), true;
        for (const char* no : {"false", "no", "off"})
          if (same_word(bare(text), no)) return w.boolean(i, false), true;
      }
      n = number_of(text);
    } else if (tag == PIPE_FLOAT) {
      n.what = shared::number::real;
      n.d = pipes::column(c).real(i);
    } else {  // an integer or a boolean: their values are alike
      n.what = shared::number::whole;
      n.i = static_cast<std::int64_t>(c.values[i]);
    }
    if (!n) return false;
    const bool whole = n.what == shared::number::whole;
    switch (type) {
      case to_bool: w.boolean(i, whole ? n.i != 0 : n.d != 0); return true;
      case to_float: w.real(i, whole ? static_cast<double>(n.i) : n.d); return true;
      default:
        if (!whole && !(n.d > -9223372036854775809.0 && n.d < 9223372036854775808.0)) return false;
        w.integer(i, whole ? n.i : static_cast<std::int64_t>(n.d));
        return true;
    }
  }
  shared::set_columns made_;
};
PIPE_STAGE(cast)
}
