// plugins/lib/quantile_sketch.hpp: quantiles of numbers: exact while there are few, within a relative error beyond that.
//
// The values of a group are kept as they are up to `exact_values`; then each is counted in a bucket of values that differ by at most
// twice the error, so that the middle of a bucket is within the error of all of them. Either way the state is a set of numbers and
// counts: the result depends neither on the order of the values nor on how they were merged. One fiber at a time.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace shared {

class quantile_sketch {
 public:
  static constexpr std::size_t exact_values = 4096;

  // NaN does not take part.
  void add(double v, double error) {
    if (std::isnan(v)) return;
    ++count_;
    if (bucketed_) return into_bucket(v, error);
    values_.push_back(v);
    sorted_ = false;
    if (count_ > exact_values) give_up_exactness(error);
  }
  void merge(quantile_sketch&& other, double error) {
    count_ += other.count_;
    if (!bucketed_ && !other.bucketed_ && count_ <= exact_values) {
      values_.insert(values_.end(), other.values_.begin(), other.values_.end());
      sorted_ = false;
      return;
    }
    give_up_exactness(error);
    other.give_up_exactness(error);
    least_ = std::min(least_, other.least_);
    greatest_ = std::max(greatest_, other.greatest_);
    zeros_ += other.zeros_;
    above_.merge(other.above_);
    below_.merge(other.below_);
  }
  std::uint64_t count() const { return count_; }
  bool exact() const { return !bucketed_; }

  // The least value such that at least the share q of all values is not greater; count() is above 0.
  double at(double q, double error) {
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
    return std::clamp(middle(rank, error), least_, greatest_);
  }

 private:
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

  static double base(double error) { return std::log((1 + error) / (1 - error)); }
  void into_bucket(double v, double error) {
    least_ = std::min(least_, v);
    greatest_ = std::max(greatest_, v);
    const double size = std::fabs(v);
    if (size < smallest) {
      ++zeros_;
      return;
    }
    const std::int32_t bucket = static_cast<std::int32_t>(std::ceil(std::log(std::min(size, largest)) / base(error)));
    (v > 0 ? above_ : below_).add(bucket, 1);
  }
  void give_up_exactness(double error) {
    if (bucketed_) return;
    bucketed_ = true;
    for (double v : values_) into_bucket(v, error);
    values_ = std::vector<double>();
  }
  double middle(std::uint64_t rank, double error) const {
    const double log_base = base(error);
    const auto value = [&](std::int32_t bucket) { return 2 * std::exp(bucket * log_base) / (std::exp(log_base) + 1); };
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
  std::uint64_t count_ = 0;
  bool bucketed_ = false, sorted_ = false;
  std::vector<double> values_;
  counts above_, below_;  // of the values above 0, and of the negated ones below it
  std::uint64_t zeros_ = 0;
  double least_ = INFINITY, greatest_ = -INFINITY;
};

}  // namespace shared
