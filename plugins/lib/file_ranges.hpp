// plugins/lib/file_ranges.hpp: a large plain file is not read by its source but handed out in ranges, which the workers read:
// copying out of the page cache is most of the work of a simple pipeline, and one core does it half as fast as two.
#pragma once
#include <pipe/plugin.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/compressed.hpp"
#include "lib/record_reader.hpp"
#include "lib/utf16.hpp"

namespace shared {

// Emits the lines of the file from its beginning to its end; false, and nothing done, where it must be read as a stream: it is
// no regular file, not at its beginning, small, or compressed. The descriptor stays the caller's; `name` stands
// in messages as it is.
inline bool emit_ranges(const pipes::stage_base& stage, pipes::output& out, int fd, const std::string& name, std::uint64_t max_record) {
  struct stat s;
  if (::fstat(fd, &s) != 0 || !S_ISREG(s.st_mode) || ::lseek(fd, 0, SEEK_CUR) != 0) return false;
  const auto size = static_cast<std::uint64_t>(s.st_size);
  const std::uint64_t range_size = block_size(stage);
  char first[longest_magic];
  if (size < 2 * range_size || ::pread(fd, first, sizeof first, 0) != static_cast<ssize_t>(sizeof first)) return false;
  if (form_of({first, sizeof first})) return false;
  warn_of_utf16(stage, name, first, sizeof first);
  const int own = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (own < 0) return false;
  const pipes::shared_file file(own, name);
  stage.count("bytes to read", static_cast<std::int64_t>(size));
  // A range is as large as an eighth of what lies before it: the workers read several ahead, and who needs only the beginning
  // (`head`) is to have it before much more was read than that.
  constexpr std::uint64_t least = 16 << 10;
  for (std::uint64_t at = 0; at < size;) {
    const std::uint64_t next = std::min(range_size, std::max(least, at / 8 / least * least));
    const bool last = at + next >= size;
    const std::uint64_t piece = last ? size - at : next;
    out.emit_range(file, at, piece, max_record, last ? PIPE_RANGE_LAST : 0u);
    out.flush();
    stage.count("bytes read", static_cast<std::int64_t>(piece));
    at += piece;
  }
  (void)::lseek(fd, s.st_size, SEEK_SET);  // where a reader would have left it
  return true;
}

}  // namespace shared
