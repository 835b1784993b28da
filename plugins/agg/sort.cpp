// plugins/agg/sort.cpp: sort the records.
//
// cut() numbers the batches in the order of their arrival, workers take them in and read the keys, finish() sorts. The place in the
// input is the last key of all, so any sort is a stable one and the workers' shares do not show.
#include <pipe/plugin.hpp>

#if !defined(__SANITIZE_THREAD__)
#include <tbb/parallel_sort.h>
#include <tbb/task_arena.h>
#endif

#include "lib/total_order.hpp"
namespace {

using shared::rank;

// One record: the ranks of its first keys (turned round where they descend), and its place in the input.
template <std::size_t N>
struct item {
  std::uint64_t prefix[N];
  std::uint32_t place;
  std::uint8_t what[N];
  std::uint8_t more[N];
};

struct sort : pipes::fold_stage {
  std::vector<pipes::field> by;

  // A batch and what is known of its keys.
  struct piece {
    std::uint64_t number = 0;  // in the order of arrival
    pipes::batch batch;
    std::vector<rank> ranks;                   // of all records by the first key, then of all by the second
    std::vector<const pipe_column*> columns;   // of all keys
    const pipe_slice* records = nullptr;       // where the key is the whole record
    std::size_t count = 0;
    std::uint32_t first = 0;                   // place of its first record
  };
  std::vector<piece> pieces;
  std::uint64_t next_number = 0;  // cut()

  static auto spec() {
    return pipes::stage<sort>("sort", "Sort the records.")
        .doc("The order of values is: null (and missing fields), false, true, numbers, text by its bytes, other JSON by its bytes. Text "
             "fields (csv, regex) that are written as numbers are numbers. Records that are equal in all keys keep their order. All "
             "records are held in memory until the input ends.")
        .main_option("by", &sort::by, "Fields to sort by, the most important first; a leading '-' turns the order round. None: the whole records, as text.").sort_key()
        .example("agg.sort", "b\na\nB", "B\na\nb")
        .example("csv.parse | agg.sort: [-n, host]", "host,n\nb,9\na,10\nc,9", "a,10\nb,9\nc,9");
  }
  void check(pipes::checker& c) {
    c.reads(by);
    for (std::size_t i = 0; i < by.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (by[i] == by[j]) c.fault("by", "names '" + std::string(by[i].name()) + "' twice");
  }

  void cut(pipes::batch* in, pipes::output& out) {
    if (!in || in->size() == 0) return;
    pipe_part part{};
    part.from = in->raw();
    part.count = in->size();
    part.note = ++next_number;
    out.emit_part(part);
  }

  void add(pipes::batch& in) {
    piece p;
    p.number = in.note();
    p.batch = in;
    p.count = in.size();
    for (pipes::field f : by) p.columns.push_back(&in.column_of(f).raw());
    if (by.empty()) {
      p.records = in.records().slices();
      for (std::size_t i = 0; i < p.count; ++i) p.ranks.push_back(shared::order::of_text({p.records[i].data, p.records[i].size}, shared::order_text));
    }
    for (std::size_t k = 0; k < std::min<std::size_t>(by.size(), 2); ++k)
      for (std::size_t i = 0; i < p.count; ++i) p.ranks.push_back(turned(shared::order::of(shared::value_view::of(*p.columns[k], i)), by[k].descending));
    pieces.push_back(std::move(p));
  }
  void merge(sort&& other) {
    pieces.insert(pieces.end(), std::make_move_iterator(other.pieces.begin()), std::make_move_iterator(other.pieces.end()));
    other.pieces.clear();
  }
  void finish(pipes::output& out) {
    std::sort(pieces.begin(), pieces.end(), [](const piece& a, const piece& b) { return a.number < b.number; });
    std::uint64_t total = 0;
    for (piece& p : pieces) {
      p.first = static_cast<std::uint32_t>(total);
      total += p.count;
    }
    if (total > 0xffffffffu) throw std::length_error("sort: more than 4294967295 records");
    if (total) {
      std::vector<std::uint32_t> order;
      if (by.size() < 2) arrange<1>(order, static_cast<std::size_t>(total));
      else arrange<2>(order, static_cast<std::size_t>(total));
      emit(order, out);
    }
    pieces.clear();
  }

 private:
  // A descending key as an ascending one. What goes on behind its prefix then comes first, so `more` is turned, too.
  static rank turned(rank r, bool descending) {
    if (!descending) return r;
    return {~r.prefix, static_cast<std::uint8_t>(shared::order_json - r.what), static_cast<std::uint8_t>(1 - r.more)};
  }

  template <std::size_t N>
  void arrange(std::vector<std::uint32_t>& order, std::size_t total) {
    std::vector<item<N>> items(total);
    std::size_t at = 0;
    for (piece& p : pieces) {
      for (std::size_t i = 0; i < p.count; ++i, ++at) {
        items[at].place = static_cast<std::uint32_t>(at);
        for (std::size_t k = 0; k < N; ++k) {
          const rank& r = p.ranks[k * p.count + i];
          items[at].prefix[k] = r.prefix;
          items[at].what[k] = r.what;
          items[at].more[k] = r.more;
        }
      }
      p.ranks = {};
    }
    std::uint8_t open[N];  // `more` of a rank that does not tell all
    for (std::size_t k = 0; k < N; ++k) open[k] = k < by.size() && by[k].descending ? 0 : 1;
    const auto less = [this, &open](const item<N>& a, const item<N>& b) {
      for (std::size_t k = 0; k < N; ++k) {
        if (a.what[k] != b.what[k]) return a.what[k] < b.what[k];
        if (a.prefix[k] != b.prefix[k]) return a.prefix[k] < b.prefix[k];
        if (a.more[k] != b.more[k]) return a.more[k] < b.more[k];
        if (a.more[k] == open[k])
          if (int c = compare(k, a.place, b.place)) return c < 0;
      }
      for (std::size_t k = N; k < by.size(); ++k)
        if (int c = compare(k, a.place, b.place)) return c < 0;
      return a.place < b.place;
    };
#if defined(__SANITIZE_THREAD__)
    blocking([&] { std::sort(items.begin(), items.end(), less); });  // oneTBB is not built for TSan, which would see races in it
#else
    const int threads = static_cast<int>(workers());
    if (threads < 2 || total < 50000) {
      blocking([&] { std::sort(items.begin(), items.end(), less); });
    } else {
      blocking([&] {
        tbb::task_arena arena(threads);  // no more threads than the stage has workers, however many processors there are
        arena.execute([&] { tbb::parallel_sort(items.begin(), items.end(), less); });
      });
    }
#endif
    order.resize(total);
    for (std::size_t i = 0; i < total; ++i) order[i] = items[i].place;
  }

  const piece& piece_of(std::uint32_t place) const {
    auto after = std::upper_bound(pieces.begin(), pieces.end(), place, [](std::uint32_t x, const piece& p) { return x < p.first; });
    return *--after;
  }
  // In full, by key k.
  int compare(std::size_t k, std::uint32_t a, std::uint32_t b) const {
    const piece &p = piece_of(a), &q = piece_of(b);
    if (by.empty()) {
      const pipe_slice &x = p.records[a - p.first], &y = q.records[b - q.first];
      return std::string_view(x.data, x.size).compare({y.data, y.size});
    }
    const int c = shared::order::compare_values(shared::value_view::of(*p.columns[k], a - p.first), shared::value_view::of(*q.columns[k], b - q.first));
    return by[k].descending ? -c : c;
  }

  void emit(const std::vector<std::uint32_t>& order, pipes::output& out) {
    std::vector<pipes::batch> batches;
    for (const piece& p : pieces) batches.push_back(p.batch);
    const pipes::batch all = pipes::batch::concat(batches);
    constexpr std::size_t most = 4096;
    for (std::size_t first = 0; first < order.size(); first += most) {
      pipe_part part{};
      part.from = all.raw();
      part.rows = order.data() + first;
      part.count = std::min(most, order.size() - first);
      out.emit_part(part);
    }
  }
};
PIPE_STAGE(sort)
}
