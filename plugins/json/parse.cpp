// plugins/json/parse.cpp: JSON lines to fields.
#include "json/object_reader.hpp"
namespace {
struct parse : pipes::map_stage {
  bool strict = false;

  static auto spec() {
    return pipes::stage<parse>("parse", "Parse records that are JSON objects.")
        .doc("Each record is one JSON object, its members become fields. The record itself stays as it was read; numbers keep their "
             "text, and whole ones 64 bits. A name with dots finds the member of exactly that name, else goes down into nested objects. Of a "
             "key that comes twice the first one counts. An empty line is passed over. A record that is malformed, or no object, is "
             "an error. Bytes that are not UTF-8 pass through unharmed.")
        .option("strict", &parse::strict, "Bytes that are not UTF-8 and keys of the record that come twice are errors, too.")
        .example("json.parse | where: status >= 500", "{\"status\":200}\n{\"status\":503}", R"({"status":503})")
        .example("json.parse | fields.keep: user.name", R"({"user.name":"Ann","age":41})", R"({"user.name":"Ann"})");
  }
  void check(pipes::checker& c) {
    c.makes_any();
    c.makes_json();
  }
  void open() {
    if (const auto fields = demanded()) {
      asked_ = *fields;
      std::vector<std::string> names;
      for (pipes::field f : asked_) names.emplace_back(f.name());
      reader_.ask(names);
    }
    reader_.strict = strict;
  }

  void map(pipes::batch& in, pipes::output& out) {
    const auto block = in.bytes();
    const auto records = in.records();
    const std::size_t n = records.size();
    const char* const block_end = block ? block->data() + block->size() : nullptr;
    reader_.start(out, n);
    rows_.resize(n);
    const bool mark = n && in.begins_file() && has_mark(records[0].view());
    bool all = true;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < n; ++i) {
      std::string_view text = records[i].view();
      if (i == 0 && mark) text.remove_prefix(3);
      const char* end = text.data() + text.size();
      const bool blank = (text.empty() || text.front() != '{') && shared::json::skip_blanks(text.data(), end) == end;
      if (!blank && reader_.read(text, static_cast<std::size_t>((block ? block_end : end) - text.data()), kept)) {
        rows_[kept++] = static_cast<std::uint32_t>(i);
        continue;
      }
      all = false;
      if (!blank) out.fail(i, reader_.why());
    }
    if (kept) emit(in, out, kept, all, mark && rows_[0] == 0);
  }

 private:
  static bool has_mark(std::string_view s) { return s.size() >= 3 && std::memcmp(s.data(), "\xef\xbb\xbf", 3) == 0; }

  void emit(pipes::batch& in, pipes::output& out, std::size_t kept, bool all, bool mark) {
    std::vector<pipe_column> columns;
    for (std::size_t c = 0; c < asked_.size(); ++c) columns.push_back(reader_.column(c, kept));
    std::vector<pipe_change> changes;
    for (std::size_t c = 0; c < asked_.size(); ++c) changes.push_back({PIPE_ATTACH, 0, asked_[c].handle(), nullptr, &columns[c]});
    pipe_part part{};
    part.flags = PIPE_PART_JSON;
    part.from = in.raw();
    part.rows = all ? nullptr : rows_.data();
    part.count = kept;
    part.changes = changes.data();
    part.change_count = changes.size();
    if (mark) {  // the first object begins behind the file's byte order mark
      const auto records = in.records();
      pipe_slice* own = out.alloc_array<pipe_slice>(kept);
      for (std::size_t i = 0; i < kept; ++i) own[i] = records.slices()[rows_[i]];
      own[0].data += 3;
      own[0].size -= 3;
      part.records = own;
      part.flags |= PIPE_PART_OWN_BYTES;
    }
    out.emit_part(part);
  }

  reader::object_reader reader_;
  std::vector<pipes::field> asked_;
  std::vector<std::uint32_t> rows_;
};
PIPE_STAGE(parse)
}
