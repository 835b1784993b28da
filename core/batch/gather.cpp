// gather.cpp: rows of several batches as one batch that stands alone (spill.hpp): packed where that is possible, else as arrays.
#include "core/batch/gather.hpp"
#include "core/batch/kinds.hpp"
#include "core/batch/spill.hpp"

#include <algorithm>
#include <cstring>

namespace pipes {

using namespace detail;

namespace detail {

row_copies::row_copies(pipe_batch* const* parts, const std::vector<bool>& used, const std::uint32_t* of, const std::uint32_t* rows, std::uint64_t n)
    : parts_(parts), used_(used), of_(of), rows_(rows), n_(n), records_(used.size(), nullptr) {
  json_ = n > 0;
  bool unrendered = n > 0, has_fields = false;
  for (std::size_t p = 0; p < used.size(); ++p) {
    if (!used[p]) continue;
    json_ = json_ && parts[p]->json;
    unrendered = unrendered && is_unrendered(parts[p]);
    has_fields = has_fields || parts[p]->has_fields;
  }
  for (std::size_t p = 0; p < used.size() && has_fields; ++p) {
    if (!used[p]) continue;
    if (json_) known_fields(parts[p], known_);
    else fields_.add(parts[p]);
  }
  for (std::size_t p = 0; p < used.size() && json_; ++p)
    if (used[p]) found_fields(parts[p], found_);
  found_.erase(std::remove_if(found_.begin(), found_.end(), [&](const pipe_field* f) { return std::find(known_.begin(), known_.end(), f) != known_.end(); }), found_.end());
  if (!json_) known_ = fields_.list;
  // Records whose lists of fields differ are rendered now: together their fields might come in another order.
  has_bytes_ = !unrendered || fields_.differ;
  if (!has_bytes_) return;
  for (std::size_t p = 0; p < used.size(); ++p)
    if (used[p]) records_[p] = record_array(parts[p]);
  for (std::uint64_t i = 0; i < n; ++i) {
    if (i + rows_ahead < n) fetch(records_[part(i + rows_ahead)] + row(i + rows_ahead));
    const pipe_slice& s = records_[part(i)][row(i)];
    fetch(s.data);
    bytes_ += s.size + std::size_t{1};
  }
}

std::size_t row_copies::bytes() const {
  constexpr std::size_t value_room = 1 + sizeof(std::uint64_t) + sizeof(pipe_slice);
  return bytes_ + n_ * (sizeof(pipe_slice) + (known_.size() + found_.size()) * value_room) + 64;
}

template <class T>
T* row_copies::taken(const taker& take, std::uint64_t n) {
  return static_cast<T*>(take((n ? n : 1) * sizeof(T)));
}

void row_copies::copy_records(pipe_batch& to, const taker& take) {
  own_ = taken<pipe_slice>(take, n_);
  was_.resize(n_);
  char* at = taken<char>(take, bytes_);
  for (std::uint64_t i = 0; i < n_; ++i) {
    const pipe_slice& s = records_[part(i)][row(i)];
    was_[i] = s.data;
    own_[i] = {at, s.size, s.flags & slice_unended ? slice_unended : PIPE_SLICE_NEWLINE};
    if (s.size) std::memcpy(at, s.data, s.size);
    at += s.size;
    *at++ = '\n';
  }
  to.own = own_;
  to.json_here = json_;
}

pipe_column row_copies::column(const pipe_field* f, const taker& take) {
  bool values_there = false, slices_there = false, first = true;
  std::uint32_t all = PIPE_MISSING;
  std::vector<const pipe_column*> from(used_.size(), nullptr);
  for (std::size_t p = 0; p < used_.size(); ++p) {
    if (!used_[p]) continue;
    const pipe_column& c = *(from[p] = column_of(parts_[p], f, !json_));
    values_there = values_there || c.values;
    slices_there = slices_there || c.slices;
    all = std::exchange(first, false) || c.all == all ? c.all : PIPE_MIXED;
  }
  auto* const tags = taken<std::uint8_t>(take, n_);
  if (all != PIPE_MIXED) std::memset(tags, static_cast<int>(all), n_);
  else for (std::uint64_t i = 0; i < n_; ++i) tags[i] = from[part(i)]->tags[row(i)];
  if (all == PIPE_MIXED && n_ > 0) all = n_ == 1 || std::memcmp(tags, tags + 1, n_ - 1) == 0 ? tags[0] : PIPE_MIXED;
  std::uint64_t* values = nullptr;
  if (values_there) {
    values = taken<std::uint64_t>(take, n_);
    for (std::uint64_t i = 0; i < n_; ++i) {
      const pipe_column& c = *from[part(i)];
      values[i] = c.values ? c.values[row(i)] : 0;
    }
  }
  return {sizeof(pipe_column), all, n_, tags, values, slices_there ? texts(from, tags, take) : nullptr};
}

const pipe_slice* row_copies::texts(const std::vector<const pipe_column*>& from, const std::uint8_t* tags, const taker& take) {
  auto* const slices = taken<pipe_slice>(take, n_);
  std::size_t outside = 0;  // bytes that lie in no record
  for (std::uint64_t i = 0; i < n_; ++i) {
    if (i + rows_ahead < n_)
      if (const pipe_slice* further = from[part(i + rows_ahead)]->slices) fetch(further + row(i + rows_ahead));
    const pipe_slice* const column = from[part(i)]->slices;
    slices[i] = {};
    if (!column || tags[i] == PIPE_MISSING || !column[row(i)].data) continue;
    const pipe_slice& s = column[row(i)];
    if (own_ && inside(s, was_[i], own_[i].size)) {
      slices[i] = {own_[i].data + (s.data - was_[i]), s.size, 0};
    } else {
      slices[i] = {s.data, s.size, 1};  // to be copied
      outside += s.size;
    }
  }
  char* at = taken<char>(take, outside);
  for (std::uint64_t i = 0; i < n_; ++i) {
    if (!std::exchange(slices[i].flags, 0)) continue;
    if (slices[i].size) std::memcpy(at, slices[i].data, slices[i].size);
    slices[i].data = at;
    at += slices[i].size;
  }
  return slices;
}

std::unique_ptr<pipe_batch> row_copies::made(const taker& take) {
  auto made = layer({}, n_);
  if (has_bytes_) copy_records(*made, take);
  for (const pipe_field* f : known_) made->changes.push_back({PIPE_ATTACH, f, nullptr, column(f, take)});
  settle(*made);
  for (const pipe_field* f : found_) keep_found(made.get(), f, column(f, take));
  if (!json_ || known_.size() > 1) made->lists = lists_of_parts(parts_, used_, known_).of(of_, rows_, n_, take);
  made->varied = !json_ && (fields_.differ || fields_.varied || made->lists);
  return made;
}

std::unique_ptr<pipe_batch> copied(pipe_batch* b, const std::function<void*(std::size_t)>& take) {
  auto made = row_copies(&b, {true}, nullptr, nullptr, count(b)).made(take);
  made->source = get_origin(b);
  made->begins = b->begins;
  return made;
}

namespace {

std::unique_ptr<pipe_batch> in_own_memory(row_copies all) {
  memory::arena room(all.bytes());
  auto made = all.made([&](std::size_t size) { return room.take(size); });
  made->memory_share = room.bytes();
  made->memory = memory::memory_set::of(std::move(room));
  return made;
}

// Rows of mixed batches, or of batches of both kinds.
batch_ref gather_kinds(pipe_batch* const* parts, const std::uint32_t* of, const std::uint32_t* rows, std::uint64_t n) {
  leaves below;
  std::vector<std::uint32_t> of_kind[2], rows_of_kind[2];
  std::vector<std::uint8_t> kinds;
  kinds.reserve(n);
  for (std::uint64_t i = 0; i < n; ++i) {
    const leaves::place at = below.of(parts[of[i]], rows[i]);
    const std::uint8_t k = below.all()[at.leaf]->json;
    kinds.push_back(k);
    of_kind[k].push_back(at.leaf);
    rows_of_kind[k].push_back(at.row);
  }
  const auto gathered = [&](int k) { return pipes::gather(below.all().data(), below.all().size(), of_kind[k].data(), rows_of_kind[k].data(), of_kind[k].size()); };
  return woven(gathered(1), gathered(0), kinds);
}

}  // namespace

}  // namespace detail

batch_ref copy(pipe_batch* b) {
  const std::uint64_t n = count(b);
  if (b->mixed) {
    std::vector<std::uint32_t> rows(n);
    for (std::size_t i = 0; i < n; ++i) rows[i] = static_cast<std::uint32_t>(i);
    return pipes::gather(&b, 1, std::vector<std::uint32_t>(n, 0).data(), rows.data(), n);
  }
  auto made = in_own_memory(row_copies(&b, {true}, nullptr, nullptr, n));
  made->source = get_origin(b);
  made->begins = b->begins;
  made->note = b->note;
  return batch_ref::adopt(made.release());
}

batch_ref gather(pipe_batch* const* parts, std::uint64_t part_count, const std::uint32_t* of, const std::uint32_t* rows, std::uint64_t n) {
  std::vector<bool> used(part_count, false);
  for (std::uint64_t i = 0; i < n; ++i) used[of[i]] = true;
  bool json = false, others = false;
  for (std::uint64_t p = 0; p < part_count; ++p) {
    json = json || (used[p] && (parts[p]->json || parts[p]->mixed));
    others = others || (used[p] && !parts[p]->json);
  }
  batch_ref result;
  if (json && others) {
    result = gather_kinds(parts, of, rows, n);
  } else {
    auto made = pack(parts, used, of, rows, n);
    if (!made) made = in_own_memory(row_copies(parts, used, of, rows, n));
    result = batch_ref::adopt(made.release());
  }
  result->begins = n > 0 && rows[0] == 0 && parts[of[0]]->begins;
  std::vector<std::shared_ptr<origin>> origins;
  for (std::uint64_t p = 0; p < part_count; ++p)
    if (used[p]) add_origin(parts[p], origins);
  result->source = joined(std::move(origins));
  return result;
}

}  // namespace pipes
