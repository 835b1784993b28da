// plugins/agg/quantiles.cpp: medians and other quantiles of groups of records.
#include "lib/grouped_sketches.hpp"
#include "lib/quantile_sketch.hpp"
namespace {
struct quantiles : pipes::fold_stage {
  pipes::expression of;
  std::vector<pipes::field> by;
  std::vector<double> at{0.5, 0.9, 0.99};
  double error = 0.01;
  std::optional<shared::grouped_sketches<shared::quantile_sketch>> groups;

  static auto spec() {
    return pipes::stage<quantiles>("quantiles", "Compute medians and other quantiles of groups of records.")
        .doc("Emits one record for each key, ordered by the keys' bytes: the fields of `by`, `count`, how many numbers there were, and a field for each quantile: p50, p90, p99.9. A quantile is the least of the values that "
             "at least that share of them does not exceed. It is exact for groups of up to 4,096 numbers and for the least and the greatest value; in larger groups it is within `error` of that "
             "value, as a share of it (0.01: 99 to 101 for 100). The result does not depend on the order of the records. Groups that outgrow the stage's memory go to disk. Values that are no number do not take part (`--stats` counts them); a group without numbers "
             "has null.")
        .main_option("of", &quantiles::of, "What to look at: a field, or any expression.").required()
        .option("by", &quantiles::by, "Fields whose values together are the key; none: all records are one group.")
        .option("at", &quantiles::at, "Which quantiles: shares from 0 (the least value) to 1 (the greatest).")
        .option("error", &quantiles::error, "The relative error of large groups; half of it takes twice the memory.")
        .example("io.generate: 1000 | agg.quantiles: n", "", R"({"count":1000,"p50":500,"p90":900,"p99":990})")
        .example("csv.parse | agg.quantiles: {of: ms, by: host, at: [0.5, 1]}", "host,ms\nb,1\na,2\nb,30\nb,4", "{\"host\":\"a\",\"count\":1,\"p50\":2,\"p100\":2}\n{\"host\":\"b\",\"count\":3,\"p50\":4,\"p100\":30}");
  }
  static std::string name_of(double q) {
    char room[shared::number_room];
    const double percent = std::round(q * 1e8) / 1e6;  // 0.07 * 100 is not 7
    return std::string(1, 'p').append(room, shared::print_number(room, percent));
  }
  void check(pipes::checker& c) {
    c.ignores_bytes();
    shared::check_keys(c, by);
    if (at.empty()) c.fault("at", "names no quantile");
    if (!(error >= 0.0001 && error <= 0.5)) c.fault("error", "'error' takes a share from 0.0001 to 0.5");
    c.new_records();
    std::vector<std::string> names;
    for (pipes::field f : by) names.emplace_back(f.name());
    names.emplace_back("count");
    for (double q : at) {
      if (!(q >= 0 && q <= 1)) c.fault("at", "a quantile lies between 0 and 1");
      names.push_back(name_of(q));
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) != names.begin() + static_cast<std::ptrdiff_t>(i))
        c.fault(i < by.size() + 1 ? "by" : "at", "'" + names[i] + "' is made twice");
      c.makes(names[i]);
    }
  }

  void prepare() {
    if (groups) return;
    groups.emplace(shared::quantile_sketch(error));
    groups->keyed_by(by.size());
  }
  void add(pipes::batch& in, pipes::output& scratch) {
    prepare();
    const pipe_column values = of.evaluate(in, scratch);
    std::int64_t passed_over = 0;
    groups->add(in, by, context(), memory(), workers(), [&](std::size_t i, shared::quantile_sketch& group) {
      double v;
      if (number(values, i, v)) group.add(v);
      else ++passed_over;
    });
    if (passed_over) count("no number", passed_over);
  }
  void merge(quantiles&& other) {
    prepare();
    other.prepare();
    groups->merge(std::move(*other.groups), context(), memory() * workers());
  }
  void finish(pipes::output& out) {
    prepare();
    groups->finish(out, context(), memory() * workers(), [&](const std::uint32_t* order, std::size_t n) {
      shared::result_rows rows(out, n);
      if (!by.empty()) shared::add_keys(rows, out, by, groups->keys, order, n);
      pipes::column_writer counts(out, n);
      for (std::size_t i = 0; i < n; ++i) counts.integer(i, static_cast<std::int64_t>(groups->sketch(order[i]).count()));
      rows.add(pipes::field("count"), counts);
      for (double q : at) {
        pipes::column_writer w(out, n);
        for (std::size_t i = 0; i < n; ++i) {
          shared::quantile_sketch& g = groups->sketch(order[i]);
          if (g.count()) w.real(i, g.at(q));
          else w.null(i);
        }
        rows.add(pipes::field(name_of(q)), w);
      }
      rows.emit();
    });
  }

 private:
  static bool number(const pipe_column& c, std::size_t i, double& v) {
    switch (c.tags[i]) {
      case PIPE_INT: v = static_cast<double>(static_cast<std::int64_t>(c.values[i])); return true;
      case PIPE_FLOAT: v = pipes::column(c).real(i); return !std::isnan(v);
      case PIPE_WORD: {
        const shared::number n = shared::read_number({c.slices[i].data, c.slices[i].size});
        v = n.what == shared::number::whole ? static_cast<double>(n.i) : n.d;
        return static_cast<bool>(n);
      }
      default: return false;
    }
  }
};
PIPE_STAGE(quantiles)
}
