// plugins/fields/rename.cpp: give fields other names.
#include <pipe/plugin.hpp>
namespace {
struct rename : pipes::map_stage {
  pipes::map_of<std::string> names;
  static auto spec() {
    return pipes::stage<rename>("rename", "Rename fields.")
        .doc("Takes a map of old names to new ones. A record without the old field is left as it is; a field that already has the new "
             "name is replaced.")
        .rest_option("names", &rename::names, "Old name: new name.").required().key_fields()
        .example("json.parse | fields.rename: {a: x}", R"({"a":1,"b":2})", R"({"x":1,"b":2})");
  }
  void check(pipes::checker& c) {
    c.ignores_bytes();
    if (names.empty()) c.fault("names", "renames nothing; say {old: new}");
    std::vector<pipes::field> olds;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i].second.empty()) c.fault_at("names", i, "the new name of '" + names[i].first + "' is empty");
      for (std::size_t j = 0; j < names.size(); ++j) {
        if (j < i && names[i].second == names[j].second) c.fault_at("names", i, "two fields are to be called '" + names[i].second + "'");
        if (names[i].second == names[j].first) c.fault_at_key("names", j, "'" + names[j].first + "' is an old name and a new one; go by a third name in a fields.rename before");
      }
      olds.emplace_back(names[i].first);
    }
    c.reads(olds);
    for (const auto& n : names) c.renames(pipes::field(n.first), pipes::field(n.second));
  }
  void open() {
    for (const auto& n : names) changes_.push_back({PIPE_RENAME, 0, pipes::field(n.first).handle(), pipes::field(n.second).handle(), nullptr});
  }
  void map(pipes::batch& in, pipes::output& out) {
    pipe_part part{};
    part.from = in.raw();
    part.count = in.size();
    part.changes = changes_.data();
    part.change_count = changes_.size();
    out.emit_part(part);
  }

 private:
  std::vector<pipe_change> changes_;
};
PIPE_STAGE(rename)
}
