// plugins/io/table.hpp: records that have fields and no bytes of their own (pipe_host::record_rendered) as an aligned table, on a terminal.
//
// What would be written as one JSON object a line is a row; any other record is written as it is, between the rows.
//   header    the first such record's names. A record whose fields stand in it in the same order is a row below it, blank where it lacks
//             one; another one of two fields and more begins a new header; one that is left ({"count":5}) is written as it is.
//   at once   a batch is written whole when it comes, so that a trickle shows each record: the widths are those of the first batch below
//             the header, and grow where a later one needs more. What is written stays as it is.
//   whole     no value is cut, and a row that is wider than the terminal is broken by the terminal alone. So that one long value does not
//             drive the columns apart for good, one of more than `widest` columns moves the rest of its own row and widens nothing.
//   harmless  control characters (also those that turn the direction of what follows, and line ends of Unicode), and bytes that are no
//             UTF-8, are shown as escapes: no value steers the terminal.
// Not taken: all records held back until the widths are known for good (nothing would show up in front of a `tail -f`); cells broken or
// cut to the terminal's width (what is copied out of it would not be the value).
#pragma once
#include <locale.h>
#include <unistd.h>
#include <wchar.h>

#include <algorithm>
#include <string>
#include <vector>

#include "lib/json_text.hpp"
#include "lib/record_writer.hpp"

namespace io {

class table {
 public:
  static bool is_due(std::uint32_t framing) { return framing == shared::framing_lines && ::isatty(STDOUT_FILENO); }

  // Throws what the writer throws.
  [[gnu::cold]] void write(const pipes::batch& b, shared::record_writer& to) {
    const auto records = b.records();
    bool any = false;
    for (std::size_t i = 0; i < records.size() && !any; ++i) any = b.rendered(i);
    if (!any) {
      begun_ = begun_ || records.size();
      return to.write(b);
    }
    text_.clear();
    for (const pipes::record r : records)
      if (line l; !b.rendered(r.row()) || !add(l, r)) lines_.push_back({{}, std::string(r.view())});
    print();
    to.write_lines(text_);
  }

 private:
  static constexpr std::size_t widest = 60, gap = 2;

  struct cell {
    std::string text;
    std::size_t width = 0;
    bool number = false;
    bool null = false;  // stands where its column's values stand
  };
  struct line {
    std::vector<cell> cells;  // one a column; none: no row
    std::string as_it_is;
  };

  // False: no row. A rendering is `{"a":1,"b":2}` without blanks; what a foreign stage set as JSON may be anything.
  [[gnu::cold]] bool add(line& l, std::string_view record) {
    names_.clear();
    values_.clear();
    const char* const end = record.data() + record.size();
    const char* q = record.data();
    for (const char* p = q + 1; p < end && *p == '"'; p = q + 1) {
      const char* const close = shared::json::string_end(p + 1, end);
      if (!close || end - close < 2 || !(q = shared::json::value_end(close + 2, end))) return false;
      names_.emplace_back(p + 1, static_cast<std::size_t>(close - p - 1));
      values_.emplace_back(close + 2, static_cast<std::size_t>(q - close - 2));
    }
    if (q + 1 != end) return false;
    std::size_t at = 0, fitting = 0;
    l.cells.resize(columns_.size());
    for (; fitting < names_.size(); ++fitting, ++at) {
      while (at < columns_.size() && columns_[at] != names_[fitting]) ++at;
      if (at == columns_.size()) break;
      l.cells[at] = cell_of(values_[fitting]);
    }
    if (names_.empty() || (fitting < names_.size() && names_.size() < 2)) return false;
    if (fitting < names_.size()) {
      print();
      columns_.assign(names_.begin(), names_.end());
      widths_.assign(columns_.size(), 0);
      right_.assign(columns_.size(), false);
      due_ = true;
      l.cells.clear();
      for (const std::string_view value : values_) l.cells.push_back(cell_of(value));
    }
    lines_.push_back(std::move(l));
    return true;
  }

  // The lines that wait, which belong to one header.
  [[gnu::cold]] void print() {
    std::vector<bool> words(columns_.size()), numbers(columns_.size());
    for (const line& l : lines_)
      for (std::size_t c = 0; c < l.cells.size(); ++c) {
        widen(c, l.cells[c]);
        if (!l.cells[c].text.empty() && !l.cells[c].null) (l.cells[c].number ? numbers : words)[c] = true;
      }
    if (due_) {
      line header;
      for (std::size_t c = 0; c < columns_.size(); ++c) {
        header.cells.push_back(shown(columns_[c]));
        header.cells.back().number = right_[c] = numbers[c] && !words[c];
        widen(c, header.cells.back());
      }
      if (begun_) text_ += '\n';
      print(header);
      due_ = false;
    }
    for (const line& l : lines_) print(l);
    lines_.clear();
  }
  void widen(std::size_t c, const cell& by) {
    if (by.width <= widest) widths_[c] = std::max(widths_[c], by.width);
  }
  [[gnu::cold]] void print(const line& l) {
    begun_ = true;
    std::size_t start = 0, at = 0;  // of the column; where the text ends
    for (std::size_t c = 0; c < l.cells.size(); start += widths_[c++] + gap) {
      const cell& x = l.cells[c];
      if (x.text.empty()) continue;
      std::size_t to = start + ((x.null ? right_[c] : x.number) && x.width < widths_[c] ? widths_[c] - x.width : 0);
      if (at) to = std::max(to, at + gap);
      text_.append(to - at, ' ').append(x.text);
      at = to + x.width;
    }
    text_.append(l.as_it_is) += '\n';
  }

  [[gnu::cold]] static cell cell_of(std::string_view value) {
    const bool text = value.front() == '"';
    cell c = shown(text ? value.substr(1, value.size() - 2) : value, text);
    c.null = value.front() == 'n';
    c.number = value.front() == '-' || (value.front() >= '0' && value.front() <= '9');
    return c;
  }
  // `escaped`: as within a JSON string. Its \n and \u001b stay, they are what is to be seen; a quote or a backslash needs none.
  [[gnu::cold]] static cell shown(std::string_view raw, bool escaped = true) {
    cell c;
    for (std::size_t i = 0; i < raw.size();) {
      if (escaped && raw[i] == '\\' && (raw[i + 1] == '"' || raw[i + 1] == '\\')) ++i;
      std::size_t size = 1;
      const std::uint32_t letter = letter_at(raw.substr(i), size);
      if (letter == no_letter || steers(letter)) {
        constexpr const char* hex = "0123456789abcdef";
        const std::uint32_t code = letter == no_letter ? static_cast<unsigned char>(raw[i]) : letter;
        const int digits = letter == no_letter ? 2 : 4;
        c.text += letter == no_letter ? "\\x" : "\\u";
        for (int d = digits; d-- > 0;) c.text += hex[code >> 4 * d & 15];
        c.width += static_cast<std::size_t>(2 + digits);
      } else {
        c.text.append(raw, i, size);
        c.width += letter < 0x7f ? 1 : columns_of(letter);
      }
      i += size;
    }
    return c;
  }

  static bool steers(std::uint32_t letter) {
    return letter < 0x20 || (letter >= 0x7f && letter < 0xa0) || (letter >= 0x2028 && letter <= 0x202e) || (letter >= 0x2066 && letter <= 0x2069);
  }
  static constexpr std::uint32_t no_letter = ~std::uint32_t{0};
  // The first letter of UTF-8 text and how many bytes it takes.
  static std::uint32_t letter_at(std::string_view text, std::size_t& size) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return first;
    const std::size_t n = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < n) return no_letter;
    std::uint32_t letter = first & (0x7fu >> n);
    for (std::size_t i = 1; i < n; ++i) {
      if ((byte(i) & 0xc0) != 0x80) return no_letter;
      letter = letter << 6 | (byte(i) & 0x3f);
    }
    constexpr std::uint32_t least[] = {0x80, 0x800, 0x10000};
    if (letter < least[n - 2] || (letter >= 0xd800 && letter < 0xe000) || letter > 0x10ffff) return no_letter;
    size = n;
    return letter;
  }
  // The C library's tables, whatever the user's locale: what goes out is UTF-8.
  static std::size_t columns_of(std::uint32_t letter) {
    static const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    if (!utf8) return 1;
    const locale_t before = ::uselocale(utf8);
    const int n = ::wcwidth(static_cast<wchar_t>(letter));
    ::uselocale(before);
    return n < 0 ? 1 : static_cast<std::size_t>(n);
  }

  std::vector<std::string> columns_;  // of the header, as JSON has them
  std::vector<std::size_t> widths_;   // of each
  std::vector<bool> right_;           // of numbers: these stand on the right
  std::vector<line> lines_;           // that wait
  std::string text_;                  // what was made of the batch
  bool due_ = false;                  // the header is not printed yet
  bool begun_ = false;                // something was
  std::vector<std::string_view> names_, values_;  // of a record
};

}  // namespace io
