// descriptor.hpp: reading and writing a descriptor from a fiber, whatever it is, without holding up a processor.
//
// The flags of a descriptor belong to everybody who inherited it: O_NONBLOCK on 0, 1 or 2 would leak into the other programs of a shell
// pipeline. So by what a descriptor is:
//   0, 1, 2 that are a pipe, FIFO or terminal   are opened once more through /proc/self/fd, which gives us a file description of our own, with
//                                               O_NONBLOCK
//   other pipes and the like                    are used as they are, if their owner made them O_NONBLOCK. Not opened once more: that would
//                                               keep a pipe open that its owner has closed
//   sockets                                     are read and written with MSG_DONTWAIT
//   regular files                               are read from the page cache (RWF_NOWAIT); what is not there, on a thread of the blocking
//                                               pool
//   all else                                    read and write on a thread of that pool
// Thread safety: one reader and one writer at a time. All but hold() may park; try_read() only while it reads on that pool.
#pragma once
#include <pipe/plugin.h>
#include <pipe/runtime.hpp>

#include <cstdint>

namespace pipes {

class descriptor {
 public:
  // Borrows fd, which must stay open. writing: what it is for.
  descriptor(int fd, bool writing);
  ~descriptor();
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  // Reads what is there, at least one byte; 0: the end; -errno. Does not wait for more to come: -EAGAIN.
  std::int64_t try_read(char* to, std::size_t size);
  // Writes all of it, parking as needed. Returns the bytes written or -errno (-EPIPE: the reader is gone; -ECANCELED: the fiber's stack
  // unwinds and there is no room now).
  std::int64_t write(const pipe_text* parts, std::size_t count);
  // If this is a pipe: hands it `size` bytes of the file uncopied, as pages that the page cache and the pipe then share. Parks as needed.
  // Returns how many bytes went this way, the rest being left to write() (all of it where this cannot be done), or -errno as from write().
  std::int64_t write_pages(int file, std::uint64_t offset, std::size_t size);
  // In a run with a seed: waits, without parking, until a read or write can make progress, since how fast the other side is must not change the
  // schedule. False: it is no such run, or nothing came for 3 s. Not where the other side may itself wait for a fiber of this run.
  bool hold(bool for_writing) const;
  int fd() const { return own_ >= 0 ? own_ : fd_; }
  static bool inherited(int fd) { return fd <= 2; }

 private:
  [[nodiscard]] bool wait_for_room();  // false: cancelled
  enum class kind : std::uint8_t { regular, nonblocking, socket, other };
  const int fd_;
  int own_ = -1;
  kind kind_ = kind::other;
  bool takes_pages_ = false;  // write_pages() may be tried: a pipe, in nonblocking mode
};

}  // namespace pipes
