// input.cpp: reads a file on two threads, or a pipe with one thread that reads and one that works.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

#include "bare.hpp"

namespace bare {
namespace {

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

// Of the `size` bytes the ones up to the last newline.
std::size_t whole_lines(const char* data, std::size_t size) {
  const void* last = memrchr(data, '\n', size);
  return last ? static_cast<std::size_t>(static_cast<const char*>(last) - data) + 1 : 0;
}

// The offset behind the first newline at or behind `at`.
off_t behind_newline(int fd, off_t at, off_t size) {
  char room[4096];
  while (at < size) {
    const ssize_t got = pread(fd, room, sizeof room, at);
    if (got <= 0) fail("pread");
    if (const void* end = std::memchr(room, '\n', static_cast<std::size_t>(got))) return at + (static_cast<const char*>(end) - room) + 1;
    at += got;
  }
  return size;
}

void read_range(int fd, off_t at, off_t end, int share, const lines& take) {
  std::vector<char> room(2 * block_size + padding);
  std::size_t kept = 0;
  while (at < end) {
    const std::size_t wanted = std::min<std::size_t>(block_size, static_cast<std::size_t>(end - at));
    const ssize_t got = pread(fd, room.data() + kept, wanted, at);
    if (got <= 0) fail("pread");
    at += got;
    const std::size_t filled = kept + static_cast<std::size_t>(got), whole = whole_lines(room.data(), filled);
    take(share, room.data(), room.data() + whole);
    kept = filled - whole;
    std::memmove(room.data(), room.data() + whole, kept);
  }
}

// Two buffers change hands between the reader and the worker.
struct exchange {
  static constexpr std::size_t size = 1u << 20;
  std::vector<char> room[2] = {std::vector<char>(2 * size + padding), std::vector<char>(2 * size + padding)};
  std::size_t filled[2] = {0, 0};
  bool full[2] = {false, false};
  std::mutex mutex;
  std::condition_variable changed;

  void wait(int i, bool until) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return full[i] == until; });
  }
  void set(int i, bool to) {
    {
      const std::lock_guard lock(mutex);
      full[i] = to;
    }
    changed.notify_one();
  }
};

}  // namespace

void read_halves(const char* path, const lines& take) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  struct stat s;
  if (fd < 0 || fstat(fd, &s) != 0) fail(path);
  const off_t middle = behind_newline(fd, s.st_size / 2, s.st_size);
  std::thread second([&] { read_range(fd, middle, s.st_size, 1, take); });
  read_range(fd, 0, middle, 0, take);
  second.join();
  close(fd);
}

void read_pipe(const lines& take) {
  (void)fcntl(0, F_SETPIPE_SZ, 1 << 20);
  exchange x;
  std::thread worker([&] {
    for (int i = 0;; i ^= 1) {
      x.wait(i, true);
      if (x.filled[i] == 0) return;
      take(0, x.room[i].data(), x.room[i].data() + x.filled[i]);
      x.set(i, false);
    }
  });
  std::string kept;
  for (int i = 0;; i ^= 1) {
    x.wait(i, false);
    char* data = x.room[i].data();
    std::memcpy(data, kept.data(), kept.size());
    std::size_t filled = kept.size(), whole = 0;
    while (!whole) {
      const ssize_t got = read(0, data + filled, exchange::size);
      if (got < 0) fail("read");
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
      whole = whole_lines(data, filled);
    }
    kept.assign(data + whole, filled - whole);
    x.filled[i] = whole;
    x.set(i, true);
    if (!whole) break;
  }
  worker.join();
}

void print(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = write(1, text.data(), text.size());
    if (n < 0) fail("write");
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace bare
