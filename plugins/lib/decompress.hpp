// plugins/lib/decompress.hpp: a byte stream that may be compressed, which its first bytes tell.
#pragma once
#include <lzma.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "lib/compressed.hpp"
#include "lib/isal.hpp"

namespace shared {

struct damaged : std::runtime_error {  // the compressed data is not what it should be
  using std::runtime_error::runtime_error;
};

class decompressor {
 public:
  using source = std::function<std::size_t(char* to, std::size_t room)>;  // at least one byte, 0 at the end; may park
  explicit decompressor(source from) : from_(std::move(from)) {}

  // What the stream is; nullptr: plain, or of a form that is not read here, whose bytes come as they are.
  const compressed_form* form() {
    if (!recognized_) recognize();
    return form_;
  }

  // As a source: at least one byte, 0 at the end. Throws damaged behind all that could be read.
  std::size_t read(char* to, std::size_t room) {
    if (!fault_.empty()) throw damaged(fault_);
    switch (form() ? form_->read_by : codec::foreign) {
      case codec::gzip: return read_gzip(to, room);
      case codec::zstd: return read_zstd(to, room);
      case codec::xz: return read_xz(to, room);
      case codec::foreign: break;
    }
    if (at_ == end_) return from_(to, room);
    const std::size_t n = std::min(room, end_ - at_);
    std::memcpy(to, in_.data() + at_, n);
    at_ += n;
    return n;
  }

 private:
  static constexpr std::size_t in_size = 256u << 10;
  static constexpr std::size_t frame_begin = 5;  // bytes that zstd wants of a frame first
  static constexpr std::uint64_t xz_memory = 128u << 20;  // what `xz -9` needs is 65 MiB

  // Reads on only while the bytes so far could begin a compressed stream: a plain trickle is not held up.
  void recognize() {
    recognized_ = true;
    in_.resize(16);
    const auto first = [&] { return std::string_view(in_.data(), end_); };
    while (!(form_ = form_of(first())) && may_be_compressed(first())) {
      const std::size_t got = from_(in_.data() + end_, in_.size() - end_);
      if (got == 0) return;
      end_ += got;
    }
    switch (form_ ? form_->read_by : codec::foreign) {
      case codec::gzip: return start_gzip();
      case codec::zstd: return start_zstd();
      case codec::xz: return start_xz();
      case codec::foreign: break;
    }
  }

  // Behind a member or stream: whether anything follows but padding, as tapes leave it.
  bool any_more() {
    for (;;) {
      while (at_ < end_ && in_[at_] == 0) ++at_;
      if (at_ < end_) return true;
      if (!fill()) return false;
    }
  }
  // Whether what comes next can be another member, frame or stream.
  bool another() const {
    const std::string_view next(in_.data() + at_, 1);
    return std::any_of(std::begin(compressed_forms), std::end(compressed_forms), [&](const compressed_form& f) { return f.read_by == form_->read_by && f.begins(next); });
  }
  std::size_t something_else(std::size_t made) { return fail(made, std::string("the ") + form_->name + " data is followed by something else"); }
  damaged cut_off() const { return damaged(std::string("the ") + form_->name + " data ends too early; the file is cut off"); }

  // What was decoded in front of the fault is handed out first.
  std::size_t fail(std::size_t made, const std::string& why) {
    if (made == 0) throw damaged(why);
    fault_ = why;
    return made;
  }

  bool fill() {
    at_ = 0;
    end_ = from_(in_.data(), in_.size());
    return end_ != 0;
  }

  void start_gzip() {
    in_.resize(in_size);
    inflate_ = std::make_unique<inflate_state>();
    begin_member();
  }
  void begin_member() {
    isal::get().inflate_init(inflate_.get());
    inflate_->crc_flag = ISAL_GZIP;
    inside_ = true;
  }
  std::size_t read_gzip(char* to, std::size_t room) {
    for (;;) {
      if (!inside_) {
        if (!any_more()) return 0;
        if (!another()) return something_else(0);
        begin_member();
      }
      if (at_ == end_ && !flush_ && !fill()) throw cut_off();
      inflate_->next_in = reinterpret_cast<std::uint8_t*>(in_.data() + at_);
      inflate_->avail_in = static_cast<std::uint32_t>(end_ - at_);
      inflate_->next_out = reinterpret_cast<std::uint8_t*>(to);
      inflate_->avail_out = static_cast<std::uint32_t>(std::min<std::size_t>(room, 1u << 30));
      const std::uint32_t before = inflate_->avail_out;
      const int result = isal::get().inflate(inflate_.get());
      at_ = end_ - inflate_->avail_in;
      flush_ = inflate_->avail_out == 0;  // the window may hold more
      const std::size_t made = before - inflate_->avail_out;
      if (result < 0) return fail(made, result == ISAL_INCORRECT_CHECKSUM ? "the gzip data is damaged: its checksum is wrong" : "the gzip data is damaged");
      if (inflate_->block_state == ISAL_BLOCK_FINISH) inside_ = flush_ = false;
      if (made) return made;
    }
  }

  void start_zstd() {
    in_.resize(in_size);
    zstd_.reset(ZSTD_createDStream());
    if (!zstd_) throw std::bad_alloc();
    inside_ = true;
  }
  // The decoder gets one block at a time, as it asks for them: what it makes of a call that ends in a fault is lost.
  std::size_t read_zstd(char* to, std::size_t room) {
    for (std::size_t made = 0;;) {
      if (at_ == end_ && !flush_) {
        if (made) return made;
        if (!fill()) {
          if (inside_) throw cut_off();
          return 0;
        }
      }
      if (!inside_ && !another()) return something_else(made);
      ZSTD_inBuffer in{in_.data(), flush_ ? at_ : std::min(end_, at_ + wanted_), at_};
      ZSTD_outBuffer out{to + made, room - made, 0};
      const std::size_t left = ZSTD_decompressStream(zstd_.get(), &out, &in);
      if (ZSTD_getErrorCode(left) == ZSTD_error_frameParameter_windowTooLarge) return fail(made, "the zstd data needs more than 128 MiB of memory to be read");
      if (ZSTD_isError(left)) return fail(made, std::string("the zstd data is damaged: ") + ZSTD_getErrorName(left));
      at_ = in.pos;
      made += out.pos;
      flush_ = made == room && left != 0;
      inside_ = left != 0;
      wanted_ = left ? left : frame_begin;
      if (made == room) return made;
    }
  }
  struct zstd_free {
    void operator()(ZSTD_DStream* s) const { ZSTD_freeDStream(s); }
  };

  void start_xz() {
    in_.resize(in_size);
    xz_ = std::make_unique<xz_stream>();
    begin_stream();
  }
  void begin_stream() {
    if (lzma_stream_decoder(&xz_->stream, xz_memory, 0) != LZMA_OK) throw std::bad_alloc();
    inside_ = true;
  }
  std::size_t read_xz(char* to, std::size_t room) {
    lzma_stream& s = xz_->stream;
    for (;;) {
      if (!inside_) {
        if (!any_more()) return 0;
        if (!another()) return something_else(0);
        begin_stream();
      }
      if (at_ == end_ && !flush_ && !fill()) throw cut_off();
      s.next_in = reinterpret_cast<const std::uint8_t*>(in_.data() + at_);
      s.avail_in = end_ - at_;
      s.next_out = reinterpret_cast<std::uint8_t*>(to);
      s.avail_out = room;
      const lzma_ret result = lzma_code(&s, LZMA_RUN);
      at_ = end_ - s.avail_in;
      inside_ = result != LZMA_STREAM_END;
      flush_ = inside_ && s.avail_out == 0;
      const std::size_t made = room - s.avail_out;
      if (result == LZMA_MEMLIMIT_ERROR) return fail(made, "the xz data needs more than 128 MiB of memory to be read");
      if (result == LZMA_MEM_ERROR) throw std::bad_alloc();
      if (result == LZMA_FORMAT_ERROR) return something_else(made);
      if (result != LZMA_OK && result != LZMA_STREAM_END && result != LZMA_BUF_ERROR) return fail(made, "the xz data is damaged");
      if (made) return made;
    }
  }
  struct xz_stream {
    lzma_stream stream = LZMA_STREAM_INIT;
    xz_stream() = default;
    xz_stream(const xz_stream&) = delete;
    xz_stream& operator=(const xz_stream&) = delete;
    ~xz_stream() { lzma_end(&stream); }
  };

  source from_;
  bool recognized_ = false;
  const compressed_form* form_ = nullptr;
  std::vector<char> in_;
  std::size_t at_ = 0, end_ = 0;  // what of in_ is still to be used
  bool inside_ = false;           // between the first and the last byte of a member, frame or stream
  bool flush_ = false;            // more output waits inside the decoder
  std::size_t wanted_ = frame_begin;  // the decoder's next input (zstd)
  std::string fault_;             // to be thrown by the next read
  std::unique_ptr<inflate_state> inflate_;
  std::unique_ptr<ZSTD_DStream, zstd_free> zstd_;
  std::unique_ptr<xz_stream> xz_;
};

}  // namespace shared
