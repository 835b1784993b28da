// CSV: records and fields against a reader that goes byte by byte, quotes across pieces, writing and reading back.
#include "lib/csv_text.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include "catch.hpp"

namespace csv = shared::csv;

namespace {

struct row {
  std::vector<std::string> fields;
  csv::fault wrong = csv::fault::none;
  bool operator==(const row& o) const { return fields == o.fields && wrong == o.wrong; }
};

struct collect {
  std::vector<row> rows;
  row now;
  std::size_t next = 0;
  void field(std::size_t number, std::string_view text, bool doubled) {
    REQUIRE(number == next++);
    std::string s(text);
    if (doubled) s.resize(csv::undouble(text, s.data()));
    now.fields.push_back(s);
  }
  void record(std::size_t fields, csv::fault wrong, const char*, const char*) {
    REQUIRE(fields == now.fields.size());
    now.wrong = wrong;
    rows.push_back(now);
    now = {};
    next = 0;
  }
};

std::vector<row> read(const std::string& text, char separator = ',', bool lines = true, bool quotes = true) {
  // On the heap, to the byte: a read beyond the end is seen by ASan.
  std::vector<char> exact(text.begin(), text.end());
  collect c;
  csv::split(exact.data(), exact.data() + exact.size(), {separator, quotes}, lines, c);
  return c.rows;
}

// The same, a byte at a time, for text without faults; a newline within quotes belongs to the field.
std::vector<row> slowly(const std::string& text, char separator) {
  std::vector<row> rows;
  row now;
  std::string field;
  bool quoted = false, opened = false, fresh = true;
  const auto end_field = [&](bool last) {
    if (last && !opened && !field.empty() && field.back() == '\r') field.pop_back();
    now.fields.push_back(field);
    field.clear();
    opened = false;
    fresh = true;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') field += c;
      else if (i + 1 < text.size() && text[i + 1] == '"') field += text[++i];
      else quoted = false;
    } else if (c == '"' && fresh) {
      quoted = opened = true;
      fresh = false;
    } else if (c == separator) {
      end_field(false);
    } else if (c == '\n') {
      end_field(true);
      rows.push_back(now);
      now = {};
    } else if (!(opened && c == '\r')) {
      field += c;
      fresh = false;
    }
  }
  if (!text.empty() && text.back() != '\n') {
    end_field(true);
    rows.push_back(now);
  }
  return rows;
}

std::string written(const std::vector<std::string>& fields, char separator) {
  const csv::quoting quotes(separator);
  std::string s;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    std::string to(2 * fields[i].size() + 2, '\0');
    to.resize(static_cast<std::size_t>(quotes.write(fields[i], to.data()) - to.data()));
    if (i) s += separator;
    s += to;
  }
  return s;
}

}  // namespace

TEST_CASE("fields and records") {
  CHECK(read("").empty());
  CHECK(read("\n") == std::vector<row>{{{""}}});
  CHECK(read("a,b\nc,d") == std::vector<row>{{{"a", "b"}}, {{"c", "d"}}});
  CHECK(read("a,,\n,\n") == std::vector<row>{{{"a", "", ""}}, {{"", ""}}});
  CHECK(read("a;b\r\n\"c\"\r\n", ';') == std::vector<row>{{{"a", "b"}}, {{"c"}}});
  CHECK(read("a\r,b\r\n") == std::vector<row>{{{"a\r", "b"}}});
  CHECK(read("\"x, y\",\"say \"\"hi\"\"\",\"\"\n") == std::vector<row>{{{"x, y", "say \"hi\"", ""}}});
  CHECK(read("5\" pipe,a\"b\"\n") == std::vector<row>{{{"5\" pipe", "a\"b\""}}});
  CHECK(read("\"two\nlines\",b\nc") == std::vector<row>{{{"two\nlines", "b"}}, {{"c"}}});
  CHECK(read("\"two\nlines\",b", ',', false) == std::vector<row>{{{"two\nlines", "b"}}});
  CHECK(read("", ',', false) == std::vector<row>{{{""}}});
}

TEST_CASE("faults of quotes are the record's own") {
  CHECK(read("\"a\"b,c\nd,e\n") == std::vector<row>{{{"a", "c"}, csv::fault::behind_quote}, {{"d", "e"}}});
  CHECK(read("\"a\" \"b\",c\nd,e\n") == std::vector<row>{{{"a", "c"}, csv::fault::behind_quote}, {{"d", "e"}}});
  const auto open = read("a,b\nc,\"d\ne,f\n");
  REQUIRE(open.size() == 2);
  CHECK(open[1].wrong == csv::fault::unclosed);
}

TEST_CASE("random text reads as a slow reader reads it, whatever its length") {
  std::mt19937_64 random(11);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    const std::size_t rows = random() % 6, alphabet = 2 + random() % 6;
    for (std::size_t r = 0; r < rows; ++r) {
      std::vector<std::string> fields(1 + random() % 5);
      for (auto& f : fields)
        for (std::size_t n = random() % (round % 7 ? 6 : 90); n > 0; --n) f += "ab,\"\n\r;x"[random() % alphabet];
      text += written(fields, ',');
      if (r + 1 < rows || random() % 2) text += random() % 3 ? "\n" : "\r\n";
    }
    INFO(text);
    CHECK(read(text) == slowly(text, ','));
  }
}

TEST_CASE("what is written reads back") {
  std::mt19937_64 random(5);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> fields(2 + random() % 4);
    for (auto& f : fields)
      for (std::size_t n = random() % 12; n > 0; --n) f += "ab,\"\n\r;\t"[random() % 8];
    const auto back = read(written(fields, ',') + "\n");
    REQUIRE(back.size() == 1);
    CHECK(back[0].fields == fields);
  }
  CHECK(written({"a b", "c"}, ',') == "a b,c");  // quotes only where needed
  CHECK(written({"a,b", "c\"d"}, ',') == "\"a,b\",\"c\"\"d\"");
  CHECK(written({"a,b"}, ';') == "a,b");
}

TEST_CASE("without quotes a quote is text and every newline ends a record") {
  std::mt19937_64 random(29);
  for (int round = 0; round < 500; ++round) {
    std::string text, bare;
    for (std::size_t n = random() % 300; n > 0; --n) text += "ab\t\"\n\r"[random() % 6];
    for (const char c : text) bare += c == '"' ? '\'' : c;  // the same with a byte that never meant anything
    auto expected = read(bare, '\t');
    for (row& r : expected)
      for (std::string& f : r.fields) std::replace(f.begin(), f.end(), '\'', '"');
    CHECK(read(text, '\t', true, false) == expected);
    csv::quote_scan scan(csv::dialect{'\t', false});
    CHECK(scan.scan(text.data(), text.data() + text.size()) == 0);
    CHECK_FALSE(scan.inside());
  }
}

TEST_CASE("the quote scan finds the newlines within quotes, in whatever pieces the lines come") {
  std::mt19937_64 random(23);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    std::size_t within = 0;
    for (std::size_t r = 1 + random() % 8; r > 0; --r) {
      std::vector<std::string> fields(1 + random() % 4);
      for (auto& f : fields)
        for (std::size_t n = random() % 8; n > 0; --n) f += "ab,\"\nx"[random() % 6];
      const std::string line = written(fields, ',');
      within += static_cast<std::size_t>(std::count(line.begin(), line.end(), '\n'));
      text += line + "\n";
    }
    csv::quote_scan whole(csv::dialect{','});
    CHECK(whole.scan(text.data(), text.data() + text.size()) == within);
    CHECK_FALSE(whole.inside());
    // In blocks that end at some line end each.
    csv::quote_scan pieces(csv::dialect{','});
    std::size_t found = 0, at = 0;
    while (at < text.size()) {
      std::size_t end = text.find('\n', at + random() % 10);
      end = end == std::string::npos ? text.size() : end + 1;
      found += pieces.scan(text.data() + at, text.data() + end);
      at = end;
    }
    CHECK(found == within);
    CHECK_FALSE(pieces.inside());
  }
}

TEST_CASE("which separators can be") {
  char c = 0;
  CHECK(csv::separator_of("\\t", c));
  CHECK(c == '\t');
  CHECK(csv::separator_of(";", c));
  CHECK(c == ';');
  for (const char* bad : {"", "::", "\"", "\n", "\xc2\xa7"}) CHECK_FALSE(csv::separator_of(bad, c));
}
