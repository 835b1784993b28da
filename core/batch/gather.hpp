// gather.hpp: rows of batches copied into one that stands alone: records, columns and texts as arrays.
#pragma once
#include "core/batch/batch_impl.hpp"

#include <functional>

namespace pipes::detail {

// Row rows[i] of parts[of[i]] for each i. The parts are of one kind: all JSON, or none (kinds.hpp); all that is given must outlive this.
class row_copies {
 public:
  using taker = std::function<void*(std::size_t)>;
  // of and rows null: the first n records of the first part. `used`: the parts that rows come from.
  row_copies(pipe_batch* const* parts, const std::vector<bool>& used, const std::uint32_t* of, const std::uint32_t* rows, std::uint64_t n);
  std::size_t bytes() const;                             // about what made() will take; texts that lie in no record come on top
  std::unique_ptr<pipe_batch> made(const taker& take);  // once; the batch's memory is what `take` gave

 private:
  std::uint32_t part(std::uint64_t i) const { return of_ ? of_[i] : 0; }
  std::uint64_t row(std::uint64_t i) const { return rows_ ? rows_[i] : i; }
  template <class T>
  T* taken(const taker& take, std::uint64_t n);
  void copy_records(pipe_batch& to, const taker& take);
  pipe_column column(const pipe_field* f, const taker& take);
  const pipe_slice* texts(const std::vector<const pipe_column*>& from, const std::uint8_t* tags, const taker& take);

  pipe_batch* const* const parts_;
  const std::vector<bool> used_;
  const std::uint32_t* const of_;
  const std::uint32_t* const rows_;
  const std::uint64_t n_;
  // What the parts have
  bool json_ = false;
  bool has_bytes_ = false;                  // else all are unrendered, and stay so
  field_union fields_;                      // of records that are not JSON
  std::vector<const pipe_field*> known_, found_;   // attached or set; found in JSON texts
  std::vector<const pipe_slice*> records_;  // of each part
  std::size_t bytes_ = 0;                   // of all records with their line ends
  // What is made
  pipe_slice* own_ = nullptr;
  std::vector<const char*> was_;            // where each record's bytes were
};

// Bytes, known columns and origin of `b`, which is not mixed, in memory that `take` gives.
std::unique_ptr<pipe_batch> copied(pipe_batch* b, const std::function<void*(std::size_t)>& take);

}  // namespace pipes::detail
