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

#include "agg/merged_runs.hpp"
namespace {

using sorting::packed;
using sorting::piece;

struct sort : pipes::fold_stage {
  std::vector<pipes::field> by;

  sorting::order keys;
  std::vector<piece> pieces;
  std::uint64_t bytes = 0;             // of the pieces
  bool packs = true;                   // the last copy was smaller than what it was made of
  sorting::sort_room room;
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
    std::uint64_t first;  // a batch may be a stretch of what cut() numbered
    (void)in.noted(first);
    const std::uint64_t place = (in.note() << 24) + first;
    // Where the records themselves are the key, what is held and sent on are the bytes that were ranked.
    const pipes::batch records = by.empty() ? pipes::rendered(context(), in) : in;
    piece p(records, keys, room.take_ranks());
    p.hold(compact(records), keys);
    p.place = place;
    // The rest is for what is on its way to the disk and, where copies are held, for what they are made of.
    if (bytes + p.bytes() > memory() - memory() / (packs ? 3 : 8)) write_run(1);
    bytes += p.bytes();
    pieces.push_back(std::move(p));
  }
  void merge(sort&& other) {
    pieces.insert(pieces.end(), std::make_move_iterator(other.pieces.begin()), std::make_move_iterator(other.pieces.end()));
    runs.insert(runs.end(), std::make_move_iterator(other.runs.begin()), std::make_move_iterator(other.runs.end()));
    bytes += std::exchange(other.bytes, 0);
    other.pieces.clear();
    other.runs.clear();
  }
  void finish(pipes::output& out) {
    const auto pass = [&](const ordered& some) {
      if (some.all) out.pass(some.records);
      else out.pass(some.records, some.rows);
      out.send_on();
    };
    sorting::made_beside<ordered, decltype(pass)> to(*this, beside(workers()), &gathered, pass);
    if (runs.empty()) {
      sorting::differences unused;
      arrange(static_cast<int>(workers()), unused);
      room.ranks.clear();
      room.other = {};
      hand_all(to);
      to.finish();
      forget();
      room = {};
      return;
    }
    write_run(static_cast<int>(workers()));
    room = {};
    const std::uint64_t all = memory() * workers();
    while (fitting(all) < runs.size()) {
      std::vector<sorting::run> some = first_runs(fitting(all));
      sorting::run made{own_file(), {}, 0, sorting::all_bits(some)};
      writing(made, workers(), [&](auto& disk) { sorting::merge(*this, keys, std::move(some), block(), disk); });
      runs.push_back(std::move(made));
    }
    sorting::merge(*this, keys, first_runs(runs.size()), block(), to);
    to.finish();
  }

 private:
  // Records to pass: a batch, or some rows of it.
  struct ordered {
    pipes::batch records;
    std::vector<std::uint32_t> rows;
    bool all = false;
  };
  static ordered gathered(const sorting::batches& parts, const sorting::collected& some) {
    if (some.one_part()) return {parts[some.of[0]], some.rows, false};
    return {pipes::batch::gather(parts, some.of, some.rows), {}, true};
  }
  // What is held is a copy where that is smaller: of a small batch that keeps a large block alive, and of records whose fields lie
  // in them, which a copy packs. Where one gained nothing, the next ones are left alone.
  pipes::batch compact(const pipes::batch& in) {
    const std::size_t n = in.size();
    const std::uint64_t held = in.bytes_held();
    if (held < 16 * 1024 || (!packs && n * 1024 > held)) return in;
    std::vector<std::uint32_t> rows(n);
    for (std::uint32_t i = 0; i < n; ++i) rows[i] = i;
    pipes::batch copy = pipes::batch::gather({in}, std::vector<std::uint32_t>(n, 0), rows);
    // Changed records were rendered for the copy; they would be when they are written, and their batch keep that beside what it has.
    const std::uint64_t rendered = in.bytes_held();
    packs = copy.bytes_held() < (rendered > held ? rendered : held - held / 4);
    return packs ? copy : in;
  }
  void forget() {
    pieces.clear();
    bytes = 0;
  }

  // Memory for one block of a run.
  std::uint64_t block() const { return std::clamp<std::uint64_t>(memory() * workers() / 256, 8 * 1024, 256 * 1024); }
  // Memory for what is being made of records, of so many workers' shares. Some blocks are made at once in any case.
  std::uint64_t beside(std::uint64_t shares) const { return std::max<std::uint64_t>(memory() * shares / 4, 4 * block()); }
  const std::shared_ptr<pipes::spill>& own_file() {
    if (!file) file = std::make_shared<pipes::spill>(context());
    return file;
  }
  // How many of the first runs can be merged at once, with two blocks of each: a quarter of the memory is left for what comes of them.
  std::size_t fitting(std::uint64_t all) const {
    std::size_t n = 0;
    std::uint64_t sum = 0;
    while (n < runs.size() && (n < 2 || sum + 2 * runs[n].largest <= all - all / 4)) sum += 2 * runs[n++].largest;
    return n;
  }
  std::vector<sorting::run> first_runs(std::size_t n) {
    std::vector<sorting::run> some(std::make_move_iterator(runs.begin()), std::make_move_iterator(runs.begin() + static_cast<std::ptrdiff_t>(n)));
    runs.erase(runs.begin(), runs.begin() + static_cast<std::ptrdiff_t>(n));
    return some;
  }
  // f(to) writes the run: it gives `to` the records of one block after the other.
  template <class F>
  void writing(sorting::run& made, std::uint64_t shares, F f) {
    const auto write = [file = made.file, c = context()](const auto& parts, const auto& some) { return sorting::write_block(*file, c, parts, some); };
    const auto add = [&](const sorting::written& w) { sorting::add_block(made, w); };
    sorting::made_beside<sorting::written, decltype(add)> to(*this, beside(shares), write, add);
    f(to);
    to.finish();
  }
  // All records in room.all, in their order, block by block.
  template <class To>
  void hand_all(To& to) {
    const auto parts = std::make_shared<sorting::batches>();
    for (const piece& p : pieces) parts->push_back(p.batch);
    const std::uint64_t weight = std::max<std::uint64_t>(bytes / std::max<std::size_t>(room.all.size(), 1), 1);
    sorting::collected some;
    for (const packed& r : room.all) {
      some.add(r.piece, r.row, {r.word, pieces[r.piece].place + r.row}, weight);
      if (some.bytes() >= block()) to.add(parts, some);
    }
    if (!some.empty()) to.add(parts, some);
  }
  // All pieces, sorted, to disk.
  void write_run(int threads) {
    if (pieces.empty()) return;
    sorting::run made{own_file(), {}, 0, {}};
    arrange(threads, made.bits);
    writing(made, static_cast<std::uint64_t>(threads), [&](auto& disk) { hand_all(disk); });
    if (!made.blocks.empty()) runs.push_back(std::move(made));
    forget();
  }

  // Puts all records of the pieces into room.all, in order; `bits`: in which bits their ranks differ.
  void arrange([[maybe_unused]] int threads, sorting::differences& bits) {
    std::sort(pieces.begin(), pieces.end(), [](const piece& a, const piece& b) { return a.place < b.place; });
    const auto sort_range = [&](auto begin, auto end, const auto& less) {
#if defined(__SANITIZE_THREAD__)
      std::sort(begin, end, less);  // oneTBB is not built for TSan, which would see races in it
#else
      if (threads < 2 || end - begin < 50000) return std::sort(begin, end, less);
      // No more threads than the stage has workers, and no more than there are: TBB would say so on stderr.
      tbb::task_arena arena(std::min(threads, tbb::this_task_arena::max_concurrency()));
      arena.execute([&] { tbb::parallel_sort(begin, end, less); });
#endif
    };
    blocking([&] { sorting::sort_pieces(pieces, keys, bits, room, sort_range); });
  }
};
PIPE_STAGE(sort)
}
