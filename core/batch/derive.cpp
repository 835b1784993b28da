// derive.cpp: batches made of batches: selections, slices, joins, notes, annotations.
#include "core/batch/batch_impl.hpp"
#include "core/batch/kinds.hpp"
#include "core/batch/lines.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace pipes::detail {

bool side_by_side(const std::uint32_t* rows, std::uint64_t n) {
  // Without an early exit the loop becomes vector code; and what looks like a range at both ends mostly is one.
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

// The same where row numbers have to be computed for it, in memory of its own.
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
  bool some_json = false, others = false;
  for (const batch_ref& p : parts) {
    const bool empty = count(p.get()) == 0;
    made->json = made->json && (p->json || (empty && n > 0));
    made->mixed = made->mixed || (!empty && p->mixed);
    others = others || (!empty && !p->json);
    some_json = some_json || (!empty && p->json);
    made->has_fields = made->has_fields || p->has_fields;
    made->depth = std::max(made->depth, p->depth + 1);
    made->columns.expect(std::max(made->columns.expected(), p->columns.expected()));
    add_origin(p.get(), origins);
  }
  made->mixed = made->mixed || (some_json && others);
  if (made->mixed) {
    made->ends.reserve(parts.size());
    std::uint64_t end = 0;
    for (const batch_ref& p : parts) made->ends.push_back(static_cast<std::uint32_t>(end += count(p.get())));
  }
  made->source = joined(std::move(origins));
  auto result = batch_ref::adopt(made.release());
  return result->depth > deepest ? copy(result.get()) : result;
}

batch_ref annotate(pipe_batch* b, const std::vector<std::pair<const pipe_field*, std::string>>& values) {
  if (b->mixed) {
    const of_two_kinds two(b, nullptr, b->count);
    const batch_ref made = woven(annotate(two.json.get(), values), annotate(two.others.get(), values), two.is_json);
    made->begins = b->begins;
    return made;
  }
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
