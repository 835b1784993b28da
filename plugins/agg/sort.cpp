// plugins/agg/sort.cpp: sort the records.
//
// cut() numbers the batches in the order of their arrival, workers take them in and read the keys, finish() sorts. The place in the
// input is the last key of all, so any sort is a stable one and the workers' shares do not show. A worker that has gathered its
// share of the memory sorts what it has and writes it out as a run; finish() then merges all runs, block by block, and sends on
// what is done, so that neither the input nor the output is ever held whole.
#include <pipe/plugin.hpp>

#if !defined(__SANITIZE_THREAD__)
#include <tbb/parallel_sort.h>
#include <tbb/task_arena.h>
#endif

#include "agg/sorted_runs.hpp"
namespace {

using sorting::piece;
using shared::rank;

// One record: the ranks of its first keys (turned round where they descend), and its position among those sorted together.
template <std::size_t N>
struct item {
  std::uint64_t prefix[N];
  std::uint32_t position;
  std::uint8_t what[N];
  std::uint8_t more[N];
};

struct sort : pipes::fold_stage {
  std::vector<pipes::field> by;

  sorting::order keys;
  std::vector<piece> pieces;
  std::uint64_t bytes = 0;             // of the pieces
  std::vector<sorting::run> runs;
  std::shared_ptr<pipes::spill> file;  // of the runs that are written here
  std::uint64_t next_number = 0;       // cut()

  static auto spec() {
    return pipes::stage<sort>("sort", "Sort the records.")
        .doc("The order of values is: null (and missing fields), false, true, numbers, text by its bytes, other JSON by its bytes. Text "
             "fields (csv, regex) that are written as numbers are numbers. Records that are equal in all keys keep their order. What "
             "outgrows the stage's memory is sorted on disk.")
        .main_option("by", &sort::by, "Fields to sort by, the most important first; a leading '-' turns the order round. None: the whole records, as text.").sort_key()
        .example("agg.sort", "b\na\nB", "B\na\nb")
        .example("csv.parse | agg.sort: [-n, host]", "host,n\nb,9\na,10\nc,9", "a,10\nb,9\nc,9");
  }
  void check(pipes::checker& c) {
    if (!by.empty()) c.ignores_bytes();
    c.reads(by);
    for (std::size_t i = 0; i < by.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (by[i] == by[j]) c.fault_at("by", i, "'by' names '" + std::string(by[i].name()) + "' twice");
  }

  void open() { keys.by = by; }

  // The number leaves 24 bits for the row.
  void cut(pipes::batch* in, pipes::output& out) {
    if (!in) return;
    const std::size_t n = in->size();
    constexpr std::size_t most = std::size_t{1} << 24;
    std::vector<std::uint32_t> rows;
    for (std::size_t first = 0; first < n; first += most) {
      pipe_part part{};
      part.from = in->raw();
      part.count = std::min(most, n - first);
      part.note = ++next_number;
      if (n > most) {
        rows.resize(static_cast<std::size_t>(part.count));
        for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::uint32_t>(first + i);
        part.rows = rows.data();
      }
      out.emit_part(part);
    }
  }

  void add(pipes::batch& in) {
    const std::uint64_t number = in.note();
    piece p(alone(in), keys);
    p.number = number;
    bytes += p.bytes();
    pieces.push_back(std::move(p));
    if (bytes > memory() - memory() / 8) write_run(1);
  }
  void merge(sort&& other) {
    pieces.insert(pieces.end(), std::make_move_iterator(other.pieces.begin()), std::make_move_iterator(other.pieces.end()));
    runs.insert(runs.end(), std::make_move_iterator(other.runs.begin()), std::make_move_iterator(other.runs.end()));
    bytes += std::exchange(other.bytes, 0);
    other.pieces.clear();
    other.runs.clear();
  }
  void finish(pipes::output& out) {
    if (runs.empty()) {
      emit(arranged(static_cast<int>(workers())), out);
      forget();
      return;
    }
    write_run(static_cast<int>(workers()));
    const std::uint64_t all = memory() * workers();
    while (fitting(all) < runs.size()) {
      sorting::run_writer to(own_file(), context());
      sorting::merge(keys, first_runs(fitting(all)), context(), block(), [&](const auto& parts, const auto& some) { to.put(parts, some); });
      runs.push_back(to.done());
    }
    sorting::merge(keys, first_runs(runs.size()), context(), block(), [&](const auto& parts, const sorting::collected& some) {
      const pipes::batch& first = parts[some.of[0]];
      if (some.one_part()) out.pass(first, some.rows);
      else out.pass(pipes::batch::gather(parts, some.of, some.rows));
      out.send_on();
    });
  }

 private:
  // Of a small batch that keeps a large block alive a copy is held.
  static pipes::batch alone(const pipes::batch& in) {
    const std::size_t n = in.size();
    if (in.bytes_held() < 16 * 1024 || n * 1024 > in.bytes_held()) return in;
    std::vector<std::uint32_t> rows(n);
    for (std::uint32_t i = 0; i < n; ++i) rows[i] = i;
    pipes::batch copy = pipes::batch::gather({in}, std::vector<std::uint32_t>(n, 0), rows);
    return copy.bytes_held() < in.bytes_held() ? copy : in;
  }
  void forget() {
    pieces.clear();
    bytes = 0;
  }

  // Memory for one block of a run.
  std::uint64_t block() const { return std::clamp<std::uint64_t>(memory() * workers() / 256, 8 * 1024, 256 * 1024); }
  const std::shared_ptr<pipes::spill>& own_file() {
    if (!file) file = std::make_shared<pipes::spill>(context());
    return file;
  }
  // How many of the first runs can be merged at once: a quarter of the memory is left for what comes of them.
  std::size_t fitting(std::uint64_t all) const {
    std::size_t n = 0;
    std::uint64_t sum = 0;
    while (n < runs.size() && (n < 2 || sum + runs[n].largest <= all - all / 4)) sum += runs[n++].largest;
    return n;
  }
  std::vector<sorting::run> first_runs(std::size_t n) {
    std::vector<sorting::run> some(std::make_move_iterator(runs.begin()), std::make_move_iterator(runs.begin() + static_cast<std::ptrdiff_t>(n)));
    runs.erase(runs.begin(), runs.begin() + static_cast<std::ptrdiff_t>(n));
    return some;
  }
  // All pieces, sorted, to disk.
  void write_run(int threads) {
    if (pieces.empty()) return;
    const std::vector<std::uint32_t> order = arranged(threads);
    std::vector<pipes::batch> parts;
    for (const piece& p : pieces) parts.push_back(p.batch);
    const std::uint64_t weight = std::max<std::uint64_t>(bytes / std::max<std::size_t>(order.size(), 1), 1);
    sorting::run_writer to(own_file(), context());
    sorting::collected some;
    for (const std::uint32_t position : order) {
      const std::uint32_t part = piece_of(position);
      const piece& p = pieces[part];
      const std::uint32_t row = position - p.first;
      some.add(part, row, p.number << 24 | row, weight);
      if (some.bytes < block()) continue;
      to.put(parts, some);
      some.clear();
    }
    if (!some.empty()) to.put(parts, some);
    runs.push_back(to.done());
    forget();
  }

  // The positions of all records in the pieces, in order.
  std::vector<std::uint32_t> arranged(int threads) {
    std::sort(pieces.begin(), pieces.end(), [](const piece& a, const piece& b) { return a.number < b.number; });
    std::uint64_t total = 0;
    for (piece& p : pieces) {
      p.first = static_cast<std::uint32_t>(total);
      total += p.count;
    }
    if (total > 0xffffffffu) throw std::length_error("sort: more than 4294967295 records in memory");
    std::vector<std::uint32_t> order;
    if (total) {
      if (by.size() < 2) arrange<1>(order, static_cast<std::size_t>(total), threads);
      else arrange<2>(order, static_cast<std::size_t>(total), threads);
    }
    return order;
  }

  template <std::size_t N>
  void arrange(std::vector<std::uint32_t>& order, std::size_t total, int threads) {
    std::vector<item<N>> items(total);
    std::size_t at = 0;
    for (piece& p : pieces) {
      for (std::size_t i = 0; i < p.count; ++i, ++at) {
        items[at].position = static_cast<std::uint32_t>(at);
        for (std::size_t k = 0; k < N; ++k) {
          const rank& r = p.ranks[k * p.count + i];
          items[at].prefix[k] = r.prefix;
          items[at].what[k] = r.what;
          items[at].more[k] = r.more;
        }
      }
      p.ranks = {};
    }
    std::uint8_t open[N];
    for (std::size_t k = 0; k < N; ++k) open[k] = keys.open(k);
    const auto less = [this, &open](const item<N>& a, const item<N>& b) {
      for (std::size_t k = 0; k < N; ++k) {
        if (a.what[k] != b.what[k]) return a.what[k] < b.what[k];
        if (a.prefix[k] != b.prefix[k]) return a.prefix[k] < b.prefix[k];
        if (a.more[k] != b.more[k]) return a.more[k] < b.more[k];
        if (a.more[k] == open[k])
          if (int c = compare(k, a.position, b.position)) return c < 0;
      }
      for (std::size_t k = N; k < by.size(); ++k)
        if (int c = compare(k, a.position, b.position)) return c < 0;
      return a.position < b.position;
    };
#if defined(__SANITIZE_THREAD__)
    (void)threads;
    blocking([&] { std::sort(items.begin(), items.end(), less); });  // oneTBB is not built for TSan, which would see races in it
#else
    if (threads < 2 || total < 50000) {
      blocking([&] { std::sort(items.begin(), items.end(), less); });
    } else {
      blocking([&] {
        // No more threads than the stage has workers, and no more than there are: TBB would say so on stderr.
        tbb::task_arena arena(std::min(threads, tbb::this_task_arena::max_concurrency()));
        arena.execute([&] { tbb::parallel_sort(items.begin(), items.end(), less); });
      });
    }
#endif
    order.resize(total);
    for (std::size_t i = 0; i < total; ++i) order[i] = items[i].position;
  }

  std::uint32_t piece_of(std::uint32_t position) const {
    const auto behind = std::upper_bound(pieces.begin(), pieces.end(), position, [](std::uint32_t x, const piece& p) { return x < p.first; });
    return static_cast<std::uint32_t>(behind - pieces.begin() - 1);
  }
  int compare(std::size_t k, std::uint32_t a, std::uint32_t b) const {
    const piece &p = pieces[piece_of(a)], &q = pieces[piece_of(b)];
    return sorting::compare_key(keys, k, p, a - p.first, q, b - q.first);
  }

  void emit(const std::vector<std::uint32_t>& order, pipes::output& out) {
    if (order.empty()) return;
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
