// plugins/lib/field_columns.hpp: the columns of a stage that cuts records into fields: one a field, filled row by row with
// slices of the record or of the output's arena. Fields that nobody asks for have no column. One fiber at a time.
#pragma once
#include <pipe/plugin.hpp>

namespace shared {

class field_columns {
 public:
  static constexpr std::uint32_t none = 0xffffffffu;

  // What later stages ask for, as stage_base::demanded() tells it. Forgets the fields added before.
  void demand(std::optional<std::vector<pipes::field>> wanted) {
    wanted_ = std::move(wanted);
    fields_.clear();
    own_.clear();
  }
  bool asked(pipes::field f) const { return !wanted_ || std::find(wanted_->begin(), wanted_->end(), f) != wanted_->end(); }
  bool any_asked() const { return !wanted_; }
  const std::vector<pipes::field>& wanted() const { return *wanted_; }
  // The slot of a field; none if nobody asks for it. Also between start() and emit().
  std::uint32_t add(pipes::field f) {
    if (!asked(f)) return none;
    for (std::size_t i = 0; i < fields_.size(); ++i)
      if (fields_[i] == f) return static_cast<std::uint32_t>(i);
    fields_.push_back(f);
    own_.emplace_back();
    if (out_) open(own_.back());
    return static_cast<std::uint32_t>(fields_.size() - 1);
  }
  std::size_t size() const { return fields_.size(); }
  pipes::field name(std::uint32_t slot) const { return fields_[slot]; }

  // Begins a batch of at most n rows.
  void start(pipes::output& out, std::size_t n) {
    out_ = &out;
    room_ = n;
    for (own& o : own_) open(o);
  }
  bool missing(std::uint32_t slot, std::size_t row) const { return own_[slot].tags[row] == PIPE_MISSING; }
  void put(std::uint32_t slot, std::size_t row, const char* begin, const char* end, std::uint8_t tag = PIPE_WORD) {
    own& o = own_[slot];
    o.tags[row] = tag;
    o.slices[row] = {begin, static_cast<std::uint32_t>(end - begin), 0};
  }
  void put_null(std::uint32_t slot, std::size_t row) { own_[slot].tags[row] = PIPE_NULL; }
  void put_true(std::uint32_t slot, std::size_t row) {
    own& o = own_[slot];
    if (!o.values) {
      o.values = out_->alloc_array<std::uint64_t>(room_);
      std::memset(o.values, 0, room_ * sizeof(std::uint64_t));
    }
    o.tags[row] = PIPE_BOOL;
    o.values[row] = 1;
  }
  // Takes back what was put into the row: its record failed.
  void clear(std::size_t row) {
    for (own& o : own_) o.tags[row] = PIPE_MISSING;
  }

  // Where it depends on the records which fields there are and in what order they were added: they are attached in that of their names,
  // so that it does not show which worker met what.
  bool by_name = false;

  // Attaches the first `count` rows to the records: row i to record rows[i], or to record i where rows is nullptr. `flags`: of the part.
  // PIPE_PART_VARIED: which fields there are is a matter of each record, so that one which lacks a field keeps what it had of it before.
  void emit(pipes::batch& in, const std::uint32_t* rows, std::size_t count, pipes::output& out, std::uint32_t flags = 0) {
    columns_.clear();
    changes_.clear();
    columns_.reserve(fields_.size());
    for (std::size_t f = 0; f < fields_.size(); ++f) {
      columns_.push_back(done(own_[f], count));
      if (flags & PIPE_PART_VARIED) {
        const std::uint32_t all = columns_.back().all;
        if (all == PIPE_MISSING) continue;
        if (all == PIPE_MIXED) fill(columns_.back(), in[fields_[f]], rows, out);
      }
      changes_.push_back({PIPE_ATTACH, 0, fields_[f].handle(), nullptr, &columns_.back()});
    }
    if (by_name) std::sort(changes_.begin(), changes_.end(), [](const pipe_change& a, const pipe_change& b) { return pipes::field(a.field).name() < pipes::field(b.field).name(); });
    pipe_part part{};
    part.flags = flags;
    part.from = in.raw();
    part.rows = rows;
    part.count = count;
    part.changes = changes_.data();
    part.change_count = changes_.size();
    out.emit_part(part);
    out_ = nullptr;
  }

 private:
  struct own {
    std::uint8_t* tags = nullptr;
    std::uint64_t* values = nullptr;
    pipe_slice* slices = nullptr;
  };
  void open(own& o) {
    o.tags = out_->alloc_array<std::uint8_t>(room_);
    o.slices = out_->alloc_array<pipe_slice>(room_);
    o.values = nullptr;
    std::memset(o.tags, PIPE_MISSING, room_);
  }
  static void fill(pipe_column& c, const pipes::column& before, const std::uint32_t* rows, pipes::output& out) {
    if (before.raw().all == PIPE_MISSING) return;
    pipes::column_writer w(out, c.count);
    const pipes::column now(c);
    for (std::size_t i = 0; i < c.count; ++i) now.missing(i) ? w.value(i, before, rows ? rows[i] : i) : w.value(i, now, i);
    c = w.done();
  }
  static pipe_column done(own& o, std::size_t n) {
    pipe_column c{};
    c.struct_size = sizeof c;
    c.count = n;
    c.tags = o.tags;
    c.values = o.values;
    c.all = n == 0 ? PIPE_MISSING : std::memcmp(o.tags, o.tags + 1, n - 1) == 0 ? o.tags[0] : PIPE_MIXED;
    if (c.all != PIPE_MIXED && c.all <= PIPE_BOOL) return c;
    c.slices = o.slices;
    if (c.all == PIPE_MIXED)
      for (std::size_t i = 0; i < n; ++i)
        if (o.tags[i] <= PIPE_BOOL) o.slices[i] = {nullptr, 0, 0};
    return c;
  }

  std::optional<std::vector<pipes::field>> wanted_;
  std::vector<pipes::field> fields_;
  std::vector<own> own_;  // of each of fields_
  pipes::output* out_ = nullptr;
  std::size_t room_ = 0;
  std::vector<pipe_column> columns_;  // scratch
  std::vector<pipe_change> changes_;
};

// What becomes of a record that has not the form that a stage expects: the option `unmatched`.
inline constexpr std::uint32_t unmatched_fail = 0, unmatched_skip = 1, unmatched_pass = 2;

// Checks an option that lists the names of fields to be made, "" and "_" standing for pieces that are passed over.
inline bool passed_over(const std::string& name) { return name.empty() || name == "_"; }
inline void make_names(pipes::checker& c, const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (passed_over(names[i])) continue;
    c.attaches(names[i]);
    if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) != names.begin() + static_cast<std::ptrdiff_t>(i))
      c.fault_at("names", i, "the name '" + names[i] + "' stands twice");
  }
}

}  // namespace shared
