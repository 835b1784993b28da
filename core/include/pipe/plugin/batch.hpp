// pipe/plugin/batch.hpp: records, columns, batches, as a plugin reads them. Part of pipe/plugin.hpp; C++17.
//
// Nothing here parks. Views (record, column, string_view) live as long as the batch they come from. A batch is immutable and
// may be read from several fibers.
#ifndef PIPE_PLUGIN_BATCH_HPP
#define PIPE_PLUGIN_BATCH_HPP
#include <pipe/plugin/host.hpp>

#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

namespace pipes {
inline namespace v1_0 {

// A field's name, looked up once. As an option's type: the name is checked at check time; `descending` is set by a leading
// '-' where the option is a sort key.
class field {
 public:
  field() = default;
  explicit field(std::string_view name) : handle_(detail::host().field(detail::text(name))) {}
  explicit field(const pipe_field* handle, bool down = false) : descending(down), handle_(handle) {}
  std::string_view name() const { return handle_ ? detail::view(detail::host().field_name(handle_)) : std::string_view(); }
  const pipe_field* handle() const { return handle_; }
  explicit operator bool() const { return handle_ != nullptr; }
  friend bool operator==(field a, field b) { return a.handle_ == b.handle_; }
  bool descending = false;

 private:
  const pipe_field* handle_ = nullptr;
};

// A field's values in a batch, one a record.
class column {
 public:
  explicit column(const pipe_column& c) : c_(&c) {}
  std::size_t size() const { return static_cast<std::size_t>(c_->count); }
  std::uint8_t tag(std::size_t i) const { return c_->tags[i]; }
  bool missing(std::size_t i) const { return c_->tags[i] == PIPE_MISSING; }
  bool null(std::size_t i) const { return c_->tags[i] <= PIPE_NULL; }  // missing counts as null
  bool boolean(std::size_t i) const { return c_->values[i] != 0; }      // tag BOOL
  std::int64_t integer(std::size_t i) const { return static_cast<std::int64_t>(c_->values[i]); }  // tag INT
  double real(std::size_t i) const {  // tag FLOAT
    double d;
    std::memcpy(&d, &c_->values[i], sizeof d);
    return d;
  }
  bool has_text(std::size_t i) const { return c_->slices && c_->slices[i].data; }
  // The text of STRING, WORD, JSON; of INT and FLOAT as read, where has_text().
  std::string_view text(std::size_t i) const {
    const pipe_slice& s = c_->slices[i];
    return {s.data, s.size};
  }
  const pipe_column& raw() const { return *c_; }

 private:
  const pipe_column* c_;
};

// One record of a batch.
class record {
 public:
  record(pipe_batch* batch, std::uint32_t row, const pipe_slice& bytes) : batch_(batch), bytes_(&bytes), row_(row) {}
  const char* data() const { return bytes_->data; }
  std::size_t size() const { return bytes_->size; }
  std::string_view view() const { return {bytes_->data, bytes_->size}; }
  operator std::string_view() const { return view(); }
  const pipe_slice& slice() const { return *bytes_; }
  std::uint32_t row() const { return row_; }
  pipe_batch* batch() const { return batch_; }

 private:
  pipe_batch* batch_;
  const pipe_slice* bytes_;
  std::uint32_t row_;
};

// A batch's records with fields taken away: what output::pass makes of it. Refers to the batch.
struct projection {
  pipe_batch* from = nullptr;
  std::vector<pipe_change> changes;
};

// A counted handle on records that travel together.
class batch {
 public:
  batch() = default;
  static batch adopt(pipe_batch* raw) { return batch(raw); }
  static batch share(pipe_batch* raw) {
    detail::host().batch_retain(raw);
    return batch(raw);
  }
  batch(const batch& o) : raw_(o.raw_) {
    if (raw_) detail::host().batch_retain(raw_);
  }
  batch(batch&& o) noexcept : raw_(std::exchange(o.raw_, nullptr)) {}
  batch& operator=(batch o) noexcept {
    std::swap(raw_, o.raw_);
    return *this;
  }
  ~batch() {
    if (raw_) detail::host().batch_release(raw_);
  }
  explicit operator bool() const { return raw_ != nullptr; }
  pipe_batch* raw() const { return raw_; }
  pipe_batch* release() { return std::exchange(raw_, nullptr); }

  // How many records; counts line ends where the block is not cut yet.
  std::size_t size() const { return static_cast<std::size_t>(detail::host().batch_count(raw_)); }

  // The whole block, if the records still lie in it side by side, each followed by '\n' (but perhaps the last).
  std::optional<std::string_view> bytes() const {
    pipe_text t;
    if (!detail::host().batch_block(raw_, &t)) return std::nullopt;
    return detail::view(t);
  }

  class iterator {
   public:
    iterator(pipe_batch* b, const pipe_slice* s, std::uint32_t row) : batch_(b), slices_(s), row_(row) {}
    record operator*() const { return record(batch_, row_, slices_[row_]); }
    iterator& operator++() {
      ++row_;
      return *this;
    }
    bool operator!=(const iterator& o) const { return row_ != o.row_; }

   private:
    pipe_batch* batch_;
    const pipe_slice* slices_;
    std::uint32_t row_;
  };
  class range {
   public:
    range(pipe_batch* b, const pipe_slice* s, std::uint64_t n) : batch_(b), slices_(s), n_(n) {}
    std::size_t size() const { return static_cast<std::size_t>(n_); }
    record operator[](std::size_t i) const { return record(batch_, static_cast<std::uint32_t>(i), slices_[i]); }
    iterator begin() const { return iterator(batch_, slices_, 0); }
    iterator end() const { return iterator(batch_, slices_, static_cast<std::uint32_t>(n_)); }
    const pipe_slice* slices() const { return slices_; }

   private:
    pipe_batch* batch_;
    const pipe_slice* slices_;
    std::uint64_t n_;
  };
  // The records; cuts or renders them now if nobody has yet.
  range records() const {
    std::uint64_t n = 0;
    const pipe_slice* s = detail::host().batch_records(raw_, &n);
    return range(raw_, s, n);
  }
  // The field's values; all missing where no record has it.
  column operator[](field f) const { return column(*detail::host().batch_column(raw_, f.handle())); }
  pipes::v1_0::column column_of(field f) const { return (*this)[f]; }
  // Of the field of just this name; a dotted one is no path (pipe_host::own_column).
  pipes::v1_0::column own_column(field f) const { return pipes::v1_0::column(*detail::host().own_column(raw_, f.handle())); }

  // The first record is the first of a file.
  bool begins_file() const { return flags() & PIPE_BATCH_BEGINS; }
  // The records have bytes of their own that are no JSON objects (in which changes are made in place), nor a rendering of their fields.
  bool plain() const { return !(flags() & (PIPE_BATCH_JSON | PIPE_BATCH_UNRENDERED)); }
  // Some of the records, or all, are JSON objects.
  bool has_json() const { return flags() & (PIPE_BATCH_JSON | PIPE_BATCH_MIXED); }
  // All records of several batches as one batch, in order, nothing copied.
  static batch concat(const std::vector<batch>& parts) {
    std::vector<pipe_batch*> raw;
    for (const batch& b : parts) raw.push_back(b.raw());
    return batch(detail::host().batch_concat(raw.data(), raw.size()));
  }

  // A batch that stands alone: record i is row rows[i] of parts[of[i]], copied with its fields.
  static batch gather(const std::vector<batch>& parts, const std::vector<std::uint32_t>& of, const std::vector<std::uint32_t>& rows) {
    std::vector<pipe_batch*> raw;
    raw.reserve(parts.size());
    for (const batch& b : parts) raw.push_back(b.raw());
    return batch(detail::host().batch_gather(raw.data(), raw.size(), of.data(), rows.data(), rows.size()));
  }
  // Memory that it keeps alive, what it shares with others included.
  std::uint64_t bytes_held() const { return detail::host().batch_bytes(raw_); }

  // The bytes as they are to be written, with line ends; without the last one if the source had none there.
  const pipe_runs& runs() const { return *detail::host().batch_runs(raw_); }

  // What cut() left for map() or add().
  std::uint64_t note() const { return detail::host().batch_note(raw_); }
  // The batch that the note was left with, and where in it this one begins.
  batch noted(std::uint64_t& first) const { return share(detail::host().batch_noted(raw_, &first)); }

  // The fields in the order made.
  std::vector<field> fields() const {
    std::uint64_t n = 0;
    const pipe_field* const* names = detail::host().batch_fields(raw_, &n);
    std::vector<field> result;
    for (std::uint64_t i = 0; i < n; ++i) result.emplace_back(names[i]);
    return result;
  }
  // Those of one record, whichever others share the batch with it (pipe_host::record_fields). `out`: gives the memory.
  std::vector<field> fields_of(std::size_t row, pipe_output* out) const {
    std::uint64_t n = 0;
    const pipe_field* const* names = detail::host().record_fields(raw_, row, out, &n);
    std::vector<field> result;
    for (std::uint64_t i = 0; i < n; ++i) result.emplace_back(names[i]);
    return result;
  }
  // The record's bytes are just a rendering of its fields, one JSON object.
  bool rendered(std::size_t row) const { return detail::host().record_rendered(raw_, row) != 0; }
  projection only(const std::vector<field>& names) const { return project(names, PIPE_KEEP); }
  projection without(const std::vector<field>& names) const { return project(names, PIPE_DROP); }

 private:
  explicit batch(pipe_batch* raw) : raw_(raw) {}
  std::uint32_t flags() const { return detail::host().batch_flags ? detail::host().batch_flags(raw_) : 0; }
  projection project(const std::vector<field>& names, std::uint32_t kind) const {
    projection p{raw_, {}};
    for (field f : names) p.changes.push_back({kind, 0, f.handle(), nullptr, nullptr});
    return p;
  }
  pipe_batch* raw_ = nullptr;
};

}  // namespace v1_0
}  // namespace pipes
#endif
