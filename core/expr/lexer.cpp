#include "core/expr/lexer.hpp"

#include <algorithm>

namespace pipes::expr {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class lexer {
 public:
  explicit lexer(std::string_view s) : s_(s) {}

  std::vector<token> run() {
    std::vector<token> all;
    for (;;) {
      const std::size_t before = at_;
      while (at_ < s_.size() && is_space(s_[at_])) ++at_;
      token t;
      t.offset = at_;
      t.tight = at_ == before && at_ != 0;
      if (at_ < s_.size()) read(t);
      t.length = at_ - t.offset;
      all.push_back(t);
      if (t.what == token::kind::end) return all;
    }
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < s_.size() ? s_[at_ + ahead] : '\0'; }

  void read(token& t) {
    const char c = peek();
    if (digit(c)) return number(t);
    if (c == '"' || c == '\'') return text(t, c);
    if (c == '`') return quoted_name(t);
    if (s_.substr(at_, 2) == "\xe2\x80" && (peek(2) == '\x9c' || peek(2) == '\x9d' || peek(2) == '\x98' || peek(2) == '\x99'))
      throw syntax_fault{at_, 3, "a curly quote: texts stand in straight quotes, \"…\" or '…'"};
    if (is_name_start(c)) return name(t);
    sign(t);
  }

  void number(token& t) {
    t.what = token::kind::number;
    const std::size_t start = at_;
    while (digit(peek())) ++at_;
    if (peek() == '.' && digit(peek(1))) {
      ++at_;
      while (digit(peek())) ++at_;
    }
    if ((peek() == 'e' || peek() == 'E') && (digit(peek(1)) || ((peek(1) == '+' || peek(1) == '-') && digit(peek(2))))) {
      at_ += 2;
      while (digit(peek())) ++at_;
    }
    if (is_name_part(peek()) || peek() == '.') {
      while (is_name_part(peek()) || peek() == '.') ++at_;
      const std::string word(s_.substr(start, at_ - start));
      const bool hexadecimal = word.size() > 2 && word[0] == '0' && (word[1] == 'x' || word[1] == 'X');
      throw syntax_fault{start, at_ - start, "'" + word + "' is neither a number nor a name: " +
                                                 (hexadecimal ? "write the number in decimal, or quote it as a text" : "quote it if it is a text: \"" + word + "\"")};
    }
    t.text = s_.substr(start, at_ - start);
    if (t.text.size() > 1 && t.text[0] == '0' && digit(t.text[1]))
      throw syntax_fault{start, at_ - start, "a number does not start with 0: write it without, or quote it if it is a text: \"" + t.text + "\""};
  }

  void text(token& t, char quote) {
    t.what = token::kind::text;
    t.raw = quote == '\'';
    const std::size_t start = at_++;
    for (;; ++at_) {
      if (at_ >= s_.size()) throw syntax_fault{start, 1, std::string("this quote is never closed: a ") + quote + " is missing"};
      char c = s_[at_];
      if (c == quote) break;
      if (c == '\\' && !t.raw) {
        switch (peek(1)) {
          case 'n': c = '\n'; ++at_; break;
          case 't': c = '\t'; ++at_; break;
          case 'r': c = '\r'; ++at_; break;
          case '\\': ++at_; break;
          case '"': c = '"'; ++at_; break;
          default: break;  // any other backslash stays
        }
      }
      t.text += c;
    }
    ++at_;
  }

  void quoted_name(token& t) {
    t.what = token::kind::quoted_name;
    const std::size_t end = s_.find('`', at_ + 1);
    if (end == std::string_view::npos) throw syntax_fault{at_, 1, "this backtick is never closed: a ` is missing"};
    if (end == at_ + 1) throw syntax_fault{at_, 2, "a field's name is missing between the backticks"};
    t.text = s_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
  }

  void name(token& t) {
    t.what = token::kind::name;
    const std::size_t start = at_;
    while (is_name_part(peek()) || (peek() == '.' && is_name_start(peek(1)))) ++at_;
    t.text = s_.substr(start, at_ - start);
  }

  void sign(token& t) {
    t.what = token::kind::sign;
    static const std::string_view signs[] = {"===", "!==", "<=>", "==", "!=", "<=", ">=", "=~", "!~", "~=", "<>", "&&", "||", "??", "?:", "//", "**", "++", "--",
                                             "+=", "-=", "->", "=>", "::", "<<", ">>", "<", ">", "=", "!", "~", "&", "|", "?", ":", "+", "-", "*", "/", "%", "(", ")",
                                             "[", "]", ",", ".", "^", ";", "{", "}"};
    for (const std::string_view s : signs)
      if (s_.substr(at_, s.size()) == s) {
        // `a--1` and `a++b` hold two signs each.
        const std::string_view taken = s == "--" || s == "++" ? s.substr(0, 1) : s;
        t.text = taken;
        at_ += taken.size();
        return;
      }
    const char c = peek();
    const std::string shown = c >= 0x20 && c < 0x7f ? std::string("'") + c + "'" : "a control character";
    std::string message = shown + " means nothing here";
    if (c == '$') message += ": a variable is ${name}, and a field whose name has a $ is written in backticks: `$name`";
    if (c == '@') message += ": a field whose name has one is written in backticks: `@name`";
    if (c == '#') message += ": there are no comments in an expression";
    throw syntax_fault{at_, 1, message};
  }

  std::string_view s_;
  std::size_t at_ = 0;
};

}  // namespace

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
bool is_name_part(char c) { return is_name_start(c) || digit(c); }

std::vector<token> tokens_of(std::string_view source) { return lexer(source).run(); }

std::size_t source_offset(std::string_view source, const token& t, std::size_t index) {
  if (t.raw) return std::min(t.offset + 1 + index, t.stop());
  std::size_t at = t.offset + 1;
  for (; index > 0 && at + 1 < t.stop(); --index) {
    const char next = at + 1 < source.size() ? source[at + 1] : '\0';
    at += source[at] == '\\' && (next == 'n' || next == 't' || next == 'r' || next == '\\' || next == '"') ? 2 : 1;
  }
  return at;
}

}  // namespace pipes::expr
