// write_batch.cpp: see write_batch.hpp.
#include "core/io/write_batch.hpp"

#include "core/batch/range.hpp"

namespace pipes {
namespace {

constexpr std::size_t worth_pages = 64 * 1024;  // a shorter run is copied as fast as its pages are handed over

}  // namespace

std::int64_t write_batch(descriptor& to, pipe_batch* batch) {
  const pipe_runs& all = runs(batch);
  std::int64_t total = 0;
  std::uint64_t begun = 0;  // runs in front of it are written
  const auto write_up_to = [&](std::uint64_t end) {
    const std::int64_t n = end > begun ? to.write(all.runs + begun, static_cast<std::size_t>(end - begun)) : 0;
    begun = end;
    total += n;
    return n;
  };
  for (std::uint64_t i = 0; i < all.count; ++i) {
    const pipe_text& run = all.runs[i];
    if (run.size < worth_pages) continue;
    const file_bytes source = in_source(batch, run.data, static_cast<std::size_t>(run.size));
    if (!source.file) continue;
    if (const std::int64_t n = write_up_to(i); n < 0) return n;
    const std::int64_t moved = to.write_pages(source.file->fd(), source.offset, static_cast<std::size_t>(run.size));
    if (moved < 0) return moved;
    const pipe_text rest{run.data + moved, run.size - static_cast<std::uint64_t>(moved)};
    const std::int64_t n = rest.size ? to.write(&rest, 1) : 0;
    if (n < 0) return n;
    total += moved + n;
    begun = i + 1;
  }
  const std::int64_t n = write_up_to(all.count);
  return n < 0 ? n : total;
}

}  // namespace pipes
