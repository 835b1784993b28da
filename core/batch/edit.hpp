// edit.hpp: changes to the text of one JSON object. Values are replaced and keys renamed where they stand, dropped keys cut out, new ones
// appended; all other bytes stay as they are.
//
// Use: load() a record, then any number of changes, then write(). Texts given must live until write(). What the editor makes itself lies in
// the scratch arena, which the caller rewinds between records.
#pragma once
#include "core/batch/json.hpp"
#include "core/batch/memory.hpp"

#include <string_view>
#include <vector>

struct pipe_field;

namespace pipes::json {

class editor {
 public:
  explicit editor(memory::arena& scratch) : scratch_(scratch) {}

  bool load(std::string_view text);  // false: no JSON object
  bool has(const pipe_field& name) const;  // by the rule for set()
  // By the contract's rule for dotted names: the field of that name if there is one, else the path where its parent exists,
  // else a flat key. `key` is the name as JSON text.
  void set(const pipe_field& name, std::string_view key, std::string_view value);
  void drop(const pipe_field& name);
  void rename(const pipe_field& from, const pipe_field& to, std::string_view to_key);
  void keep(const std::vector<const pipe_field*>& names);
  bool set_path(std::string_view path, std::string_view value);  // plain segments; false: the parent is no object
  bool drop_path(std::string_view path);                         // false: there is nothing
  void write(memory::text_buffer& out) const;

 private:
  struct item {
    std::string_view before;  // what stands between the member in front of it and this one; empty: a comma
    std::string_view key;     // with its quotes
    std::string_view between; // what stands between key and value
    std::string_view value;
    std::string_view raw;     // the key without quotes
  };
  static constexpr std::size_t none = ~std::size_t{0};

  std::size_t find(std::string_view name) const;
  std::size_t find_leading(std::string_view name, std::string_view& rest) const;
  void remove(std::string_view name);
  void remove_behind(std::size_t i, std::string_view name);       // from item i on
  void append(std::string_view key, std::string_view value);
  bool says(std::string_view there, std::string_view value);
  bool rename_path(std::string_view path, std::string_view leaf_key);
  bool prune(const std::vector<std::string_view>& paths);         // keeps only these; false: nothing is left
  std::string_view written();
  std::string_view in_quotes(std::string_view name);
  template <class F>
  bool inside(std::size_t i, F change);

  memory::arena& scratch_;
  std::string_view prefix_;    // what stands in front of the first member,
  std::vector<item> items_;
  std::string_view tail_;      // and behind the last
};

}  // namespace pipes::json
