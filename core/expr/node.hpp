// node.hpp: a compiled expression is a tree of nodes, each of which yields its values for a chunk of up to 1024 rows.
//
// Invariants
//   N1  What eval() returns is good until the next eval() of the same node, or the next chunk. Texts lie in the batch, in the frame's memory
//       or in the node itself.
//   N2  `active` (one byte a row, or nullptr: all) says for which rows the value is wanted. Values of other rows may be anything, and no miss
//       is counted for them: `x != null and x > 3` counts none where x is null. (A miss is an operation that met null or a wrong type.)
//   N3  Only field nodes are shared between parents; their values do not depend on `active`.
// One worker at a time, as pipe_expr.
#pragma once
#include "core/expr/value.hpp"

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace pipes::expr {

constexpr std::size_t chunk_rows = 1024;

// Types: sets of tags, of which a node's values may have any.
constexpr std::uint32_t type_null = 1u << PIPE_NULL, type_bool = 1u << PIPE_BOOL, type_int = 1u << PIPE_INT, type_float = 1u << PIPE_FLOAT,
                        type_string = 1u << PIPE_STRING, type_word = 1u << PIPE_WORD, type_json = 1u << PIPE_JSON;
constexpr std::uint32_t type_number = type_int | type_float;
constexpr std::uint32_t type_any = type_null | type_bool | type_number | type_string | type_word | type_json;
inline std::uint32_t type_of(const value& v) { return is_null(v) ? type_null : 1u << v.tag; }

// One node's values for a chunk, as arrays like those of a column. If `one` is set, entry 0 stands for every row.
struct vec {
  std::uint32_t all = PIPE_MIXED;
  bool one = false;
  const std::uint8_t* tags = nullptr;
  const std::uint64_t* values = nullptr;
  const pipe_slice* slices = nullptr;
  const std::uint8_t* bools = nullptr;  // all == PIPE_BOOL: 0 or 1 a row, in place of tags and values

  value at(std::size_t i) const {
    if (one) i = 0;
    value v;
    if (bools) return bool_value(bools[i] != 0);
    v.tag = all == PIPE_MIXED ? tags[i] : all;
    if (v.tag <= PIPE_NULL) return v;
    if (v.tag <= PIPE_FLOAT) v.bits = values[i];
    if (v.tag >= PIPE_INT && slices && slices[i].data) v.text = view(slices[i]);
    return v;
  }
};

// Room for one node's values, made when first used.
class buffers {
 public:
  std::uint8_t* tags() { if (!tags_) tags_.reset(new std::uint8_t[chunk_rows]); return tags_.get(); }
  std::uint64_t* values() { if (!values_) values_.reset(new std::uint64_t[chunk_rows]); return values_.get(); }
  pipe_slice* slices() { if (!slices_) slices_.reset(new pipe_slice[chunk_rows]); return slices_.get(); }
  void put(std::size_t i, const value& v) {
    tags()[i] = static_cast<std::uint8_t>(v.tag);
    values()[i] = v.bits;
    slices()[i] = {v.text.data(), static_cast<std::uint32_t>(v.text.size()), 0};
  }
  // All that was put, as values of mixed tags.
  vec mixed() { return {PIPE_MIXED, false, tags(), values(), slices(), nullptr}; }

 private:
  std::unique_ptr<std::uint8_t[]> tags_;
  std::unique_ptr<std::uint64_t[]> values_;
  std::unique_ptr<pipe_slice[]> slices_;
};

// A chunk of rows on which an expression is being run.
struct frame {
  pipe_batch* batch;
  std::uint64_t first;   // the chunk's first row in the batch
  std::size_t n;         // its rows
  memory::arena& memory; // for texts made on the way
  std::uint64_t serial;  // another one for each chunk
  std::uint64_t misses = 0;

  void miss(const std::uint8_t* active, std::size_t i) { misses += !active || active[i]; }
};

class node {
 public:
  enum class form : std::uint8_t { constant, field, comparison, logic, list, other };
  virtual ~node() = default;
  virtual const vec& eval(frame& f, const std::uint8_t* active) = 0;
  // The values as numbers: INT, FLOAT, or NULL for what is none. Counts no miss.
  const vec& numbers(frame& f, const std::uint8_t* active);
  // The values as conditions; what is neither true nor false counts as a miss and as false.
  const std::uint8_t* truth(frame& f, const std::uint8_t* active);

  // Constant once the node is made
  form what = form::other;
  bool borrows = false;  // every text that it yields lies in the batch
  std::uint32_t types = type_any;
  std::uint32_t depth = 1;   // of the tree below and with it: eval() recurses so deep

 private:
  std::uint64_t numbered_ = 0;  // the serial that `numbers_` belongs to
  vec numbers_;
  buffers number_room_;
  std::unique_ptr<std::uint8_t[]> truth_room_;
};
using node_ptr = std::shared_ptr<node>;

// One step into a JSON value: a key, or an index (from the end if negative).
struct step {
  bool by_key;
  std::string key;
  std::int64_t index;
};
value walk(value v, const std::vector<step>& steps, memory::arena& memory);

class constant_node final : public node {
 public:
  explicit constant_node(const value& v);
  const vec& eval(frame&, const std::uint8_t*) override { return vec_; }
  value get() const { return vec_.at(0); }

 private:
  std::string text_;
  std::uint8_t tag_;
  std::uint64_t bits_;
  pipe_slice slice_;
  vec vec_;
};

class field_node final : public node {
 public:
  field_node(const pipe_field* field, std::vector<step> steps);
  const vec& eval(frame& f, const std::uint8_t* active) override;
  const pipe_field* field() const { return field_; }
  bool plain() const { return steps_.empty(); }

 private:
  const pipe_field* field_;
  std::vector<step> steps_;
  std::uint64_t serial_ = 0;
  vec vec_;
  buffers room_;
};

// The operators. The parser has checked the types; children are never null.
constexpr unsigned accept_less = 1, accept_equal = 2, accept_greater = 4, accept_unordered = 8;  // a comparison: the outcomes that make it true
node_ptr make_comparison(unsigned accept, node_ptr left, node_ptr right);
node_ptr make_logic(bool conjunction, std::vector<node_ptr> terms);  // and, or
node_ptr make_not(node_ptr term);
node_ptr make_arithmetic(char op, node_ptr left, node_ptr right);  // + - * / % and d for //
node_ptr make_negation(node_ptr term);
node_ptr make_join(std::vector<node_ptr> terms);                   // + of texts
node_ptr make_coalesce(node_ptr left, node_ptr right);             // ??
node_ptr make_if(node_ptr condition, node_ptr yes, node_ptr no);
node_ptr make_list(std::vector<node_ptr> items);
node_ptr make_in(node_ptr left, node_ptr right, bool negated);
node_ptr make_match(node_ptr left, std::shared_ptr<pipe_pattern> pattern, bool negated);
node_ptr make_path(node_ptr base, std::vector<step> steps);
const std::vector<node_ptr>* list_items(const node& n);            // nullptr: no list literal
const std::vector<node_ptr>& join_parts(const node& n);            // of what make_join made

// The constant's value, or nullptr.
inline const constant_node* as_constant(const node_ptr& n) {
  return n->what == node::form::constant ? static_cast<const constant_node*>(n.get()) : nullptr;
}

}  // namespace pipes::expr
