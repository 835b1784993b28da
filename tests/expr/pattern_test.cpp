// Patterns: the search over a block against record by record, captures, remarks, limits.
#include "catch.hpp"
#include "core/expr/expr.hpp"
#include "core/expr/pattern_syntax.hpp"

#include <random>
#include <stdexcept>

namespace {

std::unique_ptr<pipe_pattern> pattern(std::string_view text, bool fixed = false) {
  std::vector<pipes::remark> remarks;
  auto made = pipe_pattern::compile(text, fixed, remarks);
  INFO("pattern " << text << ": " << (remarks.empty() ? std::string("no remark") : remarks[0].message));
  REQUIRE(made);
  return made;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::vector<std::string> passed(pipe_pattern& p, pipe_batch* batch, bool invert) {
  pipes::output out;
  p.pass(batch, invert, out, 0);
  std::vector<std::string> got;
  for (auto& e : out.take(batch)) {
    std::uint64_t n = 0;
    const pipe_slice* records = pipes::records(e.batch.get(), n);
    for (std::uint64_t i = 0; i < n; ++i) got.emplace_back(pipes::view(records[i]));
  }
  return got;
}

std::vector<std::string> by_rows(pipe_pattern& p, pipe_batch* batch, bool invert) {
  std::vector<std::uint32_t> rows(pipes::count(batch));
  std::uint64_t k = 0, n = 0;
  p.rows(batch, invert, rows.data(), k);
  const pipe_slice* records = pipes::records(batch, n);
  std::vector<std::string> got;
  for (std::uint64_t i = 0; i < k; ++i) got.emplace_back(pipes::view(records[rows[i]]));
  return got;
}

// What it means: find() on each record by itself.
std::vector<std::string> reference(pipe_pattern& p, const std::vector<std::string>& lines, bool invert) {
  std::vector<std::string> want;
  for (const auto& line : lines) {
    std::uint64_t offsets[2], filled = 0;
    if (p.find(line, 0, offsets, 1, filled) != invert) want.push_back(line);
  }
  return want;
}

void same_as_records(std::string_view text, const std::string& what, bool fixed = false) {
  auto p = pattern(what, fixed);
  auto batch = pipes::from_text(text);
  const auto lines = lines_of(text);
  for (bool invert : {false, true}) {
    INFO("pattern " << what << " invert " << invert << " text " << text);
    const auto want = reference(*p, lines, invert);
    REQUIRE(passed(*p, batch.get(), invert) == want);
    REQUIRE(by_rows(*p, batch.get(), invert) == want);
  }
}

const char* const nasty[] = {
    "a", "", "^", "$", "^$", "^a", "a$", "^a.*b$", "a|", "|b", "(a|)", "a*", "a*b", "b+?c", "(?i)AB", "(?i:A)b", "\\s", "\\S", "a\\s+b", "\\s*$",
    "[^x]", "[^x]*y", "[^x]+$", "^[^x]+$", "\\W", "a\\Wb", "\\D", "\\D+b", "[\\s,]", "[\\sx]+a", "[\\W]", "[\\D]b", "[[:space:]]", "[[:^alpha:]]b",
    "[^[:alpha:]]", "(?s).", "(?s)a.b", "(?s)a.*b", "(?s:a.)b", "a.b", ".", ".+", "^.", "^.+", ".$", ".+$", "^.+$", "^.$", ".?", ".*", ".+?", "..", "a\\nb", "a\\n?b", "\\n", "(a\\n|b)", "[\\n]", "[a\\nb]",
    "[\\x00-\\x20]a", "[\\t-\\r]", "\\x0a", "\\x0A|c", "\\x{a}", "\\012", "\\cJ", "\\R", "a\\R", "a\\Rb", "\\R$", "\\v", "\\h", "\\H", "\\V", "\\N+",
    "a\\Kb", "\\Ka", "a\\s\\Kb", "\\Aa", "a\\z", "a\\Z", "\\Ga", "(?m)^a", "(?m)a$", "(?-m)^a", "(?x) a b # c", "(?x)a\n b", "\\bab\\b", "\\Bb", "b\\B",
    "(?=a)", "(?=.*b)a", "a(?=b)", "a(?!b)", "^(?!.*b)", "(?!a)", "(?<=a)b", "(?<!a)b", "(?<=\\s)b", "(?<!\\s)b", "(?<=^)a", "(?<![^x])a", "(?<=[^x])a",
    "(?>a+)b", "a++b", "(?>[^x]*)$", "[^x]*+y", "(?>\\s*)b", "(a)\\1", "([ab])c*\\1", "(?<n>a|b)\\k<n>", "(?P<n>a)(?P=n)", "(a)(?1)", "(?|(a)|(b))\\1",
    "(a)?(?(1)b|c)", "b(?R)?a", "a(?R)?b", "\\Qa.b\\E", "\\Qa b\\E", "\\Q\\E", "a{2}", "a{2,}", "a{0}b", "(ab){2}", "a{,2}b", "a{b", "ab|bc", "abc", "ab c",
    "[]a]", "[^]a]", "[-a]", "[^-a]", "[a-]", "[]-c]", "a(?#no)b", "a(?#no)*b", "(*ANYCRLF)a$", "(*CR)a", "(*UCP)\\w", "é", "[é]", "[^é]", "é?a", "(?i)É",
    "\\p{L}b", "\\P{L}b", "\\P{L}", "\\p{Lu}", "[\\p{L}]+$", "[^\\p{L}]", "\\X", "a\\Xb", ".é", "\\x{e9}", "\\x{20ac}", "\\r$", "b\r", "b\\r?$", "a\\tb",
    "\\ a", "\\.", "a\\.b", "[.]", "[\\s\\S]", "[\\s\\S]*b", "[\\d\\D]a", "[^\\s]", "[^\\S]", "[^\\W]b", "[\\t-a]", "[!-~]b", "[\\e-a]",
    "(?U)a.*b", "(?n)(a)b", "(?^)a", "(?J)(?<n>a)|(?<n>b)", "(a|b)*c", "(?:a|ab)(?:c|bcd)", "x*", "(?:)", "((((a))))", "a\\E", "\\g{1}?(a)", "(a)\\g1", "(a)\\g{-1}",
    "[[:<:]]ab", "ab[[:>:]]", "(*COMMIT)a", "a(*SKIP)b|.", "[^a-c]\\z", "^\\s", "\\s^a", "$\\s", "$.", "b$a", "a^", "(?<=\\n)a", "(?<!\\n)a", "(?=\\n)", "(?!\\n)$",
    "a(b)c", "a(?:b)c", "a(?<n>b)c", "a(b)?c", "a(?:b)*c", "a(b){0}c", "a(b)+c", "a([^])x]b)?c", "a([])x]b)?c", "a([^b]b)c", "a([\\])]b)?c", "a(\\[b)c", "a(\\)b)?c", "a(b)\\E?c", "a(bc)\\Q\\E?c", "a(bb)\\Q\\E\\E*c", "a(\\\\[b)]c)?d",
    "a(b(x)?)c", "a(b|x)c", "x(a|(b)c)", "((a)b)c", "(a)b|c", "a(b$)", "a(?i:b)c", "(?i)a(b)c", "a(b\\Q)\\E)?c", "a(?#(b)c", "a(b)(?#c)?c", "a(?|b)c", "a(?!b)c", "a(?<!b)c", "a(b){,2}c",
    "a(?=\\s)", "a(?!\\s)", "a(?=$)", "a(?!$)", "(?<=\\W)a", "(?<!\\W)a", "\\W*a", "a\\W*$", "(?=[^a])b*", "[^\\n]", "[^\\na]b", "[\\^a]", "\\^a",
};

}  // namespace

TEST_CASE("a search over the block means the same as record by record") {
  const char* const pieces[] = {"a", "b", "c", "x", "y", " ", "\t", "\r", "\n", "\n", "ab", "abc", ",", ".", "5", "é", "É", "\xe9", "\xff", "\x0b", "\x85", "A", "AB", "a.b", "a b"};
  std::mt19937 random(20260101);
  std::vector<std::string> texts = {"", "\n", "a", "a\n", "\n\n", "a\r\n", "\na", "a\nb", "a\n\nb\n", "b\na\n", "ab\nab", "a b\nb a\n\n", "x\ny\n", "a\n "};
  for (int i = 0; i < 60; ++i) {
    std::string text;
    for (std::size_t k = random() % 40; k > 0; --k) text += pieces[random() % (sizeof pieces / sizeof *pieces)];
    texts.push_back(text);
  }
  for (const char* what : nasty)
    for (const auto& text : texts) same_as_records(text, what);
}

TEST_CASE("random patterns agree with record by record") {
  const char* const atoms[] = {"a", "b", "c", "x", ".", "\\s", "\\S", "\\w", "\\W", "\\d", "\\D", "[ab]", "[^a]", "[^x\\s]", "[\\s,]", "^", "$", "\\b", "(?=a)", "(?!b)",
                               "(?<=a)", "(?<!b)", "\\h", "\\H", "\\R", "\\v", " ", "\\A", "\\z", "(?s)", "(?i)", "\\r", "é"};
  const char* const repeats[] = {"", "", "", "", "*", "+", "?", "*?", "+?", "++", "{2}", "{0,1}"};
  std::mt19937 random(7);
  const auto pick = [&](auto& list) { return std::string(list[random() % (sizeof list / sizeof *list)]); };
  int compiled = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string what;
    int open = 0;
    for (std::size_t k = 1 + random() % 6; k > 0; --k) {
      if (random() % 5 == 0) { what += random() % 2 ? "(" : "(?:"; ++open; }
      what += pick(atoms) + pick(repeats);
      if (random() % 6 == 0) what += "|";
      if (open && random() % 3 == 0) { what += ")" + pick(repeats); --open; }
    }
    while (open-- > 0) what += ")";
    std::vector<pipes::remark> remarks;
    if (!pipe_pattern::compile(what, false, remarks)) continue;
    ++compiled;
    std::string text;
    const char* const pieces[] = {"a", "b", "c", "x", " ", "\n", "\n", "\t", "\r", "é", ","};
    for (std::size_t k = random() % 30; k > 0; --k) text += pieces[random() % (sizeof pieces / sizeof *pieces)];
    same_as_records(text, what);
  }
  CHECK(compiled > 1500);
}

TEST_CASE("most patterns of daily use are searched over the block") {
  for (const char* what : {" 5\\d\\d ", "^\\S+ .* \\d{3}", "error|warn", "(?i)error", "\"GET [^\"]*\"", "\\bfoo\\b", "[^,]*,x", "a\\s+b$", "(?<=x)y(?!z)"}) {
    INFO(what);
    CHECK(pipes::expr::plan_pattern(what).by_block);
  }
  CHECK(pipes::expr::plan_pattern(" 5\\d\\d ").required == " 5");
  CHECK(pipes::expr::plan_pattern("a(b|c)defg?").required == "def");
  CHECK(pipes::expr::plan_pattern("10\\.251\\.(7[0-9])\\.\\d+:").required == "10.251.7");
  CHECK(pipes::expr::plan_pattern("a(?<n>bc)+d").required == "abc");
  CHECK(pipes::expr::plan_pattern("ab(cd)?e").required == "ab");
  CHECK(pipes::expr::plan_pattern("ab(cd){0}e").required == "ab");
  CHECK(pipes::expr::plan_pattern("ab(c[])]def)?").required == "ab");
  CHECK_FALSE(pipes::expr::plan_pattern("(ab)").plain);
  CHECK(pipes::expr::plan_pattern("ERROR: x\\.y").plain);
  CHECK(pipes::expr::plan_pattern("ab|cd").required.empty());
  CHECK(pipes::expr::plan_pattern("(?i)ab").required.empty());
}

TEST_CASE("what passes whole is the batch itself") {
  for (const char* what : {".", "^.+$", "\\S", "e", "x*"})
    for (const char* text : {"e", "e\n", "ee\ne e\n \xff" "e"}) {
      INFO("pattern " << what << " text " << text);
      auto p = pattern(what);
      auto batch = pipes::from_text(text);
      pipes::output out;
      p->pass(batch.get(), false, out, 0);
      const auto got = out.take(batch.get());
      REQUIRE(got.size() == 1);
      CHECK(got[0].batch.get() == batch.get());
    }
  CHECK(passed(*pattern("."), pipes::from_text("\n").get(), false).empty());
  CHECK(passed(*pattern("."), pipes::from_text("").get(), false).empty());
}

TEST_CASE("fixed texts") {
  for (const char* what : {"a", "ab", "abc", "", "a b", ".", "a\nb", "\n", "(", "\r"})
    for (const char* text : {"", "a", "ab\n", "xxab\nab\n\nabab", "a b\nab", "a.b\n(\r\n", "\n\n"}) same_as_records(text, what, true);
  // Long texts, so that the vector loop runs at every offset.
  std::mt19937 random(3);
  for (int i = 0; i < 300; ++i) {
    std::string text;
    for (std::size_t k = random() % 600; k > 0; --k) text += random() % 60 == 0 ? '\n' : static_cast<char>('a' + random() % 3);
    std::string needle;
    for (std::size_t k = 1 + random() % 6; k > 0; --k) needle += static_cast<char>('a' + random() % 3);
    same_as_records(text, needle, true);
  }
}

TEST_CASE("captures point into the records") {
  auto p = pattern("^(?P<ip>\\S+) (\\w+)?;(x)?");
  REQUIRE(p->groups() == 3);
  CHECK(p->group_name(1) == "ip");
  CHECK(p->group_name(2).empty());
  CHECK(p->group_name(9).empty());
  auto batch = pipes::from_text("1.2.3.4 ab;\nnone\n5 ;x\n\n9 z;y");
  pipes::output out;
  const std::uint32_t groups[] = {1, 2, 3, 0};
  std::uint32_t rows[5];
  std::uint64_t count = 0;
  pipe_column columns[4];
  p->capture(batch.get(), groups, 4, out, rows, count, columns);
  REQUIRE(count == 3);
  CHECK(rows[0] == 0);
  CHECK(rows[1] == 2);
  CHECK(rows[2] == 4);
  CHECK(columns[0].all == PIPE_WORD);
  CHECK(columns[1].all == PIPE_MIXED);
  CHECK(pipes::view(columns[0].slices[0]) == "1.2.3.4");
  CHECK(pipes::view(columns[1].slices[0]) == "ab");
  CHECK(columns[1].tags[1] == PIPE_MISSING);
  CHECK(columns[2].tags[0] == PIPE_MISSING);
  CHECK(pipes::view(columns[2].slices[1]) == "x");
  CHECK(pipes::view(columns[3].slices[2]) == "9 z;");
  std::uint64_t n = 0;
  const pipe_slice* records = pipes::records(batch.get(), n);
  CHECK(columns[0].slices[0].data == records[0].data);
}

TEST_CASE("find walks through a text") {
  auto p = pattern("(a)(b)?");
  std::uint64_t offsets[6], filled = 0;
  REQUIRE(p->find("xxabya", 0, offsets, 3, filled));
  CHECK(filled == 3);
  CHECK(offsets[0] == 2);
  CHECK(offsets[1] == 4);
  CHECK(offsets[4] == 3);
  REQUIRE(p->find("xxabya", 4, offsets, 3, filled));
  CHECK(offsets[0] == 5);
  CHECK(offsets[4] == UINT64_MAX);
  CHECK_FALSE(p->find("xxabya", 6, offsets, 3, filled));
  CHECK_FALSE(p->find("a", 2, offsets, 3, filled));
}

TEST_CASE("a pattern that cannot compile says where and what") {
  struct { const char* text; std::size_t offset; const char* part; } const cases[] = {
      {"(ab", 3, "no partner"}, {"ab)", 2, "no partner"}, {"[ab", 3, "]"}, {"*a", 0, "backslash"}, {"a\\", 2, "\\"}, {"(?P<n", 5, "name"}, {"a\bc", 1, "backspace"},
  };
  for (const auto& c : cases) {
    std::vector<pipes::remark> remarks;
    INFO(c.text);
    CHECK_FALSE(pipe_pattern::compile(c.text, false, remarks));
    REQUIRE(remarks.size() == 1);
    CHECK(remarks[0].offset == c.offset);
    CHECK(remarks[0].message.find(c.part) != std::string::npos);
  }
}

TEST_CASE("the match limit is an error that names the record") {
  const std::string hard(40, 'a');
  auto batch = pipes::from_text("fine aa\nalso aa\n" + hard + "!\nlast\n");
  for (const char* what : {"(a+)+$", "(\\w+)+$", "^(a+)+\\z", "(?:(?=a)a+)+$"}) {
    auto p = pattern(what);
    pipes::output out;
    std::vector<std::uint32_t> rows(4);
    std::uint64_t k = 0;
    for (int how = 0; how < 2; ++how) {
      std::string message;
      try {
        how ? p->pass(batch.get(), false, out, 0) : p->rows(batch.get(), true, rows.data(), k);
      } catch (const std::runtime_error& e) { message = e.what(); }
      INFO(what << ": " << message);
      CHECK(message.find("record 3") != std::string::npos);
      CHECK(message.find("aaaa") != std::string::npos);
    }
  }
}
