// plugins/io/tail.cpp: what is written to files from now on, also behind a rotation, as tail -F shows it.
//
// Watched are the files themselves, for what is written to them, and each folder in which a name of a path may come to mean something else: the
// one of the file, those of symbolic links on the way to it, and where a folder is missing, the one that it will be made in. What others write
// beside them wakes nobody.
#include <sys/inotify.h>

#include <algorithm>
#include <climits>
#include <set>
#include <string_view>
#include <vector>

#include "lib/descriptor.hpp"
#include "lib/record_reader.hpp"
namespace {
struct follow : pipes::run_stage {
  std::vector<std::string> path;
  pipes::choice from{"end", 0};
  pipes::size max_record{16u << 20};
  static auto spec() {
    return pipes::stage<follow>("tail", "Read what is written to files, as it comes.")
        .doc("Goes on until the run is stopped, or nobody reads any more. A file that is not there yet is read when it appears. Where a file of the same name takes its place (a log that is rotated), what is left of the old "
             "one comes first, then the new one from its beginning; one that is cut short is read anew from its beginning. A line is handed on when it is complete. The folder of each file must be there; when it begins; where one is made anew later, or a symbolic link on the way is changed, what is there now is followed. What is written to "
             "other files of the folder costs nothing; "
             "nothing is polled, so a file on a network drive that others write to shows nothing.")
        .main_option("path", &follow::path, "The files.").required()
        .option("from", &follow::from, "Where to begin in a file that is there: `end`, or `start` for all that it holds.").choices({"end", "start"})
        .option("max_record", &follow::max_record, "A longer record is an error.").at_least(1)
        .example("io.tail: {path: examples/data/ports.csv, from: start} | head: 2", "", "port,service\n22,ssh");
  }
  void check(pipes::checker& c) {
    if (path.empty()) c.fault("path", "names no file");
    for (const std::string& p : path) {
      struct stat s;
      if (p.empty() || p.back() == '/' || (::stat(p.c_str(), &s) == 0 && S_ISDIR(s.st_mode))) c.fault("path", "cannot follow '" + p + "': it is a folder");
      else if (::stat(p.c_str(), &s) == 0) c.reads_file(p);
      else if (::stat(folder_of(p).c_str(), &s) != 0) c.fault("path", "cannot follow '" + p + "': the folder '" + folder_of(p) + "': " + shared::errno_text(errno));
    }
  }
  void run(pipes::output& out) {
    events_ = shared::descriptor(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!events_)
      throw std::runtime_error("cannot follow files: " +
                               (errno == EMFILE ? "no descriptor (ulimit -n) or no more watchers for this user (sysctl fs.inotify.max_user_instances)" : shared::errno_text(errno)));
    piece_.resize(256u << 10);
    std::vector<file> files(path.size());
    for (std::size_t i = 0; i < path.size(); ++i) {
      files[i].name = path[i];
      watch_names(path[i]);
      if (open(files[i]) && from.index == 0) files[i].at = static_cast<std::uint64_t>(std::max<off_t>(::lseek(files[i].fd.get(), 0, SEEK_END), 0));
    }
    for (;;) {
      for (file& f : files) look(f, out);
      wait_fd(events_.get(), PIPE_FD_READ);
      if (names_changed())
        for (const file& f : files) watch_names(f.name);
    }
  }

 private:
  struct file {
    std::string name;
    shared::descriptor fd;
    dev_t device = 0;
    ino_t number = 0;
    std::uint64_t at = 0;  // bytes read
    std::string carry;     // a line whose end has not come yet
    bool told = false;     // that it cannot be read
  };

  // Before anybody looks at what has the names now: what happens in between wakes us once more, and that is all.
  void watch_names(const std::string& p) {
    for (int tries = 0; tries < 10 && !walk(p); ++tries) {  // a folder went away meanwhile
    }
    watch_file(p);  // perhaps a new one that is empty yet, while the old one counts
  }
  // As the system finds the file: name by name. False: something was moved below our feet.
  bool walk(const std::string& p) {
    constexpr int most_links = 40;  // as the system has it
    std::vector<std::string> names;  // what is left, the next one last
    add_names(names, p);
    std::string at = p.front() == '/' ? "/" : "";
    for (int links = 0; !names.empty();) {
      const std::string name = at + names.back();
      names_.insert(names.back());
      std::string to = link_of(name);
      struct stat s;
      const bool leads_on = to.empty() && names.size() > 1 && ::lstat(name.c_str(), &s) == 0;
      if (leads_on) {
        // Of a folder that is removed while we have a file of it open its parent alone is told.
        (void)::inotify_add_watch(events_.get(), at.empty() ? "." : at.c_str(), IN_DELETE | IN_MOVED_FROM | IN_ONLYDIR | IN_MASK_ADD);
        if (::lstat(name.c_str(), &s) != 0) return false;
      } else {
        if (!watch_folder(at.empty() ? "." : at, links == 0 && names.size() == 1)) return false;
        to = link_of(name);  // now that a change would be seen
        if (to.empty() && (names.size() == 1 || ::lstat(name.c_str(), &s) != 0)) return true;
      }
      names.pop_back();
      if (to.empty()) {
        at = name + '/';
      } else if (++links > most_links) {
        return true;
      } else {
        if (to.front() == '/') at.assign(1, '/');
        add_names(names, to);
      }
    }
    return true;
  }
  // What a symbolic link says; empty: it is none. (std::filesystem would double this shared object, which each start reads.)
  static std::string link_of(const std::string& name) {
    char to[PATH_MAX];
    const ssize_t size = ::readlink(name.c_str(), to, sizeof to);
    return std::string(to, size > 0 ? static_cast<std::size_t>(size) : 0);
  }
  static void add_names(std::vector<std::string>& names, const std::string& p) {
    const std::size_t first = names.size();
    for (std::size_t at = 0, end; at < p.size(); at = end + 1) {
      end = std::min(p.find('/', at), p.size());
      if (end > at) names.push_back(p.substr(at, end - at));
    }
    std::reverse(names.begin() + static_cast<std::ptrdiff_t>(first), names.end());
  }
  // False: it is not there. Of others than the file's own it is enough that names can be looked up in them.
  bool watch_folder(const std::string& folder, bool own) {
    constexpr std::uint32_t what = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_ONLYDIR | IN_MASK_ADD;
    if (::inotify_add_watch(events_.get(), folder.c_str(), what) >= 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    if (errno == EACCES && !own) return true;
    throw std::runtime_error("cannot watch the folder '" + folder + "': " + why_no_watch());
  }
  static std::string why_no_watch() {
    return errno == ENOSPC ? "no more watches for this user; sysctl fs.inotify.max_user_watches sets how many" : shared::errno_text(errno);
  }
  void watch_file(const std::string& p) {
    if (::inotify_add_watch(events_.get(), p.c_str(), IN_MODIFY | IN_MASK_ADD) < 0 && (errno == ENOSPC || errno == ENOMEM))
      throw std::runtime_error("cannot watch '" + p + "': " + why_no_watch());
  }
  // Takes what has happened, as much as one reading gives: where much happens, the files are looked at in between. Whether it was more than writing.
  bool names_changed() {
    alignas(struct inotify_event) char happened[16u << 10];
    const ssize_t size = ::read(events_.get(), happened, sizeof happened);
    for (const char* at = happened; at < happened + size;) {
      struct inotify_event event;
      std::memcpy(&event, at, sizeof event);
      // Whatever else is made and removed in the folders is nobody's.
      if (event.mask & ~std::uint32_t{IN_MODIFY} && (event.len == 0 || names_.count(at + sizeof event) != 0)) return true;
      at += sizeof event + event.len;
    }
    return false;
  }
  static std::string folder_of(const std::string& p) {
    const std::size_t slash = p.rfind('/');
    return slash == std::string::npos ? "." : slash == 0 ? "/" : p.substr(0, slash);
  }
  // Opens what has the name now. False: there is nothing to read there.
  bool open(file& f) {
    struct stat s;
    if (::stat(f.name.c_str(), &s) != 0 || !S_ISREG(s.st_mode)) return false;
    shared::descriptor fd(::open(f.name.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!fd || ::fstat(fd.get(), &s) != 0) {
      if (!std::exchange(f.told, true)) log(PIPE_LOG_WARN, "cannot read '" + f.name + "': " + shared::errno_text(errno));
      return false;
    }
    watch_file("/proc/self/fd/" + std::to_string(fd.get()));  // the name may lead elsewhere by now
    f.fd = std::move(fd);
    f.device = s.st_dev;
    f.number = s.st_ino;
    f.at = 0;
    f.told = false;
    return true;
  }
  void look(file& f, pipes::output& out) {
    if (!f.fd && !open(f)) return;
    for (;;) {
      read_on(f, out);
      // Whoever rotates makes the new file first and tells the writer afterwards: the old one counts until the new one holds something.
      struct stat now;
      if (::stat(f.name.c_str(), &now) != 0 || (now.st_dev == f.device && now.st_ino == f.number) || now.st_size == 0) return;
      read_on(f, out);
      emit(f, f.carry, {}, f.at == f.carry.size(), out);  // an old file's last line may lack its end
      f.carry.clear();
      if (!open(f)) return;
    }
  }
  void read_on(file& f, pipes::output& out) {
    struct stat s;
    if (::fstat(f.fd.get(), &s) == 0 && static_cast<std::uint64_t>(s.st_size) < f.at) {
      log(PIPE_LOG_WARN, "'" + f.name + "' was cut short; it is read from its beginning");
      (void)::lseek(f.fd.get(), 0, SEEK_SET);
      f.at = 0;
      f.carry.clear();
    }
    for (;;) {
      std::size_t got;
      try {
        got = read(f.fd.get(), piece_.data(), piece_.size());
      } catch (const std::system_error& e) {
        throw std::runtime_error("cannot read '" + f.name + "': " + shared::errno_text(e.code().value()));
      }
      if (got == 0) return;
      const std::string_view fresh(piece_.data(), got);
      const std::size_t whole = fresh.rfind('\n') + 1;  // 0 without one
      const bool begins = f.at == f.carry.size();
      f.at += got;
      check_size(f, fresh, whole);
      if (whole > 0) {
        emit(f, f.carry, fresh.substr(0, whole), begins, out);
        f.carry = std::string();  // small again: there may be many files
      }
      f.carry += fresh.substr(whole);
    }
  }
  void check_size(const file& f, std::string_view fresh, std::size_t whole) const {
    const std::uint64_t most = max_record.bytes;
    bool fits = fresh.size() - whole + (whole > 0 ? 0 : f.carry.size()) <= most;
    for (std::size_t at = 0, before = f.carry.size(); at < whole && fits; before = 0) {
      const std::size_t end = fresh.find('\n', at);
      fits = before + end - at <= most;
      at = end + 1;
    }
    if (!fits) throw std::runtime_error("'" + f.name + "': a record is longer than " + shared::size_words(most) + "; max_record sets the limit");
  }
  static void emit(const file& f, std::string_view first, std::string_view more, bool begins, pipes::output& out) {
    std::size_t size = first.size() + more.size();
    if (size == 0) return;
    pipes::block b(size + 1);
    out.source(f.name);
    std::copy(first.begin(), first.end(), b.data());
    std::copy(more.begin(), more.end(), b.data() + first.size());
    if (b.data()[size - 1] != '\n') b.data()[size++] = '\n';
    out.emit_block(std::move(b), 0, size, begins ? PIPE_BLOCK_BEGINS : 0u);
    out.flush();
  }

  std::set<std::string, std::less<>> names_;  // of files, folders and links that the paths lead through
  std::vector<char> piece_;  // what is read at a time, of whichever file; empty until run(), for each start of a pipeline makes a stage to describe it
  shared::descriptor events_;
};
PIPE_STAGE(follow)
}
