// Random operations on batches against a naive model: a record is a line and an ordered list of named values.
#include "catch.hpp"
#include "tools.hpp"

#include <algorithm>
#include <random>

using namespace tools;

namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;  // name, value as JSON text

struct model {
  std::vector<pairs> records;
  bool json = false;
};

const strings few{"a", "b", "c", "dd", "e\"f"};
const strings many = [] {  // more than are searched one by one
  strings all = few;
  for (int i = 0; i < 60; ++i) all.push_back(std::string(1, 'm').append(std::to_string(i)));
  return all;
}();

std::string in_quotes(const std::string& s) {
  std::string q = "\"";
  for (char c : s) {
    if (c == '"' || c == '\\') q += '\\';
    q += c;
  }
  return q + "\"";
}

std::string object(const pairs& r) {
  std::string s = "{";
  for (const auto& [k, v] : r) {
    if (s.size() > 1) s += ',';
    s += in_quotes(k);
    s += ':';
    s += v;
  }
  return s + "}";
}

std::pair<cell, std::string> random_cell(std::mt19937& random) {
  switch (random() % 7) {
    case 0: return {gone(), ""};
    case 1: return {null(), "null"};
    case 2: return {truth(random() % 2 == 0), ""};
    case 3: { const auto v = static_cast<std::int64_t>(random() % 1000) - 500; return {number(v), std::to_string(v)}; }
    case 4: { const std::string t(random() % 30, static_cast<char>('k' + random() % 3)); return {string(t), in_quotes(t)}; }
    case 5: return {word("007"), "\"007\""};
    default: return {raw("[1,{}]"), "[1,{}]"};
  }
}

std::string found(const pairs& r, const std::string& name) {
  for (const auto& [k, v] : r)
    if (k == name) return v;
  return "-";
}

// What a column says, as JSON text.
std::string said(const pipe_column& c, std::uint64_t i) {
  const std::string v = value(c, i);
  if (v == "-") return "-";
  if (v == "n") return "null";
  if (v == "t") return "true";
  if (v == "F") return "false";
  if (v[0] == 'i' || v[0] == 'j') return v.substr(2);
  return in_quotes(v.substr(2));
}

void erase(pairs& r, const std::string& name) {
  r.erase(std::remove_if(r.begin(), r.end(), [&](const auto& p) { return p.first == name; }), r.end());
}

void set(pairs& r, const std::string& name, const std::string& v) {
  for (auto& p : r)
    if (p.first == name) {
      p.second = v;
      return;
    }
  r.emplace_back(name, v);
}

void require_same(const pipes::batch_ref& b, const model& m, const strings& universe) {
  REQUIRE(pipes::count(b.get()) == m.records.size());
  for (const std::string& name : universe) {
    const pipe_column& c = pipes::column(b.get(), pipes::field(name));
    REQUIRE(c.count == m.records.size());
    std::uint32_t all = c.count ? c.tags[0] : PIPE_MISSING;
    for (std::uint64_t i = 0; i < c.count; ++i) {
      REQUIRE(said(c, i) == found(m.records[i], name));
      if (c.tags[i] != all) all = PIPE_MIXED;
    }
    REQUIRE(c.all == all);
  }
  strings expected, got = names(b);
  for (const pairs& r : m.records)
    for (const auto& p : r)
      if (std::find(expected.begin(), expected.end(), p.first) == expected.end()) expected.push_back(p.first);
  if (!m.json) {
    std::sort(expected.begin(), expected.end());  // which record a field was first in says nothing about the order made
    // One that was made stays known, also where no record has a value of it.
    got.erase(std::remove_if(got.begin(), got.end(), [&](const std::string& name) { return pipes::column(b.get(), pipes::field(name)).all == PIPE_MISSING; }), got.end());
    std::sort(got.begin(), got.end());
  }
  REQUIRE(got == expected);
}

}  // namespace

TEST_CASE("random operations agree with a naive model") {
  no_leaks leaks;
  for (unsigned seed = 0; seed < 700; ++seed) {
    std::mt19937 random(seed);
    const bool wide = seed >= 600;
    const strings& universe = wide ? many : few;
    model m;
    m.json = seed % 2 == 0;
    const std::size_t n = random() % 40;
    std::string text;
    for (std::size_t i = 0; i < n; ++i) {
      pairs r;
      if (m.json)
        for (const std::string& name : universe)
          if (random() % 2) r.emplace_back(name, std::to_string(random() % 100));
      text += m.json ? object(r) + "\n" : "line " + std::to_string(i) + "\n";
      m.records.push_back(r);
    }
    auto b = m.json ? json(text) : pipes::from_text(text);
    if (!b) continue;
    pipes::output out;
    bool changed_once = false;
    const std::size_t steps = random() % 12;
    for (std::size_t step = 0; step < steps && pipes::count(b.get()) > 0; ++step) {
      const std::uint64_t count = pipes::count(b.get());
      switch (random() % 8) {
        case 0: {  // a filter, or a sort
          std::vector<std::uint32_t> rows;
          model next;
          next.json = m.json;
          for (std::uint32_t i = 0; i < count; ++i)
            if (random() % 3) rows.push_back(i);
          if (random() % 3 == 0) std::shuffle(rows.begin(), rows.end(), random);
          for (std::uint32_t r : rows) next.records.push_back(m.records[r]);
          if (rows.empty()) break;
          if (random() % 2) {
            out.pass(0, b.get(), rows.data(), rows.size());
            b = std::move(out.take(b.get()).at(0).batch);
          } else {
            b = pipes::select(b.get(), rows.data(), rows.size());
          }
          m = next;
          break;
        }
        case 1: {
          const std::uint64_t first = random() % count, size = 1 + random() % (count - first);
          b = pipes::slice(b.get(), first, size);
          m.records = std::vector<pairs>(m.records.begin() + static_cast<std::ptrdiff_t>(first), m.records.begin() + static_cast<std::ptrdiff_t>(first + size));
          break;
        }
        case 2: {
          auto twice = m.records;
          twice.insert(twice.end(), m.records.begin(), m.records.end());
          b = pipes::concat({b, b});
          m.records = twice;
          break;
        }
        case 3:
          switch (random() % 3) {
            case 0: b = pipes::copy(b.get()); break;
            case 1: b = saved(b); break;
            default: b = gathered({b}, std::vector<std::uint32_t>(count, 0), all_rows(count));
          }
          break;
        case 4:
          if (std::uint64_t ignored = 0; random() % 2) pipes::records(b.get(), ignored);  // render early
          break;
        default: {
          std::vector<edit> edits;
          const std::size_t k = 1 + random() % (wide ? 90 : 3);
          const bool sets_alone = wide && random() % 3;
          for (std::size_t e = 0; e < k; ++e) {
            const std::string& name = universe[random() % universe.size()];
            const std::string& other = universe[random() % universe.size()];
            switch (sets_alone ? 3 : random() % 4) {
              case 0: {
                edits.push_back(drop(name));
                for (pairs& r : m.records) erase(r, name);
                break;
              }
              case 1: {
                edits.push_back(renamed(name, other));
                for (pairs& r : m.records) {
                  if (name == other || found(r, name) == "-") continue;
                  erase(r, other);
                  for (auto& p : r)
                    if (p.first == name) p.first = other;
                }
                break;
              }
              default: {
                std::vector<cell> cells;
                for (pairs& r : m.records) {
                  auto [c, v] = random_cell(random);
                  if (c.tag == PIPE_BOOL) v = c.bits ? "true" : "false";
                  cells.push_back(c);
                  if (c.tag == PIPE_MISSING) erase(r, name);
                  else set(r, name, v);
                }
                edits.push_back(tools::set(name, cells));
              }
            }
          }
          if (random() % 6 == 0) {
            const std::string& name = universe[random() % universe.size()];
            edits.push_back(keep(name));
            for (pairs& r : m.records)
              r.erase(std::remove_if(r.begin(), r.end(), [&](const auto& p) { return p.first != name; }), r.end());
          }
          emit(out, 0, b, count, edits);
          b = out.take_port(0);
          changed_once = true;
        }
      }
      if (random() % 3 == 0) {
        INFO("seed " << seed << " step " << step);
        require_same(b, m, universe);
      }
    }
    INFO("seed " << seed);
    require_same(b, m, universe);
    if (m.json) {
      strings expected;
      for (const pairs& r : m.records) expected.push_back(object(r));
      REQUIRE(lines(b) == expected);
    } else if (changed_once) {
      // The order of fields is that of the batch; what is printed is what the record has.
      const strings order = names(b), got = lines(b);
      for (std::size_t i = 0; i < got.size(); ++i) {
        std::size_t size = 2;
        for (const auto& [k, v] : m.records[i]) {
          REQUIRE(got[i].find(in_quotes(k) + ":" + v) != std::string::npos);
          size += in_quotes(k).size() + 1 + v.size() + 1;
        }
        if (!m.records[i].empty()) --size;
        REQUIRE(got[i].size() == size);
      }
    }
    std::string all;
    for (const std::string& l : lines(b)) all += l + "\n";
    REQUIRE(written(b) == all);
  }
  CHECK(leaks.clean());
}
