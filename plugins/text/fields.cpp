// plugins/text/fields.cpp: the words of a record become fields, as in awk.
#include <pipe/plugin.hpp>

#include <charconv>

#include "lib/blanks.hpp"
#include "lib/field_columns.hpp"
namespace {
struct words : pipes::map_stage {
  std::vector<std::string> names;
  bool rest = false;
  bool quotes = false;
  static auto spec() {
    return pipes::stage<words>("fields", "Take the words of records as fields, as awk does.")
        .doc("Words are what stands between runs of blanks and tabs; blanks in front of the first one do not count. Without names they are called f1, f2, … "
             "and so on, however many there are. An empty name, or `_`, passes over a word. A record with fewer words than names lacks the last fields; what stands "
             "beyond the names is not lost, since the record itself stays as it was. text.split cuts at other separators.")
        .main_option("names", &words::names, "The fields' names, in the order of the words.")
        .option("rest", &words::rest, "The last name takes all that is left, blanks between words included.")
        .option("quotes", &words::quotes, "A word that begins with a double quote or a square bracket runs to the next quote or closing bracket, blanks included; the field is what stands between the two.")
        .example("text.fields | where: f2 > 10 | text.format: '{f1}'", "disk1  12 ok\n disk2 7  ok", "disk1")
        .example("text.fields: {names: [who, what, _, how], quotes: true} | text.format: '{who}: {what} ({how})'", "ann \"read the log\" [12:00 UTC] well", "ann: read the log (well)");
  }
  void check(pipes::checker& c) {
    shared::make_names(c, names);
    if (names.empty()) {
      c.makes_any();
      if (rest) c.fault("rest", "no name takes the rest; name the fields");
    }
  }
  void open() {
    columns_.demand(demanded());
    slots_.clear();
    for (const std::string& name : names) slots_.push_back(shared::passed_over(name) ? none : columns_.add(pipes::field(name)));
    if (names.empty() && !columns_.any_asked())
      for (pipes::field f : columns_.wanted())
        if (const std::size_t number = number_of(f.name())) {
          if (slots_.size() < number) slots_.resize(number, none);
          slots_[number - 1] = columns_.add(f);
        }
    while (!slots_.empty() && slots_.back() == none) slots_.pop_back();
    open_ended_ = names.empty() && columns_.any_asked();
  }
  void map(pipes::batch& in, pipes::output& out) {
    if (slots_.empty() && !open_ended_) return out.pass(in);
    const auto records = in.records();
    const std::size_t n = records.size();
    columns_.start(out, n);
    for (std::size_t i = 0; i < n; ++i) cut(records.slices()[i], i);
    columns_.emit(in, nullptr, n, out, open_ended_ ? PIPE_PART_VARIED : 0);
  }

 private:
  static constexpr std::uint32_t none = shared::field_columns::none;
  static constexpr std::size_t most = 4096;  // words of a record without names

  // Of f12 it is 12; 0: no such name.
  static std::size_t number_of(std::string_view name) {
    std::size_t number = 0;
    if (name.size() < 2 || name[0] != 'f' || name[1] == '0') return 0;
    const auto end = std::from_chars(name.data() + 1, name.data() + name.size(), number);
    return end.ec == std::errc{} && end.ptr == name.data() + name.size() && number <= most ? number : 0;
  }
  void cut(const pipe_slice& record, std::size_t row) {
    const char* at = record.data;
    const char* const end = at + record.size;
    for (std::size_t word = 0; word < slots_.size() || open_ended_; ++word) {
      at = shared::past_blanks(at, end);
      if (at == end) return;
      if (word == slots_.size()) {
        if (word == most) throw pipes::record_error(row, "the record has more than 4096 words; name those that count");
        slots_.push_back(columns_.add(pipes::field(std::string("f").append(std::to_string(word + 1)))));
      }
      const char* begin = at;
      const char* stop = end;
      if (rest && word + 1 == names.size()) return columns_.put(slots_[word], row, begin, end);
      if (const char* close = quotes ? closing(at, end) : nullptr) {
        ++begin;
        stop = close;
        at = close + 1;
      } else {
        at = stop = shared::find_blank(at, end);
      }
      if (slots_[word] != none) columns_.put(slots_[word], row, begin, stop);
    }
  }
  // Where a quoted word ends; nullptr: it is none.
  static const char* closing(const char* at, const char* end) {
    if (*at != '"' && *at != '[') return nullptr;
    const char close = *at == '"' ? '"' : ']';
    for (const char* p = at + 1; p < end; ++p) {
      if (*p == '\\' && close == '"')
        ++p;
      else if (*p == close)
        return p + 1 == end || shared::is_blank(p[1]) ? p : nullptr;
    }
    return nullptr;
  }

  std::vector<std::uint32_t> slots_;  // of each word: its column, or none
  bool open_ended_ = false;           // every word counts
  shared::field_columns columns_;
};
PIPE_STAGE(words)
}
