// plugins/lib/utf16.hpp: text in UTF-16, as some programs save it, is read like any bytes, and then nothing is found in it: that is said once.
#pragma once
#include <pipe/plugin.hpp>

#include <cstring>
#include <string>

namespace shared {

// `first`: what a source's text begins with.
inline void warn_of_utf16(const pipes::stage_base& stage, const std::string& name, const char* first, std::size_t size) {
  if (size < 4) return;
  const bool little = std::memcmp(first, "\xff\xfe", 2) == 0 && first[3] == 0, big = std::memcmp(first, "\xfe\xff", 2) == 0 && first[2] == 0;
  if (little || big) stage.log(PIPE_LOG_WARN, name + " begins like text in UTF-16, which is read as bytes here; iconv -f UTF-16 -t UTF-8 makes UTF-8 of it");
}

}  // namespace shared
