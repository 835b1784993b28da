// plugins/io/stdout.cpp: writes the records to standard output.
#include "io/table.hpp"
#include "lib/descriptor.hpp"
namespace {
struct standard_output : pipes::run_stage {
  pipes::choice framing{"lines", shared::framing_lines};
  static auto spec() {
    return pipes::stage<standard_output>("stdout", "Write the records to standard output.")
        .doc("Each batch is written as soon as it comes. A reader that goes away early (`| head`) ends the pipeline; that is success. "
             "The last stage's output goes to standard output without naming this stage. Records that have fields and no text of their own (changed ones but for JSON, what stages count and group) are "
             "written as one JSON object a line; a terminal shows those of two fields and more as a table, in which control characters are escapes; `| cat` shows the lines.")
        .main_option("framing", &standard_output::framing, shared::writing_framing_doc).choices({"lines", "nul", "none"})
        .writes_stdout()
        .example("io.stdout", "a\nb", "a\nb");
  }
  void run(pipes::input& in) {
    shared::widen_pipe(STDOUT_FILENO);
    shared::record_writer writer(*this, STDOUT_FILENO, framing.index);
    const bool on_terminal = io::table::is_due(framing.index);
    io::table table;
    for (auto& b : in) {
      try {
        on_terminal ? table.write(b, writer) : writer.write(b);
      } catch (const std::system_error& e) {
        throw std::runtime_error("cannot write to standard output: " + shared::errno_text(e.code().value()));
      }
    }
  }
};
PIPE_STAGE(standard_output)
}
