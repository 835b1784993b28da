// range.hpp: a stretch of a file that is read by whoever works on it, not by the one who found the file: reading is a copy from
// the page cache, and one core copies half as fast as two.
//
// The batch of [offset, offset + size) holds the records that begin in that stretch, whole: its reader skips the tail of a
// record that began before, and reads on behind the end until the last record is complete. So neighbours need not know each
// other's cuts, and together they give every record once. The last range goes on to the end of the file.
//   G1  nobody looks at the batch's bytes before load(); load() reads once and publishes with release.
//   G2  what comes in the way of reading is thrown by the first load() alone, read_fault() says it each time; what was read before is there.
// load() parks (a page that is not in memory is read on a thread of the blocking pool). Call it inside a fiber.
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

  // The bytes [begin, end) are so many records, somebody found. Any thread; never parks.
  void counted(std::uint64_t begin, std::uint64_t end, std::uint64_t records);
  // How many records lie before that byte, at which one begins: what nobody has counted is read once more; nothing if that is too much. Parks.
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
  std::shared_ptr<source_file> file;
  std::uint64_t offset = 0, size = 0;
  std::uint64_t max_record = 16u << 20;
  bool last = false;
  std::uint64_t text_offset = 0;  // where the batch's text begins in the file; set with it
  void* maker = nullptr;  // set before a second fiber sees the batch
  mutex reading;
  std::string fault;              // why it could not be read to its end; set with `loaded`
  std::atomic<bool> loaded{false};
};

// Whether working through the batch takes tens of microseconds and more, reading it included.
bool heavy(const pipe_batch*);

// Makes the batch; nothing is read yet.
// `file`'s name stands in messages as it is.
batch_ref make_range(std::shared_ptr<source_file> file, std::uint64_t offset, std::uint64_t size, bool last, std::uint64_t max_record);
// load(), and what came in its way: empty, nothing. Only the range itself says so, not what was made of it.
std::string read_fault(pipe_batch*);
// What was read of it, for those behind the one who was told of the fault.
batch_ref without_fault(const batch_ref&);
// Who made the range, for the one who finds that it cannot be read: the fault is his. Nothing happens to a batch that is no range; it has no maker.
void set_maker(pipe_batch*, void* who);
void* maker_of(pipe_batch*);

// Where bytes of a batch lie in the file that they were read from; no file: they were made, or came in another way.
struct file_bytes {
  const source_file* file = nullptr;  // lives as long as the batch
  std::uint64_t offset = 0;
};
file_bytes in_source(const pipe_batch*, const char* data, std::size_t size);

}  // namespace pipes
