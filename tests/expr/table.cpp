#include "table.hpp"

#include <cstdlib>
#include <cstring>

namespace test {

cell cell_of(std::string_view s) {
  cell c;
  if (s.empty()) return c;
  c.text = s.size() > 2 ? s.substr(2) : std::string_view();
  switch (s[0]) {
    case 'i': c.tag = PIPE_INT; c.bits = static_cast<std::uint64_t>(std::strtoll(c.text.c_str(), nullptr, 10)); break;
    case 'f': c.tag = PIPE_FLOAT; c.bits = pipes::expr::as_bits(std::strtod(c.text.c_str(), nullptr)); break;
    case 's': c.tag = PIPE_STRING; break;
    case 'w': c.tag = PIPE_WORD; break;
    case 'b': c.tag = PIPE_BOOL; c.bits = c.text == "1"; c.text.clear(); break;
    case 'j': c.tag = PIPE_JSON; break;
    default: c.tag = PIPE_NULL; break;
  }
  return c;
}

pipes::batch_ref table(std::size_t rows, const std::vector<std::pair<std::string, std::vector<cell>>>& columns) {
  pipes::output out;
  auto* records = static_cast<pipe_slice*>(out.alloc((rows + 1) * sizeof(pipe_slice)));
  for (std::size_t i = 0; i < rows; ++i) records[i] = {"r", 1, 0};
  std::vector<pipe_column> made(columns.size());
  std::vector<pipe_change> changes(columns.size());
  for (std::size_t k = 0; k < columns.size(); ++k) {
    auto* tags = static_cast<std::uint8_t*>(out.alloc(rows + 1));
    auto* values = static_cast<std::uint64_t*>(out.alloc((rows + 1) * 8));
    auto* slices = static_cast<pipe_slice*>(out.alloc((rows + 1) * sizeof(pipe_slice)));
    std::uint32_t seen = 0;
    for (std::size_t i = 0; i < rows; ++i) {
      const cell c = i < columns[k].second.size() ? columns[k].second[i] : cell{};
      tags[i] = static_cast<std::uint8_t>(c.tag);
      values[i] = c.bits;
      seen |= 1u << c.tag;
      char* p = static_cast<char*>(out.alloc(c.text.size() + 1));
      std::memcpy(p, c.text.data(), c.text.size());
      const bool has_text = c.tag >= PIPE_INT && (c.tag > PIPE_FLOAT || !c.text.empty());
      slices[i] = {has_text ? p : nullptr, static_cast<std::uint32_t>(c.text.size()), 0};
    }
    std::uint32_t all = PIPE_MIXED;
    for (std::uint32_t t = 0; t <= PIPE_JSON; ++t) if (seen == 1u << t) all = t;
    made[k] = {sizeof(pipe_column), rows ? all : PIPE_MISSING, rows, tags, values, slices};
    changes[k] = {PIPE_ATTACH, 0, pipes::field(columns[k].first), nullptr, &made[k]};
  }
  pipe_part part{};
  part.struct_size = sizeof part;
  part.records = records;
  part.changes = changes.data();
  part.count = rows;
  part.change_count = changes.size();
  out.emit(0, part);
  auto emitted = out.take();
  return emitted.empty() ? pipes::from_text("") : emitted[0].batch;
}

std::string shown(const pipes::expr::value& v) {
  pipes::memory::arena room;
  switch (v.tag) {
    case PIPE_MISSING: case PIPE_NULL: return "null";
    case PIPE_STRING: case PIPE_WORD: return "\"" + std::string(v.text) + "\"";
    default: return std::string(pipes::expr::to_text(v, room));
  }
}

}  // namespace test
