// runnable.cpp: see runnable.hpp.
#include "core/runtime/runnable.hpp"

#include <algorithm>

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
  if (chains_.empty() || chains_.back().size >= full) chains_.emplace_back();
  chains_.back().add(r.resumed);
}

void global_queue::add(const fiber_chain& chain) {
  if (chain.size == 0) return;
  chains_.push_back(chain);
  size_ += chain.size;
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
    if (tasks_.size && (tasks_turn_ || chains_.empty())) {
      to.tasks.add(tasks_.take());
      --size_;
      return;
    }
  }
  if (!chains_.empty()) {
    fiber_chain& first = chains_.front();
    if (first.size <= most && to.fibers.size == 0) to.fibers = std::exchange(first, fiber_chain{});
    else
      for (std::size_t n = std::min(most, first.size); n > 0; --n) to.fibers.add(first.take());
    if (first.size == 0) chains_.pop_front();
    size_ -= to.fibers.size;
  }
  for (std::size_t n = most - std::min(most, to.fibers.size); n > 0 && tasks_.size; --n) {
    to.tasks.add(tasks_.take());
    --size_;
  }
}

}  // namespace pipes::detail
