// descriptor.hpp: reading and writing a descriptor from a fiber, whatever it is, without holding up a processor.
//
// The flags of a descriptor belong to everybody who inherited it: O_NONBLOCK on 0, 1 or 2 would leak into the other programs
// of a shell pipeline. So a pipe, FIFO or terminal there is opened once more through /proc/self/fd, which makes a file description
// of our own with O_NONBLOCK. Any other descriptor is its owner's, who closes it when it pleases: a second one would keep a pipe
// open behind his back; if he made it O_NONBLOCK it is used as it is. Sockets are read and written with MSG_DONTWAIT; regular files
// are read from the page cache at once (RWF_NOWAIT) and otherwise on a thread of the blocking pool. Where none of it works, the
// call itself runs on that pool.
// Thread safety: one reader and one writer at a time. All but try_read and hold park.
#pragma once
#include <pipe/plugin.h>
#include <pipe/runtime.hpp>

#include <cstdint>

namespace pipes {

class descriptor {
 public:
  // Borrows fd, which must stay open; writing says what it is for.
  descriptor(int fd, bool writing);
  ~descriptor();
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  // What is there, at least one byte; 0 at the end; -errno. Never waits: -EAGAIN when nothing is there yet.
  std::int64_t try_read(char* to, std::size_t size);
  // All of it, parking as needed; bytes written or -errno (-EPIPE: the reader is gone; -ECANCELED: the fiber is cancelled, its stack
  // unwinds, and there is no room now).
  std::int64_t write(const pipe_text* parts, std::size_t count);
  // Hands `size` bytes of the file to the pipe that this is, uncopied: as pages that the page cache and the pipe then share. Parks
  // as needed. How many went this way (none where it cannot be done: the rest is to be written) or -errno as from write().
  std::int64_t write_pages(int file, std::uint64_t offset, std::size_t size);
  // In a run with a seed, until a read or write may make progress, with the processor held: how fast the other side is must not
  // change the schedule, as parking would. False: no such run, or nothing for 3 s. Not where the other side may wait for a fiber.
  bool hold(bool for_writing) const;
  int fd() const { return own_ >= 0 ? own_ : fd_; }
  static bool inherited(int fd) { return fd <= 2; }

 private:
  [[nodiscard]] bool wait_for_room();  // false: cancelled
  enum class kind : std::uint8_t { regular, nonblocking, socket, other };
  const int fd_;
  int own_ = -1;
  kind kind_ = kind::other;
  bool takes_pages_ = false;  // a pipe that never waits
};

}  // namespace pipes
