// plugins/lib/rewrite.hpp: stages that turn one text into another, of the whole record or of some of its fields.
#pragma once
#include <pipe/plugin.hpp>

namespace shared {

inline constexpr const char* rewrite_fields_doc = "The fields that it applies to, those that are text; without them it is the whole record.";

// f(std::string_view) gives the new text, which lies in the old one or in out's arena; the very same view says that nothing changed.
template <class F>
void rewrite_records(pipes::batch& in, pipes::output& out, F f) {
  const auto records = in.records();
  const std::size_t n = records.size();
  pipe_slice* made = nullptr;
  for (std::size_t i = 0; i < n; ++i) {
    const pipe_slice& old = records.slices()[i];
    const std::string_view text = f(std::string_view(old.data, old.size));
    if (text.data() == old.data && text.size() == old.size) continue;
    if (!made) {
      made = out.alloc_array<pipe_slice>(n);
      std::memcpy(made, records.slices(), n * sizeof(pipe_slice));
    }
    const bool same_end = text.data() + text.size() == old.data + old.size;
    made[i] = {text.data(), static_cast<std::uint32_t>(text.size()), same_end ? old.flags : 0u};
  }
  if (!made) return out.pass_as_text(in);
  pipe_part part{};
  part.flags = PIPE_PART_OWN_BYTES;
  part.from = in.raw();
  part.records = made;
  part.count = n;
  out.emit_part(part);
}

template <class F>
void rewrite_fields(pipes::batch& in, const std::vector<pipes::field>& fields, pipes::output& out, F f) {
  std::vector<pipe_column> columns;
  std::vector<pipe_change> changes;
  columns.reserve(fields.size());
  for (pipes::field name : fields) {
    const pipe_column& old = in[name].raw();
    pipe_slice* made = nullptr;
    for (std::size_t i = 0; i < old.count; ++i) {
      if (old.tags[i] != PIPE_STRING && old.tags[i] != PIPE_WORD) continue;
      const pipe_slice& s = old.slices[i];
      const std::string_view text = f(std::string_view(s.data, s.size));
      if (text.data() == s.data && text.size() == s.size) continue;
      if (!made) {
        made = out.alloc_array<pipe_slice>(old.count);
        std::memcpy(made, old.slices, old.count * sizeof(pipe_slice));
      }
      made[i] = {text.data(), static_cast<std::uint32_t>(text.size()), 0};
    }
    if (old.all == PIPE_MISSING) continue;
    columns.push_back(old);  // changed or not: as in set_columns.hpp
    if (made) columns.back().slices = made;
    changes.push_back({PIPE_SET, 0, name.handle(), nullptr, &columns.back()});
  }
  if (changes.empty()) return out.pass_rendered(in);
  pipe_part part{};
  part.from = in.raw();
  part.count = in.size();
  part.changes = changes.data();
  part.change_count = changes.size();
  out.emit_part(part);
}

template <class F>
void rewrite(pipes::batch& in, const std::vector<pipes::field>& fields, pipes::output& out, F f) {
  if (fields.empty())
    rewrite_records(in, out, f);
  else
    rewrite_fields(in, fields, out, f);
}

}  // namespace shared
