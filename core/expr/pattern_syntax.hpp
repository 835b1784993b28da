// pattern_syntax.hpp: reads a regular expression's text and says how a whole block of records may be searched with it.
//
// A record excludes its '\n'. So the pattern is rewritten in such a way that no part of it can match one: '\s' becomes '[^\S\n]', '[^x]'
// becomes '[^\nx]', '.' becomes '\N', '\A' and '\z' become '^' and '$' of multiline mode. Then at each place inside a record every part
// does in the block exactly what the original does in the record alone: what consumes a character fails on the '\n' as it fails at the
// record's end, and line ends are record ends. So lookarounds, atomic groups and back references keep their meaning, too. A pattern of
// which that is not certain is searched record by record.
#pragma once
#include <string>
#include <string_view>

namespace pipes::expr {

struct pattern_plan {
  bool by_block = false;   // `block` may be searched over the whole block, with PCRE2_MULTILINE
  bool utf = false;        // needs PCRE2_UTF: it speaks of characters beyond ASCII
  bool plain = false;      // the pattern is the fixed text `required` and nothing else
  bool not_empty = false;  // a record of a block matches if it holds a byte
  std::string block;       // the rewritten pattern
  std::string required;    // a text that lies in every match; may be empty
};

pattern_plan plan_pattern(std::string_view pattern);
bool valid_utf8(std::string_view text);

}  // namespace pipes::expr
