// plugins/text/split.cpp: the pieces between separators become fields.
#include <pipe/plugin.hpp>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "lib/escapes.hpp"
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
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (passed_over(names[i])) continue;
      c.makes(names[i]);
      if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) != names.begin() + static_cast<std::ptrdiff_t>(i))
        c.fault("names", "the name '" + names[i] + "' stands twice");
    }
  }
  void open() {
    separator_ = shared::unescaped(separator);
    const auto wanted = demanded();
    slots_.assign(names.size(), none);
    fields_.clear();
    pieces_ = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (passed_over(names[i])) continue;
      const pipes::field f(names[i]);
      if (wanted && std::find(wanted->begin(), wanted->end(), f) == wanted->end()) continue;
      slots_[i] = static_cast<std::uint32_t>(fields_.size());
      fields_.push_back(f);
      pieces_ = i + 1;
    }
  }
  void map(pipes::batch& in, pipes::output& out) {
    if (fields_.empty()) return out.pass(in);
    const auto records = in.records();
    const std::size_t n = records.size();
    tags_.clear();
    slices_.clear();
    for (std::size_t f = 0; f < fields_.size(); ++f) {
      tags_.push_back(out.alloc_array<std::uint8_t>(n));
      slices_.push_back(out.alloc_array<pipe_slice>(n));
      std::memset(tags_[f], PIPE_MISSING, n);
    }
    const pipe_slice* record = records.slices();
    if (separator_ == " ")
      for (std::size_t i = 0; i < n; ++i) cut_blanks(record[i], i);
    else if (separator_.size() == 1)
      for (std::size_t i = 0; i < n; ++i) cut_at_byte(record[i], i);
    else
      for (std::size_t i = 0; i < n; ++i) cut_at_text(record[i], i);
    emit(in, n, out);
  }

 private:
  static constexpr std::uint32_t none = 0xffffffffu;
  static bool passed_over(const std::string& name) { return name.empty() || name == "_"; }

  void put(std::size_t piece, std::size_t row, const char* begin, const char* end) {
    const std::uint32_t slot = slots_[piece];
    if (slot == none) return;
    tags_[slot][row] = PIPE_WORD;
    slices_[slot][row] = {begin, static_cast<std::uint32_t>(end - begin), 0};
  }
  // Whether the piece with this number goes to the record's end.
  bool takes_rest(std::size_t piece) const { return rest && piece + 1 == names.size(); }

  static bool blank(char c) { return c == ' ' || c == '\t'; }
  static const char* find_blank(const char* at, const char* end) {
#if defined(__SSE2__)
    for (; end - at >= 16; at += 16) {
      const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
      const int found = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(' ')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\t'))));
      if (found) return at + __builtin_ctz(static_cast<unsigned>(found));
    }
#endif
    while (at < end && !blank(*at)) ++at;
    return at;
  }
  void cut_blanks(const pipe_slice& record, std::size_t row) {
    const char* at = record.data;
    const char* const end = at + record.size;
    for (std::size_t piece = 0; piece < pieces_; ++piece) {
      while (at < end && blank(*at)) ++at;
      if (at == end) return;
      const char* begin = at;
      if (takes_rest(piece)) return put(piece, row, begin, end);
      at = find_blank(at, end);
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

  void emit(pipes::batch& in, std::size_t n, pipes::output& out) {
    columns_.clear();
    changes_.clear();
    for (std::size_t f = 0; f < fields_.size(); ++f) {
      pipe_column c{};
      c.struct_size = sizeof c;
      c.all = n && !std::memchr(tags_[f], PIPE_MISSING, n) ? PIPE_WORD : n && !std::memchr(tags_[f], PIPE_WORD, n) ? PIPE_MISSING : PIPE_MIXED;
      c.count = n;
      c.tags = tags_[f];
      if (c.all != PIPE_MISSING) c.slices = slices_[f];
      if (c.all == PIPE_MIXED)
        for (std::size_t i = 0; i < n; ++i)
          if (tags_[f][i] == PIPE_MISSING) slices_[f][i] = {nullptr, 0, 0};
      columns_.push_back(c);
    }
    for (std::size_t f = 0; f < fields_.size(); ++f) changes_.push_back({PIPE_ATTACH, 0, fields_[f].handle(), nullptr, &columns_[f]});
    pipe_part part{};
    part.from = in.raw();
    part.count = n;
    part.changes = changes_.data();
    part.change_count = changes_.size();
    out.emit_part(part);
  }

  std::string separator_;
  std::vector<std::uint32_t> slots_;  // of each piece: which of fields_ it is, or none
  std::vector<pipes::field> fields_;  // those that somebody asks for
  std::size_t pieces_ = 0;            // as far as a record must be cut
  std::vector<std::uint8_t*> tags_;   // scratch, one a field
  std::vector<pipe_slice*> slices_;
  std::vector<pipe_column> columns_;
  std::vector<pipe_change> changes_;
};
PIPE_STAGE(split)
}
