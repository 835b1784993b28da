// image.cpp: save and restore (spill.hpp).
//
// An image is a head, then sections, each beginning at a multiple of 8 bytes. The two classes below, saver and restorer, have a function for
// each section, in this order:
//   notes
//   text      the records, each with a line end; or a block as it is; or packed rows as they are (packed.hpp)
//   packed    of packed rows: where they begin, their fields, which form each has, the forms
//   records   of records: their sizes, and the numbers of those that lack their line end
//   columns   each with its head, its tags unless all are alike, its values, its slices as pairs of size and offset into the image (0:
//             none), and the texts that lie in no record
//   lists     of the records (record_lists.hpp), if there are any
// The image of a mixed batch (kinds.hpp) is a head, the notes, a byte for each record, 1 where it is JSON, and the images of both kinds.
#include "core/batch/batch_impl.hpp"
#include "core/batch/kinds.hpp"
#include "core/batch/spill.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace pipes {

using namespace detail;

namespace {

enum class form : std::uint32_t { block, records, fields, packed, mixed };

struct image_head {
  form what;
  std::uint8_t json, begins, unended, varied;
  std::uint32_t forms;         // how many: of packed rows,
  std::uint32_t lists;         // of records' lists,
  std::uint64_t count;
  std::uint64_t note;
  std::uint64_t notes_size;
  std::uint64_t text_size;
  std::uint32_t open_records;  // of records that lack their line end
  std::uint32_t columns;
  std::uint64_t room;          // bytes that restore() needs beside the image; mixed: size of the second image
};
static_assert(sizeof(image_head) == 64);

struct column_head {
  const pipe_field* field;
  std::uint32_t all;
  std::uint8_t values, slices;
  std::uint8_t found;  // read from the texts: no field that was made
  std::uint8_t reserved;
};
static_assert(sizeof(column_head) == 16);

struct saved_slice {
  std::uint32_t size;
  std::uint32_t at;
};

constexpr std::size_t padded(std::size_t n) { return (n + 7) & ~std::size_t{7}; }

void pad(memory::text_buffer& to) {
  static const char zeros[8] = {};
  to.append(zeros, padded(to.size()) - to.size());
}

template <class T>
void append_array(memory::text_buffer& to, const T* from, std::uint64_t n) {
  to.append(reinterpret_cast<const char*>(from), n * sizeof(T));
}

// Reads an image section by section.
class reader {
 public:
  explicit reader(const char* image) : image_(image), at_(image) {}
  template <class T>
  const T* next(std::size_t n) {
    const T* here = reinterpret_cast<const T*>(at_);
    at_ += padded(n * sizeof(T));
    return here;
  }
  template <class T>
  const T* peek() const { return reinterpret_cast<const T*>(at_); }
  void skip_to(std::size_t offset) { at_ = image_ + offset; }
  const char* image() const { return image_; }

 private:
  const char* const image_;
  const char* at_;
};

// Hands out the chunk that restore() takes beside the image.
class room {
 public:
  explicit room(memory::chunk* c) : at_(c->begin()) {}
  template <class T>
  T* take(std::size_t n) {
    T* here = reinterpret_cast<T*>(at_);
    at_ += padded(n * sizeof(T));
    return here;
  }

 private:
  char* at_;
};

void save_mixed(pipe_batch* b, std::string_view notes, memory::text_buffer& to) {
  const of_two_kinds two(b, nullptr, b->count);
  memory::text_buffer json, others;
  save(two.json.get(), {}, json);
  save(two.others.get(), {}, others);
  pad(json);
  image_head head{};
  head.what = form::mixed;
  head.begins = b->begins;
  head.count = b->count;
  head.note = b->note;
  head.notes_size = notes.size();
  head.text_size = json.size();
  head.room = others.size();
  append_array(to, &head, 1);
  to.append(notes);
  pad(to);
  append_array(to, two.is_json.data(), two.is_json.size());
  pad(to);
  to.append(json.data(), json.size());
  to.append(others.data(), others.size());
  if (to.size() > std::numeric_limits<std::uint32_t>::max()) throw std::length_error("a batch of 4 GiB or more cannot be set aside on disk");
}

restored restore_mixed(memory::chunk* image, std::size_t offset, const image_head& head, std::string_view notes, reader from) {
  const auto* const kinds = from.next<std::uint8_t>(head.count);
  const std::size_t json_at = offset + static_cast<std::size_t>(from.next<char>(head.text_size) - from.image());
  const batch_ref made = woven(restore(image, json_at, head.text_size).batch, restore(image, json_at + head.text_size, head.room).batch, {kinds, kinds + head.count});
  made->begins = head.begins != 0;
  made->note = head.note;
  return {made, notes};
}

// Makes the image of a batch that is not mixed; null: of notes alone.
class saver {
 public:
  saver(pipe_batch* b, memory::text_buffer& to) : b_(b), to_(to) {}

  void save(std::string_view notes) {
    choose_form();
    head_.notes_size = notes.size();
    append_array(to_, &head_, 1);        // once more at the end, when it is known
    to_.append(notes);
    pad(to_);
    save_text();
    if (head_.what == form::packed) save_packed(*b_->packed);
    if (records_) save_records();
    list_fields();
    for (std::size_t k = 0; k < fields_.size(); ++k) save_column(fields_[k], k >= attached_);
    save_lists();
    if (to_.size() > std::numeric_limits<std::uint32_t>::max()) throw std::length_error("a batch of 4 GiB or more cannot be set aside on disk");
    std::memcpy(const_cast<char*>(to_.data()), &head_, sizeof head_);
  }

 private:
  void choose_form() {
    head_.what = form::block;
    if (!b_) return;
    head_.note = b_->note;
    head_.json = b_->json;
    head_.begins = b_->begins;
    head_.varied = b_->has_fields && is_varied(b_);
    if (!b_->has_fields && block(b_, text_)) {
      if (b_->kind == kind::block) head_.unended = b_->unended;
      else if (b_->count) head_.unended = (record_array(b_)[b_->count - 1].flags & slice_unended) != 0;
      return;
    }
    head_.what = b_->packed ? form::packed : is_unrendered(b_) ? form::fields : form::records;
    head_.count = n_ = count(b_);
    if (head_.what == form::records) records_ = record_array(b_);
    if (head_.what == form::packed) text_ = {b_->packed->bytes, b_->packed->begins[n_]};
  }

  void save_text() {
    text_at_ = to_.size();
    if (records_) {
      std::size_t bytes = 0;
      for (std::uint64_t i = 0; i < n_; ++i) bytes += records_[i].size + std::size_t{1};
      char* p = to_.room(bytes);
      for (std::uint64_t i = 0; i < n_; ++i) {
        if (records_[i].size) std::memcpy(p, records_[i].data, records_[i].size);
        p += records_[i].size;
        *p++ = '\n';
      }
      to_.advance(bytes);
    } else {
      to_.append(text_);
    }
    head_.text_size = to_.size() - text_at_;
    pad(to_);
  }

  void save_packed(const packed_rows& p) {
    head_.forms = static_cast<std::uint32_t>(p.forms.size());
    head_.columns = static_cast<std::uint32_t>(p.fields.size());
    append_array(to_, p.begins, n_ + 1);
    pad(to_);
    append_array(to_, p.fields.data(), p.fields.size());
    if (p.of) append_array(to_, p.of, n_);
    pad(to_);
    for (const packed_rows::form& f : p.forms) {
      const auto fields = static_cast<std::uint32_t>(f.has.size());
      append_array(to_, &fields, 1);
      append_array(to_, f.has.data(), f.has.size());
      pad(to_);
    }
  }

  void save_records() {
    auto* sizes = reinterpret_cast<std::uint32_t*>(to_.room(n_ * sizeof(std::uint32_t)));
    for (std::uint64_t i = 0; i < n_; ++i) sizes[i] = records_[i].size;
    to_.advance(n_ * sizeof(std::uint32_t));
    pad(to_);
    for (std::uint64_t i = 0; i < n_; ++i) {
      if (!(records_[i].flags & slice_unended)) continue;
      const auto row = static_cast<std::uint32_t>(i);
      append_array(to_, &row, 1);
      ++head_.open_records;
    }
    pad(to_);
    head_.room += padded(n_ * sizeof(pipe_slice));
  }

  void list_fields() {
    if (!b_ || (head_.what != form::records && head_.what != form::fields)) return;
    if (b_->json) {
      known_fields(b_, fields_);
      attached_ = fields_.size();
      found_fields(b_, fields_);
    } else {
      fields_ = field_list(b_).list;
      attached_ = fields_.size();
    }
    head_.columns = static_cast<std::uint32_t>(fields_.size());
  }

  void save_column(const pipe_field* f, bool found) {
    const pipe_column& c = *column_of(b_, f, !b_->json);
    column_head h{f, c.all, c.values != nullptr && n_ > 0, c.slices != nullptr && n_ > 0, found, 0};
    append_array(to_, &h, 1);
    if (c.all == PIPE_MIXED) append_array(to_, c.tags, n_);
    else head_.room += padded(n_ ? n_ : 1);
    pad(to_);
    if (h.values) append_array(to_, c.values, n_);
    if (h.slices) save_slices(c);
  }

  void save_slices(const pipe_column& c) {
    head_.room += padded(n_ * sizeof(pipe_slice));
    if (records_ && record_at_.empty()) {
      std::size_t at = text_at_;
      for (std::uint64_t i = 0; i < n_; ++i) {
        record_at_.push_back(static_cast<std::uint32_t>(at));
        at += records_[i].size + std::size_t{1};
      }
    }
    const std::size_t slices_at = to_.size();
    to_.room(n_ * sizeof(saved_slice));
    to_.advance(n_ * sizeof(saved_slice));
    for (std::uint64_t i = 0; i < n_; ++i) {
      const pipe_slice& s = c.slices[i];
      saved_slice made{0, 0};
      if (s.data && c.tags[i] != PIPE_MISSING) {
        made.size = s.size;
        if (records_ && inside(s, records_[i].data, records_[i].size)) {
          made.at = record_at_[i] + static_cast<std::uint32_t>(s.data - records_[i].data);
        } else {
          made.at = static_cast<std::uint32_t>(to_.size());
          to_.append(s.data, s.size);
        }
      }
      std::memcpy(const_cast<char*>(to_.data()) + slices_at + i * sizeof made, &made, sizeof made);
    }
    pad(to_);
  }

  void save_lists() {
    const record_lists* lists = b_ && (head_.what == form::packed || !fields_.empty()) ? b_->lists.get() : nullptr;
    memory::arena room(0);
    std::unique_ptr<record_lists> of_layers;  // of a batch that has not been gathered
    if (!lists && !fields_.empty() && (b_->json ? attached_ > 1 : lists_differ(b_))) {
      of_layers = lists_of_parts(&b_, {true}, fields_).of(nullptr, nullptr, n_, [&](std::size_t size) { return room.take(size); });
      lists = of_layers.get();
      head_.varied = !b_->json && (lists != nullptr || is_varied(b_));
    }
    if (!lists) return;
    head_.lists = static_cast<std::uint32_t>(lists->lists.size());
    if (head_.lists > 1) append_array(to_, lists->of, n_);
    pad(to_);
    for (const record_list& l : lists->lists) {
      const std::uint32_t sizes[] = {l.size, static_cast<std::uint32_t>(l.in_order.size())};
      append_array(to_, sizes, 2);
      append_array(to_, l.in_order.data(), l.in_order.size());
      pad(to_);
    }
  }

  pipe_batch* const b_;
  memory::text_buffer& to_;
  image_head head_{};
  std::uint64_t n_ = 0;
  std::string_view text_;                  // of a block, of packed rows
  const pipe_slice* records_ = nullptr;    // else, unless they are unrendered
  std::size_t text_at_ = 0;                // where the text lies in the image,
  std::vector<std::uint32_t> record_at_;   // and each record; made when it is needed
  std::vector<const pipe_field*> fields_;
  std::size_t attached_ = 0;               // so many of these are attached or set; the others are found
};

// Makes the batch of an image that is not mixed.
class restorer {
 public:
  restorer(memory::chunk* image, const image_head& head, reader from) : image_(image), head_(head), n_(head.count), from_(from) {}
  ~restorer() {
    if (more_) memory::chunk_drop(more_);
  }
  restorer(const restorer&) = delete;
  restorer& operator=(const restorer&) = delete;

  batch_ref restored(std::size_t size) {
    const char* const text = from_.next<char>(head_.text_size);
    switch (head_.what) {
      case form::block: restore_block(text); break;
      case form::packed: restore_packed(text); break;
      default: restore_columns(text); break;
    }
    if (head_.lists) restore_lists();
    made_->begins = head_.begins != 0;
    made_->varied = head_.varied != 0;
    made_->note = head_.note;
    std::vector<memory::chunk*> chunks{image_};
    if (more_) chunks.push_back(more_);
    made_->memory = memory::memory_set::of(chunks);
    made_->memory_share = size + (more_ ? more_->capacity : 0);
    return batch_ref::adopt(made_.release());
  }

 private:
  void restore_block(const char* text) {
    made_->kind = kind::block;
    made_->text = text;
    made_->text_size = head_.text_size;
    made_->unended = head_.unended != 0;
  }

  void restore_packed(const char* text) {
    auto packed = std::make_unique<packed_rows>();
    packed->bytes = text;
    packed->begins = from_.next<std::uint32_t>(n_ + 1);
    const auto* names = from_.next<const pipe_field*>(head_.columns);
    packed->fields.assign(names, names + head_.columns);
    if (head_.forms > 1) packed->of = from_.next<std::uint32_t>(n_);
    for (std::uint32_t f = 0; f < head_.forms; ++f) {
      const std::uint32_t* const fields = from_.peek<std::uint32_t>();
      const auto* has = from_.next<std::uint32_t>(*fields + std::size_t{1}) + 1;
      packed->forms.emplace_back(std::vector<std::uint32_t>(has, has + *fields));
    }
    made_->count = n_;
    made_->packed = std::move(packed);
    settle(*made_);
  }

  void restore_columns(const char* text) {
    more_ = memory::chunk_new(head_.room + 8);
    room to(more_);
    made_->count = n_;
    if (head_.what == form::records) restore_records(text, to);
    std::vector<std::pair<const pipe_field*, pipe_column>> found;
    for (std::uint32_t k = 0; k < head_.columns; ++k) {
      const column_head& h = *from_.next<column_head>(1);
      const pipe_column c = restored_column(h, to);
      if (h.found) found.emplace_back(h.field, c);
      else made_->changes.push_back({PIPE_ATTACH, h.field, nullptr, c});
    }
    settle(*made_);
    for (const auto& [f, c] : found) keep_found(made_.get(), f, c);
  }

  void restore_records(const char* text, room& to) {
    const auto* sizes = from_.next<std::uint32_t>(n_);
    const auto* open = from_.next<std::uint32_t>(head_.open_records);
    auto* own = to.take<pipe_slice>(n_);
    for (std::uint64_t i = 0; i < n_; ++i) {
      own[i] = {text, sizes[i], PIPE_SLICE_NEWLINE};
      text += sizes[i] + std::size_t{1};
    }
    for (std::uint32_t i = 0; i < head_.open_records; ++i) own[open[i]].flags = slice_unended;
    made_->own = own;
    made_->json_here = head_.json != 0;
  }

  pipe_column restored_column(const column_head& h, room& to) {
    pipe_column c{sizeof(pipe_column), h.all, n_, nullptr, nullptr, nullptr};
    if (h.all == PIPE_MIXED) {
      c.tags = from_.next<std::uint8_t>(n_);
    } else {
      auto* tags = to.take<std::uint8_t>(n_ ? n_ : 1);
      std::memset(tags, static_cast<int>(h.all), n_);
      c.tags = tags;
    }
    if (h.values) c.values = from_.next<std::uint64_t>(n_);
    if (!h.slices) return c;
    const auto* saved = from_.next<saved_slice>(n_);
    auto* slices = to.take<pipe_slice>(n_);
    std::size_t end = static_cast<std::size_t>(reinterpret_cast<const char*>(saved + n_) - from_.image());   // of texts that lie in no record
    for (std::uint64_t i = 0; i < n_; ++i) {
      slices[i] = saved[i].at ? pipe_slice{from_.image() + saved[i].at, saved[i].size, 0} : pipe_slice{};
      if (saved[i].at >= end) end = saved[i].at + std::size_t{saved[i].size};
    }
    from_.skip_to(padded(end));
    c.slices = slices;
    return c;
  }

  void restore_lists() {
    auto lists = std::make_unique<record_lists>();
    if (head_.lists > 1) lists->of = from_.next<std::uint32_t>(n_);
    for (std::uint32_t l = 0; l < head_.lists; ++l) {
      const auto* sizes = from_.next<std::uint32_t>(2);
      const auto* in_order = from_.next<std::uint32_t>(sizes[1]);
      lists->lists.push_back({sizes[0], {in_order, in_order + sizes[1]}});
    }
    made_->lists = std::move(lists);
  }

  memory::chunk* const image_;
  memory::chunk* more_ = nullptr;          // for arrays that the image has not got
  const image_head& head_;
  const std::uint64_t n_;
  reader from_;
  std::unique_ptr<pipe_batch> made_ = std::make_unique<pipe_batch>();
};

}  // namespace

void save(pipe_batch* b, std::string_view notes, memory::text_buffer& to) {
  to.clear();
  if (b && b->mixed) save_mixed(b, notes, to);
  else saver(b, to).save(notes);
}

restored restore(memory::chunk* image) {
  struct holder {
    memory::chunk* chunk;
    ~holder() { memory::chunk_drop(chunk); }
  } held{image};
  return restore(image, 0, image->capacity);
}

restored restore(memory::chunk* image, std::size_t offset, std::size_t size) {
  reader from(image->begin() + offset);
  const image_head& head = *from.next<image_head>(1);
  const std::string_view notes(from.next<char>(head.notes_size), head.notes_size);
  if (head.what == form::mixed) return restore_mixed(image, offset, head, notes, from);
  return {restorer(image, head, from).restored(size), notes};
}

}  // namespace pipes
