// spill.cpp: the file; images are made in image.cpp. The invariants are in spill.hpp.
#include "core/batch/spill.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace pipes {
namespace {

constexpr std::uint64_t page = 4096;
constexpr std::uint64_t stretch = 16 << 20;  // the least that goes back to the file system at a time
constexpr std::uint64_t ahead = 4;           // so many places of the same size are read ahead
constexpr std::uint64_t unit = 64;           // places begin at multiples of it
std::uint64_t rounded(std::uint64_t bytes) { return (bytes + unit - 1) & ~(unit - 1); }

[[noreturn]] void fault(const char* what, const std::string& folder, int error) {
  std::string text = std::string(what) + " '" + folder + "' failed: " + std::strerror(error);
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) text += " (TMPDIR can name a folder with more room, memory: lets a stage hold more before it goes to disk)";
  throw std::runtime_error(text);
}

// A write beyond RLIMIT_FSIZE shall be an error, not the end of the process: so SIGXFSZ is blocked, for this thread and this write alone.
class size_limit_is_an_error {
 public:
  size_limit_is_an_error() {
    ::sigemptyset(&set_);
    ::sigaddset(&set_, SIGXFSZ);
    ::pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  ~size_limit_is_an_error() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  void swallow() const {
    const struct timespec now{0, 0};
    ::sigtimedwait(&set_, nullptr, &now);
  }

 private:
  sigset_t set_, before_;
};

// 0, or the error.
int write_all(int fd, const char* p, std::size_t n, std::uint64_t at) {
  const size_limit_is_an_error guard;
  while (n) {
    const ssize_t done = ::pwrite(fd, p, n, static_cast<off_t>(at));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) {
      const int error = done < 0 ? errno : ENOSPC;
      if (error == EFBIG) guard.swallow();
      return error;
    }
    p += done;
    n -= static_cast<std::size_t>(done);
    at += static_cast<std::uint64_t>(done);
  }
  return 0;
}

// The most that is copied right here rather than where calls may block: a block of 256 KiB, and what stands around it.
constexpr std::size_t short_copy = (256 + 64) << 10;
// No copy of that size takes as long: the kernel has made the writer wait for the disk.
constexpr std::chrono::milliseconds held_back{2};

// Reads as much as is in the page cache and can be had without waiting.
std::size_t read_present(int fd, char* p, std::size_t n, std::uint64_t at) {
#ifdef RWF_NOWAIT
  struct iovec part {p, n};
  const ssize_t done = ::preadv2(fd, &part, 1, static_cast<off_t>(at), RWF_NOWAIT);
  return done > 0 ? static_cast<std::size_t>(done) : 0;
#else
  (void)fd, (void)p, (void)n, (void)at;
  return 0;
#endif
}

int read_all(int fd, char* p, std::size_t n, std::uint64_t at) {
  while (n) {
    const ssize_t done = ::pread(fd, p, n, static_cast<off_t>(at));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return done < 0 ? errno : EIO;
    p += done;
    n -= static_cast<std::size_t>(done);
    at += static_cast<std::uint64_t>(done);
  }
  return 0;
}

int open_unnamed(const std::string& folder) {
#ifdef O_TMPFILE
  const int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return fd;
#endif
  std::string name = folder + "/pipe-spill-XXXXXX";
  const int made = ::mkostemp(name.data(), O_CLOEXEC);
  if (made >= 0) ::unlink(name.c_str());
  return made;
}

}  // namespace

std::string spill_file::folder() {
  if (const char* named = std::getenv("TMPDIR"); named && *named) return named;
  return ::access("/var/tmp", W_OK | X_OK) == 0 ? "/var/tmp" : "/tmp";
}

spill_file::~spill_file() {
  if (const int fd = fd_.load(std::memory_order_acquire); fd >= 0) ::close(fd);
}

int spill_file::opened() {
  if (const int fd = fd_.load(std::memory_order_acquire); fd >= 0) return fd;
  std::lock_guard lock(opening_);
  if (const int fd = fd_.load(std::memory_order_relaxed); fd >= 0) return fd;
  folder_ = folder();
  int error = 0;
  const int fd = blocking([&] {
    const int made = open_unnamed(folder_);
    error = errno;
    return made;
  });
  if (fd < 0) fault("opening a file to spill to in", folder_, error);
  fd_.store(fd, std::memory_order_release);
  return fd;
}

spill_place spill_file::write(const memory::text_buffer& bytes) {
  const int fd = opened();
  const std::uint64_t room = rounded(bytes.size());
  const spill_place p{end_.fetch_add(room, std::memory_order_relaxed), bytes.size()};
  const auto copy = [&] {
    const auto begun = std::chrono::steady_clock::now();
    const int error = write_all(fd, bytes.data(), bytes.size(), p.offset);
    waits_.store(std::chrono::steady_clock::now() - begun >= held_back, std::memory_order_relaxed);
    return error;
  };
  // With a seed, how busy the disk is changes nothing.
  const bool here = bytes.size() <= short_copy && !waits_.load(std::memory_order_relaxed) && !detail::detour.load(std::memory_order_relaxed);
  if (const int error = here ? copy() : blocking(copy)) fault("spilling to", folder_, error);
  on_disk_.fetch_add(room, std::memory_order_relaxed);
  return p;
}

memory::chunk* spill_file::read(spill_place p) {
  const int fd = opened();
  struct holder {
    memory::chunk* chunk;
    ~holder() { if (chunk) memory::chunk_drop(chunk); }
  } image{memory::chunk_new(p.size + 64)};
  std::memset(image.chunk->begin() + p.size, 0, 64);  // whoever reads ahead reads something that was written
  // With a seed, what the page cache holds changes nothing.
  const bool seeded = detail::detour.load(std::memory_order_relaxed);
  const std::size_t present = seeded || p.size > short_copy ? 0 : read_present(fd, image.chunk->begin(), p.size, p.offset);
  int error = 0;
  if (present == p.size) {
    const range free = freed(p);
    if (free.begin != free.end) blocking([&] { give_back(free); });
  } else {
    error = blocking([&] {
      // What was written next is mostly taken next, by a merge that waits for one place at a time.
      ::posix_fadvise(fd, static_cast<off_t>(p.offset + rounded(p.size)), static_cast<off_t>(ahead * rounded(p.size)), POSIX_FADV_WILLNEED);
      const int failed = read_all(fd, image.chunk->begin() + present, p.size - present, p.offset + present);
      drop(p);
      return failed;
    });
  }
  if (error) fault("reading back what was spilled to", folder_, error);
  return std::exchange(image.chunk, nullptr);
}

spill_place spill_file::put(pipe_batch* b, std::string_view notes) {
  if (b) load(b);
  memory::text_buffer image;
  save(b, notes, image);
  return write(image);
}

restored spill_file::take(spill_place p) { return restore(read(p)); }

// Several images: their number, where each begins and its size, then the images.
spill_place spill_file::put_all(const std::vector<batch_ref>& all) {
  std::vector<std::uint64_t> index{all.size()};
  index.resize(1 + 2 * all.size());
  memory::text_buffer images, one;
  images.append(reinterpret_cast<const char*>(index.data()), index.size() * sizeof index[0]);
  static const char zeros[8] = {};
  for (std::size_t i = 0; i < all.size(); ++i) {
    load(all[i].get());
    save(all[i].get(), {}, one);
    index[1 + 2 * i] = images.size();
    index[2 + 2 * i] = one.size();
    images.append(one.data(), one.size());
    images.append(zeros, (8 - one.size() % 8) % 8);
  }
  std::memcpy(const_cast<char*>(images.data()), index.data(), index.size() * sizeof index[0]);
  return write(images);
}

std::vector<batch_ref> spill_file::take_all(spill_place p) {
  struct holder {
    memory::chunk* chunk;
    ~holder() { memory::chunk_drop(chunk); }
  } images{read(p)};
  const auto* index = reinterpret_cast<const std::uint64_t*>(images.chunk->begin());
  std::vector<batch_ref> all;
  for (std::uint64_t i = 0; i < index[0]; ++i) all.push_back(restore(images.chunk, index[1 + 2 * i], index[2 + 2 * i]).batch);
  return all;
}

void spill_file::drop(spill_place p) noexcept {
  give_back(freed(p));
}

spill_file::range spill_file::freed(spill_place p) noexcept {
  on_disk_.fetch_sub(rounded(p.size), std::memory_order_relaxed);
  range r{p.offset, p.offset + rounded(p.size)};
  try {
    std::lock_guard lock(freeing_);
    auto next = free_.lower_bound(r.begin);
    if (next != free_.begin()) {
      const auto before = std::prev(next);
      if (before->second == r.begin) {
        r.begin = before->first;
        free_.erase(before);
      }
    }
    if (next != free_.end() && next->first == r.end) {
      r.end = next->second;
      free_.erase(next);
    }
    if (r.end - r.begin >= stretch) return r;
    free_.emplace(r.begin, r.end);
  } catch (...) {  // no memory to remember it in: its space goes back at the end
  }
  return {};
}

void spill_file::give_back(range r) noexcept {
  // A part of the pages at both ends may belong to other places.
  r = {(r.begin + page - 1) & ~(page - 1), r.end & ~(page - 1)};
  if (r.begin >= r.end) return;
  // Where the file system cannot do it, all goes back at the end.
#ifdef FALLOC_FL_PUNCH_HOLE
  const int kept = errno;
  ::fallocate(fd_.load(std::memory_order_acquire), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(r.begin), static_cast<off_t>(r.end - r.begin));
  errno = kept;
#endif
}

}  // namespace pipes
