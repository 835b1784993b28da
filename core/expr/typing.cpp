#include "core/expr/typing.hpp"

#include "core/expr/functions.hpp"

#include <algorithm>

namespace pipes::expr {
namespace {

// A text field (type_word) may stand for a number or for a text.
constexpr std::uint32_t numbers = type_number | type_word;
constexpr std::uint32_t texts = type_string | type_word;

bool both(std::uint32_t a, std::uint32_t b, std::uint32_t group) { return (a & group) && (b & group); }

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t k = 0; k <= b.size(); ++k) row[k] = k;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t before = row[0];
    row[0] = i;
    for (std::size_t k = 1; k <= b.size(); ++k) {
      const std::size_t up = row[k];
      row[k] = std::min({up + 1, row[k - 1] + 1, before + (a[i - 1] != b[k - 1])});
      before = up;
    }
  }
  return row[b.size()];
}

// What functions are called in other languages.
const char* elsewhere(std::string_view name) {
  static const struct { const char* name; const char* here; } names[] = {
      {"len", "length"}, {"strlen", "length"}, {"size", "length"}, {"count", "length"}, {"tolower", "lower"}, {"lowercase", "lower"}, {"toupper", "upper"},
      {"uppercase", "upper"}, {"ascii_downcase", "lower"}, {"ascii_upcase", "upper"}, {"strip", "trim"}, {"substring", "substr"}, {"slice", "substr"}, {"gsub", "replace_regex"},
      {"sub", "replace_regex"}, {"regexp_replace", "replace_regex"}, {"re_replace", "replace_regex"}, {"startswith", "starts_with"}, {"endswith", "ends_with"}, {"strftime", "format_time"},
      {"strptime", "parse_time"}, {"tonumber", "number"}, {"to_number", "number"}, {"str", "text"}, {"tostring", "text"}, {"string", "text"}, {"to_text", "text"}, {"ifnull", "coalesce"},
      {"nvl", "coalesce"}, {"isnull", "is_null"}, {"indexof", "index"}, {"find", "index"}, {"instr", "index"}, {"concat", "join"}, {"power", "pow"}, {"ln", "log"}, {"cond", "if"},
      {"typeof", "type"}, {"json", "parse_json"}, {"fromjson", "parse_json"}, {"tojson", "to_json"}, {"time", "now"}, {"extract", "match"}, {"regex", "match"}, {"lpad", "pad"}, {"rpad", "pad"}};
  for (const auto& n : names)
    if (name == n.name) return n.here;
  return nullptr;
}

}  // namespace

bool can_be_number(std::uint32_t types) { return types == type_null || (types & numbers); }

bool can_be_equal(std::uint32_t a, std::uint32_t b) {
  return both(a, b, type_null) || both(a, b, type_bool) || both(a, b, numbers) || both(a, b, texts) || both(a, b, type_json) || a == type_null || b == type_null;
}

bool can_be_ordered(std::uint32_t a, std::uint32_t b) { return both(a, b, type_bool) || both(a, b, numbers) || both(a, b, texts); }

bool known_text(std::uint32_t types) { return (types & type_string) && !(types & ~(type_string | type_null)); }

std::string describe(std::uint32_t types) {
  if (types == type_null) return "null";
  std::string all;
  const auto add = [&](std::uint32_t group, const char* name) {
    if (types & group) all += (all.empty() ? "" : " or ") + std::string(name);
  };
  add(type_bool, "true or false");
  add(type_number, "a number");
  add(type_string | type_word, "a text");
  add(type_json, "a list or object");
  return all.empty() ? "nothing" : all;
}

std::string unknown_function(std::string_view name) {
  const std::string start = "there is no function '" + std::string(name) + "'";
  if (const char* here = elsewhere(name)) return start + ": it is called " + here + " here";
  const function* best = nullptr;
  std::size_t least = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const function& f : functions())
    if (const std::size_t d = distance(name, f.name); d < least && d < name.size()) {
      least = d;
      best = &f;
    }
  return best ? start + ": did you mean " + signature(*best) + "?" : start;
}

}  // namespace pipes::expr
