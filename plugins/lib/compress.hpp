// plugins/lib/compress.hpp: bytes to a compressed stream. Streams that are written one behind the other into one file read back as one.
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

class compressor {
 public:
  explicit compressor(compression how) : how_(how), out_(step) {
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
        break;
      default: break;
    }
  }
  // What one takes up, about.
  static std::size_t memory(compression how) {
    switch (how) {
      case compression::gzip: return sizeof(isal_zstream) + ISAL_DEF_LVL2_DEFAULT + step;
      case compression::zstd: return std::size_t{4} << 20;  // of level 3; the library's own estimate is no part of its stable interface
      case compression::xz: return static_cast<std::size_t>(lzma_easy_encoder_memusage(2)) + step;
      default: return 0;
    }
  }
  // A stream of its own of the bytes, less than 4 GiB. It lies in `room`, which serves for the next one as well.
  std::string_view stream_of(std::string_view bytes, std::string& room) {
    if (how_ == compression::zstd) return zstd(bytes, room);
    room.clear();
    if (how_ == compression::gzip) gzip(bytes, room);
    if (how_ == compression::xz) xz(bytes, room);
    return room;
  }

 private:
  // Level 2: the same text in a tenth of the memory of 6. A stream that was begun before lends its memory.
  void start_xz() {
    if (lzma_easy_encoder(&xz_->stream, 2, LZMA_CHECK_CRC64) != LZMA_OK) throw std::bad_alloc();
  }
  static constexpr std::size_t step = 64u << 10;

  void gzip(std::string_view bytes, std::string& to) {
    isal::get().deflate_reset(gzip_.get());
    gzip_->gzip_flag = IGZIP_GZIP;  // it remembers that a header was written
    gzip_->next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(bytes.data()));
    gzip_->avail_in = static_cast<std::uint32_t>(bytes.size());
    gzip_->end_of_stream = 1;
    do {
      gzip_->next_out = out_.data();
      gzip_->avail_out = step;
      if (isal::get().deflate(gzip_.get()) != COMP_OK) throw std::runtime_error("gzip failed");
      to.append(reinterpret_cast<const char*>(out_.data()), step - gzip_->avail_out);
    } while (gzip_->avail_out == 0 || gzip_->avail_in > 0 || gzip_->internal_state.state != ZSTATE_END);
  }
  // At one go: what comes in steps is copied into a ring first, and searched more slowly where that has gone round.
  std::string_view zstd(std::string_view bytes, std::string& to) {
    if (const std::size_t most = ZSTD_compressBound(bytes.size()); to.size() < most) to.resize(most);
    const std::size_t made = ZSTD_compress2(zstd_.get(), to.data(), to.size(), bytes.data(), bytes.size());
    if (ZSTD_isError(made)) throw std::runtime_error(std::string("zstd failed: ") + ZSTD_getErrorName(made));
    return {to.data(), made};
  }
  void xz(std::string_view bytes, std::string& to) {
    start_xz();
    lzma_stream& s = xz_->stream;
    s.next_in = reinterpret_cast<const std::uint8_t*>(bytes.data());
    s.avail_in = bytes.size();
    for (lzma_ret result = LZMA_OK; result != LZMA_STREAM_END;) {
      s.next_out = out_.data();
      s.avail_out = step;
      result = lzma_code(&s, LZMA_FINISH);
      if (result != LZMA_OK && result != LZMA_STREAM_END) throw std::runtime_error("xz failed");
      to.append(reinterpret_cast<const char*>(out_.data()), step - s.avail_out);
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
