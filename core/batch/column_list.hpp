// column_list.hpp: the columns that a batch has made and keeps.
//
// They are pushed at the head of a list by compare-exchange. Two threads that make the same column at once both compute it; the second one finds
// the first one's when it pushes, and frees its own: so a field has one column (batch.hpp, I1, I2). Where there may be many columns they
// stand in buckets by field, too. Then a bucket decides which column of a field is the one, and the list remembers all of them, for the
// destructor and for those who want all.
#pragma once
#include <atomic>
#include <memory>

#include "core/batch/field_index.hpp"
#include "core/batch/memory.hpp"

namespace pipes::detail {

struct column_node {
  explicit column_node(std::size_t hint) : memory(hint) {}
  memory::arena memory;
  pipe_column column{};
  const pipe_field* field = nullptr;  // null: a step on the way to another one
  bool exact = false;                 // dotted names as plain ones
  column_node* next = nullptr;
  column_node* next_in_bucket = nullptr;
};

class column_list {
 public:
  column_list() = default;
  column_list(const column_list&) = delete;
  column_list& operator=(const column_list&) = delete;
  ~column_list();

  // About how many fields there are; said before anybody else sees the batch.
  void expect(std::uint32_t fields) { width_ = fields; }
  std::uint32_t expected() const { return width_; }

  const column_node* find(const pipe_field* f, bool exact) const;
  // Keeps it, unless the field has one already. Returns the one that is kept, and in `kept` whether that is `mine`.
  const column_node* keep(std::unique_ptr<column_node> mine, bool& kept);
  const column_node* newest() const { return all_.load(std::memory_order_acquire); }

 private:
  using head = std::atomic<column_node*>;
  bool wide() const { return width_ >= field_index::many; }
  std::size_t bucket_count() const;
  head* buckets() const { return buckets_.load(std::memory_order_acquire); }
  head& bucket(head* all, const pipe_field* f) const;

  std::uint32_t width_ = 0;
  head all_{nullptr};
  std::atomic<head*> buckets_{nullptr};  // made for the first column that is kept
};

}  // namespace pipes::detail
