// kinds.cpp: see kinds.hpp.
#include "core/batch/kinds.hpp"

#include <algorithm>
#include <cstring>

namespace pipes::detail {

leaves::place leaves::of(pipe_batch* b, std::uint64_t row) {
  while (b->mixed) {
    if (b->kind == kind::joined) {
      const auto part = std::upper_bound(b->ends.begin(), b->ends.end(), row) - b->ends.begin();
      if (part > 0) row -= b->ends[static_cast<std::size_t>(part - 1)];
      b = b->parts[static_cast<std::size_t>(part)].get();
    } else {
      row = b->row(row);
      b = b->parent.get();
    }
  }
  std::uint32_t& last = last_[b->json];
  if (last >= all_.size() || all_[last] != b) {
    const auto [there, fresh] = numbers_.emplace(b, static_cast<std::uint32_t>(all_.size()));
    if (fresh) all_.push_back(b);
    last = there->second;
  }
  return {last, static_cast<std::uint32_t>(row)};
}

of_two_kinds::of_two_kinds(pipe_batch* b, const std::uint32_t* rows, std::uint64_t n) {
  leaves below;
  std::vector<leaves::place> places[2];
  is_json.reserve(n);
  for (std::uint64_t i = 0; i < n; ++i) {
    const leaves::place at = below.of(b, rows ? rows[i] : i);
    const bool of_json = below.all()[at.leaf]->json;
    is_json.push_back(of_json);
    (of_json ? rows_of_json : rows_of_others).push_back(static_cast<std::uint32_t>(i));
    places[of_json].push_back(at);
  }
  for (const bool of_json : {false, true}) {
    std::vector<batch_ref> found;
    std::vector<std::uint64_t> first(below.all().size());  // where each leaf's records begin in `found` joined
    std::uint64_t records = 0;
    for (std::size_t l = 0; l < below.all().size(); ++l) {
      pipe_batch* const leaf = below.all()[l];
      if (leaf->json != of_json) continue;
      first[l] = records;
      records += count(leaf);
      found.push_back(batch_ref::share(leaf));
    }
    std::vector<std::uint32_t> chosen;
    chosen.reserve(places[of_json].size());
    for (const leaves::place& at : places[of_json]) chosen.push_back(static_cast<std::uint32_t>(first[at.leaf] + at.row));
    (of_json ? json : others) = found.empty() ? from_text({}) : select(concat(found).get(), chosen.data(), chosen.size());
  }
}

batch_ref woven(const batch_ref& json, const batch_ref& others, const std::vector<std::uint8_t>& is_json) {
  std::vector<std::uint32_t> order;
  order.reserve(is_json.size());
  std::uint32_t next[] = {0, static_cast<std::uint32_t>(count(others.get()))};
  for (const std::uint8_t k : is_json) order.push_back(next[k]++);
  return select(concat({others, json}).get(), order.data(), order.size());
}

std::vector<change> of_rows(const std::vector<change>& changes, const std::vector<std::uint32_t>& rows, const std::function<void*(std::size_t)>& take,
                            const std::function<bool(const char*)>& taken) {
  const auto chosen = [&](const auto* from) {
    using value = std::remove_const_t<std::remove_pointer_t<decltype(from)>>;
    if (!from) return static_cast<value*>(nullptr);
    auto* const to = static_cast<value*>(take(rows.size() * sizeof(value)));
    for (std::size_t i = 0; i < rows.size(); ++i) to[i] = from[rows[i]];
    return to;
  };
  std::vector<change> made = changes;
  for (change& c : made) {
    if (c.kind != PIPE_ATTACH && c.kind != PIPE_SET) continue;
    const std::uint8_t* const tags = chosen(c.column.tags);
    pipe_slice* const slices = chosen(c.column.slices);
    for (std::size_t i = 0; slices && i < rows.size(); ++i) {
      pipe_slice& s = slices[i];
      if (tags[i] == PIPE_MISSING || !s.data || taken(s.data)) continue;
      s.data = s.size ? static_cast<const char*>(std::memcpy(take(s.size), s.data, s.size)) : "";
    }
    c.column = {sizeof(pipe_column), c.column.all, rows.size(), tags, chosen(c.column.values), slices};
    if (rows.empty()) c.column.all = PIPE_MISSING;
    else if (c.column.all == PIPE_MIXED && std::all_of(tags, tags + rows.size(), [&](std::uint8_t tag) { return tag == tags[0]; })) c.column.all = tags[0];
  }
  return made;
}

}  // namespace pipes::detail
