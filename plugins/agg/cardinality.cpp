// plugins/agg/cardinality.cpp: about how many different values there are.
#include "lib/grouped_sketches.hpp"
#include "lib/hyperloglog.hpp"
#include "lib/key_bytes.hpp"
namespace {
struct cardinality : pipes::fold_stage {
  std::vector<pipes::field> of;
  std::vector<pipes::field> by;
  std::string as = "distinct";
  shared::key_bytes values;
  shared::grouped_sketches<shared::hyperloglog> groups;

  static auto spec() {
    return pipes::stage<cardinality>("cardinality", "Count different values, about, in little memory.")
        .doc("Emits one record, or one for each key of `by`, ordered by the keys' bytes, with the number of different values of `of`. Up to 1,024 the number is exact; beyond, it is an estimate (HyperLogLog, 16 KiB "
             "a group) with a standard error of 0.8 percent. The result does not depend on the order of the records. Groups that outgrow the stage's memory go to disk. Two values are one if they print as the same text and are of one kind; null and missing "
             "are a value. `distinct | count` counts exactly and keeps all values.")
        .main_option("of", &cardinality::of, "The fields whose values together are counted; none: the whole record.")
        .option("by", &cardinality::by, "Fields whose values together are the key; none: all records are one group.")
        .option("as", &cardinality::as, "The name of the field that is made.")
        .example("agg.cardinality", "a\nb\na", R"({"distinct":2})")
        .example("csv.parse | agg.cardinality: {of: user, by: host, as: users}", "host,user\nb,x\na,x\nb,y\nb,x", "{\"host\":\"a\",\"users\":1}\n{\"host\":\"b\",\"users\":2}");
  }
  void check(pipes::checker& c) {
    c.ignores_bytes();
    shared::check_keys(c, by);
    c.reads(of);
    if (as.empty()) c.fault("as", "the field needs a name");
    for (pipes::field f : by)
      if (f.name() == as) c.fault("as", "'" + as + "' is a field of `by`");
    c.new_records();
    for (pipes::field f : by) c.makes(f);
    c.makes(as);
  }
  void add(pipes::batch& in) {
    values.look_at(in, of);
    groups.add(in, by, context(), memory(), workers(), [&](std::size_t i, shared::hyperloglog& group) {
      const std::string_view value = values.of(i);
      group.add(shared::bytes::hash(value.data(), value.size(), fixed_seed));
    });
  }
  void merge(cardinality&& other) { groups.merge(std::move(other.groups), context(), memory() * workers()); }
  void finish(pipes::output& out) {
    groups.keyed_by(by.size());
    groups.finish(out, context(), memory() * workers(), [&](const std::uint32_t* order, std::size_t n) {
      shared::result_rows rows(out, n);
      if (!by.empty()) shared::add_keys(rows, out, by, groups.keys, order, n);
      pipes::column_writer counts(out, n);
      for (std::size_t i = 0; i < n; ++i) counts.integer(i, static_cast<std::int64_t>(groups.sketch(order[i]).estimate()));
      rows.add(pipes::field(as), counts);
      rows.emit();
    });
  }

 private:
  static constexpr std::uint64_t fixed_seed = 0x51ed270b0a1f3c25u;  // the estimate is the same in every run
};
PIPE_STAGE(cardinality)
}
