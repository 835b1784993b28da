// host.hpp: the host's side of the ABI. A stage's worker is a pipe_context; the table's functions find everything through it.
#pragma once
#include <pipe/plugin.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

// What the table's functions ask of whoever runs a stage. The engine (pipelines/run) implements it. Check time uses it as it stands: then
// everything that needs a running pipeline fails with a message.
// Thread safety: any of the worker's fibers, several at once.
struct pipe_context {
  virtual ~pipe_context() = default;

  virtual void log(std::uint32_t level, std::string_view message);
  virtual void count(std::string_view name, std::int64_t amount);
  virtual bool demanded(const pipe_field* const** fields, std::uint64_t* count);
  virtual void* shared(void* (*make)(), void (*destroy)(void*));
  virtual pipe_status recv_until(std::uint32_t port, std::int64_t deadline, pipe_batch** batch);
  virtual pipe_status send(std::uint32_t port, pipe_batch* batch);
  virtual pipe_status select(pipe_case* cases, std::uint64_t count, std::int64_t deadline, std::uint64_t* chosen);
  virtual std::uint32_t inputs();
  virtual pipe_status go(void (*entry)(void*), void* argument);
  virtual pipe_status sleep(std::int64_t nanoseconds);
  virtual pipe_status hold_back(std::int64_t nanoseconds, std::int64_t needed);
  virtual void give_up(std::uint64_t records);
  virtual pipe_status yield();
  virtual pipe_status blocking(void (*entry)(void*), void* argument);
  virtual pipe_status wait_fd(std::int32_t fd, std::uint32_t events, std::int64_t deadline);
  virtual pipe_status read(std::int32_t fd, char* to, std::uint64_t size, std::int64_t* got);
  virtual pipe_status write(std::int32_t fd, const pipe_text* parts, std::uint64_t count, std::int64_t* written);
  virtual pipe_status write_batch(std::int32_t fd, pipe_batch* batch, std::int64_t* written);
  virtual bool incomplete();
  virtual void announce_fields(const pipe_field* const* fields, std::uint64_t count);
  virtual bool input_fields(const pipe_field* const** fields, std::uint64_t* count);
  virtual bool file_is_read(std::uint64_t device, std::uint64_t inode);
  virtual void cancel_fibers();
  virtual pipe_status flush(pipe_output* out);
  virtual pipe_status record_failed(pipe_batch* batch, std::uint32_t row, std::uint32_t attempt, std::string_view message);
  virtual bool skips_records();
  // The stage fails, whatever it does next.
  virtual void fail_now(std::string_view message);

  // The message of a failure: the first one stays until it is taken, by whoever has seen PIPE_ERROR.
  void fail(std::string_view message);
  std::string take_failure();   // empty: there is none
  std::string take_cause();     // for a failure that is known: never empty, though the plugin may have left no message

  std::string stage_id;
  std::uint32_t worker = 0;
  std::uint32_t workers = 1;
  std::uint64_t memory = 64u << 20;  // this worker's share
  std::uint64_t batch_limit = 256u << 10;

 private:
  std::mutex mutex_;  // guards failure_: fibers of one stage may fail at once
  std::string failure_;
};

namespace pipes {

// The table that every plugin gets. It lives to the process's end.
const pipe_host& host_table();

}  // namespace pipes
