// plugins/lib/exact_sum.hpp: sums of integers and floats without any rounding until they are asked for: the result depends
// neither on the order of the values nor on how they were shared out among workers.
//
// What is added goes to one of three places; the sum is the sum of the three:
//   whole_   integers, 128 bits: 2^64 of them cannot overflow it
//   fixed_   floats whose bits all lie between 2^-80 and 2^46, as a 128-bit integer times 2^-80: nearly all that people measure
//   far_     all other floats, and what overflows fixed_: a fixed-point number over a double's whole range, made when needed
// Rejected: a growing expansion of doubles (Shewchuk). It needs no far_, but costs a branchy loop per value, and a sum that
// overflows half-way depends on the order.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace shared {

__extension__ using int128 = __int128;
__extension__ using uint128 = unsigned __int128;

// m * 2^exponent, and something less than that lowest bit if `rest`, as the nearest double, ties to even.
inline double nearest(uint128 m, bool rest, int exponent) {
  const auto high = static_cast<std::uint64_t>(m >> 64), low = static_cast<std::uint64_t>(m);
  const int bits = high ? 128 - __builtin_clzll(high) : low ? 64 - __builtin_clzll(low) : 0;
  // A double has 53 bits, fewer below 2^-1022; two more say on which side of the middle it is.
  const int kept = std::min(55, std::max(2, exponent + bits + 1076));
  if (const int cut = bits - kept; cut > 0) {
    rest = rest || (m & ((static_cast<uint128>(1) << cut) - 1)) != 0;
    m >>= cut;
    exponent += cut;
  } else {
    m <<= -cut;
    exponent += cut;
  }
  auto v = static_cast<std::uint64_t>(m);
  const unsigned half = static_cast<unsigned>(v & 3) << 1 | (rest ? 1 : 0);  // in eighths
  v = (v >> 2) + (half > 4 || (half == 4 && (v & 4)) ? 1 : 0);
  return std::ldexp(static_cast<double>(v), exponent + 2);
}

// A fixed-point number from 2^-1088 to 2^1120 in digits of 32 bits, each kept in 64 so that carries can wait.
class wide_sum {
 public:
  static constexpr int lowest = -1088;  // weight of digit 0's lowest bit
  static constexpr int digits = 70;

  // Adds mantissa * 2^exponent.
  void add(std::int64_t mantissa, int exponent) {
    const int shift = exponent - lowest;
    const int at = shift / 32;
    const bool negative = mantissa < 0;
    const uint128 v = static_cast<uint128>(negative ? 0 - static_cast<std::uint64_t>(mantissa) : static_cast<std::uint64_t>(mantissa)) << (shift % 32);
    for (int k = 0; k < 3; ++k) {
      const std::int64_t digit = static_cast<std::int64_t>(static_cast<std::uint64_t>(v >> (32 * k)) & 0xffffffffu);
      digit_[at + k] += negative ? -digit : digit;
    }
    if (++pending_ >= (1u << 30)) carry();
  }
  // Adds v * 2^exponent.
  void add_wide(int128 v, int exponent) {
    const bool negative = v < 0;
    uint128 m = negative ? 0 - static_cast<uint128>(v) : static_cast<uint128>(v);
    for (; m; m >>= 32, exponent += 32) {
      const std::int64_t digit = static_cast<std::int64_t>(static_cast<std::uint64_t>(m) & 0xffffffffu);
      add(negative ? -digit : digit, exponent);
    }
  }
  void add(const wide_sum& o) {
    wide_sum other = o;
    other.carry();
    carry();
    for (int i = 0; i < digits; ++i) digit_[i] += other.digit_[i];
    pending_ = 2;
  }
  // The nearest double, ties to even; of the sum, or of one part of `parts`.
  double round(std::uint64_t parts = 1) const {
    wide_sum s = *this;
    s.carry();
    const bool negative = s.digit_[digits - 1] < 0;
    if (negative) {
      for (auto& d : s.digit_) d = -d;
      s.carry();
    }
    bool rest = parts > 1 && s.divide(parts);
    int top = digits - 1;
    while (top >= 0 && s.digit_[top] == 0) --top;
    if (top < 0) return 0.0;
    // The highest 64 bits with the rest squeezed into the lowest one: rounding that to 53 rounds the whole.
    uint128 high = 0;
    for (int k = 0; k < 3; ++k) high = high << 32 | static_cast<std::uint64_t>(top - k >= 0 ? s.digit_[top - k] : 0);
    for (int i = top - 3; i >= 0 && !rest; --i) rest = s.digit_[i] != 0;
    const double v = nearest(high, rest, lowest + 32 * (top - 2));
    return negative ? -v : v;
  }

 private:
  // Of digits that are carried, none negative. True: there is a rest.
  bool divide(std::uint64_t by) {
    uint128 rest = 0;
    for (int i = digits - 1; i >= 0; --i) {
      rest = rest << 32 | static_cast<std::uint64_t>(digit_[i]);
      digit_[i] = static_cast<std::int64_t>(rest / by);
      rest %= by;
    }
    return rest != 0;
  }
  // Afterwards all digits but the highest are in [0, 2^32); the highest has the number's sign.
  void carry() {
    std::int64_t c = 0;
    for (int i = 0; i < digits; ++i) {
      const std::int64_t v = digit_[i] + c;
      if (i == digits - 1) {
        digit_[i] = v;
        break;
      }
      c = v >> 32;
      digit_[i] = v & 0xffffffff;
    }
    pending_ = 0;
  }
  std::int64_t digit_[digits] = {};
  std::uint32_t pending_ = 0;
};

static_assert(std::is_trivially_copyable_v<wide_sum>);

class exact_sum {
 public:
  exact_sum() = default;
  exact_sum(exact_sum&&) = default;
  exact_sum& operator=(exact_sum&&) = default;

  void add(std::int64_t v) {
    whole_ += v;
    ++count_;
  }
  // Returns the memory that it took for it, mostly none.
  std::size_t add(double v) {
    std::uint64_t bits;
    std::memcpy(&bits, &v, sizeof bits);
    const int raw = static_cast<int>(bits >> 52 & 0x7ff);
    std::uint64_t mantissa = bits & ((std::uint64_t{1} << 52) - 1);
    ++count_;
    real_ = true;
    if (raw == 0x7ff) {
      endless_ = true;
      return 0;
    }
    if (raw) mantissa |= std::uint64_t{1} << 52;
    const int exponent = (raw ? raw : 1) - 1075;  // v = mantissa * 2^exponent
    const std::int64_t m = bits >> 63 ? -static_cast<std::int64_t>(mantissa) : static_cast<std::int64_t>(mantissa);
    const int shift = exponent - fixed_lowest;
    if (shift >= 0 && shift <= 73) {
      const int128 add = static_cast<int128>(m) * (static_cast<int128>(1) << shift);
      int128 sum;
      if (!__builtin_add_overflow(fixed_, add, &sum)) {
        fixed_ = sum;
        return 0;
      }
    }
    if (!mantissa) return 0;
    const std::size_t more = far_ ? 0 : sizeof(wide_sum);
    far().add(m, exponent);
    return more;
  }
  void add(exact_sum&& o) {
    count_ += o.count_;
    real_ = real_ || o.real_;
    endless_ = endless_ || o.endless_;
    whole_ += o.whole_;
    int128 sum;
    if (!__builtin_add_overflow(fixed_, o.fixed_, &sum)) fixed_ = sum;
    else far().add_wide(o.fixed_, fixed_lowest);
    if (!o.far_) return;
    if (far_) far_->add(*o.far_);
    else far_ = std::move(o.far_);
  }

  // As bytes, for the same process to read again.
  void save(std::string& to) const {
    const saved head{whole_, fixed_, count_, real_, endless_, far_ != nullptr, {}};
    to.append(reinterpret_cast<const char*>(&head), sizeof head);
    if (far_) to.append(reinterpret_cast<const char*>(far_.get()), sizeof(wide_sum));
  }
  // Adds what was saved; returns where it ended.
  const char* add_saved(const char* from) {
    saved head;
    std::memcpy(&head, from, sizeof head);
    from += sizeof head;
    exact_sum o;
    o.whole_ = head.whole;
    o.fixed_ = head.fixed;
    o.count_ = head.count;
    o.real_ = head.real;
    o.endless_ = head.endless;
    if (head.far) {
      std::memcpy(static_cast<void*>(&o.far()), from, sizeof(wide_sum));
      from += sizeof(wide_sum);
    }
    add(std::move(o));
    return from;
  }

  std::uint64_t count() const { return count_; }
  // Only integers came, and their sum is one of 64 bits.
  bool whole(std::int64_t& v) const {
    if (real_ || whole_ != static_cast<std::int64_t>(whole_)) return false;
    v = static_cast<std::int64_t>(whole_);
    return true;
  }
  // The sum as the nearest double; nan where an endless value came in.
  double real() const { return endless_ ? std::nan("") : all().round(); }
  // The sum by the count as the nearest double, rounded once.
  double mean() const {
    if (endless_) return std::nan("");
    const bool few = count_ <= static_cast<std::uint64_t>(most_exact);
    if (!real_ && few && whole_ >= -most_exact && whole_ <= most_exact) return static_cast<double>(whole_) / static_cast<double>(count_);
    int128 sum = fixed_;
    const bool fits = !far_ && whole_ >= -most_beside && whole_ <= most_beside;
    if (!fits || __builtin_add_overflow(whole_ * (static_cast<int128>(1) << -fixed_lowest), sum, &sum)) return all().round(count_);
    if (sum == 0) return 0;
    // As many bits as there are, so that the quotient has more than a double.
    uint128 m = sum < 0 ? 0 - static_cast<uint128>(sum) : static_cast<uint128>(sum);
    int exponent = fixed_lowest;
    for (int step = 64; step; step /= 2)
      if (m >> (128 - step) == 0) m <<= step, exponent -= step;
    const double v = nearest(m / count_, m % count_ != 0, exponent);
    return sum < 0 ? -v : v;
  }

 private:
  static constexpr int fixed_lowest = -80;
  static constexpr std::int64_t most_exact = std::int64_t{1} << 53;  // a double can be any integer up to that
  static constexpr std::int64_t most_beside = std::int64_t{1} << 46; // fits, times 2^80
  wide_sum all() const {
    wide_sum sum;
    if (far_) sum = *far_;
    sum.add_wide(whole_, 0);
    sum.add_wide(fixed_, fixed_lowest);
    return sum;
  }
  struct saved {
    int128 whole, fixed;
    std::uint64_t count;
    bool real, endless, far;
    char reserved[5];
  };
  wide_sum& far() {
    if (!far_) far_ = std::make_unique<wide_sum>();
    return *far_;
  }
  int128 whole_ = 0;
  int128 fixed_ = 0;
  std::unique_ptr<wide_sum> far_;
  std::uint64_t count_ = 0;
  bool real_ = false;
  bool endless_ = false;
};

}  // namespace shared
