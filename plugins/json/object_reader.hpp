// plugins/json/object_reader.hpp: walks one JSON object after the other and puts the values of the fields asked for into columns.
//
// Records that are plainly sound are walked in one pass (shape.hpp), the others member by member by who can say what is wrong.
// Texts stay slices of the record, numbers keep their text and 64 bits, and every value is checked whether asked for or not. Of a
// key that comes twice the first counts. Bytes that are no UTF-8 pass through.
// One instance per worker; nothing parks.
#pragma once
#include <pipe/plugin.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "json/column_builder.hpp"
#include "json/layout_learner.hpp"
#include "json/shape.hpp"
#include "lib/json_text.hpp"

namespace reader {

namespace json = shared::json;

class object_reader {
 public:
  bool strict = false;

  // The columns to fill: of a.b.c the longest leading part that is a member of exactly that name, the rest a path.
  void ask(const std::vector<std::string>& names) {
    columns_.resize(names.size());
    best_.resize(names.size());
    for (std::size_t c = 0; c < names.size(); ++c) {
      const std::string& name = names[c];
      target_of(name).push_back({c, name.size(), {}});
      for (auto dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1))
        if (dot > 0) target_of(name.substr(0, dot)).push_back({c, dot, name.substr(dot + 1)});
    }
  }
  void start(pipes::output& out, std::size_t count) {
    out_ = &out;
    for (auto& c : columns_) c.start(out, count);
  }
  pipe_column column(std::size_t c, std::size_t count) const { return columns_[c].done(count); }

  // Reads `text` into row `row`; `readable` bytes may be read from its beginning. False: why() says what is wrong.
  bool read(std::string_view text, std::size_t readable, std::size_t row) {
    const char* start = json::skip_blanks(text.data(), text.data() + text.size());
    if (start == text.data() + text.size() || *start != '{') return explain(text);
    text_ = text;
    row_ = row;
    if (!strict) {
      begin_row();
      if (walk(start, readable)) return true;
      clear_row();
    }
    begin_row();
    escapes_ = std::memchr(text.data(), '\\', text.size()) != nullptr;
    if (!members()) {
      clear_row();
      return explain(text);
    }
    return true;
  }
  const std::string& why() const { return why_; }

 private:
  struct target {
    std::size_t column;
    std::size_t lead;  // length of the name's part that the member must have
    std::string rest;  // path behind it
  };
  struct asked {
    std::string name;
    std::vector<target> targets;
  };
  static constexpr std::size_t nobody = shape::nobody;

  // What best_ holds of earlier rows is less than any lead from here on.
  void begin_row() { leads_ += std::uint64_t{1} << 32; }
  void clear_row() {
    for (column_builder& c : columns_) c.missing(row_);
  }

  std::vector<target>& target_of(const std::string& name) {
    for (asked& a : asked_)
      if (a.name == name) return a.targets;
    asked_.push_back({name, {}});
    return asked_.back().targets;
  }

  const char* guarded(std::size_t size) {
    buffer_.resize(size + quick::margin);
    std::memcpy(buffer_.data(), text_.data(), size);
    std::memset(buffer_.data() + size, '\n', quick::margin);
    return buffer_.data();
  }
  // A piece of the text that was walked, in the record itself.
  std::string_view original(const char* p, std::size_t size) const { return {text_.data() + (p - work_), size}; }

  void hand_out(std::size_t key, std::string_view token) {
    for (const target& t : asked_[key].targets) {
      if (leads_ + t.lead <= best_[t.column]) continue;
      best_[t.column] = leads_ + t.lead;
      if (!t.rest.empty()) {
        columns_[t.column].missing(row_);  // a shorter lead may have found a value, where this one leads to none
        put(t.column, json::along(token, t.rest));
      } else if (token.front() == '"' && !escapes_) {
        columns_[t.column].text(row_, PIPE_STRING, token.substr(1, token.size() - 2));
      } else {
        put(t.column, token);
      }
    }
  }

#if defined(__x86_64__)
  void hand_out(const layout::asked& a, std::string_view value) {
    const std::string_view own = original(value.data(), value.size());
    const std::size_t quote = a.what == layout::asked::text;
    if (a.column != nobody && quote && !escapes_)
      columns_[a.column].text(row_, PIPE_STRING, own);
    else if (a.column != nobody && !quote && own.front() <= '9')  // another kind of value fits where a number was
      put_number(a.column, own);
    else
      hand_out(a.key, {own.data() - quote, own.size() + 2 * quote});
  }
  // A value has a column of its own if it is all that its column can mean in this record, and is not looked into.
  void give_columns(std::vector<layout::asked>& wanted) const {
    std::vector<std::size_t> uses(columns_.size());
    for (const layout::asked& a : wanted)
      for (const target& t : asked_[a.key].targets) ++uses[t.column];
    for (layout::asked& a : wanted) {
      const std::vector<target>& targets = asked_[a.key].targets;
      if (a.what != layout::asked::other && targets.size() == 1 && targets[0].rest.empty() && uses[targets[0].column] == 1) a.column = targets[0].column;
    }
  }
#endif

  // `start` is the object's brace. False: the record is not plainly sound; what was put into its row does not count.
  bool walk(const char* start, std::size_t readable) {
    std::size_t size = text_.size();
    if (text_.back() == '\r') --size;
    work_ = text_.data();
    if (readable < text_.size() + quick::margin || static_cast<unsigned char>(work_[size]) >= 0x20) work_ = guarded(size);
    const char* const brace = work_ + (start - text_.data());
    const auto number = [this](std::string_view raw) { return key_of(raw); };
    const auto found = [this](std::size_t key, std::string_view token) { hand_out(key, original(token.data(), token.size())); };
    const bool marked = marks_.look(work_, size);
    escapes_ = !marked || marks_.escapes();
    if (!marked) return shape_.walk(brace, work_ + size, quick::scanned_strings(work_ + size), number, found);
#if defined(__x86_64__)
    const bool bare = brace == work_;
    const auto fitting = [this](const layout::asked& a, std::string_view value) { hand_out(a, value); };
    if (bare && layouts_.fit(work_, size, marks_, number, fitting)) return true;
#endif
    const bool sound = shape_.walk(brace, work_ + size, quick::marked_strings(work_, marks_), number, found);
#if defined(__x86_64__)
    if (bare && sound) layouts_.learn(work_, size, marks_, number, [this](std::vector<layout::asked>& wanted) { give_columns(wanted); });
#endif
    return sound;
  }
  std::size_t key_of(std::string_view raw) const {
    for (std::size_t k = 0; k < asked_.size(); ++k)
      if (json::key_is(raw, asked_[k].name)) return k;
    return nobody;
  }

  bool members() {
    if (strict && not_utf8(text_)) return false;
    keys_seen_.clear();
    json::fault f;
    const bool sound = json::checker(text_).members(f, [&](std::string_view raw, std::string_view token) {
      if (strict) keys_seen_.push_back(raw);
      const std::size_t key = key_of(raw);
      if (key != nobody) hand_out(key, token);
    });
    return sound && (!strict || !doubled());
  }

  __attribute__((noinline)) void put(std::size_t c, std::string_view token) {
    if (!token.data() || token.empty()) return;
    column_builder& to = columns_[c];
    switch (token.front()) {
      case '"': {
        std::string_view s = token.substr(1, token.size() - 2);
        if (escapes_ && s.find('\\') != std::string_view::npos) {
          char* kept = out_->alloc(s.size());
          s = {kept, json::unescape(s, kept)};
        }
        to.text(row_, PIPE_STRING, s);
        return;
      }
      case '{':
      case '[': to.text(row_, PIPE_JSON, token); return;
      case 'n': to.tag(row_, PIPE_NULL); return;
      case 't':
      case 'f': to.value(row_, PIPE_BOOL, token.front() == 't'); return;
      default: put_number(c, token);
    }
  }
  void put_number(std::size_t c, std::string_view token) {
    const shared::number n = shared::number_of_checked(token, token.size() < 2 || token[1] != '.');
    if (n.what == shared::number::whole) {
      columns_[c].number(row_, PIPE_INT, static_cast<std::uint64_t>(n.i), token);
    } else {
      std::uint64_t bits;
      std::memcpy(&bits, &n.d, sizeof bits);
      columns_[c].number(row_, PIPE_FLOAT, bits, token);
    }
  }

  bool doubled() {
    if (escapes_) unescape_keys();
    std::sort(keys_seen_.begin(), keys_seen_.end());
    const auto twice = std::adjacent_find(keys_seen_.begin(), keys_seen_.end());
    if (twice == keys_seen_.end()) return false;
    twice_ = std::string(*twice);
    return true;
  }
  // One key may be written in several ways.
  void unescape_keys() {
    std::size_t needed = 0;
    for (std::string_view key : keys_seen_) needed += key.size();
    plain_keys_.resize(needed);
    char* to = plain_keys_.data();
    for (std::string_view& key : keys_seen_) {
      const std::size_t size = json::unescape(key, to);
      key = {to, size};
      to += size;
    }
  }

  bool explain(std::string_view text) {
    json::fault f;
    const char* first = json::skip_blanks(text.data(), text.data() + text.size());
    if (!json::checker(text).document(f)) {
      why_ = "malformed JSON at byte " + std::to_string(f.at - text.data() + 1) + ": " + f.why + near(text, f.at);
      if (first != f.at && f.at == text.data() + text.size() && (*first == '[' || json::skip_blanks(first + 1, f.at) == f.at))
        why_ += " (of JSON in several lines, io.read's `framing: none` makes one record)";
    } else if (*first != '{') {
      const char* what = *first == '[' ? "an array" : *first == '"' ? "a string" : *first == 't' || *first == 'f' ? "a boolean" : *first == 'n' ? "null" : "a number";
      why_ = std::string("the record is ") + what + ", not an object" + near(text, first);
    } else if (twice_) {
      why_ = "the key '" + *twice_ + "' stands there twice";
      twice_.reset();
    } else if (const char* bad = not_utf8(text)) {
      why_ = "byte " + std::to_string(bad - text.data() + 1) + " is not UTF-8" + near(text, bad);
    }
    return false;
  }
  // The surroundings of a place in a long record; the host shows the beginning of each.
  static std::string near(std::string_view text, const char* at) {
    constexpr std::ptrdiff_t before = 20, behind = 30;
    if (text.size() <= before + behind) return {};
    const char* from = at - text.data() > before ? at - before : text.data();
    const char* to = text.data() + text.size() - at > behind ? at + behind : text.data() + text.size();
    std::string s;
    for (const char* p = from; p != to; ++p) s += static_cast<unsigned char>(*p) < 0x20 ? ' ' : *p;
    return s.empty() ? s : (from == text.data() ? ", near `" : ", near `…") + s + (to == text.data() + text.size() ? "`" : "…`");
  }
  static const char* not_utf8(std::string_view text) {
    const char* p = text.data();
    const char* const end = p + text.size();
    while (p != end) {
      for (std::uint64_t eight; end - p >= 8; p += 8) {
        std::memcpy(&eight, p, 8);
        if (eight & 0x8080808080808080u) break;
      }
      if (p == end) break;
      const unsigned char c = static_cast<unsigned char>(*p);
      const int more = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 : c >= 0xf0 && c < 0xf5 ? 3 : -1;
      if (more < 0 || end - p <= more) return p;
      for (int i = 1; i <= more; ++i)
        if ((static_cast<unsigned char>(p[i]) & 0xc0) != 0x80) return p;
      const unsigned char second = more ? static_cast<unsigned char>(p[1]) : 0;
      if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second >= 0xa0) || (c == 0xf0 && second < 0x90) || (c == 0xf4 && second >= 0x90)) return p;
      p += more + 1;
    }
    return nullptr;
  }

  std::vector<asked> asked_;
  shape shape_;
#if defined(__x86_64__)
  layouts layouts_;
#endif
  marks marks_;
  std::vector<column_builder> columns_;
  std::vector<std::uint64_t> best_;          // leads_ plus the lead that each column's value came by, in the last row that had one
  std::uint64_t leads_ = 0;                  // rises from row to row
  std::vector<std::string_view> keys_seen_;  // strict
  std::string plain_keys_;                   // their texts, where some have escapes
  std::optional<std::string> twice_;
  std::vector<char> buffer_;
  pipes::output* out_ = nullptr;
  std::string_view text_;
  const char* work_ = nullptr;  // what is walked: the record, or a copy of it
  std::size_t row_ = 0;
  bool escapes_ = false;  // there may be some in the record
  std::string why_;
};

}  // namespace reader
