// record_lists.hpp: which fields each record was given by its maker, where records are put together from batches whose lists differ.
//
// A stage that makes fields lists them for a whole batch: csv.parse all columns of a file, also those that a short record lacks. Which records
// are gathered into one batch depends on memory and workers, so a record must not lose its list by that. Mostly one list is the beginning
// of the other (csv.parse sees to that): then it is enough to know how many of the batch's fields it has. Records that got their fields
// in an order of their own (record_order.hpp) have lists of their own. JSON records have lists of what was attached to them, if that is
// not in one order for all.
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
  std::uint32_t size = unknown;         // the first so many of the batch's fields; unknown: those that the record has a value for
  std::vector<std::uint32_t> in_order;  // if not empty, in place of that: the fields' numbers
  friend bool operator==(const record_list& a, const record_list& b) { return a.size == b.size && a.in_order == b.in_order; }
  friend bool operator<(const record_list& a, const record_list& b) { return a.size != b.size ? a.size < b.size : a.in_order < b.in_order; }
};

struct record_lists {
  const std::uint32_t* of = nullptr;  // of each record, which of the lists; null: the first. Lies in the batch's memory
  std::vector<record_list> lists;
  bool ordered() const;  // some list is in another order than the batch's
  bool plain() const;    // no list says more than what values the record has
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

// Whether records that are not JSON may have other lists than that of the batch.
bool lists_differ(pipe_batch* b);
// Whether the fields stand in `all` in the same order.
bool in_order(const std::vector<const pipe_field*>& fields, const std::vector<const pipe_field*>& all);

// The fields that the record was given by its maker, in order; if which they are is the record's own matter, those that it has a value for.
std::vector<const pipe_field*> list_of_record(pipe_batch* b, std::uint64_t row);

}  // namespace pipes::detail
