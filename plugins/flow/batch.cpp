// plugins/flow/batch.cpp: records travel on in batches of a given size.
#include <pipe/plugin.hpp>

#include <numeric>
namespace {
struct regroup : pipes::run_stage {
  std::optional<std::int64_t> records;
  std::optional<pipes::size> bytes;
  std::optional<pipes::duration> time;
  static auto spec() {
    return pipes::stage<regroup>("batch", "Gather records into batches of a given size.")
        .doc("A batch goes on as soon as it has so many records, or so many bytes, or its first record has waited so long, whichever comes first, and at the end. The records and their order do not change. For "
             "stages that work batch by batch: fewer and larger writes, values of capacity that mean something. The key `batch` of a stage only makes batches smaller and never waits.")
        .main_option("records", &regroup::records, "How many records make a batch.").at_least(1).at_most(UINT32_MAX)
        .option("bytes", &regroup::bytes, "How many bytes make one; the record that reaches them is its last.").at_least(1)
        .option("time", &regroup::time, "How long a record waits for others at most.").at_least(1)
        .example("flow.batch: {records: 1000, time: 50ms}", "a\nb\nc", "a\nb\nc");
  }
  void check(pipes::checker& c) {
    c.ignores_bytes();
    if (!records && !bytes && !time) c.fault("records", "what makes a batch? Give records, bytes or time");
  }
  void run(pipes::input& in, pipes::output& out) {
    for (;;) {
      pipes::received r = in.recv_until(held_.empty() || !time ? INT64_MAX : due_);
      if (r.closed()) break;
      if (!r) {
        send(out);
        continue;
      }
      add(*r, out);
    }
    send(out);
  }

 private:
  void add(pipes::batch& b, pipes::output& out) {
    const std::size_t n = b.size();
    const pipe_slice* const slices = bytes ? b.records().slices() : nullptr;
    for (std::size_t at = 0; at < n;) {
      std::size_t end = records ? std::min(n, at + static_cast<std::size_t>(*records) - held_records_) : n;
      bool full = records && held_records_ + (end - at) == static_cast<std::size_t>(*records);
      if (bytes)
        for (std::size_t i = at; i < end; ++i) {
          held_bytes_ += slices[i].size + std::uint64_t{1};
          if (held_bytes_ < bytes->bytes) continue;
          end = i + 1;
          full = true;
        }
      if (held_.empty() && time) due_ = pipes::now() + time->count();
      held_.push_back(at == 0 && end == n ? b : piece(b, at, end, out));
      held_records_ += end - at;
      at = end;
      if (full) send(out);
    }
  }
  static pipes::batch piece(const pipes::batch& b, std::size_t at, std::size_t end, pipes::output& out) {
    std::vector<std::uint32_t> rows(end - at);
    std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(at));
    out.pass(b, rows);
    pipes::batch whole = out.take();
    if (!whole) throw std::bad_alloc();
    return whole;
  }
  void send(pipes::output& out) {
    if (held_.empty()) return;
    pipes::batch whole = held_.size() == 1 ? std::move(held_[0]) : pipes::batch::concat(held_);
    held_.clear();
    held_records_ = 0;
    held_bytes_ = 0;
    out.send(std::move(whole));
  }

  std::vector<pipes::batch> held_;
  std::size_t held_records_ = 0;
  std::uint64_t held_bytes_ = 0;
  std::int64_t due_ = 0;  // when the first record held has waited long enough
};
PIPE_STAGE(regroup)
}
