// plugins/agg/count.cpp: how many records there are, in all or of each kind.
#include "lib/fold_rows.hpp"
namespace {
struct count : pipes::fold_stage {
  std::vector<pipes::field> by;
  std::uint64_t total = 0;
  shared::byte_table keys;
  shared::key_codec codec;

  static auto spec() {
    return pipes::stage<count>("count", "Count the records.")
        .doc("Emits one record with the field `count`; with `by`, one for each key, ordered by the keys' bytes. A record without "
             "the field counts under null.")
        .main_option("by", &count::by, "Fields to count by; none: all records together.")
        .example("agg.count", "a\nb\na", R"({"count":3})")
        .example("json.parse | agg.count: host", "{\"host\":\"b\"}\n{\"host\":\"a\"}\n{\"host\":\"b\"}", "{\"host\":\"a\",\"count\":1}\n{\"host\":\"b\",\"count\":2}");
  }
  void check(pipes::checker& c) {
    shared::check_keys(c, by);
    for (pipes::field f : by)
      if (f.name() == "count") c.fault("by", "'count' is the field that this stage makes; rename the one that you count by first");
    c.new_records();
    for (pipes::field f : by) c.makes(f);
    c.makes("count");
  }
  void add(pipes::batch& in) {
    const std::size_t n = in.size();
    if (by.empty()) {
      total += n;
      return;
    }
    codec.columns(in, by);
    codec.each(keys, n, [&](std::size_t, std::uint32_t at) { ++keys[at].value; });
  }
  void merge(count&& other) {
    total += other.total;
    for (const auto& e : other.keys.entries()) {
      auto& mine = keys[keys.find_or_add(e.key, e.size, e.kind)];
      mine.value += e.value;
      mine.marks |= e.marks;
    }
  }
  void finish(pipes::output& out) {
    const pipes::field name("count");
    if (by.empty()) {
      shared::result_rows rows(out, 1);
      pipes::column_writer w(out, 1);
      w.integer(0, static_cast<std::int64_t>(total));
      rows.add(name, w);
      rows.emit();
      total = 0;
      return;
    }
    const std::vector<std::uint32_t> order = shared::in_key_order(keys, by.size());
    for (std::size_t first = 0; first < order.size(); first += shared::rows_per_batch) {
      const std::size_t n = std::min(shared::rows_per_batch, order.size() - first);
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
PIPE_STAGE(count)
}
