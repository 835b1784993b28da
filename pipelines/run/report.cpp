// report.cpp: what a run says about itself: the table of --stats, and the picture of who waits for whom.
#include <fmt/format.h>

#include <algorithm>

#include "pipelines/diagnostic.hpp"
#include "pipelines/log.hpp"
#include "pipelines/run/engine.hpp"

namespace pipes::pipelines {
namespace {

std::string bytes_text(std::uint64_t n) {
  static constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  double v = static_cast<double>(n);
  std::size_t u = 0;
  while (v >= 1024 && u + 1 < std::size(units)) {
    v /= 1024;
    ++u;
  }
  return u == 0 ? fmt::format("{} B", n) : fmt::format("{:.1f} {}", v, units[u]);
}

std::string seconds_text(nanos n) { return fmt::format("{:.3f} s", static_cast<double>(n.count()) / 1e9); }

// A plugin's own name for a figure, in one line of the table.
std::string counter_name(std::string_view name) {
  std::string text = printable(name);
  std::replace(text.begin(), text.end(), '\n', '?');
  return text;
}

}  // namespace

run_report engine::report() {
  run_report r;
  {
    std::lock_guard lock(mutex_);
    r.exit_code = cause_.value_or(0);
    r.signal = signal_;
    r.failures = failures_;
  }
  r.elapsed = options_.seed ? nanos(std::max<std::int64_t>(0, ended_ - began_)) : wall::now() - started_;
  for (auto& s : stages_) {
    stage_report& line = r.stages.emplace_back();
    stage_counts& c = s->counts;
    line.id = s->settings->id;
    line.workers = s->workers;
    line.records_in = c.records_in;
    line.records_out = c.records_out;
    line.bytes_in = c.bytes_in;
    line.bytes_out = c.bytes_out;
    line.batches_in = c.batches_in;
    line.errors = c.errors;
    line.dropped = (s->out ? s->out->dropped() : 0) + (s->dead ? s->dead->dropped() : 0);
    if (line.dropped) log::warning("stage '" + line.id + "': " + std::to_string(line.dropped) + " records were dropped, since a channel behind it was full (on_full)");
    line.waiting_in = nanos(c.waiting_in);
    line.waiting_out = nanos(c.waiting_out);
    // A run stage works whenever it does not wait, as long as it lives; a chain's work is measured as one and shown at its first stage.
    line.working = nanos(c.working);
    if (s->descriptor->shape == PIPE_SHAPE_RUN) line.working = std::max(nanos(0), line.working - line.waiting_in - line.waiting_out);
    line.counters.assign(c.named.begin(), c.named.end());
  }
  return r;
}

std::string run_report::table() const {
  std::string text = fmt::format("{:<24} {:>7} {:>12} {:>12} {:>10} {:>10} {:>8} {:>8} {:>10} {:>10} {:>10}\n", "stage", "workers", "records in", "records out",
                                 "bytes in", "bytes out", "errors", "dropped", "working", "wait in", "wait out");
  const stage_report* busiest = nullptr;
  double most = 0;
  for (const stage_report& s : stages) {
    text += fmt::format("{:<24} {:>7} {:>12} {:>12} {:>10} {:>10} {:>8} {:>8} {:>10} {:>10} {:>10}\n", s.id, s.workers, s.records_in, s.records_out,
                        bytes_text(s.bytes_in), bytes_text(s.bytes_out), s.errors, s.dropped, seconds_text(s.working), seconds_text(s.waiting_in),
                        seconds_text(s.waiting_out));
    for (const auto& [name, value] : s.counters) text += fmt::format("{:<24} {} = {}\n", "", counter_name(name), value);
    const double share = elapsed.count() > 0 ? static_cast<double>(s.working.count()) / static_cast<double>(elapsed.count()) / std::max(1u, s.workers) : 0;
    if (share > most) {
      most = share;
      busiest = &s;
    }
  }
  if (busiest) text += fmt::format("bottleneck: {} was at work {:.0f} % of {}\n", busiest->id, most * 100, seconds_text(elapsed));
  else text += "bottleneck: none was seen: no time passed\n";
  return text;
}

std::string engine::picture() {
  std::string text;
  for (auto& u : units_) text += fmt::format("  {:<40} {}\n", u->name(), u->ended() ? "ended" : u->stopping() ? "stopping" : "running");
  for (auto& made : links_)
    for (auto& l : made) {
      const std::size_t held = l->data().size(), room = l->data().capacity();
      const char* verdict = room > 0 && held == room ? ", full: the reader holds up the writer" : held == 0 ? ", empty: the reader waits for the writer" : "";
      text += fmt::format("  {:<40} {} of {} batches{}\n", l->name(), held, room, l->nobody_reads() ? ", nobody reads" : verdict);
    }
  return text;
}

// What the sources have read or made, of how much where they know, how fast, and how long it will take. Records where no source reads bytes. Empty: nothing yet.
std::string engine::progress_line() {
  std::int64_t read = 0, to_read = 0, made = 0, to_make = 0;
  for (auto& s : stages_) {
    if (!s->settings->inputs.empty()) continue;
    std::lock_guard lock(s->counts.mutex);
    const auto value = [&](std::string_view name) {
      const auto place = s->counts.named.find(name);
      return place == s->counts.named.end() ? 0 : place->second;
    };
    read += value("bytes read");
    to_read += value("bytes to read");
    made += value("records made");
    to_make += value("records to make");
  }
  const bool bytes = read > 0;
  const std::int64_t done = bytes ? read : made, all = bytes ? to_read : to_make;
  if (done == 0) return {};
  const auto amount = [&](double n) { return bytes ? bytes_text(static_cast<std::uint64_t>(n)) : fmt::format("{:.0f}", n); };
  const double seconds = std::max(1e-3, std::chrono::duration<double>(wall::now() - started_).count());
  const double rate = static_cast<double>(done) / seconds;
  std::string line = fmt::format("{} {}, {}/s", amount(static_cast<double>(done)), bytes ? "read" : "records", amount(rate));
  if (all >= done)
    line += fmt::format(", {:.0f} % of {}, {:.0f} s left", 100.0 * static_cast<double>(done) / static_cast<double>(all), amount(static_cast<double>(all)),
                        static_cast<double>(all - done) / rate);
  return line;
}

std::string engine::dump() { return picture() + dump_fibers(); }

}  // namespace pipes::pipelines
