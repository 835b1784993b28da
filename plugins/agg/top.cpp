// plugins/agg/top.cpp: the most frequent keys.
#include "lib/fold_rows.hpp"
#include "lib/spilled_keys.hpp"
namespace {
struct top : pipes::fold_stage {
  std::vector<pipes::field> by;
  std::int64_t limit = 10;
  shared::counted_keys kinds;

  static auto spec() {
    return pipes::stage<top>("top", "Find the most frequent keys.")
        .doc("Emits the fields of `by` and `count`, the most frequent key first, equally frequent ones by their bytes. A record without "
             "the field counts under null. Every key is counted exactly. Those that outgrow the stage's memory go to disk; `limit` keys are held at the end.")
        .main_option("by", &top::by, "Fields whose values together are the key.").required()
        .option("limit", &top::limit, "How many keys to emit.").at_least(1)
        .example("csv.parse | agg.top: {by: host, limit: 2}", "host\nb\na\nc\nb\na", "{\"host\":\"a\",\"count\":2}\n{\"host\":\"b\",\"count\":2}");
  }
  void check(pipes::checker& c) {
    c.ignores_bytes();
    shared::check_keys(c, by);
    if (by.empty()) c.fault("by", "names no field; say what to count by, as in {by: host}");
    for (pipes::field f : by)
      if (f.name() == "count") c.fault("by", "'count' is the field that this stage makes; rename the one that you count by first");
    c.new_records();
    for (pipes::field f : by) c.makes(f);
    c.makes("count");
  }
  void add(pipes::batch& in) { kinds.add(in, by, context(), memory(), workers()); }
  void merge(top&& other) { kinds.merge(std::move(other.kinds), context(), memory() * workers()); }
  void finish(pipes::output& out) {
    if (kinds.spilled.any()) {
      finish_from_disk(out);
    } else {
      const shared::byte_table& keys = kinds.keys;
      std::vector<std::uint32_t> order = shared::first_numbers(keys.size());
      const std::size_t most = std::min(order.size(), static_cast<std::size_t>(limit));
      std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(most), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        if (keys[a].value != keys[b].value) return keys[a].value > keys[b].value;
        return shared::key_codec::compare(keys[a], keys[b], by.size()) < 0;
      });
      for (std::size_t first = 0, n; first < most; first += n) {
        n = shared::rows_of_batch(keys, order.data() + first, most - first);
        emit(order.data() + first, n, out);
      }
    }
    kinds.forget();
  }

 private:
  // A key while most are on disk.
  struct found {
    std::uint64_t value;
    std::uint64_t place;  // in the order of keys
    std::uint16_t kind, marks;
    std::string key;
  };
  static bool better(const found& a, const found& b) { return a.value != b.value ? a.value > b.value : a.place < b.place; }

  // Those entries of the table, a batch of them.
  void emit(const std::uint32_t* numbers, std::size_t n, pipes::output& out) {
    const shared::byte_table& keys = kinds.keys;
    shared::result_rows rows(out, n);
    shared::add_keys(rows, out, by, keys, numbers, n);
    pipes::column_writer w(out, n);
    for (std::size_t i = 0; i < n; ++i) w.integer(i, static_cast<std::int64_t>(keys[numbers[i]].value));
    rows.add(pipes::field("count"), w);
    rows.emit();
    out.send_on();
  }
  // The best are held once: the table has those of one batch.
  void finish_from_disk(pipes::output& out) {
    std::vector<found> best;
    kinds.spilled.merge(kinds, context(), memory() * workers(), [&] { keep_best(best); });
    std::sort(best.begin(), best.end(), better);
    const std::vector<std::uint32_t> numbers = shared::first_numbers(shared::rows_per_batch);
    for (std::size_t first = 0, n; first < best.size(); first += n) {
      n = shared::rows_of_batch(best.size() - first, [&](std::size_t i) { return best[first + i].key.size(); });
      kinds.rewind();
      for (std::size_t i = first; i < first + n; ++i) {
        auto& e = kinds.keys[kinds.keys.find_or_add(best[i].key.data(), best[i].key.size(), best[i].kind)];
        e.value = best[i].value;
        e.marks = best[i].marks;
        best[i].key = std::string();
      }
      emit(numbers.data(), n, out);
    }
  }
  // The window's keys into a heap of the `limit` best, the worst on top. They come in the order of keys: of equals the first is better.
  void keep_best(std::vector<found>& best) {
    for (const auto& e : kinds.keys.entries()) {
      const std::uint64_t place = places_++;
      if (best.size() == static_cast<std::size_t>(limit)) {
        if (e.value <= best.front().value) continue;
        std::pop_heap(best.begin(), best.end(), better);
        best.pop_back();
      }
      best.push_back({e.value, place, e.kind, e.marks, std::string(e.text())});
      std::push_heap(best.begin(), best.end(), better);
    }
  }
  std::uint64_t places_ = 0;
};
PIPE_STAGE(top)
}
