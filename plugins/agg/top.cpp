// plugins/agg/top.cpp: the most frequent keys.
#include "lib/fold_rows.hpp"
namespace {
struct top : pipes::fold_stage {
  std::vector<pipes::field> by;
  std::int64_t limit = 10;
  shared::byte_table keys;
  shared::key_codec codec;

  static auto spec() {
    return pipes::stage<top>("top", "Find the most frequent keys.")
        .doc("Emits the fields of `by` and `count`, the most frequent key first, equally frequent ones by their bytes. A record without "
             "the field counts under null. Every key is counted exactly and kept in memory until the input ends.")
        .main_option("by", &top::by, "Fields whose values together are the key.").required()
        .option("limit", &top::limit, "How many keys to emit.").at_least(1)
        .example("csv.parse | agg.top: {by: host, limit: 2}", "host\nb\na\nc\nb\na", "{\"host\":\"a\",\"count\":2}\n{\"host\":\"b\",\"count\":2}");
  }
  void check(pipes::checker& c) {
    shared::check_keys(c, by);
    if (by.empty()) c.fault("by", "names no field; say what to count by, as in {by: host}");
    for (pipes::field f : by)
      if (f.name() == "count") c.fault("by", "'count' is the field that this stage makes; rename the one that you count by first");
    c.new_records();
    for (pipes::field f : by) c.makes(f);
    c.makes("count");
  }
  void add(pipes::batch& in) {
    codec.columns(in, by);
    codec.each(keys, in.size(), [&](std::size_t, std::uint32_t at) { ++keys[at].value; });
  }
  void merge(top&& other) {
    for (const auto& e : other.keys.entries()) {
      auto& mine = keys[keys.find_or_add(e.key, e.size, e.kind)];
      mine.value += e.value;
      mine.marks |= e.marks;
    }
  }
  void finish(pipes::output& out) {
    std::vector<std::uint32_t> order(keys.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    const std::size_t most = std::min(order.size(), static_cast<std::size_t>(limit));
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(most), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      if (keys[a].value != keys[b].value) return keys[a].value > keys[b].value;
      return shared::key_codec::compare(keys[a], keys[b], by.size()) < 0;
    });
    const pipes::field name("count");
    for (std::size_t first = 0; first < most; first += shared::rows_per_batch) {
      const std::size_t n = std::min(shared::rows_per_batch, most - first);
      shared::result_rows rows(out, n);
      shared::add_keys(rows, out, by, keys, order.data() + first, n);
      pipes::column_writer w(out, n);
      for (std::size_t i = 0; i < n; ++i) w.integer(i, static_cast<std::int64_t>(keys[order[first + i]].value));
      rows.add(name, w);
      rows.emit();
    }
    keys.clear();
  }
};
PIPE_STAGE(top)
}
