// record_reader and decompressor against a host that only notes what it is given.
#include <zlib.h>
#include <zstd.h>

#include <deque>
#include <random>

#include "catch.hpp"
#include "lib/compress.hpp"
#include "lib/decompress.hpp"
#include "lib/record_reader.hpp"

namespace {

// What reached the host: each flush's bytes, and records of framings that are no lines.
struct noted {
  std::vector<std::string> blocks;
  std::vector<std::string> records;
  bool open_end = false;
  int flushes = 0;
  bool skips = false;
  std::vector<std::string> lost;
  int live_blocks = 0;
  std::deque<std::vector<char>> arena;
};
noted* now_noting = nullptr;

const pipe_host& fake_host() {
  static pipe_host h{};
  h.struct_size = sizeof h;
  h.abi = PIPE_ABI_VERSION;
  h.block_new = [](std::uint64_t size) {
    ++now_noting->live_blocks;
    return new char[size + 64];
  };
  h.block_free = [](char* p) {
    --now_noting->live_blocks;
    delete[] p;
  };
  h.output_block = [](pipe_output*, std::uint32_t, char* block, std::uint64_t offset, std::uint64_t size, std::uint32_t flags) {
    now_noting->blocks.emplace_back(block + offset, size);
    now_noting->open_end = flags & PIPE_BLOCK_NO_LAST_NEWLINE;
    --now_noting->live_blocks;
    delete[] block;
  };
  h.output_refill = [](pipe_output* out, std::uint64_t size) -> std::int32_t {
    now_noting->arena.emplace_back(size + 4096);
    out->cursor = now_noting->arena.back().data();
    out->end = out->cursor + now_noting->arena.back().size();
    return 1;
  };
  h.output_emit = [](pipe_output*, std::uint32_t, const pipe_part* part) {
    for (std::uint64_t i = 0; i < part->count; ++i) now_noting->records.emplace_back(part->records[i].data, part->records[i].size);
  };
  h.skips_records = [](pipe_context*) -> std::int32_t { return now_noting->skips; };
  h.record_failed = [](pipe_context*, pipe_batch*, std::uint32_t, std::uint32_t, pipe_text message) -> pipe_status {
    now_noting->lost.emplace_back(pipes::detail::view(message));
    return PIPE_OK;
  };
  h.output_take = [](pipe_output*, std::uint32_t) -> pipe_batch* {
    ++now_noting->flushes;
    return nullptr;
  };
  return h;
}

// Delivers a text in pieces of random size.
struct pieces {
  const std::string& text;
  std::mt19937& random;
  std::size_t most;
  std::size_t at = 0;
  std::size_t operator()(char* to, std::size_t room) {
    const std::size_t n = std::min({text.size() - at, room, std::uniform_int_distribution<std::size_t>(1, most)(random)});
    std::memcpy(to, text.data() + at, n);
    at += n;
    return n;
  }
};

template <class Read>
noted read_all(shared::record_reader::settings s, Read read) {
  pipes::detail::host_table = &fake_host();
  noted n;
  now_noting = &n;
  pipe_output raw{sizeof(pipe_output), PIPE_OUTPUT_OWN, nullptr, nullptr};
  {
    pipes::output out(&raw);
    shared::record_reader(out, s, "input").run(read);
  }
  REQUIRE(n.live_blocks == 0);
  return n;
}

std::string random_text(std::mt19937& random, char end, std::size_t size, std::size_t longest) {
  std::string s;
  while (s.size() < size) {
    s.append(std::uniform_int_distribution<std::size_t>(0, longest)(random), static_cast<char>('a' + random() % 26));
    s += end;
  }
  if (random() % 2) s.pop_back();
  return s;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string s;
  for (const auto& p : parts) s += p;
  return s;
}

std::string gzip(const std::string& text) {
  z_stream z{};
  REQUIRE(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&z, text.size()) + 64, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&z, Z_FINISH) == Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}
std::string zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}
std::string xz(const std::string& text) {
  std::string out(lzma_stream_buffer_bound(text.size()), '\0');
  std::size_t size = 0;
  REQUIRE(lzma_easy_buffer_encode(2, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), reinterpret_cast<std::uint8_t*>(out.data()), &size, out.size()) == LZMA_OK);
  out.resize(size);
  return out;
}
std::string compress(const std::string& text, shared::compression how) {
  shared::compressor c(how);
  std::string room;
  return std::string(c.stream_of(text, room));
}

std::string decompress(const std::string& data, std::mt19937& random, std::size_t piece) {
  shared::decompressor d(pieces{data, random, piece});
  std::string out;
  char buffer[777];
  for (;;) {
    const std::size_t got = d.read(buffer, 1 + random() % sizeof buffer);
    if (!got) return out;
    out.append(buffer, got);
  }
}

}  // namespace

TEST_CASE("lines arrive whole, in order, whatever the reads and blocks") {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    const std::size_t longest = 1 + random() % 300, piece = 1 + random() % 400;
    const std::string text = random_text(random, '\n', 2000, longest);
    shared::record_reader::settings s;
    s.block_size = 16 + random() % 500;
    noted n = read_all(s, pieces{text, random, piece});
    REQUIRE(joined(n.blocks) == text);
    REQUIRE(n.open_end == (text.back() != '\n'));
    for (std::size_t i = 0; i + 1 < n.blocks.size(); ++i) REQUIRE(n.blocks[i].back() == '\n');
  }
}

TEST_CASE("each read's lines are handed on before the next read") {
  const std::string text = "a\nb\nc\n";
  int calls = 0;
  noted n = read_all({}, [&](char* to, std::size_t) -> std::size_t {
    REQUIRE(static_cast<int>(now_noting->blocks.size()) == calls);
    REQUIRE(now_noting->flushes == calls);
    if (calls == 3) return 0;
    std::memcpy(to, text.data() + 2 * calls++, 2);
    return 2;
  });
  REQUIRE(n.blocks == std::vector<std::string>{"a\n", "b\n", "c\n"});
}

TEST_CASE("records that NUL ends may hold newlines") {
  std::mt19937 random(2);
  for (int round = 0; round < 200; ++round) {
    const std::string text = random_text(random, '\0', 500, 50);
    shared::record_reader::settings s;
    s.framing = shared::framing_nul;
    noted n = read_all(s, pieces{text, random, 1 + random() % 100});
    std::string again;
    for (const auto& r : n.records) again += r + '\0';
    if (text.back() != '\0') again.pop_back();
    REQUIRE(again == text);
  }
}

TEST_CASE("without framing the whole is one record") {
  std::mt19937 random(3);
  for (std::string text : {"a\nb\n", "a\nb", "\n", "x"}) {
    shared::record_reader::settings s;
    s.framing = shared::framing_none;
    noted n = read_all(s, pieces{text, random, 2});
    if (text.back() == '\n') text.pop_back();
    REQUIRE(n.records == std::vector<std::string>{text});
  }
}

TEST_CASE("a record over the limit is an error that names its number and first byte, once those before it are handed on") {
  std::mt19937 random(4);
  const auto framing = GENERATE(shared::framing_lines, shared::framing_nul);
  const char end = framing == shared::framing_lines ? '\n' : '\0';
  for (int round = 0; round < 200; ++round) {
    std::string before, text;
    for (std::size_t i = random() % 20; i > 0; --i) before += std::string(random() % 11, 'x') + end;
    text = before + std::string(11 + random() % 50, 'y');
    if (random() % 2) text += end + std::string("z") + end;
    shared::record_reader::settings s;
    s.framing = framing;
    s.max_record = 10;
    s.block_size = 8 + random() % 100;
    noted n;
    std::string message;
    pipes::detail::host_table = &fake_host();
    now_noting = &n;
    pipe_output raw{sizeof(pipe_output), PIPE_OUTPUT_OWN, nullptr, nullptr};
    pipes::output out(&raw);
    try {
      shared::record_reader(out, s, "input").run(pieces{text, random, 1 + random() % 100});
    } catch (const std::runtime_error& e) {
      message = e.what();
    }
    const auto which = std::count(before.begin(), before.end(), end) + 1;
    REQUIRE(message.find("input: record " + std::to_string(which) + ": the record that begins at byte " + std::to_string(before.size()) + " is longer than 10 bytes") == 0);
    if (framing == shared::framing_lines) REQUIRE(joined(n.blocks) == before);
    if (framing == shared::framing_nul) REQUIRE(static_cast<std::ptrdiff_t>(n.records.size()) == std::count(before.begin(), before.end(), end));
    REQUIRE(n.live_blocks == 0);
  }
}

TEST_CASE("where failed records may be skipped the others pass, whatever the reads") {
  std::mt19937 random(6);
  const auto framing = GENERATE(shared::framing_lines, shared::framing_nul);
  const char end = framing == shared::framing_lines ? '\n' : '\0';
  for (int round = 0; round < 500; ++round) {
    const std::string text = random_text(random, end, 1 + random() % 300, 16);
    std::string kept;
    std::size_t long_ones = 0, records = 0;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t stop = std::min(text.find(end, at), text.size());
      const std::size_t next = std::min(stop + 1, text.size());
      if (stop - at > 10) ++long_ones;
      else kept += text.substr(at, next - at), ++records;
      at = next;
    }
    shared::record_reader::settings s;
    s.framing = framing;
    s.max_record = 10;
    s.block_size = 8 + random() % 100;
    noted n;
    n.skips = true;
    pipes::detail::host_table = &fake_host();
    now_noting = &n;
    pipe_output raw{sizeof(pipe_output), PIPE_OUTPUT_OWN, nullptr, nullptr};
    {
      pipes::output out(&raw);
      shared::record_reader(out, s, "input").run(pieces{text, random, 1 + random() % 100});
    }
    REQUIRE(n.lost.size() == long_ones);
    if (framing == shared::framing_lines) REQUIRE(joined(n.blocks) == kept);
    if (framing == shared::framing_nul) REQUIRE(n.records.size() == records);
    REQUIRE(n.live_blocks == 0);
  }
}

TEST_CASE("a record as long as the limit is none") {
  std::mt19937 random(5);
  const std::string text = std::string(10, 'a') + "\n" + std::string(10, 'b');
  shared::record_reader::settings s;
  s.max_record = 10;
  REQUIRE(joined(read_all(s, pieces{text, random, 7}).blocks) == text);
}

TEST_CASE("compressed data is told by its content") {
  std::mt19937 random(6);
  for (int round = 0; round < 60; ++round) {
    const std::string a = random_text(random, '\n', 30000, 40), b = random_text(random, '\n', 500, 40);
    const std::size_t piece = round % 3 == 0 ? 1 : 1 + random() % 5000;
    REQUIRE(decompress(gzip(a), random, piece) == a);
    REQUIRE(decompress(gzip(a) + gzip(b), random, piece) == a + b);
    REQUIRE(decompress(gzip(a) + std::string(100, '\0'), random, piece) == a);
    REQUIRE(decompress(zstd(a), random, piece) == a);
    REQUIRE(decompress(zstd(a) + zstd(b), random, piece) == a + b);
    REQUIRE(decompress(std::string("\x5a\x2a\x4d\x18\2\0\0\0zz", 10) + zstd(a) + std::string("\x50\x2a\x4d\x18\0\0\0\0", 8) + zstd(b), random, piece) == a + b);
    REQUIRE(decompress(xz(a), random, piece) == a);
    REQUIRE(decompress(xz(a) + xz(b) + std::string(8, '\0'), random, piece) == a + b);
    REQUIRE(decompress(a, random, piece) == a);
  }
  REQUIRE(decompress("", random, 1).empty());
  REQUIRE(decompress(gzip(""), random, 1).empty());
  REQUIRE(decompress(zstd(""), random, 1).empty());
  REQUIRE(decompress(xz(""), random, 1).empty());
  for (const std::string& plain : {std::string("\x1f"), std::string("\x1f\x8b"), std::string("\x28\xb5"), std::string("\x1fxyz"), std::string("\xfd" "7zXY"), std::string("\xfd" "7z"), std::string("BZh91AY&SX"), std::string("BZh91AY&SY123"), std::string("P*M")}) REQUIRE(decompress(plain, random, 1) == plain);
}

TEST_CASE("damaged and cut off data is an error") {
  std::mt19937 random(7);
  const std::string text = random_text(random, '\n', 5000, 40);
  for (const std::string& whole : {gzip(text), zstd(text), xz(text)}) {
    for (std::size_t size = 6; size < whole.size(); size += 13) {
      INFO(size);
      REQUIRE_THROWS_AS(decompress(whole.substr(0, size), random, 1000), shared::damaged);
    }
    REQUIRE_THROWS_AS(decompress(whole + "garbage", random, 1000), shared::damaged);
  }
  std::string flipped = gzip(text);
  flipped[flipped.size() - 8] ^= 1;  // in the checksum
  REQUIRE_THROWS_AS(decompress(flipped, random, 1000), shared::damaged);
}

TEST_CASE("what is compressed is read back, in one stream or several") {
  std::mt19937 random(8);
  for (const auto how : {shared::compression::gzip, shared::compression::zstd, shared::compression::xz}) {
    for (int round = 0; round < 6; ++round) {
      std::string noise(round * 70000, '\0');
      for (char& c : noise) c = static_cast<char>(random());
      const std::string a = random_text(random, '\n', 200000, 40), b = random_text(random, '\n', 500, 40);
      CHECK(decompress(compress(a, how) + compress(b, how), random, 100000) == a + b);
      CHECK(decompress(compress(noise, how), random, 100000) == noise);
    }
  }
  CHECK(shared::compression_of("a/b.log.gz") == shared::compression::gzip);
  CHECK(shared::compression_of(".xz") == shared::compression::none);
}
