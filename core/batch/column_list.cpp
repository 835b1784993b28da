// column_list.cpp: see column_list.hpp.
#include "core/batch/column_list.hpp"

namespace pipes::detail {
namespace {

constexpr std::uint32_t in_a_bucket = 4;

bool is(const column_node& c, const pipe_field* f, bool exact) { return c.field == f && c.exact == exact; }

// Pushes `mine`, unless (once) the list has a column of the same field. Returns the one that stands there then.
column_node* push(std::atomic<column_node*>& list, column_node* column_node::* next, column_node* mine, bool once) {
  column_node* seen = nullptr;
  column_node* first = list.load(std::memory_order_acquire);
  for (;;) {
    for (column_node* c = first; once && c != seen; c = c->*next)
      if (is(*c, mine->field, mine->exact)) return c;
    mine->*next = seen = first;
    if (list.compare_exchange_weak(first, mine, std::memory_order_acq_rel, std::memory_order_acquire)) return mine;
  }
}

}  // namespace

column_list::~column_list() {
  for (auto* c = all_.load(std::memory_order_relaxed); c;) delete std::exchange(c, c->next);
  delete[] buckets_.load(std::memory_order_relaxed);
}

std::size_t column_list::bucket_count() const {
  std::size_t n = 1;
  while (n < width_ / in_a_bucket) n *= 2;
  return n;
}

column_list::head& column_list::bucket(head* all, const pipe_field* f) const { return all[hash_of(f) & (bucket_count() - 1)]; }

const column_node* column_list::find(const pipe_field* f, bool exact) const {
  if (wide()) {
    head* const all = buckets();
    for (const column_node* c = all ? bucket(all, f).load(std::memory_order_acquire) : nullptr; c; c = c->next_in_bucket)
      if (is(*c, f, exact)) return c;
    return nullptr;
  }
  for (const column_node* c = newest(); c; c = c->next)
    if (is(*c, f, exact)) return c;
  return nullptr;
}

const column_node* column_list::keep(std::unique_ptr<column_node> mine, bool& kept) {
  const bool named = mine->field != nullptr;
  if (named && wide()) {
    head* all = buckets();
    if (!all) {
      std::unique_ptr<head[]> made(new head[bucket_count()]());
      if (buckets_.compare_exchange_strong(all, made.get(), std::memory_order_acq_rel, std::memory_order_acquire)) all = made.release();
    }
    const column_node* const there = push(bucket(all, mine->field), &column_node::next_in_bucket, mine.get(), true);
    kept = there == mine.get();
    if (kept) push(all_, &column_node::next, mine.release(), false);
    return there;
  }
  const column_node* const there = push(all_, &column_node::next, mine.get(), named);
  kept = there == mine.get();
  if (kept) (void)mine.release();
  return there;
}

}  // namespace pipes::detail
