// plugins/io/read.cpp: the records of files, one file after the other.
#include <glob.h>

#include "lib/decompress.hpp"
#include "lib/descriptor.hpp"
#include "lib/file_ranges.hpp"
#include "lib/record_reader.hpp"
#include "lib/utf16.hpp"
namespace {
struct read_files : pipes::run_stage {
  std::vector<std::string> path;
  pipes::choice framing{"lines", shared::framing_lines};
  pipes::size max_record{16u << 20};
  static auto spec() {
    return pipes::stage<read_files>("read", "Read the records of files.")
        .doc("Files are read in the order given, those that a glob matches in the order of their names. Compressed files (gzip, zstd, xz) are "
             "recognised by their content, whatever their name; those of other kinds (bzip2, lz4, zip) are an error that names the program which reads them, but for `framing: none`, which takes their bytes. `-` is standard input. Every path is looked at before anything "
             "runs: one that is missing, is a folder or may not be read is an error of the pipeline; a file is opened when its turn comes. "
             "One that is gone by then or cannot be read on, and compressed data that is cut off or damaged, are an error behind the records "
             "that could be read; with `on_error: skip` the next file follows.")
        .main_option("path", &read_files::path, "Files to read; globs (`logs/*.gz`) stand for what they match.").required()
        .option("framing", &read_files::framing, shared::framing_doc).choices({"lines", "nul", "none"})
        .option("max_record", &read_files::max_record, "A longer record is an error; `on_error: skip` passes it over.").at_least(1)
        .record_errors()
        .example("io.read: '-'", "a\nb", "a\nb");
  }

  void check(pipes::checker& c) {
    std::vector<std::string> files;
    std::size_t standard_inputs = 0;
    for (std::size_t i = 0; i < path.size(); ++i) {
      if (path[i] == "-" && ++standard_inputs == 2) c.fault_at("path", i, "'-' stands twice; standard input can be read only once");
      if (std::string fault = expand(path[i], files); !fault.empty()) c.fault_at("path", i, fault);
    }
    if (standard_inputs) c.uses_stdin();
    for (const std::string& file : files)
      if (file != "-") c.reads_file(file);
    if (path.empty()) c.fault("path", "names no file");
  }

  void run(pipes::output& out) {
    for (const std::string& p : path) {
      std::vector<std::string> files;
      std::string fault;
      if (p.find_first_of("*?[") == std::string::npos)
        fault = expand(p, files);  // no more than open_file() asks about it
      else
        blocking([&] { fault = expand(p, files); });  // reads folders
      if (!fault.empty()) give_up(fault, "it", out);
      for (const std::string& file : files) {
        std::uint64_t given = 0;  // bytes of its text
        try {
          read_one(file, given, out);
        } catch (const unreadable_file& e) {
          give_up(e.what(), given ? "the rest of it" : "it", out);
        }
      }
    }
  }

 private:
  struct unreadable_file : std::runtime_error {
    using std::runtime_error::runtime_error;
  };
  static void give_up(const std::string& why, const char* what, pipes::output& out) {
    if (!out.skips()) throw std::runtime_error(why);
    out.lost(why + "; " + what + " is passed over");
  }

  // The files that a path stands for and that may be read; says what is wrong with others. Opens nothing.
  static std::string expand(const std::string& p, std::vector<std::string>& files) {
    if (p == "-") {
      files.push_back(p);
      return "";
    }
    if (p.empty()) return "the name of a file is empty";
    const std::string fault = unreadable(p);
    if (fault.empty()) files.push_back(p);
    if (fault.empty() || p.find_first_of("*?[") == std::string::npos) return fault;
    ::glob_t found{};
    const int result = ::glob(p.c_str(), 0, nullptr, &found);
    std::string first_fault = result == 0 ? "" : result == GLOB_NOMATCH ? "no file matches '" + p + "'" : "cannot list '" + p + "'";
    for (std::size_t i = 0; result == 0 && i < found.gl_pathc; ++i) {
      std::string why = unreadable(found.gl_pathv[i]);
      if (why.empty())
        files.emplace_back(found.gl_pathv[i]);
      else if (first_fault.empty())
        first_fault = why + " ('" + p + "' matches it)";
    }
    ::globfree(&found);
    return first_fault;
  }
  static std::string unreadable(const std::string& file) {
    struct stat s;
    if (::stat(file.c_str(), &s) != 0 || ::access(file.c_str(), R_OK) != 0) return "cannot read '" + file + "': " + shared::errno_text(errno);
    if (S_ISDIR(s.st_mode)) return "cannot read '" + file + "': it is a folder" + (file.back() == '/' ? "" : "; '" + file + "/*' stands for the files in it");
    return "";
  }

  void read_one(const std::string& file, std::uint64_t& given, pipes::output& out) {
    shared::descriptor opened;
    int fd = STDIN_FILENO;
    if (file == "-") {
      shared::widen_pipe(fd);
    } else {
      opened = open_file(file);
      fd = opened.get();
    }
    const std::string name = file == "-" ? "standard input" : "'" + file + "'";
    out.source(file == "-" ? "" : file);
    if (framing.index == shared::framing_lines && !out.skips() && shared::emit_ranges(*this, out, fd, name, max_record.bytes)) return;
    if (struct stat s; ::fstat(fd, &s) == 0 && S_ISREG(s.st_mode)) count("bytes to read", s.st_size);
    shared::decompressor bytes([&, fd](char* to, std::size_t room) {
      try {
        const std::size_t got = read(fd, to, room);
        count("bytes read", static_cast<std::int64_t>(got));
        return got;
      } catch (const std::system_error& e) {
        throw unreadable_file("cannot read " + name + ": " + shared::errno_text(e.code().value()));
      }
    });
    if (const shared::compressed_form* form = bytes.form(); form && form->command && framing.index != shared::framing_none)
      throw unreadable_file("cannot read " + name + ": it is compressed by " + form->name + "; " + form->command + (file == "-" ? " FILE" : " " + name) + " | pipe run … reads its text");
    // A pipe is read faster than records are counted.
    const bool numbers = is_regular(fd);
    shared::record_reader reader(out, {framing.index, max_record.bytes, shared::block_size(*this), numbers}, name);
    try {
      reader.run([&](char* to, std::size_t room) {
        const std::size_t got = bytes.read(to, room);
        if (given == 0) shared::warn_of_utf16(*this, name, to, got);
        given += got;
        return got;
      });
    } catch (const shared::damaged& e) {
      throw unreadable_file("cannot read " + name + " on from byte " + std::to_string(given) + " of its text" + reader.behind() + ": " + e.what());
    }
  }

  static bool is_regular(int fd) {
    struct stat s;
    return ::fstat(fd, &s) == 0 && S_ISREG(s.st_mode);
  }
  // A device's open waits for the device: not on a processor. A FIFO's would wait for a writer, and no signal could end that: it is opened
  // at once, and the writer waited for like data.
  shared::descriptor open_file(const std::string& file) {
    constexpr int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY;
    int fd = -1, error = 0;
    struct stat s{};
    const bool known = ::stat(file.c_str(), &s) == 0, fifo = known && S_ISFIFO(s.st_mode);
    auto open = [&] {
      fd = ::open(file.c_str(), flags | (fifo ? O_NONBLOCK : 0));
      error = errno;
    };
    if (fifo || (known && S_ISREG(s.st_mode)))
      open();
    else
      blocking(open);
    shared::descriptor opened(fd);
    if (!opened) throw unreadable_file("cannot read '" + file + "': " + shared::errno_text(error));
    if (fifo) (void)wait_fd(fd, PIPE_FD_READ);
    if (::fstat(fd, &s) == 0 && S_ISREG(s.st_mode)) (void)::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return opened;
  }
};
PIPE_STAGE(read_files)
}
