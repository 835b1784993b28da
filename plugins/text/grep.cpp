// plugins/text/grep.cpp: keep the records that match a pattern.
#include <pipe/plugin.hpp>
namespace {
struct grep : pipes::map_stage {
  pipes::pattern pattern;
  bool invert = false;
  bool fixed = false;
  static auto spec() {
    return pipes::stage<grep>("grep", "Keep the records that match a pattern.")
        .main_option("pattern", &grep::pattern, "Regular expression (PCRE2's language), searched for anywhere in the record.").required().fixed_by()
        .option("invert", &grep::invert, "Keep the records that do not match instead.")
        .option("fixed", &grep::fixed, "The pattern is plain text, not a regular expression.")
        .example("text.grep: 'o+b'", "foobar\nbar", "foobar");
  }
  void map(pipes::batch& in, pipes::output& out) { pattern.pass(in, invert, out); }
};
PIPE_STAGE(grep)
}
