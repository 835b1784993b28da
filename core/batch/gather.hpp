// gather.hpp: rows of batches copied into one that stands alone: records, columns and texts as arrays.
#pragma once
#include "core/batch/batch_impl.hpp"

#include <functional>

namespace pipes::detail {

// Row rows[i] of parts[of[i]] for each i, of batches of one kind: all JSON, or none (kinds.hpp). What is given must outlive it.
class row_copies {
 public:
  using taker = std::function<void*(std::size_t)>;
  // of and rows null: the records of the first part. `used`: which parts there are rows of.
  row_copies(pipe_batch* const* parts, const std::vector<bool>& used, const std::uint32_t* of, const std::uint32_t* rows, std::uint64_t n);
  std::size_t bytes() const;                             // that it takes, but for texts that lie in no record
  std::unique_ptr<pipe_batch> made(const taker& take);  // once; its memory is what `take` gave

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
  bool json_ = false;
  bool has_bytes_ = false;  // else all are unrendered and stay so
  field_union fields_;      // of records that are not JSON
  std::vector<const pipe_field*> known_, found_;
  std::vector<const pipe_slice*> records_;  // of each part
  std::size_t bytes_ = 0;                   // of the records with their line ends
  pipe_slice* own_ = nullptr;
  std::vector<const char*> was_;            // the records' bytes where they come from
};

// Bytes, known columns and origin of `b`, which is not mixed, in memory that `take` gives.
std::unique_ptr<pipe_batch> copied(pipe_batch* b, const std::function<void*(std::size_t)>& take);

}  // namespace pipes::detail
