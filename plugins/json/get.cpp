// plugins/json/get.cpp: a value out of each record becomes the record, or a field.
#include <pipe/plugin.hpp>

#include "lib/keys.hpp"
namespace {
struct get : pipes::map_stage {
  pipes::expression path;
  std::string as;
  pipes::choice missing{"null", keep_null};
  static auto spec() {
    return pipes::stage<get>("get", "Take a value out of each record.")
        .doc("The value becomes the record: text without quotes and escapes, anything else as it was read. An object's members are the record's fields from then on. With `as` the record "
             "stays and the value is a field of that name.")
        .main_option("path", &get::path, "Where the value is: `user.name`, `tags[0]`, or any other expression.").required()
        .option("as", &get::as, "The name of a field that takes the value.")
        .option("missing", &get::missing, "A record without the value, or where it is null: `null` writes null, `skip` drops it, `fail` makes it an error.").choices({"null", "skip", "fail"})
        .example("json.parse | json.get: user.name", R"({"user":{"name":"Ann \"A\""}})" "\n" R"({"user":{}})", "Ann \"A\"\nnull")
        .example("json.parse | json.get: user | where: age > 40", R"({"user":{"age":41}})" "\n" R"({"user":{"age":40}})", R"({"age":41})")
        .example("json.parse | json.get: {path: 'tags[-1]', as: last} | text.format: '{last}'", R"({"tags":["a","b"]})", "b");
  }
  void check(pipes::checker& c) {
    if (!as.empty()) return c.makes(as);
    c.new_records();
    c.makes_any();
  }
  void map(pipes::batch& in, pipes::output& out) {
    const pipe_column values = path.evaluate(in, out);
    rows_.clear();
    for (std::size_t i = 0; i < values.count; ++i) {
      if (values.tags[i] <= PIPE_NULL && missing.index != keep_null) {
        if (missing.index == fail) out.fail(i, "the record has no " + path.source);
        continue;
      }
      rows_.push_back(static_cast<std::uint32_t>(i));
    }
    if (rows_.empty()) return;
    if (!as.empty()) return attach(in, values, out);
    const auto object = [&](std::uint32_t row) { return values.tags[row] == PIPE_JSON && values.slices[row].size && values.slices[row].data[0] == '{'; };
    for (std::size_t first = 0; first < rows_.size();) {  // objects have fields, other values have none: a part of their own each
      const bool objects = object(rows_[first]);
      std::size_t last = first + 1;
      while (last < rows_.size() && object(rows_[last]) == objects) ++last;
      emit(in, values, first, last, objects, out);
      first = last;
    }
  }

 private:
  static constexpr std::uint32_t keep_null = 0, fail = 2;

  void attach(pipes::batch& in, pipe_column values, pipes::output& out) {
    const bool all = rows_.size() == values.count;
    pipes::column_writer chosen(out, rows_.size());
    pipe_column column = values;
    if (!all) {
      for (std::size_t i = 0; i < rows_.size(); ++i) chosen.value(i, pipes::column(values), rows_[i]);
      column = chosen.done();
    }
    pipe_change change{PIPE_ATTACH, 0, pipes::field(as).handle(), nullptr, &column};
    pipe_part part{};
    part.from = in.raw();
    part.rows = all ? nullptr : rows_.data();
    part.count = rows_.size();
    part.changes = &change;
    part.change_count = 1;
    out.emit_part(part);
  }
  void emit(pipes::batch& in, const pipe_column& values, std::size_t first, std::size_t last, bool objects, pipes::output& out) {
    pipe_slice* records = out.alloc_array<pipe_slice>(last - first);
    char room[shared::number_room];
    for (std::size_t i = first; i < last; ++i) {
      const std::uint32_t row = rows_[i];
      std::string_view text = values.tags[row] <= PIPE_NULL ? std::string_view("null") : shared::printed(values, row, room);
      if (text.data() == room) text = out.copy(text);
      records[i - first] = {text.data(), static_cast<std::uint32_t>(text.size()), 0};
    }
    pipe_part part{};
    part.flags = PIPE_PART_OWN_BYTES | PIPE_PART_FRESH | (objects ? PIPE_PART_JSON : 0u);
    part.from = in.raw();
    part.rows = rows_.data() + first;
    part.records = records;
    part.count = last - first;
    out.emit_part(part);
  }
  std::vector<std::uint32_t> rows_;  // scratch
};
PIPE_STAGE(get)
}
