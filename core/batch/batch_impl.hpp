// batch_impl.hpp: what a batch is made of; for core/batch alone.
//
// A derived batch is one layer over its parent:
//   rows     row i is the parent's row rows[i], or first + i;
//   own      the records' new bytes; null: they are the parent's records at those rows;
//   json     the records are JSON objects: these very bytes, whose members are fields from here on (json_here), or the parent's;
//   changes  done to the fields on top of that, in order.
//
// When records have bytes
//   dirty    a layer whose records have no bytes until somebody asks: it has changes that need a rendering (all but PIPE_ATTACH), or lies over
//            a dirty one. A layer never has such changes over bytes of its own: `output` splits a part in two where the caller gave both.
//   renders  a dirty layer that is not JSON and makes the records' bytes out of the fields that they have here. What layers above it attach is
//            none of these bytes: such a layer is dirty as well, and renders what this one has.
//   JSON     records are rendered by editing their texts, layer by layer (edit.hpp).
//
// Kinds of records
//   mixed    some are JSON, others are not. Such a batch is batches joined, or a selection of them, and nothing else (kinds.hpp): whoever would
//            put a layer with changes over it makes two, one over each kind.
//   varied   not JSON, and records differ in the fields that stages made for them: which ones a record has is its own matter (text.kv).
//
// Fields of a JSON record are *attached* or *set* by layers (known without a look at the text), or *found* in the text when asked for.
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
  bool varied = false;  // the batch is, or one below; or it is joined of parts with different lists
};

enum class kind : std::uint8_t { block, derived, joined };

constexpr std::uint32_t deepest = 24;  // layers; a batch of more is copied, or a cycle would grow chains for ever
constexpr std::uint64_t unknown = ~std::uint64_t{0};

}  // namespace pipes::detail

struct pipe_batch {
  std::atomic<std::uint32_t> holders{1};

  // All up to `published late` is constant once a second fiber can see the batch.

  // What its maker says
  pipes::detail::kind kind = pipes::detail::kind::derived;
  bool json_here = false;
  bool unended = false;        // block: no line end behind the last record
  bool varied = false;         // here, or in what it was gathered from
  bool uncounted = false;

  // What settle() finds out for a layer; of a block or a joined batch its maker says this, too
  bool json = false;
  bool dirty = false;
  bool renders = false;
  bool mixed = false;
  bool has_fields = false;
  bool begins = false;         // the first record is the first of a file
  bool settled_fields = false; // packed, or all changes attach or set: a field is what the last of them that names it says
  std::uint32_t depth = 0;     // layers below

  // Which records
  std::uint64_t count = 0;     // records; of a block: line_count
  std::uint64_t first = 0;     // of a layer without `rows`
  std::uint64_t note = 0;      // of the part that it was made of
  pipes::batch_ref noted;      // a slice: the batch whose note it has,
  std::uint64_t noted_first = 0;  // and which of that one's records is the first here

  // The layer
  const std::uint32_t* rows = nullptr;
  const pipe_slice* own = nullptr;
  std::unique_ptr<const pipes::detail::packed_rows> packed;  // in place of own and of columns; then no parent, no changes
  std::unique_ptr<const pipes::detail::record_lists> lists;  // gathered: of records whose lists of fields differ; of JSON, what is attached
  pipes::batch_ref parent;
  pipes::batch_ref held;                // its memory is used here, its fields are not
  std::vector<pipes::detail::change> changes;

  // Joined
  std::vector<pipes::batch_ref> parts;
  std::vector<std::uint32_t> ends;      // mixed: behind which record each part ends

  // A block
  char* block = nullptr;                // the pool's; null where the text lies elsewhere
  const char* text = nullptr;
  std::size_t text_size = 0;

  // Memory and origin
  pipes::memory::memory_set memory;
  std::size_t memory_share = 0;         // of `memory`, this batch's part of what its call took
  std::shared_ptr<pipes::origin> source;
  std::unique_ptr<pipes::file_range> range;  // a block that is read from a file: load() sets text and block, and publishes them

  // Published late (I1): pointers go from null to their value once, by publish()
  std::atomic<std::uint64_t> line_count{pipes::detail::unknown};
  std::atomic<pipes::detail::records_node*> records{nullptr};
  std::atomic<pipes::detail::runs_node*> runs{nullptr};
  std::atomic<pipes::detail::fields_node*> fields{nullptr};
  std::atomic<pipes::detail::field_index*> index{nullptr};   // place_of()
  std::atomic<pipes::detail::column_node*> missing{nullptr}; // the column of all fields that no record has
  pipes::detail::column_list columns;
  std::atomic<std::size_t> late_bytes{0};    // memory of all this
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
const pipe_column* column_of(pipe_batch* b, const pipe_field* f, bool exact);   // exact: a dotted name is just a name (columns.cpp)
// The same value; of numbers, also the same text.
bool same(const pipe_column& a, std::uint64_t i, const pipe_column& b, std::uint64_t k);
// In a layer with settled_fields: the place of f in `changes`, or among the packed ones; none: it does not stand there.
std::uint32_t place_of(pipe_batch* b, const pipe_field* f);
std::unique_ptr<records_node> render_records(pipe_batch* b);  // of a dirty batch
void render_objects(pipe_batch* b, memory::text_buffer& out, std::vector<std::uint64_t>& ends);
// Which fields (field_lists.cpp)
const fields_node& field_list(pipe_batch* b);
void apply_changes(const pipe_batch* b, std::vector<const pipe_field*>& list);  // the layer's, to the list of the one below
bool dotted(const pipe_field* f);
// Adds those that layers of a JSON batch attached or set, and those of batches below that are not JSON: known without reading texts.
void known_fields(pipe_batch* b, std::vector<const pipe_field*>& list);
// Adds those attached to or set in one record of a JSON batch, in the order in which it got them; some may be gone again.
void attached_fields(pipe_batch* b, std::uint64_t row, std::vector<const pipe_field*>& list);
// Whether for every record that is the order of known_fields.
bool attached_in_one_order(pipe_batch* b);
// Adds those in a JSON batch's texts that somebody has asked for: whoever copies the records copies their columns, too.
void found_fields(pipe_batch* b, std::vector<const pipe_field*>& list);
// Keeps the column as if it had been read from the texts just now. Its arrays live as long as the batch.
void keep_found(pipe_batch* b, const pipe_field* f, const pipe_column& c);
// The union of several batches' fields, none of them JSON. It keeps each batch's own order as far as there is an order that does.
class field_union {
 public:
  void add(pipe_batch* b);
  std::vector<const pipe_field*> list;
  bool differ = false;  // not all have the same list
  bool varied = false;
 private:
  bool any_ = false;
};
// Whether the value's text lies within those bytes.
inline bool inside(const pipe_slice& value, const char* record, std::size_t size) {
  return value.data >= record && value.data + value.size <= record + size;
}

// Making layers (batch.cpp, derive.cpp): layer(), then what it does to its parent, then settle().
std::unique_ptr<pipe_batch> layer(batch_ref parent, std::uint64_t count);   // refuses 2^32 records
// Sets what follows from the parent and the layer's own members. `unrendered`: its maker says that a rendering is all the bytes that the
// records have.
void settle(pipe_batch& b, bool unrendered = false);
bool renders(std::uint32_t change_kind);

// Rows of `b` as a layer; a selection of a selection becomes one. `rows` (in any order; null: first, first + 1, ...) is not copied: it lies
// in `memory`, or in memory that the caller gives the result.
std::unique_ptr<pipe_batch> selection(pipe_batch* b, const std::uint32_t* rows, std::uint64_t first, std::uint64_t count,
                                      const memory::memory_set& memory);
// Whether rows[i] == rows[0] + i for all i.
bool side_by_side(const std::uint32_t* rows, std::uint64_t count);

// The changes of a part over records that are not JSON. Those of dotted names that reach into a field's JSON become changes of that field,
// in memory that `take` gives (paths.cpp).
std::vector<change> without_paths(const batch_ref& from, const std::uint32_t* rows, std::uint64_t n, std::vector<change> changes,
                                  const std::function<void*(std::size_t)>& take);

// What is made of several batches carries the origins of all: collected, each once; then joined into one.
void add_origin(pipe_batch* b, std::vector<std::shared_ptr<origin>>& to);
std::shared_ptr<origin> joined(std::vector<std::shared_ptr<origin>> origins);

}  // namespace pipes::detail
