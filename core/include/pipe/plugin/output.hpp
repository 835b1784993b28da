// pipe/plugin/output.hpp: where a stage puts what it makes. Part of pipe/plugin.hpp; C++17.
//
// An output collects; the host takes what is there when the entry point returns (map, finish), a run stage when it calls
// flush(). One fiber at a time. Only flush() and send() park.
#ifndef PIPE_PLUGIN_OUTPUT_HPP
#define PIPE_PLUGIN_OUTPUT_HPP
#include <pipe/plugin/batch.hpp>

#include <algorithm>
#include <functional>
#include <new>

namespace pipes {
inline namespace v1_0 {

// A pooled block that a source reads into: for output::emit_block. Freed unless emitted.
class block {
 public:
  explicit block(std::size_t size) : data_(detail::host().block_new(size)), size_(size) {
    if (!data_) throw std::bad_alloc();
  }
  block(block&& o) noexcept : data_(std::exchange(o.data_, nullptr)), size_(o.size_) {}
  block& operator=(block o) noexcept {
    std::swap(data_, o.data_);
    std::swap(size_, o.size_);
    return *this;
  }
  ~block() {
    if (data_) detail::host().block_free(data_);
  }
  char* data() const { return data_; }
  std::size_t size() const { return size_; }
  char* release() { return std::exchange(data_, nullptr); }

 private:
  char* data_;
  std::size_t size_;
};

// An open regular file whose records are read by the workers: for output::emit_range. Takes the descriptor over.
class shared_file {
 public:
  shared_file(int fd, std::string_view name) : raw_(detail::host().file_new(fd, detail::text(name))) {
    if (!raw_) throw std::bad_alloc();
  }
  shared_file(const shared_file&) = delete;
  shared_file& operator=(const shared_file&) = delete;
  ~shared_file() { detail::host().file_free(raw_); }
  pipe_file* raw() const { return raw_; }

 private:
  pipe_file* raw_;
};

namespace detail {
struct own_raw {
  pipe_output* raw;
  explicit own_raw(pipe_context* context) : raw(host().output_new(context)) {
    if (!raw) throw std::bad_alloc();
  }
  own_raw(const own_raw&) = delete;
  own_raw& operator=(const own_raw&) = delete;
  ~own_raw() { host().output_free(raw); }
};
}  // namespace detail

// The batch, with its records' bytes settled. Bytes that are a rendering of the fields would be made anew by whoever gathers rows of several
// batches; from here on that rendering is the records' own bytes. The note is left behind.
inline batch rendered(pipe_context* context, const batch& b) {
  const pipe_host& host = detail::host();
  if (!host.batch_flags || !(host.batch_flags(b.raw()) & PIPE_BATCH_UNRENDERED) || b.size() == 0) return b;
  const detail::own_raw out(context);
  pipe_part part{};
  part.struct_size = sizeof part;
  part.flags = PIPE_PART_OWN_BYTES;
  part.from = b.raw();
  part.records = host.batch_records(b.raw(), &part.count);
  host.output_emit(out.raw, 0, &part);
  return batch::adopt(host.output_take(out.raw, 0));
}

class output {
 public:
  explicit output(pipe_output* raw, pipe_context* context = nullptr) : raw_(raw), context_(context) {}
  output(const output&) = delete;
  output& operator=(const output&) = delete;

  // Memory that lives as long as what is emitted; aligned to 8.
  char* alloc(std::size_t size) {
    const std::size_t padded = (size + 7) & ~std::size_t{7};
    if (static_cast<std::size_t>(raw_->end - raw_->cursor) < padded && !detail::host().output_refill(raw_, padded)) throw std::bad_alloc();
    char* p = raw_->cursor;
    raw_->cursor += padded;
    return p;
  }
  // Gives back what was not used of the latest alloc(size).
  void trim(char* p, std::size_t size, std::size_t used) {
    if (raw_->cursor == p + ((size + 7) & ~std::size_t{7})) raw_->cursor = p + ((used + 7) & ~std::size_t{7});
  }
  template <class T>
  T* alloc_array(std::size_t n) {
    return reinterpret_cast<T*>(alloc(n * sizeof(T)));
  }
  std::string_view copy(std::string_view s) {
    char* p = alloc(s.size());
    if (!s.empty()) std::memcpy(p, s.data(), s.size());
    return {p, s.size()};
  }

  // -- record by record
  // Passes the record on as it is, to the named output (0: the default one).
  void emit(record r, std::uint32_t port = 0) { add(port, r.batch(), r.row(), r.slice(), false); }
  // The record's fields with new bytes; the bytes lie in this output's arena or in the record itself.
  void emit(record r, const char* data, std::size_t size, std::uint32_t port = 0) {
    add(port, r.batch(), r.row(), slice(data, size), true);
  }
  // The same for any text: what is no part of the record is copied.
  void emit(record r, std::string_view bytes, std::uint32_t port = 0) {
    const std::less_equal<const char*> below;
    if (!below(r.data(), bytes.data()) || !below(bytes.data() + bytes.size(), r.data() + r.size())) bytes = copy(bytes);
    emit(r, bytes.data(), bytes.size(), port);
  }
  // A new record without fields; bytes are copied.
  void emit(std::string_view bytes, std::uint32_t port = 0) {
    std::string_view kept = copy(bytes);
    add(port, nullptr, 0, slice(kept.data(), kept.size()), true);
  }
  // The same in a map stage, made of this record: it is withdrawn if the record fails.
  void emit_fresh(record of, std::string_view bytes, std::uint32_t port = 0) {
    std::string_view kept = copy(bytes);
    add(port, of.batch(), of.row(), slice(kept.data(), kept.size()), true, true);
  }

  // -- batch by batch
  void pass(const batch& b, std::uint32_t port = 0) { pass_rows(b.raw(), nullptr, 0, port); }
  // The rows (ascending), with their fields.
  void pass(const batch& b, const std::uint32_t* rows, std::size_t count, std::uint32_t port = 0) {
    if (count) pass_rows(b.raw(), rows, count, port);
  }
  void pass(const batch& b, const std::vector<std::uint32_t>& rows, std::uint32_t port = 0) { pass(b, rows.data(), rows.size(), port); }
  // For a stage that changes records but found nothing to change in these: as those of changed ones their bytes become a rendering of their
  // fields (JSON stays as it is), since what is written must not depend on which records came in one batch.
  void pass_rendered(const batch& b, std::uint32_t port = 0) {
    if (!b.plain()) return pass(b, port);
    pipe_part part{};
    part.flags = PIPE_PART_UNRENDERED;
    part.from = b.raw();
    part.count = b.size();
    emit_part(part, port);
  }
  // For a stage that gives records new bytes but found none to change in these: as changed ones they are no JSON objects from here on.
  void pass_as_text(const batch& b, std::uint32_t port = 0) {
    if (!b.has_json()) return pass(b, port);
    const auto records = b.records();
    pipe_part part{};
    part.flags = PIPE_PART_OWN_BYTES;
    part.from = b.raw();
    part.records = records.slices();
    part.count = records.size();
    emit_part(part, port);
  }
  void pass(const projection& p, std::uint32_t port = 0) {
    pipe_part part{};
    part.from = p.from;
    part.count = detail::host().batch_count(p.from);
    part.changes = p.changes.data();
    part.change_count = p.changes.size();
    emit_part(part, port);
  }
  void emit_part(pipe_part part, std::uint32_t port = 0) {
    part.struct_size = sizeof(pipe_part);
    used(port);
    detail::host().output_emit(raw_, port, &part);
  }
  // Bytes [offset, offset + size) of a block, ending at a record end.
  void emit_block(block b, std::size_t offset, std::size_t size, std::uint32_t flags = 0, std::uint32_t port = 0) {
    emit_block(b.release(), offset, size, flags, port);
  }
  // A block made by the host's block_new, ending at a record end; taken over.
  void emit_block(char* block, std::size_t offset, std::size_t size, std::uint32_t flags = 0, std::uint32_t port = 0) {
    used(port);
    detail::host().output_block(raw_, port, block, offset, size, flags);
  }
  // The lines that begin in [offset, offset + size) of the file; they are read by whoever works on them.
  void emit_range(const shared_file& file, std::uint64_t offset, std::uint64_t size, std::uint64_t max_record, std::uint32_t flags, std::uint32_t port = 0) {
    used(port);
    detail::host().output_range(raw_, port, file.raw(), offset, size, max_record, flags);
  }
  // What is emitted from here on was read from that file: messages about its records name it. Empty: from none.
  void source(std::string_view file) { detail::host().output_source(raw_, detail::text(file)); }
  // Record `row` of the current input failed; whatever came of it is withdrawn.
  void fail(std::size_t row, std::string_view message) { detail::host().record_error(raw_, static_cast<std::uint32_t>(row), detail::text(message)); }

  // -- run stages
  // Hands over what was emitted so far. Parks while the readers are behind. Throws reader_gone when nobody reads any more.
  void flush() {
    must_be_own("flush");
    settle();
    for (std::uint32_t port = 0; port <= highest_port_; ++port)
      if (pipe_batch* b = detail::host().output_take(raw_, port)) send(batch::adopt(b), port);
  }
  // What was emitted on a port so far, as one batch that is not sent; none if nothing was.
  batch take(std::uint32_t port = 0) {
    must_be_own("take");
    settle();
    pipe_batch* b = detail::host().output_take(raw_, port);
    return b ? batch::adopt(b) : batch();
  }
  void send(batch b, std::uint32_t port = 0) {
    pipe_status s = detail::park(detail::host().send, context_, port, b.release());
    if (detail::check(s, "send failed") == PIPE_CLOSED) throw reader_gone{};
  }
  // A run stage's work on one record (its spec says record_errors()): f emits into this output. If it throws a std::exception the
  // record failed: what it had emitted and not flushed is withdrawn, and on_error decides whether f runs again. False: the record is
  // given up, skipped or as a dead letter. Where on_error is fail this sends what was emitted before, and throws.
  template <class F>
  bool attempt(record r, F f) {
    std::vector<std::size_t> before;
    remember(before);
    for (std::uint32_t n = 1;; ++n) {
      std::string why;
      try {
        f();
        return true;
      } catch (const std::exception& e) {
        why = e.what();
      }
      rewind(before);
      try {
        if (!failed(r.batch(), r.row(), n, why)) return false;
      } catch (const std::runtime_error&) {
        flush();  // what came before it is not lost
        throw;
      }
    }
  }
  // For a source that could make no record of what it read: that is skipped, or this throws.
  void lost(std::string_view message) { failed(nullptr, 0, 1, message); }
  // on_error lets failed records be skipped.
  bool skips() const { return detail::host().skips_records(context_) != 0; }

  // -- folds in finish(), maps in close()
  // Sends what was emitted so far, so that more can pass through than memory holds. Parks, throws reader_gone, as flush() does.
  void send_on() {
    settle();
    if (detail::check(detail::park(detail::host().output_flush, context_, raw_), "sending failed") == PIPE_CLOSED) throw reader_gone{};
  }

  // Tells flush() that something is emitted on that port through raw().
  void used(std::uint32_t port) {
    if (port > highest_port_) highest_port_ = port;
  }
  pipe_output* raw() const { return raw_; }
  pipe_context* context() const { return context_; }

  // Turns the single records emitted so far into parts; called by the entry points.
  void settle() {
    for (auto& p : pending_) settle(p);
  }
  // A point to come back to when a record fails, be it in the middle of an emit(): the single records emitted since are forgotten. Not across
  // settle().
  void rewind(const std::vector<std::size_t>& counts) {
    for (std::size_t i = 0; i < pending_.size(); ++i) {
      port_buffer& p = pending_[i];
      const std::size_t n = std::min(p.count, i < counts.size() ? counts[i] : 0);
      p.count = n;
      if (p.rows.size() > n) p.rows.resize(n);
      if (p.slices.size() > n) p.slices.resize(n);
    }
  }
  void remember(std::vector<std::size_t>& counts) const {
    counts.resize(pending_.size());
    for (std::size_t i = 0; i < pending_.size(); ++i) counts[i] = pending_[i].count;
  }

 private:
  bool failed(pipe_batch* batch, std::uint32_t row, std::uint32_t attempt, std::string_view message) {
    return detail::check(detail::park(detail::host().record_failed, context_, batch, row, attempt, detail::text(message)), "a record failed") == PIPE_AGAIN;
  }
  struct port_buffer {
    std::uint32_t port = 0;
    pipe_batch* from = nullptr;
    bool own_bytes = false;
    bool fresh = false;
    // Mostly the records pass as they are, side by side: then they are rows first, first + 1, ... of `from`, and no list is kept.
    bool side_by_side = true;
    std::uint32_t first = 0;
    std::size_t count = 0;
    std::vector<std::uint32_t> rows;  // if they are not side by side
    std::vector<pipe_slice> slices;   // if some have bytes of their own

    void list_rows() {
      if (!side_by_side) return;
      rows.resize(count);
      for (std::size_t i = 0; i < count; ++i) rows[i] = first + static_cast<std::uint32_t>(i);
      side_by_side = false;
    }
    void list_slices() {
      if (own_bytes) return;
      std::uint64_t n = 0;
      const pipe_slice* all = count == 0 ? nullptr : detail::host().batch_records(from, &n);
      slices.resize(count);
      for (std::size_t i = 0; i < count; ++i) slices[i] = all[side_by_side ? first + i : rows[i]];
      own_bytes = true;
    }
    void clear() {
      own_bytes = false;
      count = 0;
      rows.clear();
      slices.clear();
    }
  };
  static pipe_slice slice(const char* data, std::size_t size) {
    if (size > 0xffffffffu) throw std::length_error("a record of over 4 GiB");
    return {data, static_cast<std::uint32_t>(size), 0};
  }
  void add(std::uint32_t port, pipe_batch* from, std::uint32_t row, pipe_slice bytes, bool own, bool fresh = false) {
    if (port >= pending_.size()) {
      pending_.resize(port + 1);
      for (std::uint32_t i = 0; i <= port; ++i) pending_[i].port = i;
    }
    port_buffer& p = pending_[port];
    if ((p.from != from || p.fresh != fresh) && p.count != 0) settle(p);
    if (p.count == 0) {
      p.clear();
      p.from = from;
      p.fresh = fresh;
      p.first = row;
      p.side_by_side = true;
    } else if (from && row != p.first + p.count) {
      p.list_rows();
    }
    if (own) p.list_slices();
    if (!p.side_by_side) p.rows.push_back(row);
    if (p.own_bytes) p.slices.push_back(bytes);
    ++p.count;
  }
  void settle(port_buffer& p) {
    if (p.count == 0) return;
    constexpr std::size_t few = 64;  // such parts are joined with others
    if (p.from && !p.own_bytes && p.side_by_side && p.first == 0 && p.count >= few && p.count == detail::host().batch_count(p.from)) {
      pass_rows(p.from, nullptr, 0, p.port);
      return p.clear();
    }
    if (p.from) p.list_rows();
    if (p.from && !p.own_bytes) {
      pass_rows(p.from, p.rows.data(), p.rows.size(), p.port);
    } else {
      pipe_part part{};
      part.from = p.from;
      part.rows = p.from ? p.rows.data() : nullptr;
      pipe_slice* kept = alloc_array<pipe_slice>(p.slices.size());
      std::memcpy(kept, p.slices.data(), p.slices.size() * sizeof(pipe_slice));
      part.records = kept;
      part.count = p.slices.size();
      part.flags = PIPE_PART_OWN_BYTES | (p.fresh ? PIPE_PART_FRESH : 0u);
      emit_part(part, p.port);
    }
    p.clear();
  }

  void pass_rows(pipe_batch* b, const std::uint32_t* rows, std::size_t count, std::uint32_t port) {
    used(port);
    detail::host().output_pass(raw_, port, b, rows, count);
  }
  void must_be_own(const char* what) const {
    if (!(raw_->flags & PIPE_OUTPUT_OWN)) throw std::logic_error(std::string("output::") + what + " is for run stages and own_output");
  }

  pipe_output* raw_;
  pipe_context* context_;
  std::vector<port_buffer> pending_;
  std::uint32_t highest_port_ = 0;  // of those that something was emitted on: flush() looks at them
};

// An output of the stage's own: for batches that it makes for itself (take), or sends by itself.
class own_output : private detail::own_raw, public output {
 public:
  explicit own_output(pipe_context* context) : own_raw(context), output(own_raw::raw, context) {}
};

// Batches set aside on disk, with bytes of the stage's own if it likes; gone with this object. put() and take() park; they throw
// std::runtime_error with the folder and the cause, and pipes::cancelled when the run stops.
class spill {
 public:
  using place = pipe_spilled;
  struct taken {
    batch records;
    std::string_view notes;  // live as long as the batch
  };
  explicit spill(pipe_context* context) : raw_(detail::host().spill_new(context)) {
    if (!raw_) throw std::bad_alloc();
  }
  spill(const spill&) = delete;
  spill& operator=(const spill&) = delete;
  ~spill() { detail::host().spill_free(raw_); }

  place put(pipe_context* context, const batch& b, std::string_view notes = {}) {
    place p{};
    detail::check(detail::park(detail::host().spill_put, raw_, context, b.raw(), detail::text(notes), &p), "spilling failed");
    return p;
  }
  // Once for each place; gives its space on disk back.
  taken take(pipe_context* context, place p) {
    pipe_batch* b = nullptr;
    pipe_text notes{};
    detail::check(detail::park(detail::host().spill_take, raw_, context, p, &b, &notes), "reading back what was spilled failed");
    return {batch::adopt(b), detail::view(notes)};
  }
  void drop(place p) { detail::host().spill_drop(raw_, p); }

 private:
  pipe_spill* raw_;
};

// Builds a column in an output's arena.
class column_writer {
 public:
  column_writer(output& out, std::size_t count) : out_(&out), count_(count) {
    tags_ = out.alloc_array<std::uint8_t>(count);
    std::memset(tags_, PIPE_MISSING, count);
  }
  void null(std::size_t i) { tags_[i] = PIPE_NULL; }
  void boolean(std::size_t i, bool v) { number(i, PIPE_BOOL, v ? 1 : 0); }
  void integer(std::size_t i, std::int64_t v) { number(i, PIPE_INT, static_cast<std::uint64_t>(v)); }
  void real(std::size_t i, double v) {
    std::uint64_t bits;
    std::memcpy(&bits, &v, sizeof bits);
    number(i, PIPE_FLOAT, bits);
  }
  // The text lies in the arena or in the batch it comes from.
  void text(std::size_t i, std::string_view v, std::uint8_t tag = PIPE_STRING) {
    need_slices();
    tags_[i] = tag;
    slices_[i] = {v.data(), static_cast<std::uint32_t>(v.size()), 0};
  }
  // Copies a value of another column, its text as read included.
  void value(std::size_t i, const column& from, std::size_t j) {
    const std::uint8_t t = from.tag(j);
    if (t == PIPE_BOOL || t == PIPE_INT || t == PIPE_FLOAT) number(i, t, from.raw().values[j]);
    if (t > PIPE_NULL && from.has_text(j)) text(i, from.text(j), t);
    tags_[i] = t;
  }
  pipe_column done() {
    pipe_column c{};
    c.struct_size = sizeof c;
    c.all = count_ ? tags_[0] : PIPE_MISSING;
    for (std::size_t i = 1; i < count_; ++i)
      if (tags_[i] != c.all) {
        c.all = PIPE_MIXED;
        break;
      }
    c.count = count_;
    c.tags = tags_;
    c.values = values_;
    c.slices = slices_;
    return c;
  }

 private:
  void number(std::size_t i, std::uint8_t tag, std::uint64_t bits) {
    if (!values_) {
      values_ = out_->alloc_array<std::uint64_t>(count_);
      std::memset(values_, 0, count_ * sizeof(std::uint64_t));
    }
    tags_[i] = tag;
    values_[i] = bits;
  }
  void need_slices() {
    if (slices_) return;
    slices_ = out_->alloc_array<pipe_slice>(count_);
    std::memset(static_cast<void*>(slices_), 0, count_ * sizeof(pipe_slice));
  }
  output* out_;
  std::size_t count_;
  std::uint8_t* tags_;
  std::uint64_t* values_ = nullptr;
  pipe_slice* slices_ = nullptr;
};

}  // namespace v1_0
}  // namespace pipes
#endif
