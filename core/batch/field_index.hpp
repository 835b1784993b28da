// field_index.hpp: where each of many fields stands in a list: a small hash table. (A few are found as fast by looking at one after the other.)
#pragma once
#include "core/batch/batch.hpp"

namespace pipes::detail {

inline std::size_t hash_of(const pipe_field* f) {
  return static_cast<std::size_t>((reinterpret_cast<std::uintptr_t>(f) >> 4) * std::uint64_t{0x9e3779b97f4a7c15} >> 32);
}

class field_index {
 public:
  static constexpr std::size_t many = 32;
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  explicit field_index(std::size_t most) {  // that will be put in
    std::size_t room = 16;
    while (room < 2 * most) room *= 2;
    slots_.resize(room, {nullptr, none});
  }
  // Put twice, the last place counts.
  void put(const pipe_field* f, std::uint32_t place) {
    slot& s = slots_[slot_of(f)];
    s = {f, place};
  }
  std::uint32_t at(const pipe_field* f) const { return slots_[slot_of(f)].place; }

 private:
  struct slot {
    const pipe_field* field;
    std::uint32_t place;
  };
  // The field's slot, or the free one that it would get.
  std::size_t slot_of(const pipe_field* f) const {
    for (std::size_t i = hash_of(f);; ++i) {
      i &= slots_.size() - 1;
      if (slots_[i].field == f || !slots_[i].field) return i;
    }
  }
  std::vector<slot> slots_;  // a power of two, never full
};

}  // namespace pipes::detail
