// plugins/json/format.cpp: each record as one line of JSON.
#include "lib/json_text.hpp"
#include "lib/keys.hpp"
namespace {
struct format : pipes::map_stage {
  std::vector<pipes::field> fields;

  static auto spec() {
    return pipes::stage<format>("format", "Write each record's fields as one JSON object.")
        .doc("All fields in the order in which they were made, or those of `fields` in that order; a field that a record does not have "
             "is left out. Text that is written as a number becomes a JSON number, unless it came as a JSON string or by `infer: false`. What came "
             "as JSON keeps its text, blanks included.")
        .main_option("fields", &format::fields, "The fields to write, in this order; none: all.")
        .example("csv.parse | json.format", "name,n\nAnn,3", R"({"name":"Ann","n":3})")
        .example("json.parse | json.format: [b, a]", R"({"a":1,"b":"x","c":[2]})", R"({"b":"x","a":1})");
  }
  void check(pipes::checker& c) {
    c.own_bytes();
    if (fields.empty()) {
      c.reads_all();
      return;
    }
    c.reads(fields);
    c.keeps(fields);
  }
  void map(pipes::batch& in, pipes::output& out) {
    pipe_part part{};
    part.flags = PIPE_PART_JSON | PIPE_PART_OWN_BYTES;
    part.from = in.raw();
    part.count = in.size();
    if (fields.empty()) {
      part.records = pipes::detail::host().batch_render(in.raw(), PIPE_RENDER_JSON, out.raw());
      if (!part.records) throw std::bad_alloc();
    } else {
      part.flags |= PIPE_PART_FRESH;
      part.records = written(in, out);
    }
    out.emit_part(part);
  }

 private:
  const pipe_slice* written(const pipes::batch& in, pipes::output& out) {
    const std::size_t n = in.size();
    std::vector<const pipe_column*> from;
    for (pipes::field f : fields) from.push_back(&in.column_of(f).raw());
    if (heads_.empty())
      for (pipes::field f : fields) {
        std::string head(6 * f.name().size() + 3, '\0');
        char* o = shared::json::write_string(f.name(), head.data());
        *o++ = ':';
        head.resize(static_cast<std::size_t>(o - head.data()));
        heads_.push_back(std::move(head));
      }
    std::size_t most = 3 * n;
    for (std::size_t k = 0; k < from.size(); ++k) {
      most += n * (heads_[k].size() + 1);
      for (std::size_t i = 0; i < n; ++i) {
        const bool text = from[k]->slices && from[k]->slices[i].data;
        most += text ? (from[k]->tags[i] == PIPE_STRING || from[k]->tags[i] == PIPE_WORD ? 6 : 1) * std::size_t{from[k]->slices[i].size} + 2 : shared::number_room;
      }
    }
    pipe_slice* records = out.alloc_array<pipe_slice>(n);
    char* const text = out.alloc(most);
    char* o = text;
    for (std::size_t i = 0; i < n; ++i) {
      char* const begin = o;
      *o++ = '{';
      for (std::size_t k = 0; k < from.size(); ++k) {
        if (from[k]->tags[i] == PIPE_MISSING) continue;
        if (o != begin + 1) *o++ = ',';
        std::memcpy(o, heads_[k].data(), heads_[k].size());
        o = value(*from[k], i, o + heads_[k].size());
      }
      *o++ = '}';
      records[i] = {begin, static_cast<std::uint32_t>(o - begin), PIPE_SLICE_NEWLINE};
      *o++ = '\n';
    }
    out.trim(text, most, static_cast<std::size_t>(o - text));
    return records;
  }
  static char* value(const pipe_column& c, std::size_t i, char* o) {
    char room[shared::number_room];
    const std::string_view text = shared::printed(c, i, room);
    bool whole;
    switch (c.tags[i]) {
      case PIPE_WORD:
        if (!shared::is_json_number(text, whole)) return shared::json::write_string(text, o);
        break;
      case PIPE_STRING: return shared::json::write_string(text, o);
      case PIPE_NULL: std::memcpy(o, "null", 4); return o + 4;
      case PIPE_JSON:  // a line end between the tokens of a value would cut the record in two
        for (const char ch : text) *o++ = ch == '\n' || ch == '\r' ? ' ' : ch;
        return o;
      default: break;
    }
    std::memcpy(o, text.data(), text.size());
    return o + text.size();
  }
  std::vector<std::string> heads_;
};
PIPE_STAGE(format)
}
