// plugins/text/format.cpp: each record becomes a template filled in with its fields.
#include <pipe/plugin.hpp>
namespace {
struct format_text : pipes::map_stage {
  pipes::format format;
  static auto spec() {
    return pipes::stage<format_text>("format", "Write each record as a template filled in with its fields.")
        .doc("{name} stands for a field, {} for the record as it came, {{ and }} for braces, \\t for a tab, \\n for a newline, \\\\ for a backslash. A missing field and null print nothing. The fields stay readable "
             "for later stages.")
        .main_option("template", &format_text::format, "The text of each record.").required().escapes()
        .example("text.split: {separator: ' ', names: [first, last]} | text.format: '{last}, {first}'", "Ada Lovelace\nAlan Turing", "Lovelace, Ada\nTuring, Alan");
  }
  void check(pipes::checker& c) {
    if (format.source.find("{}") == std::string::npos) c.own_bytes();
  }
  void map(pipes::batch& in, pipes::output& out) {
    const pipe_slice* records = format.render(in, out);
    pipe_part part{};
    part.flags = PIPE_PART_OWN_BYTES;
    part.from = in.raw();
    part.records = records;
    part.count = in.size();
    out.emit_part(part);
  }
};
PIPE_STAGE(format_text)
}
