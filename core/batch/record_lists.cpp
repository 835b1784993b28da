#include "core/batch/record_lists.hpp"
#include "core/batch/batch_impl.hpp"

#include <algorithm>

namespace pipes::detail {
namespace {

bool begins(const std::vector<const pipe_field*>& list, const std::vector<const pipe_field*>& with) {
  return with.size() <= list.size() && std::equal(with.begin(), with.end(), list.begin());
}

// Those of the batch that the record has.
std::vector<const pipe_field*> there(pipe_batch* b, std::uint64_t row) {
  std::vector<const pipe_field*> list;
  for (const pipe_field* f : field_list(b).list)
    if (const pipe_column* c = column_of(b, f, false); c->all != PIPE_MISSING && c->tags[row] != PIPE_MISSING) list.push_back(f);
  return list;
}

}  // namespace

lists_of_parts::lists_of_parts(pipe_batch* const* parts, const std::vector<bool>& used, const std::vector<const pipe_field*>& list) : parts_(used.size()) {
  for (std::size_t p = 0; p < used.size(); ++p) {
    if (!used[p]) continue;
    of_part& made = parts_[p];
    made.part = parts[p];
    pipe_batch* root = parts[p];
    while (root->selects_only()) root = root->parent.get();
    const fields_node& listed = field_list(root);
    if (!root->json && begins(list, listed.list)) {
      if (root->lists) made.root = root;
      else if (!listed.varied) made.size = static_cast<std::uint32_t>(listed.list.size());
    }
    differ_ = differ_ || made.size != list.size();
  }
}

std::uint32_t lists_of_parts::size(std::uint32_t part, std::uint32_t row) const {
  const of_part& from = parts_[part];
  if (!from.root) return from.size;
  std::uint64_t at = row;
  for (const pipe_batch* b = from.part; b != from.root; b = b->parent.get()) at = b->row(at);
  const record_lists& lists = *from.root->lists;
  return lists.sizes[lists.of ? lists.of[at] : 0];
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
  if (b->lists) {
    const std::uint32_t size = b->lists->sizes[b->lists->of ? b->lists->of[row] : 0];
    if (size == record_lists::unknown) return there(b, row);
    const auto& all = field_list(b).list;
    return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(size)};
  }
  if (b->json || b->varied) return there(b, row);
  if (b->packed) return b->packed->fields;
  std::vector<const pipe_field*> list;
  if (b->parent) list = list_of_record(b->parent.get(), b->row(row));
  apply_changes(b, list);
  return list;
}

}  // namespace pipes::detail

namespace pipes {

std::vector<const pipe_field*> record_fields(pipe_batch* b, std::uint64_t row) { return detail::list_of_record(b, row); }

}  // namespace pipes
