// plugins/lib/extreme.hpp: the least or greatest value of a group, kept in memory of its own.
#pragma once
#include <string>

#include "lib/total_order.hpp"

namespace shared {

// Null and missing values take no part. Of values that are equal in the order (1, 1.0) the one whose text is the least by its
// bytes stays, so that the result does not depend on which came first.
class extreme {
 public:
  template <bool Greatest>
  void add(const value_view& v) {
    const rank r = order::of(v);
    if (r.what == order_null) return;
    if (held_.tag == PIPE_MISSING) {
      keep(v, r);
      return;
    }
    if (r.what != rank_.what || r.prefix != rank_.prefix) {  // decided without a look at the texts
      const bool less = r.what != rank_.what ? r.what < rank_.what : r.prefix < rank_.prefix;
      if (less != Greatest) keep(v, r);
      return;
    }
    int c = order::compare_values(v, get());
    if (Greatest) c = -c;
    if (c == 0) {
      char mine[number_room], its[number_room];
      c = text_of(v, its).compare(text_of(get(), mine));
      if (c == 0) c = static_cast<int>(v.tag) - static_cast<int>(held_.tag);
    }
    if (c < 0) keep(v, r);
  }
  template <bool Greatest>
  void merge(const extreme& o) {
    if (o.held_.tag != PIPE_MISSING) add<Greatest>(o.get());
  }
  // PIPE_MISSING: nothing came.
  value_view get() const {
    value_view v = held_;
    if (has_text_) v.text = text_;
    return v;
  }
  bool has_text() const { return has_text_; }
  std::size_t text_bytes() const { return text_.size(); }

  // As bytes, for the same process to read again.
  void save(std::string& to) const {
    const saved head{held_.bits, static_cast<std::uint32_t>(text_.size()), static_cast<std::uint8_t>(held_.tag), has_text_, {}};
    to.append(reinterpret_cast<const char*>(&head), sizeof head).append(text_);
  }
  // Joins what was saved; returns where it ended.
  template <bool Greatest>
  const char* add_saved(const char* from) {
    saved head;
    std::memcpy(&head, from, sizeof head);
    from += sizeof head;
    value_view v;
    v.tag = head.tag;
    v.bits = head.bits;
    if (head.has_text) v.text = {from, head.size};
    if (v.tag != PIPE_MISSING) add<Greatest>(v);
    return from + head.size;
  }

 private:
  struct saved {
    std::uint64_t bits;
    std::uint32_t size;
    std::uint8_t tag;
    bool has_text;
    char reserved[2];
  };
  static std::string_view text_of(const value_view& v, char* room) {
    if (v.text.data()) return v.text;
    if (v.tag == PIPE_INT) return {room, print_number(room, static_cast<std::int64_t>(v.bits))};
    if (v.tag != PIPE_FLOAT) return {};
    double d;
    std::memcpy(&d, &v.bits, sizeof d);
    return {room, print_number(room, d)};
  }
  void keep(const value_view& v, const rank& r) {
    held_.tag = v.tag;
    held_.bits = v.bits;
    rank_ = r;
    has_text_ = v.text.data() != nullptr;
    text_.assign(v.text);
  }
  value_view held_;
  rank rank_{};
  std::string text_;
  bool has_text_ = false;
};

}  // namespace shared
