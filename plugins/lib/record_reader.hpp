// plugins/lib/record_reader.hpp: makes batches of what a descriptor (or a decompressor) delivers: cut at record ends, the
// rest carried over, every read handed on at once.
#pragma once
#include <pipe/plugin.hpp>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace shared {

inline constexpr std::uint32_t framing_lines = 0, framing_nul = 1, framing_none = 2;
inline constexpr const char* framing_doc =
    "What ends a record: `lines` a newline, `nul` a NUL byte (find -print0), `none` only the end: the whole is one record, without a newline at its end.";

inline std::string size_words(std::uint64_t bytes) { return pipes::detail::size_text(bytes) + (bytes % 1024 || !bytes ? " bytes" : ""); }

// What a read asks for, and so what a batch holds.
inline std::size_t block_size(const pipes::stage_base& stage) { return std::clamp<std::uint64_t>(stage.batch_limit(), 4096, 256u << 20); }

// Line ends in a text. The inner loops have no branch and counts of a byte: the compiler makes vector code of them.
inline std::uint64_t newlines(const char* p, std::size_t size) {
  constexpr std::size_t chunk = 64;
  std::uint64_t n = 0;
  while (size >= chunk) {
    std::uint8_t found[chunk] = {};
    for (int i = 0; i < 255 && size >= chunk; ++i, p += chunk, size -= chunk)
      for (std::size_t j = 0; j < chunk; ++j) found[j] = static_cast<std::uint8_t>(found[j] + (p[j] == '\n'));
    for (const std::uint8_t f : found) n += f;
  }
  return n + static_cast<std::uint64_t>(std::count(p, p + size, '\n'));
}

class record_reader {
 public:
  struct settings {
    std::uint32_t framing = framing_lines;
    std::uint64_t max_record = 16u << 20;
    std::size_t block_size = 256u << 10;
    bool numbers = true;  // messages say which record it is; reading a pipe is faster without
  };
  // `name` stands in front of messages: a path, or stdin.
  record_reader(pipes::output& out, settings s, std::string name) : out_(out), settings_(s), name_(std::move(name)) {}

  // read(char* to, std::size_t room) parks until there is something, returns how much, 0 at the end.
  template <class Read>
  void run(Read read) {
    if (settings_.framing == framing_lines)
      lines(read);
    else
      buffered(read);
  }

  // How many records were handed on, for messages; nothing where they are not counted.
  std::string behind() const { return settings_.numbers ? ", behind record " + std::to_string(records_) : ""; }

 private:
  // The bytes are read where they stay: a block is handed on up to its last newline, only the rest is copied.
  template <class Read>
  void lines(Read& read) {
    pipes::block current(settings_.block_size);
    std::size_t used = 0;  // bytes of a record whose end has not come yet
    for (;;) {
      if (used == current.size()) {
        pipes::block larger(2 * current.size());
        std::memcpy(larger.data(), current.data(), used);
        current = std::move(larger);
      }
      const std::size_t got = read(current.data() + used, current.size() - used);
      char* begin = current.data();
      if (got == 0) {
        if (used) emit(std::move(current), used, PIPE_BLOCK_NO_LAST_NEWLINE);
        out_.flush();
        return;
      }
      const std::size_t filled = skipping_ ? resume(begin, got, '\n') : used + got;
      const char* last = static_cast<const char*>(memrchr(begin + used, '\n', filled - used));
      std::size_t end = last ? static_cast<std::size_t>(last + 1 - begin) : 0;
      std::size_t good = within_limit(begin, end);
      std::size_t rest = filled - end;
      bool fault = good < end || rest > settings_.max_record;
      if (fault && out_.skips()) {
        give_up_long(begin, end, rest);
        good = end;
        fault = false;
      }
      if (good && good < current.size() / 16) {  // little came: a small block of its own, so that a trickle pins no memory
        pipes::block small(good);
        std::memcpy(small.data(), begin, good);
        emit(std::move(small), good);
        std::memmove(current.data(), begin + end, rest);
      } else if (good) {
        pipes::block next(rest >= settings_.block_size ? 2 * rest : settings_.block_size);
        std::memcpy(next.data(), begin + end, rest);
        emit(std::move(current), good);
        current = std::move(next);
      }
      if (good) out_.flush();
      if (fault) too_long(position_ + (good < end ? good : end));
      position_ += end;
      used = rest;
    }
  }

  // Takes the records that are too long out of the `end` bytes of lines and the `rest` behind them. The rest of one whose end has
  // not come yet is passed over when it comes.
  void give_up_long(char* begin, std::size_t& end, std::size_t& rest) {
    std::size_t kept = 0;
    std::uint64_t between = 0;
    for (std::size_t at = 0; at < end;) {
      const std::size_t next = static_cast<std::size_t>(static_cast<const char*>(std::memchr(begin + at, '\n', end - at)) - begin) + 1;
      if (next - at - 1 > settings_.max_record) {
        out_.lost(too_long_text(position_ + at, between));
        ++lost_;
      } else {
        std::memmove(begin + kept, begin + at, next - at);
        kept += next - at;
        ++between;
      }
      at = next;
    }
    const std::uint64_t rest_at = position_ + end;
    std::memmove(begin + kept, begin + end, rest);
    position_ += end - kept;
    end = kept;
    if (rest <= settings_.max_record) return;
    out_.lost(too_long_text(rest_at, between));
    ++lost_;
    skipping_ = true;
    position_ += rest;
    rest = 0;
  }
  // Passes over the rest of a record that was given up; how many bytes are left, moved to the start.
  std::size_t resume(char* begin, std::size_t size, char end_mark) {
    const char* end = static_cast<const char*>(std::memchr(begin, end_mark, size));
    const std::size_t passed = end ? static_cast<std::size_t>(end - begin) + 1 : size;
    skipping_ = end == nullptr;
    position_ += passed;
    std::memmove(begin, begin + passed, size - passed);
    return size - passed;
  }

  // How many of the `size` bytes, which end with a newline, come before the first record that is too long.
  std::size_t within_limit(const char* begin, std::size_t size) const {
    std::size_t at = 0;
    while (size - at > settings_.max_record + 1) {
      const void* end = memrchr(begin + at, '\n', static_cast<std::size_t>(settings_.max_record) + 1);
      if (!end) return at;
      at = static_cast<std::size_t>(static_cast<const char*>(end) - begin) + 1;
    }
    return size;
  }

  // Framings whose records are no lines: blocks would be cut at newlines, so the records are copied into the output's arena.
  template <class Read>
  void buffered(Read& read) {
    std::string held;
    std::vector<char> room(settings_.block_size);
    std::vector<pipe_slice> slices;
    for (;;) {
      std::size_t got = read(room.data(), room.size());
      const bool ended = got == 0;
      if (skipping_ && settings_.framing == framing_nul) got = resume(room.data(), got, '\0');
      if (skipping_) got = 0;
      held.append(room.data(), got);
      std::size_t whole = 0;  // bytes of `held` that are complete records
      if (settings_.framing == framing_nul) {
        const void* last = memrchr(held.data() + held.size() - got, '\0', got);
        if (last) whole = static_cast<std::size_t>(static_cast<const char*>(last) - held.data()) + 1;
      }
      const char* kept = out_.copy(std::string_view(held).substr(0, ended ? held.size() : whole)).data();
      slices.clear();
      std::size_t at = 0;
      bool fault = false;
      while (at < whole && !fault) {
        const std::size_t size = static_cast<std::size_t>(static_cast<const char*>(std::memchr(kept + at, '\0', whole - at)) - (kept + at));
        fault = size > settings_.max_record;
        if (fault && out_.skips()) {
          out_.lost(too_long_text(position_ + at, slices.size()));
          ++lost_;
          at += size + 1;
          fault = false;
        } else if (!fault) {
          slices.push_back({kept + at, static_cast<std::uint32_t>(size), 0});
          at += size + 1;
        }
      }
      if (!fault) {
        fault = held.size() - at > settings_.max_record;
        if (fault && out_.skips()) {
          out_.lost(too_long_text(position_ + at, slices.size()));
          ++lost_;
          skipping_ = true;
          fault = false;
          position_ += held.size() - at;
          held.resize(at);
        }
        if (ended && held.size() > at && !fault) slices.push_back(rest(kept + at, held.size() - at));
      }
      emit(slices);
      if (fault) too_long(position_ + at);
      if (ended) return;
      position_ += at;
      held.erase(0, at);
    }
  }

  // What the end of input ends. A whole text keeps its inner newlines; the last one, if there is one, is the record's own and comes back when it
  // is written.
  pipe_slice rest(const char* data, std::size_t size) const {
    if (settings_.framing != framing_none) return {data, static_cast<std::uint32_t>(size), 0};
    if (data[size - 1] == '\n') return {data, static_cast<std::uint32_t>(size - 1), PIPE_SLICE_NEWLINE};
    return {data, static_cast<std::uint32_t>(size), PIPE_SLICE_UNENDED};
  }

  void emit(pipes::block b, std::size_t size, std::uint32_t flags = 0) {
    if (settings_.numbers) records_ += newlines(b.data(), size);
    out_.emit_block(std::move(b), 0, size, flags | (begins_ ? PIPE_BLOCK_BEGINS : 0u));
    begins_ = false;
  }
  void emit(const std::vector<pipe_slice>& slices) {
    if (slices.empty()) return;
    pipe_slice* records = out_.alloc_array<pipe_slice>(slices.size());
    std::memcpy(records, slices.data(), slices.size() * sizeof(pipe_slice));
    pipe_part part{};
    part.flags = PIPE_PART_OWN_BYTES | (std::exchange(begins_, false) ? PIPE_PART_BEGINS : 0u);
    part.records = records;
    part.count = slices.size();
    records_ += slices.size();
    out_.emit_part(part);
    out_.flush();
  }

  [[noreturn]] void too_long(std::uint64_t at) const { throw std::runtime_error(too_long_text(at)); }
  // `between`: complete records that are not handed on yet.
  std::string too_long_text(std::uint64_t at, std::uint64_t between = 0) const {
    return name_ + ": " + (settings_.numbers ? "record " + std::to_string(records_ + lost_ + between + 1) + ": " : "") + "the record that begins at byte " + std::to_string(at) + " is longer than " +
                             size_words(settings_.max_record) + "; max_record sets the limit" +
                             (settings_.framing == framing_lines ? ", framing says what ends a record" : "");
  }

  pipes::output& out_;
  settings settings_;
  std::string name_;
  std::uint64_t records_ = 0;   // handed on, if numbers are asked for
  std::uint64_t lost_ = 0;      // given up
  std::uint64_t position_ = 0;  // of the first byte that was not handed on
  bool begins_ = true;          // nothing was handed on yet
  bool skipping_ = false;       // what comes is the rest of a record that was given up
};

}  // namespace shared
