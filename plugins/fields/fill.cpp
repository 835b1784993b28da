// plugins/fields/fill.cpp: values for fields that are missing or null.
#include "lib/set_columns.hpp"
namespace {
struct fill : pipes::map_stage {
  pipes::map_of<pipes::expression> fields;
  static auto spec() {
    return pipes::stage<fill>("fill", "Give fields that are missing or null a value.")
        .doc("The values are expressions, so a text stands in quotes: {host: '\"unknown\"'}. Each sees the record as it came. An empty text is a value and stays.")
        .rest_option("fields", &fill::fields, "The fields and their values: {NAME: EXPRESSION, ...}.").required()
        .example(R"(json.parse | fields.fill: {n: 0, host: 'name + ".local"'})", "{\"name\":\"a\",\"n\":null}\n{\"name\":\"b\",\"host\":\"c\",\"n\":1}",
                 "{\"name\":\"a\",\"n\":0,\"host\":\"a.local\"}\n{\"name\":\"b\",\"host\":\"c\",\"n\":1}");
  }
  void check(pipes::checker& c) { shared::check_set(c, fields); }
  void map(pipes::batch& in, pipes::output& out) {
    made_.clear();
    for (const auto& [name, value] : fields) {
      const pipes::field field(name);
      const pipes::column old = in[field];
      const pipe_column& c = old.raw();
      if (c.count && std::all_of(c.tags, c.tags + c.count, [](std::uint8_t t) { return t > PIPE_NULL; })) {
        made_.add(field, c);
        continue;
      }
      const pipe_column given = value.evaluate(in, out);
      if (c.all != PIPE_MIXED) {  // none has it
        made_.add(field, given);
        continue;
      }
      const pipes::column defaults(given);
      pipes::column_writer w(out, old.size());
      for (std::size_t i = 0; i < old.size(); ++i) old.null(i) ? w.value(i, defaults, i) : w.value(i, old, i);
      made_.add(field, w.done());
    }
    made_.emit(in, out);
  }

 private:
  shared::set_columns made_;
};
PIPE_STAGE(fill)
}
