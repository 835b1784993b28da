// numbers.hpp: which record of its file, or of all that came of no file, a record is, for messages.
#pragma once
#include <pipe/runtime.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "core/batch/batch.hpp"

namespace pipes::pipelines {

// What records are counted by: the file that a batch was read from, or none.
class counted_file {
 public:
  counted_file() = default;
  explicit counted_file(pipe_batch* b) {
    const file_origin* file = file_of(b);
    if (!file) return;
    number_ = file->number();
    alive_ = file->weak_from_this();
  }
  std::uint64_t number() const { return number_; }
  bool gone() const { return number_ && alive_.expired(); }  // no batch of it is left, and none will come

 private:
  std::uint64_t number_ = 0;
  std::weak_ptr<const file_origin> alive_;
};

// Records of each file so far. A sum has no value once a piece was not cut into records: counting it only for a message that may
// never come would cost more than the search itself. Files that nobody can ask about any more are forgotten, so that what is held
// grows with the files that are under way, not with those that were read. The caller's lock guards it.
class file_sums {
 public:
  void add(const counted_file& file, std::optional<std::uint64_t> records);
  std::optional<std::uint64_t> of(const counted_file& file) const;
  std::size_t size() const { return sums_.size(); }

 private:
  struct sum {
    counted_file file;
    std::optional<std::uint64_t> records;
  };
  std::map<std::uint64_t, sum> sums_;
  std::size_t look_at_ = 64;  // how many are too many to go on without a look for those that are gone
};

// Maps and folds: the number of the first record of each piece, known as soon as all pieces before it have been counted.
//   R1  sums_ counts the records of all tickets below next_; pending_ holds counts of later ones.
// A worker counts its piece when it has dealt with it (in an unordered pool: and sent what came of it); one that must name a record,
// or fails, waits for those before it.
class record_counter {
 public:
  void add(std::uint64_t ticket, std::optional<std::uint64_t> records, const counted_file& file);
  // Both park until all earlier tickets are counted; without `waits` there is no answer before.
  void wait_for(std::uint64_t ticket);
  std::optional<std::uint64_t> before(std::uint64_t ticket, const counted_file& file, bool waits = true);

 private:
  struct piece_count {
    std::optional<std::uint64_t> records;
    counted_file file;
  };
  mutex mu_;
  cond moved_;
  std::map<std::uint64_t, piece_count> pending_;  // guarded by mu_
  std::uint64_t next_ = 0;                        // guarded by mu_
  file_sums sums_;                                // guarded by mu_
};

// Run stages, which receive as they like: where the batches that came last begin. Any fiber; never parks.
class arrived_records {
 public:
  void add(pipe_batch*);  // in the order of arrival
  // How many records came before this batch's first; nothing where that was too long ago.
  std::optional<std::uint64_t> before(pipe_batch*) const;

 private:
  struct arrival {
    const pipe_batch* batch;  // perhaps gone, and another one in its place: the last of that address counts
    std::uint64_t first;
  };
  static constexpr std::size_t remembered = 256;
  mutable std::mutex mu_;
  std::deque<arrival> last_;  // guarded by mu_
  file_sums sums_;            // guarded by mu_
};

}  // namespace pipes::pipelines
