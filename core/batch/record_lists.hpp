// record_lists.hpp: which fields each record's maker gave it, of records that are put together from batches whose lists of fields differ.
//
// A stage that makes fields lists them for a whole batch: csv.parse the columns of a file, also those that a short record lacks. Which
// records are gathered into one batch is for memory and workers to say, so what a record's list was must not be lost by that.
// Mostly one list is the beginning of the other (csv.parse sees to that), and it is enough to know how many fields of the batch it has.
#pragma once
#include "core/batch/batch.hpp"

#include <limits>

namespace pipes::detail {

struct record_lists {
  static constexpr std::uint32_t unknown = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::size_t most = std::numeric_limits<std::uint16_t>::max();
  const std::uint16_t* of = nullptr;  // of each record, which of the sizes; null: the first. Lies in the batch's memory
  std::vector<std::uint32_t> sizes;   // its list are so many of the batch's fields, the first ones; unknown: those that it has
};

// The lists of rows of several batches, as sizes within `list`, the fields of what is made of them.
class lists_of_parts {
 public:
  lists_of_parts(pipe_batch* const* parts, const std::vector<bool>& used, const std::vector<const pipe_field*>& list);
  std::uint32_t size(std::uint32_t part, std::uint32_t row) const;
  bool differ() const { return differ_; }  // some record's list may not be all of `list`

 private:
  struct of_part {
    pipe_batch* part = nullptr;
    pipe_batch* root = nullptr;  // that has lists, of which the part is a selection
    std::uint32_t size = record_lists::unknown;
  };
  std::vector<of_part> parts_;
  bool differ_ = false;
};

// Those of rows rows[i] of parts[of[i]]; null where all have all of `list`. `take` gives memory that lives as long as what is made.
template <class Take>
std::unique_ptr<record_lists> lists_of(const lists_of_parts& from, const std::uint32_t* of, const std::uint32_t* rows, std::uint64_t n, Take take) {
  if (!from.differ()) return nullptr;
  auto made = std::make_unique<record_lists>();
  auto* const numbers = static_cast<std::uint16_t*>(take((n ? n : 1) * sizeof(std::uint16_t)));
  made->of = numbers;
  std::size_t last = 0;  // neighbours mostly are alike
  for (std::uint64_t i = 0; i < n; ++i) {
    const std::uint32_t size = from.size(of ? of[i] : 0, rows ? rows[i] : static_cast<std::uint32_t>(i));
    if (last >= made->sizes.size() || made->sizes[last] != size) {
      for (last = 0; last < made->sizes.size() && made->sizes[last] != size;) ++last;
      if (last == made->sizes.size()) {
        if (last == record_lists::most) {
          made->of = nullptr;
          made->sizes.assign(1, record_lists::unknown);
          return made;
        }
        made->sizes.push_back(size);
      }
    }
    numbers[i] = static_cast<std::uint16_t>(last);
  }
  return made;
}

// The fields that its maker gave the record, in order: where records have fields of their own, those that it has.
std::vector<const pipe_field*> list_of_record(pipe_batch* b, std::uint64_t row);

}  // namespace pipes::detail
