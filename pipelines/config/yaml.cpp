// yaml.cpp: yaml-cpp's events -> tree. The marks of yaml-cpp say where a value begins; where it ends and where each of its characters stands is
// found by walking value and source side by side.
#include "pipelines/config/yaml.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <sstream>
#include <thread>
#include <unordered_map>
#include <utility>

namespace pipes::pipelines {
namespace {

struct stop {};  // thrown by the handler after it has reported a fault behind which nothing can be trusted

class tree_builder : public YAML::EventHandler {
public:
  tree_builder(const source_text& source, diagnostics& faults) : source_(source), text_(source.text()), faults_(faults) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 1) return;
    const std::uint32_t at = offset(mark);
    if (text_.substr(at, 3) == "---" || text_.substr(at, 3) == "...")
      faults_.error(source_, {at, at + 3}, "a second document begins here; a config is one document", {}, "put it into a file of its own");
    else if (documents_ == 2 && text_.rfind("\n...", at) != std::string::npos)
      faults_.error(source_, {at, at + 1}, "a second document begins here; a config is one document");
    else
      faults_.error(source_, source_.line_at(at), "this line does not belong to what stands above it",
                    "indent it as the lines that it belongs to");
    throw stop();
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    node n;
    n.kind = node_kind::null;
    std::uint32_t at = offset(mark);
    const std::string_view rest = std::string_view(text_).substr(at);
    if (rest.substr(0, 4) == "null" || rest.substr(0, 4) == "Null" || rest.substr(0, 4) == "NULL") {
      n.where = {at, at + 4};
    } else if (rest.substr(0, 1) == "~") {
      n.where = {at, at + 1};
    } else {
      // Nothing is written: yaml-cpp then marks what comes next. The place is behind the key, or where the item's dash is.
      at = after_key_ != 0 ? after_key_ : dash_before(at);
      n.where = {at, at};
    }
    n.comment = comment_behind(n.where.end);
    n.faulty = refuse_properties(mark);
    put(std::move(n));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    if (!std::exchange(alias_told_, true)) refuse(offset(mark), "this is an alias");
    node n;
    n.kind = node_kind::scalar;
    n.faulty = true;
    n.where = {offset(mark), offset(mark) + 1};
    put(std::move(n));
  }

  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t, const std::string& value) override {
    node n;
    n.kind = node_kind::scalar;
    n.text = value;
    std::uint32_t at = offset(mark);
    if (refuse_properties(mark)) {
      n.where = {at, at + 1};
      n.faulty = true;
      put(std::move(n));
      return;
    }
    const char first = at < text_.size() ? text_[at] : '\0';
    if (first == '"') read_double(n, at);
    else if (first == '\'') read_single(n, at);
    else if (first == '|' || first == '>') n.style = style::block, align(n, end_of_line(at) + 1);
    else n.style = style::plain, align(n, at), n.where.begin = at, n.comment = comment_behind(n.where.end);
    if (n.style == style::block) n.where.begin = at;
    n.in_flow = !open_.empty() && open_.back()->flow;
    if (n.style == style::plain) check_plain(n);
    last_value_ = at;
    put(std::move(n));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value look) override {
    begin(mark, node_kind::list, look);
  }
  void OnSequenceEnd() override { end(); }

  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value look) override {
    begin(mark, node_kind::map, look);
  }
  void OnMapEnd() override { end(); }

  node root;
  std::uint32_t last_value() const { return last_value_; }
  bool split_by_comma() const { return split_by_comma_; }

private:
  std::uint32_t offset(const YAML::Mark& mark) const {
    return mark.pos < 0 ? 0 : std::min(static_cast<std::uint32_t>(mark.pos), static_cast<std::uint32_t>(text_.size()));
  }
  std::uint32_t end_of_line(std::uint32_t at) const {
    const std::size_t end = text_.find('\n', at);
    return static_cast<std::uint32_t>(end == std::string::npos ? text_.size() : end);
  }

  void refuse(std::uint32_t at, const char* what) {
    std::uint32_t end = at;
    const std::uint32_t line_end = source_.line_at(at).end;
    const bool flow = !open_.empty() && open_.back()->flow;
    while (end < line_end && !(flow && (text_[end] == ',' || text_[end] == '}' || text_[end] == ']'))) ++end;
    while (end > at + 1 && is_blank(text_[end - 1])) --end;
    const std::string_view words = source_.slice({at, end});
    faults_.error(source_, {at, end}, std::string(what) + " of YAML, not text: " + in_quotes(words), "to mean the text, quote it: " + yaml_quoted(words));
  }

  // Tags and anchors stand in front of a value. True if there was one.
  bool refuse_properties(const YAML::Mark& mark) {
    const std::uint32_t at = offset(mark);
    if (at >= text_.size()) return false;
    if (text_[at] == '!') return refuse(at, "this is a tag"), true;
    if (text_[at] == '&') return refuse(at, "this is an anchor"), true;
    return false;
  }

  span comment_behind(std::uint32_t at) const {
    std::uint32_t i = at;
    while (i < text_.size() && is_blank(text_[i])) ++i;
    if (i >= text_.size() || text_[i] != '#' || (i == at && at > 0 && !is_space(text_[at - 1]))) return {};
    return {i, source_.line_at(i).end};
  }

  // Walks `n.text` along the source from `at`: what differs between the two is white space (folding, indentation).
  void align(node& n, std::uint32_t at) {
    std::uint32_t j = at;
    const std::uint32_t size = static_cast<std::uint32_t>(text_.size());
    n.where.begin = at;
    n.where.end = at;
    for (std::uint32_t i = 0; i < n.text.size(); ++i) {
      const char c = n.text[i];
      if (j < size && text_[j] == c) {
        n.map.append_straight(i, j++);
        n.where.end = j;
      } else if (is_space(c)) {
        n.map.append_fixed(i, {std::min(j, size), std::min(j + 1, size)});
        while (j < size && is_space(text_[j]) && c != '\n') ++j;
      } else {
        while (j < size && is_space(text_[j])) ++j;
        if (j >= size || text_[j] != c) return;
        n.map.append_straight(i, j++);
        n.where.end = j;
      }
    }
  }

  void read_single(node& n, std::uint32_t at) {
    n.style = style::single_quoted;
    std::uint32_t j = at + 1, i = 0;
    const std::uint32_t size = static_cast<std::uint32_t>(text_.size());
    while (j < size) {
      if (text_[j] == '\'') {
        if (j + 1 >= size || text_[j + 1] != '\'') break;
        if (i < n.text.size()) n.map.append_fixed(i++, {j, j + 2});
        j += 2;
      } else {
        fold_or_step(n, i, j);
      }
    }
    close_quote(n, at, j, '\'');
  }

  void read_double(node& n, std::uint32_t at) {
    n.style = style::double_quoted;
    std::uint32_t j = at + 1, i = 0;
    const std::uint32_t size = static_cast<std::uint32_t>(text_.size());
    while (j < size && text_[j] != '"') {
      if (text_[j] != '\\') {
        fold_or_step(n, i, j);
        continue;
      }
      const char kind = j + 1 < size ? text_[j + 1] : '\0';
      std::uint32_t length = 2;
      if (kind == 'x') length = 4;
      if (kind == 'u') length = 6;
      if (kind == 'U') length = 10;
      if (kind == '\n' || kind == '\r') {  // the line goes on below
        j += 2;
        while (j < size && is_space(text_[j])) ++j;
        continue;
      }
      if (kind == 'b') n.backspace = true;
      if (i < n.text.size()) n.map.append_fixed(i, {j, std::min(j + length, size)});
      ++i;
      while (i < n.text.size() && (static_cast<unsigned char>(n.text[i]) & 0xC0) == 0x80 && static_cast<unsigned char>(n.text[i - 1]) >= 0x80) ++i;
      j += length;
    }
    close_quote(n, at, std::min(j, size), '"');
  }

  // One character inside quotes; a line end and the blanks around it were folded into one blank (or into line ends, for empty lines).
  void fold_or_step(node& n, std::uint32_t& i, std::uint32_t& j) {
    if (i < n.text.size() && n.text[i] == text_[j]) {
      n.map.append_straight(i++, j++);
      return;
    }
    if (!is_space(text_[j])) {
      ++j;
      return;
    }
    const std::uint32_t from = j;
    while (j < text_.size() && is_space(text_[j])) ++j;
    while (i < n.text.size() && is_space(n.text[i])) n.map.append_fixed(i++, {from, from + 1});
  }

  void close_quote(node& n, std::uint32_t at, std::uint32_t end, char quote) {
    n.where = {at, std::min<std::uint32_t>(end + 1, static_cast<std::uint32_t>(text_.size()))};
    if (end < text_.size() && text_[end] == quote) return;
    faults_.error(source_, {at, at + 1}, std::string("the quote ") + quote + " is never closed");
    throw stop();
  }

  // The dash of an empty item, if `at` is where yaml-cpp met the next thing.
  std::uint32_t dash_before(std::uint32_t at) const {
    for (std::uint32_t i = at; i > 0;) {
      const span line = source_.line_at(i);
      std::string_view words = std::string_view(text_).substr(line.begin, std::min(line.end, at) - line.begin);
      if (const std::size_t comment = words.find(" #"); comment != std::string_view::npos) words = words.substr(0, comment);
      const std::size_t last = words.find_last_not_of(" \t\r");
      if (last != std::string_view::npos) return words[last] == '-' ? line.begin + static_cast<std::uint32_t>(last) : at;
      if (line.begin == 0) break;
      i = line.begin - 1;
    }
    return at;
  }

  // Traps that a plain value holds whatever its meaning.
  void check_plain(node& n) {
    const std::string_view whole = source_.slice(n.where);
    std::size_t line = whole.find('\n');
    while (line != std::string_view::npos && !n.in_flow) {
      std::size_t i = line + 1;
      while (i < whole.size() && is_blank(whole[i])) ++i;
      if (whole.substr(i, 2) == "- ") {
        const std::uint32_t at = n.where.begin + static_cast<std::uint32_t>(i);
        faults_.error(source_, {at, at + 1}, "this '- ' continues the text above, it begins no new item",
                      "give it the indent of the items that it belongs to");
        n.faulty = true;
        return;
      }
      line = whole.find('\n', line + 1);
    }
    if (!n.in_flow || split_by_comma_ || faults_.full()) return;
    // `{x: f(a, b)}`: a comma inside a plain value ends it.
    const auto opened = std::count(n.text.begin(), n.text.end(), '('), closed = std::count(n.text.begin(), n.text.end(), ')');
    if (opened <= closed) return;
    constexpr std::uint32_t farthest = 4096;  // a call is shorter
    std::uint32_t depth = 0, end = n.where.begin;
    const std::uint32_t line_end = std::min(source_.line_at(n.where.begin).end, end + farthest);
    for (; end < line_end; ++end) {
      if (text_[end] == '(') ++depth;
      if (text_[end] == ')' && depth > 0 && --depth == 0) break;
    }
    if (end >= line_end || text_.find(',', n.where.end) >= end) return;
    while (end < line_end && text_[end] != ',' && text_[end] != '}' && text_[end] != ']') ++end;
    const std::string_view meant = source_.slice({n.where.begin, end});
    faults_.error(source_, {n.where.begin, end}, "the comma inside this value ends it: YAML reads " + in_quotes(n.text),
                  "quote it: " + yaml_quoted(meant));
    n.faulty = true;
    split_by_comma_ = true;
  }

  void begin(const YAML::Mark& mark, node_kind kind, YAML::EmitterStyle::value look) {
    if (open_.size() >= deepest_config) {
      const std::uint32_t at = offset(mark);
      faults_.error(source_, {at, at + 1}, "lists and maps are nested deeper than " + std::to_string(deepest_config) + " levels");
      throw stop();
    }
    node n;
    n.kind = kind;
    const std::uint32_t at = offset(mark);
    n.faulty = refuse_properties(mark);
    n.flow = look == YAML::EmitterStyle::Flow;
    n.in_flow = !open_.empty() && open_.back()->flow;
    n.where = {at, n.flow ? end_of_brackets(at) : at};
    if (!open_.empty() && open_.back()->kind == node_kind::map && !keys_.back().waits) {
      faults_.error(source_, {at, at + 1}, "a key is a name, not " + std::string(kind == node_kind::list ? "a list" : "a map"));
      throw stop();
    }
    node* const placed = put(std::move(n));
    open_.push_back(placed);
    keys_.emplace_back();
    last_value_ = at;
  }

  std::uint32_t end_of_brackets(std::uint32_t at) const {
    std::uint32_t depth = 0;
    for (std::uint32_t i = at; i < text_.size(); ++i) {
      const char c = text_[i];
      if ((c == '"' || c == '\'') && i > 0 && (is_space(text_[i - 1]) || text_[i - 1] == '[' || text_[i - 1] == '{' || text_[i - 1] == ',')) {
        for (++i; i < text_.size() && text_[i] != c; ++i)
          if (c == '"' && text_[i] == '\\') ++i;
      } else if (c == '[' || c == '{') {
        ++depth;
      } else if ((c == ']' || c == '}') && --depth == 0) {
        return i + 1;
      } else if (c == '#' && i > 0 && is_space(text_[i - 1])) {
        i = end_of_line(i);
      }
    }
    return static_cast<std::uint32_t>(text_.size());
  }

  void end() {
    node* const closed = open_.back();
    for (; !keys_.back().refused.empty(); keys_.back().refused.pop_back()) {
      closed->members.erase(closed->members.begin() + static_cast<std::ptrdiff_t>(keys_.back().refused.back()));
      closed->faulty |= closed->members.empty();
    }
    if (std::exchange(split_by_comma_, false))  // the rest of the value that was cut looks like a key without a value
      closed->members.erase(std::remove_if(closed->members.begin(), closed->members.end(), [](const member& m) { return m.value.kind == node_kind::null && m.value.where.size() == 0; }),
                            closed->members.end());
    if (!closed->flow) {
      if (!closed->members.empty()) closed->where.end = std::max(closed->members.back().where.end, closed->members.back().value.where.end);
      if (!closed->items.empty()) closed->where.end = closed->items.back().where.end;
    }
    open_.pop_back();
    keys_.pop_back();
    after_key_ = 0;
  }

  // Puts a finished scalar or a beginning collection where it belongs. Pointers into the parent stay valid: only the innermost open node grows.
  node* put(node n) {
    if (++nodes_ > most_nodes) {
      faults_.error(source_, {n.where.begin, n.where.begin + 1}, "more than " + std::to_string(most_nodes) + " values: this is no config");
      throw stop();
    }
    if (open_.empty()) {
      root = std::move(n);
      return &root;
    }
    node& parent = *open_.back();
    if (parent.kind == node_kind::list) {
      after_key_ = 0;
      parent.items.push_back(std::move(n));
      return &parent.items.back();
    }
    if (!keys_.back().waits) {
      add_key(parent, n);
      return nullptr;
    }
    keys_.back().waits = false;
    after_key_ = 0;
    parent.members.back().value = std::move(n);
    return &parent.members.back().value;
  }

  void add_key(node& parent, const node& n) {
    const std::size_t before = faults_.errors();
    if (n.kind == node_kind::null && !split_by_comma_)
      faults_.error(source_, n.where, "a key is missing here");
    else if (n.text == "<<" && n.style == style::plain)
      faults_.error(source_, n.where, "merge keys ('<<') are not read; write the keys out");
    else if (const auto [twin, fresh] = keys_.back().seen.emplace(n.text, n.where.begin); !fresh && !split_by_comma_)
      faults_.error(source_, n.where, "key " + in_quotes(n.text) + " stands twice in this map",
                    "first in line " + std::to_string(source_.locate(twin->second).line));
    if (faults_.errors() != before) keys_.back().refused.push_back(parent.members.size());
    parent.members.push_back({n.text, n.where, node{}});
    parent.members.back().value.where = {n.where.end, n.where.end};
    keys_.back().waits = true;
    after_key_ = n.where.end;
    while (after_key_ < text_.size() && is_blank(text_[after_key_])) ++after_key_;
    if (after_key_ < text_.size() && text_[after_key_] == ':') ++after_key_;
  }

  const source_text& source_;
  const std::string& text_;
  diagnostics& faults_;
  std::vector<node*> open_;
  struct key_state {
    bool waits = false;  // a key waits for its value
    std::unordered_map<std::string, std::uint32_t> seen;
    std::vector<std::size_t> refused;  // members whose key was reported: nobody asks what they mean
  };
  std::vector<key_state> keys_;   // one for each of open_
  std::uint32_t after_key_ = 0;   // behind the colon of the key that waits
  std::uint32_t last_value_ = 0;
  std::size_t nodes_ = 0, documents_ = 0;
  bool split_by_comma_ = false;   // the rest of that value is debris in the same map
  bool alias_told_ = false;
};

// yaml-cpp reads brackets to their ends before it tells of the first: so many are refused before. Quotes do not matter for a bound like that.
bool too_many_brackets(const source_text& source, diagnostics& faults) {
  constexpr std::size_t most = 5000;
  std::size_t open = 0;
  const std::string& text = source.text();
  for (std::uint32_t i = 0; i < text.size(); ++i) {
    if (text[i] == '[' || text[i] == '{') ++open;
    if ((text[i] == ']' || text[i] == '}') && open > 0) --open;
    if (open <= most) continue;
    faults.error(source, {i, i + 1}, "brackets are nested deeper than " + std::to_string(deepest_config) + " levels");
    return true;
  }
  return false;
}

bool only_comments(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    const std::size_t i = line.find_first_not_of(" \t\r");
    if (i != std::string::npos && line[i] != '#' && line.compare(i, 3, "---") != 0 && line.compare(i, 3, "...") != 0) return false;
  }
  return true;
}

std::optional<node> parse(const source_text& source, diagnostics& faults) {
  tree_builder builder(source, faults);
  try {
    std::istringstream in(source.text());
    YAML::Parser parser(in);
    if (only_comments(source.text())) {
      faults.error(source, span{}, "this file is empty", "the smallest config is stages: [head: 10]");
      return std::nullopt;
    }
    // Twice at most: some texts make yaml-cpp find one empty document after the other for ever.
    if (parser.HandleNextDocument(builder) && parser) parser.HandleNextDocument(builder);
  } catch (const stop&) {
    return std::nullopt;
  } catch (const YAML::Exception& e) {
    const std::uint32_t at = e.mark.is_null() ? 0 : static_cast<std::uint32_t>(std::clamp<std::int64_t>(e.mark.pos, 0, static_cast<std::int64_t>(source.text().size())));
    if (!builder.split_by_comma()) explain_syntax(source, at, e.msg, builder.last_value(), faults);  // else it stopped over the rest of that value
    return std::nullopt;
  }
  return std::move(builder.root);
}

}  // namespace

bool check_text(const source_text& source, diagnostics& faults) {
  const std::string& text = source.text();
  if (text.size() > largest_config) {
    faults.error(source.name(), "over " + std::to_string(largest_config >> 20) + " MiB: this is no config", "data goes to a stage: pipe run CONFIG < DATA");
    return false;
  }
  for (std::uint32_t i = 0; i < text.size();) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    std::uint32_t length = 1;
    bool good = c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7F);
    if (c >= 0xC2 && c <= 0xF4) {
      length = c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
      good = i + length <= text.size();
      for (std::uint32_t k = 1; good && k < length; ++k) good = (static_cast<unsigned char>(text[i + k]) & 0xC0) == 0x80;
    }
    if (!good) {
      char byte[8];
      std::snprintf(byte, sizeof byte, "0x%02X", c);
      faults.error(source, {i, i + 1}, std::string("byte ") + byte + " is no text (a config is UTF-8): is this a config?");
      return false;
    }
    i += length;
  }
  return true;
}

std::optional<node> read_yaml(const source_text& source, diagnostics& faults) {
  if (!check_text(source, faults) || too_many_brackets(source, faults)) return std::nullopt;
  // yaml-cpp recurses; a thread's stack has the room for it that a fiber's has not.
  std::optional<node> result;
  std::exception_ptr failure;
  std::thread([&] {
    try {
      result = parse(source, faults);
    } catch (...) {
      failure = std::current_exception();
    }
  }).join();
  if (failure) std::rethrow_exception(failure);
  return result;
}

}  // namespace pipes::pipelines
