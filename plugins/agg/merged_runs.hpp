// plugins/agg/merged_runs.hpp: merges runs, a stretch of the sorted order at a time.
//
// A stretch ends at some record; from each run it takes the rows that do not come behind that one, found by halving. So where
// stretches begin and end is all that one fiber decides; stretches are merged, and what comes of them is made, on fibers beside.
//   M1  a round takes no more than `step` rows of each run, and its bound is the least of the rows so many further on: it holds at
//       least `step` rows or the rest of a block, and rounds of more than two blocks' bytes are tried again with fewer rows.
//   M2  rounds follow one another in the order; so do the rows of a round that come of one run.
#pragma once
#include <functional>
#include <memory>

#include "agg/sorted_runs.hpp"

namespace sorting {

// Rounds of rows to be merged; owns the blocks that they lie in.
class stretch {
 public:
  bool empty() const { return segments_.empty(); }
  std::uint64_t bytes() const { return bytes_; }  // about
  void by(std::shared_ptr<const merge_order> order) { by_ = std::move(order); }
  // Rows [first, last) of a block, for the round that end_round() ends.
  void add(const std::shared_ptr<const loaded>& block, std::size_t first, std::size_t last) {
    segments_.push_back({block, static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last)});
    bytes_ += (last - first) * block->weight;
  }
  void end_round() { ends_.push_back(segments_.size()); }
  void clear() {
    segments_.clear();
    ends_.clear();
    bytes_ = 0;
  }
  // All rows in their order, and what they are rows of.
  void merge(batches& parts, collected& to) {
    std::size_t first = 0;
    for (const std::size_t end : ends_) {
      if (by_->bits.exact()) merge_round(first, end, [](const item& a, const item& b) { return a.key < b.key; }, parts, to);
      else
        merge_round(first, end, [&](const item& a, const item& b) { return before(*by_, *segments_[a.segment].block, a.row, *segments_[b.segment].block, b.row); }, parts, to);
      first = end;
    }
  }

 private:
  struct segment {
    std::shared_ptr<const loaded> block;
    std::uint32_t first, last;
  };
  struct item {
    sort_key key;
    std::uint32_t segment, row;
  };
  // Neighbours are merged until one is left.
  template <class Less>
  void merge_round(std::size_t first, std::size_t end, Less less, batches& parts, collected& to) {
    std::size_t count = 0;
    for (std::size_t s = first; s < end; ++s) count += segments_[s].last - segments_[s].first;
    items_.resize(count);
    other_.resize(count);
    begins_.clear();
    std::size_t at = 0;
    for (std::size_t s = first; s < end; ++s) {
      const segment& from = segments_[s];
      begins_.push_back(at);
      for (std::uint32_t row = from.first; row < from.last; ++row) items_[at++] = {from.block->keys[row], static_cast<std::uint32_t>(s), row};
    }
    while (begins_.size() > 1) {
      std::size_t left = 0;
      for (std::size_t i = 0; i < begins_.size(); i += 2) {
        const auto next = [&](std::size_t n) { return n < begins_.size() ? begins_[n] : count; };
        merge_two(items_.data() + begins_[i], items_.data() + next(i + 1), items_.data() + next(i + 2), other_.data() + begins_[i], less);
        begins_[left++] = begins_[i];
      }
      begins_.resize(left);
      items_.swap(other_);
    }
    const std::size_t known = parts.size();
    for (std::size_t s = first; s < end; ++s) parts.push_back(segments_[s].block->batch);
    for (const item& i : items_)
      to.add(static_cast<std::uint32_t>(known + i.segment - first), i.row, i.key, segments_[i.segment].block->weight);
  }
  template <class Less>
  static void merge_two(const item* a, const item* b, const item* end, item* to, Less less) {
    const item* const a_end = b;
    while (a != a_end && b != end) {
      const bool second = less(*b, *a);
      *to++ = second ? *b : *a;
      b += second;
      a += !second;
    }
    to = std::copy(a, a_end, to);
    std::copy(b, end, to);
  }

  std::shared_ptr<const merge_order> by_;
  std::vector<segment> segments_;
  std::vector<std::size_t> ends_;  // of the rounds, among the segments
  std::uint64_t bytes_ = 0;
  std::vector<item> items_, other_;   // of one round
  std::vector<std::size_t> begins_;
};

// What is made of records in their order on fibers beside, and used in that order: use(what make() returned). A few are under way at once, of
// no more than `most` bytes of records or of one.
template <class Made, class Use>
class made_beside {
 public:
  using make = std::function<Made(const batches& parts, const collected& some)>;  // owns what it touches
  made_beside(const pipes::stage_base& stage, std::uint64_t most, make how, Use use)
      : stage_(stage), most_(most), make_(std::move(how)), use_(std::move(use)), places_(stage.workers() + 1) {}
  // Both take what there is and leave it empty.
  void add(std::shared_ptr<const batches> parts, collected& some) {
    place& p = next(some.bytes());
    p.job->parts = std::move(parts);
    std::swap(p.job->some, some);
    some.clear();
    start(p);
  }
  void add(stretch& rows) {
    place& p = next(rows.bytes());
    std::swap(p.job->rows, rows);
    rows.clear();
    start(p);
  }
  void finish() {
    for (std::size_t i = 0; i < places_.size(); ++i) finish(places_[(next_ + i) % places_.size()]);
  }

 private:
  struct material {
    std::shared_ptr<const batches> parts;
    collected some;
    stretch rows;
    Made made;
  };
  struct place {
    std::shared_ptr<material> job;  // the fiber's while `beside` is busy
    std::uint64_t bytes = 0;        // likewise: of what it is made of
    shared::side_work beside;
  };
  place& next(std::uint64_t bytes) {
    place& p = places_[next_ % places_.size()];
    finish(p);
    for (std::size_t i = 1; i < places_.size() && under_way_ > 0 && under_way_ + bytes > most_; ++i) finish(places_[(next_ + i) % places_.size()]);
    ++next_;
    under_way_ += p.bytes = bytes;
    if (!p.job) p.job = std::make_shared<material>();
    return p;
  }
  void start(place& p) {
    p.beside.start(stage_, [j = p.job, how = make_] {
      if (!j->rows.empty()) {
        auto parts = std::make_shared<batches>();
        j->some.clear();
        j->rows.merge(*parts, j->some);
        j->rows.clear();
        j->parts = std::move(parts);
      }
      j->some.close();
      j->made = how(*j->parts, j->some);
      j->parts = nullptr;
    });
  }
  void finish(place& p) {
    if (!p.beside.busy()) return;
    p.beside.wait(stage_);
    under_way_ -= p.bytes;
    use_(std::exchange(p.job->made, Made()));
  }

  const pipes::stage_base& stage_;
  const std::uint64_t most_;
  const make make_;
  Use use_;
  std::vector<place> places_;  // a ring, the oldest at next_
  std::size_t next_ = 0;
  std::uint64_t under_way_ = 0;  // bytes
};

// Merges runs. to.add(stretch): the next records, some `block` bytes of them at a time.
template <class To>
void merge(const pipes::stage_base& stage, const order& keys, std::vector<run> runs, std::uint64_t block, To& to) {
  const auto by = std::make_shared<const merge_order>(merge_order{keys, packing(all_bits(runs), keys)});
  std::vector<std::unique_ptr<run_reader>> from;
  for (run& r : runs) from.push_back(std::make_unique<run_reader>(stage, std::move(r), by));
  for (auto& r : from) r->load();
  stretch some;
  std::vector<std::size_t> ends;
  for (std::size_t step = 64; !from.empty();) {
    const loaded* bound = nullptr;
    std::size_t bound_row = 0;
    for (const auto& r : from) {
      const std::size_t last = std::min(r->row() + step, r->block()->keys.size()) - 1;
      if (bound && !before(*by, *r->block(), last, *bound, bound_row)) continue;
      bound = r->block().get();
      bound_row = last;
    }
    ends.clear();
    std::uint64_t bytes = 0;
    for (const auto& r : from) {
      const loaded& b = *r->block();
      std::size_t first = r->row(), last = std::min(first + step, b.keys.size());
      if (&b == bound) first = last = bound_row + 1;   // by definition
      while (first < last) {
        const std::size_t middle = (first + last) / 2;
        if (before(*by, *bound, bound_row, b, middle)) last = middle;
        else first = middle + 1;
      }
      ends.push_back(first);
      bytes += (first - r->row()) * b.weight;
    }
    if (bytes > 2 * block && step > 1) {
      step /= 2;
      continue;
    }
    if (bytes < block / 2 && step < std::size_t{1} << 24) step *= 2;
    some.by(by);
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (ends[i] == from[i]->row()) continue;
      some.add(from[i]->block(), from[i]->row(), ends[i]);
      if (from[i]->step_to(ends[i])) from[i]->load();
    }
    some.end_round();
    from.erase(std::remove_if(from.begin(), from.end(), [](const auto& r) { return r->ended(); }), from.end());
    if (some.bytes() >= block || from.empty()) to.add(some);
  }
}

}  // namespace sorting
