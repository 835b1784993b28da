// record_order.hpp: in which order a record's fields are written: that in which this record got them. Where records of a batch differ in their
// fields, that is not the order of the batch's list: a field that a stage sets is new to some records, and has its place already in
// others. A field that the record's maker listed (record_lists.hpp) has its place, even if the record has no value for it yet.
#pragma once
#include "core/batch/batch_impl.hpp"

namespace pipes::detail {

class record_order {
 public:
  explicit record_order(pipe_batch* b);  // not JSON
  // Whether the list's order holds for every record. Then of() may be called only after ask().
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
    bool listed = false;  // the records' lists are known; else a record has those of `list` that it has a value for
    std::vector<const pipe_field*> list;
    std::vector<const pipe_field*> attached;   // JSON: of `list`, those that are attached
    bool one_order = true;                     // JSON: all records got them in that order
    std::vector<const pipe_column*> columns;   // of the attached ones, else of the list
    std::vector<record_order> parts;           // joined: for each part,
    std::vector<std::uint64_t> ends;           // which ends behind that record
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
