// pipe/plugin/options.hpp: options as members: which C++ types an option may have, how values reach them, how a default is
// printed. Part of pipe/plugin.hpp; C++17.
#ifndef PIPE_PLUGIN_OPTIONS_HPP
#define PIPE_PLUGIN_OPTIONS_HPP
#include <pipe/plugin/output.hpp>

#include <chrono>
#include <functional>
#include <limits>
#include <type_traits>

namespace pipes {
inline namespace v1_0 {

using duration = std::chrono::nanoseconds;

// A number of bytes: `64KiB`, `1MB`.
struct size {
  std::uint64_t bytes = 0;
};

// One of the names given with .choices(); `index` is its place in that list.
struct choice {
  std::string name;
  std::uint32_t index = 0;
};

// A regular expression (PCRE2's language), or fixed text; compiled by the host. Of this instance alone.
class pattern {
 public:
  struct match {
    std::vector<std::uint64_t> offsets;  // pairs: begin, end; group 0 first; UINT64_MAX where a group took no part
    bool has(std::size_t g) const { return 2 * g + 1 < offsets.size() && offsets[2 * g] != UINT64_MAX; }
    std::string_view group(std::string_view in, std::size_t g) const {
      return has(g) ? in.substr(static_cast<std::size_t>(offsets[2 * g]), static_cast<std::size_t>(offsets[2 * g + 1] - offsets[2 * g])) : std::string_view();
    }
  };
  explicit operator bool() const { return handle_ != nullptr; }
  std::uint32_t groups() const { return detail::host().pattern_groups(handle_); }
  std::string_view group_name(std::uint32_t g) const { return detail::view(detail::host().pattern_group_name(handle_, g)); }
  // Searches from `start`; false: no match. not_empty: an empty match right at `start` does not count (an older host reports it all the same).
  bool find(std::string_view in, std::size_t start, match& m, bool not_empty = false) const {
    m.offsets.resize(2 * (groups() + 1));
    std::uint64_t filled = 0;
    pipe_status s = detail::host().pattern_find(handle_, context_, detail::text(in), start, m.offsets.data(), (groups() + 1) | (not_empty ? PIPE_FIND_NOT_EMPTY : 0), &filled);
    if (detail::check(s, "the pattern could not be searched for") != PIPE_OK) return false;
    for (std::size_t i = 2 * static_cast<std::size_t>(filled); i < m.offsets.size(); ++i) m.offsets[i] = UINT64_MAX;
    return true;
  }
  // The rows that match (or do not, with invert).
  void rows(const batch& b, bool invert, std::vector<std::uint32_t>& result) const {
    result.resize(b.size());
    std::uint64_t n = 0;
    detail::check(detail::host().pattern_rows(handle_, context_, b.raw(), invert, result.data(), &n), "the pattern could not be searched for");
    result.resize(static_cast<std::size_t>(n));
  }
  // Passes the records that match, searching the block as a whole where it is one.
  void pass(const batch& b, bool invert, output& out, std::uint32_t port = 0) const {
    out.used(port);
    detail::check(detail::host().pattern_pass(handle_, context_, b.raw(), invert, out.raw(), port), "the pattern could not be searched for");
  }
  // The groups named, of every row that matches, as columns of `rows.size()` values.
  void capture(const batch& b, const std::vector<std::uint32_t>& groups, output& out, std::vector<std::uint32_t>& rows,
               std::vector<pipe_column>& columns) const {
    rows.resize(b.size());
    columns.assign(groups.size(), pipe_column{});
    for (auto& c : columns) c.struct_size = sizeof(pipe_column);
    std::uint64_t n = 0;
    detail::check(detail::host().pattern_capture(handle_, context_, b.raw(), groups.data(), groups.size(), out.raw(), rows.data(), &n, columns.data()),
                  "the pattern could not be searched for");
    rows.resize(static_cast<std::size_t>(n));
  }
  void bind(void* handle, std::string_view text, pipe_context* context) {
    handle_ = static_cast<pipe_pattern*>(handle);
    source = std::string(text);
    context_ = context;
  }
  std::string source;

 private:
  pipe_pattern* handle_ = nullptr;
  pipe_context* context_ = nullptr;
};

// An expression in the host's language. Of this instance alone.
class expression {
 public:
  explicit operator bool() const { return handle_ != nullptr; }
  // The rows for which it is true.
  void rows(const batch& b, std::vector<std::uint32_t>& result) const {
    result.resize(b.size());
    std::uint64_t n = 0;
    detail::check(detail::host().expr_rows(handle_, context_, b.raw(), result.data(), &n), "the expression failed");
    result.resize(static_cast<std::size_t>(n));
  }
  // Its value for every row; arrays in out's arena or in the batch.
  pipe_column evaluate(const batch& b, output& out) const {
    pipe_column c{};
    c.struct_size = sizeof c;
    detail::check(detail::host().expr_column(handle_, context_, b.raw(), out.raw(), &c), "the expression failed");
    return c;
  }
  void bind(void* handle, std::string_view text, pipe_context* context) {
    handle_ = static_cast<pipe_expr*>(handle);
    source = std::string(text);
    context_ = context;
  }
  std::string source;

 private:
  pipe_expr* handle_ = nullptr;
  pipe_context* context_ = nullptr;
};

// A template such as '{ip} {status}'. Of this instance alone.
class format {
 public:
  explicit operator bool() const { return handle_ != nullptr; }
  // One text a row, in out's arena.
  const pipe_slice* render(const batch& b, output& out) const {
    const pipe_slice* s = detail::host().format_render(handle_, context_, b.raw(), out.raw());
    if (!s) throw std::runtime_error("the template could not be filled in");
    return s;
  }
  void bind(void* handle, std::string_view text, pipe_context* context) {
    handle_ = static_cast<pipe_format*>(handle);
    source = std::string(text);
    context_ = context;
  }
  std::string source;

 private:
  pipe_format* handle_ = nullptr;
  pipe_context* context_ = nullptr;
};

template <class T>
using map_of = std::vector<std::pair<std::string, T>>;  // keeps the order of the file

namespace detail {

inline std::string duration_text(std::int64_t ns) {
  if (ns == 0) return "0s";
  if (ns % 1000000000 == 0) return std::to_string(ns / 1000000000) + "s";
  if (ns % 1000000 == 0) return std::to_string(ns / 1000000) + "ms";
  if (ns % 1000 == 0) return std::to_string(ns / 1000) + "us";
  return std::to_string(ns) + "ns";
}
inline std::string size_text(std::uint64_t n) {
  if (n && n % (1u << 30) == 0) return std::to_string(n >> 30) + "GiB";
  if (n && n % (1u << 20) == 0) return std::to_string(n >> 20) + "MiB";
  if (n && n % (1u << 10) == 0) return std::to_string(n >> 10) + "KiB";
  return std::to_string(n);
}
inline std::string real_text(double d) {
  char buffer[32];
  for (int precision = 1; precision <= 17; ++precision) {
    snprintf(buffer, sizeof buffer, "%.*g", precision, d);
    if (std::strtod(buffer, nullptr) == d) break;
  }
  return buffer;
}

// How a member's type is an option: type, container, assignment from the host's value, text of the default.
template <class T, class = void>
struct option_traits;

template <>
struct option_traits<bool> {
  static constexpr std::uint32_t type = PIPE_OPT_BOOL, container = PIPE_OPT_ONE;
  static void assign(bool& m, const pipe_value& v, pipe_context*) { m = v.bits != 0; }
  static std::string print(bool m) { return m ? "true" : "false"; }
};
template <class T>
struct option_traits<T, std::enable_if_t<std::is_integral<T>::value && !std::is_same<T, bool>::value>> {
  static constexpr std::uint32_t type = PIPE_OPT_INT, container = PIPE_OPT_ONE;
  static void assign(T& m, const pipe_value& v, pipe_context*) { m = static_cast<T>(static_cast<std::int64_t>(v.bits)); }
  static std::string print(T m) { return std::to_string(m); }
};
template <>
struct option_traits<double> {
  static constexpr std::uint32_t type = PIPE_OPT_FLOAT, container = PIPE_OPT_ONE;
  static void assign(double& m, const pipe_value& v, pipe_context*) { std::memcpy(&m, &v.bits, sizeof m); }
  static std::string print(double m) { return real_text(m); }
};
template <>
struct option_traits<std::string> {
  static constexpr std::uint32_t type = PIPE_OPT_TEXT, container = PIPE_OPT_ONE;
  static void assign(std::string& m, const pipe_value& v, pipe_context*) { m = std::string(view(v.text)); }
  static std::string print(const std::string& m) { return m; }
};
template <>
struct option_traits<duration> {
  static constexpr std::uint32_t type = PIPE_OPT_DURATION, container = PIPE_OPT_ONE;
  static void assign(duration& m, const pipe_value& v, pipe_context*) { m = duration(static_cast<std::int64_t>(v.bits)); }
  static std::string print(duration m) { return duration_text(m.count()); }
};
template <>
struct option_traits<pipes::v1_0::size> {
  static constexpr std::uint32_t type = PIPE_OPT_SIZE, container = PIPE_OPT_ONE;
  static void assign(pipes::v1_0::size& m, const pipe_value& v, pipe_context*) { m.bytes = v.bits; }
  static std::string print(pipes::v1_0::size m) { return size_text(m.bytes); }
};
template <>
struct option_traits<choice> {
  static constexpr std::uint32_t type = PIPE_OPT_CHOICE, container = PIPE_OPT_ONE;
  static void assign(choice& m, const pipe_value& v, pipe_context*) { m = {std::string(view(v.text)), static_cast<std::uint32_t>(v.bits)}; }
  static std::string print(const choice& m) { return m.name; }
};
template <>
struct option_traits<field> {
  static constexpr std::uint32_t type = PIPE_OPT_FIELD, container = PIPE_OPT_ONE;
  static void assign(field& m, const pipe_value& v, pipe_context*) {
    m = field(static_cast<const pipe_field*>(v.handle), (v.flags & PIPE_VALUE_DESCENDING) != 0);
  }
  static std::string print(const field& m) { return std::string(m.name()); }
};
template <class T, std::uint32_t Type>
struct compiled_traits {
  static constexpr std::uint32_t type = Type, container = PIPE_OPT_ONE;
  static void assign(T& m, const pipe_value& v, pipe_context* c) { m.bind(v.handle, view(v.text), c); }
  static std::string print(const T& m) { return m.source; }
};
template <>
struct option_traits<pattern> : compiled_traits<pattern, PIPE_OPT_PATTERN> {};
template <>
struct option_traits<expression> : compiled_traits<expression, PIPE_OPT_EXPRESSION> {};
template <>
struct option_traits<format> : compiled_traits<format, PIPE_OPT_FORMAT> {};

template <class T>
struct option_traits<std::vector<T>> {
  static constexpr std::uint32_t type = option_traits<T>::type, container = PIPE_OPT_LIST;
  static void assign(std::vector<T>& m, const pipe_value& v, pipe_context* c) {
    m.clear();
    m.resize(static_cast<std::size_t>(v.count));
    for (std::size_t i = 0; i < m.size(); ++i) option_traits<T>::assign(m[i], v.items[i], c);
  }
  static std::string print(const std::vector<T>& m) {
    if (m.empty()) return "";
    std::string s = "[";
    for (std::size_t i = 0; i < m.size(); ++i) s += (i ? ", " : "") + option_traits<T>::print(m[i]);
    return s + "]";
  }
};
template <class T>
struct option_traits<map_of<T>> {
  static constexpr std::uint32_t type = option_traits<T>::type, container = PIPE_OPT_MAP;
  static void assign(map_of<T>& m, const pipe_value& v, pipe_context* c) {
    m.clear();
    m.resize(static_cast<std::size_t>(v.count));
    for (std::size_t i = 0; i < m.size(); ++i) {
      m[i].first = std::string(view(v.items[i].key));
      option_traits<T>::assign(m[i].second, v.items[i], c);
    }
  }
  static std::string print(const map_of<T>& m) {
    if (m.empty()) return "";
    std::string s = "{";
    for (std::size_t i = 0; i < m.size(); ++i) s += (i ? ", " : "") + m[i].first + ": " + option_traits<T>::print(m[i].second);
    return s + "}";
  }
};
// std::optional<T>: an option that may be absent.
template <class T>
struct option_traits<std::optional<T>> {
  static constexpr std::uint32_t type = option_traits<T>::type, container = option_traits<T>::container;
  static void assign(std::optional<T>& m, const pipe_value& v, pipe_context* c) {
    m.emplace();
    option_traits<T>::assign(*m, v, c);
  }
  static std::string print(const std::optional<T>& m) { return m ? option_traits<T>::print(*m) : ""; }
};

// What a member holds in the end: an element of a list or map, an optional's value.
template <class T>
struct element {
  using type = T;
};
template <class T>
struct element<std::vector<T>> : element<T> {};
template <class K, class T>
struct element<std::pair<K, T>> : element<T> {};
template <class T>
struct element<std::optional<T>> : element<T> {};
// A number that the member cannot hold is a fault of the option, not another number.
template <class T>
void bound(pipe_option& o) {
  using number = typename element<T>::type;
  if constexpr (std::is_integral<number>::value && !std::is_same<number, bool>::value) {
    constexpr bool narrow = sizeof(number) < sizeof(std::int64_t);
    if (narrow || std::is_unsigned<number>::value) {
      o.min = static_cast<std::int64_t>(std::numeric_limits<number>::min());
      o.flags |= PIPE_OPTION_MIN;
    }
    if (narrow) {
      o.max = static_cast<std::int64_t>(std::numeric_limits<number>::max());
      o.flags |= PIPE_OPTION_MAX;
    }
  }
}

}  // namespace detail

// What check() talks to: faults with a place in an option's text, fields read and made, ports.
class checker {
 public:
  explicit checker(pipe_checker* raw) : raw_(raw) {}
  void fault(std::string_view option, std::string_view message, std::uint64_t offset = UINT64_MAX) {
    f().fault(raw_, detail::text(option), offset, detail::text(message));
  }
  void warn(std::string_view option, std::string_view message, std::uint64_t offset = UINT64_MAX) {
    f().warn(raw_, detail::text(option), offset, detail::text(message));
  }
  void reads(field name) { f().reads(raw_, name.handle()); }
  void reads(const std::vector<field>& names) {
    for (field n : names) reads(n);
  }
  void reads_all() { f().reads_all(raw_); }
  void makes(field name) { f().makes(raw_, name.handle()); }
  void makes(std::string_view name) { makes(field(name)); }
  void makes_any() { f().makes_any(raw_); }  // attaches fields that it cannot name
  void drops(const std::vector<field>& names) {
    for (field n : names) f().drops(raw_, n.handle());
  }
  void keeps(const std::vector<field>& names) {
    for (field n : names) f().keeps(raw_, n.handle());
  }
  // The output's records carry no field of the input's.
  void new_records() { f().new_records(raw_); }
  void port(std::string_view name) { f().declare_port(raw_, detail::text(name)); }

  // A fault in one item of a list or map.
  void fault_at(std::string_view option, std::size_t item, std::string_view message, std::uint64_t offset = UINT64_MAX) {
    f().fault_at(raw_, detail::text(option), item, offset, detail::text(message));
  }
  // In the key of a map's item, not in its value.
  void fault_at_key(std::string_view option, std::size_t item, std::string_view message) {
    if (f().struct_size < offsetof(pipe_checker_functions, fault_at_key) + sizeof f().fault_at_key) return fault_at(option, item, message);
    f().fault_at_key(raw_, detail::text(option), item, detail::text(message));
  }
  void warn_at(std::string_view option, std::size_t item, std::string_view message, std::uint64_t offset = UINT64_MAX) {
    f().warn_at(raw_, detail::text(option), item, offset, detail::text(message));
  }
  // With these options the stage reads standard input; writes standard output.
  void uses_stdin() { f().uses_stdin(raw_); }
  void uses_stdout() { f().uses_stdout(raw_); }
  // Makes the field, and the record's bytes stay what is written; a stage that says makes() is taken to change them.
  void attaches(field name) { f().attaches(raw_, name.handle()); }
  void attaches(std::string_view name) { attaches(field(name)); }
  void ignores_bytes() { f().ignores_bytes(raw_); }  // looks at fields alone, never at a record's bytes
  void own_bytes() { f().own_bytes(raw_); }          // gives records new bytes, made of the fields that it reads
  void makes_json() { f().makes_json(raw_); }        // its records are JSON texts, which changes rewrite in place
  void reads_in_turn() { f().reads_in_turn(raw_); }  // may wait for one of its inputs while others have something
  void gathers_nothing() { f().gathers_nothing(raw_); }    // the spec says gathers(), but with these options there is nothing to hold
  // Keeps up to so many bytes of buffers beside the batches.
  void holds(std::uint64_t bytes) {
    if (f().struct_size >= offsetof(pipe_checker_functions, holds) + sizeof f().holds) f().holds(raw_, bytes);
  }
  // What the stage's `memory` says; 0: none was given.
  std::uint64_t memory() const { return f().struct_size >= offsetof(pipe_checker_functions, memory) + sizeof f().memory ? f().memory(raw_) : 0; }
  // As drops() and makes(), but the field keeps its place.
  void renames(field from, field to) {
    if (f().struct_size >= offsetof(pipe_checker_functions, renames) + sizeof f().renames) return f().renames(raw_, from.handle(), to.handle());
    f().drops(raw_, from.handle());
    f().makes(raw_, to.handle());
  }
  // Sets fields that it cannot name, so that records change.
  void sets_any() {
    if (f().struct_size >= offsetof(pipe_checker_functions, sets_any) + sizeof f().sets_any) return f().sets_any(raw_);
    f().makes_any(raw_);
    f().reads_all(raw_);  // a changed record is written with all its fields
  }
  // Reads that file, if there is one, at any time of the run; other stages are kept from writing into it.
  void reads_file(std::string_view path) {
    if (f().struct_size >= offsetof(pipe_checker_functions, reads_file) + sizeof f().reads_file) f().reads_file(raw_, detail::text(path));
  }
  void no_record_errors() { f().no_record_errors(raw_); }  // the spec says record_errors(), but with these options no single record can fail

 private:
  const pipe_checker_functions& f() const { return *raw_->functions; }
  pipe_checker* raw_;
};

}  // namespace v1_0
}  // namespace pipes
#endif
