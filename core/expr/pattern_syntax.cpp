// pattern_syntax.cpp: see pattern_syntax.hpp.
#include "core/expr/pattern_syntax.hpp"

#include "core/expr/literal.hpp"

#include <cctype>
#include <cstdint>
#include <cstring>

namespace pipes::expr {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alnum(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool one_of(char c, const char* set) { return c != 0 && std::strchr(set, c) != nullptr; }

// Goes through the pattern once. sure_ ends when something is met whose meaning over a block is not known: then only the required text is of
// use. literals_ ends when not even the literal characters of the pattern are known any more.
class reader {
 public:
  reader(std::string_view text, bool utf) : in_(text), utf_(utf) {}

  pattern_plan run() {
    while (at_ < in_.size() && literals_) step();
    if (depth_ != 0 || !groups_.empty()) sure_ = false;
    end_run(false);
    pattern_plan plan;
    plan.utf = utf_;
    plan.by_block = sure_ && literals_;
    plan.block = std::move(out_);
    if (literals_ && !alternatives_ && !folded_) {
      plan.required = best_;
      plan.plain = sure_ && only_text_ && !best_.empty();
    }
    return plan;
  }

 private:
  void give_up() { literals_ = sure_ = false; }

  void step() {
    const char c = in_[at_];
    switch (c) {
      case '\\': return escape();
      case '[': return bracket();
      case '(': return open();
      case ')': return close();
      case '|':
        if (depth_ == 0) alternatives_ = true;
        return other("|");
      case '.': return other("\\N");
      case '^': case '$':
        only_text_ = false;
        out_ += c;
        ++at_;
        return;
      case '?': case '*': case '{':
        return repeat();
      case '+':
        end_run(false);
        out_ += c;
        ++at_;
        only_text_ = false;
        return;
      case '\n': sure_ = false; break;
      default: break;
    }
    out_ += c;
    ++at_;
    character(c);
  }

  void repeat() {
    end_run(true);
    only_text_ = false;
    const std::size_t length = repeat_length();
    out_ += in_.substr(at_, length);
    at_ += length;
  }

  // The length of the repeat that begins here; 1 for a brace that is no repeat.
  std::size_t repeat_length() const {
    if (in_[at_] != '{') return 1;
    std::size_t end = at_ + 1;
    while (end < in_.size() && (is_digit(in_[end]) || in_[end] == ',' || in_[end] == ' ')) ++end;
    return end < in_.size() && in_[end] == '}' ? end + 1 - at_ : 1;
  }

  // A literal character of the pattern, as it stands in the subject.
  void character(char c) {
    if (depth_ == 0) run_ += c;
  }

  void other(std::string_view as) {
    end_run(false);
    only_text_ = false;
    out_ += as;
    ++at_;
  }

  void end_run(bool last_is_optional) {
    if (last_is_optional && !run_.empty()) {
      if (utf_) while (run_.size() > 1 && (static_cast<unsigned char>(run_.back()) & 0xc0) == 0x80) run_.pop_back();
      run_.pop_back();
    }
    if (worth(run_) > worth(best_)) best_ = run_;
    run_.clear();
  }

  static std::uint64_t worth(const std::string& text) {
    std::uint64_t sum = 0;
    for (char c : text) sum += 1 + rarity(static_cast<unsigned char>(c));
    return sum;
  }

  void atom(std::string_view as, std::size_t length) {
    end_run(false);
    only_text_ = false;
    out_ += as;
    at_ += length;
  }

  void copy(std::size_t length) { atom(in_.substr(at_, length), length); }

  void escape() {
    if (at_ + 1 >= in_.size()) return give_up();
    const char c = in_[at_ + 1];
    if (!is_alnum(c)) {
      if (static_cast<unsigned char>(c) >= 0x80 || c == '\n') return give_up();
      out_ += '\\';
      out_ += c;
      at_ += 2;
      return character(c);
    }
    switch (c) {
      case 's': return atom("[^\\S\\n]", 2);
      case 'W': return atom("[^\\w\\n]", 2);
      case 'D': return atom("[^\\d\\n]", 2);
      case 'H': return atom("[^\\h\\n]", 2);
      case 'v': return atom("(?:(?!\\n)\\v)", 2);
      case 'R': sure_ = false; return copy(2);  // PCRE2 10.42 makes `.+` before it possessive, which a rewritten one is not
      case 'd': case 'w': case 'S': case 'h': case 'V': case 'N':
        if (c == 'N' && at_ + 2 < in_.size() && in_[at_ + 2] == '{') return give_up();
        return copy(2);
      case 'b': case 'B': only_text_ = false; out_ += in_.substr(at_, 2); at_ += 2; return;
      case 'A': only_text_ = false; out_ += '^'; at_ += 2; return;
      case 'z': case 'Z': only_text_ = false; out_ += '$'; at_ += 2; return;
      case 't': out_ += "\\t"; at_ += 2; return character('\t');
      case 'r': out_ += "\\r"; at_ += 2; return character('\r');
      case 'f': out_ += "\\f"; at_ += 2; return character('\f');
      case 'e': out_ += "\\e"; at_ += 2; return character('\x1b');
      case 'a': out_ += "\\a"; at_ += 2; return character('\a');
      case 'n': sure_ = false; return copy(2);
      case 'K': sure_ = false; return copy(2);  // where the match began is no longer known
      case 'p': case 'P': return property();
      case 'x': return hexadecimal();
      case 'k': case 'g': return reference();
      case 'Q': return in_quotes();
      case 'E': at_ += 2; return;
      default: break;
    }
    if (c >= '1' && c <= '9' && !(at_ + 2 < in_.size() && is_digit(in_[at_ + 2]))) return copy(2);
    give_up();
  }

  void property() {
    std::size_t end = at_ + 3;
    if (at_ + 2 >= in_.size()) return give_up();
    if (in_[at_ + 2] == '{') {
      end = in_.find('}', at_);
      if (end == std::string_view::npos) return give_up();
      ++end;
    }
    std::string as = "(?:(?!\\n)";
    as += in_.substr(at_, end - at_);
    as += ')';
    atom(as, end - at_);
  }

  void hexadecimal() {
    std::size_t end = at_ + 2;
    std::uint32_t value = 0;
    const bool braces = end < in_.size() && in_[end] == '{';
    if (braces) ++end;
    const std::size_t first = end;
    while (end < in_.size() && std::isxdigit(static_cast<unsigned char>(in_[end])) && end - first < (braces ? 8u : 2u)) {
      const char c = in_[end++];
      value = value * 16 + static_cast<std::uint32_t>(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    if (braces && (end >= in_.size() || in_[end++] != '}')) return give_up();
    if (value == '\n') sure_ = false;
    copy(end - at_);
  }

  void reference() {
    if (at_ + 2 >= in_.size()) return give_up();
    const char open = in_[at_ + 2];
    const char close = open == '{' ? '}' : open == '<' ? '>' : open == '\'' ? '\'' : 0;
    if (!close) return is_digit(open) && !(at_ + 3 < in_.size() && is_digit(in_[at_ + 3])) ? copy(3) : give_up();
    const std::size_t end = in_.find(close, at_ + 3);
    if (end == std::string_view::npos) return give_up();
    copy(end + 1 - at_);
  }

  void in_quotes() {
    std::size_t end = in_.find("\\E", at_ + 2);
    const std::size_t stop = end == std::string_view::npos ? in_.size() : end + 2;
    if (end == std::string_view::npos) end = in_.size();
    const std::string_view text = in_.substr(at_ + 2, end - at_ - 2);
    if (text.find('\n') != std::string_view::npos) sure_ = false;
    for (char c : text) {
      if (!is_alnum(c) && static_cast<unsigned char>(c) < 0x80) out_ += '\\';
      out_ += c;
      character(c);
    }
    at_ = stop;
  }

  // A character class. A negated one gets '\n' as its first member; any other that might hold '\n' gets a lookahead in front.
  void bracket() {
    std::size_t i = at_ + 1;
    const bool negated = i < in_.size() && in_[i] == '^';
    if (negated) ++i;
    std::string body;
    bool guard = false;
    for (bool first = true;; first = false) {
      if (i >= in_.size()) return give_up();
      const char c = in_[i];
      if (c == ']' && !first) break;
      if (first && (c == ']' || c == '-')) {
        body += '\\';
        body += c;
        ++i;
        continue;
      }
      if (c == '\\') {
        if (i + 1 >= in_.size()) return give_up();
        const char e = in_[i + 1];
        if (e == 'Q' || e == 'E' || static_cast<unsigned char>(e) >= 0x80) return give_up();
        const bool range_follows = i + 2 < in_.size() && in_[i + 2] == '-';
        if (e == 's' && !negated && !range_follows && !(body.size() && body.back() == '-')) {
          body += " \\t\\x0b\\f\\r";
          i += 2;
          continue;
        }
        if (is_alnum(e) && !one_of(e, "wdhStrfea")) guard = true;
        if (range_follows && one_of(e, "tae")) guard = true;  // a range that starts below '\n'
        body += c;
        body += e;
        i += 2;
        continue;
      }
      if (c == '[' && i + 1 < in_.size() && one_of(in_[i + 1], ":.=")) {
        const std::string stop{in_[i + 1], ']'};
        const std::size_t end = in_.find(stop, i + 2);
        if (end != std::string_view::npos) {
          if (one_of(in_[i + 2], "<>")) return give_up();  // [[:<:]], a word boundary
          guard = true;
          body += in_.substr(i, end + 2 - i);
          i = end + 2;
          continue;
        }
      }
      if (static_cast<unsigned char>(c) < 0x20) guard = true;
      body += c;
      ++i;
    }
    std::string as;
    if (negated) as = "[^\\n" + body + "]";
    else if (guard) as = "(?:(?!\\n)[" + body + "])";
    else as = "[" + body + "]";
    atom(as, i + 1 - at_);
  }

  void open() {
    only_text_ = false;
    if (const std::size_t length = opening_of_one_way()) {
      out_ += in_.substr(at_, length);
      at_ += length;
      groups_ += passed_once;
      return;
    }
    end_run(false);
    if (at_ + 1 < in_.size() && in_[at_ + 1] == '*') return give_up();
    if (at_ + 1 >= in_.size() || in_[at_ + 1] != '?') {
      out_ += '(';
      ++at_;
      enter();
      return;
    }
    const std::string_view rest = in_.substr(at_ + 2);
    for (std::string_view lead : {"<=", "<!", ":", "=", "!", ">", "|"})
      if (rest.substr(0, lead.size()) == lead) {
        out_ += in_.substr(at_, 2 + lead.size());
        at_ += 2 + lead.size();
        enter();
        return;
      }
    for (std::string_view lead : {"P<", "<", "'"})
      if (rest.substr(0, lead.size()) == lead) return named(at_ + 2 + lead.size(), lead == "'" ? '\'' : '>', true);
    for (std::string_view lead : {"P=", "P>", "&"})
      if (rest.substr(0, lead.size()) == lead) return named(at_ + 2 + lead.size(), ')', false);
    flags();
  }

  void enter() {
    ++depth_;
    groups_ += counted;
  }

  void close() {
    const bool seen_through = !groups_.empty() && groups_.back() == passed_once;
    if (!groups_.empty()) groups_.pop_back();
    if (!seen_through) {
      --depth_;
      return other(")");
    }
    out_ += ')';
    ++at_;
  }

  // The length of the opening of a group that every match goes through, and in one way alone, so that literals in it stand right beside those
  // around it. 0: any other group, or one of which that is not seen at a glance.
  std::size_t opening_of_one_way() const {
    std::size_t i = at_ + 1;
    if (in_.substr(i, 2) == "?:") {
      i += 2;
    } else if (in_.substr(i, 3) == "?P<" || (in_.substr(i, 2) == "?<" && in_.substr(i, 3) != "?<=" && in_.substr(i, 3) != "?<!")) {
      i = in_.find('>', i);
      if (i == std::string_view::npos) return 0;
      ++i;
    } else if (i < in_.size() && one_of(in_[i], "?*")) {
      return 0;
    }
    const std::size_t length = i - at_;
    for (; i < in_.size() && in_[i] != ')'; ++i) {
      if (one_of(in_[i], "(|")) return 0;
      if (in_[i] == '\\') {
        if (++i >= in_.size() || one_of(in_[i], "QEc")) return 0;
      } else if (in_[i] == '[') {
        const std::size_t end = in_.find(']', i);
        if (end == std::string_view::npos || end - i < 3 || in_.substr(i + 1, end - i - 1).find_first_of("[\\") != std::string_view::npos) return 0;
        i = end;
      }
    }
    if (i >= in_.size() || (i + 1 < in_.size() && one_of(in_[i + 1], "?*{"))) return 0;
    if (in_.substr(i + 1, 2) == "\\E" || in_.substr(i + 1, 4) == "\\Q\\E") return 0;  // a repeat may stand behind what says nothing
    return length;
  }

  void named(std::size_t from, char close, bool opens) {
    const std::size_t end = in_.find(close, from);
    if (end == std::string_view::npos) return give_up();
    out_ += in_.substr(at_, end + 1 - at_);
    at_ = end + 1;
    if (opens) enter();
  }

  // (?i) (?s-i:…), with letters whose meaning is known here; anything else, a subroutine call (?1) for one, gives up.
  void flags() {
    std::size_t i = at_ + 2;
    bool off = false;
    for (; i < in_.size() && (one_of(in_[i], "imsUnJ-")); ++i) {
      const char c = in_[i];
      if (c == '-') off = true;
      else if (c == 'm' && off) sure_ = false;
      else if (c == 'i') folded_ = true;
      else if (c == 'n') sure_ = false;
    }
    if (i < in_.size() && (in_[i] == ')' || in_[i] == ':')) {
      if (in_[i] == ':') enter();
      out_ += in_.substr(at_, i + 1 - at_);
      at_ = i + 1;
      return;
    }
    give_up();
  }

  std::string_view in_;
  std::size_t at_ = 0;
  std::string out_;           // the rewritten pattern
  std::string run_, best_;    // literal characters side by side: the present run, the best one so far
  enum group : char { counted, passed_once };
  std::string groups_;        // those that are open
  int depth_ = 0;             // of groups, but for those that every match goes through in one way
  bool utf_;
  bool sure_ = true;
  bool literals_ = true;
  bool alternatives_ = false; // at the top: no text is in every match
  bool folded_ = false;       // case does not matter, so no text is known
  bool only_text_ = true;     // nothing but literal characters so far
};

constexpr std::string_view asks_for_characters = "(*UTF)";

bool speaks_of_characters(std::string_view pattern) {
  if (pattern.substr(0, asks_for_characters.size()) == asks_for_characters) return true;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (static_cast<unsigned char>(pattern[i]) >= 0x80) return true;
    if (pattern[i] != '\\' || i + 1 >= pattern.size()) continue;
    const char c = pattern[++i];
    if (c == 'p' || c == 'P' || c == 'X') return true;
    if (c == 'x' && i + 1 < pattern.size() && pattern[i + 1] == '{') {
      const std::size_t end = pattern.find('}', i);
      if (end != std::string_view::npos && end - i > 4) return true;
    }
  }
  return false;
}

}  // namespace

bool valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    const std::size_t more = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 : c >= 0xf0 && c < 0xf5 ? 3 : 9;
    if (more == 9 || i + more >= text.size()) return false;
    for (std::size_t k = 1; k <= more; ++k)
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
    if (more > 1) {
      const auto d = static_cast<unsigned char>(text[i + 1]);
      if ((c == 0xe0 && d < 0xa0) || (c == 0xed && d > 0x9f) || (c == 0xf0 && d < 0x90) || (c == 0xf4 && d > 0x8f)) return false;
    }
    i += more + 1;
  }
  return true;
}

pattern_plan plan_pattern(std::string_view pattern) {
  const bool utf = speaks_of_characters(pattern) && valid_utf8(pattern);
  if (utf && pattern.substr(0, asks_for_characters.size()) == asks_for_characters) pattern.remove_prefix(asks_for_characters.size());
  pattern_plan plan = reader(pattern, utf).run();
  if (!utf)   // else a byte that is no character would not do
    for (std::string_view same : {".", ".+", "^.", "^.+", ".$", ".+$", "^.+$"}) plan.not_empty = plan.not_empty || pattern == same;
  return plan;
}

}  // namespace pipes::expr
