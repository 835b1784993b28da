// The walk that knows records from the records before finds what a plain walk finds, in whatever records come after each other.
#include "json/shape.hpp"

#include "json/layout_learner.hpp"

#include <sys/mman.h>

#include <cstring>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "sanitized.hpp"

namespace {

namespace json = shared::json;
using members = std::vector<std::pair<std::string, std::string>>;  // key as written, token

// The members by the plain functions; false: no sound object.
bool plainly(const std::string& text, members& found) {
  found.clear();
  const char* p = json::skip_blanks(text.data(), text.data() + text.size());
  const char* const end = text.data() + text.size();
  if (!json::sound(text) || *p != '{') return false;
  p = json::skip_blanks(p + 1, end);
  while (*p != '}') {
    const char* const close = json::string_end(p + 1, end);
    const char* const value = json::skip_blanks(json::skip_blanks(close + 1, end) + 1, end);
    const char* const stop = json::value_end(value, end);
    found.emplace_back(std::string(p + 1, close), std::string(value, stop));
    p = json::skip_blanks(stop, end);
    if (*p == ',') p = json::skip_blanks(p + 1, end);
  }
  return true;
}

// None, and the ways to find the quotes that this processor has.
std::vector<reader::marks::way> ways() {
  std::vector<reader::marks::way> all = {reader::marks::none, reader::marks::plain};
  if (reader::marks::possible()) all.push_back(reader::marks::avx512);
  return all;
}

// Texts that are guarded (quick.hpp) and at whose guard the readable memory ends.
class guarded_text {
 public:
  guarded_text() : base_(static_cast<char*>(::mmap(nullptr, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {
    REQUIRE(base_ != MAP_FAILED);
    REQUIRE(::mprotect(base_ + room, page, PROT_NONE) == 0);
    std::memset(base_ + room - reader::quick::margin, '\n', reader::quick::margin);
  }
  guarded_text(const guarded_text&) = delete;
  guarded_text& operator=(const guarded_text&) = delete;
  ~guarded_text() { ::munmap(base_, room + page); }
  const char* hold(const std::string& text) {
    REQUIRE(text.size() + reader::quick::margin <= room);
    return static_cast<const char*>(std::memcpy(base_ + room - reader::quick::margin - text.size(), text.data(), text.size()));
  }

 private:
  static constexpr std::size_t room = 1u << 20, page = 1u << 16;
  char* base_;
};

// One walk after the other over records in a block of their own; keys are numbered as they come.
class walker {
 public:
  explicit walker(reader::marks::way w) : marks_(w) {}
  // What is asked for: keys that begin with one of the letters.
  std::string letters = "abcdefghijklmnopqrstuvwxyz.\\_";
  bool walk(const std::string& text, members& found) {
    found.clear();
    const char* const begin = text_.hold(text);
    const char* const end = begin + text.size();
    const auto number_of = [&](std::string_view key) {
      if (key.empty() || letters.find(key.front()) == std::string::npos) return reader::shape::nobody;
      keys_.emplace_back(key);
      return keys_.size() - 1;
    };
    const auto take = [&](std::size_t key, std::string_view token) { found.emplace_back(keys_[key], token); };
    const char* const brace = json::skip_blanks(begin, end);
    if (brace == end || *brace != '{') return false;
    if (!marks_.look(begin, text.size())) return shape_.walk(brace, end, reader::quick::scanned_strings(end), number_of, take);
#if defined(__x86_64__)
    const bool layouts = reader::marks::possible() && begin == brace;
    const auto fitting = [&](const reader::layout::asked& a, std::string_view value) {
      const std::size_t quote = a.what == reader::layout::asked::text;
      take(a.key, {value.data() - quote, value.size() + 2 * quote});
    };
    if (layouts && layouts_.fit(begin, text.size(), marks_, number_of, fitting)) return ++fitted, true;
    found.clear();
    const bool sound = shape_.walk(brace, end, reader::quick::marked_strings(begin, marks_), number_of, take);
    if (layouts && sound) layouts_.learn(begin, text.size(), marks_, number_of, [](auto&) {});
    return sound;
#else
    return shape_.walk(brace, end, reader::quick::marked_strings(begin, marks_), number_of, take);
#endif
  }
  std::size_t fitted = 0;  // so many records were like one before, but for their values

 private:
#if defined(__x86_64__)
  reader::layouts layouts_;
#endif
  guarded_text text_;
  reader::shape shape_;
  reader::marks marks_;
  std::vector<std::string> keys_;
};

class source {
 public:
  // `steady`: records that differ in their values alone. `usual`: of 1,000 values so many are what they were in the record before.
  explicit source(unsigned seed, bool steady = false, unsigned usual = 0) : random_(seed), usual_(usual), steady_(steady) {
    for (std::size_t n = 1 + below(30); n; --n) {
      std::string key;
      for (std::size_t k = below(below(8) ? 14 : 80); k; --k) key += "abcdefXYZ_."[below(11)];
      keys_.push_back(key);
    }
    const char* const styles[] = {",", ", ", " , ", ",\t"};
    comma_ = styles[below(4)];
    colon_ = below(2) ? ":" : ": ";
    mixed_ = below(3) == 0;
    shuffled_ = below(4) == 0;
  }
  std::string record() {
    std::string text = "{";
    for (std::size_t k = 0; k < keys_.size(); ++k) {
      if (!steady_ && below(6) == 0) continue;
      if (text.size() > 1) text += comma_;
      const std::size_t which = shuffled_ && !steady_ ? below(keys_.size()) : k;
      text.append("\"").append(keys_[which]).append(below(300) ? "" : "\\u0041").append("\"").append(colon_).append(steady_ ? steady_value(which) : value(mixed_ ? below(9) : which % 9, 3));
    }
    return text + '}';
  }
  std::string mutated(std::string text) {
    for (std::size_t n = 1 + below(2); n; --n) {
      const std::size_t at = below(text.size());
      switch (below(5)) {
        case 0: text.erase(at, 1 + below(3)); break;
        case 1: text.insert(at, 1, letter()); break;
        case 2: text[at] = letter(); break;
        case 3: text.insert(at, "\\\""); break;  // seems to be in a string where a step over one ends too late
        default: text.insert(at, text.substr(below(text.size()), below(20))); break;  // a piece that is sound elsewhere
      }
      if (text.empty()) text = "{";
    }
    return text;
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }

 private:
  char letter() { return "{}[]\",:\\0123.-+eEtrufalsn \t\n\r\x01\xc3"[below(32)]; }
  std::string number() {
    std::string s = below(4) ? std::to_string(random_() >> below(32)) : std::to_string(below(2)) + "." + std::to_string(random_()) + std::to_string(random_() >> below(32));
    return below(40) ? s : value(2, 0);
  }
  std::string steady_value(std::size_t k) {
    values_.resize(keys_.size());
    if (values_[k].empty() || below(1000) >= usual_) values_[k] = new_value(k % 8);
    return values_[k];
  }
  std::string new_value(std::size_t kind) {
    const auto several = [&](auto one) {
      std::string s = "[";
      for (std::size_t n = below(5); n; --n) s.append(one()).append(n > 1 ? below(30) ? "," : " , " : "");
      return s + ']';
    };
    switch (kind) {
      case 0: return number();
      case 1: return below(20) ? value(7, 0) : value(4, 0);
      case 2: return value(3, 0);
      case 3: return several([&] { return number(); });
      case 4: return below(20) ? several([&] { return value(7, 0); }) : value(6, 2);
      case 5: return "{\"k\":" + number() + ", \"long key that is of no use\" : {\"l\":" + value(7, 0) + "}}";
      case 6: return below(2) ? "true" : "null";
      default: return value(7, 0);
    }
  }
  std::string value(std::size_t kind, int depth) {
    switch (kind) {
      case 0: return std::to_string(below(10));
      case 1: return std::to_string(random_()) + (below(2) ? "." + std::to_string(below(1000)) : "");
      case 2: return below(2) ? "-0.5e-7" : "-" + std::to_string(below(100000));
      case 3: return below(3) ? below(2) ? "true" : "false" : "null";
      case 4: return "\"\"";
      case 5:
        if (depth == 0) return "[]";
        return "{\"k\":" + value(below(9), depth - 1) + (below(2) ? "" : ", \"l\" : " + value(below(9), depth - 1)) + "}";
      case 6:
        if (depth == 0) return "{}";
        return "[" + value(below(9), depth - 1) + (below(2) ? "" : "," + value(below(9), depth - 1)) + "]";
      default: {
        std::string s(below(below(5) ? 20 : 100), 'x');
        for (char& c : s) c = "abc d,:{}[]\xc3\xa9" "0"[below(14)];
        if (below(40) == 0) s += "\\\"\\n\\\\";
        return "\"" + s + "\"";
      }
    }
  }
  std::mt19937 random_;
  std::vector<std::string> keys_, values_;
  std::string comma_, colon_;
  unsigned usual_;
  bool mixed_, shuffled_, steady_;
};

bool empty_object(const std::string& text) {
  members none;
  return plainly(text, none) && none.empty();
}

void hold_against_plain_walk(source& s, walker& w, unsigned seed, std::size_t& taken, std::size_t& refused, int records = 60) {
  source other(seed + 1000000);
  for (int i = 0; i < records; ++i) {
    std::string text = seed % 5 == 4 && s.below(3) == 0 ? other.record() : s.record();
    if (s.below(3) == 0) text = s.mutated(text);
    members expected, found;
    const bool sound = plainly(text, expected);
    const bool yes = w.walk(text, found);
    ++(yes ? taken : refused);
    // An object without members is left to the thorough reader.
    if (yes != (sound && !empty_object(text))) FAIL("seed " << seed << (sound ? ", sound: " : ", not sound: ") << text);
    if (!yes) continue;
    members asked;
    for (auto& m : expected)
      if (!m.first.empty() && w.letters.find(m.first.front()) != std::string::npos) asked.push_back(m);
    if (found != asked) FAIL("seed " << seed << ", other members: " << text);
  }
}

}  // namespace

TEST_CASE("members are found as by a plain walk") {
  for (const reader::marks::way marked : ways()) {
    std::size_t taken = 0, refused = 0;
    constexpr unsigned seeds = thread_sanitized ? 150 : sanitized ? 600 : 3000;
    for (unsigned seed = 0; seed < seeds; ++seed) {
      source s(seed);
      walker w(marked);
      if (seed % 3 == 0) w.letters = "aXY";
      hold_against_plain_walk(s, w, seed, taken, refused);
    }
    CHECK(taken > 16 * seeds);
    CHECK(refused > 3 * seeds);
  }
}

TEST_CASE("records that differ in their values alone are found as by a plain walk, and no broken one passes for such") {
  for (const reader::marks::way marked : ways()) {
    std::size_t taken = 0, refused = 0, fitted = 0;
    constexpr unsigned seeds = thread_sanitized ? 40 : sanitized ? 150 : 600;
    for (unsigned seed = 0; seed < seeds; ++seed) {
      source s(seed, true);
      walker w(marked);
      if (seed % 3 == 0) w.letters = "aXY";
      hold_against_plain_walk(s, w, seed, taken, refused);
      fitted += w.fitted;
    }
    CHECK(taken > 30 * seeds);
    CHECK(refused > 5 * seeds);
    if (marked == reader::marks::avx512) CHECK(fitted > 10 * seeds);
  }
}

TEST_CASE("records whose values mostly are the usual ones are found as by a plain walk") {
  for (const reader::marks::way marked : ways()) {
    std::size_t taken = 0, refused = 0, fitted = 0;
    constexpr unsigned seeds = sanitized ? 10 : 30;
    constexpr int records = 1200;
    for (unsigned seed = 0; seed < seeds; ++seed) {
      source s(seed, true, 900 + 9 * (seed % 12));
      walker w(marked);
      if (seed % 3 == 0) w.letters = "aXY";
      hold_against_plain_walk(s, w, seed, taken, refused, records);
      fitted += w.fitted;
    }
    CHECK(taken > records / 2 * seeds);
    CHECK(refused > records / 10 * seeds);
    if (marked == reader::marks::avx512) CHECK(fitted > records / 8 * seeds);
  }
}

TEST_CASE("records that end too early, wherever they do") {
  const std::string whole = R"({"a":[1,2.5],"b":"x","c":["y","z"],"d":{"e":true,"f":[{"g":null}]},"h":0.5})";
  for (const reader::marks::way marked : ways()) {
    walker w(marked);
    members found;
    for (int i = 0; i < 3; ++i) REQUIRE(w.walk(whole, found));
    for (std::size_t n = 0; n < whole.size(); ++n) {
      INFO(n);
      CHECK_FALSE(w.walk(whole.substr(0, n), found));
    }
    CHECK(w.walk(whole, found));
  }
}

TEST_CASE("records that end within a value of another kind than before") {
  for (const reader::marks::way marked : ways()) {
    walker w(marked);
    members found;
    for (int i = 0; i < 3; ++i) REQUIRE(w.walk(R"({"a":"x","b":1})", found));
    for (const char* value : {"[{}", "[[]", "[1", "{", "[", "[{", "[[[", "-", "1.", "1e", "t", "[true", "[{},", ""}) {
      INFO(value);
      CHECK_FALSE(w.walk(R"({"a":"x","b":)" + std::string(value), found));
      CHECK_FALSE(w.walk(R"({"a":"x","b":)" + std::string(value) + " ", found));
      CHECK_FALSE(w.walk(R"({"a":"x","b":)" + std::string(value) + "  }", found));
    }
  }
}

TEST_CASE("what is known does not stand for what must be there") {
  for (const reader::marks::way marked : ways()) {
    walker w(marked);
    members found;
    REQUIRE(w.walk(R"({"a":1,"b":"x","c":[{"d":"y"}]})", found));
    REQUIRE(w.walk(R"({"a":1,"b":"x","c":[{"d":"y"}]})", found));
    CHECK(found == members{{"a", "1"}, {"b", "\"x\""}, {"c", R"([{"d":"y"}])"}});
    for (const char* bad : {R"({"a":1{"a":2})", R"({"a":1,"b":"x)", R"({"a":1,"b":"x",)", R"({"a":1,"b":"x","c":[{"d":"y"}]}})", R"(,"b":"x"})",
                            R"({"a":1,"b":"x","c":[{"d":"y"}]} x)", R"({,"b":"x"})", R"({"a":1"b":"x"})", R"({"a":01,"b":"x"})", R"({"a":1,"b":})", R"({"a":1,"b":"x","c":[{"d":"y"]})"}) {
      INFO(bad);
      CHECK_FALSE(w.walk(bad, found));
    }
    CHECK(w.walk(R"({"a":1,"b":null,"b":"z","a":-5})", found));
    CHECK(found == members{{"a", "1"}, {"b", "null"}, {"b", "\"z\""}, {"a", "-5"}});
  }
}

TEST_CASE("more keys than are kept") {
  for (const reader::marks::way marked : ways()) {
    walker w(marked);
    w.letters = "k";
    members expected, found;
    std::mt19937 random(5);
    for (int i = 0; i < 600; ++i) {
      std::string text = "{";
      for (int k = 0; k < 200; ++k) text.append(k ? "," : "").append("\"k").append(std::to_string(random() % (i < 300 ? 100000 : 150))).append(random() % 2 ? "\":\"v\"" : "\":7");
      text += '}';
      REQUIRE(plainly(text, expected));
      REQUIRE(w.walk(text, found));
      REQUIRE(found == expected);
    }
  }
}

TEST_CASE("keys that are data, then records of one shape, then first keys that change for good") {
  for (const reader::marks::way marked : ways()) {
    walker w(marked);
    members expected, found;
    std::mt19937 random(6);
    for (int i = 0; i < 6000; ++i) {
      std::string text = i < 2000 ? "{\"id\":1" : "{\"first" + std::to_string(i / 1500) + "\":1";
      for (int k = 0; k < 5; ++k) text.append(",\"k").append(std::to_string(i < 1000 ? random() % 100000 : static_cast<unsigned>(k))).append("\":{\"n\":\"v\"}");
      text += '}';
      REQUIRE(plainly(text, expected));
      REQUIRE(w.walk(text, found));
      REQUIRE(found == expected);
    }
  }
}
