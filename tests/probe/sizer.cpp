// sizer.cpp: says of each batch whether it holds no more memory than that.
#include <pipe/plugin.hpp>
namespace {
struct sizer : pipes::map_stage {
  pipes::size most{256u << 10};
  std::vector<pipes::field> reads;
  static auto spec() {
    return pipes::stage<sizer>("sizer", "Say whether batches are small enough.")
        .main_option("most", &sizer::most, "In bytes.")
        .option("reads", &sizer::reads, "Fields that have to be there.");
  }
  void check(pipes::checker& c) { c.reads(reads); }
  void map(pipes::batch& in, pipes::output& out) {
    const std::uint64_t held = in.bytes_held();
    out.emit(held <= most.bytes ? std::string("within") : "beyond: " + std::to_string(held));
  }
};
PIPE_STAGE(sizer)
}
