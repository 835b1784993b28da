// runnable.hpp: what can run next, in lists. Fibers hang together by fiber::link, tasks by task::next.
// A fiber that has waited for long is in no cache: to touch its link costs as much as to run it. So fibers are handed on by the chain,
// and nobody looks at those in the middle.
#pragma once
#include <cstddef>
#include <deque>

#include "core/runtime/fiber.hpp"

namespace pipes::detail {

// A fiber with a saved context, or a task that has not begun.
struct runnable {
  fiber* resumed = nullptr;
  task* fresh = nullptr;
  explicit operator bool() const { return resumed || fresh; }
};

struct fiber_chain {
  fiber* head = nullptr;
  fiber* tail = nullptr;
  std::size_t size = 0;

  void add(fiber* f) {
    f->link = nullptr;
    if (tail) tail->link = f;
    else head = f;
    tail = f;
    ++size;
  }
  void append(const fiber_chain& other) {   // of which only the head is touched, and of this one the tail
    if (!other.head) return;
    if (tail) tail->link = other.head;
    else head = other.head;
    tail = other.tail;
    size += other.size;
  }
  fiber* take() {                        // null: empty
    fiber* f = head;
    if (!f) return nullptr;
    head = f->link;
    if (!head) tail = nullptr;
    --size;
    return f;
  }
};

struct task_chain {
  task* head = nullptr;
  task* tail = nullptr;
  std::size_t size = 0;

  void add(task* t);
  void append(task_chain& other);
  task* take();
};

// What is on its way from one queue to another.
struct runnable_list {
  fiber_chain fibers;
  task_chain tasks;

  std::size_t size() const { return fibers.size + tasks.size; }
  void add(runnable r);
  runnable take();                       // tasks and fibers in turn
};

// First in first out, fibers and tasks apart. What it is given it takes, whether there is memory or not: who adds has nowhere else to put it.
class global_queue {
 public:
  std::size_t size() const { return size_; }
  void add(runnable r);
  void add(const fiber_chain& chain);
  void append(runnable_list& list);      // empties it
  void take(std::size_t most, runnable_list& to);   // at least one if there is any

 private:
  void add_chain(const fiber_chain& chain) noexcept;

  static constexpr std::size_t full = 128;   // fibers that come one by one are gathered in chains of that many
  std::deque<fiber_chain> chains_;
  fiber_chain rest_;                         // behind all chains: what came when there was no memory for another
  task_chain tasks_;
  std::size_t size_ = 0;
  bool tasks_turn_ = false;                  // who takes just one gets a task and a fiber in turn
};

}  // namespace pipes::detail
