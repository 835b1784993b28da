// plugins/text/case.cpp: upper case, lower case, or capitals at the beginning of words.
#include "lib/letters.hpp"
#include "lib/rewrite.hpp"
namespace {
struct change_case : pipes::map_stage {
  pipes::choice to{"lower", 1};
  std::vector<pipes::field> fields;
  static auto spec() {
    return pipes::stage<change_case>("case", "Change records or fields to upper or lower case.")
        .doc("Text is taken as UTF-8: ASCII and the accented Latin, Greek, Cyrillic and Armenian letters change, those without another case of the same length (ß) do not, and bytes "
             "that are no UTF-8 stay as they are. No locale has a say. `title` makes the first letter of each word a capital and the others small. The functions lower() and upper() of "
             "expressions change ASCII alone.")
        .main_option("to", &change_case::to, "Which case.").choices({"upper", "lower", "title"}).required()
        .option("fields", &change_case::fields, shared::rewrite_fields_doc)
        .example("text.case: upper", "straße, éa", "STRAßE, ÉA")
        .example("json.parse | text.case: {to: title, fields: [name]}", R"({"name":"ada LOVELACE","n":1})", R"({"name":"Ada Lovelace","n":1})");
  }
  void check(pipes::checker& c) {
    c.reads(fields);
    for (pipes::field f : fields) c.makes(f);
  }
  void map(pipes::batch& in, pipes::output& out) {
    const auto how = static_cast<shared::letter_case>(to.index);
    if (fields.empty() && whole(in, how, out)) return;
    shared::rewrite(in, fields, out, [&](std::string_view s) {
      char* made = out.alloc(s.size());
      shared::change_case(s, how, made);
      return std::string_view(made, s.size());
    });
  }

 private:
  // Records that lie side by side are changed in one go: a newline ends a word like a blank, and no letter runs over it.
  bool whole(pipes::batch& in, shared::letter_case how, pipes::output& out) const {
    const auto bytes = in.bytes();
    if (!bytes) return false;
    const auto records = in.records();
    char* made = out.alloc(bytes->size());
    shared::change_case(*bytes, how, made);
    pipe_slice* slices = out.alloc_array<pipe_slice>(records.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
      const pipe_slice& old = records.slices()[i];
      slices[i] = {made + (old.data - bytes->data()), old.size, old.flags};
    }
    pipe_part part{};
    part.flags = PIPE_PART_OWN_BYTES;
    part.from = in.raw();
    part.records = slices;
    part.count = records.size();
    out.emit_part(part);
    return true;
  }
};
PIPE_STAGE(change_case)
}
