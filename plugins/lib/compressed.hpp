// plugins/lib/compressed.hpp: what compressed data begins with: that which is read here, and that which another program makes text of.
#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace shared {

enum class codec { gzip, zstd, xz, foreign };

struct compressed_form {
  std::string_view magic;
  codec read_by;
  const char* name;
  const char* command = nullptr;  // of foreign forms: writes the text of a file
  std::size_t loose = std::string_view::npos;  // of this byte only the upper half counts

  // Whether data that begins so is of this form, as far as it goes.
  bool begins(std::string_view first) const {
    for (std::size_t i = 0; i < std::min(first.size(), magic.size()); ++i)
      if ((first[i] ^ magic[i]) & (i == loose ? 0xf0 : 0xff)) return false;
    return true;
  }
  bool is(std::string_view first) const { return first.size() >= magic.size() && begins(first); }
};

inline constexpr compressed_form compressed_forms[] = {
    {{"\x1f\x8b\x08", 3}, codec::gzip, "gzip"},
    {{"\x28\xb5\x2f\xfd", 4}, codec::zstd, "zstd"},
    {{"\x50\x2a\x4d\x18", 4}, codec::zstd, "zstd", nullptr, 0},  // a frame to be skipped: pzstd's files begin with one
    {{"\xfd" "7zXZ\0", 6}, codec::xz, "xz"},
    {{"BZh1" "1AY&SY", 10}, codec::foreign, "bzip2", "bzip2 -dc", 3},
    {{"\x04\x22\x4d\x18", 4}, codec::foreign, "lz4", "lz4 -dc"},
    {{"LZIP\1", 5}, codec::foreign, "lzip", "lzip -dc"},
    {{"PK\3\4", 4}, codec::foreign, "zip", "unzip -p"},
    {{"7z\xbc\xaf\x27\x1c", 6}, codec::foreign, "7-Zip", "7z x -so"},
};
inline constexpr std::size_t longest_magic = 10;

// What the data is; nullptr: nothing compressed, or too little of it to be told.
inline const compressed_form* form_of(std::string_view first) {
  for (const compressed_form& f : compressed_forms)
    if (f.is(first)) return &f;
  return nullptr;
}
// Whether what comes behind may still make it one.
inline bool may_be_compressed(std::string_view first) {
  return std::any_of(std::begin(compressed_forms), std::end(compressed_forms), [&](const compressed_form& f) { return first.size() < f.magic.size() && f.begins(first); });
}

}  // namespace shared
