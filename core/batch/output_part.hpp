// output_part.hpp: records that a stage emitted in one go, and the batch that is made of them at the end of its call.
#pragma once
#include "core/batch/batch_impl.hpp"

#include <functional>
#include <vector>

namespace pipes::detail {

struct output_part {
  std::uint32_t port = 0;
  std::uint32_t flags = 0;
  batch_ref ready;  // made already (a block, a batch passed on whole): the rest does not count
  batch_ref from;
  const std::uint32_t* rows = nullptr;
  std::uint64_t row_room = 0;     // of the array
  const pipe_slice* records = nullptr;
  std::uint64_t record_room = 0;  // 0: the caller's array
  std::uint64_t count = 0;
  std::uint64_t note = 0;
  std::vector<change> changes;
};

// Takes the part over. Adds to `fresh` the layers that use memory of the call and are to get it. in_arena: whether something lies there.
batch_ref batch_of(output_part& p, output& out, std::vector<batch_ref>& fresh, const std::function<bool(const char*)>& in_arena);

}  // namespace pipes::detail
