// plugins/lib/grouped_sketches.hpp: a sketch (quantiles, number of different values) for each key; beyond the stage's memory on disk.
//
// A Sketch has
//   void merge(Sketch&&)
//   void save(std::string& to) const; void add_saved(const char* from)   as bytes, for the same process to read again
//   std::size_t bytes() const                                            memory beside the object itself
#pragma once
#include "lib/spilled_keys.hpp"

namespace shared {

template <class Sketch>
class grouped_sketches {
 public:
  // `empty`: what each group begins with.
  explicit grouped_sketches(Sketch empty = Sketch()) : empty_(std::move(empty)) {}

  // Calls put(row, sketch of its group) for each row. `share` is this worker's memory; half of it is left for the tables' growth.
  template <class Put>
  void add(const pipes::batch& in, const std::vector<pipes::field>& by, pipe_context* context, std::uint64_t share, std::uint32_t workers, Put put) {
    fields_ = by.size();
    const auto use = [&](std::size_t i, std::uint32_t at) { change(at, [&](Sketch& s) { put(i, s); }); };
    if (by.empty()) {
      for (std::size_t i = 0; i < in.size(); ++i) use(i, keys.find_or_add("", 0, 0));
      return;
    }
    codec_.columns(in, by);
    codec_.each(keys, in.size(), use);
    if (bytes() > share / 2) spilled_.spill(*this, context, share * workers);
  }
  void merge(grouped_sketches&& other, pipe_context* context, std::uint64_t memory) {
    if (other.fields_) fields_ = other.fields_;
    if (fields_ && (other.spilled_.any() || spilled_.any() || bytes() + other.bytes() > memory / 2)) {
      other.spilled_.spill(other, context, memory);
      spilled_.take_over(std::move(other.spilled_));
      return;
    }
    for (std::uint32_t i = 0; i < other.groups_.size(); ++i) {
      const auto& e = other.keys[i];
      const std::uint32_t mine = keys.find_or_add(e.key, e.size, e.kind);
      keys[mine].marks = static_cast<std::uint16_t>(keys[mine].marks | e.marks);
      change(mine, [&](Sketch& s) { s.merge(std::move(other.groups_[i])); });
    }
    other.forget();
  }
  // Calls emit(order, count) for the groups in the order of their keys, some at a time, `sketch(order[i])` each; then all is forgotten.
  // Without keys there is one group, whatever came.
  template <class Emit>
  void finish(pipes::output& out, pipe_context* context, std::uint64_t memory, Emit emit) {
    const auto all = [&](const std::vector<std::uint32_t>& order) {
      for (std::size_t first = 0, n; first < order.size(); first += n) {
        n = rows_of_batch(keys, order.data() + first, order.size() - first);
        emit(order.data() + first, n);
        out.send_on();
      }
    };
    if (spilled_.any()) return spilled_.merge(*this, context, memory, [&] { all(first_numbers(keys.size())); });
    if (fields_ == 0) change(keys.find_or_add("", 0, 0), [](Sketch&) {});
    all(fields_ == 0 ? std::vector<std::uint32_t>{0} : in_key_order(keys, fields_));
    forget();
  }
  Sketch& sketch(std::uint32_t at) { return groups_[at]; }
  void keyed_by(std::size_t fields) { fields_ = fields; }

  // -- what spilled_keys asks for
  byte_table keys;
  std::size_t width() const { return fields_; }
  void save(std::uint32_t at, std::string& to) const { groups_[at].save(to); }
  void join(std::uint32_t at, std::uint64_t, const char* from, std::size_t) {
    change(at, [&](Sketch& s) { s.add_saved(from); });
  }
  void forget() {
    keys.clear();
    groups_ = std::vector<Sketch>();
    loose_ = 0;
  }
  void rewind() {
    keys.rewind();
    groups_.clear();
    loose_ = 0;
  }
  std::size_t bytes() const { return keys.bytes_held() + groups_.capacity() * sizeof(Sketch) + loose_; }

 private:
  template <class F>
  void change(std::uint32_t at, F f) {
    if (at >= groups_.size()) groups_.resize(at + 1, empty_);
    const std::size_t before = groups_[at].bytes();
    f(groups_[at]);
    loose_ += groups_[at].bytes() - before;
  }

  Sketch empty_;
  key_codec codec_;
  std::vector<Sketch> groups_;  // of each entry of keys
  std::size_t fields_ = 0;
  std::size_t loose_ = 0;       // bytes that sketches hold beside their places in groups_
  spilled_keys spilled_;
};

}  // namespace shared
