// kinds.hpp: batches of which some records are JSON and others are not, as a fan-in, a merge or a sort of two inputs makes them.
//
// A changed JSON record is its text edited in place, any other one a rendering of its fields; which of the two a record gets must not
// depend on what came with it. So everything that is done to records is done to batches of one kind, and a batch of both (`mixed`) is
// nothing but such batches joined, or a selection of that.
// Thread safety: as batch.hpp.
#pragma once
#include "core/batch/batch_impl.hpp"

#include <functional>
#include <unordered_map>

namespace pipes::detail {

// Finds the batches of one kind in which records of mixed ones lie. Only those are found in which a record was asked for, so a few records of
// a large batch cost little.
class leaves {
 public:
  struct place {
    std::uint32_t leaf;  // its number
    std::uint32_t row;
  };
  place of(pipe_batch* b, std::uint64_t row);
  const std::vector<pipe_batch*>& all() const { return all_; }  // as long as what was asked about lives

 private:
  std::vector<pipe_batch*> all_;
  std::unordered_map<pipe_batch*, std::uint32_t> numbers_;
  std::uint32_t last_[2] = {0, 0};  // of each kind
};

// Records of a batch, parted by their kinds, in the order that they have there; of one kind there may be none.
struct of_two_kinds {
  of_two_kinds(pipe_batch* b, const std::uint32_t* rows, std::uint64_t n);  // rows null: the first n
  std::vector<std::uint8_t> is_json;  // of each
  std::vector<std::uint32_t> rows_of_json, rows_of_others;  // which of the n
  batch_ref json, others;
};

// The inverse: record i is the next one of `json` or of `others`, as is_json says.
batch_ref woven(const batch_ref& json, const batch_ref& others, const std::vector<std::uint8_t>& is_json);

// The changes with only those rows of their columns that `rows` names, in memory that `take` gives. Texts are copied there, too, unless
// `taken` says that they lie in it already.
std::vector<change> of_rows(const std::vector<change>& changes, const std::vector<std::uint32_t>& rows, const std::function<void*(std::size_t)>& take,
                            const std::function<bool(const char*)>& taken);

}  // namespace pipes::detail
