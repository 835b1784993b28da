// plugins/agg/window.cpp: figures of groups of records, window by window: so many records, or so much time by a field of theirs.
//
// One worker sees the records in order. Open windows lie in order of their numbers; one is closed, and emitted, when it is full or when a
// record's time says that nothing more is to come for it.
#include <map>

#include "lib/exact_sum.hpp"
#include "lib/extreme.hpp"
#include "lib/fold_rows.hpp"
#include "lib/key_bytes.hpp"
#include "lib/memory_limit.hpp"
#include "lib/quote.hpp"
#include "lib/time_text.hpp"
namespace {

using expressions = pipes::map_of<pipes::expression>;

struct window : pipes::map_stage {
  std::optional<std::int64_t> records;
  pipes::field time;
  pipes::duration size{0};
  pipes::duration late{0};
  std::string as = "window";
  std::vector<pipes::field> by;
  std::string count;
  expressions sum, mean, min, max;

  static auto spec() {
    return pipes::stage<window>("window", "Compute figures of groups of records, window by window.")
        .doc("A window is a number of records, or a span of time that the records' own times fall into: `time` is a field with a number of seconds since 1970 or ISO 8601 text (fields.time makes them of anything else), "
             "windows begin at multiples of `size`. When a window ends, a record is emitted for each key in it, ordered by the keys' bytes: the window's number (from 0) or its beginning in seconds, the fields of "
             "`by`, then the figures as of agg.group. A window of time ends when a record comes whose time is `late` behind its end, or with the input; records for windows that have ended are dropped and counted "
             "(`--stats`). Windows that are open must fit into the stage's memory. For windows by the clock give a fold the key `every`.")
        .main_option("records", &window::records, "How many records make a window.").at_least(1)
        .option("time", &window::time, "The field with the records' time, in place of a number.")
        .option("size", &window::size, "How long a window of time is.").at_least(0)
        .option("late", &window::late, "How much later than others a record may come.").at_least(0)
        .option("as", &window::as, "The name of the field for the window.")
        .option("by", &window::by, "Fields whose values together are the key; none: all records of a window are one group.")
        .option("count", &window::count, "Name of a field for the number of records.")
        .option("sum", &window::sum, "Sums: names and what to add up.")
        .option("mean", &window::mean, "Arithmetic means: names and what to average.")
        .option("min", &window::min, "Least values: names and of what.")
        .option("max", &window::max, "Greatest values: names and of what.")
        .stateful()
        .gathers()
        .in_memory()
        .example("io.generate: 5 | agg.window: {records: 2, sum: {s: n}}", "", "{\"window\":0,\"s\":3}\n{\"window\":1,\"s\":7}\n{\"window\":2,\"s\":5}")
        .example("json.parse | agg.window: {time: t, size: 1m, by: [k], count: n}", "{\"t\":1000,\"k\":\"a\"}\n{\"t\":1010,\"k\":\"b\"}\n{\"t\":1019.5,\"k\":\"a\"}\n{\"t\":1020,\"k\":\"a\"}",
                 "{\"window\":960,\"k\":\"a\",\"n\":2}\n{\"window\":960,\"k\":\"b\",\"n\":1}\n{\"window\":1020,\"k\":\"a\",\"n\":1}");
  }
  void check(pipes::checker& c) {
    if (records && time) c.fault("time", "`records` is given as well; take one of the two");
    if (!records && !time) c.fault("records", "what is a window? Give records, or time and size");
    if (time && size.count() == 0) c.fault("size", "how long is a window?");
    if (!time && (size.count() || late.count())) c.fault(size.count() ? "size" : "late", "belongs to windows of time");
    if (time) c.reads(time);
    shared::check_keys(c, by);
    shared::check_count(c, count);
    c.new_records();
    std::vector<std::string> names{as};
    for (pipes::field f : by) names.emplace_back(f.name());
    if (!count.empty()) names.push_back(count);
    for (const expressions* all : {&sum, &mean, &min, &max})
      for (const auto& e : *all) names.push_back(e.first);
    if (names.size() == 1 + by.size()) c.fault("count", "nothing to compute; say count, sum, mean, min or max");
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) != names.begin() + static_cast<std::ptrdiff_t>(i)) c.fault("as", "'" + names[i] + "' is made twice; give one of the two another name");
      c.makes(names[i]);
    }
  }

  void map(pipes::batch& in, pipes::output& out) {
    const std::size_t n = in.size();
    std::vector<pipe_column> added, bounded;
    for (const expressions* all : {&sum, &mean})
      for (const auto& e : *all) added.push_back(e.second.evaluate(in, out));
    for (const expressions* all : {&min, &max})
      for (const auto& e : *all) bounded.push_back(e.second.evaluate(in, out));
    if (!by.empty()) keys_.look_at(in, by);
    std::vector<const pipe_column*> columns;
    for (pipes::field f : by) columns.push_back(&in[f].raw());
    const pipe_column* const times = time ? &in[time].raw() : nullptr;
    std::int64_t too_late = 0, no_number = 0;
    for (std::size_t i = 0; i < n; ++i) {
      std::int64_t number;
      if (times) {
        std::int64_t at;
        if (!read_time(*times, i, at)) {
          char room[shared::number_room];
          out.fail(i, "the field '" + std::string(time.name()) + "' is no time: " + shared::in_quotes(shared::printed(*times, i, room)));
          continue;
        }
        number = shared::calendar::floor_div(at, size.count());
        const std::int64_t ended = shared::calendar::floor_div(std::max(at, INT64_MIN + late.count()) - late.count(), size.count());  // windows before it are closed
        if (!any_ || ended > closed_before_) close_before(ended, out);
        if (number < closed_before_) {
          ++too_late;
          continue;
        }
      } else {
        number = seen_++ / *records;
        close_before(number, out);
      }
      groups& w = open_[number];
      const std::size_t held = w.bytes();
      cell& g = w.at(by.empty() ? std::string_view() : keys_.of(i), columns, i, added.size(), bounded.size());
      ++g.count;
      for (std::size_t k = 0; k < added.size(); ++k) no_number += !add(g.sums[k], added[k], i, w.loose);
      for (std::size_t k = 0; k < bounded.size(); ++k) {
        const auto v = shared::value_view::of(bounded[k], i);
        const std::size_t before = g.bounds[k].text_bytes();
        if (k < min.size()) g.bounds[k].add<false>(v);
        else g.bounds[k].add<true>(v);
        w.loose += g.bounds[k].text_bytes() - before;
      }
      held_ += w.bytes() - held;
    }
    if (held_ > memory()) {
      std::uint64_t keys = 0;
      for (const auto& [number, w] : open_) keys += w.cells.size();
      shared::within_memory(*this, held_, std::to_string(keys) + (keys == 1 ? " group in " : " groups in ") + std::to_string(open_.size()) + (open_.size() == 1 ? " open window" : " open windows"),
                            "smaller windows need less, agg.group goes to disk");
    }
    if (too_late) stage_base::count("late", too_late);
    if (no_number) stage_base::count("no number", no_number);
  }
  void close(pipes::output& out) {
    for (auto& [number, w] : open_) emit(number, w, out);
    open_.clear();
    held_ = 0;
  }

 private:
  struct cell {
    std::int64_t count = 0;
    std::vector<shared::exact_sum> sums;
    std::vector<shared::extreme> bounds;
  };
  struct groups {
    shared::byte_table table;  // of keys as key_bytes writes them
    std::vector<cell> cells;   // of each of its entries
    std::size_t loose = 0;     // bytes that cells hold beside their places
    std::size_t bytes() const { return cells.empty() ? 0 : sizeof(groups) + table.bytes_held() + cells.capacity() * sizeof(cell) + loose; }
    cell& at(std::string_view key, const std::vector<const pipe_column*>& columns, std::size_t row, std::size_t sums, std::size_t bounds) {
      const std::uint32_t which = table.find_or_add(key.data(), key.size(), 0);
      for (std::size_t f = 0; f < columns.size(); ++f)
        if (columns[f]->tags[row] == PIPE_STRING) table[which].marks = static_cast<std::uint16_t>(table[which].marks | 1u << f);
      if (which == cells.size()) {
        cells.emplace_back();
        cells.back().sums.resize(sums);
        cells.back().bounds.resize(bounds);
        loose += sums * sizeof(shared::exact_sum) + bounds * sizeof(shared::extreme);
      }
      return cells[which];
    }
  };

  // Nanoseconds since 1970.
  static bool read_time(const pipe_column& c, std::size_t i, std::int64_t& at) {
    const auto v = shared::value_view::of(c, i);
    shared::instant t;
    shared::number n = v.as_number();
    if (n.what == shared::number::whole) {
      t.seconds = n.i;
    } else if (n) {
      const double whole = std::floor(n.d);
      if (!(std::fabs(whole) < 9e9)) return false;
      t.seconds = static_cast<std::int64_t>(whole);
      t.nanoseconds = static_cast<std::int32_t>(std::min(std::llround((n.d - whole) * 1e9), 999999999LL));
    } else if ((v.tag != PIPE_STRING && v.tag != PIPE_WORD) || !shared::time_format::read_iso(v.text, t)) {
      return false;
    }
    if (t.seconds > 9000000000 || t.seconds < -9000000000) return false;
    at = t.seconds * 1000000000 + t.nanoseconds;
    return true;
  }
  static bool add(shared::exact_sum& s, const pipe_column& c, std::size_t i, std::size_t& loose) {
    const shared::number v = shared::value_view::of(c, i).as_number();
    if (v.what == shared::number::whole) s.add(v.i);
    else if (v) loose += s.add(v.d);
    return static_cast<bool>(v);
  }
  void close_before(std::int64_t number, pipes::output& out) {
    any_ = true;
    closed_before_ = number;
    while (!open_.empty() && open_.begin()->first < number) {
      emit(open_.begin()->first, open_.begin()->second, out);
      held_ -= open_.begin()->second.bytes();
      open_.erase(open_.begin());
    }
  }
  // A key's fields: class, length in four bytes, text.
  static void decode(const shared::byte_table::entry& e, std::vector<shared::key_part>& parts) {
    parts.clear();
    for (const char* p = e.key; p < e.key + e.size;) {
      std::uint32_t length;
      std::memcpy(&length, p + 1, sizeof length);
      parts.push_back({static_cast<shared::key_class>(p[0]), {p + 5, length}});
      p += 5 + length;
    }
  }
  void emit(std::int64_t number, groups& w, pipes::output& out) {
    std::vector<std::uint32_t> order(w.table.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::vector<shared::key_part> mine, other;
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      decode(w.table[a], mine);
      decode(w.table[b], other);
      for (std::size_t f = 0; f < mine.size(); ++f) {
        if (const int c = mine[f].text.compare(other[f].text)) return c < 0;
        if (mine[f].what != other[f].what) return mine[f].what < other[f].what;
      }
      return false;
    });
    for (std::size_t first = 0; first < order.size(); first += shared::rows_per_batch)
      emit(number, w, order.data() + first, std::min(shared::rows_per_batch, order.size() - first), out);
  }
  void emit(std::int64_t number, groups& w, const std::uint32_t* order, std::size_t n, pipes::output& out) {
    shared::result_rows rows(out, n);
    pipes::column_writer windows(out, n);
    for (std::size_t i = 0; i < n; ++i) put_window(windows, i, number);
    rows.add(pipes::field(as), windows);
    std::vector<pipes::column_writer> keys;
    for (std::size_t f = 0; f < by.size(); ++f) keys.emplace_back(out, n);
    std::vector<shared::key_part> parts;
    for (std::size_t i = 0; i < n; ++i) {
      const auto& e = w.table[order[i]];
      decode(e, parts);
      for (std::size_t f = 0; f < by.size(); ++f) shared::put_key(keys[f], i, {parts[f].what, out.copy(parts[f].text)}, e.marks >> f & 1);
    }
    for (std::size_t f = 0; f < by.size(); ++f) rows.add(by[f], keys[f]);
    const auto each = [&](const std::string& name, auto put) {
      pipes::column_writer column(out, n);
      for (std::size_t i = 0; i < n; ++i) put(column, i, w.cells[order[i]]);
      rows.add(pipes::field(name), column);
    };
    if (!count.empty()) each(count, [](pipes::column_writer& c, std::size_t i, const cell& g) { c.integer(i, g.count); });
    for (std::size_t k = 0; k < sum.size(); ++k)
      each(sum[k].first, [k](pipes::column_writer& c, std::size_t i, const cell& g) {
        std::int64_t whole;
        if (g.sums[k].count() == 0) c.null(i);
        else if (g.sums[k].whole(whole)) c.integer(i, whole);
        else put_real(c, i, g.sums[k].real());
      });
    for (std::size_t k = 0; k < mean.size(); ++k)
      each(mean[k].first, [k, this](pipes::column_writer& c, std::size_t i, const cell& g) {
        const auto& s = g.sums[sum.size() + k];
        if (s.count() == 0) c.null(i);
        else put_real(c, i, s.mean());
      });
    for (std::size_t k = 0; k < min.size() + max.size(); ++k)
      each(k < min.size() ? min[k].first : max[k - min.size()].first, [k, &out](pipes::column_writer& c, std::size_t i, const cell& g) { put_bound(c, i, g.bounds[k], out); });
    rows.emit();
  }
  void put_window(pipes::column_writer& c, std::size_t i, std::int64_t number) const {
    if (!time) return c.integer(i, number);
    const std::int64_t begin = number * size.count();
    if (begin % 1000000000 == 0) c.integer(i, begin / 1000000000);
    else c.real(i, static_cast<double>(begin) / 1e9);
  }
  static void put_real(pipes::column_writer& c, std::size_t i, double v) {
    if (std::isfinite(v)) c.real(i, v);
    else c.null(i);
  }
  static void put_bound(pipes::column_writer& c, std::size_t i, const shared::extreme& e, pipes::output& out) {
    const shared::value_view v = e.get();
    double d;
    std::memcpy(&d, &v.bits, sizeof d);
    if (v.tag <= PIPE_NULL) return c.null(i);
    if (v.tag == PIPE_BOOL) c.boolean(i, v.bits != 0);
    else if (v.tag == PIPE_INT) c.integer(i, static_cast<std::int64_t>(v.bits));
    else if (v.tag == PIPE_FLOAT) c.real(i, d);
    if (e.has_text()) c.text(i, out.copy(v.text), static_cast<std::uint8_t>(v.tag));
  }

  std::map<std::int64_t, groups> open_;
  std::size_t held_ = 0;            // bytes of all of them
  std::int64_t seen_ = 0;           // records so far
  bool any_ = false;                // closed_before_ says something
  std::int64_t closed_before_ = 0;  // windows with lower numbers have ended
  shared::key_bytes keys_;
};
PIPE_STAGE(window)
}
