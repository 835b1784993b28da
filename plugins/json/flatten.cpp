// plugins/json/flatten.cpp: nested objects become members with dotted names.
#include <pipe/plugin.hpp>

#include <unordered_set>

#include "lib/json_values.hpp"
#include "lib/quote.hpp"
namespace {
struct flatten : pipes::map_stage {
  std::string separator = ".";
  bool arrays = false;
  static auto spec() {
    return pipes::stage<flatten>("flatten", "Turn nested objects into members with dotted names.")
        .doc("Values keep their text. Where two members get one name, or have one, the first one counts. An empty object or array stays where it is. A record that is no JSON object is an error.")
        .main_option("separator", &flatten::separator, "What stands between the names of the levels.")
        .option("arrays", &flatten::arrays, "Arrays as well: their elements are called by their numbers, from 0.")
        .example("json.parse | json.flatten", R"({"a":1,"b":{"c":2,"d":{"e":"x"}},"f":[3,{"g":4}]})", R"({"a":1,"b.c":2,"b.d.e":"x","f":[3,{"g":4}]})")
        .example("json.parse | json.flatten: {separator: '_', arrays: true}", R"({"f":[3,{"g":4}]})", R"({"f_0":3,"f_1_g":4})");
  }
  void check(pipes::checker& c) {
    c.reads_all();
    c.new_records();
    c.makes_any();
    for (char b : separator)
      if (b == '"' || b == '\\' || static_cast<unsigned char>(b) < 0x20) c.fault("separator", "a quote, a backslash or a control character cannot stand in it");
  }
  void map(pipes::batch& in, pipes::output& out) {
    const auto records = in.records();
    rows_.clear();
    ends_.clear();
    text_.clear();
    for (std::size_t i = 0; i < records.size(); ++i) {
      std::string_view record = records[i].view();
      while (!record.empty() && shared::json::blank(record.front())) record.remove_prefix(1);
      while (!record.empty() && shared::json::blank(record.back())) record.remove_suffix(1);
      if (record.empty() || record.front() != '{' || !shared::json::sound(record)) {
        out.fail(i, "no JSON object: " + shared::in_quotes(records[i]));
        continue;
      }
      const std::size_t begin = text_.size();
      if (!object(record, false)) {
        text_.resize(begin);
        (void)object(record, true);
      }
      text_ += "}\n";
      rows_.push_back(static_cast<std::uint32_t>(i));
      ends_.push_back(text_.size());
    }
    if (!rows_.empty()) emit(in, out);
  }

 private:
  // A level that is being walked through: an object, or an array with the number of its next element.
  struct level {
    shared::json::walker walk;
    bool array;
    std::uint64_t next;  // of an object: its number in the record
    std::size_t prefix;  // length of name_ that is this level's
    std::size_t keys;    // in keys_, where those of this object begin
  };
  // False: of two members that would have one name, or have one already, there may be both. With `once` there are not.
  bool object(std::string_view record, bool once) {
    text_ += '{';
    bool first = true, doubtful = false;
    seen_.clear();
    members_.clear();
    levels_.clear();
    name_.clear();
    keys_.clear();
    std::uint64_t objects = 0;
    levels_.push_back({shared::json::walker(record), false, objects, 0, 0});
    while (!levels_.empty()) {
      level& l = levels_.back();
      std::string_view key, token;
      if (!(l.array ? l.walk.element(token) : l.walk.member(key, token))) {
        keys_.resize(l.keys);
        levels_.pop_back();
        continue;
      }
      if (!l.array && once) {
        if (!members_.insert(std::to_string(l.next) + ' ' + plain(key)).second) continue;
      } else if (!l.array && !doubtful) {
        doubtful = may_collide(key) || met(key, l.keys);
      }
      name_.resize(l.prefix);
      if (l.array) name_ += std::to_string(l.next++);
      else name_ += key;
      const bool nested = (token.front() == '{' || (arrays && token.front() == '[')) && !hollow(token);
      if (nested) {
        name_ += separator;
        const bool array = token.front() == '[';
        levels_.push_back({shared::json::walker(token), array, array ? 0 : ++objects, name_.size(), keys_.size()});
        continue;
      }
      if (once && !seen_.insert(plain(name_)).second) continue;
      if (!first) text_ += ',';
      first = false;
      text_.append(1, '"').append(name_).append("\":").append(token);
    }
    return once || !doubtful;
  }
  // Two paths can make one name only where a key holds a byte of the separator ({"a_":{"b":1},"a":{"_b":2}} with __), perhaps in another spelling.
  bool may_collide(std::string_view key) const { return separator.empty() || key.find_first_of(separator) != key.npos || key.find('\\') != key.npos; }
  // Whether the object had such a key before, or, of one with very many, may have had.
  bool met(std::string_view key, std::size_t first) {
    constexpr std::size_t most = 256;
    std::uint64_t mark = key.size();
    const auto mix = [&](auto begin, auto end) {  // the first and the last bytes, which may be the same ones
      std::memcpy(&begin, key.data(), sizeof begin);
      std::memcpy(&end, key.data() + key.size() - sizeof end, sizeof end);
      mark += (begin * std::uint64_t{0x9e3779b97f4a7c15u} ^ end) * std::uint64_t{0x9e3779b97f4a7c15u};
    };
    if (key.size() >= 8) mix(std::uint64_t{}, std::uint64_t{});
    else if (key.size() >= 4) mix(std::uint32_t{}, std::uint32_t{});
    else
      for (const char c : key) mark = mark << 8 | static_cast<unsigned char>(c);
    bool found = keys_.size() - first >= most;
    for (std::size_t i = first; i < keys_.size() && !found; ++i) found = keys_[i] == mark;
    keys_.push_back(mark);
    return found;
  }
  static std::string plain(std::string_view name) {
    if (name.find('\\') == name.npos) return std::string(name);
    std::string text(name.size(), '\0');
    text.resize(shared::json::unescape(name, text.data()));
    return text;
  }
  static bool hollow(std::string_view token) {
    return shared::json::skip_blanks(token.data() + 1, token.data() + token.size()) == token.data() + token.size() - 1;
  }
  void emit(pipes::batch& in, pipes::output& out) {
    const char* const kept = out.copy(text_).data();
    pipe_slice* made = out.alloc_array<pipe_slice>(rows_.size());
    std::size_t begin = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (ends_[i] - begin > UINT32_MAX) throw pipes::record_error(rows_[i], "the record would grow beyond 4 GiB");
      made[i] = {kept + begin, static_cast<std::uint32_t>(ends_[i] - begin - 1), PIPE_SLICE_NEWLINE};
      begin = ends_[i];
    }
    pipe_part part{};
    part.flags = PIPE_PART_JSON | PIPE_PART_OWN_BYTES | PIPE_PART_FRESH;
    part.from = in.raw();
    part.rows = rows_.data();
    part.records = made;
    part.count = rows_.size();
    out.emit_part(part);
  }

  std::vector<level> levels_;  // scratch
  std::vector<std::uint64_t> keys_;  // of the objects that are open: something of each key, mostly different
  std::string name_, text_;
  std::vector<std::size_t> ends_;
  std::vector<std::uint32_t> rows_;
  std::unordered_set<std::string> seen_, members_;  // names; the number of an object and a key of it
};
PIPE_STAGE(flatten)
}
