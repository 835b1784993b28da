// plugins/json/column_builder.hpp: a column whose values come row by row; arrays are made when a value first needs them. Rows that
// get none are missing.
#pragma once
#include <pipe/plugin.hpp>

#include <cstring>

namespace reader {

class column_builder {
 public:
  void start(pipes::output& out, std::size_t count) {
    out_ = &out;
    count_ = count;
    tags_ = out.alloc_array<std::uint8_t>(count);
    std::memset(tags_, PIPE_MISSING, count);
    values_ = nullptr;
    slices_ = nullptr;
  }
  void missing(std::size_t i) { tags_[i] = PIPE_MISSING; }
  void tag(std::size_t i, std::uint8_t t) { tags_[i] = t; }
  void text(std::size_t i, std::uint8_t t, std::string_view s) {
    if (!slices_) slices_ = zeroed<pipe_slice>();
    tags_[i] = t;
    slices_[i] = {s.data(), static_cast<std::uint32_t>(s.size()), 0};
  }
  void number(std::size_t i, std::uint8_t t, std::uint64_t bits, std::string_view as_read) {
    value(i, t, bits);
    text(i, t, as_read);
  }
  void value(std::size_t i, std::uint8_t t, std::uint64_t bits) {
    if (!values_) values_ = zeroed<std::uint64_t>();
    tags_[i] = t;
    values_[i] = bits;
  }
  pipe_column done(std::size_t count) const {
    pipe_column c{};
    c.struct_size = sizeof c;
    c.count = count;
    c.tags = tags_;
    c.values = values_;
    c.slices = slices_;
    c.all = count ? tags_[0] : PIPE_MISSING;
    if (count && std::memcmp(tags_, tags_ + 1, count - 1) != 0) c.all = PIPE_MIXED;
    return c;
  }

 private:
  template <class T>
  T* zeroed() const {
    T* p = out_->alloc_array<T>(count_);
    std::memset(static_cast<void*>(p), 0, count_ * sizeof(T));
    return p;
  }
  pipes::output* out_ = nullptr;
  std::size_t count_ = 0;
  std::uint8_t* tags_ = nullptr;
  std::uint64_t* values_ = nullptr;
  pipe_slice* slices_ = nullptr;
};

}  // namespace reader
