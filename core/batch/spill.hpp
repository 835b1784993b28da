// spill.hpp: batches set aside on disk, and batches put together from rows of others.
//
// A saved batch is an image: one stretch of bytes that save() makes and restore() turns back into a batch of the same meaning. It keeps what
// copy() keeps: the records' bytes, or none if they are not rendered yet; the columns that are known, with numbers as they were written;
// whether the records are JSON, begin a file, lack the last line end; the note. Changed JSON records are rendered for it. A block of
// text without fields stays one, uncut.
//   P1  An image is read back by the process that wrote it: it holds interned field names as pointers, and nothing checks it.
//   P2  A spill file has no name (O_TMPFILE, or it is unlinked at once): so whatever ends the process, the kernel takes the space back. It is
//       made by the first put.
//   P3  A place is taken or dropped once. Its space goes back to the file system before the end, but in large stretches: where the file
//       system tells the disk at once what is free (ext4 with `discard`), each time costs tens of milliseconds. Places lie side by side,
//       small ones several to a page; a page goes back once all of it is free.
// Origins are not kept: whoever counts on one holds it beside the place.
// Thread safety: save, restore, gather: as batch.hpp. A spill_file: any fiber, several at once; put and take park.
#pragma once
#include <pipe/runtime.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/batch/batch.hpp"
#include "core/batch/memory.hpp"

namespace pipes {

// A batch, and the bytes of its keeper's own that were saved with it; these live as long as the batch.
struct restored {
  batch_ref batch;
  std::string_view notes;
};

// Makes the image, in place of what the buffer held. `b` may be null: then it is notes alone, which come back with a batch of no records.
// Throws std::length_error over 4 GiB.
void save(pipe_batch* b, std::string_view notes, memory::text_buffer& image);
restored restore(memory::chunk* image);  // takes the chunk over; the image lies at its beginning
// The same for one of several images in a chunk, of `size` bytes at `offset`, a multiple of 8; the chunk is held once more.
restored restore(memory::chunk* images, std::size_t offset, std::size_t size);

// Record i is row rows[i] of parts[of[i]]; bytes and known columns are copied: the result stands alone.
batch_ref gather(pipe_batch* const* parts, std::uint64_t part_count, const std::uint32_t* of, const std::uint32_t* rows, std::uint64_t count);

struct spill_place {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

class spill_file {
 public:
  spill_file() = default;
  ~spill_file();
  spill_file(const spill_file&) = delete;
  spill_file& operator=(const spill_file&) = delete;

  // Throw std::runtime_error with the folder and the cause.
  spill_place put(pipe_batch* b, std::string_view notes = {});
  restored take(spill_place p);
  void drop(spill_place p) noexcept;
  // Several batches in one place, each its own image.
  spill_place put_all(const std::vector<batch_ref>& all);
  std::vector<batch_ref> take_all(spill_place p);

  // Bytes of what is neither taken nor dropped.
  std::uint64_t on_disk() const { return on_disk_.load(std::memory_order_relaxed); }

  // Where spill files lie: $TMPDIR; else /var/tmp, which unlike /tmp is a disk everywhere; else /tmp.
  static std::string folder();

 private:
  int opened();
  spill_place write(const memory::text_buffer& bytes);
  memory::chunk* read(spill_place p);

  // A stretch of the file.
  struct range {
    std::uint64_t begin = 0, end = 0;
  };
  // Counts the place as free, and returns the stretch that is to go back to the file system now, if one is. give_back() may take long: call it
  // where calls may block.
  range freed(spill_place p) noexcept;
  void give_back(range r) noexcept;

  mutex opening_;
  std::string folder_;               // guarded by opening_, constant once fd_ is set
  std::atomic<int> fd_{-1};          // set once, with release, under opening_
  std::atomic<std::uint64_t> end_{0};
  std::atomic<std::uint64_t> on_disk_{0};
  std::atomic<bool> waits_{false};   // the last write waited for the disk: the next one goes where calls may block
  std::mutex freeing_;               // no other lock is taken under it
  std::map<std::uint64_t, std::uint64_t> free_;  // stretches that are not given back yet, begin to end; guarded by freeing_
};

}  // namespace pipes
