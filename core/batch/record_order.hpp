// record_order.hpp: in which order a record's fields are written: that in which this record got them. Where records of a batch differ
// in the fields that they have, that is not the order of the batch's list: a field that is set is a new one to some of them only. A field
// that its maker listed for the record (record_lists.hpp) has its place, though the record lacks it yet.
#pragma once
#include "core/batch/batch_impl.hpp"

namespace pipes::detail {

class record_order {
 public:
  explicit record_order(pipe_batch* b);  // not JSON
  // The list's order holds for every record; of() cannot be asked, unless ask() was called.
  bool of_list() const { return of_list_; }
  void ask();
  // The fields of record i, in order; good until the next call.
  const std::vector<const pipe_field*>& of(std::uint64_t i);

 private:
  struct floor {  // a layer with changes
    pipe_batch* batch;
    std::vector<const pipe_field*> kept;  // by PIPE_KEEP
  };
  struct base {  // where the layers end
    pipe_batch* batch;
    bool listed = false;  // the records' lists are known; else these have what they have of
    std::vector<const pipe_field*> list;
    std::vector<const pipe_field*> attached;   // of those, of JSON records
    bool one_order = true;                     // all have what is attached in that order
    std::vector<const pipe_column*> columns;   // of what is attached, or of the list
    std::vector<record_order> parts;  // joined
    std::vector<std::uint64_t> ends;
  };
  bool agree() const;
  void fields_of_base(std::uint64_t row);
  void fields_of_text(std::uint64_t row);
  void apply(const floor& f, std::uint64_t row);

  bool of_list_ = true, asked_ = false;
  std::vector<pipe_batch*> layers_;  // the topmost first
  std::vector<floor> floors_;        // of each of them
  base base_;
  std::vector<std::uint64_t> rows_;  // scratch
  std::vector<const pipe_field*> order_;
};

}  // namespace pipes::detail
