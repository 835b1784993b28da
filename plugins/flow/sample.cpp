// plugins/flow/sample.cpp: a part of the records: every nth, or a fraction by hash. cut() numbers the records; map() chooses, in parallel.
#include "lib/key_bytes.hpp"
namespace {
struct sample : pipes::map_stage {
  std::optional<double> fraction;
  std::optional<std::int64_t> every;
  std::int64_t seed = 0;
  std::vector<pipes::field> by;
  static auto spec() {
    return pipes::stage<sample>("sample", "Pass a part of the records on.")
        .doc("A fraction is drawn by a hash of the seed and of the record's number, so that the same input gives the same answer, whatever the number of workers. With `by` the key is hashed in place of the "
             "number: all records of a key pass, or none. Between batches that come from several inputs the numbers follow the order of arrival.")
        .main_option("fraction", &sample::fraction, "How much of the input passes: 0.01 is one record in a hundred, on average.")
        .option("every", &sample::every, "In place of a fraction: 100 passes the first of each hundred records.").at_least(1)
        .option("seed", &sample::seed, "Another seed draws other records.")
        .option("by", &sample::by, "Fields whose values together are the key.")
        .example("flow.sample: {every: 3}", "1\n2\n3\n4\n5", "1\n4")
        .example("csv.parse | flow.sample: {fraction: 0.5, by: [user]}", "user,n\nbob,1\nann,2\nbob,3\neve,4", "bob,1\nbob,3");
  }
  void check(pipes::checker& c) {
    if (!by.empty()) c.ignores_bytes();
    if (!fraction && !every) c.fault("fraction", "how much? Give a fraction, or `every`");
    if (fraction && every) c.fault("every", "`fraction` is given as well; take one of the two");
    if (fraction && !(*fraction >= 0 && *fraction <= 1)) c.fault("fraction", "a fraction lies between 0 and 1");
    if (every && !by.empty()) c.fault("by", "`every` goes by the number alone");
    shared::check_keys(c, by);
  }
  void cut(pipes::batch* in, pipes::output& out) {
    if (!in) return;
    if (!by.empty()) return out.pass(*in);
    pipe_part part{};
    part.from = in->raw();
    part.count = in->size();
    part.note = seen_ + 1;  // no note is 0
    seen_ += part.count;
    if (part.count) out.emit_part(part);
  }
  void map(pipes::batch& in, pipes::output& out) {
    const std::uint64_t n = in.size(), before = by.empty() ? number_before(in) : 0;
    rows_.clear();
    if (every) {
      const std::uint64_t step = static_cast<std::uint64_t>(*every);
      for (std::uint64_t at = (step - before % step) % step; at < n; at += step) rows_.push_back(static_cast<std::uint32_t>(at));
    } else {
      const double edge = *fraction * 18446744073709551616.0;
      const std::uint64_t below = edge >= 18446744073709551616.0 ? UINT64_MAX : static_cast<std::uint64_t>(edge);
      const std::uint64_t salt = shared::bytes::mix(static_cast<std::uint64_t>(seed) ^ 0x9e3779b97f4a7c15u, 0xd6e8feb86659fd93u);
      const auto drawn = [&](std::uint64_t hash) { return hash < below || edge >= 18446744073709551616.0; };
      if (!by.empty()) keys_.look_at(in, by);
      for (std::uint64_t i = 0; i < n; ++i) {
        std::uint64_t hash;
        if (by.empty()) {
          hash = scrambled(before + i + salt);
        } else {
          const std::string_view key = keys_.of(static_cast<std::size_t>(i));
          hash = scrambled(shared::bytes::hash(key.data(), key.size(), salt));
        }
        if (drawn(hash)) rows_.push_back(static_cast<std::uint32_t>(i));
      }
    }
    if (rows_.size() == n) out.pass(in);
    else out.pass(in, rows_);
  }

 private:
  // A batch may be a stretch of what cut() numbered.
  static std::uint64_t number_before(const pipes::batch& in) {
    std::uint64_t first;
    (void)in.noted(first);
    return in.note() - 1 + first;
  }
  static std::uint64_t scrambled(std::uint64_t v) {
    v += 0x9e3779b97f4a7c15u;
    v = (v ^ v >> 30) * 0xbf58476d1ce4e5b9u;
    v = (v ^ v >> 27) * 0x94d049bb133111ebu;
    return v ^ v >> 31;
  }
  std::uint64_t seen_ = 0;  // cut(): records so far
  shared::key_bytes keys_;
  std::vector<std::uint32_t> rows_;  // scratch
};
PIPE_STAGE(sample)
}
