// tools.hpp: short ways to make batches and to read them, for the tests of batches.
#pragma once
#include "core/batch/batch.hpp"
#include "core/batch/memory.hpp"
#include "core/batch/spill.hpp"

#include <cstring>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace tools {

// Every test ends with nothing alive that was not alive when it began.
struct no_leaks {
  pipes::memory::counts before = pipes::memory::live();
  bool clean() const {
    const auto now = pipes::memory::live();
    return now.blocks == before.blocks && now.chunks == before.chunks && now.batches == before.batches;
  }
};

inline std::string written(const pipes::batch_ref& b) {
  std::string s;
  const pipe_runs& r = pipes::runs(b.get());
  for (std::uint64_t i = 0; i < r.count; ++i) s += pipes::view(r.runs[i]);
  return s;
}

inline std::vector<std::string> lines(const pipes::batch_ref& b) {
  std::uint64_t n = 0;
  const pipe_slice* r = pipes::records(b.get(), n);
  std::vector<std::string> all;
  for (std::uint64_t i = 0; i < n; ++i) all.emplace_back(pipes::view(r[i]));
  return all;
}

inline std::vector<std::string> names(const pipes::batch_ref& b) {
  std::uint64_t n = 0;
  const pipe_field* const* f = pipes::fields(b.get(), n);
  std::vector<std::string> all;
  for (std::uint64_t i = 0; i < n; ++i) all.push_back(f[i]->name);
  return all;
}

// One value as text with its tag in front: i:1, f:1.5, s:text, w:word, j:{}, n, t, F, - (missing).
inline std::string value(const pipe_column& c, std::uint64_t i) {
  const auto bits = c.values ? c.values[i] : 0;
  const auto slice = c.slices ? std::string(pipes::view(c.slices[i])) : std::string();
  double d = 0;
  std::memcpy(&d, &bits, sizeof d);
  switch (c.tags[i]) {
    case PIPE_MISSING: return "-";
    case PIPE_NULL: return "n";
    case PIPE_BOOL: return bits ? "t" : "F";
    case PIPE_INT: return "i:" + std::to_string(static_cast<std::int64_t>(bits));
    case PIPE_FLOAT: return "f:" + std::to_string(d);
    case PIPE_STRING: return "s:" + slice;
    case PIPE_WORD: return "w:" + slice;
    case PIPE_JSON: return "j:" + slice;
    default: return "?";
  }
}

inline std::vector<std::string> column(const pipes::batch_ref& b, std::string_view name) {
  const pipe_column& c = pipes::column(b.get(), pipes::field(name));
  std::vector<std::string> all;
  for (std::uint64_t i = 0; i < c.count; ++i) all.push_back(value(c, i));
  return all;
}

struct cell {
  std::uint8_t tag = PIPE_MISSING;
  std::uint64_t bits = 0;
  std::string text;
  bool has_text = false;
};
inline cell gone() { return {}; }
inline cell null() { return {PIPE_NULL, 0, {}, false}; }
inline cell truth(bool b) { return {PIPE_BOOL, b, {}, false}; }
inline cell number(std::int64_t v) { return {PIPE_INT, static_cast<std::uint64_t>(v), {}, false}; }
inline cell number(std::int64_t v, std::string as_read) { return {PIPE_INT, static_cast<std::uint64_t>(v), std::move(as_read), true}; }
inline cell real(double d) {
  cell c{PIPE_FLOAT, 0, {}, false};
  std::memcpy(&c.bits, &d, sizeof d);
  return c;
}
inline cell string(std::string s) { return {PIPE_STRING, 0, std::move(s), true}; }
inline cell word(std::string s) { return {PIPE_WORD, 0, std::move(s), true}; }
inline cell raw(std::string s) { return {PIPE_JSON, 0, std::move(s), true}; }

inline pipe_slice kept(pipes::output& out, std::string_view s) {
  char* to = static_cast<char*>(out.alloc(s.size() + 1));
  std::memcpy(to, s.data(), s.size());
  return {to, static_cast<std::uint32_t>(s.size()), 0};
}

// The column in `out`'s arena.
inline pipe_column make_column(pipes::output& out, const std::vector<cell>& cells) {
  const std::size_t n = cells.size();
  auto* tags = static_cast<std::uint8_t*>(out.alloc(n));
  auto* values = static_cast<std::uint64_t*>(out.alloc(n * 8));
  auto* slices = static_cast<pipe_slice*>(out.alloc(n * sizeof(pipe_slice)));
  std::uint32_t all = n ? cells[0].tag : PIPE_MISSING;
  for (std::size_t i = 0; i < n; ++i) {
    tags[i] = cells[i].tag;
    values[i] = cells[i].bits;
    slices[i] = cells[i].has_text ? kept(out, cells[i].text) : pipe_slice{};
    if (cells[i].tag != all) all = PIPE_MIXED;
  }
  return {sizeof(pipe_column), all, n, tags, values, slices};
}

struct edit {
  std::uint32_t kind;
  std::string field;
  std::string to;
  std::vector<cell> cells;
};
inline edit attach(std::string f, std::vector<cell> c) { return {PIPE_ATTACH, std::move(f), {}, std::move(c)}; }
inline edit set(std::string f, std::vector<cell> c) { return {PIPE_SET, std::move(f), {}, std::move(c)}; }
inline edit drop(std::string f) { return {PIPE_DROP, std::move(f), {}, {}}; }
inline edit renamed(std::string f, std::string to) { return {PIPE_RENAME, std::move(f), std::move(to), {}}; }
inline edit keep(std::string f) { return {PIPE_KEEP, std::move(f), {}, {}}; }

struct shape {
  std::uint32_t flags = 0;
  std::vector<std::uint32_t> rows;
  std::vector<std::string> records;
  std::uint64_t note = 0;
};

inline void emit(pipes::output& out, std::uint32_t port, const pipes::batch_ref& from, std::uint64_t count, const std::vector<edit>& edits,
                 const shape& how = {}) {
  std::vector<pipe_change> changes;
  std::vector<pipe_column> columns(edits.size());
  for (std::size_t i = 0; i < edits.size(); ++i) {
    const edit& e = edits[i];
    if (!e.cells.empty()) columns[i] = make_column(out, e.cells);
    changes.push_back({e.kind, 0, pipes::field(e.field), e.to.empty() ? nullptr : pipes::field(e.to), e.cells.empty() ? nullptr : &columns[i]});
  }
  pipe_slice* records = nullptr;
  if (!how.records.empty()) {
    records = static_cast<pipe_slice*>(out.alloc(how.records.size() * sizeof(pipe_slice)));
    for (std::size_t i = 0; i < how.records.size(); ++i) records[i] = kept(out, how.records[i]);
  }
  const pipe_part part{sizeof(pipe_part), how.flags, from.get(), how.rows.empty() ? nullptr : how.rows.data(), records, changes.data(), count,
                       changes.size(), how.note};
  out.emit(port, part);
}

inline pipes::batch_ref changed(const pipes::batch_ref& from, const std::vector<edit>& edits, const shape& how = {}) {
  pipes::output out;
  const std::uint64_t n = !how.rows.empty() ? how.rows.size() : !how.records.empty() ? how.records.size() : pipes::count(from.get());
  emit(out, 0, from, n, edits, how);
  return out.take_port(0);
}

inline pipes::batch_ref json(std::string_view text) {
  shape s;
  s.flags = PIPE_PART_JSON;
  return changed(pipes::from_text(text), {}, s);
}

using strings = std::vector<std::string>;

// Through an image and back.
inline pipes::batch_ref saved(const pipes::batch_ref& b, std::string_view notes = {}) {
  pipes::memory::text_buffer image;
  pipes::save(b.get(), notes, image);
  return pipes::restore(image.release()).batch;
}

inline std::vector<std::uint32_t> all_rows(std::uint64_t n) {
  std::vector<std::uint32_t> rows(n);
  std::iota(rows.begin(), rows.end(), 0u);
  return rows;
}

inline pipes::batch_ref gathered(const std::vector<pipes::batch_ref>& parts, const std::vector<std::uint32_t>& of, const std::vector<std::uint32_t>& rows) {
  std::vector<pipe_batch*> raw;
  for (const auto& p : parts) raw.push_back(p.get());
  return pipes::gather(raw.data(), raw.size(), of.data(), rows.data(), rows.size());
}

}  // namespace tools
