// Batches made of batches: selections, joins, copies, notes.
#include "core/batch/batch_impl.hpp"
#include "core/batch/lines.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace pipes::detail {

bool side_by_side(const std::uint32_t* rows, std::uint64_t n) {
  // Without an early exit the loop becomes vector code; selections that are almost ranges are rare.
  if (n == 0 || rows[n - 1] - rows[0] != n - 1) return n == 0;
  std::uint32_t differs = 0;
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(n); ++i) differs |= rows[i] ^ (rows[0] + i);
  return differs == 0;
}

std::unique_ptr<pipe_batch> selection(pipe_batch* b, const std::uint32_t* rows, std::uint64_t first, std::uint64_t n,
                                      const memory::memory_set& memory) {
  if (rows && side_by_side(rows, n)) {
    first = n ? rows[0] : 0;
    rows = nullptr;
  }
  if (!b->selects_only() || (rows && b->rows)) {
    auto made = layer(batch_ref::share(b), n);
    made->rows = rows;
    made->first = rows ? 0 : first;
    made->memory = memory;
    settle(*made);
    return made;
  }
  // One of the two is a range: the folded selection needs no new numbers, or the caller's shifted by a constant.
  if (rows && b->first == 0) {
    auto made = layer(b->parent, n);
    made->rows = rows;
    made->memory = memory;
    made->source = b->source;
    settle(*made);
    return made;
  }
  if (rows) {
    auto made = layer(batch_ref::share(b), n);
    made->rows = rows;
    made->memory = memory;
    settle(*made);
    return made;
  }
  auto made = layer(b->parent, n);
  made->rows = b->rows ? b->rows + first : nullptr;
  made->first = b->rows ? 0 : b->first + first;
  made->memory = b->memory;
  made->source = b->source;
  settle(*made);
  return made;
}

namespace {

// Folds where numbers have to be computed: into memory of its own.
std::unique_ptr<pipe_batch> folded(pipe_batch* b, const std::uint32_t* rows, std::uint64_t n) {
  memory::arena room(n * sizeof(std::uint32_t));
  auto* own = room.array<std::uint32_t>(n ? n : 1);
  const bool folds = b->selects_only();
  for (std::uint64_t i = 0; i < n; ++i) own[i] = folds ? static_cast<std::uint32_t>(b->row(rows[i])) : rows[i];
  const std::size_t share = room.bytes();
  const auto memory = memory::memory_set::of(std::move(room));
  auto made = selection(folds ? b->parent.get() : b, own, 0, n, memory);
  made->memory_share = share;
  if (folds && b->source) made->source = b->source;
  return made;
}

class joined_origin final : public origin {
 public:
  std::vector<std::shared_ptr<origin>> all;
  const file_origin* file() const override {
    const file_origin* first = all.front()->file();
    return std::all_of(all.begin(), all.end(), [&](const auto& o) { return o->file() == first; }) ? first : nullptr;
  }
};

}  // namespace

void add_origin(pipe_batch* b, std::vector<std::shared_ptr<origin>>& to) {
  const auto& o = get_origin(b);
  if (o && std::find(to.begin(), to.end(), o) == to.end()) to.push_back(o);
}

std::shared_ptr<origin> joined(std::vector<std::shared_ptr<origin>> origins) {
  if (origins.empty()) return nullptr;
  if (origins.size() == 1) return origins.front();
  auto all = std::make_shared<joined_origin>();
  all->all = std::move(origins);
  return all;
}

std::unique_ptr<pipe_batch> copied(pipe_batch* b, const std::function<void*(std::size_t)>& take) {
  const std::uint64_t n = count(b);
  auto made = layer({}, n);
  made->source = get_origin(b);
  const bool has_bytes = b->json || !b->dirty;
  const pipe_slice* from = nullptr;
  pipe_slice* own = nullptr;
  if (has_bytes) {
    from = record_array(b);
    std::uint64_t bytes = 0;
    for (std::uint64_t i = 0; i < n; ++i) bytes += from[i].size + std::uint64_t{1};
    own = static_cast<pipe_slice*>(take((n ? n : 1) * sizeof(pipe_slice)));
    char* to = static_cast<char*>(take(bytes));
    for (std::uint64_t i = 0; i < n; ++i) {
      const bool open = (from[i].flags & slice_unended) != 0;
      own[i] = {to, from[i].size, open ? slice_unended : PIPE_SLICE_NEWLINE};
      if (from[i].size) std::memcpy(to, from[i].data, from[i].size);
      to += from[i].size;
      *to++ = '\n';
    }
    made->own = own;
    made->json_here = b->json;
  }
  std::vector<const pipe_field*> known;
  if (b->json) {
    known_fields(b, known, true);
  } else {
    std::uint64_t field_count = 0;
    const pipe_field* const* list = fields(b, field_count);
    known.assign(list, list + field_count);
  }
  for (const pipe_field* f : known) {
    const pipe_column& c = *column_of(b, f, !b->json);
    auto* tags = static_cast<std::uint8_t*>(take(n ? n : 1));
    if (n) std::memcpy(tags, c.tags, n);
    std::uint64_t* values = nullptr;
    if (c.values && n) {
      values = static_cast<std::uint64_t*>(take(n * sizeof *values));
      std::memcpy(values, c.values, n * sizeof *values);
    }
    pipe_slice* slices = nullptr;
    if (c.slices && n) {
      slices = static_cast<pipe_slice*>(take(n * sizeof *slices));
      for (std::uint64_t i = 0; i < n; ++i) {
        slices[i] = c.slices[i];
        pipe_slice& s = slices[i];
        if (!s.data || tags[i] == PIPE_MISSING) {
          s = {};
        } else if (own && s.data >= from[i].data && s.data + s.size <= from[i].data + from[i].size) {
          s.data = own[i].data + (s.data - from[i].data);  // lies in the record: no second copy
          s.flags = 0;
        } else {
          char* text = static_cast<char*>(take(s.size));
          if (s.size) std::memcpy(text, s.data, s.size);
          s = {text, s.size, 0};
        }
      }
    }
    made->changes.push_back({PIPE_ATTACH, f, nullptr, {sizeof(pipe_column), c.all, n, tags, values, slices}});
  }
  if (lists_differ(b)) made->lists = lists_of_parts(&b, {true}, known).of(nullptr, nullptr, n, take);
  settle(*made);
  made->varied = is_varied(b) || made->lists;
  made->begins = b->begins;
  return made;
}

}  // namespace pipes::detail

namespace pipes {

using namespace detail;

batch_ref slice(pipe_batch* b, std::uint64_t first, std::uint64_t n) {
  const std::uint64_t all = count(b);
  if (first > all || n > all - first) throw std::out_of_range("a slice beyond its batch");
  if (n == all) return batch_ref::share(b);
  auto made = selection(b, nullptr, first, n, {});
  if (b->note != 0) {
    made->note = b->note;
    made->noted = b->noted ? b->noted : batch_ref::share(b);
    made->noted_first = b->noted_first + first;
  }
  return batch_ref::adopt(made.release());
}

batch_ref select(pipe_batch* b, const std::uint32_t* rows, std::uint64_t n) {
  if (n == count(b) && side_by_side(rows, n)) return batch_ref::share(b);
  if (side_by_side(rows, n)) return batch_ref::adopt(selection(b, nullptr, n ? rows[0] : 0, n, {}).release());
  return batch_ref::adopt(folded(b, rows, n).release());
}

batch_ref concat(const std::vector<batch_ref>& parts) {
  if (parts.size() == 1) return parts.front();
  std::uint64_t n = 0;
  for (const batch_ref& p : parts) n += count(p.get());
  auto made = layer({}, n);
  made->kind = kind::joined;
  made->parts = parts;
  made->json = !parts.empty();
  const auto first = std::find_if(parts.begin(), parts.end(), [](const batch_ref& p) { return count(p.get()) > 0; });
  made->begins = first != parts.end() && (*first)->begins;
  std::vector<std::shared_ptr<origin>> origins;
  for (const batch_ref& p : parts) {
    made->json = made->json && p->json;
    made->has_fields = made->has_fields || p->has_fields;
    made->depth = std::max(made->depth, p->depth + 1);
    made->columns.expect(std::max(made->columns.expected(), p->columns.expected()));
    add_origin(p.get(), origins);
  }
  made->source = joined(std::move(origins));
  auto result = batch_ref::adopt(made.release());
  return result->depth > deepest ? copy(result.get()) : result;
}

batch_ref copy(pipe_batch* b) {
  // The records' bytes are known beforehand, so one chunk mostly holds all; texts of columns mostly lie in the records.
  std::uint64_t bytes = 64;
  const std::uint64_t n = count(b);
  if (b->json || !b->dirty) {
    const pipe_slice* r = record_array(b);
    for (std::uint64_t i = 0; i < n; ++i) bytes += r[i].size + std::uint64_t{1} + sizeof(pipe_slice);
  }
  memory::arena room(bytes);
  auto made = copied(b, [&](std::size_t size) { return room.take(size); });
  made->memory_share = room.bytes();
  made->memory = memory::memory_set::of(std::move(room));
  made->note = b->note;
  return batch_ref::adopt(made.release());
}

batch_ref annotate(pipe_batch* b, const std::vector<std::pair<const pipe_field*, std::string>>& values) {
  const std::uint64_t n = count(b);
  auto made = layer(batch_ref::share(b), n);
  memory::arena room(values.size() * n * (sizeof(pipe_slice) + 1) + 256);
  for (const auto& [f, value] : values) {
    if (value.size() > std::numeric_limits<std::uint32_t>::max()) throw std::length_error("a value of 4 GiB or more");
    const std::string_view kept = room.keep(value);
    auto* tags = room.array<std::uint8_t>(n ? n : 1);
    auto* slices = room.array<pipe_slice>(n ? n : 1);
    std::memset(tags, PIPE_WORD, n);
    std::fill(slices, slices + n, pipe_slice{kept.data(), static_cast<std::uint32_t>(kept.size()), 0});
    made->changes.push_back({PIPE_ATTACH, f, nullptr, {sizeof(pipe_column), n ? PIPE_WORD : PIPE_MISSING, n, tags, nullptr, slices}});
  }
  made->memory_share = room.bytes();
  made->memory = memory::memory_set::of(std::move(room));
  settle(*made);
  return batch_ref::adopt(made.release());
}

batch_ref from_text(std::string_view lines) {
  if (lines.size() > std::numeric_limits<std::uint32_t>::max()) throw std::length_error("a block of 4 GiB or more");
  auto made = std::make_unique<pipe_batch>();
  made->kind = kind::block;
  made->block = block_new(lines.size());
  if (!lines.empty()) std::memcpy(made->block, lines.data(), lines.size());
  made->text = made->block;
  made->text_size = lines.size();
  made->unended = !lines.empty() && lines.back() != '\n';
  return batch_ref::adopt(made.release());
}

batch_ref with_origin(pipe_batch* b, std::shared_ptr<origin> o) {
  std::unique_ptr<pipe_batch> made;
  if (b->kind == kind::block) {  // its lines need not be counted for this: a second block over the same bytes
    made = std::make_unique<pipe_batch>();
    made->kind = kind::block;
    made->parent = batch_ref::share(b);
    made->text = b->text;
    made->text_size = b->text_size;
    made->unended = b->unended;
    made->begins = b->begins;
    made->depth = b->depth + 1;
  } else {
    made = layer(batch_ref::share(b), b->count);
    settle(*made);
  }
  made->source = std::move(o);
  auto result = batch_ref::adopt(made.release());
  if (result->depth <= deepest) return result;
  auto alone = copy(result.get());
  return alone;
}

}  // namespace pipes
