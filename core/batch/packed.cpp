// packed.cpp: packing rows (packer), and making records and columns of them; the layout is in packed.hpp.
#include "core/batch/packed.hpp"
#include "core/batch/batch_impl.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

namespace pipes::detail {
namespace {

using place = packed_rows::place;
constexpr std::size_t largest_row = 0xfff0;  // places are 16 bits wide, and 0xffff says that there is none
constexpr place no_place{0xffff, 0};

// A batch that rows come from: it is packed, or a selection of one that is, or has arrays.
struct source {
  pipe_batch* part = nullptr;
  pipe_batch* root = nullptr;               // the part itself, or what it is a selection of
  std::vector<std::uint32_t> forms;         // the number here of each of its forms; with arrays there is one
  const packed_rows* packed = nullptr;      // of the root
  const pipe_slice* records = nullptr;      // with arrays: these,
  std::vector<const pipe_column*> columns;  // and those that have a value
  std::uint32_t row_of(std::uint32_t row) const {  // in `root`
    std::uint64_t at = row;
    for (const pipe_batch* b = part; b != root; b = b->parent.get()) at = b->row(at);
    return static_cast<std::uint32_t>(at);
  }
};

bool packs(const pipe_column& c) {
  if (c.all == PIPE_WORD || c.all == PIPE_MISSING) return true;
  return c.all == PIPE_MIXED && std::all_of(c.tags, c.tags + c.count, [](std::uint8_t tag) { return tag == PIPE_WORD || tag == PIPE_MISSING; });
}

class packer {
 public:
  packer(pipe_batch* const* parts, const std::vector<bool>& used, std::vector<const pipe_field*> fields, const std::uint32_t* of, const std::uint32_t* rows, std::uint64_t n)
      : of_(of), rows_(rows), n_(n), sources_(used.size()), fields_(std::move(fields)), lists_(parts, used, fields_) {
    for (std::size_t p = 0; p < used.size() && fits_; ++p)
      if (used[p]) fits_ = take(sources_[p], parts[p]);
  }

  std::unique_ptr<pipe_batch> made() {
    if (!fits_) return nullptr;
    const bool alike = forms_.size() == 1;
    memory::arena memory((n_ + 1) * sizeof(std::uint32_t) + (alike ? 0 : n_ * sizeof(std::uint32_t)));
    auto* const begins = memory.array<std::uint32_t>(n_ + 1);
    auto* const forms = alike ? nullptr : memory.array<std::uint32_t>(n_);
    std::size_t bytes = 0;
    for (std::uint64_t i = 0; i < n_; ++i) {
      if (i + rows_ahead < n_) fetch_row(i + rows_ahead);
      const std::size_t size = size_of(i);
      if (size > largest_row || bytes > std::numeric_limits<std::uint32_t>::max() - size) return nullptr;
      if (forms) forms[i] = form_of(i);
      begins[i] = static_cast<std::uint32_t>(bytes);
      bytes += size;
    }
    begins[n_] = static_cast<std::uint32_t>(bytes);
    char* const to = memory.array<char>(bytes);
    for (std::uint64_t i = 0; i < n_; ++i) copy(i, to + begins[i]);
    auto made = layer({}, n_);
    made->lists = lists_.of(of_, rows_, n_, [&](std::size_t size) { return memory.take(size); });
    made->packed = std::make_unique<packed_rows>(packed_rows{fields_, std::move(forms_), forms, to, begins});
    made->memory_share = memory.bytes();
    made->memory = memory::memory_set::of(std::move(memory));
    settle(*made);
    return made;
  }

 private:
  bool take(source& s, pipe_batch* b) {
    s.part = s.root = b;
    while (!s.root->packed && s.root->selects_only()) s.root = s.root->parent.get();
    if (s.root->packed) {
      s.packed = s.root->packed.get();
      const packed_rows& from = *s.packed;
      const bool same = from.fields == fields_;
      s.forms.reserve(from.forms.size());
      for (const packed_rows::form& f : from.forms) {
        if (same) {
          s.forms.push_back(form(f.has));
          continue;
        }
        numbers_.clear();
        for (const std::uint32_t number : f.has) numbers_.push_back(number_of(from.fields[number], number));
        s.forms.push_back(form(numbers_));
      }
      return true;
    }
    if (b->json || b->dirty) return false;
    numbers_.clear();
    std::uint32_t at = 0;
    for (const pipe_field* f : field_list(b).list) {
      const std::uint32_t number = number_of(f, at++);
      const pipe_column* const c = column_of(b, f, true);
      if (!packs(*c)) return false;
      if (c->all == PIPE_MISSING) continue;
      s.columns.push_back(c);
      numbers_.push_back(number);
    }
    s.forms.push_back(form(numbers_));
    s.records = record_array(b);
    return forms_[s.forms[0]].head() < largest_row;
  }
  // A field's number here; mostly that which it had where it comes from.
  std::uint32_t number_of(const pipe_field* f, std::uint32_t guess) {
    if (guess < fields_.size() && fields_[guess] == f) return guess;
    if (!index_) {
      index_.emplace(fields_.size());
      for (std::size_t i = 0; i < fields_.size(); ++i) index_->put(fields_[i], static_cast<std::uint32_t>(i));
    }
    return index_->at(f);
  }
  std::uint32_t form(const std::vector<std::uint32_t>& numbers) {
    if (!forms_.empty() && forms_[last_].has == numbers) return last_;  // mostly all are alike
    const auto [at, fresh] = known_.emplace(numbers, static_cast<std::uint32_t>(forms_.size()));
    if (fresh) forms_.emplace_back(numbers);
    return last_ = at->second;
  }
  std::uint32_t form_of(std::uint64_t i) const {
    const source& s = sources_[of_[i]];
    return s.forms[s.packed ? s.packed->number_of_form(s.row_of(rows_[i])) : 0];
  }
  void fetch_row(std::uint64_t i) const {
    const source& s = sources_[of_[i]];
    if (s.packed) fetch(s.packed->begins + s.row_of(rows_[i]));
    else fetch(s.records + rows_[i]);
  }
  std::size_t size_of(std::uint64_t i) const {
    const source& s = sources_[of_[i]];
    const std::uint32_t row = rows_[i];
    if (s.packed) {
      const packed_rows& from = *s.packed;
      const std::uint32_t there = s.row_of(row);
      fetch(from.row(there));
      return from.begins[there + 1] - from.begins[there];
    }
    const pipe_slice& r = s.records[row];
    std::size_t size = forms_[s.forms[0]].head() + r.size + 1;
    for (const pipe_column* c : s.columns)
      if (c->slices[row].data && !inside(c->slices[row], r.data, r.size)) size += c->slices[row].size;
    return size;
  }
  void copy(std::uint64_t i, char* to) const {
    const source& s = sources_[of_[i]];
    const std::uint32_t row = rows_[i];
    if (s.packed) {
      const packed_rows& from = *s.packed;
      const std::uint32_t there = s.row_of(row);
      std::memcpy(to, from.row(there), from.begins[there + 1] - from.begins[there]);
      return;
    }
    const pipe_slice& r = s.records[row];
    const auto size = static_cast<std::uint16_t>(r.size);
    char* const record = to + sizeof size + s.columns.size() * sizeof(place);
    std::memcpy(to, &size, sizeof size);
    if (r.size) std::memcpy(record, r.data, r.size);
    record[r.size] = r.flags & slice_unended ? '\0' : '\n';
    char* more = record + r.size + 1;
    char* places = to + sizeof size;
    for (const pipe_column* c : s.columns) {
      place at = no_place;
      if (c->tags[row] != PIPE_MISSING) {
        const pipe_slice text = c->slices[row].data ? c->slices[row] : pipe_slice{r.data, 0, 0};
        at.size = static_cast<std::uint16_t>(text.size);
        if (inside(text, r.data, r.size)) {
          at.at = static_cast<std::uint16_t>(text.data - r.data);
        } else {
          at.at = static_cast<std::uint16_t>(more - record);
          if (text.size) std::memcpy(more, text.data, text.size);
          more += text.size;
        }
      }
      std::memcpy(places, &at, sizeof at);
      places += sizeof at;
    }
  }

  const std::uint32_t* const of_;
  const std::uint32_t* const rows_;
  const std::uint64_t n_;
  std::vector<source> sources_;
  const std::vector<const pipe_field*> fields_;
  lists_of_parts lists_;
  std::optional<field_index> index_;
  std::vector<packed_rows::form> forms_;
  std::map<std::vector<std::uint32_t>, std::uint32_t> known_;  // the forms' numbers
  std::uint32_t last_ = 0;                                      // the form that was asked for last
  std::vector<std::uint32_t> numbers_;                          // scratch
  bool fits_ = true;
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
  if (made) made->varied = all.differ || all.varied || made->lists;
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
  const std::uint32_t number = place_of(&b, f);
  if (number == field_index::none) return false;
  std::vector<std::size_t> places;  // of the field, in each form
  bool any = false;
  for (const packed_rows::form& of : from.forms) {
    places.push_back(of.place_of(number));
    any = any || places.back() != packed_rows::form::none;
  }
  if (!any) return false;
  auto* tags = to.memory.array<std::uint8_t>(b.count ? b.count : 1);
  auto* slices = to.memory.array<pipe_slice>(b.count ? b.count : 1);
  std::uint64_t there = 0;
  const auto put = [&](std::uint64_t i, place p, std::size_t head) {
    const bool has = !p.missing();
    slices[i] = {has ? from.row(i) + head + p.at : nullptr, p.size, 0};
    tags[i] = has ? PIPE_WORD : PIPE_MISSING;
    there += has;
  };
  if (from.of) {
    for (std::uint64_t i = 0; i < b.count; ++i) {
      const std::size_t form = from.of[i];
      put(i, places[form] == packed_rows::form::none ? no_place : from.at_place(i, places[form]), from.forms[form].head());
    }
  } else {
    const std::size_t at = places[0], head = from.forms[0].head();
    for (std::uint64_t i = 0; i < b.count; ++i) put(i, from.at_place(i, at), head);
  }
  to.column = {sizeof(pipe_column), there == b.count ? PIPE_WORD : there ? PIPE_MIXED : PIPE_MISSING, b.count, tags, nullptr, slices};
  return true;
}

}  // namespace pipes::detail
