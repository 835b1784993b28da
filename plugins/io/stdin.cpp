// plugins/io/stdin.cpp: the records that come on standard input.
#include "lib/descriptor.hpp"
#include "lib/file_ranges.hpp"
#include "lib/record_reader.hpp"
#include "lib/utf16.hpp"
namespace {
struct standard_input : pipes::run_stage {
  pipes::choice framing{"lines", shared::framing_lines};
  pipes::size max_record{16u << 20};
  static auto spec() {
    return pipes::stage<standard_input>("stdin", "Read records from standard input.")
        .doc("What one read returns is handed on at once: a slow writer's lines travel one by one, a fast one's in large blocks. "
             "A pipeline whose first stage takes input reads standard input without naming this stage.")
        .main_option("framing", &standard_input::framing, shared::framing_doc).choices({"lines", "nul", "none"})
        .option("max_record", &standard_input::max_record, "A longer record is an error; `on_error: skip` passes it over.").at_least(1)
        .record_errors()
        .reads_stdin()
        .example("io.stdin", "a\nb", "a\nb");
  }
  void run(pipes::output& out) {
    if (framing.index == shared::framing_lines && !out.skips() && shared::emit_ranges(*this, out, STDIN_FILENO, "standard input", max_record.bytes)) return;
    shared::widen_pipe(STDIN_FILENO);
    shared::record_reader reader(out, {framing.index, max_record.bytes, shared::block_size(*this), false}, "standard input");
    bool begins = true;
    reader.run([&](char* to, std::size_t room) {
      try {
        const std::size_t got = read(STDIN_FILENO, to, room);
        if (std::exchange(begins, false)) warn_of_form(to, got);
        count("bytes read", static_cast<std::int64_t>(got));
        return got;
      } catch (const std::system_error& e) {
        throw std::runtime_error("cannot read standard input: " + shared::errno_text(e.code().value()));
      }
    });
  }

 private:
  void warn_of_form(const char* first, std::size_t size) const {
    shared::warn_of_utf16(*this, "standard input", first, size);
    const shared::compressed_form* const form = shared::form_of({first, size});
    if (form) log(PIPE_LOG_WARN, std::string("standard input begins like ") + form->name + " data, which is read as bytes here; " + (form->command ? std::string(form->command) + " FILE | pipe run … reads its text" : "io.read: '-' decompresses it"));
  }
};
PIPE_STAGE(standard_input)
}
