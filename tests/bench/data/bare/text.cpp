// text.cpp: lines counted, lines found, addresses counted.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <deque>
#include <vector>

#include "bare.hpp"

namespace bare {
namespace {

// A count for each of two threads, on cache lines of their own.
struct alignas(64) counter {
  std::size_t n = 0;
};

void read_all(const char* path, const lines& take) { path ? read_halves(path, take) : read_pipe(take); }

constexpr std::size_t chunk = 64;  // bytes looked at at once: the compiler makes vector code of the loops over them

std::size_t newlines(const char* begin, const char* end) {
  std::size_t n = 0;
  while (end - begin >= static_cast<std::ptrdiff_t>(chunk)) {
    std::uint8_t in_place[chunk] = {};
    for (int i = 0; i < 255 && end - begin >= static_cast<std::ptrdiff_t>(chunk); ++i, begin += chunk)
      for (std::size_t j = 0; j < chunk; ++j) in_place[j] = static_cast<std::uint8_t>(in_place[j] + (begin[j] == '\n'));
    for (std::uint8_t c : in_place) n += c;
  }
  return n + static_cast<std::size_t>(std::count(begin, end, '\n'));
}

const char* find_text(const char* begin, const char* end, std::string_view needle) {
  return static_cast<const char*>(memmem(begin, static_cast<std::size_t>(end - begin), needle.data(), needle.size()));
}

// ` 5\d\d `. What lies behind the end may be read: input.cpp's blocks have padding there.
const char* find_server_error(const char* begin, const char* end) {
  const auto digit = [](char c) { return static_cast<unsigned char>(c - '0') < 10; };
  const auto fits = [&](const char* p) { return (p[0] == ' ') & (p[1] == '5') & digit(p[2]) & digit(p[3]) & (p[4] == ' '); };
  for (; begin < end; begin += chunk) {
    std::uint8_t any = 0;
    for (std::size_t j = 0; j < chunk; ++j) any = static_cast<std::uint8_t>(any | ((begin[j] == ' ') & (begin[j + 1] == '5')));
    if (!any) continue;
    for (std::size_t j = 0; j < chunk && begin + j < end; ++j)
      if (fits(begin + j)) return begin + j;
  }
  return nullptr;
}

// The lines in which find(begin, end) finds something.
template <class Find>
void grep(const char* path, Find find) {
  std::string found[2];
  read_all(path, [&](int share, const char* begin, const char* end) {
    while (const char* at = find(begin, end)) {
      const void* before = memrchr(begin, '\n', static_cast<std::size_t>(at - begin));
      const char* line = before ? static_cast<const char*>(before) + 1 : begin;
      begin = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at))) + 1;
      found[share].append(line, begin);
    }
  });
  print(found[0]);
  print(found[1]);
}

// How often each of some short texts came: open addressing, the texts copied.
class tally {
 public:
  struct entry {
    std::string_view text;
    std::uint64_t hash = 0, count = 0;
  };
  tally() : slots_(1024) {}
  void add(std::string_view text, std::uint64_t n) {
    const std::uint64_t hash = hash_of(text);
    entry& e = slot(text, hash);
    if (!e.count) {
      e.text = texts_.emplace_back(text);
      e.hash = hash;
      ++used_;
    }
    e.count += n;
    if (used_ * 2 > slots_.size()) grow();
  }
  std::vector<entry> entries() const {
    std::vector<entry> all;
    for (const entry& e : slots_)
      if (e.count) all.push_back(e);
    return all;
  }

 private:
  static std::uint64_t hash_of(std::string_view text) {
    std::uint64_t h = text.size();
    for (std::size_t at = 0; at < text.size(); at += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data() + at, std::min<std::size_t>(8, text.size() - at));
      h = (h ^ word) * 0x9e3779b97f4a7c15u;
      h ^= h >> 29;
    }
    return h;
  }
  entry& slot(std::string_view text, std::uint64_t hash) {
    for (std::size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      entry& e = slots_[at];
      if (!e.count || (e.hash == hash && e.text == text)) return e;
    }
  }
  void grow() {
    std::vector<entry> old(slots_.size() * 2);
    old.swap(slots_);
    for (const entry& e : old)
      if (e.count) slot(e.text, e.hash) = e;
  }
  std::vector<entry> slots_;
  std::deque<std::string> texts_;
  std::size_t used_ = 0;
};

}  // namespace

void count_lines(const char* path) {
  counter of[2];
  read_all(path, [&](int share, const char* begin, const char* end) { of[share].n += newlines(begin, end); });
  print(std::to_string(of[0].n + of[1].n) + "\n");
}

void find_fixed(const char* path, std::string_view needle) {
  grep(path, [&](const char* begin, const char* end) { return find_text(begin, end, needle); });
}

void find_status(const char* path) { grep(path, find_server_error); }

void top_addresses(const char* path) {
  tally of[2];
  read_all(path, [&](int share, const char* begin, const char* end) {
    while (begin != end) {
      const char* blank = static_cast<const char*>(std::memchr(begin, ' ', static_cast<std::size_t>(end - begin)));
      of[share].add({begin, static_cast<std::size_t>(blank - begin)}, 1);
      begin = static_cast<const char*>(std::memchr(blank, '\n', static_cast<std::size_t>(end - blank))) + 1;
    }
  });
  for (const auto& e : of[1].entries()) of[0].add(e.text, e.count);
  auto all = of[0].entries();
  const std::size_t shown = std::min<std::size_t>(10, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(shown), all.end(),
                    [](const auto& a, const auto& b) { return a.count != b.count ? a.count > b.count : a.text < b.text; });
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) text += std::to_string(all[i].count) + " " + std::string(all[i].text) + "\n";
  print(text);
}

}  // namespace bare
