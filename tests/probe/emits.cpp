// emits.cpp: a map that does with each record what it says: pass, twice, drop, new, both (passed, then new), fail (after it was passed).
#include <pipe/plugin.hpp>
namespace {
struct emits : pipes::map_stage {
  static auto spec() { return pipes::stage<emits>("emits", "Pass, change, drop, double or fail records."); }
  void map(pipes::record r, pipes::output& out) {
    const std::string_view what = r.view();
    const bool is_new = what == "new" || what == "both";
    if (!is_new && what != "drop") out.emit(r);
    if (what == "twice") out.emit(r);
    if (what == "both") out.emit(r);
    if (is_new) out.emit(r, std::string("NEW"));
    if (what == "fail") throw std::runtime_error("failed");
  }
};
PIPE_STAGE(emits)
}
