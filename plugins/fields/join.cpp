// plugins/fields/join.cpp: fields out of a file's records, found by key.
#include <pipe/plugin.hpp>

#include "lib/lookup_table.hpp"
#include "lib/memory_limit.hpp"
#include "lib/set_columns.hpp"
namespace {
struct join : pipes::map_stage {
  std::string file;
  std::vector<pipes::field> on;
  std::vector<std::string> key;
  std::vector<std::string> take;
  pipes::choice keep{"left", left};
  pipes::choice format{"auto", 0};
  bool quotes = true;
  static auto spec() {
    return pipes::stage<join>("join", "Add fields that a file's records have, found by key.")
        .doc("The file is read once, when the run starts, into memory that all workers share: CSV or TSV with a header, or JSON lines. A record gets the file's fields but the keys; one that it has already is replaced. "
             "Where several of the file's records have the key, a record comes out for each of them, in the file's order. Keys are the same if they print as the same text; null and missing "
             "fields find nothing. The file may be as large as memory is, unless the stage's `memory` says how much of it the table may take: one that needs more is an error.")
        .in_memory()
        .main_option("file", &join::file, "The file.").required()
        .option("on", &join::on, "Fields of the records that are the key.").required()
        .option("key", &join::key, "Their names in the file, where these are others.")
        .option("take", &join::take, "Which fields to take; without it all but the keys.")
        .option("keep", &join::keep, "Records whose key the file does not have: `left` passes them as they are, `inner` drops them, `anti` passes these alone.").choices({"left", "inner", "anti"})
        .option("format", &join::format, "What the file is; `auto` goes by its name: .tsv is TSV, .json, .jsonl and .ndjson are JSON lines, all else is CSV.").choices({"auto", "csv", "tsv", "json"})
        .option("quotes", &join::quotes, "In CSV and TSV a field that begins with a quote ends at the next one; false: quotes are text like any other.")
        .example("json.parse | fields.join: {file: examples/data/ports.csv, on: port}", "{\"port\":53,\"n\":1}\n{\"port\":7777}", "{\"port\":53,\"n\":1,\"service\":\"domain\"}\n{\"port\":7777}");
  }
  void check(pipes::checker& c) {
    c.ignores_bytes();
    c.reads(on);
    if (on.empty()) c.fault("on", "names no field");
    if (!key.empty() && key.size() != on.size()) c.fault("key", "names " + std::to_string(key.size()) + " fields, `on` " + std::to_string(on.size()));
    struct stat s;
    if (::stat(file.c_str(), &s) != 0 || ::access(file.c_str(), R_OK) != 0) c.fault("file", "cannot read '" + file + "': " + shared::errno_text(errno));
    else if (S_ISDIR(s.st_mode)) c.fault("file", "cannot read '" + file + "': it is a folder");
    c.reads_file(file);
    if (keep.index == anti) return;
    if (take.empty()) c.sets_any();
    for (const std::string& name : take) {
      c.makes(name);
      if (keep.index == left) c.reads(pipes::field(name));  // of a record whose key is not found it stays
    }
  }
  void open() {
    table_ = &shared<shared::lookup_table>();
    std::vector<std::string> keys = key;
    if (keys.empty())
      for (pipes::field f : on) keys.emplace_back(f.name());
    const auto fits = [this](std::size_t bytes) {
      if (memory()) shared::within_memory(*this, bytes, "the records of '" + file + "'", "fewer columns in the file need less");
    };
    blocking([&] { table_->load(file, static_cast<shared::table_format>(format.index), quotes, keys, fits); });
    taken_.clear();
    for (const std::string& name : take)
      if (std::none_of(table_->columns().begin(), table_->columns().end(), [&](const auto& v) { return v.name == name; }) && !table_->columns().empty())
        throw std::runtime_error("'" + file + "' has no field '" + name + "'");
    for (const auto& v : table_->columns()) {
      const bool chosen = take.empty() ? std::find(keys.begin(), keys.end(), v.name) == keys.end() : std::find(take.begin(), take.end(), v.name) != take.end();
      if (chosen && keep.index != anti) taken_.push_back({pipes::field(v.name), &v});
    }
  }
  void map(pipes::batch& in, pipes::output& out) {
    look_up(in);
    if (rows_.empty()) return;
    const bool plain = rows_.size() == in.size() && !repeated_;
    if (taken_.empty() && plain) return out.pass(in);
    columns_.clear();
    changes_.clear();
    columns_.reserve(taken_.size());
    for (const taken& t : taken_) {
      columns_.push_back(column(in, t, out));
      changes_.push_back({PIPE_SET, 0, t.name.handle(), nullptr, &columns_.back()});
    }
    pipe_part part{};
    part.from = in.raw();
    part.rows = plain ? nullptr : rows_.data();
    part.count = rows_.size();
    part.changes = changes_.data();
    part.change_count = changes_.size();
    out.emit_part(part);
  }

 private:
  static constexpr std::uint32_t left = 0, inner = 1, anti = 2;
  static constexpr std::uint32_t none = shared::lookup_table::none;
  struct taken {
    pipes::field name;
    const shared::lookup_table::values* from;
  };

  // Which records come out, and the file's record for each.
  void look_up(pipes::batch& in) {
    std::vector<const pipe_column*> keys;
    for (pipes::field f : on) keys.push_back(&in[f].raw());
    rows_.clear();
    found_.clear();
    repeated_ = false;
    char room[shared::number_room];
    const std::size_t n = in.size();
    for (std::size_t i = 0; i < n; ++i) {
      std::uint32_t hit = none;
      bool whole = true;
      if (keys.size() == 1) {
        if (keys[0]->tags[i] > PIPE_NULL) hit = table_->find(shared::printed(*keys[0], i, room));
      } else {
        key_.clear();
        for (const pipe_column* c : keys) {
          whole = whole && c->tags[i] > PIPE_NULL;
          shared::lookup_table::append_key(key_, shared::printed(*c, i, room), false);
        }
        if (whole) hit = table_->find(key_);
      }
      if (hit == none || keep.index == anti) {
        if ((hit == none) == (keep.index != inner)) add(i, none);
        continue;
      }
      add(i, hit);
      while ((hit = table_->next(hit)) != none) {
        add(i, hit);
        repeated_ = true;
      }
    }
  }
  void add(std::size_t row, std::uint32_t hit) {
    if (rows_.size() == UINT32_MAX) throw pipes::record_error(row, "a batch would grow to 2^32 records or more");
    rows_.push_back(static_cast<std::uint32_t>(row));
    found_.push_back(hit);
  }
  pipe_column column(pipes::batch& in, const taken& t, pipes::output& out) const {
    const pipe_column file_column{sizeof(pipe_column), PIPE_MIXED, t.from->tags.size(), t.from->tags.data(), t.from->bits.data(), t.from->slices.data()};
    const pipes::column theirs(file_column), own = in[t.name];
    pipes::column_writer w(out, rows_.size());
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (found_[i] == none) {
        w.value(i, own, rows_[i]);
        continue;
      }
      const std::uint32_t hit = found_[i];
      w.value(i, theirs, hit);
      if (theirs.tag(hit) > PIPE_BOOL) w.text(i, out.copy(theirs.text(hit)), theirs.tag(hit));  // the table may go before the records do
    }
    return w.done();
  }

  shared::lookup_table* table_ = nullptr;
  std::vector<taken> taken_;
  bool repeated_ = false;
  std::string key_;  // scratch
  std::vector<std::uint32_t> rows_, found_;
  std::vector<pipe_column> columns_;
  std::vector<pipe_change> changes_;
};
PIPE_STAGE(join)
}
