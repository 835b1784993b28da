// gather.cpp: rows of several batches as one that stands alone (spill.hpp): packed where that can be, else as arrays.
#include "core/batch/batch_impl.hpp"
#include "core/batch/spill.hpp"

#include <algorithm>
#include <cstring>

namespace pipes {

using namespace detail;

namespace {

std::unique_ptr<pipe_batch> gather_arrays(pipe_batch* const* parts, std::uint64_t part_count, const std::vector<bool>& used, const std::uint32_t* of, const std::uint32_t* rows, std::uint64_t n) {
  bool json = n > 0, dirty = n > 0, has_fields = false;
  for (std::uint64_t p = 0; p < part_count; ++p) {
    if (!used[p]) continue;
    json = json && parts[p]->json;
    dirty = dirty && parts[p]->dirty;
    has_fields = has_fields || parts[p]->has_fields;
  }
  std::vector<const pipe_field*> known;
  field_union fields;
  if (has_fields)
    for (std::uint64_t p = 0; p < part_count; ++p) {
      if (!used[p]) continue;
      if (json) known_fields(parts[p], known, true);
      else fields.add(parts[p]);
    }
  if (!json) known = fields.list;
  std::vector<const pipe_slice*> records(part_count, nullptr);
  // Records whose lists differ might lie in another order if they were rendered together.
  const bool has_bytes = json || !dirty || fields.differ;
  std::size_t bytes = 0;
  if (has_bytes) {
    for (std::uint64_t p = 0; p < part_count; ++p)
      if (used[p]) records[p] = record_array(parts[p]);
    for (std::uint64_t i = 0; i < n; ++i) {
      if (i + rows_ahead < n) fetch(records[of[i + rows_ahead]] + rows[i + rows_ahead]);
      const pipe_slice& s = records[of[i]][rows[i]];
      fetch(s.data);
      bytes += s.size + std::size_t{1};
    }
  }
  constexpr std::size_t value_room = 1 + sizeof(std::uint64_t) + sizeof(pipe_slice);
  memory::arena memory(bytes + n * (sizeof(pipe_slice) + known.size() * value_room) + 64);
  auto made = layer({}, n);
  pipe_slice* own = nullptr;
  std::vector<const char*> was;  // the records' bytes where they come from
  if (has_bytes) {
    own = memory.array<pipe_slice>(n ? n : 1);
    was.resize(n);
    char* to = static_cast<char*>(memory.take(bytes));
    for (std::uint64_t i = 0; i < n; ++i) {
      const pipe_slice& s = records[of[i]][rows[i]];
      was[i] = s.data;
      own[i] = {to, s.size, s.flags & slice_unended ? slice_unended : PIPE_SLICE_NEWLINE};
      if (s.size) std::memcpy(to, s.data, s.size);
      to += s.size;
      *to++ = '\n';
    }
    made->own = own;
    made->json_here = json;
  }
  std::vector<const pipe_column*> columns(part_count, nullptr);
  std::vector<const pipe_slice*> texts(part_count, nullptr);
  for (const pipe_field* f : known) {
    bool values_there = false, slices_there = false;
    std::uint32_t all = PIPE_MISSING;
    bool first = true;
    for (std::uint64_t p = 0; p < part_count; ++p) {
      if (!used[p]) continue;
      columns[p] = column_of(parts[p], f, !json);
      values_there = values_there || columns[p]->values;
      slices_there = slices_there || columns[p]->slices;
      all = first || columns[p]->all == all ? columns[p]->all : PIPE_MIXED;
      first = false;
    }
    auto* tags = memory.array<std::uint8_t>(n ? n : 1);
    if (all != PIPE_MIXED) std::memset(tags, static_cast<int>(all), n);
    else for (std::uint64_t i = 0; i < n; ++i) tags[i] = columns[of[i]]->tags[rows[i]];
    if (all == PIPE_MIXED && n > 0) all = n == 1 || std::memcmp(tags, tags + 1, n - 1) == 0 ? tags[0] : PIPE_MIXED;
    std::uint64_t* values = nullptr;
    if (values_there) {
      values = memory.array<std::uint64_t>(n ? n : 1);
      for (std::uint64_t i = 0; i < n; ++i) values[i] = columns[of[i]]->values ? columns[of[i]]->values[rows[i]] : 0;
    }
    pipe_slice* slices = nullptr;
    if (slices_there) {
      slices = memory.array<pipe_slice>(n ? n : 1);
      for (std::uint64_t p = 0; p < part_count; ++p) texts[p] = used[p] ? columns[p]->slices : nullptr;
      for (std::uint64_t i = 0; i < n; ++i) {
        if (const pipe_slice* further = i + rows_ahead < n ? texts[of[i + rows_ahead]] : nullptr) fetch(further + rows[i + rows_ahead]);
        const pipe_slice* const column = texts[of[i]];
        slices[i] = {};
        if (!column || tags[i] == PIPE_MISSING || !column[rows[i]].data) continue;
        const pipe_slice& s = column[rows[i]];
        if (own && inside(s, was[i], own[i].size)) {
          slices[i] = {own[i].data + (s.data - was[i]), s.size, 0};
        } else {
          slices[i] = {memory.keep(view(s)).data(), s.size, 0};
        }
      }
    }
    made->changes.push_back({PIPE_ATTACH, f, nullptr, {sizeof(pipe_column), all, n, tags, values, slices}});
  }
  settle(*made);
  if (!json)
    made->lists = lists_of_parts(parts, used, known).of(of, rows, n, [&](std::size_t size) { return memory.take(size); });
  made->varied = fields.differ || fields.varied || made->lists;
  made->memory_share = memory.bytes();
  made->memory = memory::memory_set::of(std::move(memory));
  return made;
}

}  // namespace

batch_ref gather(pipe_batch* const* parts, std::uint64_t part_count, const std::uint32_t* of, const std::uint32_t* rows, std::uint64_t n) {
  std::vector<bool> used(part_count, false);
  for (std::uint64_t i = 0; i < n; ++i) used[of[i]] = true;
  auto made = pack(parts, used, of, rows, n);
  if (!made) made = gather_arrays(parts, part_count, used, of, rows, n);
  made->begins = n > 0 && rows[0] == 0 && parts[of[0]]->begins;
  std::vector<std::shared_ptr<origin>> origins;
  for (std::uint64_t p = 0; p < part_count; ++p)
    if (used[p]) add_origin(parts[p], origins);
  made->source = joined(std::move(origins));
  return batch_ref::adopt(made.release());
}

}  // namespace pipes
