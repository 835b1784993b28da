// plugins/io/out_file.hpp: a file that records are written into, compressed or not, perhaps beside its place until it is complete. It may be
// closed in between and goes on where it was when it is opened again. One fiber at a time; open, write, close and complete park.
#pragma once
#include <limits.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>

#include "lib/descriptor.hpp"
#include "lib/parallel_compress.hpp"
#include "lib/record_writer.hpp"

namespace io {

struct out_settings {
  bool append = false;
  bool atomic = false;
  std::uint32_t framing = shared::framing_lines;
  shared::compression how = shared::compression::none;
  bool one_of_many = false;  // others are being written at the same time
};

// The files that this process writes, by their paths without links: what two stages wrote into one would lie over each other. Several may append.
class written_files {
  using all_of_them = std::map<std::string, std::size_t>;  // how many append; 0: one writes it as a whole

 public:
  class claim {
   public:
    claim() = default;
    explicit claim(all_of_them::iterator at) : at_(at) {}
    claim(claim&& o) noexcept : at_(std::exchange(o.at_, std::nullopt)) {}
    claim& operator=(claim&& o) noexcept {
      std::swap(at_, o.at_);
      return *this;
    }
    ~claim() {
      if (at_) end(*at_);
    }
    explicit operator bool() const { return at_.has_value(); }

   private:
    std::optional<all_of_them::iterator> at_;
  };

  // None: somebody writes it already.
  static claim begin(std::string path, bool appends) {
    std::lock_guard lock(mutex());
    const auto [at, is_new] = files().try_emplace(std::move(path), 0);
    if (!is_new && (!appends || at->second == 0)) return claim();
    if (appends) ++at->second;
    return claim(at);
  }

 private:
  static void end(all_of_them::iterator at) {
    std::lock_guard lock(mutex());
    if (at->second <= 1) files().erase(at);
    else --at->second;
  }
  static std::mutex& mutex() {
    static std::mutex m;
    return m;
  }
  static all_of_them& files() {
    static all_of_them f;
    return f;
  }
};

class out_file {
 public:
  out_file(const pipes::stage_base& stage, std::string path, out_settings s)
      : stage_(stage), path_(std::move(path)), settings_(s), writer_([this](const pipe_text* parts, std::size_t count) { put(parts, count); }, s.framing) {}
  out_file(const out_file&) = delete;
  out_file& operator=(const out_file&) = delete;
  ~out_file() {
    if (!made_.empty()) ::unlink(made_.c_str());  // of a run that failed or was stopped
  }
  const std::string& path() const { return path_; }
  bool is_open() const { return static_cast<bool>(fd_); }
  // Nobody else in this process writes the file before this has ended.
  written_files::claim take_claim() { return std::move(claim_); }

  // `folders`: how much of the path may have to be made: the folders that begin behind so many bytes.
  void open(std::size_t folders = std::string::npos) { (void)try_open(folders, true); }
  // False: the process has no descriptor left (EMFILE), which is a failure only where that is the `last` try.
  bool try_open(std::size_t folders, bool last) {
    if (settings_.how != shared::compression::none) compressor_ = std::make_unique<shared::parallel_compressor>(stage_, settings_.how, settings_.one_of_many ? 1 : SIZE_MAX);
    int fd = -1, error = 0;
    bool is_input = false, is_plain = true, is_free = true;
    shared::descriptor fifo = begin_fifo();
    stage_.blocking([&] {
      if (!begun_) {
        struct stat there;
        const bool exists = ::stat(path_.c_str(), &there) == 0;
        place_ = behind_links();
        is_plain = !exists || S_ISREG(there.st_mode);
        is_input = exists && !settings_.atomic && stage_.file_is_read(there.st_dev, there.st_ino);
        if (is_input || (settings_.atomic && !is_plain)) return;
        for (std::size_t at = path_.find('/', folders); at < path_.size(); at = path_.find('/', at + 1)) (void)::mkdir(path_.substr(0, at).c_str(), 0777);
        if (is_plain && !(is_free = is_claimed())) return;  // devices and FIFOs take what comes from whomever
      }
      if (fifo) {
        fd = fifo.release();
        return;
      }
      const auto opened = [&](const std::string& name, int how) {
        const int made = ::open(name.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | how, 0666);
        error = errno;
        return made;
      };
      if (begun_) fd = opened(settings_.atomic ? made_ : path_, O_APPEND);
      else if (settings_.atomic) fd = begin_beside(opened);
      else fd = opened(path_, settings_.append ? O_CREAT | O_APPEND : O_CREAT | O_TRUNC);
      struct stat replaced;
      if (fd >= 0 && settings_.append && !begun_ && ::fstat(fd, &replaced) == 0) base_ = static_cast<std::uint64_t>(replaced.st_size);
      if (fd >= 0 && settings_.atomic && !begun_ && ::stat(path_.c_str(), &replaced) == 0) (void)::fchmod(fd, replaced.st_mode & 07777);
    });
    if (settings_.atomic && !is_plain) throw std::runtime_error("cannot write '" + path_ + "': only a plain file can be replaced (atomic)");
    if (!is_free) throw std::runtime_error("cannot write '" + path_ + "': the same pipeline writes it already; several stages may write into a file where each has `append: true`");
    if (is_input) throw std::runtime_error("cannot write '" + path_ + "': it is read by the same pipeline; `atomic: true` replaces it at the end");
    if (fd < 0 && (error == EMFILE || error == ENFILE) && !last) return false;
    if (fd < 0) failed(error);
    begun_ = true;
    fd_ = shared::descriptor(fd);
    shared::widen_pipe(fd);
    return true;
  }
  void write(const pipes::batch& b) { writer_.write(b); }

  void close() {
    if (!fd_) return;
    if (compressor_ && !broken_) compressor_->finish([&](std::string_view bytes) { put_raw(bytes); });
    compressor_.reset();
    int error = 0;
    stage_.blocking([&] {
      if (settings_.atomic && ::fsync(fd_.get()) != 0) error = errno;
      if (unnamed_ && !broken_ && !error) error = name_it();
      if (const int late = fd_.close(); late && !error) error = late;
    });
    if (error) failed(error);
  }
  // Nothing more will come: the file takes its place.
  void complete() {
    close();
    if (made_.empty() || broken_) return;
    int error = 0;
    stage_.blocking([&] {
      if (::rename(made_.c_str(), place_.c_str()) != 0) error = errno;
    });
    if (error) failed(error);
    made_.clear();
  }

 private:
  // False: the file is somebody else's. Where its folder cannot be found, opening it tells why.
  bool is_claimed() {
    if (claim_) return true;
    const std::size_t name = place_.rfind('/') + 1;  // 0 without a folder
    const std::unique_ptr<char, void (*)(void*)> folder(::realpath(name == 0 ? "." : place_.substr(0, name).c_str(), nullptr), std::free);
    if (!folder) return true;
    claim_ = written_files::begin(std::string(folder.get()).append("/").append(place_, name), settings_.append);
    return static_cast<bool>(claim_);
  }
  // A FIFO's open would wait until it has a reader, and nothing could end that, not even that the reader has left again. Asking is all that the
  // system offers; what it gives then is what is written to.
  shared::descriptor begin_fifo() const {
    if (struct stat there; settings_.atomic || ::stat(path_.c_str(), &there) != 0 || !S_ISFIFO(there.st_mode)) return shared::descriptor();
    for (pipes::duration pause = std::chrono::milliseconds(1);; pause = std::min<pipes::duration>(2 * pause, std::chrono::milliseconds(50))) {
      shared::descriptor asked(::open(path_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
      if (asked) (void)::fcntl(asked.get(), F_SETFL, ::fcntl(asked.get(), F_GETFL) & ~O_NONBLOCK);
      if (asked || errno != ENXIO) return asked;
      stage_.sleep(pause);
    }
  }

  // -- atomic: the file that takes the place at the end
  // Without a name where that can be, so that nothing is left of it however the process ends. One of many gets it when it is closed in between.
  template <class Open>
  int begin_beside(Open opened) {
#ifdef O_TMPFILE
    const std::size_t slash = place_.rfind('/');
    shared::descriptor made(opened(slash == std::string::npos ? "." : place_.substr(0, slash + 1), O_TMPFILE));
    unnamed_ = made && ::access(link_of(made.get()).c_str(), F_OK) == 0;  // without /proc it could get no name
    if (unnamed_) return made.release();
#endif
    int fd = -1;
    each_name([&](const std::string& name) {
      fd = opened(name, O_CREAT | O_EXCL);
      return fd >= 0 ? 0 : errno;
    });
    return fd;
  }
  // 0, or why it gets none. Nothing can be linked over a file: it is named beside its place first.
  int name_it() {
    unnamed_ = false;
    const int error = each_name([&](const std::string& name) { return ::linkat(AT_FDCWD, link_of(fd_.get()).c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0 ? 0 : errno; });
    return error ? copy_it() : 0;
  }
  // Some file systems, and what guards some processes, allow a file without a name and then refuse it one.
  int copy_it() {
    const shared::descriptor from(::open(link_of(fd_.get()).c_str(), O_RDONLY | O_CLOEXEC));
    struct stat as;
    if (!from || ::fstat(from.get(), &as) != 0) return errno;
    shared::descriptor copy;
    int error = each_name([&](const std::string& name) {
      copy = shared::descriptor(::open(name.c_str(), O_WRONLY | O_CLOEXEC | O_CREAT | O_EXCL, as.st_mode & 07777));
      return copy ? 0 : errno;
    });
    std::vector<char> piece(256 << 10);
    for (ssize_t got = 1; !error && got > 0;) {
      got = ::read(from.get(), piece.data(), piece.size());
      if (got < 0) error = errno;
      for (ssize_t at = 0, put = 0; !error && at < got; at += put)
        if ((put = ::write(copy.get(), piece.data() + at, static_cast<std::size_t>(got - at))) < 0) error = errno;
    }
    if (!error && (::fchmod(copy.get(), as.st_mode & 07777) != 0 || ::fsync(copy.get()) != 0)) error = errno;
    fd_ = std::move(copy);
    return error;
  }
  static std::string link_of(int fd) { return "/proc/self/fd/" + std::to_string(fd); }
  // Makes a file of the first name that is free: a process of the same number, in another container say, may have left one. A long name is cut,
  // so that the end has room.
  template <class Make>
  int each_name(Make make) {
    const std::size_t folder = place_.rfind('/') + 1;  // 0 without one
    static std::atomic<unsigned> collisions{0};  // names that are cut may be alike, any number of them: none is tried twice
    for (int tries = 0;; ++tries) {
      const std::string end = "." + std::to_string(::getpid()) + (tries ? "-" + std::to_string(++collisions) : std::string()) + ".part";
      std::size_t size = std::min<std::size_t>(place_.size() - folder, NAME_MAX - end.size());
      while (size > 0 && folder + size < place_.size() && (static_cast<unsigned char>(place_[folder + size]) & 0xC0) == 0x80) --size;  // within a letter of UTF-8
      made_ = place_.substr(0, folder + size) + end;
      const int error = make(made_);
      if (error) made_.clear();
      if (error != EEXIST || tries == 99) return error;
    }
  }
  // A symbolic link stays; what it leads to is replaced, or made where it is not there yet.
  std::string behind_links() const {
    constexpr int most = 40;  // as the system
    std::string at = path_;
    std::vector<char> to(4096);
    for (int n = 0; n < most; ++n) {
      const ssize_t size = ::readlink(at.c_str(), to.data(), to.size());
      if (size <= 0 || static_cast<std::size_t>(size) == to.size()) break;
      const std::string_view leads(to.data(), static_cast<std::size_t>(size));
      at.resize(leads.front() == '/' ? 0 : at.rfind('/') + 1);
      at += leads;
    }
    return at;
  }
  [[noreturn]] void failed(int error) const {
    throw std::runtime_error("cannot write '" + path_ + "': " + shared::errno_text(error));
  }
  void put(const pipe_text* parts, std::size_t count) {
    if (!compressor_) return put_parts(parts, count);
    for (std::size_t i = 0; i < count; ++i) compressor_->add({parts[i].data, static_cast<std::size_t>(parts[i].size)}, [&](std::string_view bytes) { put_raw(bytes); });
  }
  void put_raw(std::string_view bytes) {
    const pipe_text t{bytes.data(), bytes.size()};
    put_parts(&t, 1);
  }
  void put_parts(const pipe_text* parts, std::size_t count) {
    try {
      stage_.write(fd_.get(), parts, count);
      for (std::size_t i = 0; i < count; ++i) whole_ += parts[i].size;
    } catch (const std::system_error& e) {
      broken_ = true;
      stage_.blocking([&] { cut_back(parts, count); });
      failed(e.code().value());
    } catch (const pipes::reader_gone&) {
      failed(EPIPE);  // a FIFO that was named is a sink like a file: who reads it no more has not had all
    } catch (const pipes::cancelled&) {
      if (compressor_) cut_back(parts, count);  // a part of a block spoils what comes behind it; here nothing may park
      throw;
    }
  }

  // A write broke off, on a full disk say, or was cancelled: the record of which a part was written goes, of a compressed file the block, so
  // that what is left reads back whole. Others may be appending to the file as well: from that only goes what is seen to be ours.
  void cut_back(const pipe_text* parts, std::size_t count) const {
    if (!compressor_ && settings_.framing == shared::framing_none) return;
    struct stat now;
    if (::fstat(fd_.get(), &now) != 0 || !S_ISREG(now.st_mode)) return;
    const std::uint64_t whole = base_ + whole_, size = static_cast<std::uint64_t>(now.st_size);
    if (size <= whole || (settings_.append && !is_ours(whole, size - whole, parts, count))) return;
    const char end = settings_.framing == shared::framing_nul ? '\0' : '\n';
    std::uint64_t keep = whole, at = whole;
    for (std::size_t i = 0; i < count && at < size && !compressor_; ++i) {
      const std::string_view there(parts[i].data, std::min<std::uint64_t>(parts[i].size, size - at));
      if (const auto last = there.rfind(end); last != there.npos) keep = at + last + 1;
      at += parts[i].size;
    }
    (void)!::ftruncate(fd_.get(), static_cast<off_t>(keep));
  }
  // The file has, from `at` to its end, what the parts begin with.
  bool is_ours(std::uint64_t at, std::uint64_t size, const pipe_text* parts, std::size_t count) const {
    const shared::descriptor reading(::open(("/proc/self/fd/" + std::to_string(fd_.get())).c_str(), O_RDONLY | O_CLOEXEC));
    std::string there;
    for (std::size_t i = 0; i < count && size && reading; ++i) {
      there.resize(static_cast<std::size_t>(std::min<std::uint64_t>(parts[i].size, size)));
      if (::pread(reading.get(), there.data(), there.size(), static_cast<off_t>(at)) != static_cast<ssize_t>(there.size())) return false;
      if (std::memcmp(there.data(), parts[i].data, there.size()) != 0) return false;
      at += there.size();
      size -= there.size();
    }
    return size == 0 && reading;
  }

  const pipes::stage_base& stage_;
  std::string path_;
  out_settings settings_;
  written_files::claim claim_;
  std::string place_;    // the file behind links; atomic: that is replaced
  std::string made_;     // atomic: where the bytes go until the end; empty: it has no name
  bool unnamed_ = false; // atomic: it gets its name when it is complete
  std::uint64_t base_ = 0;   // append: bytes that the file had
  std::uint64_t whole_ = 0;  // bytes of all that was written to its end
  bool broken_ = false;  // a write broke off: nothing goes behind it
  bool begun_ = false;   // it was open before: what is there is ours
  shared::descriptor fd_;
  std::unique_ptr<shared::parallel_compressor> compressor_;
  shared::record_writer writer_;
};

}  // namespace io
