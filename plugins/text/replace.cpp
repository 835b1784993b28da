// plugins/text/replace.cpp: what a pattern finds is replaced by a text.
#include <pipe/plugin.hpp>

#include <charconv>

#include "lib/escapes.hpp"
namespace {
struct replace : pipes::map_stage {
  pipes::pattern pattern;
  std::string with;
  bool fixed = false;
  bool first = false;
  static auto spec() {
    return pipes::stage<replace>("replace", "Replace what a pattern finds.")
        .doc("All matches of a record are replaced, from left to right, none twice. In `with`, $1 or ${1} is what group 1 took, ${name} a named group, $0 the whole "
             "match, $$ a dollar; a group that took no part is empty. \\t is a tab, \\n a newline, \\\\ a backslash. In a config, where ${...} is a variable, write $${name}; what a variable holds is text, unless it is all of `with`.")
        .main_option("pattern", &replace::pattern, "Regular expression (PCRE2's language), searched for anywhere in the record. "
                     "One of ASCII alone goes by bytes; with a letter beyond it, or (*UTF) in front, by the characters of UTF-8.").required().fixed_by()
        .option("with", &replace::with, "What stands in its place; without it matches are deleted.").replacement()
        .option("fixed", &replace::fixed, "Pattern and replacement are plain text.")
        .option("first", &replace::first, "Replace only the first match of each record.")
        .example(R"(text.replace: {pattern: '(\w+) (\w+)', with: '$2 $1'})", "one two\nthree", "two one\nthree")
        .example("text.replace: {pattern: '.', with: '-', fixed: true}", "1.2.3", "1-2-3");
  }
  void check(pipes::checker& c) {
    if (pattern) compile(&c);
  }
  void open() { compile(nullptr); }

  void map(pipes::batch& in, pipes::output& out) {
    pattern.rows(in, false, rows_);
    if (rows_.empty()) return out.pass_as_text(in);
    const auto records = in.records();
    pipe_slice* made = out.alloc_array<pipe_slice>(records.size());
    std::memcpy(made, records.slices(), records.size() * sizeof(pipe_slice));
    text_.clear();
    ends_.clear();
    for (std::uint32_t row : rows_) {
      rewrite(records[row]);
      text_ += '\n';
      ends_.push_back(text_.size());
    }
    const char* kept = out.copy(text_).data();
    std::size_t begin = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (ends_[i] - begin > UINT32_MAX) throw pipes::record_error(rows_[i], "the record would grow beyond 4 GiB");
      made[rows_[i]] = {kept + begin, static_cast<std::uint32_t>(ends_[i] - begin - 1), PIPE_SLICE_NEWLINE};
      begin = ends_[i];
    }
    pipe_part part{};
    part.flags = PIPE_PART_OWN_BYTES;
    part.from = in.raw();
    part.records = made;
    part.count = records.size();
    out.emit_part(part);
  }

 private:
  // A piece of the replacement: a text, or a group.
  struct piece {
    std::string text;
    std::size_t group = none;
  };
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  // Where the character that begins there ends: an empty match tears none apart.
  static std::size_t behind(std::string_view record, std::size_t at) {
    do ++at;
    while (within_character(record, at));
    return at;
  }
  static bool within_character(std::string_view record, std::size_t at) { return at < record.size() && (static_cast<unsigned char>(record[at]) & 0xc0) == 0x80; }

  void rewrite(std::string_view record) {
    std::size_t copied = 0, from = 0;
    bool was_empty = false;  // then another match may begin there, but not be empty as well
    while (from <= record.size() && pattern.find(record, from, match_, was_empty)) {
      // \K inside an assertion may put the ends anywhere; text is replaced once, from left to right.
      const std::size_t begin = std::max(static_cast<std::size_t>(match_.offsets[0]), copied);
      const std::size_t end = std::max(static_cast<std::size_t>(match_.offsets[1]), begin);
      const bool empty = begin == end;
      if (was_empty && empty && (end <= from || within_character(record, end))) {
        from = behind(record, std::max(end, from));
        was_empty = false;
        continue;
      }
      text_.append(record, copied, begin - copied);
      for (const piece& p : pieces_)
        if (p.group == none)
          text_ += p.text;
        else
          text_ += match_.group(record, p.group);
      copied = end;
      if (first) break;
      from = std::max(end, from);
      was_empty = empty;
    }
    text_.append(record, copied, record.size() - copied);
  }

  void add(const std::string& literal) {
    if (literal.empty()) return;
    if (pieces_.empty() || pieces_.back().group != none) pieces_.emplace_back();
    pieces_.back().text += literal;
  }
  void compile(pipes::checker* c) {
    pieces_.clear();
    if (fixed) return add(with);
    std::size_t at = 0;
    while (at < with.size()) {
      const std::size_t dollar = std::min(with.find('$', at), with.size());
      add(shared::unescaped(std::string_view(with).substr(at, dollar - at)));
      if (dollar == with.size()) break;
      at = dollar + 1;
      if (at < with.size() && with[at] == '$') {
        add("$");
        ++at;
        continue;
      }
      std::size_t begin = at, end = at;
      if (at < with.size() && with[at] == '{') {
        begin = at + 1;
        end = with.find('}', begin);
        if (end == std::string::npos) {
          if (c) c->fault("with", "'${' without '}'", dollar);
          return;
        }
        at = end + 1;
      } else {
        while (end < with.size() && with[end] >= '0' && with[end] <= '9') ++end;
        if (end == begin) {
          if (c) c->fault("with", "a dollar stands before a group ($1, ${name}); $$ is a dollar", dollar);
          return;
        }
        at = end;
      }
      const std::string name = with.substr(begin, end - begin);
      const std::size_t group = group_called(name);
      if (group == none) {
        if (c) c->fault("with", "the pattern has no group " + (name.empty() ? std::string("without a name") : "'" + name + "'") + groups_text(), dollar);
        return;
      }
      pieces_.push_back({"", group});
    }
    if (c)
      if (const std::size_t old = with.find('\\'); old != std::string::npos && old + 1 < with.size() && with[old + 1] >= '1' && with[old + 1] <= '9')
        c->warn("with", std::string("group ") + with[old + 1] + " is written $" + with[old + 1], old);
  }
  std::size_t group_called(const std::string& name) const {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc() && end == name.data() + name.size()) return number <= pattern.groups() ? number : none;
    for (std::uint32_t g = 1; g <= pattern.groups(); ++g)
      if (!name.empty() && pattern.group_name(g) == name) return g;
    return none;
  }
  std::string groups_text() const {
    if (pattern.groups() == 0) return "; it has none, $0 is the whole match";
    return "; it has " + std::to_string(pattern.groups());
  }

  std::vector<piece> pieces_;
  std::vector<std::uint32_t> rows_;  // scratch
  pipes::pattern::match match_;
  std::string text_;
  std::vector<std::size_t> ends_;
};
PIPE_STAGE(replace)
}
