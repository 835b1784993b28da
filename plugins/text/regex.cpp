// plugins/text/regex.cpp: the named groups of a pattern become fields.
#include <pipe/plugin.hpp>

#include "lib/quote.hpp"
namespace {
struct regex : pipes::map_stage {
  pipes::pattern pattern;
  pipes::choice unmatched{"fail", fail};
  static auto spec() {
    return pipes::stage<regex>("regex", "Take fields out of records with a regular expression.")
        .doc("Each named group, (?P<name>...), becomes a text field; a text that is written as a number counts as one in expressions. A group "
             "that took no part leaves its field missing. The record itself stays as it was. Groups that no later stage asks for cost nothing. "
             "A record that does not match is an error of that record, so that `on_error` says what becomes of it: `skip` drops and "
             "counts it, `{to: STAGE}` sets it aside; `unmatched` says that it is none.")
        .main_option("pattern", &regex::pattern, "Regular expression (PCRE2's language) with named groups, searched for anywhere in the record. "
                     "One of ASCII alone goes by bytes; with a letter beyond it, or (*UTF) in front, by the characters of UTF-8.").required()
        .option("unmatched", &regex::unmatched, "A record that does not match: `fail` makes it an error, `skip` drops it, `pass` hands it on as it is.")
        .choices({"fail", "skip", "pass"})
        .example(R"(text.regex: '^(?P<user>\w+)@(?P<host>\S+)' | text.format: '{host} {user}')", "ann@a.org\nbob@b.net", "a.org ann\nb.net bob");
  }
  void check(pipes::checker& c) {
    if (!pattern) return;
    std::size_t named = 0;
    for (std::uint32_t g = 1; g <= pattern.groups(); ++g)
      if (auto name = pattern.group_name(g); !name.empty()) {
        c.attaches(name);
        if (unmatched.index == pass) c.reads(pipes::field(name));  // what a record has of it already stays
        ++named;
      }
    if (!named) c.fault("pattern", "the pattern names no group; (?P<name>...) makes a field, text.grep only filters");
  }
  void open() {
    groups_.clear();
    fields_.clear();
    const auto wanted = demanded();
    for (std::uint32_t g = 1; g <= pattern.groups(); ++g) {
      const auto name = pattern.group_name(g);
      if (name.empty()) continue;
      const pipes::field f(name);
      if (wanted && std::find(wanted->begin(), wanted->end(), f) == wanted->end()) continue;
      groups_.push_back(g);
      fields_.push_back(f);
    }
  }
  void map(pipes::batch& in, pipes::output& out) {
    if (groups_.empty())
      pattern.rows(in, false, rows_);
    else
      pattern.capture(in, groups_, out, rows_, columns_);
    const std::size_t all = in.size();
    if (rows_.size() < all && unmatched.index != skip) {
      if (unmatched.index == pass) return spread(in, all, out);
      report(in, all, out);
    }
    if (rows_.empty()) return;
    if (groups_.empty()) return rows_.size() == all ? out.pass(in) : out.pass(in, rows_);
    emit(in, rows_.size() == all ? nullptr : rows_.data(), rows_.size(), out);
  }

 private:
  static constexpr std::uint32_t fail = 0, skip = 1, pass = 2;

  void emit(pipes::batch& in, const std::uint32_t* rows, std::size_t count, pipes::output& out) {
    changes_.clear();
    for (std::size_t i = 0; i < fields_.size(); ++i) changes_.push_back({PIPE_ATTACH, 0, fields_[i].handle(), nullptr, &columns_[i]});
    pipe_part part{};
    part.from = in.raw();
    part.rows = rows;
    part.count = count;
    part.changes = changes_.data();
    part.change_count = changes_.size();
    out.emit_part(part);
  }
  // All records go on; those without a match keep what they have.
  void spread(pipes::batch& in, std::size_t all, pipes::output& out) {
    if (groups_.empty()) return out.pass(in);
    columns_.resize(groups_.size());
    for (std::size_t g = 0; g < columns_.size(); ++g) {
      pipes::column_writer wide(out, all);
      const pipes::column narrow(columns_[g]), before = in[fields_[g]];
      for (std::size_t row = 0, next = 0; row < all; ++row) {
        if (next == rows_.size() || rows_[next] != row) wide.value(row, before, row);
        else if (const std::size_t i = next++; !narrow.missing(i)) wide.text(row, narrow.text(i), PIPE_WORD);
      }
      columns_[g] = wide.done();
    }
    emit(in, nullptr, all, out);
  }
  void report(pipes::batch& in, std::size_t all, pipes::output& out) {
    const auto records = in.records();
    for (std::size_t row = 0, next = 0; row < all; ++row) {
      if (next < rows_.size() && rows_[next] == row)
        ++next;
      else
        out.fail(row, "the pattern does not match " + shared::in_quotes(records[row]));
    }
  }

  std::vector<std::uint32_t> groups_;  // the named groups that somebody asks for, and their fields
  std::vector<pipes::field> fields_;
  std::vector<std::uint32_t> rows_;    // scratch
  std::vector<pipe_column> columns_;
  std::vector<pipe_change> changes_;
};
PIPE_STAGE(regex)
}
