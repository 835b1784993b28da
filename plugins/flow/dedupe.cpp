// plugins/flow/dedupe.cpp: drop records that repeat a recent one.
#include "lib/key_bytes.hpp"
#include "lib/key_window.hpp"
#include "lib/memory_limit.hpp"
namespace {
struct dedupe : pipes::map_stage {
  std::vector<pipes::field> by;
  std::int64_t window = 1;
  static auto spec() {
    return pipes::stage<dedupe>("dedupe", "Drop records that repeat the one before, or one of the last.")
        .doc("A record passes unless its key is among the last `window` keys that passed; with 1 it is dropped only right behind its like, as by uniq. A window that outgrows the stage's memory is an error; agg.distinct "
             "remembers all keys, on disk if need be. Two values are one key if they print as the same text and are of one kind.")
        .main_option("by", &dedupe::by, "Fields whose values together are the key; none: the whole record.")
        .option("window", &dedupe::window, "How many keys are remembered.").at_least(1).at_most(1 << 30)
        .stateful()
        .gathers()
        .in_memory()
        .example("flow.dedupe", "a\na\nb\na", "a\nb\na")
        .example("json.parse | flow.dedupe: {by: [id], window: 100}", "{\"id\":1,\"n\":1}\n{\"id\":2,\"n\":2}\n{\"id\":1,\"n\":3}", "{\"id\":1,\"n\":1}\n{\"id\":2,\"n\":2}");
  }
  void check(pipes::checker& c) {
    if (!by.empty()) c.ignores_bytes();
    shared::check_keys(c, by);
    if (window == 1) c.gathers_nothing();
  }
  void open() { last_.emplace(static_cast<std::size_t>(window)); }
  void map(pipes::batch& in, pipes::output& out) {
    const std::size_t n = in.size();
    keys_.look_at(in, by);
    rows_.clear();
    if (window == 1) {
      for (std::size_t i = 0; i < n; ++i) {
        const std::string_view key = keys_.of(i);
        if (any_ && key == before_) continue;
        any_ = true;
        before_.assign(key.data(), key.size());
        rows_.push_back(static_cast<std::uint32_t>(i));
      }
    } else {
      for (std::size_t i = 0; i < n; ++i)
        if (!last_->known_or_added(keys_.of(i))) rows_.push_back(static_cast<std::uint32_t>(i));
      if (last_->bytes_held() > memory())  // its words are made for an error alone
        shared::within_memory(*this, last_->bytes_held(), "the last " + std::to_string(last_->size()) + " keys", "a smaller window needs less, agg.distinct goes to disk");
    }
    if (rows_.size() == n) out.pass(in);
    else out.pass(in, rows_);
  }

 private:
  bool any_ = false;
  std::string before_;                   // window 1: the key that passed last
  std::optional<shared::key_window> last_;  // a larger one
  shared::key_bytes keys_;
  std::vector<std::uint32_t> rows_;  // scratch
};
PIPE_STAGE(dedupe)
}
