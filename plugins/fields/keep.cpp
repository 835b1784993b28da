// plugins/fields/keep.cpp: keep only the named fields of each record.
#include <pipe/plugin.hpp>
namespace {
struct keep : pipes::map_stage {
  std::vector<pipes::field> fields;
  bool invert = false;
  static auto spec() {
    return pipes::stage<keep>("keep", "Keep only the named fields.")
        .doc("The fields that stay keep their order and their text. A field that a record does not have is passed over.")
        .main_option("fields", &keep::fields, "Names of the fields to keep.").required()
        .option("invert", &keep::invert, "Drop the named fields instead.")
        .example("json.parse | fields.keep: [b]", R"({"a":1,"b":2})", R"({"b":2})")
        .example("json.parse | fields.keep: {fields: [b], invert: true}", R"({"a":1,"b":2,"c":3})", R"({"a":1,"c":3})");
  }
  void check(pipes::checker& c) {
    c.ignores_bytes();
    if (fields.empty()) c.fault("fields", "names no field");
    invert ? c.drops(fields) : c.keeps(fields);
  }
  void map(pipes::batch& in, pipes::output& out) { out.pass(invert ? in.without(fields) : in.only(fields)); }
};
PIPE_STAGE(keep)
}
