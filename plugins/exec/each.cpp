// plugins/exec/each.cpp: one child process per record; what it writes are the records that go on.
#include <pipe/plugin.hpp>

#include "lib/child.hpp"
namespace {
struct each : pipes::map_stage {
  std::vector<pipes::format> command;
  static auto spec() {
    return pipes::stage<each>("each", "Run a program for each record; the lines that it writes go on.")
        .doc("In the program and its arguments {} stands for the record and {name} for a field, {{ and }} for braces. No shell reads them, so that blanks, quotes and stars in "
             "a record are safe. The lines of its output become records with the fields of the record that they came of, in the order of the input, however many workers "
             "run at once. A status other than 0, or death by a signal, is an error of that record: its output is dropped and `on_error` decides. Standard input is empty; standard error is "
             "the pipeline's.")
        .main_option("command", &each::command, "The program and its arguments.").required()
        .each_record()
        .example("exec.each: [echo, 'got {}']", "a b\n*", "got a b\ngot *");
  }
  void check(pipes::checker& c) {
    if (command.empty()) return c.fault("command", "names no program");
    bool varies = false;
    for (const auto& word : command) varies = varies || word.source.find('{') != std::string::npos;
    if (!varies) c.warn("command", "no argument holds {} or a field: the same command runs for every record");
    std::string why;
    if (command[0].source.find('{') == std::string::npos && shared::find_program(command[0].source, why).empty()) c.fault("command", why);
  }

  void map(pipes::batch& in, pipes::output& out) {
    words_.clear();
    for (auto& word : command) words_.push_back(word.render(in, out));
    for (pipes::record r : in.records()) {
      std::string fault = run(r, out);
      if (!fault.empty()) out.fail(r.row(), fault);
    }
  }

 private:
  // Says what went wrong; empty: the records were emitted.
  std::string run(pipes::record r, pipes::output& out) {
    std::vector<std::string> argument(words_.size());
    std::vector<char*> argv;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const pipe_slice& s = words_[i][r.row()];
      argument[i].assign(s.data, s.size);
      if (argument[i].find('\0') != std::string::npos) return "an argument cannot hold the NUL byte of " + shared::in_quotes(argument[i]);
      argv.push_back(argument[i].data());
    }
    argv.push_back(nullptr);
    if (argument[0] != name_ || file_.empty()) {
      std::string why;
      file_ = shared::find_program(argument[0], why);
      name_ = argument[0];
      if (file_.empty()) return why;
    }
    shared::child child;
    if (const int error = child.start(file_.c_str(), argv.data(), false)) return "cannot run " + shared::command_text(argument) + ": " + shared::errno_text(error);
    text_.clear();
    read_all(child.from_child.get());
    const std::string how = shared::ending(*child.wait(*this));
    if (!how.empty()) return shared::command_text(argument) + " " + how;
    emit(r, out);
    return "";
  }

  void read_all(int fd) {
    constexpr std::size_t least = 4096;
    for (std::size_t used = 0;;) {
      text_.resize(std::max(used + least, used * 2));
      const std::size_t got = read(fd, text_.data() + used, text_.size() - used);
      used += got;
      if (got) continue;
      text_.resize(used);
      return;
    }
  }
  void emit(pipes::record r, pipes::output& out) {
    const std::string_view kept = out.copy(text_);
    for (std::size_t at = 0; at < kept.size();) {
      const std::size_t end = std::min(kept.find('\n', at), kept.size());
      out.emit(r, kept.data() + at, end - at);
      at = end + 1;
    }
  }

  std::vector<const pipe_slice*> words_;  // of each word: its text for every record of the batch
  std::string name_, file_;               // the program last looked for, and where it is
  std::string text_;                      // what the child wrote
};
PIPE_STAGE(each)
}
