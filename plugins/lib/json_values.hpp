// plugins/lib/json_values.hpp: JSON as text to values of columns. The text was checked before.
#pragma once
#include <pipe/plugin.hpp>

#include "lib/json_text.hpp"

namespace shared::json {

// Puts the value that a token writes; unescaped text lies in out's arena.
inline void put_token(pipes::column_writer& to, std::size_t row, std::string_view token, pipes::output& out) {
  switch (token.front()) {
    case '"': {
      std::string_view s = token.substr(1, token.size() - 2);
      if (s.find('\\') != std::string_view::npos) {
        char* const kept = out.alloc(s.size());
        s = {kept, unescape(s, kept)};
      }
      return to.text(row, s);
    }
    case '{':
    case '[': return to.text(row, token, PIPE_JSON);
    case 'n': return to.null(row);
    case 't':
    case 'f': return to.boolean(row, token.front() == 't');
    default: {
      const number n = read_number(token);
      if (n.what == number::whole)
        to.integer(row, n.i);
      else
        to.real(row, n.d);
      to.text(row, token, n.what == number::whole ? PIPE_INT : PIPE_FLOAT);
    }
  }
}

// Goes over the elements of an array, or the values of an object with their raw keys.
class walker {
 public:
  explicit walker(std::string_view text) : p_(text.data() + 1), end_(text.data() + text.size() - 1) {}
  // The next element of an array; false: there is none left.
  bool element(std::string_view& token) {
    p_ = skip_blanks(p_, end_);
    if (p_ != end_ && *p_ == ',') p_ = skip_blanks(p_ + 1, end_);
    const char* const stop = value_end(p_, end_);
    if (!stop) return false;
    token = {p_, static_cast<std::size_t>(stop - p_)};
    p_ = stop;
    return true;
  }
  // The next member of an object; the key as written, without its quotes.
  bool member(std::string_view& key, std::string_view& token) {
    p_ = skip_blanks(p_, end_);
    if (p_ != end_ && *p_ == ',') p_ = skip_blanks(p_ + 1, end_);
    if (p_ == end_ || *p_ != '"') return false;
    const char* const close = string_end(p_ + 1, end_);
    if (!close) return false;
    key = {p_ + 1, static_cast<std::size_t>(close - p_ - 1)};
    p_ = skip_blanks(close + 1, end_);
    if (p_ == end_ || *p_ != ':') return false;
    p_ = skip_blanks(p_ + 1, end_);
    const char* const stop = value_end(p_, end_);
    if (!stop) return false;
    token = {p_, static_cast<std::size_t>(stop - p_)};
    p_ = stop;
    return true;
  }

 private:
  const char* p_;
  const char* end_;
};

}  // namespace shared::json
