// record_lists.cpp: see record_lists.hpp.
#include "core/batch/record_lists.hpp"
#include "core/batch/batch_impl.hpp"
#include "core/batch/record_order.hpp"

#include <algorithm>
#include <map>

namespace pipes::detail {
namespace {

bool begins(const std::vector<const pipe_field*>& list, const std::vector<const pipe_field*>& with) {
  return with.size() <= list.size() && std::equal(with.begin(), with.end(), list.begin());
}

// Those of the batch's fields that the record has a value for.
std::vector<const pipe_field*> there(pipe_batch* b, std::uint64_t row) {
  std::vector<const pipe_field*> list;
  if (b->packed) {
    const packed_rows::form& form = b->packed->form_of(row);
    for (std::size_t p = 0; p < form.has.size(); ++p)
      if (!b->packed->at_place(row, p).missing()) list.push_back(b->packed->fields[form.has[p]]);
    return list;
  }
  for (const pipe_field* f : field_list(b).list)
    if (const pipe_column* c = column_of(b, f, false); c->all != PIPE_MISSING && c->tags[row] != PIPE_MISSING) list.push_back(f);
  return list;
}

// Whether there is JSON below the layers: each text has members of its own.
bool stands_on_json(const pipe_batch* b) {
  while (b->parent && !b->json) b = b->parent.get();
  return b->json;
}

// Whether a record's list may say more than what values it has: an order of its own, or a place for a field that it lacks.
bool have_places(const pipe_batch* b) {
  for (; b; b = b->parent.get()) {
    if (b->json) return true;
    if (b->lists) return !b->lists->plain();
    if (b->packed) return !b->varied;
    const auto leaves_a_place = [&](const change& c) {
      return (c.kind == PIPE_SET || (c.kind == PIPE_ATTACH && !b->varied)) && (c.column.all == PIPE_MISSING || c.column.all == PIPE_MIXED);
    };
    if (std::any_of(b->changes.begin(), b->changes.end(), leaves_a_place)) return true;
    if (std::any_of(b->parts.begin(), b->parts.end(), [](const batch_ref& part) { return have_places(part.get()); })) return true;
  }
  return false;
}

}  // namespace

bool in_order(const std::vector<const pipe_field*>& fields, const std::vector<const pipe_field*>& all) {
  auto at = all.begin();
  for (const pipe_field* f : fields) {
    at = std::find(at, all.end(), f);
    if (at == all.end()) return false;
    ++at;
  }
  return true;
}

bool record_lists::plain() const {
  return std::all_of(lists.begin(), lists.end(), [](const record_list& l) { return l == record_list(); });
}

bool record_lists::ordered() const {
  return std::any_of(lists.begin(), lists.end(), [](const record_list& l) { return !std::is_sorted(l.in_order.begin(), l.in_order.end()); });
}

bool lists_differ(pipe_batch* b) { return !b->json && (is_varied(b) || stands_on_json(b)); }

struct lists_of_parts::of_part {
  pipe_batch* part = nullptr;
  // One of three says what a record's list is:
  pipe_batch* root = nullptr;           // a batch that has lists, of which the part is a selection;
  std::unique_ptr<record_order> order;  // this, asked for each record;
  record_list all;                      // the same for all
};

lists_of_parts::~lists_of_parts() = default;

lists_of_parts::lists_of_parts(pipe_batch* const* parts, const std::vector<bool>& used, const std::vector<const pipe_field*>& list) : parts_(used.size()), list_(list) {
  for (std::size_t p = 0; p < used.size(); ++p) {
    if (!used[p]) continue;
    of_part& made = parts_[p];
    made.part = parts[p];
    if (made.part->json) {
      json_ = true;
      std::vector<const pipe_field*> attached;
      known_fields(made.part, attached);
      differ_ = differ_ || !attached_in_one_order(made.part) || !in_order(attached, list);
      continue;
    }
    pipe_batch* root = parts[p];
    while (root->selects_only()) root = root->parent.get();
    const fields_node& listed = field_list(root);
    const bool begins_so = begins(list, listed.list);
    if (begins_so && root->lists) {
      made.root = root;
    } else if (begins_so && !lists_differ(root)) {
      made.all.size = static_cast<std::uint32_t>(listed.list.size());
    } else {
      made.order = std::make_unique<record_order>(parts[p]);
      if (made.order->of_list() && lists_differ(root) && !have_places(root) && in_order(listed.list, list)) made.order.reset();
      else made.order->ask();
    }
    differ_ = differ_ || made.root || made.order || made.all.size != list.size();
  }
}

const record_list& lists_of_parts::at(std::uint32_t part, std::uint32_t row) {
  of_part& from = parts_[part];
  if (from.root) {
    std::uint64_t at = row;
    for (const pipe_batch* b = from.part; b != from.root; b = b->parent.get()) at = b->row(at);
    const record_lists& lists = *from.root->lists;
    return lists.lists[lists.of ? lists.of[at] : 0];
  }
  if (!from.order && !from.part->json) return from.all;
  if (!index_) {
    index_ = std::make_unique<field_index>(list_.size());
    for (std::size_t i = 0; i < list_.size(); ++i) index_->put(list_[i], static_cast<std::uint32_t>(i));
  }
  made_.in_order.clear();
  attached_.clear();
  if (from.part->json) attached_fields(from.part, row, attached_);
  for (const pipe_field* f : from.order ? from.order->of(row) : attached_)
    if (const std::uint32_t number = index_->at(f); number != field_index::none) made_.in_order.push_back(number);
  return made_;
}

std::unique_ptr<record_lists> lists_of_parts::of(const std::uint32_t* of, const std::uint32_t* rows, std::uint64_t n, const std::function<void*(std::size_t)>& take) {
  if (!differ_) return nullptr;
  auto made = std::make_unique<record_lists>();
  auto* const numbers = static_cast<std::uint32_t*>(take((n ? n : 1) * sizeof(std::uint32_t)));
  made->of = numbers;
  std::map<record_list, std::size_t> known;
  std::size_t last = 0;  // neighbours mostly are alike
  for (std::uint64_t i = 0; i < n; ++i) {
    const record_list& list = at(of ? of[i] : 0, rows ? rows[i] : static_cast<std::uint32_t>(i));
    if (last >= made->lists.size() || !(made->lists[last] == list)) {
      const auto [there, fresh] = known.emplace(list, made->lists.size());
      last = there->second;
      if (fresh) made->lists.push_back(list);
    }
    numbers[i] = static_cast<std::uint32_t>(last);
  }
  if (json_ && !made->ordered()) return nullptr;
  return made;
}

std::vector<const pipe_field*> list_of_record(pipe_batch* b, std::uint64_t row) {
  if (b->kind == kind::block) return {};
  if (b->kind == kind::joined) {
    for (const batch_ref& part : b->parts) {
      const std::uint64_t n = count(part.get());
      if (row < n) return list_of_record(part.get(), row);
      row -= n;
    }
    return {};
  }
  if (b->lists && !b->json) {
    const record_list& list = b->lists->lists[b->lists->of ? b->lists->of[row] : 0];
    const auto& all = field_list(b).list;
    std::vector<const pipe_field*> found;
    for (const std::uint32_t number : list.in_order) found.push_back(all[number]);
    if (!found.empty()) return found;
    if (list.size == record_list::unknown) return there(b, row);
    return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(list.size)};
  }
  if (b->varied && !b->parent) return there(b, row);
  if (b->packed && !b->json) return b->packed->fields;
  if (b->varied && b->settled_fields && b->parent->kind == kind::block) {  // text.kv: what it attached, most often
    std::vector<const pipe_field*> list;
    for (const change& c : b->changes)
      if (c.column.tags[row] != PIPE_MISSING && std::find(list.begin(), list.end(), c.field) == list.end()) list.push_back(c.field);
    return list;
  }
  if (b->json || lists_differ(b)) {
    record_order order(b);
    order.ask();
    return order.of(row);
  }
  std::vector<const pipe_field*> list;
  if (b->parent) list = list_of_record(b->parent.get(), b->row(row));
  apply_changes(b, list);
  return list;
}

}  // namespace pipes::detail

namespace pipes {

std::vector<const pipe_field*> record_fields(pipe_batch* b, std::uint64_t row) { return detail::list_of_record(b, row); }

}  // namespace pipes
