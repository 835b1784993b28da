// plugins/text/access_log.cpp: the lines of a web server's access log (common and combined format) to fields.
#include <pipe/plugin.hpp>

#include "lib/field_columns.hpp"
#include "lib/numbers.hpp"
#include "lib/quote.hpp"
namespace {
struct access_log : pipes::map_stage {
  pipes::choice unmatched{"fail", shared::unmatched_fail};
  static auto spec() {
    return pipes::stage<access_log>("access_log", "Parse the lines of a web server's access log.")
        .doc("Knows the common log format and the combined one (Apache's and nginx's default) by the look of each line. The fields are ip, ident, user, time, method, path, protocol, status, "
             "size and, in the combined format, referer and agent. A `-` is null; time is the text between the brackets (fields.time reads it: %d/%b/%Y:%H:%M:%S %z); what a server "
             "escaped stays escaped. A request that is not METHOD PATH PROTOCOL, as scanners send them, is all in path. What follows the agent, as some servers append it, is passed over. "
             "The record itself stays as it was; fields that no later stage asks for cost nothing. A line of another form is an error of that record.")
        .main_option("unmatched", &access_log::unmatched, "A line of another form: `fail` makes it an error, `skip` drops it, `pass` hands it on without the fields.")
        .choices({"fail", "skip", "pass"})
        .example("text.access_log | where: status >= 500 | text.format: '{ip} {method} {path} {size}'",
                 "192.0.2.7 - ann [10/Oct/2000:13:55:36 -0700] \"GET /a?b=c HTTP/1.0\" 503 2326\n"
                 "192.0.2.8 - - [10/Oct/2000:13:55:37 -0700] \"POST /d HTTP/1.1\" 200 - \"http://example.org/\" \"curl/8.5\"",
                 "192.0.2.7 GET /a?b=c 2326");
  }
  void check(pipes::checker& c) {
    for (const char* name : names) c.attaches(name);
  }
  void open() {
    columns_.demand(demanded());
    for (std::size_t i = 0; i < field_count; ++i) slots_[i] = columns_.add(pipes::field(names[i]));
  }
  void map(pipes::batch& in, pipes::output& out) {
    const auto records = in.records();
    const std::size_t n = records.size();
    columns_.start(out, n);
    rows_.clear();
    std::size_t kept = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const pipe_slice& s = records.slices()[i];
      if (!read(s.data, s.data + s.size, kept)) {
        if (columns_.size()) columns_.clear(kept);
        if (unmatched.index == shared::unmatched_fail) out.fail(i, "no line of an access log: " + shared::in_quotes(records[i]));
        if (unmatched.index != shared::unmatched_pass) continue;
      }
      rows_.push_back(static_cast<std::uint32_t>(i));
      ++kept;
    }
    if (kept) columns_.emit(in, kept == n ? nullptr : rows_.data(), kept, out);
  }

 private:
  enum place { ip, ident, user, time, method, path, protocol, status, size, referer, agent, field_count };
  static constexpr const char* names[field_count] = {"ip", "ident", "user", "time", "method", "path", "protocol", "status", "size", "referer", "agent"};

  void put(place which, std::size_t row, const char* begin, const char* end) {
    const std::uint32_t slot = slots_[which];
    if (slot == shared::field_columns::none) return;
    if (end - begin == 1 && *begin == '-')
      columns_.put_null(slot, row);
    else
      columns_.put(slot, row, begin, end);
  }
  static const char* find(const char* p, const char* end, char c) {
    return p < end ? static_cast<const char*>(std::memchr(p, c, static_cast<std::size_t>(end - p))) : nullptr;
  }
  // p is behind an opening quote; the closing one: a backslash takes the next byte with it.
  static const char* quote(const char* p, const char* end) {
    for (;;) {
      const char* const close = find(p, end, '"');
      if (!close) return nullptr;
      const char* slash = close;
      while (slash > p && slash[-1] == '\\') --slash;
      if ((close - slash) % 2 == 0) return close;
      p = close + 1;
    }
  }
  // Puts the word at p, which a blank ends, into the row. False: there is none.
  bool word(place which, const char*& p, const char* end, std::size_t row) {
    const char* const stop = find(p, end, ' ');
    if (!stop || stop == p) return false;
    put(which, row, p, stop);
    p = stop + 1;
    return true;
  }
  bool read(const char* p, const char* end, std::size_t row) {
    if (end > p && end[-1] == '\r') --end;
    if (!word(ip, p, end, row) || !word(ident, p, end, row)) return false;
    // A user's name may hold blanks: it goes to the bracket that opens the time.
    const char* open = find(p, end, '[');
    while (open && (open == p || open[-1] != ' ')) open = find(open + 1, end, '[');
    if (!open || open - p < 2) return false;
    put(user, row, p, open - 1);
    const char* const close = find(open, end, ']');
    if (!close || end - close < 3 || close[1] != ' ' || close[2] != '"') return false;
    put(time, row, open + 1, close);
    p = close + 3;
    const char* const request_end = quote(p, end);
    if (!request_end || end - request_end < 2 || request_end[1] != ' ') return false;
    request(p, request_end, row);
    p = request_end + 2;
    const char* stop = find(p, end, ' ');
    if (!stop || stop - p != 3 || !shared::is_digit(p[0]) || !shared::is_digit(p[1]) || !shared::is_digit(p[2])) return false;
    put(status, row, p, stop);
    p = stop + 1;
    stop = find(p, end, ' ');
    const char* const size_end = stop ? stop : end;
    if (!(size_end - p == 1 && *p == '-')) {
      if (p == size_end) return false;
      for (const char* q = p; q < size_end; ++q)
        if (!shared::is_digit(*q)) return false;
    }
    put(size, row, p, size_end);
    if (!stop) return true;  // the common format ends here
    return quoted(referer, p = stop, end, row) && quoted(agent, p, end, row) && (p == end || *p == ' ');
  }
  bool quoted(place which, const char*& p, const char* end, std::size_t row) {
    if (end - p < 3 || p[0] != ' ' || p[1] != '"') return false;
    const char* const close = quote(p + 2, end);
    if (!close) return false;
    put(which, row, p + 2, close);
    p = close + 1;
    return true;
  }
  void request(const char* p, const char* end, std::size_t row) {
    const char* const first = find(p, end, ' ');
    const char* const last = first ? static_cast<const char*>(memrchr(p, ' ', static_cast<std::size_t>(end - p))) : nullptr;
    if (!first || first == last || first == p || last + 1 == end || !known_protocol(last + 1, end)) return put(path, row, p, end);
    put(method, row, p, first);
    put(path, row, first + 1, last);
    put(protocol, row, last + 1, end);
  }
  static bool known_protocol(const char* p, const char* end) { return end - p > 5 && std::memcmp(p, "HTTP/", 5) == 0; }

  std::uint32_t slots_[field_count] = {};
  std::vector<std::uint32_t> rows_;  // scratch
  shared::field_columns columns_;
};
PIPE_STAGE(access_log)
}
