// paths.cpp: dotted names on records that are not JSON. To set a.b changes the value of field a, where that is a JSON object and there is no
// field a.b. So the change is rewritten when it is emitted; the rest of core/batch knows such records by exact names alone.
#include "core/batch/batch_impl.hpp"
#include "core/batch/edit.hpp"
#include "core/batch/json.hpp"

#include <algorithm>
#include <cstring>

namespace pipes::detail {
namespace {

pipe_column writable(const pipe_column& c, std::uint64_t n, const std::function<void*(std::size_t)>& take) {
  auto* tags = static_cast<std::uint8_t*>(take(n));
  auto* values = static_cast<std::uint64_t*>(take(n * sizeof(std::uint64_t)));
  auto* slices = static_cast<pipe_slice*>(take(n * sizeof(pipe_slice)));
  std::memset(tags, PIPE_MISSING, n);
  std::memset(values, 0, n * sizeof *values);
  std::memset(static_cast<void*>(slices), 0, n * sizeof *slices);
  if (c.tags) std::memcpy(tags, c.tags, n);
  if (c.values) std::memcpy(values, c.values, n * sizeof *values);
  if (c.slices) std::memcpy(static_cast<void*>(slices), c.slices, n * sizeof *slices);
  return {sizeof(pipe_column), PIPE_MIXED, n, tags, values, slices};
}

void settle_tag(pipe_column& c) {
  c.all = c.tags[0];
  for (std::uint64_t i = 1; i < c.count; ++i)
    if (c.tags[i] != c.all) c.all = PIPE_MIXED;
}

// The JSON object `text` with `path` set or dropped, in `take`'s memory. data() is null if the path's parent is no object.
std::string_view edited(std::string_view text, std::string_view path, const change& c, std::uint64_t i, memory::arena& scratch,
                        const std::function<void*(std::size_t)>& take) {
  json::editor editor(scratch);
  if (!editor.load(text)) return {};
  if (c.kind == PIPE_SET && c.column.tags[i] != PIPE_MISSING) {
    memory::text_buffer value;
    json::append_value(value, c.column.tags[i], c.column.values ? c.column.values[i] : 0, c.column.slices ? c.column.slices + i : nullptr);
    if (!editor.set_path(path, scratch.keep({value.data(), value.size()}))) return {};
  } else if (!editor.drop_path(path)) {
    return {};
  }
  memory::text_buffer out;
  editor.write(out);
  auto* to = static_cast<char*>(take(out.size()));
  std::memcpy(to, out.data(), out.size());
  return {to, out.size()};
}

}  // namespace

std::vector<change> without_paths(const batch_ref& from, const std::uint32_t* rows, std::uint64_t n, std::vector<change> changes,
                                  const std::function<void*(std::size_t)>& take) {
  const auto reaches = [](const change& c) { return (c.kind == PIPE_SET || c.kind == PIPE_DROP) && dotted(c.field); };
  if (n == 0 || std::none_of(changes.begin(), changes.end(), reaches)) return changes;
  std::vector<change> done;
  memory::arena scratch;
  for (const change& c : changes) {
    if (!reaches(c)) {
      done.push_back(c);
      continue;
    }
    // The records as the changes before this one leave them.
    const auto view = batch_ref::adopt(layer(from, n).release());
    if (from) view->rows = rows;
    view->changes = done;
    settle(*view.get());
    const pipe_column& exact = *column_of(view.get(), c.field, true);
    const auto& leading = c.field->leading;
    std::vector<pipe_column> wholes;
    bool any = false;
    for (const pipe_field* p : leading) {
      wholes.push_back(writable(*column_of(view.get(), p, true), n, take));
      any = any || std::memchr(wholes.back().tags, PIPE_JSON, n) != nullptr;
    }
    if (!any) {
      done.push_back(c);
      continue;
    }
    pipe_column flat = writable(c.column, n, take);
    for (std::uint64_t i = 0; i < n; ++i) {
      if (exact.tags[i] != PIPE_MISSING) continue;
      for (std::size_t p = 0; p < leading.size(); ++p) {
        pipe_column& whole = wholes[p];
        if (whole.tags[i] == PIPE_MISSING) continue;
        if (whole.tags[i] != PIPE_JSON) break;
        scratch.rewind();
        const auto text = edited(pipes::view(whole.slices[i]), std::string_view(c.field->name).substr(leading[p]->name.size() + 1), c, i, scratch, take);
        if (!text.data()) break;
        const_cast<pipe_slice*>(whole.slices)[i] = {text.data(), static_cast<std::uint32_t>(text.size()), 0};
        const_cast<std::uint8_t*>(flat.tags)[i] = PIPE_MISSING;
        break;
      }
    }
    for (std::size_t p = 0; p < leading.size(); ++p) {
      if (std::memchr(wholes[p].tags, PIPE_JSON, n) == nullptr) continue;
      settle_tag(wholes[p]);
      done.push_back({PIPE_SET, leading[p], nullptr, wholes[p]});
    }
    settle_tag(flat);
    if (c.kind == PIPE_SET) done.push_back({PIPE_SET, c.field, nullptr, flat});
    else done.push_back(c);
  }
  return done;
}

}  // namespace pipes::detail
