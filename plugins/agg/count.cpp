// plugins/agg/count.cpp: how many records there are, in all or of each kind.
#include "lib/fold_rows.hpp"
#include "lib/spilled_keys.hpp"
namespace {
struct count : pipes::fold_stage {
  std::vector<pipes::field> by;
  std::uint64_t total = 0;
  shared::counted_keys kinds;

  static auto spec() {
    return pipes::stage<count>("count", "Count the records.")
        .doc("Emits one record with the field `count`; with `by`, one for each key, ordered by the keys' bytes. A record without "
             "the field counts under null. Every key is counted exactly; those that outgrow the stage's memory go to disk.")
        .main_option("by", &count::by, "Fields to count by; none: all records together.")
        .example("agg.count", "a\nb\na", R"({"count":3})")
        .example("json.parse | agg.count: host", "{\"host\":\"b\"}\n{\"host\":\"a\"}\n{\"host\":\"b\"}", "{\"host\":\"a\",\"count\":1}\n{\"host\":\"b\",\"count\":2}");
  }
  void check(pipes::checker& c) {
    c.ignores_bytes();
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
    kinds.add(in, by, context(), memory(), workers());
  }
  void merge(count&& other) {
    total += other.total;
    kinds.merge(std::move(other.kinds), context(), memory() * workers());
  }
  void finish(pipes::output& out) {
    if (by.empty()) {
      shared::result_rows rows(out, 1);
      pipes::column_writer w(out, 1);
      w.integer(0, static_cast<std::int64_t>(total));
      rows.add(pipes::field("count"), w);
      rows.emit();
      total = 0;
      return;
    }
    if (kinds.spilled.any()) {
      kinds.spilled.merge(kinds, context(), memory() * workers(), [&] {
        emit(out, shared::first_numbers(kinds.keys.size()));
      });
      return;
    }
    emit(out, shared::in_key_order(kinds.keys, by.size()));
    kinds.forget();
  }

 private:
  void emit(pipes::output& out, const std::vector<std::uint32_t>& order) const {
    for (std::size_t first = 0, n; first < order.size(); first += n) {
      n = shared::rows_of_batch(kinds.keys, order.data() + first, order.size() - first);
      shared::result_rows rows(out, n);
      shared::add_keys(rows, out, by, kinds.keys, order.data() + first, n);
      pipes::column_writer w(out, n);
      for (std::size_t i = 0; i < n; ++i) w.integer(i, static_cast<std::int64_t>(kinds.keys[order[first + i]].value));
      rows.add(pipes::field("count"), w);
      rows.emit();
      out.send_on();
    }
  }
};
PIPE_STAGE(count)
}
