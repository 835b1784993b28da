// blocking_pool.cpp: see blocking_pool.hpp.
#include "core/runtime/blocking_pool.hpp"

#include <system_error>

#include "core/runtime/seeded.hpp"

namespace pipes::detail {
namespace {
constexpr park_site blocking_site{wait_reason::blocking_call, nullptr};
}

void blocking_pool::submit(blocking_job* job) {
  std::lock_guard lock(mu_);
  if (queued_ >= idle_ && live_ < max_threads) {
    try {
      threads_.emplace_back([this] { work(); });
      ++live_;
    } catch (const std::system_error&) {
      if (live_ == 0) throw;          // else one of the others will come to it
    }
  }
  job->next = nullptr;
  if (last_) last_->next = job;
  else first_ = job;
  last_ = job;
  ++queued_;
  has_job_.notify_one();
}

void blocking_pool::work() {
  std::unique_lock lock(mu_);
  while (true) {
    while (!first_ && !over_) {
      ++idle_;
      has_job_.wait(lock);
      --idle_;
    }
    if (!first_) break;
    blocking_job* job = first_;
    first_ = job->next;
    if (!first_) last_ = nullptr;
    --queued_;
    lock.unlock();
    fiber* parked = job->parked;
    job->run(job);
    ready(parked);
    lock.lock();
  }
  --live_;
}

void blocking_pool::join() {
  {
    std::lock_guard lock(mu_);
    over_ = true;
    has_job_.notify_all();
  }
  for (auto& t : threads_) t.join();
}

void run_blocking(blocking_job& job) {
  fiber* self = current_fiber();
  if (!self) {                        // a thread that may block as it is
    job.run(&job);
    return;
  }
  job.parked = self;
  runtime& rt = *self->owner.operator->();
  (void)prepare_park(self, blocking_site, &job);
  rt.foreign_waits.fetch_add(1, std::memory_order_seq_cst);
  if (rt.seeded) rt.seeded->call_begins(self);
  try {
    rt.blocking->submit(&job);
  } catch (...) {
    if (rt.seeded) rt.seeded->call_ends(self);
    rt.foreign_waits.fetch_sub(1, std::memory_order_seq_cst);
    withdraw_park(self);
    throw;
  }
  park();
  if (rt.seeded) rt.seeded->call_ends(self);
  // By the fiber and not by the thread that ran the job (scheduler.hpp, I5): a worker could find the count still raised, go to sleep for its
  // sake just before it falls, and a deadlock would never be found.
  rt.foreign_waits.fetch_sub(1, std::memory_order_seq_cst);
}

}  // namespace pipes::detail
