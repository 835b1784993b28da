// node.hpp: what a config says, with the place of every word: the common result of the YAML reader and of `-e`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/diagnostic.hpp"

namespace pipes::pipelines {

// Where the bytes of a scalar's text stand in the source. Segments are in order of `at`; a straight one maps byte by byte, another (an escape, a
// variable's value) maps all its bytes to one span.
struct text_map {
  struct segment {
    std::uint32_t at = 0;      // first byte of the text that it speaks of
    span source;
    bool straight = true;
  };
  std::vector<segment> segments;

  void append_straight(std::uint32_t at, std::uint32_t source);
  void append_fixed(std::uint32_t at, span source);
  // The place of byte `at`: one byte, or the whole escape or variable.
  span locate(std::uint32_t at) const;
  // The place of [begin, begin + length); an empty length gives the one byte at begin.
  span locate(std::uint32_t begin, std::uint32_t length) const;
};

enum class node_kind : std::uint8_t { null, scalar, list, map };
enum class style : std::uint8_t { plain, single_quoted, double_quoted, block, raw };  // raw: unquoted text of `-e`

struct member;

struct node {
  node_kind kind = node_kind::null;
  pipelines::style style = style::plain;
  bool flow = false;        // written in brackets
  bool in_flow = false;     // stands inside brackets
  bool faulty = false;      // what is wrong with it was reported; nobody asks what it means
  bool backspace = false;   // holds a backspace that came from "\b"
  std::string text;
  text_map map;
  span where;               // the value in the source, quotes and brackets included; for null the place where it is missing
  span comment;             // of a plain scalar or null: the comment behind it on the same line
  std::vector<node> items;
  std::vector<member> members;

  bool is_scalar() const { return kind == node_kind::scalar; }
  bool is_plain() const { return kind == node_kind::scalar && style == style::plain; }
  const member* find(std::string_view key) const;
};

struct member {
  std::string key;
  span where;
  node value;
};

// "a list", "a map", "text", "null", "nothing"
std::string_view kind_name(const node& n);

}  // namespace pipes::pipelines
