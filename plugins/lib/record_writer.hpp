// plugins/lib/record_writer.hpp: writes batches to a descriptor, whole runs of bytes at a time.
#pragma once
#include <pipe/plugin.hpp>

#include <string>

#include "lib/record_reader.hpp"

namespace shared {

class record_writer {
 public:
  record_writer(const pipes::stage_base& stage, int fd, std::uint32_t framing) : stage_(stage), fd_(fd), framing_(framing) {}

  // Parks. Throws pipes::reader_gone, std::system_error.
  void write(const pipes::batch& b) {
    if (framing_ == framing_lines) {
      const pipe_runs& r = b.runs();
      if (r.bytes == 0) return;
      if (open_end_) stage_.write(fd_, "\n");  // a last newline stays missing only behind the last record of all
      stage_.write(fd_, r.runs, static_cast<std::size_t>(r.count));
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
    stage_.write(fd_, buffer_);
  }

 private:
  const pipes::stage_base& stage_;
  int fd_;
  std::uint32_t framing_;
  bool open_end_ = false;
  std::string buffer_;
};

inline constexpr const char* writing_framing_doc = "What is written behind each record: `lines` a newline, `nul` a NUL byte (xargs -0), `none` nothing.";

}  // namespace shared
