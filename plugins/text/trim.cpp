// plugins/text/trim.cpp: blanks at the ends of records or fields are taken away.
#include "lib/escapes.hpp"
#include "lib/rewrite.hpp"
namespace {
struct trim : pipes::map_stage {
  std::vector<pipes::field> fields;
  pipes::choice side{"both", both};
  std::string characters = " \\t\\r";
  static auto spec() {
    return pipes::stage<trim>("trim", "Take blanks away from the ends of records or of fields.")
        .doc("The carriage return at the end of a line is among the blanks: text.trim makes LF of CRLF. A field that is no text, or that a record lacks, stays as it is.")
        .main_option("fields", &trim::fields, shared::rewrite_fields_doc)
        .option("side", &trim::side, "Which ends.").choices({"both", "left", "right"})
        .option("characters", &trim::characters, "The bytes that count as blanks; \\t is a tab, \\r a carriage return.")
        .example("text.trim", "  a b \nc", "a b\nc")
        .example("csv.parse | text.trim: [name] | csv.format", "name,n\n Ann ,1", "name,n\nAnn,1")
        .example("text.trim: {side: left, characters: '0'}", "00120\n7", "120\n7");
  }
  void check(pipes::checker& c) {
    c.reads(fields);
    for (pipes::field f : fields) c.makes(f);
    if (characters.empty()) c.fault("characters", "'characters' names no byte to take away");
  }
  void open() {
    std::fill(std::begin(away_), std::end(away_), false);
    for (char c : shared::unescaped(characters)) away_[static_cast<unsigned char>(c)] = true;
  }
  void map(pipes::batch& in, pipes::output& out) {
    const bool in_front = side.index != right, behind = side.index != left;
    shared::rewrite(in, fields, out, [&](std::string_view s) {
      if (in_front)
        while (!s.empty() && away_[static_cast<unsigned char>(s.front())]) s.remove_prefix(1);
      if (behind)
        while (!s.empty() && away_[static_cast<unsigned char>(s.back())]) s.remove_suffix(1);
      return s;
    });
  }

 private:
  static constexpr std::uint32_t both = 0, left = 1, right = 2;
  bool away_[256] = {};
};
PIPE_STAGE(trim)
}
