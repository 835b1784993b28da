// timer.cpp: the heap, of four children a node; the invariants are in timer.hpp. Arming on the right worker's heap is in sleep.cpp.
#include "core/runtime/timer.hpp"

#include <mutex>

#include "core/runtime/hot.hpp"

namespace pipes::detail {
namespace {
constexpr std::size_t arity = 4;
}

void timer_heap::abandon() {
  mu_.lock();
  for (entry& e : heap_) e.what->heap_.store(nullptr, std::memory_order_release);
  heap_.clear();
  publish();
  mu_.unlock();
}

void timer_heap::sift_up(std::size_t i, entry e) {
  while (i > 0) {
    const std::size_t parent = (i - 1) / arity;
    if (heap_[parent].deadline <= e.deadline) break;
    place(i, heap_[parent]);
    i = parent;
  }
  place(i, e);
}

void timer_heap::sift_down(std::size_t i, entry e) {
  while (true) {
    const std::size_t first = i * arity + 1;
    if (first >= heap_.size()) break;
    std::size_t least = first;
    for (std::size_t child = first + 1; child < heap_.size() && child < first + arity; ++child)
      if (heap_[child].deadline < heap_[least].deadline) least = child;
    if (e.deadline <= heap_[least].deadline) break;
    place(i, heap_[least]);
    i = least;
  }
  place(i, e);
}

void timer_heap::remove_at(std::size_t i) {
  heap_[i].what->heap_.store(nullptr, std::memory_order_release);
  const entry last = heap_.back();
  heap_.pop_back();
  if (i == heap_.size()) return;
  if (i > 0 && last.deadline < heap_[(i - 1) / arity].deadline) sift_up(i, last);
  else sift_down(i, last);
}

// seq_cst: pairs with the idle worker that announces how long it sleeps, then reads every heap's next().
void timer_heap::publish() {
  const auto first = heap_.empty() ? clock::time_point::max() : heap_.front().deadline;
  const auto count = first.time_since_epoch().count();
  if (next_.load(std::memory_order_relaxed) != count) next_.store(count, std::memory_order_seq_cst);
}

void timer_heap::arm(timer* t, clock::time_point deadline) {
  const std::lock_guard held(mu_);
  heap_.push_back({deadline, t});
  t->heap_.store(this, std::memory_order_release);
  sift_up(heap_.size() - 1, heap_.back());
  publish();
}

bool timer_heap::disarm(timer* t) {
  while (true) {
    timer_heap* h = t->heap_.load(std::memory_order_acquire);
    if (!h) return false;
    h->mu_.lock();
    if (t->heap_.load(std::memory_order_relaxed) != h) {
      h->mu_.unlock();
      continue;
    }
    h->remove_at(t->index_);
    h->publish();
    h->mu_.unlock();
    return true;
  }
}

void timer_heap::fire_at(std::size_t i, clock::time_point now, fiber_chain& to_wake) {
  const entry due = heap_[i];
  timer* t = due.what;
  // fire comes first: whoever sees heap_ empty may free the timer
  if (fiber* f = t->fire(t, now)) {
    tsan_release(f);
    to_wake.add(f);
  }
  if (t->period > clock::duration::zero()) {
    const auto until_next = t->period - (now - due.deadline) % t->period;   // those that were missed are passed over
    sift_down(i, {until_next < end_of_time - now ? now + until_next : end_of_time, t});
  } else {
    remove_at(t->index_);
  }
}

bool timer_heap::run_due(clock::time_point now, fiber_chain& to_wake) {
  if (next() > now) return false;
  bool fired = false;
  mu_.lock();
  while (!heap_.empty() && heap_.front().deadline <= now) {
    fire_at(0, now, to_wake);
    fired = true;
  }
  publish();
  mu_.unlock();
  return fired;
}

void timer_heap::run_one_due(clock::time_point now, worker& w, fiber_chain& to_wake) {
  mu_.lock();
  if (!heap_.empty() && heap_.front().deadline <= now) {
    // Those due are the top of the heap. From the root on: this one, or one of its children that are due, and so on.
    std::size_t i = 0;
    while (true) {
      std::size_t due[arity];
      std::uint32_t n = 0;
      for (std::size_t child = i * arity + 1; child < heap_.size() && child <= i * arity + arity; ++child)
        if (heap_[child].deadline <= now) due[n++] = child;
      const std::uint32_t drawn = w.below(n + 1);
      if (drawn == n) break;
      i = due[drawn];
    }
    fire_at(i, now, to_wake);
    publish();
  }
  mu_.unlock();
}

}  // namespace pipes::detail
