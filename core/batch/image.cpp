// image.cpp: save and restore (spill.hpp).
//
// An image is a head, then sections, each beginning at a multiple of 8 bytes: the notes; the text; where there are records, their
// sizes and the numbers of those that lack their line end; then column by column its head, its tags unless all are alike, its
// values, its slices as pairs of size and offset into the image (0: none), and the texts that lie in no record. Packed rows (packed.hpp)
// are the text as they are; behind it where they begin, the names of their fields, and their forms. At the end stand the records' lists,
// if there are any (record_lists.hpp). Of a mixed batch (kinds.hpp) there is a byte for each record, 1 where it is JSON, and the images of
// both kinds.
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
  std::uint32_t forms;         // of packed rows
  std::uint32_t lists;         // records' lists
  std::uint64_t count;
  std::uint64_t note;
  std::uint64_t notes_size;
  std::uint64_t text_size;
  std::uint32_t open_records;  // that lack their line end
  std::uint32_t columns;
  std::uint64_t room;          // that restore() needs beside the image
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

}  // namespace

void save(pipe_batch* b, std::string_view notes, memory::text_buffer& to) {
  to.clear();
  if (b && b->mixed) return save_mixed(b, notes, to);
  image_head head{};
  head.notes_size = notes.size();
  std::string_view text;
  const pipe_slice* r = nullptr;
  std::uint64_t n = 0;
  if (b) {
    head.note = b->note;
    head.json = b->json;
    head.begins = b->begins;
    head.varied = b->has_fields && is_varied(b);
  }
  if (!b) {
    head.what = form::block;
  } else if (!b->has_fields && block(b, text)) {
    head.what = form::block;
    if (b->kind == kind::block) head.unended = b->unended;
    else if (b->count) head.unended = (record_array(b)[b->count - 1].flags & slice_unended) != 0;
  } else {
    head.what = b->packed ? form::packed : is_unrendered(b) ? form::fields : form::records;
    head.count = n = count(b);
    if (head.what == form::records) r = record_array(b);
  }
  if (head.what == form::packed) {
    const packed_rows& p = *b->packed;
    head.forms = static_cast<std::uint32_t>(p.forms.size());
    head.columns = static_cast<std::uint32_t>(p.fields.size());
    text = {p.bytes, p.begins[n]};
  }
  to.append(reinterpret_cast<const char*>(&head), sizeof head);
  to.append(notes);
  pad(to);
  const std::size_t text_at = to.size();
  if (r) {
    std::size_t bytes = 0;
    for (std::uint64_t i = 0; i < n; ++i) bytes += r[i].size + std::size_t{1};
    char* p = to.room(bytes);
    for (std::uint64_t i = 0; i < n; ++i) {
      if (r[i].size) std::memcpy(p, r[i].data, r[i].size);
      p += r[i].size;
      *p++ = '\n';
    }
    to.advance(bytes);
  } else {
    to.append(text);
  }
  head.text_size = to.size() - text_at;
  pad(to);
  if (head.what == form::packed) {
    const packed_rows& p = *b->packed;
    append_array(to, p.begins, n + 1);
    pad(to);
    append_array(to, p.fields.data(), p.fields.size());
    if (p.of) append_array(to, p.of, n);
    pad(to);
    for (const packed_rows::form& f : p.forms) {
      const auto fields = static_cast<std::uint32_t>(f.has.size());
      append_array(to, &fields, 1);
      append_array(to, f.has.data(), f.has.size());
      pad(to);
    }
  }
  if (r) {
    auto* sizes = reinterpret_cast<std::uint32_t*>(to.room(n * sizeof(std::uint32_t)));
    for (std::uint64_t i = 0; i < n; ++i) sizes[i] = r[i].size;
    to.advance(n * sizeof(std::uint32_t));
    pad(to);
    for (std::uint64_t i = 0; i < n; ++i) {
      if (!(r[i].flags & slice_unended)) continue;
      const auto row = static_cast<std::uint32_t>(i);
      append_array(to, &row, 1);
      ++head.open_records;
    }
    pad(to);
    head.room += padded(n * sizeof(pipe_slice));
  }
  std::vector<const pipe_field*> known;
  std::size_t attached = 0;  // so many of these; the others are found
  if (b && (head.what == form::records || head.what == form::fields)) {
    if (b->json) {
      known_fields(b, known);
      attached = known.size();
      found_fields(b, known);
    } else {
      known = field_list(b).list;
      attached = known.size();
    }
    head.columns = static_cast<std::uint32_t>(known.size());
  }
  std::vector<std::uint32_t> record_at;  // offsets of the records in the image
  for (std::size_t k = 0; k < known.size(); ++k) {
    const pipe_field* const f = known[k];
    const pipe_column& c = *column_of(b, f, !b->json);
    column_head h{f, c.all, c.values != nullptr && n > 0, c.slices != nullptr && n > 0, k >= attached, 0};
    append_array(to, &h, 1);
    if (c.all == PIPE_MIXED) append_array(to, c.tags, n);
    else head.room += padded(n ? n : 1);
    pad(to);
    if (h.values) append_array(to, c.values, n);
    if (h.slices) {
      head.room += padded(n * sizeof(pipe_slice));
      if (r && record_at.empty()) {
        std::size_t at = text_at;
        for (std::uint64_t i = 0; i < n; ++i) {
          record_at.push_back(static_cast<std::uint32_t>(at));
          at += r[i].size + std::size_t{1};
        }
      }
      const std::size_t slices_at = to.size();
      to.room(n * sizeof(saved_slice));
      to.advance(n * sizeof(saved_slice));
      for (std::uint64_t i = 0; i < n; ++i) {
        const pipe_slice& s = c.slices[i];
        saved_slice made{0, 0};
        if (s.data && c.tags[i] != PIPE_MISSING) {
          made.size = s.size;
          if (r && inside(s, r[i].data, r[i].size)) {
            made.at = record_at[i] + static_cast<std::uint32_t>(s.data - r[i].data);
          } else {
            made.at = static_cast<std::uint32_t>(to.size());
            to.append(s.data, s.size);
          }
        }
        std::memcpy(const_cast<char*>(to.data()) + slices_at + i * sizeof made, &made, sizeof made);
      }
      pad(to);
    }
  }
  const record_lists* lists = b && (head.what == form::packed || !known.empty()) ? b->lists.get() : nullptr;
  memory::arena lists_room(0);
  std::unique_ptr<record_lists> of_layers;  // of a batch that has not been gathered
  if (!lists && !known.empty() && (b->json ? attached > 1 : lists_differ(b))) {
    of_layers = lists_of_parts(&b, {true}, known).of(nullptr, nullptr, n, [&](std::size_t size) { return lists_room.take(size); });
    lists = of_layers.get();
    head.varied = !b->json && (lists != nullptr || is_varied(b));
  }
  if (lists) {
    head.lists = static_cast<std::uint32_t>(lists->lists.size());
    if (head.lists > 1) append_array(to, lists->of, n);
    pad(to);
    for (const record_list& l : lists->lists) {
      const std::uint32_t sizes[] = {l.size, static_cast<std::uint32_t>(l.in_order.size())};
      append_array(to, sizes, 2);
      append_array(to, l.in_order.data(), l.in_order.size());
      pad(to);
    }
  }
  if (to.size() > std::numeric_limits<std::uint32_t>::max()) throw std::length_error("a batch of 4 GiB or more cannot be set aside on disk");
  std::memcpy(const_cast<char*>(to.data()), &head, sizeof head);
}

restored restore(memory::chunk* image) {
  struct holder {
    memory::chunk* chunk;
    ~holder() { memory::chunk_drop(chunk); }
  } held{image};
  return restore(image, 0, image->capacity);
}

restored restore(memory::chunk* image, std::size_t offset, std::size_t size) {
  struct holder {
    memory::chunk* chunk;
    ~holder() { if (chunk) memory::chunk_drop(chunk); }
  } more{nullptr};
  reader from(image->begin() + offset);
  const image_head& head = *from.next<image_head>(1);
  const std::uint64_t n = head.count;
  const std::string_view notes(from.next<char>(head.notes_size), head.notes_size);
  if (head.what == form::mixed) return restore_mixed(image, offset, head, notes, from);
  const char* const text = from.next<char>(head.text_size);
  auto made = std::make_unique<pipe_batch>();
  std::vector<memory::chunk*> chunks{image};
  std::size_t bytes = size;
  if (head.what == form::block) {
    made->kind = kind::block;
    made->text = text;
    made->text_size = head.text_size;
    made->unended = head.unended != 0;
  } else if (head.what == form::packed) {
    auto packed = std::make_unique<packed_rows>();
    packed->bytes = text;
    packed->begins = from.next<std::uint32_t>(n + 1);
    const auto* names = from.next<const pipe_field*>(head.columns);
    packed->fields.assign(names, names + head.columns);
    if (head.forms > 1) packed->of = from.next<std::uint32_t>(n);
    for (std::uint32_t f = 0; f < head.forms; ++f) {
      const std::uint32_t* const fields = from.peek<std::uint32_t>();
      const auto* has = from.next<std::uint32_t>(*fields + std::size_t{1}) + 1;
      packed->forms.emplace_back(std::vector<std::uint32_t>(has, has + *fields));
    }
    made->count = n;
    made->packed = std::move(packed);
    settle(*made);
  } else {
    more.chunk = memory::chunk_new(head.room + 8);
    chunks.push_back(more.chunk);
    bytes += more.chunk->capacity;
    room to(more.chunk);
    made->count = n;
    if (head.what == form::records) {
      const auto* sizes = from.next<std::uint32_t>(n);
      const auto* open = from.next<std::uint32_t>(head.open_records);
      auto* own = to.take<pipe_slice>(n);
      const char* p = text;
      for (std::uint64_t i = 0; i < n; ++i) {
        own[i] = {p, sizes[i], PIPE_SLICE_NEWLINE};
        p += sizes[i] + std::size_t{1};
      }
      for (std::uint32_t i = 0; i < head.open_records; ++i) own[open[i]].flags = slice_unended;
      made->own = own;
      made->json_here = head.json != 0;
    }
    std::vector<std::pair<const pipe_field*, pipe_column>> found;
    for (std::uint32_t k = 0; k < head.columns; ++k) {
      const column_head& h = *from.next<column_head>(1);
      pipe_column c{sizeof(pipe_column), h.all, n, nullptr, nullptr, nullptr};
      if (h.all == PIPE_MIXED) {
        c.tags = from.next<std::uint8_t>(n);
      } else {
        auto* tags = to.take<std::uint8_t>(n ? n : 1);
        std::memset(tags, static_cast<int>(h.all), n);
        c.tags = tags;
      }
      if (h.values) c.values = from.next<std::uint64_t>(n);
      if (h.slices) {
        const auto* saved = from.next<saved_slice>(n);
        auto* slices = to.take<pipe_slice>(n);
        std::size_t end = static_cast<std::size_t>(reinterpret_cast<const char*>(saved + n) - from.image());
        for (std::uint64_t i = 0; i < n; ++i) {
          slices[i] = saved[i].at ? pipe_slice{from.image() + saved[i].at, saved[i].size, 0} : pipe_slice{};
          if (saved[i].at >= end) end = saved[i].at + std::size_t{saved[i].size};
        }
        from.skip_to(padded(end));
        c.slices = slices;
      }
      if (h.found) found.emplace_back(h.field, c);
      else made->changes.push_back({PIPE_ATTACH, h.field, nullptr, c});
    }
    settle(*made);
    for (const auto& [f, c] : found) keep_found(made.get(), f, c);
  }
  if (head.lists) {
    auto lists = std::make_unique<record_lists>();
    if (head.lists > 1) lists->of = from.next<std::uint32_t>(n);
    for (std::uint32_t l = 0; l < head.lists; ++l) {
      const auto* sizes = from.next<std::uint32_t>(2);
      const auto* in_order = from.next<std::uint32_t>(sizes[1]);
      lists->lists.push_back({sizes[0], {in_order, in_order + sizes[1]}});
    }
    made->lists = std::move(lists);
  }
  made->begins = head.begins != 0;
  made->varied = head.varied != 0;
  made->note = head.note;
  made->memory = memory::memory_set::of(chunks);
  made->memory_share = bytes;
  return {batch_ref::adopt(made.release()), notes};
}

}  // namespace pipes
