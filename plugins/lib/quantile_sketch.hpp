// plugins/lib/quantile_sketch.hpp: quantiles of numbers: exact while there are few, within a relative error beyond that.
//
// The values of a group are kept as they are up to `exact_values`; then each is counted in a bucket of values that differ by at most
// twice the error, so that the middle of a bucket is within the error of all of them. Either way the state is a set of numbers and
// counts: the result depends neither on the order of the values nor on how they were merged. One fiber at a time.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace shared {

class quantile_sketch {
 public:
  static constexpr std::size_t exact_values = 4096;

  // `error`: the same for all sketches that are merged.
  explicit quantile_sketch(double error = 0.01) : error_(error) {}

  // NaN does not take part.
  void add(double v) {
    if (std::isnan(v)) return;
    v += 0.0;  // -0 is 0: which of both comes first is for the order of the values to say
    ++count_;
    if (bucketed_) return into_bucket(v);
    values_.push_back(v);
    sorted_ = false;
    if (count_ > exact_values) give_up_exactness();
  }
  void merge(quantile_sketch&& other) {
    count_ += other.count_;
    if (!bucketed_ && !other.bucketed_ && count_ <= exact_values) {
      values_.insert(values_.end(), other.values_.begin(), other.values_.end());
      sorted_ = false;
      return;
    }
    give_up_exactness();
    other.give_up_exactness();
    least_ = std::min(least_, other.least_);
    greatest_ = std::max(greatest_, other.greatest_);
    zeros_ += other.zeros_;
    above_.merge(other.above_);
    below_.merge(other.below_);
  }
  std::uint64_t count() const { return count_; }
  bool exact() const { return !bucketed_; }
  std::size_t bytes() const { return values_.capacity() * sizeof(double) + (above_.of.capacity() + below_.of.capacity()) * sizeof(std::uint64_t); }

  // As bytes, for the same process to read again.
  void save(std::string& to) const {
    const saved head{count_, zeros_, least_, greatest_, values_.size(), above_.of.size(), below_.of.size(), above_.first, below_.first, bucketed_, {}};
    to.append(reinterpret_cast<const char*>(&head), sizeof head);
    to.append(reinterpret_cast<const char*>(values_.data()), values_.size() * sizeof(double));
    for (const counts* c : {&above_, &below_}) to.append(reinterpret_cast<const char*>(c->of.data()), c->of.size() * sizeof(std::uint64_t));
  }
  void add_saved(const char* from) {
    saved head;
    std::memcpy(&head, from, sizeof head);
    from += sizeof head;
    quantile_sketch other(error_);
    const auto take = [&](auto& to, std::uint64_t n) {
      to.resize(static_cast<std::size_t>(n));
      if (n) std::memcpy(to.data(), from, static_cast<std::size_t>(n) * sizeof to[0]);
      from += static_cast<std::size_t>(n) * sizeof to[0];
    };
    other.count_ = head.count;
    other.zeros_ = head.zeros;
    other.least_ = head.least;
    other.greatest_ = head.greatest;
    other.bucketed_ = head.bucketed != 0;
    other.above_.first = head.above_first;
    other.below_.first = head.below_first;
    take(other.values_, head.values);
    take(other.above_.of, head.above);
    take(other.below_.of, head.below);
    merge(std::move(other));
  }

  // The least value such that at least the share q of all values is not greater; count() is above 0.
  double at(double q) {
    const double place = std::ceil(q * static_cast<double>(count_));
    std::uint64_t rank = place < 1 ? 1 : static_cast<std::uint64_t>(place);
    if (rank > count_) rank = count_;
    if (!bucketed_) {
      if (!sorted_) std::sort(values_.begin(), values_.end());
      sorted_ = true;
      return values_[static_cast<std::size_t>(rank - 1)];
    }
    if (rank == 1) return least_;
    if (rank == count_) return greatest_;
    return std::clamp(middle(rank), least_, greatest_);
  }

 private:
  struct saved {
    std::uint64_t count, zeros;
    double least, greatest;
    std::uint64_t values, above, below;
    std::int32_t above_first, below_first;
    std::uint8_t bucketed, reserved[7];
  };
  // Counts by bucket number, from the least number in use to the greatest.
  struct counts {
    std::vector<std::uint64_t> of;
    std::int32_t first = 0;
    void add(std::int32_t bucket, std::uint64_t n) {
      if (of.empty()) first = bucket;
      if (bucket < first) {
        of.insert(of.begin(), static_cast<std::size_t>(first - bucket), 0);
        first = bucket;
      }
      const std::size_t i = static_cast<std::size_t>(bucket - first);
      if (i >= of.size()) of.resize(i + 1);
      of[i] += n;
    }
    void merge(const counts& other) {
      if (other.of.empty()) return;
      add(other.first, 0);
      add(other.first + static_cast<std::int32_t>(other.of.size()) - 1, 0);
      for (std::size_t i = 0; i < other.of.size(); ++i) of[i + static_cast<std::size_t>(other.first - first)] += other.of[i];
    }
  };

  double log_base() const { return std::log((1 + error_) / (1 - error_)); }
  void into_bucket(double v) {
    least_ = std::min(least_, v);
    greatest_ = std::max(greatest_, v);
    const double size = std::fabs(v);
    if (size < smallest) {
      ++zeros_;
      return;
    }
    const std::int32_t bucket = static_cast<std::int32_t>(std::ceil(std::log(std::min(size, largest)) / log_base()));
    (v > 0 ? above_ : below_).add(bucket, 1);
  }
  void give_up_exactness() {
    if (bucketed_) return;
    bucketed_ = true;
    for (double v : values_) into_bucket(v);
    values_ = std::vector<double>();
  }
  double middle(std::uint64_t rank) const {
    const double step = log_base();
    const auto value = [&](std::int32_t bucket) { return 2 * std::exp(bucket * step) / (std::exp(step) + 1); };
    for (std::size_t i = below_.of.size(); i-- > 0;) {  // the most negative values first
      if (rank <= below_.of[i]) return -value(below_.first + static_cast<std::int32_t>(i));
      rank -= below_.of[i];
    }
    if (rank <= zeros_) return 0;
    rank -= zeros_;
    for (std::size_t i = 0; i < above_.of.size(); ++i) {
      if (rank <= above_.of[i]) return value(above_.first + static_cast<std::int32_t>(i));
      rank -= above_.of[i];
    }
    return greatest_;
  }

  static constexpr double smallest = 1e-300, largest = 1e300;  // beyond: counted as 0, or with the largest
  double error_;
  std::uint64_t count_ = 0;
  bool bucketed_ = false, sorted_ = false;
  std::vector<double> values_;
  counts above_, below_;  // of the values above 0, and of the negated ones below it
  std::uint64_t zeros_ = 0;
  double least_ = INFINITY, greatest_ = -INFINITY;
};

}  // namespace shared
