// plugins/io/generate.cpp: makes records out of nothing: numbers, or a text with a number in it.
#include <pipe/plugin.hpp>

#include <charconv>
namespace {
struct generate : pipes::run_stage {
  std::optional<std::int64_t> count;
  std::int64_t first = 1;
  std::string text = "{n}";
  pipes::duration interval{0};
  static auto spec() {
    return pipes::stage<generate>("generate", "Make records that count up.")
        .doc("Each record also has its number as the field `n`. For trying things out, for load and as a clock.")
        .main_option("count", &generate::count, "How many records; without it they never end.").at_least(0)
        .option("first", &generate::first, "The first number.")
        .option("text", &generate::text, "The record; {n} stands for the number.")
        .option("interval", &generate::interval, "Wait this long before each record but the first.").at_least(0)
        .example("io.generate: 3", "", "1\n2\n3")
        .example("io.generate: {count: 2, first: 9, text: 'user{n}@example.org'}", "", "user9@example.org\nuser10@example.org");
  }
  void check(pipes::checker& c) {
    c.makes("n");
    if (text.find('\n') != std::string::npos) c.fault("text", "a record is one line; this text has several", text.find('\n'));
    if (count && *count > 0 && first > INT64_MAX - (*count - 1)) c.fault("first", "the numbers would not fit into 64 bits");
  }
  void run(pipes::output& out) {
    split_text();
    n_ = pipes::field("n");
    const auto wanted = demanded();
    numbered_ = !wanted || std::find(wanted->begin(), wanted->end(), n_) != wanted->end();
    const std::uint64_t all = count ? static_cast<std::uint64_t>(*count) : UINT64_MAX;
    if (count) run_stage::count("records to make", *count);
    std::int64_t due = pipes::now();
    std::int64_t next = first;
    for (std::uint64_t made = 0; made < all;) {
      if (made && interval.count()) {
        due += interval.count();  // by the schedule, not by when the last one got away: a slow reader does not shift it
        sleep(pipes::duration(std::max<std::int64_t>(due - pipes::now(), 0)));
      }
      const std::size_t n = interval.count() ? 1 : static_cast<std::size_t>(std::min(fitting(next), all - made));
      emit(next, n, out);
      out.flush();
      next += static_cast<std::int64_t>(n);
      made += n;
      run_stage::count("records made", static_cast<std::int64_t>(n));
    }
  }

 private:
  static constexpr std::uint64_t most_records = 8192;
  static constexpr std::size_t digits = 20;

  std::size_t record_room(std::size_t width) const { return text.size() + (pieces_.size() - 1) * width + 1; }
  // How many records from `number` on a batch may hold.
  std::uint64_t fitting(std::int64_t number) const {
    const std::uint64_t last = static_cast<std::uint64_t>(number) + most_records;
    const std::size_t width = std::max(std::to_string(number).size(), std::to_string(static_cast<std::int64_t>(last)).size());
    const std::size_t beside = numbered_ ? sizeof(pipe_slice) + sizeof(std::uint64_t) + 1 : 0;
    return std::clamp<std::uint64_t>(batch_limit() / (record_room(width) + beside), 1, most_records);
  }

  void split_text() {
    pieces_.clear();
    std::size_t at = 0;
    for (std::size_t found; (found = text.find("{n}", at)) != std::string::npos; at = found + 3) pieces_.push_back(text.substr(at, found - at));
    pieces_.push_back(text.substr(at));
  }
  char* write(char* to, std::int64_t number) const {
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      if (i) to = std::to_chars(to, to + digits, number).ptr;
      std::memcpy(to, pieces_[i].data(), pieces_[i].size());
      to += pieces_[i].size();
    }
    *to++ = '\n';
    return to;
  }
  void emit(std::int64_t number, std::size_t n, pipes::output& out) {
    const std::int64_t last = number + static_cast<std::int64_t>(n - 1);
    const std::size_t room = n * record_room(std::max(std::to_string(number).size(), std::to_string(last).size())) + digits;
    if (!numbered_) {
      pipes::block block(room);
      char* to = block.data();
      for (std::size_t i = 0; i < n; ++i) to = write(to, number + static_cast<std::int64_t>(i));
      const std::size_t size = static_cast<std::size_t>(to - block.data());
      out.emit_block(std::move(block), 0, size);
      return;
    }
    // In one piece, of which nothing is left over: slices, values, tags, text.
    pipe_slice* records = out.alloc_array<pipe_slice>(n + (n * (sizeof(std::uint64_t) + 1) + room) / sizeof(pipe_slice) + 1);
    auto* values = reinterpret_cast<std::uint64_t*>(records + n);
    auto* tags = reinterpret_cast<std::uint8_t*>(values + n);
    char* to = reinterpret_cast<char*>(tags + n);
    std::memset(tags, PIPE_INT, n);
    for (std::size_t i = 0; i < n; ++i) {
      const std::int64_t value = number + static_cast<std::int64_t>(i);
      char* end = write(to, value);
      records[i] = {to, static_cast<std::uint32_t>(end - to - 1), PIPE_SLICE_NEWLINE};
      values[i] = static_cast<std::uint64_t>(value);
      to = end;
    }
    pipe_column column{};
    column.struct_size = sizeof column;
    column.all = PIPE_INT;
    column.count = n;
    column.tags = tags;
    column.values = values;
    pipe_change change{PIPE_ATTACH, 0, n_.handle(), nullptr, &column};
    pipe_part part{};
    part.flags = PIPE_PART_OWN_BYTES;
    part.records = records;
    part.changes = &change;
    part.change_count = 1;
    part.count = n;
    out.emit_part(part);
  }

  std::vector<std::string> pieces_;  // of the text, around each {n}
  pipes::field n_{};
  bool numbered_ = false;
};
PIPE_STAGE(generate)
}
