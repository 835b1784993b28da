#include "core/batch/packed.hpp"
#include "core/batch/batch_impl.hpp"

#include <algorithm>
#include <limits>

namespace pipes::detail {
namespace {

using place = packed_rows::place;
constexpr std::size_t largest_row = 0xfff0;  // places are 16 bits wide, and 0xffff says that there is none
constexpr place no_place{0xffff, 0};

// Where the rows of one batch come from: it is packed, or has arrays.
struct source {
  const packed_rows* packed = nullptr;
  const pipe_slice* records = nullptr;
  std::vector<const pipe_column*> columns;  // of its arrays
  std::vector<std::uint32_t> numbers;       // of the fields, among its own; empty: they are the same
};

bool packs(const pipe_column& c) {
  if (c.all == PIPE_WORD || c.all == PIPE_MISSING) return true;
  return c.all == PIPE_MIXED && std::all_of(c.tags, c.tags + c.count, [](std::uint8_t tag) { return tag == PIPE_WORD || tag == PIPE_MISSING; });
}

class packer {
 public:
  packer(pipe_batch* const* parts, const std::vector<bool>& used, std::vector<const pipe_field*> fields, const std::uint32_t* of, const std::uint32_t* rows, std::uint64_t n)
      : of_(of), rows_(rows), n_(n), sources_(used.size()), fields_(std::move(fields)), head_(packed_rows::head(fields_.size())), fits_(head_ < largest_row) {
    for (std::size_t p = 0; p < used.size() && fits_; ++p)
      if (used[p]) fits_ = take(sources_[p], parts[p]);
  }

  std::unique_ptr<pipe_batch> made() {
    if (!fits_) return nullptr;
    memory::arena memory((n_ + 1) * sizeof(std::uint32_t));
    auto* const begins = memory.array<std::uint32_t>(n_ + 1);
    std::size_t bytes = 0;
    for (std::uint64_t i = 0; i < n_; ++i) {
      if (i + rows_ahead < n_) fetch_row(i + rows_ahead);
      const std::size_t size = size_of(i);
      if (size > largest_row || bytes > std::numeric_limits<std::uint32_t>::max() - size) return nullptr;
      begins[i] = static_cast<std::uint32_t>(bytes);
      bytes += size;
    }
    begins[n_] = static_cast<std::uint32_t>(bytes);
    char* const to = memory.array<char>(bytes);
    for (std::uint64_t i = 0; i < n_; ++i) copy(i, to + begins[i]);
    auto made = layer({}, n_);
    made->packed = std::make_unique<packed_rows>(packed_rows{fields_, complete_, to, begins});
    made->memory_share = memory.bytes();
    made->memory = memory::memory_set::of(std::move(memory));
    settle(*made);
    return made;
  }

 private:
  bool take(source& s, pipe_batch* b) {
    if (b->packed) {
      s.packed = b->packed.get();
      if (s.packed->fields == fields_) return true;
      for (const pipe_field* f : fields_) s.numbers.push_back(place_of(b, f));
      return true;
    }
    if (b->json || b->dirty) return false;
    for (const pipe_field* f : fields_) {
      s.columns.push_back(column_of(b, f, true));
      if (!packs(*s.columns.back())) return false;
    }
    s.records = record_array(b);
    return true;
  }
  void fetch_row(std::uint64_t i) const {
    const source& s = sources_[of_[i]];
    if (s.packed) fetch(s.packed->begins + rows_[i]);
    else fetch(s.records + rows_[i]);
  }
  std::size_t size_of(std::uint64_t i) const {
    const source& s = sources_[of_[i]];
    const std::uint32_t row = rows_[i];
    if (s.packed) {
      fetch(s.packed->row(row));
      return s.packed->begins[row + 1] - s.packed->begins[row] - s.packed->head() + head_;
    }
    const pipe_slice& r = s.records[row];
    std::size_t size = head_ + r.size + 1;
    for (const pipe_column* c : s.columns)
      if (c->all != PIPE_MISSING && c->slices[row].data && !inside(c->slices[row], r.data, r.size)) size += c->slices[row].size;
    return size;
  }
  void copy(std::uint64_t i, char* to) {
    const source& s = sources_[of_[i]];
    const std::uint32_t row = rows_[i];
    if (s.packed) {
      const char* from = s.packed->row(row);
      const std::size_t size = s.packed->begins[row + 1] - s.packed->begins[row];
      if (s.numbers.empty() && s.packed->complete) {
        std::memcpy(to, from, size);
        return;
      }
      std::memcpy(to, from, sizeof(std::uint16_t));
      for (std::size_t f = 0; f < fields_.size(); ++f) {
        const std::size_t number = s.numbers.empty() ? f : s.numbers[f];
        put(f, number == field_index::none ? no_place : s.packed->of_field(row, number), to);
      }
      std::memcpy(to + head_, from + s.packed->head(), size - s.packed->head());
      return;
    }
    const pipe_slice& r = s.records[row];
    const auto size = static_cast<std::uint16_t>(r.size);
    char* const record = to + head_;
    std::memcpy(to, &size, sizeof size);
    if (r.size) std::memcpy(record, r.data, r.size);
    record[r.size] = r.flags & slice_unended ? '\0' : '\n';
    char* more = record + r.size + 1;
    for (std::size_t f = 0; f < fields_.size(); ++f) {
      const pipe_column& c = *s.columns[f];
      place at = no_place;
      if (c.all != PIPE_MISSING && c.tags[row] != PIPE_MISSING) {
        const pipe_slice text = c.slices[row].data ? c.slices[row] : pipe_slice{r.data, 0, 0};
        at.size = static_cast<std::uint16_t>(text.size);
        if (inside(text, r.data, r.size)) {
          at.at = static_cast<std::uint16_t>(text.data - r.data);
        } else {
          at.at = static_cast<std::uint16_t>(more - record);
          if (text.size) std::memcpy(more, text.data, text.size);
          more += text.size;
        }
      }
      put(f, at, to);
    }
  }
  void put(std::size_t field, place at, char* to) {
    std::memcpy(to + packed_rows::head(field), &at, sizeof at);
    if (at.missing()) complete_ = false;
  }

  const std::uint32_t* const of_;
  const std::uint32_t* const rows_;
  const std::uint64_t n_;
  std::vector<source> sources_;
  const std::vector<const pipe_field*> fields_;
  const std::size_t head_;
  bool fits_;
  bool complete_ = true;
};

}  // namespace

std::unique_ptr<pipe_batch> pack(pipe_batch* const* parts, const std::vector<bool>& used, const std::uint32_t* of, const std::uint32_t* rows, std::uint64_t n) {
  if (n == 0) return nullptr;
  field_union all;
  for (std::size_t p = 0; p < used.size(); ++p) {
    if (!used[p]) continue;
    if (parts[p]->json || parts[p]->dirty) return nullptr;
    all.add(parts[p]);
  }
  if (all.list.empty()) return nullptr;  // records alone take up less as they are
  auto made = packer(parts, used, std::move(all.list), of, rows, n).made();
  if (made) made->varied = all.differ || all.varied;
  return made;
}

void unpack_records(const pipe_batch& b, pipe_slice* to) {
  for (std::uint64_t i = 0; i < b.count; ++i) {
    const packed_rows::record r = b.packed->of_row(i);
    to[i] = {r.data, r.size, r.ended() ? PIPE_SLICE_NEWLINE : slice_unended};
  }
}

bool unpack_column(pipe_batch& b, const pipe_field* f, column_node& to) {
  const packed_rows& from = *b.packed;
  const std::size_t number = place_of(&b, f);
  if (number == field_index::none) return false;
  auto* tags = to.memory.array<std::uint8_t>(b.count ? b.count : 1);
  auto* slices = to.memory.array<pipe_slice>(b.count ? b.count : 1);
  const std::size_t head = from.head();
  std::uint64_t there = 0;
  for (std::uint64_t i = 0; i < b.count; ++i) {
    const place p = from.of_field(i, number);
    const bool has = !p.missing();
    slices[i] = {has ? from.row(i) + head + p.at : nullptr, p.size, 0};
    tags[i] = has ? PIPE_WORD : PIPE_MISSING;
    there += has;
  }
  to.column = {sizeof(pipe_column), there == b.count ? PIPE_WORD : there ? PIPE_MIXED : PIPE_MISSING, b.count, tags, nullptr, slices};
  return true;
}

}  // namespace pipes::detail
