// blocking_pool.hpp: threads for calls that block, grown on demand, kept until the run ends.
// While mu_ is free:
//   I1  idle_ counts the threads that wait for a job, queued_ the jobs; a submit that finds no idle thread for its job starts one.
//   I2  A job is in the queue or runs; its fiber is parked until run has returned.
//   I3  The runtime's foreign_waits counts a job from before its fiber parks until its fiber runs again.
// Lock order: mu_ comes last.
#pragma once
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "pipe/runtime/blocking.hpp"

namespace pipes::detail {

struct blocking_pool {
  void submit(blocking_job* job);     // throws std::system_error when no thread can be had
  void join();                        // after the last job has ended

 private:
  static constexpr std::size_t max_threads = 512;
  void work();

  std::mutex mu_;                     // guards all that follows
  std::condition_variable has_job_;
  blocking_job* first_ = nullptr;
  blocking_job* last_ = nullptr;
  std::size_t idle_ = 0;
  std::size_t queued_ = 0;
  std::size_t live_ = 0;
  bool over_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace pipes::detail
