// plugins/json/shape.hpp: walks the members of one object after the other, knowing them from the objects before.
//
// Records of one source have their members in one order, mostly, some left out. So the walk keeps what it saw between two values,
// comma, key, colon, the blanks and the quote that opens a string, and compares that with the text whole. Like quick.hpp it
// gives up at whatever is not plainly sound.
// Where keys are data, all of this is in vain: when most searches fail it rests, longer and longer, then begins anew.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "json/quick.hpp"

namespace reader {

namespace json = shared::json;

class shape {
 public:
  static constexpr std::size_t most = 128;
  static constexpr std::size_t nobody = SIZE_MAX;

  shape() { forget(); }

  // p is at the brace of an object that is guarded (quick.hpp) up to `end`. number_of(raw key) numbers a key when it is met first;
  // nobody: no one asks for it. found(number, token) is called for each member of the others, in order. False: not plainly sound,
  // some members were found all the same.
  template <class Strings, class Number, class Found>
  __attribute__((noinline)) bool walk(const char* p, const char* const end, Strings strings, Number number_of, Found found) {
    const member* m = known_.data();
    for (const char* const brace = p;;) {
      const member* at = m;
      if (!m->begins(p)) {
        if (*p == '}') return json::skip_blanks(p + 1, end) == end;
        at = look_up(m, p);
      } else if (m->simple) {  // most members
        p = strings.closed(p + m++->size);
        if (!p) return false;
        continue;
      } else if (m->scalar) {
        if (const char* const over = strings.short_scalar(p + m->size, m[1].quote)) {
          p = over;
          ++m;
          continue;
        }
      } else if (!m->brief) {
        at = look_up(m, p);
      }
      // p is behind a value, or at the brace
      std::size_t key;
      const char* token;
      if (at) {
        if (at->begins_object() && p != brace) return false;
        m = at + 1;
        key = at->key;
        token = p + at->size;
        if (at->opens) {
          p = strings.closed(token);
          --token;
        } else {
          strings.pass_key();
          if (quick::blank(*token)) token = json::skip_blanks(token, end);
          p = strings.settle(quick::value(token, end, strings), m->quote);
        }
      } else {
        const char* const before = p;
        p = json::skip_blanks(p, end);
        if (*p == '}') return json::skip_blanks(p + 1, end) == end;
        if (*p != (p == brace ? '{' : ',')) return false;
        const char* const name = p = json::skip_blanks(p + 1, end);
        if (*p != '"' || !(p = strings.string(p))) return false;
        const std::string_view raw(name + 1, static_cast<std::size_t>(p - name - 2));
        p = json::skip_blanks(p, end);
        if (*p != ':') return false;
        token = json::skip_blanks(p + 1, end);
        key = number_of(raw);
        p = quick::value(token, end, strings);
        if (p) m = learn(m, {before, static_cast<std::size_t>(token - before) + (*token == '"')}, key, *token != '[' && *token != '{');
      }
      if (!p) return false;
      if (key != nobody) found(key, std::string_view(token, static_cast<std::size_t>(p - token)));
    }
  }

 private:
  static std::uint64_t load8(const char* p) {
    std::uint64_t v;
    std::memcpy(&v, p, 8);
    return v;
  }
  static constexpr std::size_t longest = 64;
  static_assert(longest <= quick::margin);

  struct member {
    member() = default;  // of none: no text begins with a zero
    member(std::string_view ahead, std::size_t which, bool of_scalar) : size(static_cast<std::uint32_t>(ahead.size())), key(which) {
      std::memcpy(text, ahead.data(), size);
      const std::uint32_t compared = std::min<std::uint32_t>(size, 8);
      mask = 0;
      std::memset(&mask, 0xff, compared);
      last_at = size - compared;
      first = load8(text) & mask;
      last = load8(text + last_at) & mask;
      quote = ahead.find('"');
      opens = ahead.back() == '"';
      brief = size <= 16 && !begins_object();
      simple = brief && opens && which == nobody;
      scalar = brief && !opens && which == nobody && of_scalar;
    }
    // Whether its first and its last eight bytes stand at p: all of it, if it is brief. Faster than a call of memcmp.
    bool begins(const char* p) const { return !(((load8(p) ^ first) | (load8(p + last_at) ^ last)) & mask); }
    bool begins_object() const { return text[0] == '{'; }
    bool at(const char* p) const { return begins(p) && (size <= 16 || std::memcmp(p + 8, text + 8, size - 16) == 0); }

    std::uint64_t first = 0, last = 0, mask = ~std::uint64_t{0};
    std::uint32_t last_at = 0, size = 0;
    std::size_t quote = 0;         // where the key's is in the text
    std::size_t key = nobody;
    bool brief = false;            // not longer than what begins() compares, and not the first of a record
    bool simple = false;           // brief, and ahead of a string that nobody asks for
    bool scalar = false;           // brief, and ahead of another value that nobody asks for, mostly no array and no object
    bool opens = false;            // the text ends with the quote that opens a string
    char text[longest + 8] = {};
  };

  // Which member is at p? Tried are those from `expected` on, then those before.
  __attribute__((noinline)) const member* look_up(const member* expected, const char* p) {
    if (expected->size && expected->at(p)) return expected;
    if (resting_) return nullptr;
    const std::uint64_t head = load8(p);
    const auto is = [&](const member& m) { return !((head ^ m.first) & m.mask) && m.at(p); };
    const member* const all = known_.data();
    const member* const last = all + known_.size() - 1;
    for (const member* m = expected; m < last; ++m)
      if (is(*m)) return worth(m);
    for (const member* m = all; m != expected; ++m)
      if (is(*m)) return worth(m);
    return nullptr;
  }
  const member* worth(const member* m) {
    if (patience_ < 2 * patient && ++patience_ == 2 * patient) rest_ = shortest_rest;
    return m;
  }
  // Puts what stands ahead of a value before what was expected. Returns what is expected next.
  __attribute__((noinline)) const member* learn(const member* expected, std::string_view ahead, std::size_t key, bool scalar) {
    if (resting_) {
      if (--resting_) return expected;
      forget(), expected = known_.data();
    } else if (--patience_ == 0) {
      resting_ = rest_;
      rest_ = std::min(2 * rest_, longest_rest);
      return expected;
    }
    // A step over a line end or a backslash would not be one over sound text, whatever follows.
    bool plain = ahead.size() <= longest;
    for (const char c : ahead) plain = plain && static_cast<unsigned char>(c) >= 0x20 && c != '\\';
    // Where any key may come first, all of them twice would only make the search longer. But a first key can change for good.
    if (ahead.front() == '{') {
      if (begun_ == begun_most) forget(), expected = known_.data();
      plain = plain && ++begun_ <= 2;
    }
    if (!plain || known_.size() == most + 1) return expected;
    return &*known_.emplace(known_.begin() + (expected - known_.data()), ahead, key, scalar) + 1;
  }
  void forget() {
    begun_ = 0;
    patience_ = patient;
    known_.clear();
    known_.reserve(most + 1);
    known_.emplace_back();
  }

  std::vector<member> known_;  // the last is none; never more than were reserved, so that they stay where they are
  // More than a record that is met first costs, which has at most `most` members worth knowing.
  static constexpr std::size_t patient = 2 * most;
  static constexpr std::size_t shortest_rest = 8 * most, longest_rest = 512 * most;
  static constexpr std::size_t begun_most = 1024;
  std::size_t begun_ = 0;             // what was met ahead of a first member and not known
  std::size_t patience_ = patient;    // falls with each search in vain, rises with each that finds
  std::size_t resting_ = 0;           // so many more members that are not the expected one are not searched for
  std::size_t rest_ = shortest_rest;  // of the next rest
};

}  // namespace reader
