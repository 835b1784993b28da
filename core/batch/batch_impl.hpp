// batch_impl.hpp: what a batch is made of; for core/batch alone.
//
// A derived batch is one layer over its parent:
//   rows     row i comes of parent row rows[i], or first + i;
//   own      new bytes, or null: the parent's records at those rows;
//   json     here: these bytes are JSON objects, read from here on (json_here), or the parent's are (json alone);
//   changes  done to the fields on top of that, in order.
// A layer has changes that ask for a rendering only over bytes that are not its own: `output` splits a part in two where the
// caller gave both. So a layer is either `dirty` (no bytes before somebody renders it) or has its bytes at hand.
// What a record's bytes are is settled where it is changed: a layer that `renders` says so, and what layers above it attach is none
// of them. A layer that attaches to such records, or chooses among them, is dirty as well, and renders what that one has.
// A batch may be `mixed`: some of its records are JSON, which is edited in place, others are not. It is batches joined or a selection
// of them and nothing else (kinds.hpp): whoever would put a layer with changes over it makes two, one over each kind.
// Members up to the blank line are constant once the batch can be seen by a second fiber; those behind it are published once
// with release and read with acquire.
#pragma once
#include "core/batch/batch.hpp"
#include "core/batch/column_list.hpp"
#include "core/batch/field_index.hpp"
#include "core/batch/memory.hpp"
#include "core/batch/packed.hpp"
#include "core/batch/range.hpp"
#include "core/batch/record_lists.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

namespace pipes::detail {

struct change {
  std::uint32_t kind;
  const pipe_field* field;
  const pipe_field* to;
  pipe_column column;
  bool others = false;  // PIPE_CHANGE_OTHERS
};

struct records_node {
  explicit records_node(std::size_t hint) : memory(hint) {}
  memory::arena memory;
  memory::chunk* bytes = nullptr;  // of a rendering
  std::uint64_t count = 0;
  pipe_slice* slices = nullptr;
  ~records_node() { if (bytes) memory::chunk_drop(bytes); }
};

struct runs_node {
  explicit runs_node(std::size_t hint) : memory(hint) {}
  memory::arena memory;
  pipe_runs runs{};
};

struct fields_node {
  std::vector<const pipe_field*> list;
  bool varied = false;  // of the batch or of one below; or parts that are joined have different lists
};

enum class kind : std::uint8_t { block, derived, joined };

constexpr std::uint32_t deepest = 24;  // layers; beyond them a batch is copied, so that a cycle does not grow chains for ever
constexpr std::uint64_t unknown = ~std::uint64_t{0};

}  // namespace pipes::detail

struct pipe_batch {
  std::atomic<std::uint32_t> holders{1};
  pipes::detail::kind kind = pipes::detail::kind::derived;
  bool json = false;
  bool json_here = false;
  bool dirty = false;
  bool renders = false;        // not JSON: the records' bytes are a rendering of the fields that they have here
  bool mixed = false;
  bool has_fields = false;
  bool unended = false;        // block: no line end behind the last record
  bool varied = false;         // not JSON; records differ in the fields that stages made for them, here or in what it was gathered from
  bool uncounted = false;
  bool begins = false;         // the first record is the first of a file
  bool settled_fields = false; // packed, or all changes attach or set: a field is what the last of them that names it says
  std::uint32_t depth = 0;
  std::uint64_t count = 0;     // derived, joined
  std::uint64_t first = 0;
  std::uint64_t note = 0;      // of the part that it was made of
  pipes::batch_ref noted;      // a slice: whose note it is
  std::uint64_t noted_first = 0;  // which of its records is the first here
  const std::uint32_t* rows = nullptr;
  const pipe_slice* own = nullptr;
  std::unique_ptr<const pipes::detail::packed_rows> packed;  // in place of own and of columns; no parent, no changes
  std::unique_ptr<const pipes::detail::record_lists> lists;  // gathered: of records whose lists of fields differ, or of JSON the order of what is attached
  pipes::batch_ref parent;
  pipes::batch_ref held;                // its memory is used here, its fields are not
  std::vector<pipes::detail::change> changes;
  std::vector<pipes::batch_ref> parts;  // joined
  std::vector<std::uint32_t> ends;      // joined and mixed: behind which record each part ends
  char* block = nullptr;                // the pool's; null where the text lies elsewhere
  const char* text = nullptr;
  std::size_t text_size = 0;
  pipes::memory::memory_set memory;
  std::size_t memory_share = 0;         // of `memory`, this batch's part of what its call took
  std::shared_ptr<pipes::origin> source;
  std::unique_ptr<pipes::file_range> range;  // block: where text is to be read from; text and block are set by load()

  std::atomic<std::uint64_t> line_count{pipes::detail::unknown};
  std::atomic<pipes::detail::records_node*> records{nullptr};
  std::atomic<pipes::detail::runs_node*> runs{nullptr};
  std::atomic<pipes::detail::fields_node*> fields{nullptr};
  std::atomic<pipes::detail::field_index*> index{nullptr};
  std::atomic<pipes::detail::column_node*> missing{nullptr};
  pipes::detail::column_list columns;
  std::atomic<std::size_t> late_bytes{0};
  std::atomic<std::uint32_t> texts_read{0};  // columns made by looking through JSON texts

  pipe_batch() { pipes::memory::live_batches.fetch_add(1, std::memory_order_relaxed); }
  pipe_batch(const pipe_batch&) = delete;
  pipe_batch& operator=(const pipe_batch&) = delete;
  ~pipe_batch();

  bool whole() const { return !rows && first == 0; }  // row i is parent row i (there may be more behind them)
  std::uint64_t row(std::uint64_t i) const { return rows ? rows[i] : first + i; }
  bool selects_only() const { return kind == pipes::detail::kind::derived && parent && !own && changes.empty() && !json_here && !renders && !varied; }
};

namespace pipes::detail {

// Publishes `mine` unless another thread was faster; returns what stands.
template <class T>
T* publish(std::atomic<T*>& slot, std::unique_ptr<T> mine) {
  T* there = nullptr;
  if (slot.compare_exchange_strong(there, mine.get(), std::memory_order_acq_rel, std::memory_order_acquire)) return mine.release();
  return there;
}

const pipe_slice* record_array(pipe_batch* b);              // count(b) records
const pipe_column* column_of(pipe_batch* b, const pipe_field* f, bool exact);
// The same value, and number for number written alike.
bool same(const pipe_column& a, std::uint64_t i, const pipe_column& b, std::uint64_t k);
// Of a layer whose fields are settled: the place of f in `changes` or among the packed ones; none: it does not stand there.
std::uint32_t place_of(pipe_batch* b, const pipe_field* f);
std::unique_ptr<records_node> render_records(pipe_batch* b);  // of a dirty batch
void render_objects(pipe_batch* b, memory::text_buffer& out, std::vector<std::uint64_t>& ends);
// Fields that layers of a JSON batch attached or set, and those of the plain batches below: known without reading texts.
void known_fields(pipe_batch* b, std::vector<const pipe_field*>& list);
// Of one record of a JSON batch, those that were attached or set, in the order in which it got them; some may have been taken away since.
void attached_fields(pipe_batch* b, std::uint64_t row, std::vector<const pipe_field*>& list);
// That is the order of known_fields, for every record.
bool attached_in_one_order(pipe_batch* b);
// Adds those of a JSON batch's texts that somebody has asked for: whoever copies the records keeps their columns, too.
void found_fields(pipe_batch* b, std::vector<const pipe_field*>& list);
// Keeps the column as if it had been read from the texts just now; its arrays live as long as the batch.
void keep_found(pipe_batch* b, const pipe_field* f, const pipe_column& c);
bool dotted(const pipe_field* f);
const fields_node& field_list(pipe_batch* b);
void apply_changes(const pipe_batch* b, std::vector<const pipe_field*>& list);  // those of the layer, to the list of the one below
// The fields of several batches, none of them JSON, in an order that keeps each batch's own where one such order is found.
class field_union {
 public:
  void add(pipe_batch* b);
  std::vector<const pipe_field*> list;
  bool differ = false;  // not all have the same list
  bool varied = false;
 private:
  bool any_ = false;
};
// The value's text lies within those bytes.
inline bool inside(const pipe_slice& value, const char* record, std::size_t size) {
  return value.data >= record && value.data + value.size <= record + size;
}

// A new layer; refuses 2^32 records.
std::unique_ptr<pipe_batch> layer(batch_ref parent, std::uint64_t count);
// Sets dirty, renders, json, mixed, has_fields, begins, depth from the parent and the layer's own members. `unrendered`: the maker says
// that the records have no bytes but their rendering.
void settle(pipe_batch& b, bool unrendered = false);
bool renders(std::uint32_t change_kind);

// Rows of `b` as a layer; selections of selections become one. `rows` (ascending or not; null: first, first + 1, ...) is not
// copied: it lies in `memory` or in memory that the caller gives the result.
std::unique_ptr<pipe_batch> selection(pipe_batch* b, const std::uint32_t* rows, std::uint64_t first, std::uint64_t count,
                                      const memory::memory_set& memory);
// rows[i] == rows[0] + i for all i.
bool side_by_side(const std::uint32_t* rows, std::uint64_t count);

// The changes of a part over records that are not JSON, with those of dotted names that reach into a field's JSON done to that
// field; what they need is made in memory that `take` gives.
std::vector<change> without_paths(const batch_ref& from, const std::uint32_t* rows, std::uint64_t n, std::vector<change> changes,
                                  const std::function<void*(std::size_t)>& take);

// What is made of several batches carries the origins of all: each of them once, and as one.
void add_origin(pipe_batch* b, std::vector<std::shared_ptr<origin>>& to);
std::shared_ptr<origin> joined(std::vector<std::shared_ptr<origin>> origins);

}  // namespace pipes::detail
