// field_lists.cpp: which fields the records of a batch have, and in what order: made by stages, attached to JSON texts, or read out of these.
#include "core/batch/batch_impl.hpp"
#include "core/batch/json.hpp"

#include <algorithm>
#include <unordered_map>

namespace pipes::detail {
namespace {

void add_once(std::vector<const pipe_field*>& list, const pipe_field* f) {
  if (f && std::find(list.begin(), list.end(), f) == list.end()) list.push_back(f);
}

// Adds the fields of `more`. Each list keeps its own order, as far as fields that both have stand in the same order.
void merge_in_order(std::vector<const pipe_field*>& list, const std::vector<const pipe_field*>& more) {
  auto at = list.begin();  // behind the field before
  for (const pipe_field* f : more) {
    if (const auto here = std::find(at, list.end(), f); here != list.end()) at = here + 1;
    else if (std::find(list.begin(), at, f) == at) at = list.insert(at, f) + 1;
  }
}

}  // namespace

void found_fields(pipe_batch* b, std::vector<const pipe_field*>& list) {
  for (const batch_ref& part : b->parts) found_fields(part.get(), list);
  if (b->parent && b->json == b->parent->json) found_fields(b->parent.get(), list);
  for (const column_node* c = b->columns.newest(); c; c = c->next)
    if (!c->exact && c->column.all != PIPE_MISSING) add_once(list, c->field);
}

void known_fields(pipe_batch* b, std::vector<const pipe_field*>& list) {
  std::vector<const pipe_field*> here;
  for (const batch_ref& part : b->parts) {
    std::vector<const pipe_field*> of_part;
    known_fields(part.get(), of_part);
    merge_in_order(here, of_part);
  }
  if (b->packed)
    for (const pipe_field* f : b->packed->fields) add_once(here, f);
  if (b->parent) {
    if (b->json && !b->parent->json) here = field_list(b->parent.get()).list;
    else known_fields(b->parent.get(), here);
  }
  for (const change& c : b->changes) {
    if (c.kind == PIPE_ATTACH || c.kind == PIPE_SET) add_once(here, c.field);
    if (c.kind == PIPE_RENAME) add_once(here, c.to);
  }
  merge_in_order(list, here);
}

void attached_fields(pipe_batch* b, std::uint64_t row, std::vector<const pipe_field*>& list) {
  if (b->kind == kind::joined) {
    auto part = b->parts.begin();
    for (std::uint64_t n; row >= (n = count(part->get())); ++part) row -= n;
    return attached_fields(part->get(), row, list);
  }
  if (b->json && b->lists) {
    for (const std::uint32_t number : b->lists->lists[b->lists->of ? b->lists->of[row] : 0].in_order) list.push_back(b->changes[number].field);
    return;
  }
  if (b->packed) list = b->packed->fields;
  if (b->parent && b->parent->json) attached_fields(b->parent.get(), b->row(row), list);
  else if (b->parent) list = list_of_record(b->parent.get(), b->row(row));
  for (const change& c : b->changes) {
    if (c.kind == PIPE_RENAME) add_once(list, c.to);
    else if ((c.kind == PIPE_ATTACH || c.kind == PIPE_SET) && c.column.tags[row] != PIPE_MISSING) add_once(list, c.field);
  }
}

bool attached_in_one_order(pipe_batch* b) {
  std::vector<const pipe_field*> seen;
  for (; b; b = b->parent.get()) {
    if (b->kind == kind::joined && b->json && seen.empty()) {
      std::vector<const pipe_field*> all;
      known_fields(b, all);
      return std::all_of(b->parts.begin(), b->parts.end(), [&](const batch_ref& part) {
        std::vector<const pipe_field*> of_part;
        known_fields(part.get(), of_part);
        return attached_in_one_order(part.get()) && in_order(of_part, all);
      });
    }
    if (b->kind == kind::joined || (b->json ? b->lists != nullptr : lists_differ(b))) return false;
    const std::size_t above = seen.size();
    for (const change& c : b->changes)
      for (const pipe_field* f : {c.field, c.to}) {
        if (std::find(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(above), f) != seen.begin() + static_cast<std::ptrdiff_t>(above)) return false;
        if (f) seen.push_back(f);
      }
    if (!b->json) return true;
  }
  return true;
}

namespace {

// Where a name stands in a list that grows at its end.
class places {
 public:
  explicit places(std::vector<const pipe_field*>& list) : list_(list) {}
  // Of the name, which is added if it is new.
  std::size_t of(std::string_view name) {
    if (list_.size() < field_index::many) {
      const auto at = static_cast<std::size_t>(std::find_if(list_.begin(), list_.end(), [&](const pipe_field* f) { return f->name == name; }) - list_.begin());
      if (at == list_.size()) list_.push_back(field(name));
      return at;
    }
    for (std::size_t i = index_.size(); i < list_.size(); ++i) index_.emplace(list_[i], i);
    const pipe_field* const f = field(name);
    const auto [at, fresh] = index_.emplace(f, list_.size());
    if (fresh) list_.push_back(f);
    return at->second;
  }

 private:
  std::vector<const pipe_field*>& list_;
  std::unordered_map<const pipe_field*, std::size_t> index_;  // of many
};

// Names of all members, in order of appearance. Records mostly repeat one order: each member is tried where the last one led.
void text_fields(pipe_batch* b, std::vector<const pipe_field*>& list) {
  const std::uint64_t n = count(b);
  const pipe_slice* r = record_array(b);
  places known(list);
  memory::arena scratch;
  for (std::uint64_t i = 0; i < n; ++i) {
    json::members all(view(r[i]));
    json::member m;
    std::size_t hint = 0;
    while (all.next(m)) {
      if (hint < list.size() && json::key_is(m.key, list[hint]->name)) {
        ++hint;
        continue;
      }
      scratch.rewind();
      hint = known.of(json::key_text(m.key, scratch)) + 1;
    }
  }
}

std::unique_ptr<fields_node> list_fields(pipe_batch* b) {
  auto node = std::make_unique<fields_node>();
  auto& list = node->list;
  const auto add = [&](const pipe_field* f) {
    if (std::find(list.begin(), list.end(), f) == list.end()) list.push_back(f);
  };
  if (b->kind == kind::block) return node;
  node->varied = b->varied;
  if (b->packed) {
    list = b->packed->fields;
    return node;
  }
  if (b->kind == kind::joined) {
    if (b->json) {
      for (const batch_ref& part : b->parts)
        for (const pipe_field* f : field_list(part.get()).list) add(f);
      return node;
    }
    field_union all;
    for (const batch_ref& part : b->parts) all.add(part.get());
    list = std::move(all.list);
    // JSON records, and texts that were some, have their fields in orders of their own.
    node->varied = all.differ || all.varied || b->mixed || std::any_of(b->parts.begin(), b->parts.end(), [](const batch_ref& part) { return lists_differ(part.get()); });
    return node;
  }
  if (b->json) {
    text_fields(b, list);
    std::vector<const pipe_field*> known;
    known_fields(b, known);
    for (const pipe_field* f : known)  // only if it is a field of that name: a dotted one that was set along a path is in the text
      if (column_of(b, f, true)->all != PIPE_MISSING) add(f);
    return node;
  }
  if (b->parent) {
    const fields_node& below = field_list(b->parent.get());
    list = below.list;
    node->varied = node->varied || (below.varied && !b->parent->json);
  }
  apply_changes(b, list);
  return node;
}

}  // namespace

void apply_changes(const pipe_batch* b, std::vector<const pipe_field*>& list) {
  if (b->settled_fields && b->changes.size() >= field_index::many) {
    field_index known(list.size() + b->changes.size());
    for (const pipe_field* f : list) known.put(f, 0);
    for (const change& c : b->changes) {
      if (known.at(c.field) != field_index::none) continue;
      known.put(c.field, 0);
      list.push_back(c.field);
    }
    return;
  }
  const auto at = [&](const pipe_field* f) { return std::find(list.begin(), list.end(), f); };
  bool kept = false;
  for (const change& c : b->changes) {
    switch (c.kind) {
      case PIPE_ATTACH: case PIPE_SET:
        if (at(c.field) == list.end()) list.push_back(c.field);
        break;
      case PIPE_DROP:
        list.erase(std::remove(list.begin(), list.end(), c.field), list.end());
        break;
      case PIPE_RENAME:
        if (c.field == c.to || at(c.field) == list.end()) break;
        list.erase(std::remove(list.begin(), list.end(), c.to), list.end());
        *at(c.field) = c.to;
        break;
      case PIPE_KEEP:
        if (!std::exchange(kept, true))
          list.erase(std::remove_if(list.begin(), list.end(), [&](const pipe_field* f) {
            return std::none_of(b->changes.begin(), b->changes.end(), [&](const change& o) { return o.kind == PIPE_KEEP && o.field == f; });
          }), list.end());
        break;
      default: break;
    }
  }
}

const fields_node& field_list(pipe_batch* b) {
  fields_node* there = b->fields.load(std::memory_order_acquire);
  return there ? *there : *publish(b->fields, list_fields(b));
}

void field_union::add(pipe_batch* b) {
  const fields_node& more = field_list(b);
  varied = varied || more.varied;
  if (!std::exchange(any_, true)) {
    list = more.list;
    return;
  }
  const bool begins = more.list.size() <= list.size() && std::equal(more.list.begin(), more.list.end(), list.begin());
  if (!begins || more.list.size() < list.size()) differ = true;
  if (!begins) merge_in_order(list, more.list);
}

}  // namespace pipes::detail

namespace pipes {

bool is_varied(pipe_batch* b) { return !b->json && detail::field_list(b).varied; }

const pipe_field* const* fields(pipe_batch* b, std::uint64_t& n) {
  const auto& list = detail::field_list(b).list;
  n = list.size();
  return list.data();
}

}  // namespace pipes
