// plugins/lib/compress.hpp: a byte stream on its way into a compressed file. Streams that are written one behind the other into one file
// read back as one.
#pragma once
#include <lzma.h>
#include <zstd.h>

#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "lib/isal.hpp"

namespace shared {

enum class compression : std::uint32_t { by_name, none, gzip, zstd, xz };

inline compression compression_of(std::string_view path) {
  const auto ends = [&](std::string_view with) { return path.size() > with.size() && path.substr(path.size() - with.size()) == with; };
  return ends(".gz") ? compression::gzip : ends(".zst") ? compression::zstd : ends(".xz") ? compression::xz : compression::none;
}

// put(std::string_view) takes what is to be written; it may park.
class compressor {
 public:
  explicit compressor(compression how) : how_(how), out_(room) {
    switch (how_) {
      case compression::gzip:
        gzip_ = std::make_unique<isal_zstream>();
        level_.resize(ISAL_DEF_LVL2_DEFAULT);
        isal::get().deflate_init(gzip_.get());
        gzip_->level = 2;
        gzip_->level_buf = level_.data();
        gzip_->level_buf_size = static_cast<std::uint32_t>(level_.size());
        gzip_->gzip_flag = IGZIP_GZIP;
        break;
      case compression::zstd:
        zstd_.reset(ZSTD_createCCtx());
        if (!zstd_) throw std::bad_alloc();
        ZSTD_CCtx_setParameter(zstd_.get(), ZSTD_c_checksumFlag, 1);
        break;
      case compression::xz:
        xz_ = std::make_unique<xz_stream>();
        start_xz();
        break;
      default: break;
    }
  }
  // What one takes up, about.
  static std::size_t memory(compression how) {
    switch (how) {
      case compression::gzip: return sizeof(isal_zstream) + ISAL_DEF_LVL2_DEFAULT + room;
      case compression::zstd: return std::size_t{4} << 20;  // of level 3; the library's own estimate is no part of its stable interface
      case compression::xz: return static_cast<std::size_t>(lzma_easy_encoder_memusage(2)) + room;
      default: return 0;
    }
  }
  // Begins a new stream, behind finish() or at once.
  void restart() {
    switch (how_) {
      case compression::gzip:
        isal::get().deflate_reset(gzip_.get());
        gzip_->gzip_flag = IGZIP_GZIP;  // it remembers that a header was written
        break;
      case compression::zstd: ZSTD_CCtx_reset(zstd_.get(), ZSTD_reset_session_only); break;
      case compression::xz: start_xz(); break;
      default: break;
    }
  }
  template <class Put>
  void add(std::string_view bytes, Put put) {
    for (; bytes.size() > piece; bytes.remove_prefix(piece)) step(bytes.substr(0, piece), false, put);
    step(bytes, false, put);
  }
  template <class Put>
  void finish(Put put) {
    step({}, true, put);
  }

 private:
  // Level 2: the same text in a tenth of the memory of 6. A stream that was begun before lends its memory.
  void start_xz() {
    if (lzma_easy_encoder(&xz_->stream, 2, LZMA_CHECK_CRC64) != LZMA_OK) throw std::bad_alloc();
  }
  static constexpr std::size_t room = 64u << 10, piece = 16u << 20;

  template <class Put>
  void step(std::string_view bytes, bool last, Put& put) {
    switch (how_) {
      case compression::gzip: return step_gzip(bytes, last, put);
      case compression::zstd: return step_zstd(bytes, last, put);
      case compression::xz: return step_xz(bytes, last, put);
      default:
        if (!bytes.empty()) put(bytes);
    }
  }
  template <class Put>
  void made(std::size_t size, Put& put) {
    if (size) put(std::string_view(reinterpret_cast<const char*>(out_.data()), size));
  }
  template <class Put>
  void step_gzip(std::string_view bytes, bool last, Put& put) {
    gzip_->next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(bytes.data()));
    gzip_->avail_in = static_cast<std::uint32_t>(bytes.size());
    gzip_->end_of_stream = last;
    do {
      gzip_->next_out = out_.data();
      gzip_->avail_out = room;
      if (isal::get().deflate(gzip_.get()) != COMP_OK) throw std::runtime_error("gzip failed");
      made(room - gzip_->avail_out, put);
    } while (gzip_->avail_out == 0 || gzip_->avail_in > 0 || (last && gzip_->internal_state.state != ZSTATE_END));
  }
  template <class Put>
  void step_zstd(std::string_view bytes, bool last, Put& put) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (;;) {
      ZSTD_outBuffer out{out_.data(), room, 0};
      const std::size_t left = ZSTD_compressStream2(zstd_.get(), &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError(left)) throw std::runtime_error(std::string("zstd failed: ") + ZSTD_getErrorName(left));
      made(out.pos, put);
      if (last ? left == 0 : in.pos == in.size) return;
    }
  }
  template <class Put>
  void step_xz(std::string_view bytes, bool last, Put& put) {
    lzma_stream& s = xz_->stream;
    s.next_in = reinterpret_cast<const std::uint8_t*>(bytes.data());
    s.avail_in = bytes.size();
    for (;;) {
      s.next_out = out_.data();
      s.avail_out = room;
      const lzma_ret result = lzma_code(&s, last ? LZMA_FINISH : LZMA_RUN);
      if (result != LZMA_OK && result != LZMA_STREAM_END) throw std::runtime_error("xz failed");
      made(room - s.avail_out, put);
      if (last ? result == LZMA_STREAM_END : s.avail_in == 0 && s.avail_out > 0) return;
    }
  }
  struct zstd_free {
    void operator()(ZSTD_CCtx* c) const { ZSTD_freeCCtx(c); }
  };
  struct xz_stream {
    lzma_stream stream = LZMA_STREAM_INIT;
    xz_stream() = default;
    xz_stream(const xz_stream&) = delete;
    xz_stream& operator=(const xz_stream&) = delete;
    ~xz_stream() { lzma_end(&stream); }
  };

  compression how_;
  std::vector<std::uint8_t> out_;
  std::unique_ptr<isal_zstream> gzip_;
  std::vector<std::uint8_t> level_;
  std::unique_ptr<ZSTD_CCtx, zstd_free> zstd_;
  std::unique_ptr<xz_stream> xz_;
};

}  // namespace shared
