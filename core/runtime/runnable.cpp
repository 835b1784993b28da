// runnable.cpp: see runnable.hpp.
#include "core/runtime/runnable.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace pipes::detail {

void task_chain::add(task* t) {
  t->next = nullptr;
  if (tail) tail->next = t;
  else head = t;
  tail = t;
  ++size;
}

void task_chain::append(task_chain& other) {
  if (!other.head) return;
  if (tail) tail->next = other.head;
  else head = other.head;
  tail = other.tail;
  size += other.size;
  other = {};
}

task* task_chain::take() {
  task* t = head;
  if (!t) return nullptr;
  head = t->next;
  if (!head) tail = nullptr;
  --size;
  return t;
}

void runnable_list::add(runnable r) {
  if (r.resumed) fibers.add(r.resumed);
  else tasks.add(r.fresh);
}

runnable runnable_list::take() {
  if (fibers.size && (size() % 2 == 0 || !tasks.size)) return {fibers.take(), nullptr};
  return {nullptr, tasks.take()};
}

void global_queue::add(runnable r) {
  ++size_;
  if (r.fresh) {
    tasks_.add(r.fresh);
    return;
  }
  if (!rest_.size && !chains_.empty() && chains_.back().size < full) {
    chains_.back().add(r.resumed);
    return;
  }
  fiber_chain one;
  one.add(r.resumed);
  add_chain(one);
}

void global_queue::add(const fiber_chain& chain) {
  if (chain.size == 0) return;
  size_ += chain.size;
  add_chain(chain);
}

void global_queue::add_chain(const fiber_chain& chain) noexcept {
  if (!rest_.size) {
    try {
      chains_.push_back(chain);
      return;
    } catch (const std::bad_alloc&) {
    }
  }
  rest_.append(chain);
}

void global_queue::append(runnable_list& list) {
  add(list.fibers);
  size_ += list.tasks.size;
  tasks_.append(list.tasks);
  list = {};
}

void global_queue::take(std::size_t most, runnable_list& to) {
  if (most == 1) {
    tasks_turn_ = !tasks_turn_;
    if (tasks_.size && (tasks_turn_ || size_ == tasks_.size)) {
      to.tasks.add(tasks_.take());
      --size_;
      return;
    }
  }
  if (size_ > tasks_.size) {
    fiber_chain& first = chains_.empty() ? rest_ : chains_.front();
    if (first.size <= most && to.fibers.size == 0) to.fibers = std::exchange(first, fiber_chain{});
    else
      for (std::size_t n = std::min(most, first.size); n > 0; --n) to.fibers.add(first.take());
    if (first.size == 0 && !chains_.empty()) chains_.pop_front();
    size_ -= to.fibers.size;
  }
  for (std::size_t n = most - std::min(most, to.fibers.size); n > 0 && tasks_.size; --n) {
    to.tasks.add(tasks_.take());
    --size_;
  }
}

}  // namespace pipes::detail
