// plugins/lib/record_writer.hpp: writes batches, whole runs of bytes at a time, to wherever bytes go.
#pragma once
#include <pipe/plugin.hpp>

#include <functional>
#include <string>

#include "lib/record_reader.hpp"

namespace shared {

class record_writer {
 public:
  // put(parts, count) writes all; it may park.
  using put = std::function<void(const pipe_text*, std::size_t)>;
  record_writer(put to, std::uint32_t framing) : put_(std::move(to)), framing_(framing) {}
  record_writer(const pipes::stage_base& stage, int fd, std::uint32_t framing)
      : record_writer([&stage, fd](const pipe_text* parts, std::size_t count) { stage.write(fd, parts, count); }, framing) {
    put_whole_ = [&stage, fd](const pipes::batch& b) { stage.write(fd, b); };
  }

  // Throws what put throws: pipes::reader_gone, std::system_error.
  void write(const pipes::batch& b) {
    if (framing_ == framing_lines) {
      const pipe_runs& r = b.runs();
      if (r.bytes == 0) return;
      if (open_end_) put_one("\n");  // a last newline stays missing only behind the last record of all
      if (put_whole_) put_whole_(b);
      else put_(r.runs, static_cast<std::size_t>(r.count));
      for (std::uint64_t i = r.count; i-- > 0;)
        if (r.runs[i].size) {
          open_end_ = r.runs[i].data[r.runs[i].size - 1] != '\n';
          break;
        }
      return;
    }
    buffer_.clear();
    for (pipes::record r : b.records()) {
      buffer_.append(r.data(), r.size());
      if (framing_ == framing_nul) buffer_.push_back('\0');
    }
    put_one(buffer_);
  }
  // Records that somebody else made text of, whole lines; for framing_lines.
  void write_lines(std::string_view lines) {
    if (std::exchange(open_end_, false)) put_one("\n");
    put_one(lines);
  }

 private:
  void put_one(std::string_view bytes) {
    const pipe_text t{bytes.data(), bytes.size()};
    put_(&t, 1);
  }
  put put_;
  std::function<void(const pipes::batch&)> put_whole_;  // where the bytes go to a descriptor as they are
  std::uint32_t framing_;
  bool open_end_ = false;
  std::string buffer_;
};

inline constexpr const char* writing_framing_doc = "What is written behind each record: `lines` a newline, `nul` a NUL byte (xargs -0), `none` nothing.";

}  // namespace shared
