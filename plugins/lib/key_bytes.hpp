// plugins/lib/key_bytes.hpp: the key of one record as bytes, for stages that hold it against a few others or hash it. Two records have
// the same bytes if they have the same key in the sense of keys.hpp.
#pragma once
#include "lib/keys.hpp"

namespace shared {

class key_bytes {
 public:
  // The fields of the batch that is looked at from now on; none: the records themselves are the keys.
  void look_at(const pipes::batch& b, const std::vector<pipes::field>& by) {
    columns_.clear();
    for (pipes::field f : by) columns_.push_back(&b[f].raw());
    records_ = by.empty() ? b.records().slices() : nullptr;
  }
  // Until the next call, or as long as the batch.
  std::string_view of(std::size_t row) {
    if (records_) return {records_[row].data, records_[row].size};
    scratch_.clear();
    char room[number_room];
    for (const pipe_column* c : columns_) {
      const std::string_view text = printed(*c, row, room);
      const std::uint32_t size = static_cast<std::uint32_t>(text.size());
      char head[5];
      head[0] = static_cast<char>(class_of(c->tags[row]));
      std::memcpy(head + 1, &size, sizeof size);
      scratch_.append(head, sizeof head).append(text);
    }
    return scratch_;
  }

 private:
  std::vector<const pipe_column*> columns_;
  const pipe_slice* records_ = nullptr;
  std::string scratch_;
};

}  // namespace shared
