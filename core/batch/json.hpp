// json.hpp: the small JSON scanner and writer of batches: finds members, reads values, escapes, prints numbers.
//
// It is meant for texts that a parse stage has checked. On any other it stays within the text's bounds: what is no JSON has "no such
// member". Of keys that occur twice the first one counts.
// Thread safety: pure functions.
#pragma once
#include "core/batch/memory.hpp"

#include <pipe/plugin.h>

#include <cstdint>
#include <string>
#include <string_view>

struct pipe_field;

namespace pipes::json {

// One value as a column holds it.
struct value {
  std::uint32_t tag = PIPE_MISSING;
  std::uint64_t bits = 0;
  std::string_view text;
};

// A member of an object: pieces of its text.
struct member {
  std::string_view key;    // between the quotes, escapes and all
  std::string_view value;
};

// Walks an object's members in order.
class members {
 public:
  explicit members(std::string_view object);
  bool next(member& m);           // false: no more, or a fault
  bool sound() const { return state_ == at_end; }  // the closing brace was met
  const char* close() const { return p_; }         // where it stands

 private:
  enum state { at_first, at_next, at_end, broken };
  const char* p_;
  const char* end_;
  state state_;
};

bool key_is(std::string_view raw_key, std::string_view name);            // compares unescaped
std::string_view key_text(std::string_view raw_key, memory::arena& to);  // unescaped
std::string_view find(std::string_view object, std::string_view name);   // data() is null when there is none

// The field of a record: the member of exactly that name; else (unless `exact`) the longest leading part of a dotted name
// that is a member, the rest a path through nested objects.
std::string_view lookup(std::string_view record, const pipe_field& field, bool exact);
std::string_view lookup_path(std::string_view value, std::string_view path);

value read(std::string_view text, memory::arena& to);  // strings are unescaped, into `to` where they must be
bool number(std::string_view text, value& v);          // INT if exact in 64 bits, else FLOAT; false: not a JSON number
bool is_number(std::string_view text);                 // by JSON's grammar

// Whole values for output. Escaping is minimal: quote, backslash, control characters; other bytes pass through as they are.
void append_string(memory::text_buffer& out, std::string_view text);
void append_value(memory::text_buffer& out, std::uint32_t tag, std::uint64_t bits, const pipe_slice* slice);
std::size_t print_int(char* to, std::int64_t v);  // to: 32 bytes
std::size_t print_float(char* to, double v);      // shortest that reads back; whole below 2^53 as integers; nan and inf: null

}  // namespace pipes::json
