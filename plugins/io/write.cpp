// plugins/io/write.cpp: writes the records into a file.
#include "lib/descriptor.hpp"
#include "lib/record_writer.hpp"
namespace {
struct write_file : pipes::run_stage {
  std::string path;
  bool append = false;
  bool atomic = false;
  pipes::choice framing{"lines", shared::framing_lines};
  static auto spec() {
    return pipes::stage<write_file>("write", "Write the records into a file.")
        .doc("The file is made, or emptied, when the pipeline starts, and grows as records come. With `atomic` it appears whole or not at all: "
             "records go into a new file beside it, which takes its name when the input has ended well. `-` is standard output.")
        .main_option("path", &write_file::path, "The file.").required()
        .option("append", &write_file::append, "Keep what the file holds and write behind it.")
        .option("atomic", &write_file::atomic, "Put the file in its place only when it is complete.")
        .option("framing", &write_file::framing, shared::writing_framing_doc).choices({"lines", "nul", "none"})
        .example("io.write: '-'", "a\nb", "a\nb");
  }

  void check(pipes::checker& c) {
    if (append && atomic) c.fault("atomic", "append and atomic exclude each other");
    if (path == "-") {
      c.uses_stdout();
      if (append || atomic) c.fault(append ? "append" : "atomic", "standard output ('-') cannot be written so");
      return;
    }
    if (std::string fault = unwritable(); !fault.empty()) c.fault("path", fault);
  }

  void run(pipes::input& in) {
    std::string made;  // where the bytes go until the end, if not into the file itself
    shared::descriptor opened;
    if (path != "-") opened = open_file(made);
    struct leftover {  // of a run that failed or was stopped
      std::string& name;
      ~leftover() {
        if (!name.empty()) ::unlink(name.c_str());
      }
    } remove{made};
    const int fd = path == "-" ? STDOUT_FILENO : opened.get();
    shared::widen_pipe(fd);
    shared::record_writer writer(*this, fd, framing.index);
    for (auto& b : in) {
      try {
        writer.write(b);
      } catch (const std::system_error& e) {
        failed(e.code().value());
      } catch (const pipes::reader_gone&) {
        if (path == "-") throw;
        failed(EPIPE);  // a FIFO that was named is a sink like a file: who reads it no more has not had all
      }
    }
    if (path == "-") return;
    if (made.empty()) {
      if (const int error = opened.close()) failed(error);
      return;
    }
    if (incomplete()) return;  // the input ended because something failed: not a whole file
    int error = 0;
    blocking([&] {
      if (::fsync(opened.get()) != 0) error = errno;
      if (const int late = opened.close(); late && !error) error = late;
      if (!error && ::rename(made.c_str(), path.c_str()) != 0) error = errno;
    });
    if (error) failed(error);
    made.clear();
  }

 private:
  [[noreturn]] void failed(int error) const {
    throw std::runtime_error("cannot write " + (path == "-" ? "to standard output" : "'" + path + "'") + ": " + shared::errno_text(error));
  }
  std::string folder() const {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  }
  std::string unwritable() const {
    if (path.empty()) return "the name of the file is empty";
    struct stat s;
    if (::stat(path.c_str(), &s) == 0) {
      if (S_ISDIR(s.st_mode)) return "cannot write '" + path + "': it is a folder";
      if (atomic && !S_ISREG(s.st_mode)) return "cannot write '" + path + "': only a plain file can be replaced (atomic)";
      if (::access(path.c_str(), W_OK) != 0) return "cannot write '" + path + "': " + shared::errno_text(errno);
      if (!atomic) return "";
    }
    if (::stat(folder().c_str(), &s) != 0) return "cannot write '" + path + "': the folder '" + folder() + "': " + shared::errno_text(errno);
    if (!S_ISDIR(s.st_mode)) return "cannot write '" + path + "': '" + folder() + "' is no folder";
    if (::access(folder().c_str(), W_OK | X_OK) != 0) return "cannot write '" + path + "': the folder '" + folder() + "': " + shared::errno_text(errno);
    return "";
  }

  shared::descriptor open_file(std::string& made) {
    int fd = -1, error = 0;
    blocking([&] {  // a FIFO's open waits for a reader
      const std::string name = atomic ? path + "." + std::to_string(::getpid()) + ".part" : path;
      const int how = atomic ? O_EXCL : append ? O_APPEND : O_TRUNC;
      fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | how, 0666);
      error = errno;
      struct stat replaced;
      if (fd < 0 || !atomic) return;
      made = name;
      if (::stat(path.c_str(), &replaced) == 0) (void)::fchmod(fd, replaced.st_mode & 07777);
    });
    if (fd < 0) failed(error);
    return shared::descriptor(fd);
  }
};
PIPE_STAGE(write_file)
}
