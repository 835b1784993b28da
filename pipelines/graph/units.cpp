// units.cpp: numbers with units, without locale, without silent overflow.
#include "pipelines/graph/units.hpp"

#include <charconv>
#include <cmath>
#include <limits>

namespace pipes::pipelines {
namespace {

struct measure {
  std::string_view name;
  std::int64_t factor;
};

constexpr measure times[] = {{"d", 86'400'000'000'000}, {"h", 3'600'000'000'000}, {"m", 60'000'000'000}, {"s", 1'000'000'000},
                          {"ms", 1'000'000}, {"us", 1'000}, {"µs", 1'000}, {"ns", 1}};
constexpr measure sizes[] = {{"TiB", 1LL << 40}, {"GiB", 1LL << 30}, {"MiB", 1LL << 20}, {"KiB", 1LL << 10},
                          {"TB", 1'000'000'000'000}, {"GB", 1'000'000'000}, {"MB", 1'000'000}, {"KB", 1'000}, {"kB", 1'000}, {"B", 1}};

constexpr std::int64_t longest_duration = 36'500 * 86'400'000'000'000;  // a hundred years: added to the time that it is, it fits

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A number with an optional fraction, then a unit: the product, rounded down. Advances `text`.
template <std::size_t N>
std::optional<std::int64_t> take(std::string_view& text, const measure (&units)[N], bool bare) {
  std::size_t i = 0;
  while (i < text.size() && is_digit(text[i])) ++i;
  const std::size_t whole = i;
  if (whole == 0 || whole > 18) return std::nullopt;
  if (i < text.size() && text[i] == '.') {
    ++i;
    while (i < text.size() && is_digit(text[i])) ++i;
    if (i == whole + 1) return std::nullopt;
  }
  std::size_t end = i;
  while (end < text.size() && !is_digit(text[end])) ++end;
  const std::string_view name = text.substr(i, end - i);
  std::int64_t factor = 0;
  for (const measure& u : units)
    if (u.name == name) factor = u.factor;
  if (name.empty() && bare && end == text.size()) factor = 1;
  if (factor == 0) return std::nullopt;
  double fraction = 0;
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + whole, number);
  if (i > whole) std::from_chars(text.data() + whole, text.data() + i, fraction);
  if (number > std::numeric_limits<std::int64_t>::max() / factor - 1) return std::nullopt;
  text.remove_prefix(end);
  return number * factor + static_cast<std::int64_t>(fraction * static_cast<double>(factor));
}

}  // namespace

std::optional<std::int64_t> parse_duration(std::string_view text) {
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  std::int64_t sum = 0;
  while (!text.empty()) {
    const auto part = take(text, times, false);
    if (!part || *part > std::numeric_limits<std::int64_t>::max() - sum) return std::nullopt;
    sum += *part;
  }
  return sum <= longest_duration ? std::optional(sum) : std::nullopt;
}

bool is_too_long(std::string_view text) {
  std::string none;  // the same with 0 for each number
  for (const char c : text)
    if (!is_digit(c)) none += c;
    else if (none.empty() || none.back() != '0') none += '0';
  return none != "0" && !parse_duration(text) && parse_duration(none);
}

std::optional<std::int64_t> parse_size(std::string_view text) {
  const auto size = take(text, sizes, true);
  return size && text.empty() ? size : std::nullopt;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  const std::size_t sign = !text.empty() && text[0] == '-' ? 1 : 0;
  if (text.size() == sign || (text.size() > sign + 1 && text[sign] == '0')) return std::nullopt;
  std::int64_t result = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), result);
  return fault == std::errc() && end == text.data() + text.size() ? std::optional(result) : std::nullopt;
}

std::optional<double> parse_real(std::string_view text) {
  // JSON's grammar: no leading zeros, digits on both sides of the point, no nan or inf.
  std::size_t i = !text.empty() && text[0] == '-' ? 1 : 0;
  const auto digits = [&] {
    const std::size_t first = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i - first;
  };
  const std::size_t first = i, whole = digits();
  if (whole == 0 || (whole > 1 && text[first] == '0')) return std::nullopt;
  if (i < text.size() && text[i] == '.' && (++i, digits() == 0)) return std::nullopt;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (digits() == 0) return std::nullopt;
  }
  if (i != text.size()) return std::nullopt;
  double result = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), result);
  return fault == std::errc() && std::isfinite(result) ? std::optional(result) : std::nullopt;
}

std::string print_duration(std::int64_t nanoseconds) {
  if (nanoseconds == 0) return "0s";
  std::string out;
  for (const measure& u : times) {
    if (u.name == "µs") continue;
    if (nanoseconds >= u.factor) out += std::to_string(nanoseconds / u.factor) + std::string(u.name);
    nanoseconds %= u.factor;
  }
  return out;
}

std::string print_size(std::uint64_t bytes) {
  for (const measure& u : sizes) {
    if (u.name.size() != 3) break;
    const auto factor = static_cast<std::uint64_t>(u.factor);
    if (bytes >= factor && bytes % factor == 0) return std::to_string(bytes / factor) + std::string(u.name);
  }
  return std::to_string(bytes) + 'B';
}

}  // namespace pipes::pipelines
