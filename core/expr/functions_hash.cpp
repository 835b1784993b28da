// functions_hash.cpp: hashes and encodings. Results are the same on every machine.
#include "core/expr/functions.hpp"

#include <array>
#include <cstring>

namespace pipes::expr {
namespace {

using std::uint32_t;
using std::uint64_t;
using std::uint8_t;

std::string_view hexadecimal(call& c, const uint8_t* bytes, std::size_t n) {
  static const char digits[] = "0123456789abcdef";
  char* p = static_cast<char*>(c.memory.take(2 * n));
  for (std::size_t i = 0; i < n; ++i) {
    p[2 * i] = digits[bytes[i] >> 4];
    p[2 * i + 1] = digits[bytes[i] & 15];
  }
  return {p, 2 * n};
}

constexpr std::array<uint32_t, 256> make_crc() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t r = i;
    for (int k = 0; k < 8; ++k) r = r & 1 ? r >> 1 ^ 0xedb88320u : r >> 1;
    table[i] = r;
  }
  return table;
}
constexpr auto crc_table = make_crc();

value crc32(call&, const value* a, std::size_t) {
  uint32_t r = 0xffffffffu;
  for (const char c : a[0].text) r = r >> 8 ^ crc_table[(r ^ static_cast<uint8_t>(c)) & 0xff];
  return int_value(static_cast<std::int64_t>(r ^ 0xffffffffu));
}

// FNV-1a of 64 bits, mixed so that the low bits depend on all, without the sign bit.
value hash(call&, const value* a, std::size_t) {
  uint64_t h = 14695981039346656037u;
  for (const char c : a[0].text) h = (h ^ static_cast<uint8_t>(c)) * 1099511628211u;
  h ^= h >> 32;
  h *= 0x9e3779b97f4a7c15u;
  h ^= h >> 29;
  return int_value(static_cast<std::int64_t>(h >> 1));
}

// SHA-256 and MD5 have the same framing: blocks of 64 bytes; at the end a one bit, zeros, the length in bits.
template <class Digest>
void digest(std::string_view s, Digest& d) {
  std::size_t at = 0;
  for (; s.size() - at >= 64; at += 64) d.block(reinterpret_cast<const uint8_t*>(s.data()) + at);
  uint8_t tail[128] = {};
  const std::size_t rest = s.size() - at;
  if (rest) std::memcpy(tail, s.data() + at, rest);
  tail[rest] = 0x80;
  const std::size_t size = rest < 56 ? 64 : 128;
  const uint64_t bits = static_cast<uint64_t>(s.size()) * 8;
  for (std::size_t i = 0; i < 8; ++i) tail[Digest::big_endian ? size - 1 - i : size - 8 + i] = static_cast<uint8_t>(bits >> (8 * i));
  d.block(tail);
  if (size == 128) d.block(tail + 64);
}

uint32_t left(uint32_t x, uint32_t n) { return x << n | x >> (32 - n); }
uint32_t right(uint32_t x, uint32_t n) { return x >> n | x << (32 - n); }

struct sha256_state {
  static constexpr bool big_endian = true;
  uint32_t h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  void block(const uint8_t* p) {
    static constexpr uint32_t k[64] = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
        0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
        0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
        0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
        0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
        0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
    uint32_t w[64];
    for (int i = 0; i < 16; ++i) w[i] = static_cast<uint32_t>(p[4 * i]) << 24 | static_cast<uint32_t>(p[4 * i + 1]) << 16 | static_cast<uint32_t>(p[4 * i + 2]) << 8 | p[4 * i + 3];
    for (int i = 16; i < 64; ++i)
      w[i] = w[i - 16] + (right(w[i - 15], 7) ^ right(w[i - 15], 18) ^ w[i - 15] >> 3) + w[i - 7] + (right(w[i - 2], 17) ^ right(w[i - 2], 19) ^ w[i - 2] >> 10);
    uint32_t s[8];
    std::memcpy(s, h, sizeof s);
    for (int i = 0; i < 64; ++i) {
      const uint32_t one = s[7] + (right(s[4], 6) ^ right(s[4], 11) ^ right(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6])) + k[i] + w[i];
      const uint32_t two = (right(s[0], 2) ^ right(s[0], 13) ^ right(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
      std::memmove(s + 1, s, 7 * sizeof *s);
      s[4] += one;
      s[0] = one + two;
    }
    for (int i = 0; i < 8; ++i) h[i] += s[i];
  }
};

struct md5_state {
  static constexpr bool big_endian = false;
  uint32_t h[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  void block(const uint8_t* p) {
    static constexpr uint32_t turn[16] = {7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21};
    static constexpr uint32_t k[64] = {
        0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1,
        0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453,
        0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942,
        0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05,
        0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d,
        0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};
    uint32_t w[16];
    for (int i = 0; i < 16; ++i) w[i] = static_cast<uint32_t>(p[4 * i + 3]) << 24 | static_cast<uint32_t>(p[4 * i + 2]) << 16 | static_cast<uint32_t>(p[4 * i + 1]) << 8 | p[4 * i];
    uint32_t a = h[0], b = h[1], c = h[2], d = h[3];
    for (uint32_t i = 0; i < 64; ++i) {
      const uint32_t round = i / 16;
      const uint32_t f = round == 0 ? (b & c) | (~b & d) : round == 1 ? (d & b) | (~d & c) : round == 2 ? b ^ c ^ d : c ^ (b | ~d);
      const uint32_t g = round == 0 ? i : round == 1 ? (5 * i + 1) % 16 : round == 2 ? (3 * i + 5) % 16 : 7 * i % 16;
      const uint32_t next = b + left(a + f + k[i] + w[g], turn[4 * round + i % 4]);
      a = d;
      d = c;
      c = b;
      b = next;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
  }
};

value sha256(call& c, const value* a, std::size_t) {
  sha256_state d;
  digest(a[0].text, d);
  uint8_t bytes[32];
  for (int i = 0; i < 32; ++i) bytes[i] = static_cast<uint8_t>(d.h[i / 4] >> (24 - 8 * (i % 4)));
  return text_value(hexadecimal(c, bytes, 32));
}

value md5(call& c, const value* a, std::size_t) {
  md5_state d;
  digest(a[0].text, d);
  uint8_t bytes[16];
  for (int i = 0; i < 16; ++i) bytes[i] = static_cast<uint8_t>(d.h[i / 4] >> (8 * (i % 4)));
  return text_value(hexadecimal(c, bytes, 16));
}

value hex(call& c, const value* a, std::size_t) {
  return text_value(hexadecimal(c, reinterpret_cast<const uint8_t*>(a[0].text.data()), a[0].text.size()));
}

const char base64_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

value base64(call& c, const value* a, std::size_t) {
  std::string out;
  const auto* p = reinterpret_cast<const uint8_t*>(a[0].text.data());
  for (std::size_t n = a[0].text.size(); n > 0;) {
    const std::size_t k = n < 3 ? n : 3;
    const uint32_t v = static_cast<uint32_t>(p[0]) << 16 | (k > 1 ? static_cast<uint32_t>(p[1]) << 8 : 0) | (k > 2 ? p[2] : 0u);
    out += base64_letters[v >> 18];
    out += base64_letters[v >> 12 & 63];
    out += k > 1 ? base64_letters[v >> 6 & 63] : '=';
    out += k > 2 ? base64_letters[v & 63] : '=';
    p += k;
    n -= k;
  }
  return text_value(c.keep(out));
}

value from_base64(call& c, const value* a, std::size_t) {
  std::string out;
  uint32_t v = 0, bits = 0;
  std::size_t padding = 0;
  for (char x : a[0].text) {
    if (x == '\n' || x == '\r') continue;
    if (x == '=') { ++padding; continue; }
    if (x == '-') x = '+';
    if (x == '_') x = '/';
    const char* at = x ? std::strchr(base64_letters, x) : nullptr;
    if (!at || padding) return c.null();
    v = v << 6 | static_cast<uint32_t>(at - base64_letters);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>(v >> bits & 0xff);
    }
  }
  return text_value(c.keep(out));
}

value url_encode(call& c, const value* a, std::size_t) {
  static const char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char x : a[0].text) {
    if ((x >= '0' && x <= '9') || (x >= 'A' && x <= 'Z') || (x >= 'a' && x <= 'z') || x == '-' || x == '_' || x == '.' || x == '~') {
      out += x;
    } else {
      out += '%';
      out += digits[static_cast<uint8_t>(x) >> 4];
      out += digits[static_cast<uint8_t>(x) & 15];
    }
  }
  return text_value(c.keep(out));
}

int digit(char c) { return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1; }

value url_decode(call& c, const value* a, std::size_t) {
  const std::string_view s = a[0].text;
  std::string out;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (s[i] == '%' && i + 2 < s.size() && digit(s[i + 1]) >= 0 && digit(s[i + 2]) >= 0) {
      out += static_cast<char>(digit(s[i + 1]) * 16 + digit(s[i + 2]));
      i += 2;
    } else {
      out += s[i] == '+' ? ' ' : s[i];
    }
  }
  return text_value(c.keep(out));
}

}  // namespace

void add_hash_functions(std::vector<function>& all) {
  const auto add = [&](const char* name, uint32_t result, function_body body, const char* doc, const char* example, const char* shows) {
    all.push_back({name, "hashes", "text", "t", result, -1, true, doc, example, shows, body});
  };
  add("hash", type_int, hash, "A number of 63 bits for sampling and sharding, the same everywhere.", "hash(\"a\") % 10 == hash(\"a\") % 10", "true");
  add("crc32", type_int, crc32, "The CRC-32 of zip and gzip.", "crc32(\"123456789\")", "3421780262");
  add("md5", type_string, md5, "MD5 in hexadecimal.", "md5(\"abc\")", "900150983cd24fb0d6963f7d28e17f72");
  add("sha256", type_string, sha256, "SHA-256 in hexadecimal.", "sha256(\"abc\")", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  add("hex", type_string, hex, "The bytes in hexadecimal.", "hex(\"az\")", "617a");
  add("base64", type_string, base64, "The bytes in base64.", "base64(\"pipe\")", "cGlwZQ==");
  add("from_base64", type_string, from_base64, "The bytes that a base64 text stands for (either alphabet); null if it is none.", "from_base64(\"cGlwZQ==\")", "pipe");
  add("url_encode", type_string, url_encode, "The text with everything but letters, digits and - _ . ~ as %XX.", "url_encode(\"a b&c\")", "a%20b%26c");
  add("url_decode", type_string, url_decode, "The text with %XX and + read back.", "url_decode(\"a%20b+c\")", "a b c");
}

}  // namespace pipes::expr
