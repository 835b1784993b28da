// plugins/agg/distinct.cpp: pass the first record of each key.
#include "lib/keys.hpp"
namespace {
struct distinct : pipes::map_stage {
  std::vector<pipes::field> by;
  shared::byte_table seen;
  shared::key_codec codec;
  std::vector<std::uint32_t> rows;

  static auto spec() {
    return pipes::stage<distinct>("distinct", "Pass only the first record of each key.")
        .doc("Records pass as they come, in their order; the keys seen are kept in memory. Two values are one key if they print as the same "
             "text and are of one kind: null (or missing), boolean, number, text, other JSON.")
        .main_option("by", &distinct::by, "Fields whose values together are the key; none: the whole record.")
        .stateful()
        .example("agg.distinct", "a\nb\na", "a\nb")
        .example("json.parse | agg.distinct: user", "{\"user\":1,\"n\":1}\n{\"user\":2,\"n\":2}\n{\"user\":1,\"n\":3}", "{\"user\":1,\"n\":1}\n{\"user\":2,\"n\":2}");
  }
  void check(pipes::checker& c) { shared::check_keys(c, by); }
  void map(pipes::batch& in, pipes::output& out) {
    rows.clear();
    if (by.empty()) {
      const auto records = in.records();
      for (std::size_t i = 0; i < records.size(); ++i) {
        const pipe_slice& s = records.slices()[i];
        const std::uint32_t known = seen.size();
        if (seen.find_or_add(s.data, s.size, 0) == known) rows.push_back(static_cast<std::uint32_t>(i));
      }
    } else {
      // A new entry is the last one; it is new only to the first row that brings it.
      std::uint32_t known = seen.size();
      codec.columns(in, by);
      codec.each(seen, in.size(), [&](std::size_t i, std::uint32_t at) {
        if (at != known) return;
        ++known;
        rows.push_back(static_cast<std::uint32_t>(i));
      });
    }
    if (rows.size() == in.size()) out.pass(in);
    else out.pass(in, rows);
  }
};
PIPE_STAGE(distinct)
}
