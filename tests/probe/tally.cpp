// tests/probe/tally.cpp: counts records by key, which takes 10 ms for each batch. Tells of each key: how many, in how many workers.
#include <pipe/plugin.hpp>

#include <map>
#include <set>
#include <string>
namespace {
struct tally : pipes::fold_stage {
  pipes::field by{"k"};
  static auto spec() { return pipes::stage<tally>("tally", "Count records by key, slowly.").main_option("by", &tally::by, "The key."); }
  void check(pipes::checker& c) { c.reads({by}); }
  void add(pipes::batch& in) {
    const pipes::column key = in[by];
    for (std::size_t i = 0; i < in.size(); ++i) {
      seen& of = keys[key.has_text(i) ? std::string(key.text(i)) : std::to_string(key.integer(i))];
      ++of.times;
      of.workers.insert(worker());
    }
    sleep(std::chrono::milliseconds(10));
  }
  void merge(tally&& other) {
    for (auto& [key, of] : other.keys) {
      keys[key].times += of.times;
      keys[key].workers.merge(of.workers);
    }
  }
  void finish(pipes::output& out) {
    for (const auto& [key, of] : keys) out.emit(key + " " + std::to_string(of.times) + " " + std::to_string(of.workers.size()));
  }

 private:
  struct seen {
    int times = 0;
    std::set<std::uint32_t> workers;
  };
  std::map<std::string, seen> keys;
};
PIPE_STAGE(tally)
}
