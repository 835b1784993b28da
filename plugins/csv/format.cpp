// plugins/csv/format.cpp: fields to CSV. cut() settles the columns with the first records and puts the header in front; map() writes
// the records, in parallel.
#include <pipe/plugin.hpp>

#include <algorithm>
#include <functional>
#include <mutex>

#include "lib/csv_text.hpp"
#include "lib/keys.hpp"
namespace {

namespace csv = shared::csv;

// Set once by cut(), before any batch reaches map().
class settled_columns {
 public:
  void set(std::vector<pipes::field> names) {
    std::lock_guard held(mu_);
    names_ = std::move(names);
  }
  std::vector<pipes::field> get() {
    std::lock_guard held(mu_);
    return names_;
  }

 private:
  std::mutex mu_;  // guards names_; never held across a parking call
  std::vector<pipes::field> names_;
};

constexpr std::uint64_t records_note = 1, header_note = 2;

struct format : pipes::map_stage {
  std::vector<pipes::field> columns;
  std::string separator = ",";
  bool quotes = true;
  bool header = true;

  static auto spec() {
    return pipes::stage<format>("format", "Write each record's fields as CSV.")
        .doc("The header comes first. Without `columns` they are those that csv.parse knew at the first record (of its file and of the files before), or the fields of the first record, and a record with "
             "a field beyond them is an error; where no record comes, the header is written if the stages before tell which fields there are, as csv.parse and text.regex do. A missing field and null are empty. A value is quoted only if it has the separator, a quote "
             "or a line end in it.")
        .main_option("columns", &format::columns, "The fields to write, in this order.")
        .option("separator", &format::separator, "What stands between fields: one byte; \\t is a tab.")
        .option("quotes", &format::quotes, "Quote what has to be; false: write each value as it is, as in the TSV of databases, which csv.parse reads with `quotes: false`. One with the separator or a line end in it is an error.")
        .option("header", &format::header, "Begin with a line of the columns' names.")
        .example("json.parse | csv.format", "{\"a\":1,\"b\":\"x, y\"}\n{\"a\":null,\"b\":\"z\"}", "a,b\n1,\"x, y\"\n,z")
        .example("csv.parse | csv.format: {columns: [n, host], separator: ';'}", "host,n\na,1\nb,2", "n;host\n1;a\n2;b");
  }
  void check(pipes::checker& c) {
    c.own_bytes();
    if (!csv::separator_of(separator, byte_)) c.fault("separator", csv::separator_fault(separator));
    // csv.parse takes one there.
    if (columns.size() == 1 && (columns[0].name() == "\\t" || (columns[0].name().size() == 1 && std::string_view("\t,;|").find(columns[0].name()[0]) != std::string_view::npos)))
      c.fault_at("columns", 0, "the option 'columns' names fields; what stands between them is `separator`: csv.format: {separator: '" + std::string(columns[0].name()) + "'}");
    if (!quotes && header)
      for (std::size_t i = 0; i < columns.size(); ++i)
        if (csv::quoting(byte_, quotes).is_due(columns[i].name())) c.fault_at("columns", i, unquotable(columns[i].name()));
    if (columns.empty()) c.reads_all();
    else c.reads(columns);
    for (std::size_t i = 0; i < columns.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (columns[i] == columns[j]) c.fault_at("columns", i, "'columns' names '" + std::string(columns[i].name()) + "' twice");
  }

  void cut(pipes::batch* in, pipes::output& out) {
    csv::separator_of(separator, byte_);
    if (in && in->size() == 0) return;
    if (!settled_) {
      const std::vector<pipes::field> names = !columns.empty() ? columns : in ? columns_of(*in, out) : columns_of_none();
      if (names.empty()) return;
      settled_ = true;
      shared<settled_columns>().set(names);
      if (header) emit_header(names, out);
    }
    if (!in) return;
    pipe_part part{};
    part.from = in->raw();
    part.count = in->size();
    part.note = records_note;
    out.emit_part(part);
  }

  void map(pipes::batch& in, pipes::output& out) {
    if (in.note() == header_note) {
      out.pass(in);
      return;
    }
    if (names_.empty()) {
      csv::separator_of(separator, byte_);
      quoting_.emplace(byte_, quotes);
      names_ = shared<settled_columns>().get();
      for (pipes::field f : names_) known_.push_back(f.handle());
      std::sort(known_.begin(), known_.end(), std::less<>());
    }
    if (columns.empty()) refuse_others(in, out);
    write(in, out);
  }

 private:
  static std::vector<pipes::field> columns_of(const pipes::batch& in, pipes::output& out) {
    std::vector<pipes::field> names = in.fields_of(0, out.raw());
    if (names.empty()) throw std::runtime_error("the first record has no fields to make columns of; parse it first, with json.parse, csv.parse or text.regex");
    return names;
  }
  // No record came: what they would have had, where that is known.
  std::vector<pipes::field> columns_of_none() const {
    const auto known = incomplete() ? std::nullopt : input_fields();
    return known.value_or(std::vector<pipes::field>());
  }
  void emit_header(const std::vector<pipes::field>& names, pipes::output& out) const {
    const csv::quoting quoting(byte_, quotes);
    std::string line;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string_view name = names[i].name();
      std::string text(2 * name.size() + 2, '\0');
      text.resize(static_cast<std::size_t>(quoting.write(name, text.data()) - text.data()));
      if (!quotes && quoting.is_due(name)) throw std::runtime_error(unquotable(name));
      if (i) line += byte_;
      line += text;
    }
    pipe_slice* record = out.alloc_array<pipe_slice>(1);
    const std::string_view kept = out.copy(line);
    *record = {kept.data(), static_cast<std::uint32_t>(kept.size()), 0};
    pipe_part part{};
    part.flags = PIPE_PART_OWN_BYTES | PIPE_PART_UNCOUNTED;
    part.records = record;
    part.count = 1;
    part.note = header_note;
    out.emit_part(part);
  }
  std::string unquotable(std::string_view name) const {
    return "the name '" + std::string(name) + "' of a field has the separator or a line end in it, which are not written without quotes";
  }
  void refuse_others(const pipes::batch& in, pipes::output& out) const {
    for (pipes::field f : in.fields()) {
      if (std::binary_search(known_.begin(), known_.end(), f.handle(), std::less<>())) continue;
      const pipes::column c = in.own_column(f);
      if (c.raw().all == PIPE_MISSING) continue;
      for (std::size_t i = 0; i < c.size(); ++i)
        if (!c.missing(i)) out.fail(i, "the field '" + std::string(f.name()) + "' is not among the columns of the first record (" + listed() + "); name all of them with `columns`");
    }
  }
  std::string listed() const {
    constexpr std::size_t most = 12;
    std::string s;
    for (std::size_t i = 0; i < names_.size() && i < most; ++i) s += (i ? ", " : "") + std::string(names_[i].name());
    return names_.size() > most ? s + ", …" : s;
  }

  void write(const pipes::batch& in, pipes::output& out) {
    const std::size_t n = in.size();
    std::vector<const pipe_column*> from;
    for (pipes::field f : names_) from.push_back(&in.column_of(f).raw());
    // Room for the worst case at once: every byte of a text doubled, quotes, separators, a line end.
    std::size_t most = n * (from.size() * 3 + 1);
    for (const pipe_column* c : from)
      for (std::size_t i = 0; i < n; ++i) most += c->slices && c->slices[i].data ? 2 * std::size_t{c->slices[i].size} : shared::number_room;
    pipe_slice* records = out.alloc_array<pipe_slice>(n);
    char* const text = out.alloc(most);
    char* o = text;
    char room[shared::number_room];
    for (std::size_t i = 0; i < n; ++i) {
      char* const begin = o;
      for (std::size_t k = 0; k < from.size(); ++k) {
        if (k) *o++ = byte_;
        const std::string_view text_of_field = shared::printed(*from[k], i, room);
        if (!quotes && quoting_->is_due(text_of_field)) {
          out.fail(i, "the field '" + std::string(names_[k].name()) + "' has the separator or a line end in it, which are not written without quotes");
          break;
        }
        o = quoting_->write(text_of_field, o);
      }
      if (quotes && o == begin) {  // one empty column: an empty line would be no record
        *o++ = '"';
        *o++ = '"';
      }
      records[i] = {begin, static_cast<std::uint32_t>(o - begin), PIPE_SLICE_NEWLINE};
      *o++ = '\n';
    }
    out.trim(text, most, static_cast<std::size_t>(o - text));
    pipe_part part{};
    part.flags = PIPE_PART_OWN_BYTES;
    part.from = in.raw();
    part.records = records;
    part.count = n;
    out.emit_part(part);
  }

  char byte_ = ',';
  bool settled_ = false;                  // cut()
  std::vector<pipes::field> names_;       // map()
  std::vector<const pipe_field*> known_;  // these, sorted
  std::optional<csv::quoting> quoting_;
};
PIPE_STAGE(format)
}
