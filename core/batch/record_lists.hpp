// record_lists.hpp: which fields each record's maker gave it, of records that are put together from batches whose lists of fields differ.
//
// A stage that makes fields lists them for a whole batch: csv.parse the columns of a file, also those that a short record lacks. Which
// records are gathered into one batch is for memory and workers to say, so what a record's list was must not be lost by that.
// Mostly one list is the beginning of the other (csv.parse sees to that), and it is enough to know how many fields of the batch it has.
// Records that got their fields in orders of their own (record_order.hpp) have lists of their own. Of JSON records these are lists of what was
// attached to them, where that is not the order of all.
#pragma once
#include "core/batch/batch.hpp"
#include "core/batch/field_index.hpp"

#include <functional>
#include <limits>
#include <memory>
#include <vector>

namespace pipes::detail {

struct record_list {
  static constexpr std::uint32_t unknown = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t size = unknown;         // so many of the batch's fields, the first ones; unknown: those that the record has
  std::vector<std::uint32_t> in_order;  // if not empty, this counts in place of the size: the fields' numbers
  friend bool operator==(const record_list& a, const record_list& b) { return a.size == b.size && a.in_order == b.in_order; }
  friend bool operator<(const record_list& a, const record_list& b) { return a.size != b.size ? a.size < b.size : a.in_order < b.in_order; }
};

struct record_lists {
  const std::uint32_t* of = nullptr;  // of each record, which of the lists; null: the first. Lies in the batch's memory
  std::vector<record_list> lists;
  bool ordered() const;  // some list has another order than the batch's
  bool plain() const;    // each record has those that it has, in the batch's order
};

// The lists of rows of several batches, in terms of `list`, the fields of what is made of them.
class lists_of_parts {
 public:
  lists_of_parts(pipe_batch* const* parts, const std::vector<bool>& used, const std::vector<const pipe_field*>& list);
  ~lists_of_parts();
  // Of rows rows[i] of parts[of[i]] (null: i, of the first part); null where all have all of `list`. `take` gives memory that lives as
  // long as what is made.
  std::unique_ptr<record_lists> of(const std::uint32_t* of, const std::uint32_t* rows, std::uint64_t n, const std::function<void*(std::size_t)>& take);

 private:
  struct of_part;
  const record_list& at(std::uint32_t part, std::uint32_t row);

  std::vector<of_part> parts_;
  const std::vector<const pipe_field*>& list_;
  std::unique_ptr<field_index> index_;
  record_list made_;     // scratch
  std::vector<const pipe_field*> attached_;
  bool differ_ = false;  // some record's list may not be all of `list`; of JSON, may stand in another order
  bool json_ = false;
};

// Of records that are no JSON: their lists may not all be that of the batch.
bool lists_differ(pipe_batch* b);
// The fields stand in `all` in the same order.
bool in_order(const std::vector<const pipe_field*>& fields, const std::vector<const pipe_field*>& all);

// The fields that its maker gave the record, in order: where records have fields of their own, those that it has.
std::vector<const pipe_field*> list_of_record(pipe_batch* b, std::uint64_t row);

}  // namespace pipes::detail
