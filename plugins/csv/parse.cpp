// plugins/csv/parse.cpp: CSV to fields. cut() follows the quotes, one batch after the other, cuts anew where a newline lies within
// quotes, and takes the headers out; map() splits the records into fields, in parallel.
#include <pipe/plugin.hpp>

#include <mutex>
#include <numeric>
#include <unordered_map>

#include "lib/csv_text.hpp"
namespace {

namespace csv = shared::csv;

// A file's columns, and the fields of its records: those that a header before it had come first, also where this one lacks them. So of
// two files' fields one's are the beginning of the other's, and records of both can be gathered in one order.
struct columns_of_file {
  static constexpr std::size_t none = SIZE_MAX;
  std::vector<std::string> names;
  std::vector<std::size_t> places;  // of each column's field among all that were met
  std::size_t met;                  // how many these are, this file's among them
};

// The headers met so far. cut() adds, map() looks up; a header never changes once it is in.
class headers {
 public:
  using names = std::vector<std::string>;
  // Its number; one header that comes again has one number.
  std::uint64_t add(names n) {
    std::lock_guard held(mu_);
    for (std::size_t i = 0; i < all_.size(); ++i)
      if (all_[i]->names == n) return i;
    if (all_.size() == most) throw std::runtime_error("more than 65534 files with different headers");
    columns_of_file made{std::move(n), {}, 0};
    for (const std::string& name : made.names) {
      const auto [at, fresh] = known_.emplace(name, fields_.size());
      if (fresh) fields_.emplace_back(name);
      made.places.push_back(at->second);
    }
    made.met = fields_.size();
    all_.push_back(std::make_shared<const columns_of_file>(std::move(made)));
    return all_.size() - 1;
  }
  // Number i; nullptr if there is none.
  std::shared_ptr<const columns_of_file> find(std::uint64_t i) {
    std::lock_guard held(mu_);
    return i < all_.size() ? all_[i] : nullptr;
  }
  // The one that there is, if there is only one.
  std::shared_ptr<const columns_of_file> only() {
    std::lock_guard held(mu_);
    return all_.size() == 1 ? all_[0] : nullptr;
  }
  // The fields that were met, the first n.
  std::vector<pipes::field> fields(std::size_t n = SIZE_MAX) {
    std::lock_guard held(mu_);
    return {fields_.begin(), fields_.begin() + static_cast<std::ptrdiff_t>(std::min(n, fields_.size()))};
  }

 private:
  static constexpr std::size_t most = 65534;
  std::mutex mu_;  // guards the rest; never held across a parking call
  std::vector<std::shared_ptr<const columns_of_file>> all_;
  std::vector<pipes::field> fields_;  // of all columns, in the order in which they were met
  std::unordered_map<std::string, std::size_t> known_;  // where they stand there
};

// What cut() tells map() of a batch: which header, and the line that its first record begins on. 0 says nothing.
constexpr std::uint64_t endless_header = 65534;  // in place of a header's number: the batch is one record, a header that the file's end cut off
std::uint64_t make_note(std::uint64_t header, std::uint64_t line) { return line << 16 | (header + 1); }
std::uint64_t header_of(std::uint64_t note) { return (note & 0xffff) - 1; }
std::uint64_t line_of(std::uint64_t note) { return note >> 16; }

struct parse : pipes::map_stage {
  std::string separator = ",";
  bool quotes = true;
  bool header = true;
  std::vector<std::string> names;
  bool infer = true;
  pipes::choice ragged{"fail", 0};
  pipes::size max_record{16u << 20};

  static auto spec() {
    return pipes::stage<parse>("parse", "Parse CSV into fields.")
        .doc("Quotes are those of RFC 4180: within a quoted field separators and newlines are text and a doubled quote is one. The first "
             "record of each file is its header and no record; later files are matched by name, whatever the order of their columns (fields have that of the first file). "
             "A column without a name is called by its place (c3), a name that comes again gets a number (x_2). Empty lines are "
             "skipped, but behind the header of a single column (or with one name in `names` and `header: false`), where each is a record. Fields are text; one that is written as a number counts as one. The "
             "record itself stays as it was read. Lines may end in CRLF, the file may begin with a byte order mark.")
        .main_option("separator", &parse::separator, "What stands between fields: one byte; \\t is a tab.")
        .option("quotes", &parse::quotes, "A field that begins with a quote ends at the next one; false: quotes are text like any other and every newline ends a record, as in the TSV of databases.")
        .option("header", &parse::header, "The first record of a file names its columns; false: they are c1, c2, … or `names`.")
        .option("names", &parse::names, "Names for the columns, in place of those of a header.")
        .option("infer", &parse::infer, "A field that is written as a number counts as a number.")
        .option("ragged", &parse::ragged, "A record with fewer fields than the header: `fail` is an error, `fill` leaves its last fields out. One with more is always an error.")
        .choices({"fail", "fill"})
        .option("max_record", &parse::max_record, "A record longer than that is an error: most often a quote that was never closed.")
        .example("csv.parse | where: age > 40", "name,age\nAnn,41\n\"Lee, Bob\",39\n\"O\"\"Hara\",63", "Ann,41\n\"O\"\"Hara\",63")
        .example("csv.parse: \\t | json.format", "host\tms\na\t12\nb\t7", "{\"host\":\"a\",\"ms\":12}\n{\"host\":\"b\",\"ms\":7}")
        .example("csv.parse: {separator: ';', header: false, names: [host, ms]} | json.format", "a;12\nb;7", "{\"host\":\"a\",\"ms\":12}\n{\"host\":\"b\",\"ms\":7}");
  }
  void check(pipes::checker& c) {
    char unused;
    if (!csv::separator_of(separator, unused)) c.fault("separator", csv::separator_fault(separator));
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i].empty()) c.fault_at("names", i, "a column's name is empty");
      for (std::size_t j = 0; j < i; ++j)
        if (names[i] == names[j]) c.fault_at("names", i, "'" + names[i] + "' stands there twice");
    }
    if (!header && !names.empty()) {
      for (const auto& n : names) c.attaches(n);
    } else {
      c.makes_any();
    }
  }
  void open() { read_dialect(); }

  // -- cut: one instance sees all batches in order
  void cut(pipes::batch* in, pipes::output& out) {
    read_dialect();
    if (!scan_) scan_.emplace(dialect_);
    if (!in) {
      if (!carry_.empty()) emit_carry(out);
      return;
    }
    if (in->begins_file() || !started_) begin_file(out);
    const auto block = in->bytes();
    if (block && !scan_->inside()) {
      const char* p = block->data();
      const char* end = p + block->size();
      if (at_begin() && has_bom(*block)) p += 3;
      if (scan_->scan(p, end) == 0 && !scan_->inside()) {
        pass_lines(*in, *block, out);
        return;
      }
      scan_->reset(false);
    }
    cut_anew(*in, out);
  }

  // -- map: any number of instances
  void map(pipes::batch& in, pipes::output& out) {
    const std::uint64_t note = in.note();
    if (note && header_of(note) == endless_header) return out.fail(0, "line " + std::to_string(line_of(note)) + ": the header has a quoted field that " + describe(csv::fault::unclosed));
    const std::shared_ptr<const columns_of_file> columns = note ? shared<headers>().find(header_of(note)) : shared<headers>().only();
    if (!columns) throw std::runtime_error("it is not known which file's header this record belongs to");
    const std::size_t n = in.size();
    row_sink sink{*this, in, out, columns->names.size(), n, line_of(note)};
    if (current_ != columns) choose(columns);
    targets_.assign(columns->names.size(), nullptr);
    arrays_.clear();
    for (const wanted& w : wanted_) {
      const bool there = w.column != columns_of_file::none;
      arrays_.push_back(there ? out.alloc_array<pipe_slice>(n) : nullptr);
      if (there) targets_[w.column] = arrays_.back();
    }
    sink.targets = targets_.data();
    rows_.clear();
    if (const auto block = in.bytes()) {
      std::string_view text = *block;
      if (skips_bom(in) && has_bom(text)) text.remove_prefix(3);
      csv::split(text.data(), text.data() + text.size(), dialect_, true, sink);
    } else {
      const auto records = in.records();
      for (std::size_t i = 0; i < n; ++i) {
        std::string_view text = records[i].view();
        if (i == 0 && skips_bom(in) && has_bom(text)) text.remove_prefix(3);
        csv::split(text.data(), text.data() + text.size(), dialect_, false, sink);
      }
    }
    emit(in, out, sink);
  }

 private:
  void read_dialect() {
    csv::separator_of(separator, dialect_.separator);
    dialect_.quotes = quotes;
  }

  struct wanted {
    pipes::field name;
    std::size_t column;
  };

  static bool has_bom(std::string_view s) { return s.size() >= 3 && std::memcmp(s.data(), "\xef\xbb\xbf", 3) == 0; }
  // Only where there is no header can a record that is kept begin with the mark.
  bool skips_bom(const pipes::batch& in) const {
    std::uint64_t first = 0;
    (void)in.noted(first);
    return !header && first == 0 && line_of(in.note()) == 1;
  }

  void begin_file(pipes::output& out) {
    if (!carry_.empty()) emit_carry(out);
    started_ = first_ = true;
    line_ = 1;
    scan_->reset(false);
  }

  // The batch has no newline within quotes: its lines are the records.
  void pass_lines(pipes::batch& in, std::string_view block, pipes::output& out) {
    const std::size_t n = in.size();
    if (n == 0) return;
    const std::uint64_t line = line_;
    line_ += n;
    std::size_t skipped = 0;
    while (first_ && skipped < n) {
      const std::size_t size = std::min(block.find('\n'), block.size());
      if (take_first(block.substr(0, size), line + skipped) == first_line::record) break;
      ++skipped;
      block.remove_prefix(std::min(size + 1, block.size()));
    }
    pipe_part part{};
    part.from = in.raw();
    part.count = n - skipped;
    part.note = make_note(header_, line + skipped);
    std::vector<std::uint32_t> rows;
    if (skipped) {
      rows.resize(n - skipped);
      std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(skipped));
      part.rows = rows.data();
    }
    if (part.count) out.emit_part(part);
  }

  // Line by line: joins the lines that a quoted newline had cut; what is not complete at the end is carried over.
  void cut_anew(pipes::batch& in, pipes::output& out) {
    const auto lines = in.records();
    std::vector<pipe_slice> records;
    std::vector<std::uint32_t> rows;
    std::uint64_t record_line = carry_.empty() ? line_ : carry_line_;
    std::uint64_t part_line = record_line;
    pipe_slice open{nullptr, 0, 0};
    std::size_t open_row = 0;
    bool anew = false;  // a record is no line of the batch
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const pipe_slice& l = lines.slices()[i];
      const char* p = l.data;
      if (at_begin() && has_bom({p, l.size})) p += 3;
      scan_->scan(p, l.data + l.size);
      ++line_;
      const bool carried = !carry_.empty();
      if (carried) {
        carry_.append(l.data, l.size);
      } else if (!open.data) {
        open = l;
        open_row = i;
      } else if (l.data == open.data + open.size + 1 && (open.flags & PIPE_SLICE_NEWLINE)) {
        open.size += 1 + l.size;
        open.flags = l.flags;
        anew = true;
      } else {
        carry_.assign(open.data, open.size).append(1, '\n').append(l.data, l.size);
      }
      const std::size_t size = carry_.empty() ? open.size : carry_.size();
      if (scan_->inside() && size <= max_record.bytes) {
        if (!carry_.empty()) carry_.push_back('\n');
        continue;
      }
      scan_->reset(false);
      pipes::batch began;  // where the record did, if that is another batch, which has fields
      if (!carry_.empty()) {
        const std::string_view kept = out.copy(carry_);
        if (carried && !open.data) {
          open_row = i;
          if (carry_from_ && !carry_from_.fields().empty()) began = std::move(carry_from_);
        }
        open = {kept.data(), static_cast<std::uint32_t>(kept.size()), l.flags & ~PIPE_SLICE_NEWLINE};  // the source's last line may lack its end
        carry_.clear();
        carry_from_ = {};
        anew |= !began;
      }
      if (first_ && take_first({open.data, open.size}, record_line) != first_line::record) {
        part_line = line_;
      } else if (began) {  // its fields are those of its first line
        emit_records(began.raw(), {open}, {carry_row_}, record_line, out);
        part_line = line_;
      } else {
        records.push_back(open);
        rows.push_back(static_cast<std::uint32_t>(open_row));
      }
      open = {nullptr, 0, 0};
      record_line = line_;
    }
    if (scan_->inside()) {
      if (carry_.empty()) {
        carry_.assign(open.data, open.size).push_back('\n');
        carry_from_ = pipes::batch::share(in.raw());
        carry_row_ = static_cast<std::uint32_t>(open_row);
      }
      carry_line_ = record_line;
    }
    emit_records(in.raw(), records, rows, part_line, out, anew);
  }
  // The input, or a file of it, has ended within quotes: map() finds that and says so.
  void emit_carry(pipes::output& out) {
    if (carry_.back() == '\n') carry_.pop_back();
    const std::string_view kept = out.copy(carry_);
    carry_.clear();
    const pipes::batch from = std::move(carry_from_);
    if (first_ && header) header_ = endless_header;
    else if (first_) take_first(kept, carry_line_);
    emit_records(from.raw(), {{kept.data(), static_cast<std::uint32_t>(kept.size()), 0}}, {carry_row_}, carry_line_, out);
  }
  // Records that are lines of the batch stay what they are, JSON say.
  void emit_records(pipe_batch* from, const std::vector<pipe_slice>& records, const std::vector<std::uint32_t>& rows, std::uint64_t line, pipes::output& out, bool anew = true) {
    if (records.empty()) return;
    pipe_part part{};
    if (anew) {
      pipe_slice* kept = out.alloc_array<pipe_slice>(records.size());
      std::memcpy(static_cast<void*>(kept), records.data(), records.size() * sizeof(pipe_slice));
      part.flags = PIPE_PART_OWN_BYTES;
      part.records = kept;
    }
    part.from = from;
    part.rows = from ? rows.data() : nullptr;
    part.count = records.size();
    part.note = make_note(header_, line);
    out.emit_part(part);
  }

  bool at_begin() const { return first_ && line_ == 1 && carry_.empty(); }

  enum class first_line { record, header, nothing };
  // Looks at what may be a file's first record. An empty line in front of it is nothing: it names no columns and does not say how many there are.
  first_line take_first(std::string_view text, std::uint64_t line) {
    first_ = false;
    if (!header && !names.empty()) {
      know(names);
      return first_line::record;
    }
    if (line == 1 && has_bom(text)) text.remove_prefix(3);
    if (text.empty() || text == "\r") {
      first_ = true;
      return first_line::nothing;
    }
    const auto fail = [&](const std::string& why) { throw std::runtime_error("line " + std::to_string(line) + ": the header has " + why); };
    headers::names found;
    csv::field_list list{found};
    csv::split(text.data(), text.data() + text.size(), dialect_, false, list);
    if (header && list.wrong != csv::fault::none) fail("a quoted field that " + describe(list.wrong));
    if (!header) {
      for (std::size_t i = 0; i < found.size(); ++i) found[i] = by_place(i);
    } else if (!names.empty()) {
      if (found.size() != names.size()) fail(std::to_string(found.size()) + " columns, but `names` has " + std::to_string(names.size()));
      found = names;
    } else {
      make_unique(found);
    }
    know(std::move(found));
    return header ? first_line::header : first_line::record;
  }
  void know(headers::names columns) {
    header_ = shared<headers>().add(std::move(columns));
    const auto asked = demanded();
    auto there = shared<headers>().fields();
    if (asked) there.erase(std::remove_if(there.begin(), there.end(), [&](pipes::field f) { return !is_wanted(asked, f); }), there.end());
    announce(there);
  }
  static std::string by_place(std::size_t column) {
    std::string name(1, 'c');
    return name.append(std::to_string(column + 1));
  }
  void make_unique(headers::names& found) {
    for (std::size_t i = 0; i < found.size(); ++i) {
      const std::string given = found[i];
      const std::string wish = given.empty() ? by_place(i) : given;
      std::string name = wish;
      const auto taken = [&] { return std::find(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(i), name) != found.begin() + static_cast<std::ptrdiff_t>(i); };
      for (int n = 2; taken(); ++n) name = wish + "_" + std::to_string(n);
      if (name != given)
        log(PIPE_LOG_WARN, "column " + std::to_string(i + 1) + (given.empty() ? " has no name" : ": the name '" + given + "' stands there before") + "; it is called '" + name + "'");
      found[i] = std::move(name);
    }
  }

  // Which columns to build: those that later stages can ask for.
  void choose(std::shared_ptr<const columns_of_file> columns) {
    current_ = std::move(columns);
    wanted_.clear();
    const auto asked = demanded();
    const auto fields = shared<headers>().fields(current_->met);
    std::vector<std::size_t> columns_of(fields.size(), columns_of_file::none);
    for (std::size_t i = 0; i < current_->places.size(); ++i) columns_of[current_->places[i]] = i;
    for (std::size_t i = 0; i < fields.size(); ++i)
      if (is_wanted(asked, fields[i])) wanted_.push_back({fields[i], columns_of[i]});
  }
  static bool is_wanted(const std::optional<std::vector<pipes::field>>& asked, pipes::field name) {
    return !asked || std::find(asked->begin(), asked->end(), name) != asked->end();
  }

  static std::string describe(csv::fault f) { return std::string(csv::describe(f)) + csv::without_quotes; }

  struct row_sink {
    parse& stage;
    const pipes::batch& in;
    pipes::output& out;
    std::size_t width;
    std::size_t count;
    std::uint64_t line;                    // of the first record that cut() saw; 0: not known
    pipe_slice** targets = nullptr;    // a column's values, or nullptr: nobody asks for it
    std::size_t row = 0;               // of the input
    std::size_t kept = 0;              // row of the output
    std::size_t shortest = SIZE_MAX;   // fields of the shortest record that was filled up
    std::string_view first{};

    void field(std::size_t number, std::string_view text, bool doubled) {
      if (number == 0) first = text;
      if (number >= width || !targets[number]) return;
      if (doubled) {
        char* to = out.alloc(text.size());
        text = {to, csv::undouble(text, to)};
      }
      targets[number][kept] = {text.data(), static_cast<std::uint32_t>(text.size()), 0};
    }
    void record(std::size_t fields, csv::fault wrong, const char* begin, const char* end) {
      const std::size_t at = row++;
      const std::size_t size = static_cast<std::size_t>(end - begin);
      if (fields == width && wrong == csv::fault::none && size <= stage.max_record.bytes) {
        keep(at);
        return;
      }
      if (wrong != csv::fault::none || size > stage.max_record.bytes) {
        const std::string where = place(at);
        if (size > stage.max_record.bytes)
          out.fail(at, where + "the record is longer than " + pipes::detail::size_text(stage.max_record.bytes) + (wrong == csv::fault::unclosed ? ": a quoted field " + describe(wrong) : "") + "; max_record sets the limit");
        else
          out.fail(at, where + "a quoted field " + describe(wrong));
        return;
      }
      if (fields == 1 && first.empty()) return;  // an empty line
      if (fields < width && stage.ragged.index == 1) {
        for (std::size_t f = fields; f < width; ++f)
          if (targets[f]) targets[f][kept] = {nullptr, 0, 0};
        shortest = std::min(shortest, fields);
        keep(at);
        return;
      }
      out.fail(at, place(at) + std::to_string(fields) + (fields == 1 ? " field" : " fields") + " where the " +
                       (stage.header ? "header" : stage.names.empty() ? "first record" : "list of names") + " has " + std::to_string(width));
    }
    std::string place(std::size_t at) const {
      if (!line) return {};
      // A record that is tried again comes in a stretch of the batch that cut() saw.
      std::uint64_t begins = 0;
      const pipes::batch whole = in.noted(begins);
      std::uint64_t here = line + begins + at;
      const auto before = whole.records();
      for (std::size_t i = 0; i < begins + at && i < before.size(); ++i) here += static_cast<std::uint64_t>(std::count(before[i].data(), before[i].data() + before[i].size(), '\n'));
      return "line " + std::to_string(here) + ": ";
    }
    void keep(std::size_t at) {
      if (at != kept || !stage.rows_.empty()) {
        if (stage.rows_.empty())
          for (std::size_t i = 0; i < kept; ++i) stage.rows_.push_back(static_cast<std::uint32_t>(i));
        stage.rows_.push_back(static_cast<std::uint32_t>(at));
      }
      ++kept;
    }
  };

  void emit(pipes::batch& in, pipes::output& out, const row_sink& sink) {
    if (sink.kept == 0) return;
    const std::uint8_t tag = infer ? PIPE_WORD : PIPE_STRING;
    std::uint8_t* tags = out.alloc_array<std::uint8_t>(sink.kept);
    std::memset(tags, tag, sink.kept);
    const std::uint8_t* no_tags = nullptr;  // of all columns that the file does not have
    std::vector<pipe_column> columns;
    for (std::size_t k = 0; k < wanted_.size(); ++k) {
      pipe_column c{};
      c.struct_size = sizeof c;
      c.all = tag;
      c.count = sink.kept;
      c.tags = tags;
      c.slices = arrays_[k];
      if (wanted_[k].column == columns_of_file::none) no_column(c, no_tags, out);
      else if (wanted_[k].column >= sink.shortest) fill_tags(c, tag, out);
      columns.push_back(c);
    }
    std::vector<pipe_change> changes;
    for (std::size_t k = 0; k < wanted_.size(); ++k) changes.push_back({PIPE_ATTACH, 0, wanted_[k].name.handle(), nullptr, &columns[k]});
    pipe_part part{};
    part.from = in.raw();
    part.rows = rows_.empty() ? nullptr : rows_.data();
    part.count = sink.kept;
    part.changes = changes.data();
    part.change_count = changes.size();
    out.emit_part(part);
  }
  static void no_column(pipe_column& c, const std::uint8_t*& no_tags, pipes::output& out) {
    if (!no_tags) {
      std::uint8_t* tags = out.alloc_array<std::uint8_t>(static_cast<std::size_t>(c.count));
      std::memset(tags, PIPE_MISSING, static_cast<std::size_t>(c.count));
      no_tags = tags;
    }
    c.all = PIPE_MISSING;
    c.tags = no_tags;
  }
  // Some records were too short for this column.
  static void fill_tags(pipe_column& c, std::uint8_t tag, pipes::output& out) {
    std::uint8_t* tags = out.alloc_array<std::uint8_t>(static_cast<std::size_t>(c.count));
    for (std::size_t i = 0; i < c.count; ++i) tags[i] = c.slices[i].data ? tag : std::uint8_t{PIPE_MISSING};
    c.all = PIPE_MIXED;
    c.tags = tags;
  }

  csv::dialect dialect_;
  // cut()
  std::optional<csv::quote_scan> scan_;
  bool started_ = false;
  bool first_ = true;           // the next record is the first of its file, but for empty lines
  std::uint64_t line_ = 1;      // that the next batch begins on
  std::uint64_t header_ = 0;    // number of the file's header
  std::string carry_;           // the beginning of a record that the next batch goes on with
  pipes::batch carry_from_;     // where it began
  std::uint32_t carry_row_ = 0;
  std::uint64_t carry_line_ = 1;
  // map()
  std::shared_ptr<const columns_of_file> current_;
  std::vector<wanted> wanted_;
  std::vector<pipe_slice*> targets_;
  std::vector<pipe_slice*> arrays_;
  std::vector<std::uint32_t> rows_;
};
PIPE_STAGE(parse)
}
