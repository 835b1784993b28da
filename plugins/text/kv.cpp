// plugins/text/kv.cpp: key=value pairs (logfmt) to fields.
#include <pipe/plugin.hpp>

#include <mutex>
#include <unordered_set>

#include "lib/blanks.hpp"
#include "lib/escapes.hpp"
#include "lib/field_columns.hpp"
#include "lib/json_text.hpp"
#include "lib/quote.hpp"
namespace {
// The keys that the workers have met, where all are asked for. Each is a column of every batch: too many are the stage's fault, whichever
// worker met them.
class met_keys {
 public:
  static constexpr std::size_t most = 4096;
  // False: it is one too many.
  bool add(std::string_view name) {
    std::lock_guard held(mu_);
    return all_.size() < most ? (all_.emplace(name), true) : all_.count(std::string(name)) > 0;
  }

 private:
  std::mutex mu_;  // never held across a parking call
  std::unordered_set<std::string> all_;
};

struct kv : pipes::map_stage {
  std::string assign = "=";
  std::string separator = " ";
  static auto spec() {
    return pipes::stage<kv>("kv", "Take key=value pairs out of records (logfmt).")
        .doc("A value in double quotes may hold blanks, and a backslash before a quote, a backslash, n or t, as in JSON. A word without an assignment is a key whose value is true. Of a key that "
             "comes twice the first one counts. The fields come in the order of their names. Values are text; one that is written as a number counts as one, unless it is quoted. The record itself stays as it was. A quote that is not "
             "closed is an error of that record; so is a key beyond 4096 different ones, where no later stage names those that count.")
        .option("separator", &kv::separator, "What stands between two pairs: one byte; a blank stands for a run of blanks and tabs. \\t is a tab.")
        .option("assign", &kv::assign, "What stands between key and value: one byte.")
        .example("text.kv | where: status >= 500 | text.format: '{path}: {msg}'", "level=warn path=/a status=503 msg=\"no backend\"\nlevel=info path=/b status=200", "/a: no backend")
        .example("text.kv: {separator: ';', assign: ':'} | json.format", "a:1;b:x y", R"({"a":1,"b":"x y"})");
  }
  void check(pipes::checker& c) {
    c.makes_any();
    if (shared::unescaped(separator).size() != 1) c.fault("separator", "'separator' takes one byte, not '" + separator + "'");
    if (shared::unescaped(assign).size() != 1) c.fault("assign", "'assign' takes one byte, not '" + assign + "'");
    if (separator == assign) c.fault("assign", "'assign' is what `separator` is already: '" + assign + "'");
    if (separator == "\"" || assign == "\"") c.fault(separator == "\"" ? "separator" : "assign", "a quote can only quote");
  }
  void open() {
    between_ = shared::unescaped(separator)[0];
    assign_ = shared::unescaped(assign)[0];
    columns_.demand(demanded());
    columns_.by_name = true;
    known_.clear();
    if (!columns_.any_asked())
      for (pipes::field f : columns_.wanted()) known_.push_back({std::string(f.name()), columns_.add(f)});
  }
  void map(pipes::batch& in, pipes::output& out) {
    if (known_.empty() && !columns_.any_asked()) return out.pass(in);
    const auto records = in.records();
    columns_.start(out, records.size());
    for (std::size_t i = 0; i < records.size(); ++i)
      if (!read(records[i].view(), i, out)) {
        columns_.clear(i);
        out.fail(i, "a quote is not closed in " + shared::in_quotes(records[i]));
      }
    columns_.emit(in, nullptr, records.size(), out, PIPE_PART_VARIED);
  }

 private:
  static constexpr std::uint32_t none = shared::field_columns::none;
  struct key {
    std::string name;
    std::uint32_t slot;
  };

  bool gap(char c) const { return c == between_ || (between_ == ' ' && c == '\t'); }
  bool read(std::string_view text, std::size_t row, pipes::output& out) {
    const char* p = text.data();
    const char* const end = p + text.size();
    std::size_t expected = 0;  // records of one source have their keys in one order, mostly
    for (;;) {
      while (p < end && gap(*p)) ++p;
      if (p == end) return true;
      const char* const name = p;
      while (p < end && *p != assign_ && !gap(*p)) ++p;
      const std::string_view key_text(name, static_cast<std::size_t>(p - name));
      const std::uint32_t slot = key_text.empty() ? none : slot_of(key_text, expected, row);
      const bool counts = slot != none && columns_.missing(slot, row);
      if (p == end || *p != assign_) {
        if (counts) columns_.put_true(slot, row);
        continue;
      }
      ++p;
      if (p < end && *p == '"') {
        const char* const stop = shared::json::string_end(p + 1, end);
        if (!stop) return false;
        if (counts) put_quoted(slot, row, p + 1, stop, out);
        p = stop + 1;
        while (p < end && !gap(*p)) ++p;  // text right behind a closing quote belongs to nothing
        continue;
      }
      const char* const value = p;
      while (p < end && !gap(*p)) ++p;
      if (counts) columns_.put(slot, row, value, p);
    }
  }
  void put_quoted(std::uint32_t slot, std::size_t row, const char* begin, const char* end, pipes::output& out) {
    const std::size_t size = static_cast<std::size_t>(end - begin);
    if (!std::memchr(begin, '\\', size)) return columns_.put(slot, row, begin, end, PIPE_STRING);
    char* plain = out.alloc(size);
    columns_.put(slot, row, plain, plain + shared::json::unescape({begin, size}, plain), PIPE_STRING);
  }
  std::uint32_t slot_of(std::string_view name, std::size_t& expected, std::size_t row) {
    for (std::size_t tries = known_.size(), at = expected; tries; --tries, ++at) {
      if (at >= known_.size()) at = 0;
      if (known_[at].name != name) continue;
      expected = at + 1;
      return known_[at].slot;
    }
    if (!columns_.any_asked()) return none;
    if (!shared<met_keys>().add(name)) throw pipes::record_error(row, "more than 4096 different keys; let a later stage name those that count (fields.keep)");
    known_.push_back({std::string(name), columns_.add(pipes::field(name))});
    expected = known_.size();
    return known_.back().slot;
  }

  char between_ = ' ', assign_ = '=';
  std::vector<key> known_;  // those that somebody asks for; if that may be any: those met so far
  shared::field_columns columns_;
};
PIPE_STAGE(kv)
}
