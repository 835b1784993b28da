// plugins/text/split.cpp: the pieces between separators become fields.
#include <pipe/plugin.hpp>

#include "lib/blanks.hpp"
#include "lib/escapes.hpp"
#include "lib/field_columns.hpp"
namespace {
struct split : pipes::map_stage {
  std::string separator = " ";
  std::vector<std::string> names;
  bool rest = false;
  static auto spec() {
    return pipes::stage<split>("split", "Take fields out of records by cutting them at a separator.")
        .doc("A single blank as the separator cuts at runs of blanks and tabs and passes over those in front, as awk does; any other text cuts "
             "wherever it stands. Pieces beyond the names are not lost: the record stays whole. A record with fewer pieces lacks the last fields. An empty name, or "
             "`_`, passes over a piece. Quotes mean nothing here: csv.parse knows them.")
        .main_option("separator", &split::separator, "What stands between two pieces; \\t is a tab.")
        .option("names", &split::names, "The fields' names, in the order of the pieces.").required()
        .option("rest", &split::rest, "The last name takes all that is left, separators included.")
        .example("text.split: {names: [date, level, text], rest: true} | text.format: '{level}: {text}'", "2026-01-31 WARN disk is full", "WARN: disk is full")
        .example("text.split: {separator: ':', names: [user, _, uid]} | text.format: '{uid} {user}'", "root:x:0:0", "0 root");
  }
  void check(pipes::checker& c) {
    if (separator.empty()) c.fault("separator", "an empty separator cuts nowhere");
    if (names.empty()) c.fault("names", "names no field");
    shared::make_names(c, names);
  }
  void open() {
    separator_ = shared::unescaped(separator);
    columns_.demand(demanded());
    slots_.assign(names.size(), shared::field_columns::none);
    pieces_ = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (shared::passed_over(names[i])) continue;
      slots_[i] = columns_.add(pipes::field(names[i]));
      if (slots_[i] != shared::field_columns::none) pieces_ = i + 1;
    }
  }
  void map(pipes::batch& in, pipes::output& out) {
    if (!pieces_) return out.pass(in);
    const auto records = in.records();
    const std::size_t n = records.size();
    columns_.start(out, n);
    const pipe_slice* record = records.slices();
    if (separator_ == " ")
      for (std::size_t i = 0; i < n; ++i) cut_blanks(record[i], i);
    else if (separator_.size() == 1)
      for (std::size_t i = 0; i < n; ++i) cut_at_byte(record[i], i);
    else
      for (std::size_t i = 0; i < n; ++i) cut_at_text(record[i], i);
    columns_.emit(in, nullptr, n, out);
  }

 private:
  void put(std::size_t piece, std::size_t row, const char* begin, const char* end) {
    if (slots_[piece] != shared::field_columns::none) columns_.put(slots_[piece], row, begin, end);
  }
  // Whether the piece with this number goes to the record's end.
  bool takes_rest(std::size_t piece) const { return rest && piece + 1 == names.size(); }

  void cut_blanks(const pipe_slice& record, std::size_t row) {
    const char* at = record.data;
    const char* const end = at + record.size;
    for (std::size_t piece = 0; piece < pieces_; ++piece) {
      at = shared::past_blanks(at, end);
      if (at == end) return;
      const char* begin = at;
      if (takes_rest(piece)) return put(piece, row, begin, end);
      at = shared::find_blank(at, end);
      put(piece, row, begin, at);
    }
  }
  void cut_at_byte(const pipe_slice& record, std::size_t row) {
    const char* at = record.data;
    const char* const end = at + record.size;
    for (std::size_t piece = 0; piece < pieces_; ++piece) {
      const void* found = takes_rest(piece) ? nullptr : std::memchr(at, separator_[0], static_cast<std::size_t>(end - at));
      if (!found) return put(piece, row, at, end);
      put(piece, row, at, static_cast<const char*>(found));
      at = static_cast<const char*>(found) + 1;
    }
  }
  void cut_at_text(const pipe_slice& record, std::size_t row) {
    const char* at = record.data;
    const char* const end = at + record.size;
    for (std::size_t piece = 0; piece < pieces_; ++piece) {
      const void* found = takes_rest(piece) ? nullptr : memmem(at, static_cast<std::size_t>(end - at), separator_.data(), separator_.size());
      if (!found) return put(piece, row, at, end);
      put(piece, row, at, static_cast<const char*>(found));
      at = static_cast<const char*>(found) + separator_.size();
    }
  }

  std::string separator_;
  std::vector<std::uint32_t> slots_;  // of each piece: its column, or none
  std::size_t pieces_ = 0;            // as far as a record must be cut
  shared::field_columns columns_;
};
PIPE_STAGE(split)
}
