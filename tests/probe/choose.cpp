// tests/probe/choose.cpp: select over all inputs and the output: says what each case brought.
#include <pipe/plugin.hpp>
namespace {
struct choose : pipes::run_stage {
  static auto spec() { return pipes::stage<choose>("choose", "Receive and send by select."); }
  void run(pipes::input& in, pipes::output& out) {
    pipes::select_set cases(*this);
    std::vector<std::string> unsaid{"waits"};
    std::uint32_t open = in.edges();
    for (std::uint32_t i = 0; i < open; ++i) cases.recv(i);
    std::size_t sending = pipes::selected::none;
    while (open > 0 || !unsaid.empty() || sending != pipes::selected::none) {
      if (!unsaid.empty() && sending == pipes::selected::none) {
        for (const std::string& text : unsaid) out.emit(text);
        unsaid.clear();
        sending = cases.send(out.take());
      }
      pipes::selected s = cases.wait();
      const std::string port = std::to_string(s.index());
      if (s) {
        for (pipes::record r : s->records()) unsaid.push_back(port + ":" + std::string(r.view()));
      } else if (s.tick()) {
        unsaid.push_back(port + " ticks");
      } else if (s.closed()) {
        unsaid.push_back(port + " ends");
        cases.remove(s.index());
        --open;
      } else if (s.index() == sending) {
        sending = pipes::selected::none;
      }
    }
    if (cases.wait(pipes::now()).timeout()) out.emit("nothing is left");
    out.flush();
  }
};
PIPE_STAGE(choose)
}
