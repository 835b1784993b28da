// plugins/lib/lookup_table.hpp: a small table read from a file (CSV, TSV or JSON lines) and looked up by key.
//
// load() runs once, on a thread that may block; find() and the columns are then read by any number of fibers. Keys are compared as the text
// that they print as, so that the number 1 of a JSON record finds the 1 of a CSV file. Null is no key.
#pragma once
#include <pipe/plugin.hpp>

#include <functional>
#include <mutex>
#include <unordered_map>

#include "lib/byte_table.hpp"
#include "lib/compressed.hpp"
#include "lib/csv_text.hpp"
#include "lib/descriptor.hpp"
#include "lib/json_values.hpp"
#include "lib/keys.hpp"

namespace shared {

enum class table_format : std::uint32_t { automatic, csv, tsv, json };

class lookup_table {
 public:
  static constexpr std::uint32_t none = 0xffffffffu;
  struct values {  // of a column, one a row; their text lies in the table
    std::string name;
    std::vector<std::uint8_t> tags;
    std::vector<std::uint64_t> bits;
    std::vector<pipe_slice> slices;
  };

  // Blocks. Throws std::runtime_error; then every further call throws the same. fits(bytes) throws where so many are too many; it is
  // asked while the table grows.
  void load(const std::string& file, table_format format, bool quotes, const std::vector<std::string>& keys, const std::function<void(std::size_t)>& fits) {
    std::lock_guard held(mu_);
    fits_ = fits;
    if (!fault_.empty()) throw std::runtime_error(fault_);
    if (loaded_) return;
    try {
      read_file(file);
      if (format == table_format::automatic) format = by_name(file);
      if (format == table_format::json) read_json(file);
      else read_csv(file, {format == table_format::tsv ? '\t' : ',', quotes});
      index(file, keys);
      fits_ = nullptr;
      loaded_ = true;
    } catch (const std::exception& e) {
      fault_ = e.what();
      throw;
    }
  }
  static table_format by_name(std::string_view file) {
    const auto ends = [&](std::string_view with) { return file.size() >= with.size() && file.substr(file.size() - with.size()) == with; };
    return ends(".tsv") || ends(".tab") ? table_format::tsv : ends(".json") || ends(".jsonl") || ends(".ndjson") ? table_format::json : table_format::csv;
  }

  // -- once load() has returned
  const std::vector<values>& columns() const { return columns_; }
  // The first row with this key, and the one behind it with the same; none.
  std::uint32_t find(std::string_view key) const {
    const auto at = first_.find(key);
    return at == first_.end() ? none : at->second.first;
  }
  std::uint32_t next(std::uint32_t row) const { return next_[row]; }
  static void append_key(std::string& key, std::string_view part, bool one) {
    if (!one) {
      const std::uint32_t size = static_cast<std::uint32_t>(part.size());
      char head[4];
      std::memcpy(head, &size, sizeof size);
      key.append(head, sizeof head);
    }
    key.append(part);
  }

 private:
  struct chain {
    std::uint32_t first, last;
  };
  std::size_t bytes_held(std::size_t rows) const {
    constexpr std::size_t value = sizeof(std::uint8_t) + sizeof(std::uint64_t) + sizeof(pipe_slice), node = sizeof(std::string_view) + sizeof(chain) + 2 * sizeof(void*) + 16;
    return text_.capacity() + arena_.bytes() + rows * columns_.size() * value + next_.capacity() * sizeof(std::uint32_t) + first_.size() * node + first_.bucket_count() * sizeof(void*);
  }
  void grown(std::size_t rows) const {
    if (rows % 4096 == 0) fits_(bytes_held(rows));
  }

  void read_file(const std::string& file) {
    descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!fd) throw std::runtime_error("cannot read '" + file + "': " + errno_text(errno));
    text_.clear();
    for (;;) {
      const std::size_t used = text_.size();
      text_.resize(used + (used < (1u << 20) ? std::size_t{64} << 10 : used));
      const ssize_t got = ::read(fd.get(), text_.data() + used, text_.size() - used);
      if (got < 0 && errno == EINTR) {
        text_.resize(used);
        continue;
      }
      text_.resize(used + static_cast<std::size_t>(got > 0 ? got : 0));
      if (got < 0) throw std::runtime_error("cannot read '" + file + "': " + errno_text(errno));
      if (got == 0) break;
      fits_(text_.size());
    }
    if (const compressed_form* form = form_of(text_)) throw std::runtime_error("'" + file + "' is compressed by " + form->name + "; a file to join with must not be");
    text_.shrink_to_fit();
    if (text_.compare(0, 3, "\xef\xbb\xbf") == 0) text_.erase(0, 3);
  }

  struct csv_sink {
    lookup_table& table;
    const std::string& file;
    std::size_t line = 0, row = 0;
    std::vector<std::string_view> fields{};
    void field(std::size_t, std::string_view text, bool doubled) {
      if (doubled) {
        char* const plain = table.arena_.take(text.size() + 1);
        text = {plain, csv::undouble(text, plain)};
      }
      fields.push_back(text);
    }
    void record(std::size_t, csv::fault wrong, const char* begin, const char* end) {
      ++line;
      const std::size_t here = line;
      for (const char* p = begin; (p = static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p)))) && p + 1 < end; ++p) ++line;
      const auto fail = [&](const std::string& why) { throw std::runtime_error("'" + file + "', line " + std::to_string(here) + ": " + why); };
      if (wrong != csv::fault::none) fail("a quoted field " + std::string(csv::describe(wrong)) + csv::without_quotes);
      auto& columns = table.columns_;
      const bool empty_line = fields.size() == 1 && fields[0].empty();
      if (columns.empty() && !empty_line) {
        for (std::string_view name : fields) {
          if (name.empty()) fail("a column has no name");
          for (const values& v : columns)
            if (v.name == name) fail("two columns are called '" + v.name + "'");
          columns.push_back({std::string(name), {}, {}, {}});
        }
      } else if (fields.size() == columns.size()) {
        for (std::size_t i = 0; i < fields.size(); ++i) {
          columns[i].tags.push_back(PIPE_WORD);
          columns[i].bits.push_back(0);
          columns[i].slices.push_back({fields[i].data(), static_cast<std::uint32_t>(fields[i].size()), 0});
        }
        table.grown(++row);
      } else if (!empty_line) {
        fail(std::to_string(fields.size()) + (fields.size() == 1 ? " field" : " fields") + " where the header has " + std::to_string(columns.size()));
      }
      fields.clear();
    }
  };
  void read_csv(const std::string& file, csv::dialect dialect) {
    csv_sink sink{*this, file};
    csv::split(text_.data(), text_.data() + text_.size(), dialect, true, sink);
    rows_ = sink.row;
  }

  void read_json(const std::string& file) {
    std::size_t line = 0;
    const char* const end = text_.data() + text_.size();
    for (const char* p = text_.data(); p < end;) {
      const void* const newline = std::memchr(p, '\n', static_cast<std::size_t>(end - p));
      const char* const stop = newline ? static_cast<const char*>(newline) : end;
      ++line;
      const char* begin = json::skip_blanks(p, stop);
      const char* last = stop;
      while (last > begin && json::blank(last[-1])) --last;
      p = stop + 1;
      if (begin == last) continue;
      const std::string_view record(begin, static_cast<std::size_t>(last - begin));
      json::fault wrong;
      if (!json::checker(record).document(wrong)) throw std::runtime_error("'" + file + "', line " + std::to_string(line) + ": malformed JSON: " + wrong.why);
      if (record.front() != '{') throw std::runtime_error("'" + file + "', line " + std::to_string(line) + ": no JSON object");
      add_object(record);
      grown(++rows_);
    }
  }
  void add_object(std::string_view record) {
    json::walker walk(record);
    std::string_view raw, token;
    std::size_t expected = 0;
    while (walk.member(raw, token)) {
      std::string plain(raw.size(), '\0');
      plain.resize(json::unescape(raw, plain.data()));
      std::size_t at = 0;
      while (at < columns_.size() && columns_[(at + expected) % columns_.size()].name != plain) ++at;
      if (at == columns_.size()) {
        columns_.push_back({plain, {}, {}, {}});
        expected = columns_.size() - 1;
      } else {
        expected = (at + expected) % columns_.size();
      }
      values& v = columns_[expected++];
      if (v.tags.size() > rows_) continue;  // of a key that comes twice the first counts
      v.tags.resize(rows_, PIPE_MISSING);
      v.bits.resize(rows_, 0);
      v.slices.resize(rows_, {nullptr, 0, 0});
      put(v, token);
    }
  }
  void put(values& v, std::string_view token) {
    std::uint8_t tag = PIPE_JSON;
    std::uint64_t bits = 0;
    std::string_view text = token;
    switch (token.front()) {
      case '{':
      case '[': break;
      case '"': {
        tag = PIPE_STRING;
        text = token.substr(1, token.size() - 2);
        if (text.find('\\') == std::string_view::npos) break;
        char* const plain = arena_.take(text.size() + 1);
        text = {plain, json::unescape(text, plain)};
        break;
      }
      case 'n': tag = PIPE_NULL; text = {}; break;
      case 't':
      case 'f': tag = PIPE_BOOL; bits = token.front() == 't'; text = {}; break;
      default: {
        const number n = read_number(token);
        tag = n.what == number::whole ? PIPE_INT : PIPE_FLOAT;
        if (tag == PIPE_INT) bits = static_cast<std::uint64_t>(n.i);
        else std::memcpy(&bits, &n.d, sizeof bits);
      }
    }
    v.tags.push_back(tag);
    v.bits.push_back(bits);
    v.slices.push_back({text.data(), static_cast<std::uint32_t>(text.size()), 0});
  }

  void index(const std::string& file, const std::vector<std::string>& keys) {
    if (rows_ >= none) throw std::runtime_error("'" + file + "' has 2^32 records or more");
    std::vector<pipe_column> of;
    for (values& v : columns_) {
      v.tags.resize(rows_, PIPE_MISSING);
      v.bits.resize(rows_, 0);
      v.slices.resize(rows_, {nullptr, 0, 0});
    }
    for (const std::string& key : keys) {
      const auto found = std::find_if(columns_.begin(), columns_.end(), [&](const values& v) { return v.name == key; });
      if (found == columns_.end() && !columns_.empty()) throw std::runtime_error("'" + file + "' has no field '" + key + "'");
      if (found != columns_.end()) of.push_back({sizeof(pipe_column), PIPE_MIXED, rows_, found->tags.data(), found->bits.data(), found->slices.data()});
    }
    next_.assign(rows_, none);
    std::string key;
    char room[number_room];
    for (std::uint32_t row = 0; row < rows_; ++row) {
      key.clear();
      bool whole = true;
      for (const pipe_column& c : of) {
        whole = whole && c.tags[row] > PIPE_NULL;
        append_key(key, printed(c, row, room), of.size() == 1);
      }
      if (!whole) continue;
      const auto known = first_.find(key);
      if (row % 4096 == 0) fits_(bytes_held(rows_));
      if (known == first_.end()) {
        first_.emplace(arena_.keep(key), chain{row, row});
      } else {
        next_[known->second.last] = row;
        known->second.last = row;
      }
    }
    fits_(bytes_held(rows_));
  }

  std::mutex mu_;  // guards loading; never held across a parking call
  bool loaded_ = false;
  std::string fault_;
  std::function<void(std::size_t)> fits_;  // while it is loaded
  std::string text_;  // the file; values lie in it, or in arena_
  byte_arena arena_;
  std::vector<values> columns_;
  std::size_t rows_ = 0;
  std::unordered_map<std::string_view, chain> first_;
  std::vector<std::uint32_t> next_;
};

}  // namespace shared
