// inline.cpp: `-e 'text.grep: ERROR | top: {by: host}'`.
//
// One pass finds the partners of quotes and brackets; everything else skips from a quote or bracket to its partner:
//   - a quote opens unless a letter, digit or backslash stands before it; its partner is the next such quote without a backslash before it
//   - ( [ { open unless a backslash stands before them; partners are found as on a stack, where a closer skips openers of other kinds
//   - what has no partner is text
// Stages end at ` | ` outside of both.
#include "pipelines/config/inline.hpp"

#include <cstdint>

#include "pipelines/config/yaml.hpp"

namespace pipes::pipelines {
namespace {

constexpr std::uint32_t no_partner = 0;

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
bool is_opener(char c) { return c == '(' || c == '[' || c == '{'; }
bool is_quote(char c) { return c == '"' || c == '\''; }
char closer_of(char c) { return c == '(' ? ')' : c == '[' ? ']' : '}'; }

class reader {
public:
  reader(const source_text& source, diagnostics& faults) : source_(source), text_(source.text()), faults_(faults), partner_(text_.size() + 1, no_partner) {
    match();
  }

  std::optional<node> stages() {
    node root;
    root.kind = node_kind::map;
    root.where = {0, size()};
    node list;
    list.kind = node_kind::list;
    list.where = {0, size()};
    std::uint32_t begin = 0;
    for (std::uint32_t i = 0; i <= size(); ++i) {
      if (i == size() || separates(i)) {
        add_stage(list, trim({begin, i}), i < size() ? i : begin > 0 ? begin - 1 : 0);
        begin = i + 1;
      } else if (partner_[i] != no_partner) {
        i = partner_[i];
      }
    }
    if (failed_) return std::nullopt;
    root.members.push_back({"stages", {0, 0}, std::move(list)});
    return root;
  }

private:
  std::uint32_t size() const { return static_cast<std::uint32_t>(text_.size()); }
  bool escaped(std::uint32_t i) const { return i > 0 && text_[i - 1] == '\\'; }

  void match() {
    struct opener {
      std::uint32_t at;
      char closer;
    };
    std::vector<opener> open;
    // Where the search for a partner already failed, it is not tried again: the whole is linear.
    bool none_left[2] = {false, false};
    for (std::uint32_t i = 0; i < size(); ++i) {
      const char c = text_[i];
      if (is_quote(c) && !escaped(i) && !(i > 0 && is_word(text_[i - 1])) && !none_left[c == '"']) {
        std::uint32_t end = i + 1;
        while (end < size() && text_[end] != c) end += text_[end] == '\\' ? 2 : 1;
        if (end >= size()) {
          none_left[c == '"'] = true;
          continue;
        }
        partner_[i] = end;
        i = end;
      } else if (is_opener(c) && !escaped(i)) {
        open.push_back({i, closer_of(c)});
      } else if ((c == ')' || c == ']' || c == '}') && !escaped(i)) {
        for (std::size_t k = open.size(); k-- > 0 && open.size() - k <= 64;) {
          if (open[k].closer != c) continue;
          partner_[open[k].at] = i;
          open.resize(k);
          break;
        }
      }
    }
  }

  bool separates(std::uint32_t i) const {
    return text_[i] == '|' && i > 0 && is_space(text_[i - 1]) && i + 1 < size() && is_space(text_[i + 1]);
  }

  span trim(span s) const {
    while (s.begin < s.end && is_space(text_[s.begin])) ++s.begin;
    while (s.end > s.begin && is_space(text_[s.end - 1])) --s.end;
    return s;
  }

  void fail(span at, std::string message, std::string hint = {}) {
    failed_ = true;
    faults_.error(source_, at, std::move(message), std::move(hint));
  }

  void add_stage(node& list, span s, std::uint32_t bar) {
    if (s.size() == 0) {
      if (trim({0, size()}).size() == 0) fail({0, 0}, "no stage: the text is empty", "the smallest one is: head: 10");
      else if (s.end == size() && bar > 0) fail({bar, bar + 1}, "a stage is missing behind this '|'");
      else fail({bar, bar + 1}, "a stage is missing before this '|'");
      return;
    }
    if (list.items.size() >= most_nodes / 8) {
      if (!failed_) fail(s, "too many stages");
      return;
    }
    if (text_[s.begin] == '{' && partner_[s.begin] == s.end - 1) {
      list.items.push_back(value(s, 0));
      return;
    }
    if (text_[s.begin] == '{' && partner_[s.begin] < s.end && text_[partner_[s.begin] + 1] == '|') {
      const std::uint32_t behind = partner_[s.begin] + 1;
      fail({behind, behind + 1}, "a '|' between stages has a blank on both sides");
      return;
    }
    std::uint32_t i = s.begin;
    while (i < s.end && (is_word(text_[i]) || text_[i] == '_' || text_[i] == '-' || text_[i] == '.')) ++i;
    const span type = {s.begin, i};
    if (i == s.end) {
      list.items.push_back(raw(type));
      return;
    }
    if (type.size() == 0 || text_[i] != ':') {
      const std::uint32_t next = i;
      span meant = trim({next, s.end});  // the value of a 'TYPE value' or a 'TYPE : value'
      if (text_[meant.begin] == ':') meant = trim({meant.begin + 1, s.end});
      if (text_[next] == '|' && next == s.begin && next + 1 < s.end && is_space(text_[next + 1])) fail({next, next + 1}, "a stage is missing before this '|'");
      else if (text_[next] == '|' || text_[s.end - 1] == '|') fail({next, next + 1}, "a '|' between stages has a blank on both sides");
      else if (text_[next] == '{' && partner_[next] == no_partner) fail({next, next + 1}, "this '{' is never closed");
      else fail(type.size() == 0 ? span{next, next + 1} : span{next, s.end}, "a stage reads TYPE, TYPE: value or {…}",
                type.size() != 0 && is_word(text_[type.begin]) && is_space(text_[next]) ? "did you mean '" + std::string(source_.slice(type)) + ": " + std::string(source_.slice(meant)) + "'?" : std::string());
      return;
    }
    node map;
    map.kind = node_kind::map;
    map.where = s;
    node v;
    if (i + 1 == s.end) {
      v.where = {i + 1, i + 1};
    } else if (!is_space(text_[i + 1])) {
      fail({i, i + 1}, "a blank has to follow this ':'", "did you mean '" + std::string(source_.slice(type)) + ": " + std::string(source_.slice({i + 1, s.end})) + "'?");
      return;
    } else {
      v = value(trim({i + 1, s.end}), 0);
    }
    map.members.push_back({std::string(source_.slice(type)), type, std::move(v)});
    list.items.push_back(std::move(map));
  }

  node raw(span s) const {
    node n;
    n.kind = node_kind::scalar;
    n.style = style::raw;
    n.where = s;
    n.text = source_.slice(s);
    if (s.size() != 0) n.map.append_straight(0, s.begin);
    return n;
  }

  // Quoted from end to end: only the quote itself is escaped, every other backslash stays.
  node unquoted(span s) const {
    node n;
    n.kind = node_kind::scalar;
    n.style = text_[s.begin] == '"' ? style::double_quoted : style::single_quoted;
    n.where = s;
    n.map.append_straight(0, s.begin + 1);
    for (std::uint32_t i = s.begin + 1; i + 1 < s.end; ++i) {
      const auto at = static_cast<std::uint32_t>(n.text.size());
      if (text_[i] == '\\' && text_[i + 1] == text_[s.begin] && i + 2 < s.end) n.map.append_fixed(at, {i, i + 2}), ++i;
      else n.map.append_straight(at, i);
      n.text += text_[i];
      // A backslash before a backslash does not escape what follows.
      if (text_[i] == '\\' && i + 2 < s.end && text_[i + 1] == '\\') n.text += text_[++i];
    }
    return n;
  }

  // What stands behind a '|' that lacks a blank: a stage, and no part of a pattern such as [ab]|c or of a template such as {a}|{b}.
  bool begins_stage(std::uint32_t i, std::uint32_t end, bool any_word) const {
    any_word = any_word || (i < end && is_space(text_[i]));
    while (i < end && is_space(text_[i])) ++i;
    const std::uint32_t begin = i;
    bool dotted = false;
    for (; i < end && (is_word(text_[i]) || text_[i] == '_' || text_[i] == '-' || (text_[i] == '.' && i > begin)); ++i) dotted = dotted || text_[i] == '.';
    const bool ends = i == end || is_space(text_[i]) || text_[i] == '|', takes = i + 1 < end && text_[i] == ':' && is_space(text_[i + 1]);
    return i > begin && (takes || (ends && (any_word || dotted)));
  }

  // A pattern with an odd number of quotes, as those for access logs have, takes the stages up to the next quote in, and one is left over.
  void warn_of_bar_in_quotes(span s) {
    bool left_over = false;
    for (std::uint32_t i = s.begin; i < s.end; ++i) {
      if (partner_[i] != no_partner && is_quote(text_[i])) i = partner_[i];
      else left_over |= is_quote(text_[i]);
    }
    if (!left_over) return;
    for (std::uint32_t i = s.begin; i < s.end; ++i) {
      if (partner_[i] == no_partner || !is_quote(text_[i])) continue;
      for (std::uint32_t bar = i + 1; bar < partner_[i]; ++bar) {
        if (!separates(bar) || !begins_stage(bar + 1, s.end, false)) continue;
        faults_.warning(source_, {bar, bar + 1}, "this '|' stands between quotes, and separates no stages", "quote the whole value before it: " + quote(trim({s.begin, bar})));
        return;
      }
      i = partner_[i];
    }
  }

  node value(span s, std::size_t depth) {
    if (++nodes_ > most_nodes || depth > deepest_config) {
      if (!failed_) fail({s.begin, s.begin + 1}, depth > deepest_config ? "brackets are nested too deep" : "too many values");
      return {};
    }
    const char first = text_[s.begin];
    if (is_quote(first) && partner_[s.begin] == s.end - 1) return unquoted(s);
    if ((first != '[' && first != '{') || partner_[s.begin] == no_partner || partner_[s.begin] >= s.end) {
      if (depth == 0) warn_of_bar_in_quotes(s);
      return raw(s);
    }
    const std::uint32_t close = partner_[s.begin];
    if (close != s.end - 1) {
      if (const std::uint32_t bar = trim({close + 1, s.end}).begin; depth == 0 && text_[bar] == '|' && begins_stage(bar + 1, s.end, bar > close + 1)) {
        fail({bar, bar + 1}, "a '|' between stages has a blank on both sides");
        return raw(s);
      }
      fail(trim({close + 1, s.end}), std::string("text behind the closing '") + text_[close] + "': a value that begins with '" + first + "' is a " + (first == '[' ? "list" : "map"),
           "quote the whole: " + quote(s));
      return raw(s);
    }
    node n;
    n.kind = first == '[' ? node_kind::list : node_kind::map;
    n.flow = true;
    n.where = s;
    std::uint32_t begin = s.begin + 1;
    for (std::uint32_t i = begin; i <= close; ++i) {
      if (i == close || text_[i] == ',') {
        const span entry = trim({begin, i});
        if (entry.size() != 0) n.kind == node_kind::list ? add_item(n, entry, depth) : add_member(n, entry, depth);
        else if (i != close) fail({i, i + 1}, "nothing stands before this ','");
        begin = i + 1;
      } else if (partner_[i] != no_partner && partner_[i] < close) {
        i = partner_[i];
      }
    }
    return n;
  }

  static bool has(std::string_view text, char c) { return text.find(c) != std::string_view::npos; }

  std::string quote(span s) const {
    const std::string_view text = source_.slice(s);
    const char q = has(text, '\'') ? '"' : '\'';
    std::string out(1, q);
    for (char c : text) {
      if (c == q) out += '\\';
      out += c;
    }
    return out + q;
  }

  void add_item(node& n, span s, std::size_t depth) {
    n.items.push_back(value(s, depth + 1));
    n.items.back().in_flow = true;
  }

  void add_member(node& n, span s, std::size_t depth) {
    std::uint32_t i = s.begin;
    while (i < s.end && !(text_[i] == ':' && (i + 1 == s.end || is_space(text_[i + 1])))) {
      if (partner_[i] != no_partner && partner_[i] < s.end) i = partner_[i];
      ++i;
    }
    const span key = trim({s.begin, i});
    if (key.size() == 0 || (i >= s.end && has(source_.slice(s), ':'))) {
      fail(s, key.size() == 0 ? "a key is missing before this ':'" : "a blank has to follow the ':' behind a key");
      return;
    }
    const node name = is_quote(text_[key.begin]) && partner_[key.begin] == key.end - 1 ? unquoted(key) : raw(key);
    for (const member& m : n.members)
      if (m.key == name.text) fail(key, "key " + in_quotes(name.text) + " stands twice in this map");
    if (n.members.size() >= 1000) {
      if (!failed_) fail(key, "too many keys");
      return;
    }
    const span rest = i < s.end ? trim({i + 1, s.end}) : span{s.end, s.end};
    node v;
    if (rest.size() != 0) v = value(rest, depth + 1);
    else v.where = {s.end, s.end};
    v.in_flow = true;
    n.members.push_back({name.text, key, std::move(v)});
  }

  const source_text& source_;
  const std::string& text_;
  diagnostics& faults_;
  std::vector<std::uint32_t> partner_;  // of each opening quote or bracket: where its partner stands; 0: it has none
  std::size_t nodes_ = 0;
  bool failed_ = false;
};

}  // namespace

std::optional<node> read_inline(const source_text& source, diagnostics& faults) {
  if (!check_text(source, faults)) return std::nullopt;
  return reader(source, faults).stages();
}

}  // namespace pipes::pipelines
