// plugins/lib/keys.hpp: the values of one or several fields of a record as one key, for count, top, group and distinct.
//
// Two values are one key if they are of one class and print as the same text: a class for null (a missing field is null),
// booleans, numbers, texts, other JSON. Texts that are never numbers (JSON strings) and those that may be (CSV words) share a
// class; the key remembers in a mark whether one of the former was among them, which decides how it prints.
#pragma once
#include <pipe/plugin.hpp>

#include "lib/byte_table.hpp"
#include "lib/numbers.hpp"

namespace shared {

enum key_class : std::uint8_t { key_null, key_bool, key_number, key_text, key_json };

inline key_class class_of(std::uint32_t tag) {
  switch (tag) {
    case PIPE_BOOL: return key_bool;
    case PIPE_INT:
    case PIPE_FLOAT: return key_number;
    case PIPE_STRING:
    case PIPE_WORD: return key_text;
    case PIPE_JSON: return key_json;
    default: return key_null;
  }
}

// The text that value i prints as; `room` (number_room bytes) holds it where the column has none. Null: empty.
inline std::string_view printed(const pipe_column& c, std::size_t i, char* room) {
  const std::uint32_t tag = c.tags[i];
  if (tag > PIPE_BOOL && c.slices && c.slices[i].data) return {c.slices[i].data, c.slices[i].size};
  switch (tag) {
    case PIPE_BOOL: return c.values[i] ? std::string_view("true") : std::string_view("false");
    case PIPE_INT: return {room, print_number(room, static_cast<std::int64_t>(c.values[i]))};
    case PIPE_FLOAT: {
      double d;
      std::memcpy(&d, &c.values[i], sizeof d);
      return {room, print_number(room, d)};
    }
    default: return {};
  }
}

struct key_part {
  key_class what;
  std::string_view text;
};

// Reads keys of `width` fields, and takes them apart again. A key of one field is its text; of several, per field: the class,
// the length in four bytes, the text.
class key_codec {
 public:
  static constexpr std::size_t widest = 16;  // fields; a mark has a bit for each

  void columns(const pipes::batch& b, const std::vector<pipes::field>& by) {
    columns_.clear();
    for (pipes::field f : by) columns_.push_back(&b.column_of(f).raw());
  }
  // The same for columns that lie elsewhere (tests).
  void columns(std::vector<const pipe_column*> c) { columns_ = std::move(c); }

  // Keys of one field: that of a row; `room` (number_room bytes) holds its text where the column has none.
  byte_table::lookup only(std::size_t row, char* room) const {
    const pipe_column& c = *columns_[0];
    const std::string_view text = printed(c, row, room);
    return {text.data(), text.size(), class_of(c.tags[row])};
  }
  // The texts of all rows, where the column has them and all are text; else null.
  const pipe_slice* texts() const {
    const pipe_column& c = *columns_[0];
    return c.all == PIPE_WORD || c.all == PIPE_STRING ? c.slices : nullptr;
  }

  // Calls use(row, index of the key's entry in the table) for each row.
  template <class Use>
  void each(byte_table& table, std::size_t rows, Use use) {
    if (columns_.size() == 1) {
      one(table, rows, use);
    } else {
      for (std::size_t i = 0; i < rows; ++i) {
        const std::uint16_t marks = encode(i);
        const std::uint32_t at = table.find_or_add(scratch_.data(), scratch_.size(), 0);
        table[at].marks |= marks;
        use(i, at);
      }
    }
  }

  // The fields of a key: `parts` gets one entry a field.
  static void decode(const byte_table::entry& e, std::size_t width, std::vector<key_part>& parts) {
    parts.clear();
    if (width == 1) {
      parts.push_back({static_cast<key_class>(e.kind), e.text()});
      return;
    }
    const char* p = e.key;
    for (std::size_t f = 0; f < width; ++f) {
      std::uint32_t size;
      std::memcpy(&size, p + 1, sizeof size);
      parts.push_back({static_cast<key_class>(p[0]), {p + 5, size}});
      p += 5 + size;
    }
  }

  // Field by field: by the bytes of the text, then by class.
  static int compare(const byte_table::entry& a, const byte_table::entry& b, std::size_t width) {
    if (width == 1) {
      if (int c = a.text().compare(b.text())) return c;
      return static_cast<int>(a.kind) - static_cast<int>(b.kind);
    }
    const char *p = a.key, *q = b.key;
    for (std::size_t f = 0; f < width; ++f) {
      std::uint32_t n, m;
      std::memcpy(&n, p + 1, sizeof n);
      std::memcpy(&m, q + 1, sizeof m);
      if (int c = std::string_view(p + 5, n).compare({q + 5, m})) return c;
      if (p[0] != q[0]) return p[0] - q[0];
      p += 5 + n;
      q += 5 + m;
    }
    return 0;
  }
  // The first bytes of the first field, the first of them the most significant: where two differ they order as compare() does.
  static std::uint64_t head(const byte_table::entry& e, std::size_t width) {
    std::uint32_t size = e.size;
    const char* p = e.key;
    if (width > 1) {
      std::memcpy(&size, p + 1, sizeof size);
      p += 5;
    }
    unsigned char first[8] = {};
    if (size >= 8) std::memcpy(first, p, 8);
    else std::memcpy(first, p, size);
    std::uint64_t value = 0;
    for (unsigned char c : first) value = value << 8 | c;
    return value;
  }

 private:
  template <class Use>
  void one(byte_table& table, std::size_t rows, Use use) {
    const pipe_column& c = *columns_[0];
    if (c.all == PIPE_WORD) {
      return table.find_or_add_all(rows, [&](std::size_t i) { return byte_table::lookup{c.slices[i].data, c.slices[i].size, key_text}; }, use);
    }
    char room[number_room];
    for (std::size_t i = 0; i < rows; ++i) {
      const std::string_view text = printed(c, i, room);
      const std::uint32_t at = table.find_or_add(text.data(), text.size(), class_of(c.tags[i]));
      if (c.tags[i] == PIPE_STRING) table[at].marks |= 1;
      use(i, at);
    }
  }
  std::uint16_t encode(std::size_t row) {
    scratch_.clear();
    std::uint16_t marks = 0;
    char room[number_room];
    for (std::size_t f = 0; f < columns_.size(); ++f) {
      const pipe_column& c = *columns_[f];
      const std::string_view text = printed(c, row, room);
      const std::uint32_t size = static_cast<std::uint32_t>(text.size());
      char head[5];
      head[0] = static_cast<char>(class_of(c.tags[row]));
      std::memcpy(head + 1, &size, sizeof size);
      scratch_.append(head, sizeof head).append(text);
      if (c.tags[row] == PIPE_STRING) marks = static_cast<std::uint16_t>(marks | 1u << f);
    }
    return marks;
  }
  std::vector<const pipe_column*> columns_;
  std::string scratch_;
};

// Puts a key's part into a column; its text must live as long as the column.
inline void put_key(pipes::column_writer& to, std::size_t row, const key_part& part, bool string) {
  switch (part.what) {
    case key_null: to.null(row); return;
    case key_bool: to.boolean(row, part.text == "true"); return;
    case key_number: {
      const number n = read_number(part.text);
      if (n.what == number::whole) to.integer(row, n.i);
      else to.real(row, n ? n.d : std::nan(""));
      to.text(row, part.text, n.what == number::whole ? PIPE_INT : PIPE_FLOAT);
      return;
    }
    case key_text: to.text(row, part.text, string ? PIPE_STRING : PIPE_WORD); return;
    case key_json: to.text(row, part.text, PIPE_JSON); return;
  }
}

// Checks of every option that names the field for the number of records: what other programs want there is no name.
inline void check_count(pipes::checker& c, const std::string& name) {
  for (const char* no_name : {"true", "yes", "on", "false", "no", "off", "*", "1"})
    if (name == no_name) c.fault("count", "'count' takes the name of the field for the number of records, as in {count: n}; '" + name + "' would be that name");
}
// Checks that apply to every `by`.
inline void check_keys(pipes::checker& c, const std::vector<pipes::field>& by) {
  c.reads(by);
  if (by.size() > key_codec::widest) c.fault("by", "names " + std::to_string(by.size()) + " fields; 16 is the most");
  for (std::size_t i = 0; i < by.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (by[i] == by[j]) c.fault_at("by", i, "'by' names '" + std::string(by[i].name()) + "' twice");
}

}  // namespace shared
