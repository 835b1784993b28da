// plugins/lib/decompress.hpp: a byte stream that may be compressed: gzip, zstd and xz are told by their first bytes.
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

#include "lib/isal.hpp"

namespace shared {

struct damaged : std::runtime_error {  // the compressed data is not what it should be
  using std::runtime_error::runtime_error;
};

class decompressor {
 public:
  using source = std::function<std::size_t(char* to, std::size_t room)>;  // at least one byte, 0 at the end; may park
  explicit decompressor(source from) : from_(std::move(from)) {}

  // Whether a file with these first bytes is read through a decompressor.
  static bool compressed(const char* first, std::size_t size) {
    const auto is = [&](const unsigned char* magic, std::size_t length) { return size >= length && std::memcmp(first, magic, length) == 0; };
    return is(gzip_magic, sizeof gzip_magic) || is(zstd_magic, sizeof zstd_magic) || is(xz_magic, sizeof xz_magic);
  }

  // As a source: at least one byte, 0 at the end. Throws damaged behind all that could be read.
  std::size_t read(char* to, std::size_t room) {
    if (!fault_.empty()) throw damaged(fault_);
    if (kind_ == kind::unknown) recognize();
    switch (kind_) {
      case kind::gzip: return read_gzip(to, room);
      case kind::zstd: return read_zstd(to, room);
      case kind::xz: return read_xz(to, room);
      default: break;
    }
    if (at_ == end_) return from_(to, room);
    const std::size_t n = std::min(room, end_ - at_);
    std::memcpy(to, in_.data() + at_, n);
    at_ += n;
    return n;
  }

 private:
  enum class kind { unknown, plain, gzip, zstd, xz };
  static constexpr std::size_t in_size = 256u << 10;
  static constexpr std::size_t frame_begin = 5;  // bytes that zstd wants of a frame first
  static constexpr unsigned char gzip_magic[] = {0x1f, 0x8b, 0x08};
  static constexpr unsigned char zstd_magic[] = {0x28, 0xb5, 0x2f, 0xfd};
  static constexpr unsigned char xz_magic[] = {0xfd, '7', 'z', 'X', 'Z', 0};
  static constexpr std::uint64_t xz_memory = 128u << 20;  // what `xz -9` needs is 65 MiB

  // Reads on only while the bytes so far could begin a compressed stream: a plain trickle is not held up.
  void recognize() {
    in_.resize(16);
    for (;;) {
      const bool gzip = begins(gzip_magic, sizeof gzip_magic), zstd = begins(zstd_magic, sizeof zstd_magic), xz = begins(xz_magic, sizeof xz_magic);
      if (gzip && end_ >= sizeof gzip_magic) return start_gzip();
      if (zstd && end_ >= sizeof zstd_magic) return start_zstd();
      if (xz && end_ >= sizeof xz_magic) return start_xz();
      if (!gzip && !zstd && !xz) break;
      const std::size_t got = from_(in_.data() + end_, in_.size() - end_);
      if (got == 0) break;
      end_ += got;
    }
    kind_ = kind::plain;
  }
  bool begins(const unsigned char* magic, std::size_t size) const { return std::memcmp(in_.data(), magic, std::min(size, end_)) == 0; }

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
    kind_ = kind::gzip;
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
      if (at_ == end_ && !flush_ && !fill()) {
        if (inside_) throw damaged("the gzip data ends too early; the file is cut off");
        return 0;
      }
      if (!inside_) {  // behind a member: another one, or padding as tapes leave it
        while (at_ < end_ && in_[at_] == 0) ++at_;
        if (at_ == end_) continue;
        if (static_cast<unsigned char>(in_[at_]) != gzip_magic[0]) throw damaged("the gzip data is followed by something else");
        begin_member();
      }
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
    kind_ = kind::zstd;
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
          if (inside_) throw damaged("the zstd data ends too early; the file is cut off");
          return 0;
        }
      }
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
    kind_ = kind::xz;
    in_.resize(in_size);
    xz_ = std::make_unique<xz_stream>();
    if (lzma_stream_decoder(&xz_->stream, xz_memory, LZMA_CONCATENATED) != LZMA_OK) throw std::bad_alloc();
  }
  std::size_t read_xz(char* to, std::size_t room) {
    lzma_stream& s = xz_->stream;
    for (;;) {
      if (xz_->ended) return 0;
      if (at_ == end_ && !flush_) ended_ = !fill();  // that the input has ended must be told: another stream might follow
      s.next_in = reinterpret_cast<const std::uint8_t*>(in_.data() + at_);
      s.avail_in = end_ - at_;
      s.next_out = reinterpret_cast<std::uint8_t*>(to);
      s.avail_out = room;
      const lzma_ret result = lzma_code(&s, ended_ ? LZMA_FINISH : LZMA_RUN);
      at_ = end_ - s.avail_in;
      flush_ = s.avail_out == 0;
      xz_->ended = result == LZMA_STREAM_END;
      const std::size_t made = room - s.avail_out;
      if (result == LZMA_BUF_ERROR) return fail(made, "the xz data ends too early; the file is cut off");
      if (result == LZMA_MEMLIMIT_ERROR) return fail(made, "the xz data needs more than 128 MiB of memory to be read");
      if (result == LZMA_MEM_ERROR) throw std::bad_alloc();
      if (result == LZMA_FORMAT_ERROR) return fail(made, "the xz data is followed by something else");
      if (result != LZMA_OK && result != LZMA_STREAM_END) return fail(made, "the xz data is damaged");
      if (made) return made;
    }
  }
  struct xz_stream {
    lzma_stream stream = LZMA_STREAM_INIT;
    bool ended = false;
    xz_stream() = default;
    xz_stream(const xz_stream&) = delete;
    xz_stream& operator=(const xz_stream&) = delete;
    ~xz_stream() { lzma_end(&stream); }
  };

  source from_;
  kind kind_ = kind::unknown;
  std::vector<char> in_;
  std::size_t at_ = 0, end_ = 0;  // what of in_ is still to be used
  bool inside_ = false;           // between the first and the last byte of a member or frame
  bool flush_ = false;            // more output waits inside the decoder
  std::size_t wanted_ = frame_begin;  // the decoder's next input (zstd)
  bool ended_ = false;            // the input has ended (xz)
  std::string fault_;             // to be thrown by the next read
  std::unique_ptr<inflate_state> inflate_;
  std::unique_ptr<ZSTD_DStream, zstd_free> zstd_;
  std::unique_ptr<xz_stream> xz_;
};

}  // namespace shared
