// node.cpp: from a byte of a scalar's text back to the source.
#include "pipelines/config/node.hpp"

#include <algorithm>

namespace pipes::pipelines {

void text_map::append_straight(std::uint32_t at, std::uint32_t source) {
  if (!segments.empty() && segments.back().straight && segments.back().source.begin + (at - segments.back().at) == source) return;
  segments.push_back({at, {source, source + 1}, true});
}

void text_map::append_fixed(std::uint32_t at, span source) {
  segments.push_back({at, source, false});
}

span text_map::locate(std::uint32_t at) const {
  if (segments.empty()) return {};
  auto next = std::upper_bound(segments.begin(), segments.end(), at, [](std::uint32_t a, const segment& s) { return a < s.at; });
  if (next == segments.begin()) return segments.front().source;
  const segment& s = *(next - 1);
  if (!s.straight) return s.source;
  const std::uint32_t place = s.source.begin + (at - s.at);
  return {place, place + 1};
}

span text_map::locate(std::uint32_t begin, std::uint32_t length) const {
  const span first = locate(begin);
  if (length <= 1) return first;
  const span last = locate(begin + length - 1);
  return {first.begin, std::max(first.end, last.end)};
}

const member* node::find(std::string_view key) const {
  for (const member& m : members)
    if (m.key == key) return &m;
  return nullptr;
}

std::string_view kind_name(const node& n) {
  switch (n.kind) {
    case node_kind::null: return n.where.size() != 0 ? "null" : "nothing";
    case node_kind::scalar: return "text";
    case node_kind::list: return "a list";
    case node_kind::map: return "a map";
  }
  return "";
}

}  // namespace pipes::pipelines
