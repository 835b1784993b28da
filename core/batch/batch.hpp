// batch.hpp: records that travel together, and the arena that new ones are made in.
//
// A batch is one of
//   block    a pooled block of bytes. Whoever asks for its records first (`records()`) cuts it into lines.
//   derived  a layer over a parent batch: optionally some of its rows, optionally new record bytes, optionally changes to its fields. A
//            selection of a selection is folded into one; columns are gathered when somebody asks for them.
//   joined   several batches, one after the other.
// Invariants
//   I1  Once a batch can be seen by two fibers nothing changes that a reader can see. What is computed late (the records, runs, gathered
//       columns, renderings) is published once, by a release store of a pointer that readers load with acquire. Where two compute it at
//       once, the second one frees its own.
//   I2  Every pointer handed out (slices, columns, texts) is good as long as the batch lives: it points into the batch's own memory, its
//       arenas, or its parent, which the batch holds.
//   I3  A selection that passes less than a sixteenth of its block's bytes is copied when it is emitted, with the columns that are known by
//       then: so a slice never pins a block.
//   I4  Changed records (PIPE_SET, PIPE_DROP, PIPE_RENAME, PIPE_KEEP, and no new bytes since) have no bytes until somebody asks; then they are
//       rendered once.
// Thread safety: functions on a batch from any fiber or thread; building one (`output`) by one fiber at a time. Only load() parks.
#pragma once
#include <pipe/plugin.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// An interned field name. The same name is always the same pointer.
struct pipe_field {
  std::string name;
  std::vector<const pipe_field*> leading;  // of a.b.c: a.b, a (the longest first); empty for a plain name
};

namespace pipes {

inline std::string_view view(pipe_text t) { return {t.data, static_cast<std::size_t>(t.size)}; }
inline std::string_view view(pipe_slice s) { return {s.data, s.size}; }
inline pipe_text text(std::string_view s) { return {s.data(), s.size()}; }

// A slice's flag: the source ended with this record, without a line end. Such a record is written without one only where it
// is the last that is written. So a batch's runs leave the line end out if the record is the batch's last; and a sink that goes on
// behind bytes that do not end in '\n' writes one first.
constexpr std::uint32_t slice_unended = PIPE_SLICE_UNENDED;

// Interns. Takes a lock: look names up once per stage or batch, not per record.
const pipe_field* field(std::string_view name);

class file_origin;

// Where a batch came from. Its destructor runs when the last batch that carries it is gone, on any thread, and must not park: cycles count
// by that what is under way, and delivery guarantees will stand on it.
class origin {
 public:
  virtual ~origin() = default;
  virtual const file_origin* file() const { return nullptr; }  // that all of it was read from; null: none, or several
};

// A file that was read; messages name it.
class file_origin final : public origin, public std::enable_shared_from_this<file_origin> {
 public:
  explicit file_origin(std::string name);
  const file_origin* file() const override { return this; }
  const std::string& name() const { return name_; }
  std::uint64_t number() const { return number_; }  // no other one's; from 1

 private:
  const std::string name_;
  const std::uint64_t number_;
};

// A counted handle. The C ABI's pipe_batch* is the raw pointer inside.
class batch_ref {
 public:
  batch_ref() = default;
  batch_ref(const batch_ref& o) noexcept : p_(o.p_) { retain(); }
  batch_ref(batch_ref&& o) noexcept : p_(std::exchange(o.p_, nullptr)) {}
  batch_ref& operator=(batch_ref o) noexcept { std::swap(p_, o.p_); return *this; }
  ~batch_ref() { reset(); }
  static batch_ref adopt(pipe_batch* p) noexcept { batch_ref r; r.p_ = p; return r; }    // takes over one count
  static batch_ref share(pipe_batch* p) noexcept { batch_ref r; r.p_ = p; r.retain(); return r; }
  pipe_batch* release() noexcept { return std::exchange(p_, nullptr); }                   // gives one count away
  void reset() noexcept;
  pipe_batch* get() const noexcept { return p_; }
  pipe_batch* operator->() const noexcept { return p_; }
  explicit operator bool() const noexcept { return p_ != nullptr; }

 private:
  void retain() const noexcept;
  pipe_batch* p_ = nullptr;
};

// One record that failed: its row in the batch that the stage was given, and why.
struct record_fault {
  std::uint32_t row;
  std::string message;
};

// What a stage emitted on one port.
struct emitted {
  std::uint32_t port;
  batch_ref batch;
};

// What one call of a stage makes: its memory and the parts that it emits. take() ends the call and leaves the output empty for the next one;
// memory taken before lives on only in what was emitted before. pipe_output* in the ABI points at its base.
class output : public pipe_output {
 public:
  output();
  ~output();
  output(const output&) = delete;
  output& operator=(const output&) = delete;

  void* alloc(std::size_t size);  // aligned to 8; throws std::bad_alloc
  bool refill(std::size_t size);  // at least `size` bytes between cursor and end
  void emit(std::uint32_t port, const pipe_part& part);
  void pass(std::uint32_t port, pipe_batch* batch, const std::uint32_t* rows, std::uint64_t count);
  void block(std::uint32_t port, char* block, std::uint64_t offset, std::uint64_t size, std::uint32_t flags);
  void batch(std::uint32_t port, batch_ref made);  // one that is made already
  void source(std::string_view name);              // the file that what is emitted from here on was read from; empty: none
  void fail(std::uint32_t row, std::string_view message);

  // Ends the call. Returns the batches emitted, in order, without what came of rows of `input` that failed (new records, which have no
  // `from`, are kept), and without empty ones.
  std::vector<emitted> take(pipe_batch* input = nullptr);
  batch_ref take_port(std::uint32_t port);  // what was emitted on one port as one batch, the rest stays; empty: null
  std::vector<record_fault> take_faults();
  void discard();  // forget everything since the last take
  bool empty() const;

 private:
  struct impl;
  void settle_call(pipe_batch* input, bool ends);
  std::unique_ptr<impl> impl_;
};

// The host's functions on batches (see plugin.h for each one's contract).
std::uint64_t count(pipe_batch*);
bool is_cut(pipe_batch*);  // its records are known: count() costs nothing
bool block(pipe_batch*, std::string_view& bytes);
const pipe_slice* records(pipe_batch*, std::uint64_t& count);
const pipe_runs& runs(pipe_batch*);
const pipe_column& column(pipe_batch*, const pipe_field*);
const pipe_column& own_column(pipe_batch*, const pipe_field*);  // of the field of just that name
const pipe_field* const* fields(pipe_batch*, std::uint64_t& count);
std::vector<const pipe_field*> record_fields(pipe_batch*, std::uint64_t row);
const pipe_slice* render(pipe_batch*, std::uint32_t how, output& out);
bool has_fields(pipe_batch*);          // false for plain text: a search may run over the block and keep no row numbers
bool is_unrendered(pipe_batch*);       // PIPE_BATCH_UNRENDERED
bool is_rendered(pipe_batch*, std::uint64_t row);  // pipe_host::record_rendered
bool is_varied(pipe_batch*);           // PIPE_PART_VARIED, somewhere below
bool is_json(pipe_batch*);             // each record's bytes (before changes) are one JSON object
bool is_mixed(pipe_batch*);            // PIPE_BATCH_MIXED
bool is_uncounted(pipe_batch*);        // lines that a stage puts among the input's records, not records themselves (PIPE_PART_UNCOUNTED)
bool begins(pipe_batch*);              // its first record is the first of a file (PIPE_BLOCK_BEGINS)
std::uint64_t note(pipe_batch*);       // of the part that it was made of; only a slice() inherits it
// The batch that the note was made with, of which this one is a slice that begins at record `first`.
pipe_batch* noted(pipe_batch*, std::uint64_t& first);
std::uint64_t memory_of(pipe_batch*);  // bytes that it pins, for budgets and reports

// Some of a batch's records as a batch: rows [first, first + count), or the rows named. Only row numbers are copied.
batch_ref slice(pipe_batch*, std::uint64_t first, std::uint64_t count);
batch_ref select(pipe_batch*, const std::uint32_t* rows, std::uint64_t count);
// One batch out of several, in order; none of them may be null. A single one is returned as it is.
batch_ref concat(const std::vector<batch_ref>&);
// A batch that stands alone: bytes and known columns copied, no parent (tail, dead letters, spilling).
batch_ref copy(pipe_batch*);
// The same records with text fields added (dead letters: error, stage, attempts): one value for all rows per field.
batch_ref annotate(pipe_batch*, const std::vector<std::pair<const pipe_field*, std::string>>& values);
// If the batch is a range of a file (range.hpp) that nobody has read yet: reads it. Whoever receives a batch calls this before it looks in.
// Parks. Throws std::runtime_error, which names the file, if it cannot be read or a record is too long: only to the one that read it; the
// batch then holds what came before the fault.
void load(pipe_batch*);
// A batch over new lines of text, mainly for tests: "a\nb\n".
batch_ref from_text(std::string_view lines);

// Gives the batch an origin, which batches derived from it inherit: while the caller is its only holder. For a batch that others may hold,
// with_origin makes another batch of the same records. An origin set over an older one should hold that one.
void set_origin(pipe_batch*, std::shared_ptr<origin>);
batch_ref with_origin(pipe_batch*, std::shared_ptr<origin>);
const std::shared_ptr<origin>& get_origin(pipe_batch*);
const file_origin* file_of(pipe_batch*);  // of its origin, or null
// Which row of `whole` this row is, if the batch is known to be made of rows of that one.
std::optional<std::uint64_t> row_within(pipe_batch*, std::uint64_t row, pipe_batch* whole);

// The pool of blocks: at least `size` bytes, with 64 readable ones behind. Up to a bound, free blocks are kept for reuse.
char* block_new(std::size_t size);
void block_free(char* block);
std::size_t block_capacity(const char* block);

}  // namespace pipes
