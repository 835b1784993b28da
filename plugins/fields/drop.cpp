// plugins/fields/drop.cpp: the named fields go away.
#include <pipe/plugin.hpp>
namespace {
struct drop : pipes::map_stage {
  std::vector<pipes::field> fields;
  static auto spec() {
    return pipes::stage<drop>("drop", "Drop the named fields.")
        .doc("The other fields keep their order and their text. A field that a record does not have is passed over.")
        .main_option("fields", &drop::fields, "Names of the fields to drop.").required()
        .example("json.parse | fields.drop: [b, c]", R"({"a":1,"b":2,"c":{"d":3}})", R"({"a":1})");
  }
  void check(pipes::checker& c) {
    c.ignores_bytes();
    if (fields.empty()) c.fault("fields", "names no field");
    c.drops(fields);
  }
  void map(pipes::batch& in, pipes::output& out) { out.pass(in.without(fields)); }
};
PIPE_STAGE(drop)
}
