// What goes to disk gives the answer that memory gives: random records, every stage that gathers, several numbers of workers.
#include <algorithm>
#include <random>
#include <sstream>

#include "catch.hpp"
#include "process.hpp"
#include "sanitized.hpp"

using namespace spilling;

namespace {

template <class... Pieces>
std::string joined(const Pieces&... pieces) {
  std::ostringstream text;
  (text << ... << pieces);
  return text.str();
}

// One of few keys, or one of many: as numbers, texts that look like them, null, missing, other JSON.
std::string random_value(std::mt19937& random) {
  switch (random() % 12) {
    case 0: return "null";
    case 1: return random() % 2 ? "true" : "false";
    case 2: return joined(static_cast<double>(random() % 100000) / 1000);
    case 3: return joined(random() % 100, ".0");
    case 4: return joined('"', random() % 1000, '"');
    case 5: return joined("\"text \\u00e9\\n", random() % 5000, '"');
    case 6: return joined('[', random() % 50, ", {\"x\":1}]");
    case 7: return joined('"', std::string(random() % 60, 'k'), '"');
    case 8: return joined(random() % 2 ? 9223372036854775807u - random() % 3 : random(), random() % 3 ? "" : "e-290");
    default: return joined(static_cast<int>(random() % 4000) - 2000);
  }
}

std::string random_json(unsigned seed, int records) {
  std::mt19937 random(seed);
  std::ostringstream text;
  for (int i = 0; i < records; ++i) {
    text << "{\"i\":" << i;
    if (random() % 8) text << ",\"k\":" << random_value(random);
    if (random() % 8) text << ", \"v\": " << random_value(random);
    text << ",\"w\":" << random() % 100000 << "}\n";
  }
  return text.str();
}

// Some fields are quoted with quotes in them: their text lies elsewhere.
std::string random_csv(unsigned seed, int records) {
  std::mt19937 random(seed);
  std::ostringstream text;
  text << "a,b,c\n";
  for (int i = 0; i < records; ++i) {
    text << (random() % 5 ? "" : "0") << static_cast<int>(random() % 3000) - 1500 << ',';
    if (random() % 3) text << 'x' << random() % 9000;
    else if (random() % 50 == 0) text << "\"q \"\"" << random() % 90 << "\"\"\"";
    text << ',' << random() % 7 << '.' << random() % 10 << '\n';
  }
  std::string all = text.str();
  if (seed % 2) all.pop_back();  // the last line end is missing
  return all;
}

// The last % stands where a stage's `memory` and `workers` belong.
std::string with(std::string pipeline, const std::string& settings) {
  const std::size_t at = pipeline.rfind('%');
  return pipeline.replace(at, 1, settings);
}

void same_answers(const std::vector<std::string>& pipelines, const std::string& input, const folder& where, bool pools) {
  for (const std::string& p : pipelines) {
    INFO(p);
    const ended held = run(with(p, "memory: 1GiB"), {input}, where);
    REQUIRE(held.code == 0);
    REQUIRE(!held.out.empty());
    for (const char* workers : {"1", "2", "4"}) {
      child small(with(p, pools ? std::string("memory: 64KiB, workers: ") + workers : "memory: 64KiB"), {input}, where);
      const ended e = small.wait();
      INFO(workers << " workers: " << e.err.substr(0, 1000));
      REQUIRE(e.code == 0);
      CHECK((e.out == held.out));
      CHECK(small.spill_entries() == 0);
      if (!pools) break;
    }
  }
}

const std::vector<std::string> json_folds = {
    "json.parse | {sort: [k, -v], %}",
    "json.parse | {sort: -w, %}",
    "{sort: [], %}",
    "json.parse | map: {z: w + 1} | {sort: [z, v, k], %}",
    "json.parse | fields.keep: [k, w] | {sort: [-k, w], %}",
    "json.parse | {count: [k, v], %}",
    "json.parse | {top: {by: [k, v], limit: 5000}, %}",
    "json.parse | {agg.quantiles: {of: w, by: [k, v], at: [0, 0.3, 1]}, %}",
    "json.parse | map: {z: w % 3} | {agg.quantiles: {of: v, by: z}, %}",
    "json.parse | {agg.cardinality: {of: w, by: [k, v]}, %}",
    "json.parse | map: {z: w % 40} | {agg.cardinality: {of: [k, v, w], by: z}, %}",
    "json.parse | {group: {by: [k], count: n, sum: {s: v, t: w}, mean: {m: v}, min: {lo: v}, max: {hi: v}}, %}",
};
const std::vector<std::string> json_rest = {
    "json.parse | {distinct: [k, v], %}",
    "json.parse | {distinct: w, %}",
    "json.parse | {distinct: k, %}",
    "json.parse | map: {z: w % 100} | {distinct: [z, k], %}",
    "{tail: 5000, %}",
};
const std::vector<std::string> csv_folds = {
    "csv.parse | {sort: [a, -b], %} | csv.format: {}",
    "csv.parse: {ragged: fill, header: false, names: [a, b, c, d]} | {sort: [-b, c, a], %} | json.format",
    "csv.parse | {sort: c, %}",
    "csv.parse | map: {d: a * 2} | {sort: [-d, b], %}",
    "csv.parse | {group: {by: [b, c], sum: {s: a}, max: {m: b}}, %}",
};
const std::vector<std::string> csv_rest = {
    "csv.parse | {distinct: [a, c], %}",
    "csv.parse | {distinct: b, %}",
    "{distinct: [], %}",
    "csv.parse | {tail: 9000, %} | csv.format: {}",
};

}  // namespace

// Enough for a fold to go to disk several times.
constexpr int gathered = sanitized ? 5000 : 15000;

TEST_CASE("folds of JSON on disk give the same answers as in memory") {
  const folder where;
  for (unsigned seed = 1; seed <= 2; ++seed) same_answers(json_folds, where.write("in.json", random_json(seed, gathered)), where, true);
}

TEST_CASE("what passes records of JSON on gives the same answers on disk as in memory") {
  const folder where;
  for (unsigned seed = 1; seed <= 2; ++seed) same_answers(json_rest, where.write("in.json", random_json(seed, 12000)), where, false);
}

TEST_CASE("folds of CSV on disk give the same answers as in memory") {
  const folder where;
  for (unsigned seed = 1; seed <= 2; ++seed) same_answers(csv_folds, where.write("in.csv", random_csv(seed, gathered)), where, true);
}

TEST_CASE("what passes records of CSV on gives the same answers on disk as in memory") {
  const folder where;
  for (unsigned seed = 1; seed <= 2; ++seed) same_answers(csv_rest, where.write("in.csv", random_csv(seed, 15000)), where, false);
}

TEST_CASE("records that are equal in all keys keep the order of their arrival, on disk too") {
  const folder where;
  const std::string pipeline = "io.generate: 300000 | map: {k: n % 3} | {sort: k, memory: 256KiB, workers: 2} | text.format: '{k} {n}'";
  const ended e = run(pipeline, {}, where);
  REQUIRE(e.code == 0);
  std::string expected;
  for (int k = 0; k < 3; ++k)
    for (int n = 1; n <= 300000; ++n)
      if (n % 3 == k) expected += std::to_string(k) + " " + std::to_string(n) + "\n";
  CHECK((e.out == expected));
}

TEST_CASE("a sort of many runs has one answer on any number of processors: that of a stable sort") {
  const folder where;
  for (unsigned seed = 1; seed <= 2; ++seed) {
    std::mt19937 random(seed);
    struct line {
      long key;
      std::string text;
    };
    std::vector<line> lines;
    for (int i = 0; i < 40000; ++i) {
      const long key = static_cast<long>(random() % (seed == 1 ? 50 : 1000000)) - 20;
      const std::string text = std::string(random() % 40, static_cast<char>('a' + random() % 4));
      lines.push_back({key, joined(key, ',', text, ',', i)});
    }
    std::string all, header = "k,t,n\n";
    for (const line& l : lines) all += l.text + '\n';
    const std::string bytes = where.write("in", all), csv = where.write("in.csv", header + all);
    const auto joined_lines = [&] {
      std::string text;
      for (const line& l : lines) text += l.text + '\n';
      return text;
    };
    std::stable_sort(lines.begin(), lines.end(), [](const line& a, const line& b) { return a.key < b.key; });
    const std::string by_key = joined_lines();
    std::sort(lines.begin(), lines.end(), [](const line& a, const line& b) { return a.text < b.text; });
    const std::string by_bytes = joined_lines();  // as LC_ALL=C sort
    for (const char* settings : {"memory: 256KiB, workers: 1", "memory: 256KiB, workers: 2", "memory: 1MiB, workers: 4", "memory: 1GiB"}) {
      INFO(seed << ": " << settings);
      CHECK((run(with("csv.parse | {sort: k, %} | csv.format: {header: false}", settings), {csv}, where).out == by_key));
      CHECK((run(with("{sort: [], %}", settings), {bytes}, where).out == by_bytes));
    }
  }
}

// Records of different length, each with some fields: whether a field is found in a block is a matter of where blocks end.
TEST_CASE("what fields there are, and in which order, does not depend on how records are gathered") {
  const folder where;
  std::mt19937 random(7);
  const int columns = 40;
  std::ostringstream text;
  for (int c = 0; c < columns; ++c) text << (c ? "," : "") << 'f' << c;
  text << '\n';
  for (int i = 0; i < (sanitized ? 1500 : 4000); ++i) {
    const int fields = i % 97 == 0 ? columns : 1 + static_cast<int>(random() % 12);
    for (int c = 0; c < fields; ++c) {
      if (c) text << ',';
      switch (random() % 5) {
        case 0: text << static_cast<int>(random() % 2000) - 1000; break;
        case 1: text << "\"q \"\"" << random() % 90 << "\"\", \""; break;
        case 2: text << 'v' << random() % 50; break;
        default: if (fields == 1) text << '-'; break;
      }
    }
    text << '\n';
  }
  const std::string ragged = where.write("ragged.csv", text.str());
  const std::vector<std::string> pipelines = {
      "csv.parse: {ragged: fill} | map: {m: upper(f39)} | {sort: [], %}",
      "csv.parse: {ragged: fill} | map: {m: upper(f39)} | {sort: [], %} | csv.format",
      "csv.parse: {ragged: fill} | map: {m: upper(f39)} | {sort: [], %} | json.format",
      "csv.parse: {ragged: fill} | map: {m: f1} | {sort: [m, -f0], %}",
      "csv.parse: {ragged: fill} | {sort: [f3, f0], %} | csv.format",
      "csv.parse: {ragged: fill} | {sort: [f3, f0], %} | map: {m: 1}",
  };
  same_answers(pipelines, ragged, where, true);

  // Files whose headers are unlike.
  std::vector<std::string> files;
  for (const char* header : {"k,a,b,c,d,e", "k,d,b,z,a", "k,e,y"}) {
    std::ostringstream records;
    records << header << '\n';
    const auto most = static_cast<unsigned>(std::count(header, header + std::string_view(header).size(), ','));
    for (int i = 0; i < 3000; ++i) {
      records << random() % 500;
      for (unsigned c = random() % (most + 1); c; --c) records << ",x" << random() % 50;
      records << '\n';
    }
    files.push_back(where.write(joined(files.size(), ".csv"), records.str()));
  }
  for (const char* p : {"map: {m: k} | {sort: [k, a], %}", "{sort: [k, a], %} | json.format", "map: {m: k} | {sort: [], %}", "map: {m: k} | {sort: -k, %} | json.format"}) {
    const std::string pipeline = joined("csv.parse: {ragged: fill} | ", p);
    const std::string held = run(with(pipeline, "memory: 1GiB"), files, where).out;
    REQUIRE(!held.empty());
    for (const char* settings : {"memory: 64KiB, workers: 1", "memory: 64KiB, workers: 3", "memory: 256KiB"}) {
      INFO(pipeline << ": " << settings);
      CHECK((run(with(pipeline, settings), files, where).out == held));
    }
  }
}

TEST_CASE("the first record of each key passes in its place, also where there are more than a stretch of memory can mark") {
  const folder where;
  const ended e = run("io.generate: 400000 | map: {k: n * 7 % 250000} | {distinct: k, memory: 64KiB} | text.format: '{n}'", {}, where);
  REQUIRE(e.code == 0);
  std::string expected;
  for (int n = 1; n <= 250000; ++n) expected += std::to_string(n) + "\n";
  CHECK((e.out == expected));
}

TEST_CASE("a fold that emits on a tick writes no more than it was given since the last one") {
  const folder where;
  const ended e = run("io.generate: {count: 60000, text: '{n}'} | {count: n, memory: 64KiB, every: 5ms} | {group: {by: n, sum: {c: count}}, memory: 1GiB} | count", {}, where);
  REQUIRE(e.code == 0);
  CHECK(e.out == "{\"count\":60000}\n");
}
