// expr.hpp: the small language of `where`, `map`, `route`, and patterns and formats: compiled once, run over batches.
//
// A compiled object belongs to one worker: it holds room for values on the way, and is never entered twice at once. compile() is cheap
// enough to be called by each worker. Nothing here parks.
// The way of an expression: lexer (tokens) -> parser, typing (nodes, types checked, constants folded) -> node.hpp (columns, chunk by chunk).
#pragma once
#include "core/batch/batch.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pipes {

// A remark on a text: byte offset and length within it, so that the caller can put a caret there.
struct remark {
  std::size_t offset = 0;
  std::size_t length = 1;
  std::string message;   // says what is wrong and what would be right
  bool warning = false;
};

}  // namespace pipes

// The ABI's opaque handles. Each compile() returns nullptr when a remark that is no warning was added.
struct pipe_expr {
  virtual ~pipe_expr() = default;
  // condition: the value must be one that can be true or false (where, route).
  static std::unique_ptr<pipe_expr> compile(std::string_view text, std::vector<pipes::remark>& remarks, bool condition = false);
  virtual const std::vector<const pipe_field*>& reads() const = 0;                    // fields it may ask for
  virtual void rows(pipe_batch*, std::uint32_t* rows, std::uint64_t& count) = 0;      // the rows for which it is true
  virtual void column(pipe_batch*, pipes::output& out, pipe_column& result) = 0;      // its values; arrays in out's arena or in the batch
  virtual std::uint64_t misses() const = 0;                                           // operations that met null or a wrong type
  virtual std::uint32_t types() const = 0;                                            // tags that its value may have: bit 1 << PIPE_…
};

struct pipe_pattern {
  virtual ~pipe_pattern() = default;
  static std::unique_ptr<pipe_pattern> compile(std::string_view text, bool fixed, std::vector<pipes::remark>& remarks);
  virtual std::uint32_t groups() const = 0;
  virtual std::string_view group_name(std::uint32_t group) const = 0;
  // All of these throw std::runtime_error (with record number and remedy) when PCRE2's match limit is hit.
  virtual void rows(pipe_batch*, bool invert, std::uint32_t* rows, std::uint64_t& count) = 0;  // the rows that match
  virtual void pass(pipe_batch*, bool invert, pipes::output& out, std::uint32_t port) = 0;     // emits the records that match
  // The first match from `start` on: begin and end of `room` groups at most, UINT64_MAX for one that took no part.
  virtual bool find(std::string_view text, std::size_t start, std::uint64_t* offsets, std::size_t room, std::uint64_t& filled) = 0;
  // The rows that match, and for each group named a column of the texts that it matched in these rows.
  virtual void capture(pipe_batch*, const std::uint32_t* groups, std::size_t group_count, pipes::output& out, std::uint32_t* rows,
                       std::uint64_t& count, pipe_column* columns) = 0;
};

struct pipe_format {
  virtual ~pipe_format() = default;
  static std::unique_ptr<pipe_format> compile(std::string_view text, std::vector<pipes::remark>& remarks, bool escapes = false);
  virtual const std::vector<const pipe_field*>& reads() const = 0;
  virtual const pipe_slice* render(pipe_batch*, pipes::output& out) = 0;              // a text for each row, in out's arena
};
