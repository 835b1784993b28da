// graph.cpp: `pipe graph FILE`: draws the checked graph.
#include <cstdio>
#include <stdexcept>

#include "cmd/arguments.hpp"
#include "cmd/config.hpp"
#include "cmd/text.hpp"
#include "pipelines/graph/print.hpp"

namespace pipes::cmd {
namespace {

// Graphviz writes the picture to our stdout itself.
int draw_with_dot(const std::string& dot) {
  std::fflush(stdout);
  FILE* to = popen("command -v dot >/dev/null || exit 127; exec dot -Tsvg", "w");
  if (!to) throw std::runtime_error("cannot start dot");
  std::fwrite(dot.data(), 1, dot.size(), to);
  const int status = pclose(to);
  if (status == 0) return 0;
  std::fputs(status == 127 << 8 ? "pipe graph: --format svg needs the program dot; install graphviz, or use --format mermaid\n" : "pipe graph: dot failed\n",
             stderr);
  return 1;
}

}  // namespace

int graph(const arguments& a) {
  const checked_config config(a, config_file(a), {});
  if (!config.graph()) return config.exit_code();
  const std::string format = *a.text("format");
  if (format == "svg") return draw_with_dot(pipelines::print_dot(*config.graph()));
  print(format == "dot"       ? pipelines::print_dot(*config.graph())
        : format == "mermaid" ? pipelines::print_mermaid(*config.graph())
                              : pipelines::print_text(*config.graph()));
  return 0;
}

}  // namespace pipes::cmd
