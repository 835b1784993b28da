// plugins/io/write.cpp: writes the records into a file, or into a file that each record names.
#include <limits.h>
#include <sys/resource.h>

#include <unordered_map>

#include "io/out_file.hpp"
#include "io/table.hpp"
#include "lib/quote.hpp"
namespace {
struct write_file : pipes::run_stage {
  pipes::format path;
  bool append = false;
  bool atomic = false;
  bool folders = false;
  pipes::choice compress{"auto", 0};
  pipes::choice framing{"lines", shared::framing_lines};
  static auto spec() {
    return pipes::stage<write_file>("write", "Write the records into a file.")
        .doc("The file is made, or emptied, when the pipeline starts, and grows as records come; one that a stage of the same pipeline reads, or another writes, is refused (several may append). With `atomic` it appears whole or not at all: records go into a new file, which takes its name when the input "
             "has ended well; a symbolic link stays, what it leads to is replaced. `-` is standard output. Records that have fields and no text of their own (changed ones but for JSON, what stages count and group) are written as one JSON object a line, on a terminal as a table (see io.stdout). A path with fields, such as out/{host}.log, puts each record into the file that it names; such files, and folders below the fixed part of the path (with `folders` all of them), "
             "are made when the first record comes for them, and any number of them may be written though only some are open at a time. A value in a path may hold no '/'. Data is compressed on all "
             "processors, in blocks that are gzip members, zstd frames or xz streams of their own, and reaches the file block by block, the last one at the end: where writing fails, the whole blocks before stay. One of many files that cannot be "
             "written does not leave the others without their ends.")
        .main_option("path", &write_file::path, "The file; {name} stands for a field of the record.").required()
        .option("append", &write_file::append, "Keep what the file holds and write behind it.")
        .option("atomic", &write_file::atomic, "Put the file in its place only when it is complete.")
        .option("folders", &write_file::folders, "Make the folders of the path that are not there.")
        .option("compress", &write_file::compress, "How to compress; `auto` goes by the name: .gz, .zst and .xz are compressed.").choices({"auto", "none", "gzip", "zstd", "xz"})
        .option("framing", &write_file::framing, shared::writing_framing_doc).choices({"lines", "nul", "none"})
        .record_errors()
        .example("io.write: '-'", "a\nb", "a\nb");
  }

  void check(pipes::checker& c) {
    if (!templated()) c.no_record_errors();
    const shared::compression how = settings(path.source).how;
    c.holds(templated() ? std::uint64_t{most_open_of(how)} * shared::parallel_compressor::memory(how, 1) : shared::parallel_compressor::memory(how));
    if (append && atomic) c.fault("atomic", "append and atomic exclude each other");
    if (path.source == "-") {
      c.uses_stdout();
      if (append || atomic) c.fault(append ? "append" : "atomic", "standard output ('-') cannot be written so");
      return;
    }
    if (!path.source.empty() && path.source.back() == '/') return c.fault("path", "'" + path.source + "' ends with a '/': it names a folder, and no file in it");
    if (std::string fault = templated() ? unusable(path.source.substr(0, fixed_part())) : unwritable(path.source); !fault.empty()) c.fault("path", fault);
  }

  void run(pipes::input& in) {
    const std::string& name = path.source;
    if (name == "-") return to_standard_output(in);
    if (templated()) return to_many(in);
    io::out_file file(*this, name, settings(name));
    file.open(may_be_made());
    for (auto& b : in) file.write(b);
    finish(file);
    claim_ = file.take_claim();  // a stage that begins later does not write over what was written here
  }

 private:
  static constexpr std::size_t most_open = 64, most_compressing = 16;  // files at a time

  static std::size_t most_open_of(shared::compression how) {
    return how == shared::compression::none ? most_open : how == shared::compression::xz ? most_compressing / 2 : most_compressing;
  }
  // How many of the process's descriptors it may take: the rest of the pipeline needs some, too.
  static std::size_t descriptors() {
    struct rlimit r;
    return ::getrlimit(RLIMIT_NOFILE, &r) == 0 ? std::max<std::size_t>(static_cast<std::size_t>(r.rlim_cur) / 4, 1) : most_open;
  }
  io::out_settings settings(const std::string& name) const {
    auto how = static_cast<shared::compression>(compress.index);
    if (how == shared::compression::by_name) how = shared::compression_of(name);
    return {append, atomic, framing.index, how, templated()};
  }
  void finish(io::out_file& file) {
    if (atomic && incomplete()) return;  // the input ended because something failed: not a whole file
    file.complete();
  }

  void to_standard_output(pipes::input& in) {
    shared::widen_pipe(STDOUT_FILENO);
    const auto raw = [&](std::string_view bytes) {
      try {
        stage_base::write(STDOUT_FILENO, bytes);
      } catch (const std::system_error& e) {
        throw std::runtime_error("cannot write to standard output: " + shared::errno_text(e.code().value()));
      }
    };
    const shared::compression how = settings("-").how;
    const bool plain = how == shared::compression::none;
    std::optional<shared::parallel_compressor> compressing;
    if (!plain) compressing.emplace(*this, how);
    shared::record_writer writer(
        [&](const pipe_text* parts, std::size_t count) {
          try {
            if (plain) return stage_base::write(STDOUT_FILENO, parts, count);
          } catch (const std::system_error& e) {
            throw std::runtime_error("cannot write to standard output: " + shared::errno_text(e.code().value()));
          }
          for (std::size_t i = 0; i < count; ++i) compressing->add({parts[i].data, static_cast<std::size_t>(parts[i].size)}, raw);
        },
        framing.index);
    const bool on_terminal = plain && io::table::is_due(framing.index);
    io::table table;
    for (auto& b : in) on_terminal ? table.write(b, writer) : writer.write(b);
    if (!plain) compressing->finish(raw);
  }

  // -- a file for each path
  struct target {
    explicit target(const write_file& stage, std::string name, io::out_settings s) : file(stage, std::move(name), s) {}
    io::out_file file;
    std::uint64_t used = 0;           // when it was written last
    std::vector<std::uint32_t> rows;  // of the batch at hand
  };
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
  };

  // One that fails does not leave the others without their ends.
  void to_many(pipes::input& in) {
    std::exception_ptr failed;
    try {
      each_to_its_own(in);
    } catch (const std::exception&) {
      failed = std::current_exception();
    }
    for (auto& [name, t] : targets_) {
      if (failed && atomic) break;
      try {
        finish(t->file);
      } catch (const std::exception&) {
        if (!failed) failed = std::current_exception();
      }
    }
    if (failed) std::rethrow_exception(failed);
  }
  void each_to_its_own(pipes::input& in) {
    std::vector<target*> touched;
    for (auto& b : in) {
      pipes::own_output scratch(context());  // one a batch: what is not taken out of it stays with it
      const std::size_t n = b.size();
      const pipe_slice* const names = path.render(b, scratch);
      const auto records = b.records();
      touched.clear();
      target* last = nullptr;
      std::exception_ptr stop;  // a record names no file, and on_error is fail: what came before it is written
      for (std::size_t i = 0; i < n && !stop; ++i) {
        const std::string_view name(names[i].data, names[i].size);
        try {
          if ((!last || last->file.path() != name) && !scratch.attempt(records[i], [&] { last = &find(name); })) continue;
        } catch (const std::exception&) {
          stop = std::current_exception();
          break;
        }
        if (last->rows.empty()) touched.push_back(last);
        last->rows.push_back(static_cast<std::uint32_t>(i));
      }
      for (target* t : touched) {
        make_ready(*t);
        if (t->rows.size() == n) {
          t->file.write(b);
        } else {
          scratch.pass(b, t->rows);
          const pipes::batch part = scratch.take();
          if (!part) throw std::bad_alloc();  // there are rows
          t->file.write(part);
        }
        t->rows.clear();
      }
      if (stop) std::rethrow_exception(stop);
    }
  }
  target& find(std::string_view name) {
    if (const auto known = targets_.find(name); known != targets_.end()) return *known->second;
    check_name(name);
    const std::string key(name);
    return *targets_.emplace(key, std::make_unique<target>(*this, key, settings(key))).first->second;
  }
  void make_ready(target& t) {
    t.used = ++clock_;
    if (t.file.is_open()) return;
    const shared::compression how = settings(t.file.path()).how;
    const std::size_t most = std::min(most_open_of(how), descriptors());
    while (open_.size() >= most) close_oldest();
    // Others may have used up what descriptors there are.
    while (!t.file.try_open(may_be_made(), open_.empty())) close_oldest();
    open_.push_back(&t);
  }
  void close_oldest() {
    const auto oldest = std::min_element(open_.begin(), open_.end(), [](target* a, target* b) { return a->used < b->used; });
    (*oldest)->file.close();
    open_.erase(oldest);
  }
  // A value must not lead out of the folder that the path names.
  void check_name(std::string_view name) const {
    std::size_t slashes = 0, inside = 0;
    for (char c : path.source) {
      inside += c == '{';
      inside -= c == '}' && inside;
      slashes += c == '/' && !inside;
    }
    const bool more = static_cast<std::size_t>(std::count(name.begin(), name.end(), '/')) != slashes;
    bool odd = name.empty() || name.find('\0') != std::string_view::npos;
    for (std::size_t at = 0; at <= name.size() && !odd;) {
      const std::size_t end = std::min(name.find('/', at), name.size());
      const std::string_view part = name.substr(at, end - at);
      odd = (part == ".." && path.source.find("..") == std::string::npos) || (part == "." && end == name.size());
      if (part.size() > NAME_MAX) throw std::runtime_error("the path made of '" + path.source + "' has a name of " + std::to_string(part.size()) + " bytes; " + std::to_string(NAME_MAX) + " is the most");
      at = end + 1;
    }
    odd = odd || name.back() == '/';
    if (more || odd) throw std::runtime_error("the path " + shared::in_quotes(name) + " made of '" + path.source + "' " + (more ? "has a '/' out of a value" : "names no file"));
  }

  bool templated() const { return path.source.find_first_of("{}") != std::string::npos; }
  // Up to the last '/' before the first field.
  std::size_t fixed_part() const {
    const std::size_t slash = path.source.rfind('/', path.source.find('{'));
    return slash == std::string::npos ? 0 : slash + 1;
  }
  // The folders that begin behind so many bytes of a path are made where they are not there.
  std::size_t may_be_made() const { return folders ? 0 : fixed_part(); }
  static std::string folder_of(const std::string& file) {
    const std::size_t slash = file.rfind('/');
    return slash == std::string::npos ? "." : slash == 0 ? "/" : file.substr(0, slash);
  }
  std::string unusable(const std::string& lead) const {
    std::string folder = folder_of(lead);
    struct stat s;
    while (::stat(folder.c_str(), &s) != 0) {
      if (errno == ENOENT && ::lstat(folder.c_str(), &s) == 0) return "cannot write '" + path.source + "': '" + folder + "' is a link that leads nowhere";
      if (errno != ENOENT || !folders || folder == folder_of(folder)) return "cannot write '" + path.source + "': the folder '" + folder + "': " + shared::errno_text(errno) + (errno == ENOENT && !folders ? "; `folders: true` makes it" : "");
      folder = folder_of(folder);
    }
    if (!S_ISDIR(s.st_mode)) return "cannot write '" + path.source + "': '" + folder + "' is no folder";
    if (::access(folder.c_str(), W_OK | X_OK) != 0) return "cannot write '" + path.source + "': the folder '" + folder + "': " + shared::errno_text(errno);
    return "";
  }
  std::string unwritable(const std::string& file) const {
    if (file.empty()) return "the name of the file is empty";
    struct stat s;
    if (::stat(file.c_str(), &s) == 0) {
      if (S_ISDIR(s.st_mode)) return "cannot write '" + file + "': it is a folder";
      if (atomic && !S_ISREG(s.st_mode)) return "cannot write '" + file + "': only a plain file can be replaced (atomic)";
      if (::access(file.c_str(), W_OK) != 0) return "cannot write '" + file + "': " + shared::errno_text(errno);
      if (!atomic) return "";
    } else if (errno == ENAMETOOLONG) {
      return "cannot write '" + file + "': " + shared::errno_text(errno);
    }
    return unusable(file);
  }

  std::unordered_map<std::string, std::unique_ptr<target>, text_hash, std::equal_to<>> targets_;
  std::vector<target*> open_;
  std::uint64_t clock_ = 0;
  io::written_files::claim claim_;
};
PIPE_STAGE(write_file)
}
