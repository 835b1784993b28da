// plugins/exec/filter.cpp: an external program as a stage.
#include <pipe/plugin.hpp>

#include "lib/child.hpp"
#include "lib/record_reader.hpp"
#include "lib/record_writer.hpp"
namespace {
struct filter : pipes::run_stage {
  std::vector<std::string> command;
  pipes::size max_record{16u << 20};
  static auto spec() {
    return pipes::stage<filter>("filter", "Pass the records through an external program.")
        .doc("The program reads the records on its standard input, one a line, and what it writes on its standard output are the records that go on, without "
             "the fields of the old ones. Its standard error is the pipeline's. There is no shell: [sh, -c, '...'] starts one. A status other than 0, or death by a signal, "
             "fails the stage. Several workers are several copies of the program, each with a part of the records; the order is then lost. "
             "A program that keeps its output back until its buffer is full does so here too (grep --line-buffered, stdbuf -oL).")
        .main_option("command", &filter::command, "The program and its arguments.").required()
        .option("max_record", &filter::max_record, "A longer line of its output is an error.").at_least(1)
        .many_workers()
        .example("exec.filter: [tr, a-z, A-Z]", "a b\nc", "A B\nC");
  }
  void check(pipes::checker& c) {
    c.new_records();
    std::string why;
    if (command.empty())
      c.fault("command", "names no program");
    else if (shared::find_program(command[0], why).empty())
      c.fault("command", why);
  }

  void run(pipes::input& in, pipes::output& out) {
    std::string why;
    const std::string file = shared::find_program(command[0], why);
    if (file.empty()) throw std::runtime_error(why);
    std::vector<char*> argv;
    for (std::string& word : command) argv.push_back(word.data());
    argv.push_back(nullptr);
    auto started = std::make_shared<shared::child>();  // of this fiber and of the one that feeds it
    if (const int error = started->start(file.c_str(), argv.data(), true))
      throw std::runtime_error("cannot run '" + file + "': " + shared::errno_text(error));
    go([this, started, in]() mutable { feed(started->to_child, in); });
    try {
      shared::record_reader reader(out, {shared::framing_lines, max_record.bytes, 256u << 10, false}, "the output of " + shared::command_text(command));
      reader.run([&](char* to, std::size_t room) { return read(started->from_child.get(), to, room); });
    } catch (const pipes::reader_gone&) {
      // As in a shell, it has written into a pipe that nobody reads; if it takes that badly it has a second to end.
      started->from_child.close();
      started->signal(SIGPIPE);
      started->wait(*this, pipes::now() + 1'000'000'000);
      cancel_fibers();
      throw;
    }
    const std::string how = shared::ending(*started->wait(*this));
    cancel_fibers();  // it may have ended without reading all; nobody waits for more input then
    if (!how.empty()) throw std::runtime_error(shared::command_text(command) + " " + how);
  }

 private:
  // The program's standard input, on a fiber of its own: it may read and write in any order. Closes it at the end.
  void feed(shared::descriptor& to_child, pipes::input& in) {
    shared::descriptor fd = std::move(to_child);
    shared::record_writer writer(*this, fd.get(), shared::framing_lines);
    for (auto& b : in) {
      try {
        writer.write(b);
      } catch (const pipes::reader_gone&) {
        return;  // it wants no more, as head does; its status will tell whether that is well
      } catch (const std::system_error& e) {
        throw std::runtime_error("cannot write to " + shared::command_text(command) + ": " + shared::errno_text(e.code().value()));
      }
    }
  }
};
PIPE_STAGE(filter)
}
