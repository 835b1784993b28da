// plugins/lib/utf16.hpp: text in UTF-16 or UTF-32, as some programs save it, is read like any bytes, and then nothing is found in it: that is said once.
#pragma once
#include <pipe/plugin.hpp>

#include <cstring>
#include <string>

namespace shared {

// `first`: what a source's text begins with.
inline void warn_of_utf16(const pipes::stage_base& stage, const std::string& name, const char* first, std::size_t size) {
  if (size < 4) return;
  const auto begins = [&](const char* mark, std::size_t length) { return std::memcmp(first, mark, length) == 0; };
  const bool wide = begins("\xff\xfe\0\0", 4) || begins("\0\0\xfe\xff", 4);
  if (!wide && !(begins("\xff\xfe", 2) && first[3] == 0) && !(begins("\xfe\xff", 2) && first[2] == 0)) return;
  const std::string form = wide ? "UTF-32" : "UTF-16";
  stage.log(PIPE_LOG_WARN, name + " begins like text in " + form + ", which is read as bytes here; iconv -f " + form + " -t UTF-8 makes UTF-8 of it");
}

}  // namespace shared
