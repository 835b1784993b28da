// plugins/agg/group.cpp: count, sum, mean, least and greatest of groups of records.
#include "lib/exact_sum.hpp"
#include "lib/extreme.hpp"
#include "lib/fold_rows.hpp"
#include "lib/spilled_keys.hpp"
namespace {

using expressions = pipes::map_of<pipes::expression>;

struct group : pipes::fold_stage {
  std::vector<pipes::field> by;
  std::string count;
  expressions sum, mean, min, max;

  // State. Group number g has table entry g, and place g in each of the others. A sum and a mean of one expression share theirs.
  struct total {
    const pipes::expression* of;
    std::vector<shared::exact_sum> groups;
  };
  struct bound {
    const pipes::expression* of;
    std::vector<shared::extreme> groups;
  };
  shared::byte_table keys;
  shared::key_codec codec;
  std::vector<total> totals;
  std::vector<std::size_t> sum_at, mean_at;  // into totals
  std::vector<bound> least, greatest;
  std::vector<std::uint32_t> group_of;
  std::size_t loose_bytes = 0;  // that states hold beside their places in `groups`
  shared::spilled_keys spilled;
  bool prepared = false;

  static auto spec() {
    return pipes::stage<group>("group", "Compute figures of groups of records.")
        .doc("Emits one record for each key, ordered by the keys' bytes: the fields of `by`, then the count, sums, means, minima and "
             "maxima under the names given. A record without a field of `by` belongs to the group null. Values that are no number do "
             "not take part in sum and mean (`--stats` counts them), null not in min and max; where none took part the result is "
             "null. Sums are exact: integers stay integers of 64 bits and go to float only where they no longer fit, floats and means are "
             "rounded once, at the end, so the order of the records does not matter. Groups that outgrow the stage's memory go to disk.")
        .main_option("by", &group::by, "Fields whose values together are the key; none: all records are one group.")
        .option("count", &group::count, "Name of a field for the number of records.")
        .option("sum", &group::sum, "Sums: names and what to add up.")
        .option("mean", &group::mean, "Arithmetic means: names and what to average.")
        .option("min", &group::min, "Least values: names and of what. The order is that of sort.")
        .option("max", &group::max, "Greatest values: names and of what.")
        .example("csv.parse | agg.group: {by: host, count: n, sum: {bytes: size}}", "host,size\nb,1\na,2\nb,30",
                 "{\"host\":\"a\",\"n\":1,\"bytes\":2}\n{\"host\":\"b\",\"n\":2,\"bytes\":31}")
        .example("json.parse | agg.group: {mean: {mean: ms}, max: {worst: ms}}", "{\"ms\":3}\n{\"ms\":4.5}", R"({"mean":3.75,"worst":4.5})");
  }

  void check(pipes::checker& c) {
    c.ignores_bytes();
    shared::check_keys(c, by);
    shared::check_count(c, count);
    c.new_records();
    std::vector<std::string> names;
    for (pipes::field f : by) names.emplace_back(f.name());
    const auto make = [&](std::string_view option, const std::string& name) {
      if (std::find(names.begin(), names.end(), name) != names.end()) c.fault(option, "'" + name + "' is made twice; give one of the two another name");
      names.push_back(name);
    };
    if (!count.empty()) make("count", count);
    for (const auto& e : sum) make("sum", e.first);
    for (const auto& e : mean) make("mean", e.first);
    for (const auto& e : min) make("min", e.first);
    for (const auto& e : max) make("max", e.first);
    if (names.empty()) c.fault("by", "nothing to group by and nothing to compute; say by, count, sum, mean, min or max");
    for (const auto& n : names) c.makes(n);
  }

  void prepare() {
    if (prepared) return;
    prepared = true;
    const auto share = [&](const pipes::expression& e) {
      for (std::size_t i = 0; i < totals.size(); ++i)
        if (totals[i].of->source == e.source) return i;
      totals.push_back({&e, {}});
      return totals.size() - 1;
    };
    for (const auto& e : sum) sum_at.push_back(share(e.second));
    for (const auto& e : mean) mean_at.push_back(share(e.second));
    for (const auto& e : min) least.push_back({&e.second, {}});
    for (const auto& e : max) greatest.push_back({&e.second, {}});
    start();
  }
  // Without `by` there is one group from the start, also where no record comes.
  void start() {
    if (by.empty()) keys.find_or_add("", 0, 0);
    widen();
  }
  void widen() {
    for (auto& t : totals) t.groups.resize(keys.size());
    for (auto& b : least) b.groups.resize(keys.size());
    for (auto& b : greatest) b.groups.resize(keys.size());
  }

  void add(pipes::batch& in, pipes::output& scratch) {
    prepare();
    const std::size_t n = in.size();
    group_of.resize(n);
    if (by.empty()) {
      std::fill(group_of.begin(), group_of.end(), 0u);
      keys[0].value += n;
    } else {
      codec.columns(in, by);
      codec.each(keys, n, [&](std::size_t i, std::uint32_t at) {
        ++keys[at].value;
        group_of[i] = at;
      });
      widen();
    }
    std::int64_t passed_over = 0;
    for (auto& t : totals) passed_over += add_up(t.groups, t.of->evaluate(in, scratch));
    if (passed_over) stage_base::count("no number", passed_over);
    for (auto& b : least) bounds<false>(b.groups, b.of->evaluate(in, scratch));
    for (auto& b : greatest) bounds<true>(b.groups, b.of->evaluate(in, scratch));
    if (!by.empty() && bytes() > memory() / 2) spilled.spill(*this, context(), memory() * workers());
  }

  // What spilled_keys asks for.
  std::size_t width() const { return by.size(); }
  void save(std::uint32_t at, std::string& to) const {
    for (const auto& t : totals) t.groups[at].save(to);
    for (const auto& b : least) b.groups[at].save(to);
    for (const auto& b : greatest) b.groups[at].save(to);
  }
  void join(std::uint32_t at, std::uint64_t value, const char* from, std::size_t size) {
    keys[at].value += value;
    loose_bytes += size;  // at most
    widen_to(at);
    for (auto& t : totals) from = t.groups[at].add_saved(from);
    for (auto& b : least) from = b.groups[at].add_saved<false>(from);
    for (auto& b : greatest) from = b.groups[at].add_saved<true>(from);
  }
  void forget() {
    keys.clear();
    for (auto& t : totals) t.groups = std::vector<shared::exact_sum>();
    for (auto& b : least) b.groups = std::vector<shared::extreme>();
    for (auto& b : greatest) b.groups = std::vector<shared::extreme>();
    loose_bytes = 0;
  }
  void rewind() {
    keys.rewind();
    for (auto& t : totals) t.groups.clear();
    for (auto& b : least) b.groups.clear();
    for (auto& b : greatest) b.groups.clear();
    loose_bytes = 0;
  }
  std::size_t bytes() const {
    std::size_t n = keys.bytes_held() + loose_bytes;
    for (const auto& t : totals) n += t.groups.capacity() * sizeof(shared::exact_sum);
    for (const auto& b : least) n += b.groups.capacity() * sizeof(shared::extreme);
    for (const auto& b : greatest) n += b.groups.capacity() * sizeof(shared::extreme);
    return n;
  }

  // How many values were no numbers.
  std::int64_t add_up(std::vector<shared::exact_sum>& to, const pipe_column& c) {
    std::int64_t passed_over = 0;
    for (std::size_t i = 0; i < c.count; ++i) {
      shared::exact_sum& s = to[group_of[i]];
      if (c.tags[i] == PIPE_INT) {
        s.add(static_cast<std::int64_t>(c.values[i]));
        continue;
      }
      const shared::number v = shared::value_view::of(c, i).as_number();
      if (v.what == shared::number::whole) s.add(v.i);
      else if (v.what == shared::number::real) loose_bytes += s.add(v.d);
      else ++passed_over;
    }
    return passed_over;
  }
  template <bool Greatest>
  void bounds(std::vector<shared::extreme>& to, const pipe_column& c) {
    for (std::size_t i = 0; i < c.count; ++i) {
      shared::extreme& e = to[group_of[i]];
      const std::size_t before = e.text_bytes();
      e.add<Greatest>(shared::value_view::of(c, i));
      loose_bytes += e.text_bytes() - before;  // may fall, too: the sum is right
    }
  }

  void merge(group&& other) {
    prepare();
    other.prepare();
    const std::uint64_t most = memory() * workers();
    if (!by.empty() && (spilled.any() || other.spilled.any() || bytes() + other.bytes() > most / 2)) {
      other.spilled.spill(other, context(), most);
      spilled.take_over(std::move(other.spilled));
      return;
    }
    for (std::uint32_t i = 0; i < other.keys.size(); ++i) {
      const auto& e = other.keys[i];
      const std::uint32_t at = keys.find_or_add(e.key, e.size, e.kind);
      keys[at].value += e.value;
      keys[at].marks |= e.marks;
      widen_to(at);
      for (std::size_t t = 0; t < totals.size(); ++t) totals[t].groups[at].add(std::move(other.totals[t].groups[i]));
      for (std::size_t b = 0; b < least.size(); ++b) least[b].groups[at].template merge<false>(other.least[b].groups[i]);
      for (std::size_t b = 0; b < greatest.size(); ++b) greatest[b].groups[at].template merge<true>(other.greatest[b].groups[i]);
    }
    loose_bytes += other.loose_bytes;
    other.forget();
  }
  void widen_to(std::uint32_t at) {
    for (auto& t : totals)
      if (at >= t.groups.size()) t.groups.emplace_back();
    for (auto& b : least)
      if (at >= b.groups.size()) b.groups.emplace_back();
    for (auto& b : greatest)
      if (at >= b.groups.size()) b.groups.emplace_back();
  }

  void finish(pipes::output& out) {
    prepare();
    if (spilled.any()) {
      spilled.merge(*this, context(), memory() * workers(), [&] {
        emit_all(out, shared::first_numbers(keys.size()));
      });
      return;
    }
    if (by.empty()) emit_all(out, {0});
    else emit_all(out, shared::in_key_order(keys, by.size()));
    forget();
    start();
  }
  std::size_t text_bytes(std::uint32_t at) const {
    std::size_t n = keys[at].size;
    for (const auto& b : least) n += b.groups[at].text_bytes();
    for (const auto& b : greatest) n += b.groups[at].text_bytes();
    return n;
  }
  void emit_all(pipes::output& out, const std::vector<std::uint32_t>& order) {
    for (std::size_t first = 0, n; first < order.size(); first += n) {
      n = shared::rows_of_batch(order.size() - first, [&](std::size_t i) { return text_bytes(order[first + i]); });
      emit(out, order.data() + first, n);
      out.send_on();
    }
  }
  void emit(pipes::output& out, const std::uint32_t* order, std::size_t n) {
    shared::result_rows rows(out, n);
    if (!by.empty()) shared::add_keys(rows, out, by, keys, order, n);
    if (!count.empty()) {
      pipes::column_writer w(out, n);
      for (std::size_t i = 0; i < n; ++i) w.integer(i, static_cast<std::int64_t>(keys[order[i]].value));
      rows.add(pipes::field(count), w);
    }
    for (std::size_t k = 0; k < sum.size(); ++k) {
      pipes::column_writer w(out, n);
      for (std::size_t i = 0; i < n; ++i) {
        const shared::exact_sum& s = totals[sum_at[k]].groups[order[i]];
        std::int64_t whole;
        if (s.count() == 0) w.null(i);
        else if (s.whole(whole)) w.integer(i, whole);
        else put_real(w, i, s.real());
      }
      rows.add(pipes::field(sum[k].first), w);
    }
    for (std::size_t k = 0; k < mean.size(); ++k) {
      pipes::column_writer w(out, n);
      for (std::size_t i = 0; i < n; ++i) {
        const shared::exact_sum& s = totals[mean_at[k]].groups[order[i]];
        if (s.count() == 0) w.null(i);
        else put_real(w, i, s.mean());
      }
      rows.add(pipes::field(mean[k].first), w);
    }
    for (std::size_t k = 0; k < min.size(); ++k) add_bound(rows, out, min[k].first, least[k], order, n);
    for (std::size_t k = 0; k < max.size(); ++k) add_bound(rows, out, max[k].first, greatest[k], order, n);
    rows.emit();
  }
  static void put_real(pipes::column_writer& w, std::size_t i, double v) {
    if (std::isfinite(v)) w.real(i, v);
    else w.null(i);
  }
  static void add_bound(shared::result_rows& rows, pipes::output& out, const std::string& name, const bound& b, const std::uint32_t* order, std::size_t n) {
    pipes::column_writer w(out, n);
    for (std::size_t i = 0; i < n; ++i) {
      const shared::extreme& e = b.groups[order[i]];
      const shared::value_view v = e.get();
      switch (v.tag) {
        case PIPE_BOOL: w.boolean(i, v.bits != 0); break;
        case PIPE_INT: w.integer(i, static_cast<std::int64_t>(v.bits)); break;
        case PIPE_FLOAT: {
          double d;
          std::memcpy(&d, &v.bits, sizeof d);
          w.real(i, d);
          break;
        }
        case PIPE_STRING: case PIPE_WORD: case PIPE_JSON: break;
        default: w.null(i); continue;
      }
      if (e.has_text()) w.text(i, out.copy(v.text), static_cast<std::uint8_t>(v.tag));
    }
    rows.add(pipes::field(name), w);
  }
};
PIPE_STAGE(group)
}
