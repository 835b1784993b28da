// range.hpp: a stretch of a file that is read by whoever works on it, not by the source that found the file: to read is to copy out of the
// page cache, and two processors copy twice as fast as one.
//
// The batch of [offset, offset + size) holds the records that begin in that stretch, whole. Its reader skips the tail of a record that
// began before, and reads on behind the end until the last record is complete. So neighbours need not know each other's cuts, and
// together they give every record once. The last range goes on to the end of the file.
//   G1  Nobody looks at the batch's bytes before load(); load() reads once and publishes with release.
//   G2  A fault of reading is thrown by the first load() alone, and told by read_fault() each time. What was read before it is there.
// load() parks (a page that is not in memory is read on a thread of the blocking pool), so call it in a fiber.
#pragma once
#include <pipe/runtime.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/batch/batch.hpp"

namespace pipes {

// An open regular file that ranges share; closed with the last of them.
class source_file {
 public:
  source_file(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}
  ~source_file();
  source_file(const source_file&) = delete;
  source_file& operator=(const source_file&) = delete;
  int fd() const { return fd_; }
  const std::string& name() const { return name_; }

  // Somebody has found that the bytes [begin, end) are so many records. Any thread; never parks.
  void counted(std::uint64_t begin, std::uint64_t end, std::uint64_t records);
  // For messages: how many records lie before that byte, at which one begins. What nobody has counted is read once more, unless that is too
  // much: then there is no answer. Parks.
  std::optional<std::uint64_t> records_before(std::uint64_t byte) const;

 private:
  struct stretch {
    std::uint64_t end, records;
  };
  const int fd_;
  const std::string name_;
  mutable std::mutex counting_;                // nothing is taken under it
  std::map<std::uint64_t, stretch> counted_;   // by where they begin; neighbours are one. Guarded by counting_
};

struct file_range {
  // Constant once a second fiber sees the batch
  std::shared_ptr<source_file> file;
  std::uint64_t offset = 0, size = 0;
  std::uint64_t max_record = 16u << 20;
  bool last = false;
  void* maker = nullptr;
  // Written by load() under `reading`, published by `loaded`
  mutex reading;
  std::uint64_t text_offset = 0;  // where the batch's text begins in the file
  std::string fault;              // why it could not be read to its end; empty: it could
  std::atomic<bool> loaded{false};
};

// Whether to work through the batch, and to read it first, takes tens of microseconds or more.
bool heavy(const pipe_batch*);

// Makes the batch; nothing is read yet.
batch_ref make_range(std::shared_ptr<source_file> file, std::uint64_t offset, std::uint64_t size, bool last, std::uint64_t max_record);
// load(), and the fault that it met; empty: none. Ask the range itself: batches made of it do not know.
std::string read_fault(pipe_batch*);
// What was read of it, as a batch that knows of no fault: for those behind the stage that was told.
batch_ref without_fault(const batch_ref&);
// Who made the range: its fault is theirs, whoever finds it. Only ranges have a maker; on other batches this does nothing.
void set_maker(pipe_batch*, void* who);
void* maker_of(pipe_batch*);

// Where bytes of a batch lie in the file that they were read from. No file: they were made, or read in another way.
struct file_bytes {
  const source_file* file = nullptr;  // lives as long as the batch
  std::uint64_t offset = 0;
};
file_bytes in_source(const pipe_batch*, const char* data, std::size_t size);

}  // namespace pipes
