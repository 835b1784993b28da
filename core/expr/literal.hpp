// literal.hpp: finding fixed bytes and line ends in large blocks. Reentrant; nothing allocates but the needle's own copy.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pipes::expr {

// How rare a byte is in logs and tables: 0 (everywhere) to 255 (hardly ever). A guess, on which only speed depends.
std::uint32_t rarity(unsigned char byte);

// A needle and the two of its bytes that are looked for first.
class literal {
 public:
  explicit literal(std::string_view needle);
  std::string_view text() const { return needle_; }
  // The first occurrence in [from, end), or nullptr. An empty needle is found at `from`. Reads nothing outside the range.
  const char* find(const char* from, const char* end) const;

 private:
  const char* find_plain(const char* from, const char* end) const;
  const char* find_avx2(const char* from, const char* end) const;
  std::string needle_;
  std::size_t first_ = 0;   // offset of the rarest byte,
  std::size_t second_ = 0;  // and of the next rarest; the same if there is only one
};

// The end of the line that holds `at`: its '\n', or `end`.
const char* line_end(const char* at, const char* end);
// The start of the line that holds `at`, not before `begin`.
const char* line_begin(const char* at, const char* begin);

}  // namespace pipes::expr
