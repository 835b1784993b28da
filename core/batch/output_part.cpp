// output_part.cpp: the batch of a part: from the bottom, the part's `from`, a selection of it, the part's bytes, its changes. A part that gives
// bytes and changes them becomes two layers (batch_impl.hpp); one over records of both kinds becomes two batches (kinds.hpp). What would
// pin a block for the sake of a few bytes is copied (batch.hpp, I3).
#include "core/batch/output_part.hpp"

#include <algorithm>
#include <cstring>

#include "core/batch/gather.hpp"
#include "core/batch/kinds.hpp"

namespace pipes::detail {
namespace {

// Of changes to JSON records: leaves out those that set a field to the very column that was read from the texts, which need not be edited then.
void drop_idle(pipe_batch* parent, std::uint64_t n, std::vector<change>& changes) {
  std::vector<const pipe_field*> known;
  const auto idle = [&](const change& c) {
    if (c.kind != PIPE_SET || n != parent->count) return false;
    const column_node* there = nullptr;
    for (pipe_batch* b = parent; !there && b; b = b->whole() && b->changes.empty() && !b->json_here ? b->parent.get() : nullptr) there = b->columns.find(c.field, false);
    if (!there || there->column.tags != c.column.tags || there->column.values != c.column.values || there->column.slices != c.column.slices) return false;
    if (known.empty()) known_fields(parent, known);
    return std::find(known.begin(), known.end(), c.field) == known.end();
  };
  // Only if no change can tell what a later one finds.
  const auto apart = [&](const change& c) { return c.kind == PIPE_SET && !dotted(c.field) && std::count_if(changes.begin(), changes.end(), [&](const change& o) { return o.field == c.field; }) == 1; };
  if (changes.size() == 1 || std::all_of(changes.begin(), changes.end(), apart))
    changes.erase(std::remove_if(changes.begin(), changes.end(), idle), changes.end());
}

// Columns that a stage attaches together with new JSON texts were read from these: they are found fields, not made ones. But where records had
// fields before, which count where the text lacks them, the columns are left out and made anew if somebody asks.
void take_found(pipe_batch& b, const std::vector<change>& changes) {
  if (b.parent && b.parent->has_fields) return;
  b.columns.expect(std::max(static_cast<std::uint32_t>(changes.size()), b.columns.expected()));
  for (const change& c : changes)
    if (c.kind == PIPE_ATTACH) keep_found(&b, c.field, c.column);
}

// The block of text at the bottom of a batch, if there is just one.
const pipe_batch* block_below(const pipe_batch* b) {
  while (b && b->kind == kind::derived && !b->own) b = b->parent.get();
  return b && b->kind == kind::block ? b : nullptr;
}

std::uint64_t pinned(const pipe_batch* b) {
  std::uint64_t n = b->memory_share + (b->kind == kind::block ? b->text_size : 0);
  if (b->parent) n += pinned(b->parent.get());
  if (b->held) n += pinned(b->held.get());
  for (const batch_ref& part : b->parts) n += pinned(part.get());
  return n;
}

// Whether the rows weigh less than a sixteenth of what they would pin (I3).
bool small(pipe_batch* from, const std::uint32_t* rows, std::uint64_t n) {
  if (from->dirty) return n * 16 < count(from);
  const std::uint64_t most = pinned(from) / 16;
  if (n > most) return false;
  const pipe_slice* r = record_array(from);
  std::uint64_t bytes = 0;
  for (std::uint64_t i = 0; i < n && bytes < most; ++i) bytes += r[rows[i]].size + std::uint64_t{1};
  return bytes < most;
}

// Makes the batches of one take().
struct maker {
  output& out;
  std::vector<batch_ref>& fresh;
  const std::function<bool(const char*)>& in_arena;  // of this call

  batch_ref keep(std::unique_ptr<pipe_batch> b) {
    auto ref = batch_ref::adopt(b.release());
    fresh.push_back(ref);
    return ref;
  }

  batch_ref passed(pipe_batch* from, const std::uint32_t* rows, std::uint64_t n) {
    if (!rows) return slice(from, 0, n);
    if (n == count(from) && side_by_side(rows, n)) return batch_ref::share(from);
    if (small(from, rows, n)) {
      const auto view = batch_ref::adopt(selection(from, rows, 0, n, {}).release());
      if (view->mixed) return copy(view.get());
      return keep(copied(view.get(), [&](std::size_t size) { return out.alloc(size); }));
    }
    if (from->selects_only() && !side_by_side(rows, n)) {
      auto* own = static_cast<std::uint32_t*>(out.alloc(n * sizeof(std::uint32_t)));
      for (std::uint64_t i = 0; i < n; ++i) own[i] = static_cast<std::uint32_t>(from->row(rows[i]));
      auto made = selection(from->parent.get(), own, 0, n, {});
      made->source = from->source;
      return keep(std::move(made));
    }
    auto made = selection(from, rows, 0, n, {});
    // Not made with `rows`: it may use row numbers of `from`, and then holds their memory.
    return made->rows == rows ? keep(std::move(made)) : batch_ref::adopt(made.release());
  }

  // New records over a block: those that lie in it pin it (`holds`) only if they are a good part of it, else they are copied. Records elsewhere
  // lie in the call's memory; or `from` has made them late, by a rendering, and then it is held.
  const pipe_slice* loosened(const pipe_batch* block, const pipe_slice* records, std::uint64_t n, bool& holds) {
    const auto inside = [&](const pipe_slice& s) { return s.data >= block->text && s.data <= block->text + block->text_size; };
    std::uint64_t bytes = 0, found = 0;
    for (std::uint64_t i = 0; i < n; ++i) {
      if (inside(records[i])) {
        bytes += records[i].size + std::uint64_t{1};
        ++found;
      } else if (records[i].size && !in_arena(records[i].data)) {
        holds = true;
        return records;
      }
    }
    holds = found > 0 && bytes * 16 >= block->text_size;
    if (holds || found == 0) return records;
    auto* own = static_cast<pipe_slice*>(out.alloc(n * sizeof(pipe_slice)));
    char* to = static_cast<char*>(out.alloc(bytes));
    for (std::uint64_t i = 0; i < n; ++i) {
      own[i] = records[i];
      if (!inside(records[i])) continue;
      if (records[i].size) std::memcpy(to, records[i].data, records[i].size);
      own[i].data = to;
      if (!(own[i].flags & slice_unended)) own[i].flags = PIPE_SLICE_NEWLINE;
      to += records[i].size;
      *to++ = '\n';
    }
    return own;
  }

  // A stage that cuts the block itself does not know which record was the source's last, without a line end: that is marked here.
  const pipe_slice* marked(const pipe_batch* block, const pipe_slice* records, std::uint64_t n) {
    const pipe_slice& last = records[n - 1];
    if (!block->unended || last.flags != 0 || last.data + last.size != block->text + block->text_size) return records;
    auto* own = static_cast<pipe_slice*>(out.alloc(n * sizeof(pipe_slice)));
    std::memcpy(own, records, n * sizeof(pipe_slice));
    own[n - 1].flags = slice_unended;
    return own;
  }

  batch_ref made(output_part& p) {
    batch_ref b = p.ready ? std::move(p.ready) : from_part(p);
    if (p.note == 0) return b;
    // A batch that was there before this call gets a layer for the note. It is not `fresh`: the call's memory is none of it.
    if (fresh.empty() || fresh.back().get() != b.get()) b = batch_ref::adopt(selection(b.get(), nullptr, 0, count(b.get()), {}).release());
    b->note = p.note;
    return b;
  }

  batch_ref from_part(output_part& p) {
    const batch_ref& from = p.from;
    const std::uint64_t n = p.count;
    const std::uint32_t* rows = p.rows;
    const pipe_slice* records = p.records;
    const bool fresh_fields = (p.flags & PIPE_PART_FRESH) != 0;
    const bool json = (p.flags & PIPE_PART_JSON) != 0;
    const bool unrendered = (p.flags & PIPE_PART_UNRENDERED) != 0 && !records;
    const bool says_varied = (p.flags & PIPE_PART_VARIED) != 0 && from && !from->json;  // also of records for which it made no field
    if (from && !records && !json && !unrendered && !fresh_fields && !says_varied && p.changes.empty()) return passed(from.get(), rows, n);

    place where{from, {}, {}};
    if (from && fresh_fields) where = {{}, from, get_origin(from.get())};
    const pipe_batch* block = from && records ? block_below(from.get()) : nullptr;
    bool begins = from ? from->begins && (!rows || rows[0] == 0) : (p.flags & PIPE_PART_BEGINS) != 0;
    if (block) {
      // A search hands over slices without row numbers; only the block's first byte tells that a slice is the first record.
      if (records[0].data > block->text && records[0].data <= block->text + block->text_size) begins = false;
      records = marked(block, records, n);
      if ((fresh_fields || !from->has_fields) && p.changes.empty()) {
        bool holds = true;
        records = loosened(block, records, n, holds);
        if (!holds) where = {{}, {}, get_origin(from.get())};
      }
    }
    if (rows && side_by_side(rows, n) && rows[0] == 0) rows = nullptr;
    const bool copies = where.parent && rows && !records && small(from.get(), rows, n);
    batch_ref result = layered(where, p.flags, rows, records, n, std::move(p.changes));
    if (copies && result->mixed) result = copy(result.get());
    else if (copies) result = keep(copied(result.get(), [&](std::size_t size) { return out.alloc(size); }));
    result->begins = begins;
    return result;
  }

  // What a part's bottom layer stands on.
  struct place {
    batch_ref parent;
    batch_ref held;
    std::shared_ptr<origin> source;
  };

  // The changes over a batch of both kinds of records: one layer over each kind. Texts in the changes' columns may lie in either kind, and are
  // copied: layers that held the whole batch for their sake would hold it twice, and layers over these four times.
  batch_ref over_both(const place& where, std::uint32_t flags, const std::uint32_t* rows, std::uint64_t n, const std::vector<change>& changes) {
    const auto take = [&](std::size_t size) { return out.alloc(size); };
    const of_two_kinds two(where.parent.get(), rows, n);
    const auto over = [&](const batch_ref& parent, const std::vector<std::uint32_t>& of, std::uint32_t meant) {
      if (of.empty()) return parent;
      return layered({parent, {}, where.source}, meant, nullptr, nullptr, of.size(), of_rows(changes, of, take, in_arena));
    };
    const std::uint32_t kept = flags & ~PIPE_PART_OWN_BYTES;
    return woven(over(two.json, two.rows_of_json, kept & ~PIPE_PART_UNRENDERED), over(two.others, two.rows_of_others, kept), two.is_json);
  }

  batch_ref layered(const place& where, std::uint32_t flags, const std::uint32_t* rows, const pipe_slice* records, std::uint64_t n,
                    std::vector<change> changes) {
    const bool json = (flags & PIPE_PART_JSON) != 0;
    const bool unrendered = (flags & PIPE_PART_UNRENDERED) != 0 && !records;
    const auto dirty = [&] { return std::any_of(changes.begin(), changes.end(), [](const change& c) { return renders(c.kind); }); };
    const bool rendered = records && (flags & PIPE_PART_OWN_BYTES) != 0;
    if (where.parent && where.parent->mixed && !json && (!records || (rendered && dirty()))) {
      const batch_ref both = over_both(where, flags, rows, n, changes);
      return records ? layered({both, where.held, where.source}, flags, nullptr, records, n, {}) : both;
    }
    if (where.parent && where.parent->json && !records && !rows && !json) drop_idle(where.parent.get(), n, changes);
    if (!json && !(where.parent && where.parent->json && !records))
      changes = without_paths(where.parent, rows, n, std::move(changes), [&](std::size_t size) { return out.alloc(size); });
    const bool dirties = dirty();
    auto bottom = layer(where.parent, n);
    bottom->varied = (flags & PIPE_PART_VARIED) != 0;
    bottom->uncounted = (flags & PIPE_PART_UNCOUNTED) != 0;
    bottom->held = where.held;
    bottom->source = where.source;
    if (where.parent) bottom->rows = rows;
    if (!dirties || (!records && !json)) {
      bottom->own = records;
      bottom->json_here = json;
      if (!json) bottom->changes = std::move(changes);
      settle(*bottom, unrendered);
      if (json) take_found(*bottom, changes);
      return keep(std::move(bottom));
    }
    std::vector<change> upper_changes;
    if (rendered) {
      bottom->changes = std::move(changes);
    } else {
      bottom->own = records;
      bottom->json_here = json;
      auto first = std::find_if(changes.begin(), changes.end(), [](const change& c) { return renders(c.kind); });
      bottom->changes.assign(changes.begin(), first);
      upper_changes.assign(first, changes.end());
    }
    settle(*bottom);
    auto upper = layer(keep(std::move(bottom)), n);
    if (rendered) {
      upper->own = records;
      upper->json_here = json;
    }
    upper->changes = std::move(upper_changes);
    settle(*upper);
    return keep(std::move(upper));
  }
};

}  // namespace

batch_ref batch_of(output_part& p, output& out, std::vector<batch_ref>& fresh, const std::function<bool(const char*)>& in_arena) {
  return maker{out, fresh, in_arena}.made(p);
}

}  // namespace pipes::detail
