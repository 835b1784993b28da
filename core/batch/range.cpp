// range.cpp: see range.hpp. range_reader is the reading, and the cutting at both ends.
#include "core/batch/range.hpp"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <mutex>
#include <stdexcept>

#include "core/batch/batch_impl.hpp"
#include "core/batch/lines.hpp"
#include "core/io/system_call.hpp"

namespace pipes {
namespace {

// So much is read behind the range at once: most last records end there. With it, the byte in front and a block's header, a range of a power
// of two still fits into a piece of the pool of that size.
constexpr std::size_t overlap = 4096 - 256;

std::size_t read_at(const source_file& f, char* to, std::size_t size, std::uint64_t offset) {
  std::size_t total = 0;
  const int flags = detail::detour.load(std::memory_order_relaxed) ? 0 : RWF_NOWAIT;   // with a seed, what the page cache holds changes nothing
  while (total < size) {
    struct iovec part {to + total, size - total};
    std::int64_t n = result_of([&] { return ::preadv2(f.fd(), &part, 1, static_cast<off_t>(offset + total), flags); });
    if (n == -EAGAIN || n == -EOPNOTSUPP || n == -ENOSYS)
      blocking([&] { n = result_of([&] { return ::pread(f.fd(), to + total, size - total, static_cast<off_t>(offset + total)); }); });
    if (n == -EINTR) continue;
    if (n < 0) throw std::runtime_error("cannot read " + f.name() + ": " + std::strerror(static_cast<int>(-n)));
    if (n == 0) break;
    total += static_cast<std::size_t>(n);
  }
  return total;
}

struct holder {
  char* block;
  explicit holder(std::size_t size) : block(block_new(size)) {}
  ~holder() {
    if (block) block_free(block);
  }
  holder(const holder&) = delete;
  holder& operator=(const holder&) = delete;
  void grow(std::size_t used, std::size_t size) {
    holder larger(size);
    std::memcpy(larger.block, block, used);
    std::swap(block, larger.block);
  }
};

std::string size_words(std::uint64_t n) {
  constexpr std::uint64_t kib = 1024, mib = kib * 1024;
  return n && n % mib == 0 ? std::to_string(n / mib) + "MiB" : n && n % kib == 0 ? std::to_string(n / kib) + "KiB" : std::to_string(n) + " bytes";
}

[[noreturn]] void too_long(const file_range& r, std::uint64_t at) {
  const auto before = r.file->records_before(at);
  throw std::runtime_error(r.file->name() + (before ? ": record " + std::to_string(*before + 1) : "") + ": the record that begins at byte " + std::to_string(at) + " is longer than " +
                           size_words(r.max_record) + "; max_record sets the limit, framing says what ends a record");
}

// Reads a range into a block, which grows as needed, and cuts it at both ends. Places are those in the block.
class range_reader {
 public:
  range_reader(pipe_batch* b, file_range& r)
      : b_(b), r_(r), from_(r.offset ? r.offset - 1 : 0), last_byte_(static_cast<std::size_t>(r.offset - from_ + r.size) - 1), room_(last_byte_ + 1 + overlap), held_(room_) {
    fill();
  }

  void run() {
    while (r_.last && !at_end_) more();
    if (!find_begin()) return;
    const std::size_t end = find_end();
    if (end <= begin_) return;
    if (end - begin_ > r_.max_record) check_lengths(end);
    keep(end);
  }

 private:
  void fill() {
    filled_ += read_at(*r_.file, held_.block + filled_, room_ - filled_, from_ + filled_);
    at_end_ = filled_ < room_;
  }
  void more() {
    held_.grow(filled_, room_ * 2);
    room_ *= 2;
    fill();
  }
  // The place behind the first line end in [at, end); 0: there is none.
  std::size_t behind_line(std::size_t at, std::size_t end) const {
    const void* const found = end > at ? std::memchr(held_.block + at, '\n', end - at) : nullptr;
    return found ? static_cast<std::size_t>(static_cast<const char*>(found) - held_.block) + 1 : 0;
  }

  // The range's first record begins behind the first line end from the byte in front of the range on. False: there is none, one record
  // covers the whole range and belongs to an earlier one.
  bool find_begin() {
    if (r_.offset == 0) return true;
    begin_ = behind_line(0, r_.last ? filled_ : std::min(filled_, last_byte_));
    return begin_ != 0;
  }

  // Its last record is the one that holds its last byte, and ends at the first line end from there on.
  std::size_t find_end() {
    for (std::size_t look = last_byte_;; more()) {
      if (!r_.last) {
        if (const std::size_t end = behind_line(look, filled_)) return end;
        look = std::max(look, filled_);
      }
      if (at_end_) return filled_;
      if (r_.last || filled_ - begin_ <= r_.max_record + r_.size) continue;
      const void* const before = last_byte_ > begin_ ? ::memrchr(held_.block + begin_, '\n', last_byte_ - begin_) : nullptr;
      refuse(before ? static_cast<std::size_t>(static_cast<const char*>(before) - held_.block) + 1 : begin_);
    }
  }

  void check_lengths(std::size_t end) {
    for (std::size_t at = begin_; at < end;) {
      const std::size_t behind = behind_line(at, end);
      const std::size_t next = behind ? behind : end;
      if (next - at > r_.max_record + 1) refuse(at);
      at = next;
    }
  }

  // The record at that place is too long; the complete ones in front of it are kept.
  [[noreturn]] void refuse(std::size_t at) {
    if (at > begin_) keep(at);
    too_long(r_, from_ + at);
  }

  // Takes the text up to there.
  void keep(std::size_t end) {
    b_->text = held_.block + begin_;
    b_->text_size = end - begin_;
    r_.text_offset = from_ + begin_;
    b_->unended = held_.block[end - 1] != '\n';
    b_->block = std::exchange(held_.block, nullptr);
  }

  pipe_batch* const b_;
  file_range& r_;
  const std::uint64_t from_;      // where the block begins in the file: one byte in front of the range, which says whether a record begins there
  const std::size_t last_byte_;   // of the range
  std::size_t room_;
  holder held_;
  std::size_t filled_ = 0;
  bool at_end_ = false;           // of the file
  std::size_t begin_ = 0;         // of the first record
};

}  // namespace

source_file::~source_file() { ::close(fd_); }

void source_file::counted(std::uint64_t begin, std::uint64_t end, std::uint64_t records) {
  if (begin == end) return;
  std::lock_guard lock(counting_);
  const auto behind = counted_.upper_bound(begin);
  if (behind != counted_.begin() && std::prev(behind)->second.end > begin) return;  // by two at once
  const auto here = counted_.emplace_hint(behind, begin, stretch{end, records});
  if (const auto next = counted_.find(end); next != counted_.end()) {
    here->second = {next->second.end, records + next->second.records};
    counted_.erase(next);
  }
  if (here == counted_.begin()) return;
  if (const auto before = std::prev(here); before->second.end == begin) {
    before->second = {here->second.end, before->second.records + here->second.records};
    counted_.erase(here);
  }
}

std::optional<std::uint64_t> source_file::records_before(std::uint64_t byte) const {
  constexpr std::uint64_t most = 256u << 20;
  constexpr std::size_t piece = 1u << 20;
  std::map<std::uint64_t, stretch> known;
  {
    std::lock_guard lock(counting_);
    known = counted_;
  }
  std::uint64_t unknown = byte;
  for (const auto& [begin, s] : known)
    if (s.end <= byte) unknown -= s.end - begin;
  if (unknown > most) return std::nullopt;
  const holder text(piece);
  std::uint64_t records = 0;
  for (std::uint64_t at = 0; at < byte;) {
    const auto next = known.lower_bound(at);
    if (next != known.end() && next->first == at && next->second.end <= byte) {
      records += next->second.records;
      at = next->second.end;
      continue;
    }
    const std::uint64_t to = next == known.end() ? byte : std::min(byte, std::max(next->first, at + 1));
    const std::size_t got = read_at(*this, text.block, static_cast<std::size_t>(std::min<std::uint64_t>(piece, to - at)), at);
    if (got == 0) break;
    records += lines::count(text.block, got) - (text.block[got - 1] != '\n');
    at += got;
  }
  return records;
}

batch_ref make_range(std::shared_ptr<source_file> file, std::uint64_t offset, std::uint64_t size, bool last, std::uint64_t max_record) {
  auto made = std::make_unique<pipe_batch>();
  made->kind = detail::kind::block;
  made->text = "";
  made->begins = offset == 0;
  made->range = std::make_unique<file_range>();
  made->range->file = std::move(file);
  made->range->offset = offset;
  made->range->size = size;
  made->range->last = last;
  made->range->max_record = max_record;
  return batch_ref::adopt(made.release());
}

bool heavy(const pipe_batch* b) {
  constexpr std::uint64_t bytes = 64 * 1024, rows = 512;
  if (b->kind != detail::kind::block) return b->count >= rows;
  return (b->range && !b->range->loaded.load(std::memory_order_relaxed) ? b->range->size : b->text_size) >= bytes;
}

void set_maker(pipe_batch* b, void* who) {
  if (b->range) b->range->maker = who;
}

void* maker_of(pipe_batch* b) { return b->range ? b->range->maker : nullptr; }

file_bytes in_source(const pipe_batch* b, const char* data, std::size_t size) {
  while (b->parent) b = b->parent.get();
  if (!b->range || data < b->text || data + size > b->text + b->text_size) return {};
  return {b->range->file.get(), b->range->text_offset + static_cast<std::uint64_t>(data - b->text)};
}

void load(pipe_batch* b) {
  while (b->parent) b = b->parent.get();
  if (!b->range) return;
  file_range& r = *b->range;
  if (!r.loaded.load(std::memory_order_acquire)) {
    std::lock_guard lock(r.reading);
    if (!r.loaded.load(std::memory_order_relaxed)) {
      struct done {
        std::atomic<bool>& flag;
        ~done() { flag.store(true, std::memory_order_release); }
      } whatever_happens{r.loaded};
      try {
        range_reader(b, r).run();
      } catch (const std::exception& e) {
        r.fault = e.what();
        throw;
      }
    }
  }
}

std::string read_fault(pipe_batch* b) {
  try {
    load(b);
  } catch (const std::exception& e) {
    return e.what();
  }
  return b->range ? b->range->fault : std::string();
}

batch_ref without_fault(const batch_ref& b) { return b->range ? with_origin(b.get(), get_origin(b.get())) : b; }

}  // namespace pipes
