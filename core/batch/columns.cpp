// columns.cpp: columns, found in a layer's changes, gathered from the parent, or read out of JSON text; kept in the batch's list of them.
// column_of() is where to begin, at the end: it looks in that list, else make() tells the cases apart.
//
// A dotted name a.b has two meanings. *Exact*: the field of just that name. Else the record's value at that name by the contract's rule
// (the longest leading part that is a field, the rest a path into its JSON), which a change of a, of a.b or of a.b.c can alter. A JSON
// batch with such a change does not reason about layers but reads the rendered text.
#include "core/batch/batch_impl.hpp"
#include "core/batch/json.hpp"

#include <algorithm>
#include <cstring>

namespace pipes::detail {
namespace {

constexpr std::size_t zero_count = 64 * 1024;
const std::uint8_t zeros[zero_count] = {};  // PIPE_MISSING

const pipe_column* keep(pipe_batch* b, std::unique_ptr<column_node> mine) {
  const std::size_t bytes = mine->memory.bytes();
  bool kept = false;
  const column_node* const there = b->columns.keep(std::move(mine), kept);
  if (kept) b->late_bytes.fetch_add(bytes, std::memory_order_relaxed);
  return &there->column;
}

const pipe_column* missing(pipe_batch* b) {
  if (auto* there = b->missing.load(std::memory_order_acquire)) return &there->column;
  const std::uint64_t n = count(b);
  auto node = std::make_unique<column_node>(0);
  const std::uint8_t* tags = zeros;
  if (n > zero_count) {
    auto* own = node->memory.array<std::uint8_t>(n);
    std::memset(own, PIPE_MISSING, n);
    tags = own;
  }
  node->column = {sizeof(pipe_column), PIPE_MISSING, n, tags, nullptr, nullptr};
  b->late_bytes.fetch_add(node->memory.bytes(), std::memory_order_relaxed);
  return &publish(b->missing, std::move(node))->column;
}

std::uint32_t common_tag(const std::uint8_t* tags, std::uint64_t n) {
  if (n == 0) return PIPE_MISSING;
  return n == 1 || std::memcmp(tags, tags + 1, n - 1) == 0 ? tags[0] : PIPE_MIXED;
}

// A column under construction, value by value; arrays appear when the first value needs them.
class builder {
 public:
  builder(std::uint64_t n, const pipe_field* field, bool exact) : n_(n), node_(std::make_unique<column_node>(n * 25 + 64)) {
    node_->field = field;
    node_->exact = exact;
    tags_ = node_->memory.array<std::uint8_t>(n ? n : 1);
    std::memset(tags_, PIPE_MISSING, n);
  }
  memory::arena& memory() { return node_->memory; }
  bool has(std::uint64_t i) const { return tags_[i] != PIPE_MISSING; }
  void put(std::uint64_t i, const json::value& v) {
    tags_[i] = static_cast<std::uint8_t>(v.tag);
    if (v.tag == PIPE_BOOL || v.tag == PIPE_INT || v.tag == PIPE_FLOAT) values()[i] = v.bits;
    if (v.text.data()) slices()[i] = {v.text.data(), static_cast<std::uint32_t>(v.text.size()), 0};
  }
  void copy(std::uint64_t i, const pipe_column& from, std::uint64_t row) {
    tags_[i] = from.tags[row];
    if (from.values && (tags_[i] == PIPE_BOOL || tags_[i] == PIPE_INT || tags_[i] == PIPE_FLOAT)) values()[i] = from.values[row];
    if (from.slices && tags_[i] != PIPE_MISSING && from.slices[row].data) slices()[i] = from.slices[row];
  }
  std::unique_ptr<column_node> finish() {
    node_->column = {sizeof(pipe_column), common_tag(tags_, n_), n_, tags_, values_, slices_};
    return std::move(node_);
  }

 private:
  std::uint64_t* values() {
    if (!values_) {
      values_ = node_->memory.array<std::uint64_t>(n_);
      std::memset(values_, 0, n_ * sizeof *values_);
    }
    return values_;
  }
  pipe_slice* slices() {
    if (!slices_) {
      slices_ = node_->memory.array<pipe_slice>(n_);
      std::memset(static_cast<void*>(slices_), 0, n_ * sizeof *slices_);
    }
    return slices_;
  }
  std::uint64_t n_;
  std::unique_ptr<column_node> node_;
  std::uint8_t* tags_;
  std::uint64_t* values_ = nullptr;
  pipe_slice* slices_ = nullptr;
};

const pipe_column* gathered_column(pipe_batch* b, const pipe_column* from, const pipe_field* f, bool exact) {
  if (from->all == PIPE_MISSING) return missing(b);
  const std::uint64_t n = b->count;
  if (b->whole() && from->count == n) return from;
  if (!b->rows) {
    auto node = std::make_unique<column_node>(0);
    node->field = f;
    node->exact = exact;
    node->column = {sizeof(pipe_column), from->all, n, from->tags + b->first, from->values ? from->values + b->first : nullptr,
                    from->slices ? from->slices + b->first : nullptr};
    if (from->all == PIPE_MIXED) node->column.all = common_tag(node->column.tags, n);
    return keep(b, std::move(node));
  }
  auto node = std::make_unique<column_node>(n * (1 + (from->values ? 8 : 0) + (from->slices ? 16 : 0)) + 64);
  node->field = f;
  node->exact = exact;
  const std::uint32_t* const rows = b->rows;
  auto* tags = node->memory.array<std::uint8_t>(n ? n : 1);
  if (from->all != PIPE_MIXED) std::memset(tags, static_cast<int>(from->all), n);
  else for (std::uint64_t i = 0; i < n; ++i) tags[i] = from->tags[rows[i]];
  std::uint64_t* values = nullptr;
  if (from->values) {
    values = node->memory.array<std::uint64_t>(n);
    for (std::uint64_t i = 0; i < n; ++i) values[i] = from->values[rows[i]];
  }
  pipe_slice* slices = nullptr;
  if (from->slices) {
    slices = node->memory.array<pipe_slice>(n);
    for (std::uint64_t i = 0; i < n; ++i) slices[i] = from->slices[rows[i]];
  }
  const std::uint32_t all = n == 0 ? PIPE_MISSING : from->all != PIPE_MIXED ? from->all : common_tag(tags, n);
  node->column = {sizeof(pipe_column), all, n, tags, values, slices};
  return keep(b, std::move(node));
}

// Remembers under f's name a column that was found some other way.
const pipe_column* alias(pipe_batch* b, const pipe_field* f, bool exact, const pipe_column* c) {
  auto node = std::make_unique<column_node>(0);
  node->field = f;
  node->exact = exact;
  node->column = *c;
  return keep(b, std::move(node));
}

// The field's values in the records' texts; kept under `key`, as by resolve().
const pipe_column* read_text(pipe_batch* b, const pipe_field* f, bool exact, const pipe_field* key) {
  const std::uint64_t n = count(b);
  const pipe_slice* r = record_array(b);
  builder made(n, key, exact);
  for (std::uint64_t i = 0; i < n; ++i)
    if (const auto value = json::lookup(view(r[i]), *f, exact); value.data()) made.put(i, json::read(value, made.memory()));
  auto node = made.finish();
  return node->column.all == PIPE_MISSING ? missing(b) : keep(b, std::move(node));
}

// A stage that asks for one field after the other would have each record's text walked through for each of them. So once some fields have
// been asked for (more where there are more), all are read at once: true for one of those that ask. How many fields there are is counted
// only when the number of those asked for is a power of two.
bool reads_all_texts(pipe_batch* b) {
  constexpr std::uint32_t few = 8, part = 16;  // by then they have cost about what all of them do
  const std::uint32_t before = b->texts_read.fetch_add(1, std::memory_order_relaxed);
  if (before < few || (before & (before - 1)) != 0 || count(b) == 0) return false;
  std::uint32_t fields = 0;
  json::members first(view(record_array(b)[0]));
  for (json::member m; first.next(m);) ++fields;
  return fields / part <= before && (before == few || fields / part > before / 2);
}

// Keeps a column for each member, except those that the layer attached or set itself.
void read_all_texts(pipe_batch* b) {
  const std::uint64_t n = count(b);
  const pipe_slice* r = record_array(b);
  const std::vector<const pipe_field*>& list = field_list(b).list;
  std::vector<builder> made;
  made.reserve(list.size());
  field_index places(list.size());
  for (const pipe_field* f : list) {
    places.put(f, static_cast<std::uint32_t>(made.size()));
    made.emplace_back(n, f, false);
  }
  memory::arena scratch;
  for (std::uint64_t i = 0; i < n; ++i) {
    json::members all(view(r[i]));
    std::size_t hint = 0;  // records mostly repeat one order
    for (json::member m; all.next(m); ++hint) {
      if (hint >= list.size() || !json::key_is(m.key, list[hint]->name)) {
        scratch.rewind();
        hint = places.at(field(json::key_text(m.key, scratch)));
        if (hint == field_index::none) continue;
      }
      if (!made[hint].has(i)) made[hint].put(i, json::read(m.value, made[hint].memory()));
    }
  }
  for (std::size_t k = 0; k < list.size(); ++k) {
    const pipe_field* const f = list[k];
    if (std::any_of(b->changes.begin(), b->changes.end(), [&](const change& c) { return c.field == f; })) continue;
    for (std::uint64_t i = 0; i < n && dotted(f); ++i)
      if (!made[k].has(i))
        if (const auto value = json::lookup(view(r[i]), *f, false); value.data()) made[k].put(i, json::read(value, made[k].memory()));
    keep(b, made[k].finish());
  }
}

// `first` where it has a value, else `second`.
const pipe_column* overlay(pipe_batch* b, const pipe_column* first, const pipe_column* second) {
  if (second->all == PIPE_MISSING || (first->all != PIPE_MISSING && first->all != PIPE_MIXED)) return first;
  if (first->all == PIPE_MISSING) return second;
  builder made(first->count, nullptr, false);
  for (std::uint64_t i = 0; i < first->count; ++i) made.copy(i, first->tags[i] != PIPE_MISSING ? *first : *second, i);
  return keep(b, made.finish());
}

std::unique_ptr<field_index> index_fields(const pipe_batch& b) {
  const std::size_t n = b.packed ? b.packed->fields.size() : b.changes.size();
  auto made = std::make_unique<field_index>(n);
  for (std::size_t i = 0; i < n; ++i) made->put(b.packed ? b.packed->fields[i] : b.changes[i].field, static_cast<std::uint32_t>(i));
  return made;
}

// The field as the layer's first `k` changes leave it. What is gathered on the way is kept under `key` (null: under no name).
const pipe_column* resolve(pipe_batch* b, const pipe_field* f, std::size_t k, bool exact, const pipe_field* key) {
  if (b->settled_fields && k == b->changes.size() && k) {
    if (const std::uint32_t at = place_of(b, f); at != field_index::none) return &b->changes[at].column;
    k = 0;
  }
  while (k-- > 0) {
    const change& c = b->changes[k];
    switch (c.kind) {
      case PIPE_ATTACH: case PIPE_SET:
        if (c.field == f) return &c.column;
        break;
      case PIPE_DROP:
        if (c.field == f) return missing(b);
        break;
      case PIPE_RENAME:
        if (c.field == c.to) break;
        if (c.to == f) return overlay(b, resolve(b, c.field, k, exact, nullptr), resolve(b, f, k, exact, nullptr));
        if (c.field == f) return missing(b);
        break;
      case PIPE_KEEP: {
        // All PIPE_KEEP of a layer are one change, done where the first of them stands.
        const auto is_keep = [](const change& o) { return o.kind == PIPE_KEEP; };
        if (std::any_of(b->changes.begin(), b->changes.begin() + static_cast<std::ptrdiff_t>(k), is_keep)) break;
        const bool stays = std::any_of(b->changes.begin(), b->changes.end(), [&](const change& o) { return is_keep(o) && o.field == f; });
        if (!stays) return missing(b);
        break;
      }
      default: break;
    }
  }
  if (b->packed) {
    auto node = std::make_unique<column_node>(b->count * (sizeof(std::uint8_t) + sizeof(pipe_slice)) + 64);
    node->field = key;
    node->exact = exact;
    return unpack_column(*b, f, *node) ? keep(b, std::move(node)) : missing(b);
  }
  if (!b->parent) return missing(b);
  return gathered_column(b, column_of(b->parent.get(), f, exact), key, exact);
}

// The field as all of the layer's changes leave it.
const pipe_column* changed(pipe_batch* b, const pipe_field* f, bool exact) {
  exact = exact && dotted(f);
  const pipe_column* c = resolve(b, f, b->changes.size(), exact, f);
  const bool renamed = !b->settled_fields && std::any_of(b->changes.begin(), b->changes.end(), [&](const change& o) { return o.kind == PIPE_RENAME && o.to == f; });
  return renamed ? alias(b, f, exact, c) : c;
}

bool leads(const pipe_field* a, const pipe_field* x) { return std::find(x->leading.begin(), x->leading.end(), a) != x->leading.end(); }

// Of a JSON layer: whether some change may reach into f's value, or f reach into what a change has made.
bool entangled(const pipe_batch* b, const pipe_field* f) {
  const auto near = [&](const pipe_field* a) { return leads(a, f) || leads(f, a); };
  for (const change& c : b->changes) {
    if (!renders(c.kind)) continue;
    if (near(c.field) || (c.to && near(c.to))) return true;
    // Dropping the field a.b uncovers the path b in a.
    if (dotted(f) && (c.field == f || c.to == f) && !(c.kind == PIPE_SET && c.column.all != PIPE_MISSING && c.column.all != PIPE_MIXED))
      return true;
  }
  return false;
}

// Whether the layer's changes leave record i of a JSON batch as it was.
bool left_alone(pipe_batch* b, std::uint64_t i) {
  return std::none_of(b->changes.begin(), b->changes.end(), [&](const change& c) {
    if (!renders(c.kind)) return false;
    if (c.kind == PIPE_KEEP) return true;
    const pipe_column& before = *column_of(b->parent.get(), c.field, false);
    const std::uint64_t row = b->row(i);
    if (c.kind != PIPE_SET || c.column.tags[i] == PIPE_MISSING) return before.tags[row] != PIPE_MISSING;
    return !c.others || !same(c.column, i, before, row);
  });
}

// Whether all that the layer changes near f lies within f's value: f itself is neither set nor taken away.
bool only_within(const pipe_batch* b, const pipe_field* f) {
  return std::none_of(b->changes.begin(), b->changes.end(), [&](const change& c) {
    if (!renders(c.kind)) return false;
    return c.kind == PIPE_KEEP || c.field == f || leads(c.field, f) || (c.to && (c.to == f || leads(c.to, f)));
  });
}

// A field that the layer's changes reach into is what the changed text says. But it is what it was before in a record that they leave alone
// (what other records of the batch have must not show), and where it is attached to the record: then it hides the member of the text that
// they reached into.
const pipe_column* reached(pipe_batch* b, const pipe_field* f, bool exact) {
  const pipe_column* const text = read_text(b, f, exact, nullptr);
  std::vector<const pipe_field*> known;
  known_fields(b->parent.get(), known);
  if (std::find(known.begin(), known.end(), f) == known.end()) return text;
  const pipe_column& before = *column_of(b->parent.get(), f, exact);
  const pipe_column* const text_before = only_within(b, f) ? read_text(b->parent.get(), f, exact, nullptr) : nullptr;
  const auto hides = [&](std::uint64_t row) { return text_before && before.tags[row] != PIPE_MISSING && !same(before, row, *text_before, row); };
  builder made(b->count, nullptr, exact);
  for (std::uint64_t i = 0; i < b->count; ++i) hides(b->row(i)) || left_alone(b, i) ? made.copy(i, before, b->row(i)) : made.copy(i, *text, i);
  return keep(b, made.finish());
}

// Of a batch that is not JSON itself: `c`, and where that has no value what stands at the path in a field that holds JSON.
const pipe_column* with_paths(pipe_batch* b, const pipe_field* f, const pipe_column* c) {
  if (c->all != PIPE_MISSING && c->all != PIPE_MIXED) return c;
  std::vector<const pipe_column*> leading;
  bool any = false;
  for (const pipe_field* p : f->leading) {
    leading.push_back(column_of(b, p, true));
    any = any || leading.back()->all == PIPE_JSON || leading.back()->all == PIPE_MIXED;
  }
  if (!any) return c;
  builder made(c->count, f, false);
  for (std::uint64_t i = 0; i < c->count; ++i) {
    if (c->tags[i] != PIPE_MISSING) {
      made.copy(i, *c, i);
      continue;
    }
    for (std::size_t p = 0; p < leading.size(); ++p) {
      if (leading[p]->tags[i] == PIPE_MISSING) continue;
      if (leading[p]->tags[i] == PIPE_JSON) {
        const auto value = json::lookup_path(view(leading[p]->slices[i]), std::string_view(f->name).substr(f->leading[p]->name.size() + 1));
        if (value.data()) made.put(i, json::read(value, made.memory()));
      }
      break;
    }
  }
  return keep(b, made.finish());
}

const pipe_column* join(pipe_batch* b, const pipe_field* f, bool exact) {
  std::vector<const pipe_column*> from;
  bool any = false;
  for (const batch_ref& part : b->parts) {
    from.push_back(column_of(part.get(), f, exact));
    any = any || from.back()->all != PIPE_MISSING;
  }
  if (!any) return missing(b);
  builder made(b->count, f, exact);
  std::uint64_t at = 0;
  for (const pipe_column* c : from)
    for (std::uint64_t i = 0; i < c->count; ++i) made.copy(at++, *c, i);
  return keep(b, made.finish());
}

const pipe_column* make(pipe_batch* b, const pipe_field* f, bool exact) {
  if (b->kind == kind::block) return missing(b);
  if (b->kind == kind::joined) return join(b, f, exact);
  if (b->mixed) return gathered_column(b, column_of(b->parent.get(), f, exact), f, exact);
  if (!b->json) {
    const pipe_column* c = changed(b, f, true);
    return dotted(f) && !exact ? with_paths(b, f, c) : c;
  }
  if (b->json_here) {
    for (std::size_t k = b->changes.size(); k-- > 0;)
      if (b->changes[k].field == f) return &b->changes[k].column;
    const bool more = b->parent && b->parent->has_fields;
    if (!more && reads_all_texts(b)) {
      read_all_texts(b);
      if (const column_node* there = b->columns.find(f, exact)) return &there->column;
    }
    const pipe_column* const c = read_text(b, f, exact, nullptr);
    return alias(b, f, exact, more ? overlay(b, c, gathered_column(b, column_of(b->parent.get(), f, exact), nullptr, exact)) : c);
  }
  // What is set under a dotted name may have come to stand at a path.
  const bool along = exact && std::any_of(b->changes.begin(), b->changes.end(), [f](const change& c) { return renders(c.kind) && (c.field == f || c.to == f); });
  if (along || entangled(b, f)) return alias(b, f, exact, reached(b, f, exact));
  return changed(b, f, exact);
}

}  // namespace

std::uint32_t place_of(pipe_batch* b, const pipe_field* f) {
  const std::size_t n = b->packed ? b->packed->fields.size() : b->changes.size();
  if (n < field_index::many) {
    for (std::size_t i = n; i-- > 0;)
      if ((b->packed ? b->packed->fields[i] : b->changes[i].field) == f) return static_cast<std::uint32_t>(i);
    return field_index::none;
  }
  const field_index* there = b->index.load(std::memory_order_acquire);
  return (there ? there : publish(b->index, index_fields(*b)))->at(f);
}

const pipe_column* column_of(pipe_batch* b, const pipe_field* f, bool exact) {
  exact = exact && dotted(f);
  if (const column_node* there = b->columns.find(f, exact)) return &there->column;
  return make(b, f, exact);
}

bool same(const pipe_column& a, std::uint64_t i, const pipe_column& b, std::uint64_t k) {
  if (a.tags[i] != b.tags[k] || ((a.tags[i] == PIPE_BOOL || a.tags[i] == PIPE_INT || a.tags[i] == PIPE_FLOAT) && a.values[i] != b.values[k])) return false;
  const auto text_of = [](const pipe_column& c, std::uint64_t at) { return c.slices && c.slices[at].data ? view(c.slices[at]) : std::string_view(); };
  return a.tags[i] <= PIPE_BOOL || text_of(a, i) == text_of(b, k);
}

void keep_found(pipe_batch* b, const pipe_field* f, const pipe_column& c) {
  auto node = std::make_unique<column_node>(0);
  node->field = f;
  node->column = c;
  keep(b, std::move(node));
}

}  // namespace pipes::detail

namespace pipes {

const pipe_column& column(pipe_batch* b, const pipe_field* f) { return *detail::column_of(b, f, false); }
const pipe_column& own_column(pipe_batch* b, const pipe_field* f) { return *detail::column_of(b, f, true); }

}  // namespace pipes
