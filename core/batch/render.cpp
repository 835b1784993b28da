// render.cpp: the bytes of changed records. JSON records are edited, layer by layer (render_edits, render_attached); others print their fields
// as an object (render_objects).
#include "core/batch/batch_impl.hpp"
#include "core/batch/edit.hpp"
#include "core/batch/json.hpp"
#include "core/batch/kinds.hpp"
#include "core/batch/record_order.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace pipes::detail {
namespace {

// A field that a change names. It may be attached to the records (by a regular expression, or a dead letter's error) and not stand in their text:
// a rename or a keep then takes it into the text.
struct named_field {
  const pipe_field* field;
  std::string key;  // the name that it has from then on, as JSON text
  const pipe_column* attached = nullptr;
  bool looked_up = false;
};

// One of a layer's changes, made ready to be done to one record after the other.
struct step {
  std::uint32_t kind;
  const pipe_field* field;
  const pipe_field* to;
  const pipe_column* column;
  std::string key;  // of the field, or the new name, as JSON text
  std::vector<const pipe_field*> kept;  // PIPE_KEEP: all of the layer's
  std::vector<named_field> named;       // PIPE_RENAME, PIPE_KEEP
  const pipe_column* before = nullptr;  // PIPE_SET: the field in the layer below; null until somebody asks
  bool others = false;                  // PIPE_SET: PIPE_CHANGE_OTHERS
  bool first = false;                   // PIPE_SET: no earlier change of the layer is about the field; known with `before`
};

struct floor {
  const pipe_batch* batch;
  std::vector<step> steps;
};

std::string key_of(const pipe_field* f) {
  memory::text_buffer out;
  json::append_string(out, f->name);
  return {out.data(), out.size()};
}

std::vector<step> steps_of(const pipe_batch* b) {
  std::vector<step> steps;
  step* keep = nullptr;
  steps.reserve(b->changes.size());
  // After an earlier change of the same layer it is no longer what is attached below.
  const auto untouched = [&](const pipe_field* f) {
    return std::none_of(steps.begin(), steps.end(), [f](const step& s) { return s.kind != PIPE_KEEP && (s.field == f || s.to == f); });
  };
  for (const change& c : b->changes) {
    if (!renders(c.kind)) continue;
    if (c.kind == PIPE_KEEP && keep) {
      keep->kept.push_back(c.field);
      if (untouched(c.field)) keep->named.push_back({c.field, key_of(c.field)});
      continue;
    }
    const bool names = (c.kind == PIPE_KEEP || (c.kind == PIPE_RENAME && !keep)) && untouched(c.field);
    steps.push_back({c.kind, c.field, c.to, &c.column, c.kind == PIPE_SET ? key_of(c.field) : c.kind == PIPE_RENAME ? key_of(c.to) : std::string(), {}, {}});
    steps.back().others = c.others;
    if (names) steps.back().named.push_back({c.field, c.kind == PIPE_KEEP ? key_of(c.field) : steps.back().key});
    if (c.kind == PIPE_KEEP) {
      keep = &steps.back();
      keep->kept.push_back(c.field);
    }
  }
  return steps;
}

const pipe_slice* slice_at(const pipe_column& c, std::uint64_t i) { return c.slices ? c.slices + i : nullptr; }

std::string_view value_text(const pipe_column& c, std::uint64_t i, memory::text_buffer& work, memory::arena& scratch) {
  const pipe_slice* s = slice_at(c, i);
  if ((c.tags[i] == PIPE_INT || c.tags[i] == PIPE_FLOAT) && s && s->data) return view(*s);
  work.clear();
  json::append_value(work, c.tags[i], c.values ? c.values[i] : 0, s);
  return scratch.keep({work.data(), work.size()});
}

// What is attached under that name in the layer below; null: nothing.
const pipe_column* attached(const pipe_batch* b, named_field& n) {
  if (!std::exchange(n.looked_up, true)) {
    std::vector<const pipe_field*> known;
    known_fields(b->parent.get(), known);
    if (std::find(known.begin(), known.end(), n.field) != known.end()) n.attached = column_of(b->parent.get(), n.field, false);
  }
  return n.attached;
}

void apply(floor& f, std::uint64_t i, json::editor& editor, memory::text_buffer& work, memory::arena& scratch) {
  const auto take_in = [&](named_field& n, const pipe_field& name) {
    const std::uint64_t row = f.batch->row(i);
    if (const pipe_column* c = attached(f.batch, n); c && c->tags[row] != PIPE_MISSING) editor.set(name, n.key, value_text(*c, row, work, scratch));
  };
  for (step& s : f.steps) {
    switch (s.kind) {
      case PIPE_SET:
        if ((s.column->tags[i] == PIPE_MISSING || s.others) && !s.before) {
          s.before = column_of(f.batch->parent.get(), s.field, false);
          s.first = std::none_of(f.steps.data(), &s, [&](const step& o) { return o.kind == PIPE_KEEP || o.field == s.field || o.to == s.field; });
        }
        // The field is taken away only from a record that had it. Else what stands under that name in the text was hidden by an attached field
        // of that name, and stays.
        if (s.column->tags[i] == PIPE_MISSING) {
          if (!s.first || s.before->tags[f.batch->row(i)] != PIPE_MISSING) editor.drop(*s.field);
        } else if (!s.others || !s.first || !same(*s.column, i, *s.before, f.batch->row(i))) {
          editor.set(*s.field, s.key, value_text(*s.column, i, work, scratch));
        }
        break;
      case PIPE_DROP: editor.drop(*s.field); break;
      case PIPE_RENAME:
        if (editor.has(*s.field)) editor.rename(*s.field, *s.to, s.key);
        else if (!s.named.empty()) take_in(s.named.front(), *s.to);
        break;
      case PIPE_KEEP:
        editor.keep(s.kept);
        for (named_field& n : s.named)
          if (!editor.has(*n.field)) take_in(n, *n.field);
        break;
      default: break;
    }
  }
}

void render_edits(pipe_batch* b, memory::text_buffer& out, std::vector<std::uint64_t>& ends, std::vector<std::uint64_t>& unended) {
  std::vector<floor> floors;  // the topmost first
  pipe_batch* base = b;
  for (bool text_below = false; base->dirty && !text_below && (base == b || !base->records.load(std::memory_order_acquire));) {
    floors.push_back({base, steps_of(base)});
    text_below = base->json_here;
    base = base->parent.get();
  }
  const pipe_slice* records = record_array(base);
  const std::uint64_t n = count(b);
  std::vector<std::uint64_t> at(floors.size());
  memory::arena scratch(16 * 1024);
  memory::text_buffer work;
  json::editor editor(scratch);
  for (std::uint64_t i = 0; i < n; ++i) {
    std::uint64_t row = i;
    for (std::size_t f = 0; f < floors.size(); ++f) {
      at[f] = row;
      row = floors[f].batch->row(row);
    }
    const std::string_view text = view(records[row]);
    const std::size_t begin = out.size();
    if (editor.load(text)) {
      scratch.rewind();
      for (std::size_t f = floors.size(); f-- > 0;) apply(floors[f], at[f], editor, work, scratch);
      editor.write(out);
    } else {
      out.append(text);  // no JSON, against its maker's word: it stays as it is
    }
    // A record in which nothing had to be changed is what it was, its missing line end included.
    if (records[row].flags & slice_unended && text == std::string_view(out.data() + begin, out.size() - begin)) unended.push_back(i);
    out.push('\n');
    ends.push_back(out.size());
  }
}

// A field that is printed. It has a column; or it lies in packed rows of several forms, which are read row by row: where most rows lack most
// fields, columns would take up more than all the rest.
struct printed {
  std::string key;
  const pipe_column* column;   // null: read from the rows
  std::uint32_t number;        // then, among the packed fields
};

// The packed batch of several forms that is at the bottom of `b`, or null.
pipe_batch* forms_below(pipe_batch* b) {
  while (b->kind == kind::derived && !b->json && !b->packed && b->parent) b = b->parent.get();
  return b->packed && b->packed->of ? b : nullptr;
}

// The field's number in the packed batch `root`, if no layer above it says what the field is and no column of it was made; none: ask for the
// column.
std::uint32_t number_below(pipe_batch* b, const pipe_batch* root, const pipe_field* f) {
  for (; b != root; b = b->parent.get()) {
    if (b->columns.find(f, dotted(f))) return field_index::none;
    if (b->settled_fields) {
      if (place_of(b, f) != field_index::none) return field_index::none;
      continue;
    }
    for (const change& c : b->changes)
      if (c.kind != PIPE_KEEP && (c.field == f || c.to == f)) return field_index::none;
  }
  return b->columns.find(f, dotted(f)) ? field_index::none : place_of(b, f);
}

// For records that got their fields in orders of their own.
void render_in_order(pipe_batch* b, record_order& order, memory::text_buffer& out, std::vector<std::uint64_t>& ends) {
  struct member {
    const pipe_field* field;
    const pipe_column* column;
    std::string key;
  };
  std::uint64_t field_count = 0;
  const pipe_field* const* list = fields(b, field_count);
  std::vector<member> members;
  for (std::uint64_t f = 0; f < field_count; ++f)
    if (const pipe_column* c = column_of(b, list[f], true); c->all != PIPE_MISSING) members.push_back({list[f], c, key_of(list[f]) + ':'});
  const std::uint64_t n = count(b);
  for (std::uint64_t i = 0; i < n; ++i) {
    bool first = true;
    std::size_t hint = 0;
    out.push('{');
    for (const pipe_field* f : order.of(i)) {
      if (hint >= members.size() || members[hint].field != f)
        hint = static_cast<std::size_t>(std::find_if(members.begin(), members.end(), [&](const member& m) { return m.field == f; }) - members.begin());
      if (hint == members.size()) continue;
      const member& m = members[hint++];
      const pipe_column& c = *m.column;
      if (c.tags[i] == PIPE_MISSING) continue;
      if (!std::exchange(first, false)) out.push(',');
      out.append(m.key);
      json::append_value(out, c.tags[i], c.values ? c.values[i] : 0, slice_at(c, i));
    }
    out.append("}\n", 2);
    ends.push_back(out.size());
  }
}

}  // namespace

void render_objects(pipe_batch* b, memory::text_buffer& out, std::vector<std::uint64_t>& ends) {
  record_order order(b);
  if (!order.of_list()) return render_in_order(b, order, out, ends);
  std::uint64_t field_count = 0;
  const pipe_field* const* list = fields(b, field_count);
  pipe_batch* const root = forms_below(b);
  std::vector<printed> all;
  for (std::uint64_t f = 0; f < field_count; ++f) {
    if (const std::uint32_t number = root ? number_below(b, root, list[f]) : field_index::none; number != field_index::none) all.push_back({{}, nullptr, number});
    else if (const pipe_column* c = column_of(b, list[f], true); c->all != PIPE_MISSING) all.push_back({{}, c, 0});
    else continue;
    all.back().key = key_of(list[f]) + ':';
  }
  // Of each form, what its rows can have: which of `all`, and the place.
  std::vector<std::vector<std::pair<std::uint32_t, std::size_t>>> by_form(root ? root->packed->forms.size() : 1);
  for (std::size_t form = 0; form < by_form.size(); ++form)
    for (std::uint32_t p = 0; p < all.size(); ++p) {
      const std::size_t place = all[p].column ? 0 : root->packed->forms[form].place_of(all[p].number);
      if (place != packed_rows::form::none) by_form[form].emplace_back(p, place);
    }
  const std::uint64_t n = count(b);
  for (std::uint64_t i = 0; i < n; ++i) {
    std::uint64_t row = i;
    if (root)
      for (const pipe_batch* at = b; at != root; at = at->parent.get()) row = at->row(row);
    const packed_rows* const rows = root ? root->packed.get() : nullptr;
    out.push('{');
    bool first = true;
    for (const auto& [which, place] : by_form[rows ? rows->number_of_form(row) : 0]) {
      const printed& p = all[which];
      pipe_slice text{};
      if (p.column) {
        if (p.column->tags[i] == PIPE_MISSING) continue;
      } else {
        const packed_rows::place at = rows->at_place(row, place);
        if (at.missing()) continue;
        text = {rows->row(row) + rows->form_of(row).head() + at.at, at.size, 0};
      }
      if (!std::exchange(first, false)) out.push(',');
      out.append(p.key);
      if (p.column) json::append_value(out, p.column->tags[i], p.column->values ? p.column->values[i] : 0, slice_at(*p.column, i));
      else json::append_value(out, PIPE_WORD, 0, &text);
    }
    out.append("}\n", 2);
    ends.push_back(out.size());
  }
}

namespace {

// JSON records, with what was attached to them from elsewhere (by a regex over the line, say) appended.
void render_attached(pipe_batch* b, memory::text_buffer& out, std::vector<std::uint64_t>& ends, const std::vector<const pipe_field*>& more, std::vector<std::uint64_t>& unended) {
  const std::uint64_t n = count(b);
  const pipe_slice* r = record_array(b);
  std::vector<std::pair<const pipe_column*, std::string>> columns;
  for (const pipe_field* f : more) columns.emplace_back(column_of(b, f, false), key_of(f));
  const bool one_order = more.size() < 2 || attached_in_one_order(b);
  std::vector<const pipe_field*> own_order;
  memory::arena scratch(4096);
  memory::text_buffer work;
  json::editor editor(scratch);
  for (std::uint64_t i = 0; i < n; ++i) {
    scratch.rewind();
    const std::size_t begin = out.size();
    if (editor.load(view(r[i]))) {
      const auto take_in = [&](std::size_t f) {
        if (columns[f].first->tags[i] != PIPE_MISSING && !json::lookup(view(r[i]), *more[f], false).data())
          editor.set(*more[f], columns[f].second, value_text(*columns[f].first, i, work, scratch));
      };
      own_order.clear();
      if (!one_order) attached_fields(b, i, own_order);
      for (const pipe_field* field : own_order)
        if (const auto at = std::find(more.begin(), more.end(), field); at != more.end()) take_in(static_cast<std::size_t>(at - more.begin()));
      for (std::size_t f = 0; f < more.size() && one_order; ++f) take_in(f);
      editor.write(out);
    } else {
      out.append(view(r[i]));
    }
    if (r[i].flags & slice_unended && out.size() - begin == r[i].size) unended.push_back(i);
    out.push('\n');
    ends.push_back(out.size());
  }
}

void slices_of(const char* data, const std::vector<std::uint64_t>& ends, pipe_slice* to) {
  std::uint64_t start = 0;
  for (const std::uint64_t end : ends) {
    if (end - start > std::numeric_limits<std::uint32_t>::max()) throw std::length_error("a rendered record of 4 GiB or more");
    *to++ = {data + start, static_cast<std::uint32_t>(end - start - 1), PIPE_SLICE_NEWLINE};
    start = end;
  }
}

// Fields of a JSON batch that some records have but their texts do not.
std::vector<const pipe_field*> outside(pipe_batch* b) {
  std::vector<const pipe_field*> known, list;
  known_fields(b, known);
  if (known.empty()) return list;
  const std::uint64_t n = count(b);
  const pipe_slice* r = record_array(b);
  for (const pipe_field* f : known) {
    const pipe_column& c = *column_of(b, f, false);
    if (c.all == PIPE_MISSING) continue;
    for (std::uint64_t i = 0; i < n; ++i) {
      if (c.tags[i] == PIPE_MISSING || json::lookup(view(r[i]), *f, false).data()) continue;
      list.push_back(f);
      break;
    }
  }
  return list;
}

// The records of `b` where they were changed, without what was attached since; `b` itself where nothing was.
batch_ref where_changed(pipe_batch* b) {
  if (is_unrendered(b)) return batch_ref::share(b);
  std::vector<std::uint32_t> rows(b->count);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::uint32_t>(i);
  for (; !b->renders; b = b->parent.get())
    for (std::uint32_t& row : rows) row = static_cast<std::uint32_t>(b->row(row));
  return select(b, rows.data(), rows.size());
}

}  // namespace

std::unique_ptr<records_node> render_records(pipe_batch* b) {
  memory::text_buffer out;
  std::vector<std::uint64_t> ends;
  const std::uint64_t n = count(b);
  ends.reserve(n);
  std::vector<std::uint64_t> unended;
  if (b->json) render_edits(b, out, ends, unended);
  else render_objects(where_changed(b).get(), out, ends);
  auto node = std::make_unique<records_node>(n * sizeof(pipe_slice));
  node->count = n;
  node->slices = node->memory.array<pipe_slice>(n ? n : 1);
  slices_of(out.data(), ends, node->slices);
  for (const std::uint64_t i : unended) node->slices[i].flags = slice_unended;
  node->bytes = out.release();
  return node;
}

}  // namespace pipes::detail

namespace pipes {

const pipe_slice* render(pipe_batch* b, std::uint32_t how, output& to) {
  using namespace detail;
  if (how == PIPE_RENDER_JSON && b->mixed) {
    const of_two_kinds two(b, nullptr, b->count);
    const pipe_slice* of[] = {render(two.others.get(), how, to), render(two.json.get(), how, to)};
    auto* const slices = static_cast<pipe_slice*>(to.alloc(b->count * sizeof(pipe_slice)));
    for (std::uint64_t i = 0; i < b->count; ++i) {
      const pipe_slice& s = *of[two.is_json[i]]++;
      auto* const text = static_cast<char*>(to.alloc(s.size + std::size_t{1}));  // it may lie in one of the two
      if (s.size) std::memcpy(text, s.data, s.size);
      text[s.size] = '\n';
      slices[i] = {text, s.size, s.flags & slice_unended ? slice_unended : PIPE_SLICE_NEWLINE};
    }
    return slices;
  }
  std::vector<const pipe_field*> more;
  if (how == PIPE_RENDER_JSON && b->json) more = outside(b);
  if (how == PIPE_RENDER_NATIVE || (b->json && more.empty()) || is_unrendered(b)) return record_array(b);
  memory::text_buffer out;
  std::vector<std::uint64_t> ends;
  const std::uint64_t n = count(b);
  ends.reserve(n);
  std::vector<std::uint64_t> unended;
  if (b->json) render_attached(b, out, ends, more, unended);
  else render_objects(b, out, ends);
  auto* slices = static_cast<pipe_slice*>(to.alloc(n * sizeof(pipe_slice)));
  auto* text = static_cast<char*>(to.alloc(out.size()));
  if (out.size()) std::memcpy(text, out.data(), out.size());
  slices_of(text, ends, slices);
  for (const std::uint64_t i : unended) slices[i].flags = slice_unended;
  return slices;
}

}  // namespace pipes
