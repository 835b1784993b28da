// batch.hpp: records that travel together, and the arena that new ones are made in.
//
// A batch is one of
//   block    a pooled block of bytes, cut into records only when somebody asks (`records()`), by the asker;
//   derived  a parent batch, optionally a selection of its rows, optionally new record bytes, optionally changes to its
//            fields. Selections of selections are folded into one; columns are gathered when first asked for.
// Invariants
//   I1  Once a batch is reachable from two fibers nothing that a reader can see changes. What is computed late (the record
//       index, runs, gathered columns, renderings) is published once, by a release store of a pointer that readers load with
//       acquire; a loser of the race frees its copy (or leaves it in the arena).
//   I2  Every pointer handed out (slices, columns, texts) lives as long as the batch: it points into the batch's own memory,
//       its arenas, or its parent, which the batch holds.
//   I3  A selection that passes less than a sixteenth of its block's bytes is copied at emission, with the columns that are
//       known by then: a slice never pins a block.
//   I4  `changed` batches (PIPE_SET, PIPE_DROP, PIPE_RENAME, PIPE_KEEP somewhere up the chain without own bytes since) have no
//       record bytes until somebody asks; then they are rendered once.
// Thread safety: const member functions from any fiber or thread; building (`output`) by one fiber at a time. Nothing parks.
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

// A batch's runs leave the line end out if the record is the batch's last; a sink that goes on writing behind bytes that do not end in '\n'
// writes one first.
constexpr std::uint32_t slice_unended = PIPE_SLICE_UNENDED;

// Interns. Takes a lock: look names up once per stage or batch, not per record.
const pipe_field* field(std::string_view name);

class file_origin;

// Where a batch came from; the place that delivery guarantees and the accounting of cycles stand on. Its destructor runs
// when the last batch that carries it is gone (on any thread; it must not park).
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

// The arena and the parts of one stage call. Reusable: take() leaves it empty and ends the call: memory taken before it is only
// kept for what was emitted before it. pipe_output* in the ABI points at its base.
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

  // Ends the call: the batches emitted, in order, less what came of rows that failed (parts whose `from` is `input`; new
  // records without `from` are kept). Empty batches are left out.
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
bool is_uncounted(pipe_batch*);        // no records of the input's, but lines that a stage puts among them (PIPE_PART_UNCOUNTED)
bool begins(pipe_batch*);              // its first record is the first of a file (PIPE_BLOCK_BEGINS)
std::uint64_t note(pipe_batch*);       // of the part that it was made of; only a slice() inherits it
// The batch that the note was made with, of which this one is a slice that begins at record `first`.
pipe_batch* noted(pipe_batch*, std::uint64_t& first);
std::uint64_t memory_of(pipe_batch*);  // bytes that it pins, for budgets and reports

// Parts of a batch as batches: rows [first, first + count), or the rows named. Cheap; nothing is copied but the rows.
batch_ref slice(pipe_batch*, std::uint64_t first, std::uint64_t count);
batch_ref select(pipe_batch*, const std::uint32_t* rows, std::uint64_t count);
// One batch out of several, in order (a selection of each); nullptr-free input; a single one is returned as is.
batch_ref concat(const std::vector<batch_ref>&);
// A batch that stands alone: bytes and known columns copied, no parent (tail, dead letters, spilling).
batch_ref copy(pipe_batch*);
// The same records with text fields added (dead letters: error, stage, attempts): one value for all rows per field.
batch_ref annotate(pipe_batch*, const std::vector<std::pair<const pipe_field*, std::string>>& values);
// Reads the bytes of a range of a file (range.hpp), if that is what the batch is and nobody has. Everybody who receives a batch
// calls it before looking in. Parks; throws std::runtime_error with the file's name when it cannot be read or a record is too
// long: whoever read it is told, once, and the batch holds what came before.
void load(pipe_batch*);
// A batch over new lines of text, mainly for tests: "a\nb\n".
batch_ref from_text(std::string_view lines);

// Carries an origin: derived batches inherit it. Set while the caller is the only holder; for a batch that others may hold,
// with_origin makes a new handle on the same records. An origin set over an older one should hold that one.
void set_origin(pipe_batch*, std::shared_ptr<origin>);
batch_ref with_origin(pipe_batch*, std::shared_ptr<origin>);
const std::shared_ptr<origin>& get_origin(pipe_batch*);
const file_origin* file_of(pipe_batch*);  // of its origin, or null
// Which row of `whole` the row is, if the batch is known to be made of rows of it.
std::optional<std::uint64_t> row_within(pipe_batch*, std::uint64_t row, pipe_batch* whole);

// The pool of blocks: at least `size` bytes plus 64 readable ones behind; kept for reuse up to a bound.
char* block_new(std::size_t size);
void block_free(char* block);
std::size_t block_capacity(const char* block);

}  // namespace pipes
