// plugins/text/grep.cpp: keep the records that match a pattern, or any of several.
#include <pipe/plugin.hpp>

#include "lib/many_literals.hpp"
namespace {
struct grep : pipes::map_stage {
  pipes::pattern pattern;
  std::vector<pipes::pattern> any;
  bool invert = false;
  bool fixed = false;
  static auto spec() {
    return pipes::stage<grep>("grep", "Keep the records that match a pattern.")
        .main_option("pattern", &grep::pattern, "Regular expression (PCRE2's language), searched for anywhere in the record. "
                     "One of ASCII alone goes by bytes; with a letter beyond it, or (*UTF) in front, by the characters of UTF-8.").fixed_by()
        .option("any", &grep::any, "Several patterns in place of one: a record matches if any of them does.").fixed_by()
        .option("invert", &grep::invert, "Keep the records that do not match instead.")
        .option("fixed", &grep::fixed, "The pattern is plain text, not a regular expression.")
        .example("text.grep: 'o+b'", "foobar\nbar", "foobar")
        .example("text.grep: {any: [ERROR, ^fatal]}", "fatal: no disk\nall is well\nERROR 7", "fatal: no disk\nERROR 7");
  }
  void check(pipes::checker& c) {
    if (!pattern && any.empty()) c.fault("pattern", "there is no pattern to search for; give `pattern`, or several as `any`");
    if (pattern && !any.empty()) c.fault("any", "`pattern` is given as well; put it into the list");
  }
  void open() {
    literals_.reset();
    std::vector<std::string> texts;
    for (const pipes::pattern& p : any)
      if (!p.source.empty() && (fixed || p.source.find_first_of("\\^$.|?*+()[]{}") == std::string::npos) && p.source.find('\n') == std::string::npos) texts.push_back(p.source);
    if (!texts.empty() && texts.size() == any.size()) literals_.emplace(texts);
  }
  void map(pipes::batch& in, pipes::output& out) {
    if (any.empty()) return pattern.pass(in, invert, out);
    if (any.size() == 1) return any[0].pass(in, invert, out);
    const auto block = literals_ ? in.bytes() : std::nullopt;
    if (block && !invert && in.fields().empty()) return pass_lines(in, *block, out);
    mark(in);
    chosen_.clear();
    for (std::size_t i = 0; i < marks_.size(); ++i)
      if (marks_[i] != static_cast<std::uint8_t>(invert)) chosen_.push_back(static_cast<std::uint32_t>(i));
    if (chosen_.size() == marks_.size()) out.pass(in);
    else out.pass(in, chosen_);
  }

 private:
  // Which records match, into marks_.
  void mark(pipes::batch& in) {
    if (!literals_) {
      marks_.assign(in.size(), 0);
      for (const pipes::pattern& p : any) {
        p.rows(in, false, rows_);
        for (std::uint32_t row : rows_) marks_[row] = 1;
      }
      return;
    }
    const auto records = in.records();
    marks_.resize(records.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
      const pipe_slice& s = records.slices()[i];
      marks_[i] = literals_->find(s.data, s.data + s.size) != nullptr;
    }
  }
  // Searches the block as a whole and cuts only around what it finds.
  void pass_lines(pipes::batch& in, std::string_view block, pipes::output& out) {
    lines_.clear();
    const char* at = block.data();
    const char* const end = at + block.size();
    std::size_t taken = 0;
    while (at < end) {
      const char* const hit = literals_->find(at, end);
      if (!hit) break;
      const void* const before = hit > at ? memrchr(at, '\n', static_cast<std::size_t>(hit - at)) : nullptr;
      const void* const behind = std::memchr(hit, '\n', static_cast<std::size_t>(end - hit));
      const char* const begin = before ? static_cast<const char*>(before) + 1 : at;
      const char* const stop = behind ? static_cast<const char*>(behind) : end;
      lines_.push_back({begin, static_cast<std::uint32_t>(stop - begin), behind ? PIPE_SLICE_NEWLINE : 0u});
      at = behind ? stop + 1 : end;
      taken += static_cast<std::size_t>(at - begin);
    }
    if (lines_.empty()) return;
    if (taken == block.size()) return out.pass(in);
    pipe_part part{};
    part.flags = PIPE_PART_OWN_BYTES;
    part.from = in.raw();
    pipe_slice* kept = out.alloc_array<pipe_slice>(lines_.size());
    std::memcpy(kept, lines_.data(), lines_.size() * sizeof(pipe_slice));
    part.records = kept;
    part.count = lines_.size();
    out.emit_part(part);
  }

  std::optional<shared::many_literals> literals_;  // where all patterns are plain text
  std::vector<std::uint8_t> marks_;                // scratch
  std::vector<std::uint32_t> rows_, chosen_;
  std::vector<pipe_slice> lines_;
};
PIPE_STAGE(grep)
}
