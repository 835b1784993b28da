// narrow.cpp: options whose members hold less than 64 bits, or no number below zero.
#include <pipe/plugin.hpp>
namespace {
struct narrow : pipes::map_stage {
  std::int32_t whole = 1;
  std::uint64_t large = 1;
  std::optional<unsigned> maybe;
  std::vector<std::int8_t> list;
  pipes::map_of<std::uint16_t> map_of;
  int one_to_three = 1;
  static auto spec() {
    return pipes::stage<narrow>("narrow", "Say what the options hold.")
        .option("whole", &narrow::whole, "32 bits.")
        .option("large", &narrow::large, "64 bits without a sign.")
        .option("maybe", &narrow::maybe, "32 bits without a sign.")
        .option("list", &narrow::list, "8 bits.")
        .option("map", &narrow::map_of, "16 bits without a sign.")
        .option("few", &narrow::one_to_three, "1 to 3.").at_least(1).at_most(3);
  }
  void map(pipes::record, pipes::output& out) {
    std::string text = std::to_string(whole) + " " + std::to_string(large) + " " + std::to_string(maybe.value_or(0));
    for (const int i : list) text += " " + std::to_string(i);
    for (const auto& [key, i] : map_of) text += " " + key + "=" + std::to_string(i);
    out.emit(text + " " + std::to_string(one_to_three));
  }
};
PIPE_STAGE(narrow)
}
