#include "core/batch/kinds.hpp"

#include <algorithm>
#include <cstring>

namespace pipes::detail {
namespace {

// The batches of one kind that a mixed one is made of, and where its records stand in them.
class leaves {
 public:
  struct place {
    bool json;
    std::uint32_t row;  // of all leaves of the kind
  };
  std::vector<place> of(pipe_batch* b) {
    std::vector<place> places;
    places.reserve(count(b));
    if (b->kind == kind::joined && b->mixed) {
      for (const batch_ref& part : b->parts) {
        const std::vector<place> more = of(part.get());
        places.insert(places.end(), more.begin(), more.end());
      }
    } else if (b->mixed) {
      const std::vector<place> below = of(b->parent.get());
      for (std::uint64_t i = 0; i < b->count; ++i) places.push_back(below[b->row(i)]);
    } else {
      found_[b->json].push_back(batch_ref::share(b));
      for (std::uint64_t n = count(b); n > 0; --n) places.push_back({b->json, records_[b->json]++});
    }
    return places;
  }
  batch_ref rows(bool json, const std::vector<std::uint32_t>& chosen) const {
    return found_[json].empty() ? from_text({}) : select(concat(found_[json]).get(), chosen.data(), chosen.size());
  }

 private:
  std::vector<batch_ref> found_[2];
  std::uint32_t records_[2] = {0, 0};
};

}  // namespace

of_two_kinds::of_two_kinds(pipe_batch* b, const std::uint32_t* rows, std::uint64_t n) {
  leaves below;
  const std::vector<leaves::place> places = below.of(b);
  std::vector<std::uint32_t> chosen[2];
  is_json.reserve(n);
  for (std::uint64_t i = 0; i < n; ++i) {
    const leaves::place& at = places[rows ? rows[i] : i];
    is_json.push_back(at.json);
    (at.json ? rows_of_json : rows_of_others).push_back(static_cast<std::uint32_t>(i));
    chosen[at.json].push_back(at.row);
  }
  json = below.rows(true, chosen[true]);
  others = below.rows(false, chosen[false]);
}

batch_ref woven(const batch_ref& json, const batch_ref& others, const std::vector<std::uint8_t>& is_json) {
  std::vector<std::uint32_t> order;
  order.reserve(is_json.size());
  std::uint32_t next[] = {0, static_cast<std::uint32_t>(count(others.get()))};
  for (const std::uint8_t k : is_json) order.push_back(next[k]++);
  return select(concat({others, json}).get(), order.data(), order.size());
}

std::vector<change> of_rows(const std::vector<change>& changes, const std::vector<std::uint32_t>& rows, const std::function<void*(std::size_t)>& take) {
  const auto chosen = [&](const auto* from) {
    using value = std::remove_const_t<std::remove_pointer_t<decltype(from)>>;
    if (!from) return static_cast<const value*>(nullptr);
    auto* const to = static_cast<value*>(take(rows.size() * sizeof(value)));
    for (std::size_t i = 0; i < rows.size(); ++i) to[i] = from[rows[i]];
    return static_cast<const value*>(to);
  };
  std::vector<change> made = changes;
  for (change& c : made) {
    if (c.kind != PIPE_ATTACH && c.kind != PIPE_SET) continue;
    c.column = {sizeof(pipe_column), c.column.all, rows.size(), chosen(c.column.tags), chosen(c.column.values), chosen(c.column.slices)};
    if (rows.empty()) c.column.all = PIPE_MISSING;
    else if (c.column.all == PIPE_MIXED && std::all_of(c.column.tags, c.column.tags + rows.size(), [&](std::uint8_t tag) { return tag == c.column.tags[0]; })) c.column.all = c.column.tags[0];
  }
  return made;
}

}  // namespace pipes::detail
