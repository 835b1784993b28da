// tables.cpp: JSON lines filtered by a number, CSV rows filtered and grouped.
#include <cstdint>
#include <cstring>
#include <map>

#include <simdjson.h>

#include "bare.hpp"

namespace bare {
namespace {

struct alignas(64) totals {
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>, std::less<>> of;  // rows, sum
};

std::string_view token(simdjson::simdjson_result<simdjson::ondemand::value> value) {
  std::string_view text = "null";
  if (value.error()) return text;
  text = value.value_unsafe().raw_json_token();
  while (text.back() == ' ') text.remove_suffix(1);
  return text;
}

int number(const char* begin, const char* end) {
  int n = 0;
  for (; begin != end; ++begin) n = n * 10 + (*begin - '0');
  return n;
}

}  // namespace

void filter_json(const char* path) {
  std::string found[2];
  simdjson::ondemand::parser parsers[2];
  read_halves(path, [&](int share, const char* begin, const char* end) {
    while (begin != end) {
      const char* newline = static_cast<const char*>(std::memchr(begin, '\n', static_cast<std::size_t>(end - begin)));
      const auto size = static_cast<std::size_t>(newline - begin);
      simdjson::ondemand::document record;
      double rtt = 0;
      if (parsers[share].iterate(begin, size, size + simdjson::SIMDJSON_PADDING).get(record)) std::abort();
      if (!record["rtt"].get(rtt) && rtt > 0.1) {
        const auto field = [&](const char* name, const char* before) {
          found[share] += before;
          found[share] += token(record[name]);
        };
        field("ts", "{\"ts\":");
        field("id.orig_h", ",\"id.orig_h\":");
        field("query", ",\"query\":");
        found[share] += "}\n";
      }
      begin = newline + 1;
    }
  });
  print(found[0]);
  print(found[1]);
}

// origin,year,month,day,hour,...: rows of the second half of the day, by origin.
void group_csv(const char* path) {
  totals halves[2];
  bool header = true;
  read_halves(path, [&](int share, const char* begin, const char* end) {
    const auto find = [&](const char* from, char c) { return static_cast<const char*>(std::memchr(from, c, static_cast<std::size_t>(end - from))); };
    if (share == 0 && header) {
      begin = find(begin, '\n') + 1;
      header = false;
    }
    auto* last = static_cast<std::pair<const std::string, std::pair<std::uint64_t, std::uint64_t>>*>(nullptr);
    while (begin != end) {
      const char* comma[5];
      const char* at = begin;
      for (auto& c : comma) at = (c = find(at, ',')) + 1;
      if (number(comma[3] + 1, comma[4]) >= 12) {
        const std::string_view origin(begin, static_cast<std::size_t>(comma[0] - begin));
        if (!last || last->first != origin) last = &*halves[share].of.try_emplace(std::string(origin)).first;
        ++last->second.first;
        last->second.second += static_cast<std::uint64_t>(number(comma[1] + 1, comma[2]) * 100 + number(comma[2] + 1, comma[3]));
      }
      begin = find(at, '\n') + 1;
    }
  });
  for (const auto& [origin, sums] : halves[1].of) {
    auto& all = halves[0].of[origin];
    all.first += sums.first;
    all.second += sums.second;
  }
  std::string text = "origin,n,slots\n";
  for (const auto& [origin, sums] : halves[0].of) text += origin + "," + std::to_string(sums.first) + "," + std::to_string(sums.second) + "\n";
  print(text);
}

}  // namespace bare
