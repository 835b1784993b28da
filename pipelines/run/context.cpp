// context.cpp: what a stage's plugin can ask of the run: its channels, fibers, time, I/O. Every function here is called by a plugin
// through the C table, so none lets an exception out: a cancelled park becomes PIPE_CANCELLED, anything else a failure.
#include <fcntl.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "pipelines/run/engine.hpp"

namespace pipes::pipelines {
namespace {

template <class F>
pipe_status guarded(pipe_context& c, F f) {
  try {
    return f();
  } catch (const cancelled&) {
    return PIPE_CANCELLED;
  } catch (const std::exception& e) {
    c.fail(e.what());
    return PIPE_ERROR;
  }
}

clock::time_point at(std::int64_t deadline) {
  return deadline == INT64_MAX ? clock::time_point::max() : clock::time_point(nanos(deadline));
}

// Adds the time that it lives to a counter.
class stopwatch {
 public:
  explicit stopwatch(std::atomic<std::int64_t>& sum) : sum_(sum), from_(ticks()) {}
  ~stopwatch() { sum_.fetch_add(ticks() - from_, std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t>& sum_;
  const std::int64_t from_;
};

}  // namespace

worker_context::worker_context(stage_state& s, std::uint32_t number) : stage_(s) {
  stage_id = s.settings->id;
  worker = number;
  workers = s.workers;
  memory = s.settings->memory / workers;
}

void worker_context::log(std::uint32_t level, std::string_view message) {
  static constexpr spdlog::level::level_enum levels[] = {spdlog::level::debug, spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err};
  spdlog::log(levels[std::min<std::uint32_t>(level, PIPE_LOG_ERROR)], "stage '{}': {}", stage_id, message);
}

void worker_context::count(std::string_view name, std::int64_t amount) {
  std::lock_guard lock(stage_.counts.mutex);
  auto place = stage_.counts.named.find(name);
  if (place == stage_.counts.named.end()) place = stage_.counts.named.emplace(std::string(name), 0).first;
  place->second += amount;
}

bool worker_context::demanded(const pipe_field* const** fields, std::uint64_t* count) {
  if (stage_.settings->all_fields_demanded) return false;
  *fields = stage_.demanded.data();
  *count = stage_.demanded.size();
  return true;
}

void* worker_context::shared(void* (*make)(), void (*destroy)(void*)) {
  std::lock_guard lock(stage_.shared_mutex);
  if (!stage_.shared) {
    stage_.shared = make();
    stage_.destroy_shared = destroy;
  }
  return stage_.shared;
}

pipe_status worker_context::recv_until(std::uint32_t port, std::int64_t deadline, pipe_batch** batch) {
  return guarded(*this, [&] {
    intake* in = stage_.owner->input();
    if (!in) {
      fail("this stage has no input");
      return PIPE_ERROR;
    }
    if (!read_fault_.empty()) {
      fail(std::exchange(read_fault_, {}));
      return PIPE_ERROR;
    }
    stopwatch waiting(stage_.counts.waiting_in);
    piece next;
    switch (in->next(worker, next, at(deadline), port)) {
      case arrival::closed: return PIPE_CLOSED;
      case arrival::tick: return PIPE_TICK;
      case arrival::timeout: return PIPE_TIMEOUT;
      case arrival::failed: fail(in->failure()); return PIPE_ERROR;
      case arrival::piece: break;
    }
    if (!next.fault.empty()) {
      if (pipes::count(next.batch.get()) == 0) {
        fail(next.fault);
        return PIPE_ERROR;
      }
      read_fault_ = next.fault;  // after what was read before it
    }
    stage_.run->moved();
    stage_.counts.batches_in.fetch_add(1, std::memory_order_relaxed);
    if (stage_.run->options().stats) {
      stage_.counts.records_in.fetch_add(pipes::count(next.batch.get()), std::memory_order_relaxed);
      stage_.counts.bytes_in.fetch_add(memory_of(next.batch.get()), std::memory_order_relaxed);
    }
    *batch = next.batch.release();
    return PIPE_OK;
  });
}

pipe_status worker_context::send(std::uint32_t port, pipe_batch* raw) {
  batch_ref b = batch_ref::adopt(raw);
  return guarded(*this, [&] {
    if (stage_.owner->stopping()) return PIPE_CLOSED;
    if (!stage_.out->has_links(port)) {
      fail("there is no output port number " + std::to_string(port));
      return PIPE_ERROR;
    }
    stopwatch waiting(stage_.counts.waiting_out);
    if (stage_.run->options().stats) {
      load(b.get());  // counting needs the bytes
      stage_.counts.records_out.fetch_add(pipes::count(b.get()), std::memory_order_relaxed);
      stage_.counts.bytes_out.fetch_add(memory_of(b.get()), std::memory_order_relaxed);
    }
    stage_.run->moved();
    std::string problem;
    if (!stage_.out->send(port, std::move(b), problem)) {
      fail(problem);
      return PIPE_ERROR;
    }
    if (stage_.owner->stopping()) return PIPE_CLOSED;
    return stage_.owner->is_source() && stage_.owner->draining() ? PIPE_CANCELLED : PIPE_OK;
  });
}

pipe_status worker_context::select(pipe_case* cases, std::uint64_t count, std::int64_t deadline, std::uint64_t* chosen) {
  return guarded(*this, [&] {
    intake* in = stage_.owner->input();
    select_set set;
    std::vector<std::uint64_t> index;  // of the case behind each entry of the set
    for (std::uint64_t i = 0; i < count; ++i) {
      pipe_case& c = cases[i];
      if (c.kind == PIPE_CASE_RECV && in && c.port < in->edges()) {
        set.recv(in->channel_of(c.port), [&c, in](std::optional<batch_ref> v) {
          c.status = v ? PIPE_OK : PIPE_CLOSED;
          if (!v) {
            in->edge_closed(c.port);
            return;
          }
          load(v->get());
          c.batch = in->counted(c.port, std::move(*v)).release();
        });
        index.push_back(i);
      } else if (c.kind == PIPE_CASE_SEND) {
        link* to = stage_.out->only_link(c.port);
        if (!to) {
          fail("select can send on a port with one reader alone");
          return PIPE_ERROR;
        }
        set.send(to->entry(), to->counted(batch_ref::share(c.batch)), [&c] {
          batch_ref::adopt(c.batch);
          c.batch = nullptr;
          c.status = PIPE_OK;
        });
        index.push_back(i);
        set.recv(to->gone(), [&c](std::optional<char>) { c.status = PIPE_CLOSED; });
        index.push_back(i);
      }
    }
    if (stage_.owner->is_source()) {
      set.recv(stage_.owner->drained(), [](std::optional<char>) {});
      index.push_back(count + 1);
    }
    if (deadline != INT64_MAX) {
      set.timeout(std::max(clock::duration::zero(), at(deadline) - clock::now()));
      index.push_back(count);
    }
    const std::size_t which = set.wait();
    if (index[which] == count) return PIPE_TIMEOUT;
    if (index[which] == count + 1) return PIPE_CANCELLED;
    *chosen = index[which];
    return PIPE_OK;
  });
}

std::uint32_t worker_context::inputs() {
  intake* in = stage_.owner->input();
  return in ? static_cast<std::uint32_t>(in->edges()) : 0;
}

pipe_status worker_context::go(void (*entry)(void*), void* argument) {
  return guarded(*this, [&] {
    fibers_.add(1);
    stage_.owner->fiber_joins();
    // The plugin's closure must run to free itself, so a fiber cancelled before it began runs it all the same: its first
    // parking call says so.
    struct call {
      void (*entry)(void*);
      void* argument;
      wait_group group;
      unit* owner;
      call(void (*e)(void*), void* a, wait_group g, unit* u) : entry(e), argument(a), group(std::move(g)), owner(u) {}
      call(call&& o) noexcept : entry(std::exchange(o.entry, nullptr)), argument(o.argument), group(o.group), owner(o.owner) {}
      void run() {
        if (auto* f = std::exchange(entry, nullptr)) {
          f(argument);
          group.done();
          owner->fiber_leaves();
        }
      }
      ~call() { run(); }
    };
    go_options how;
    how.name = stage_id + " (own fiber)";
    how.stack = stage_.settings->stack;
    own_.go(std::move(how), [c = call(entry, argument, fibers_, stage_.owner)]() mutable { c.run(); });
    return PIPE_OK;
  });
}

pipe_status worker_context::sleep(std::int64_t nanoseconds) {
  return guarded(*this, [&] {
    if (nanoseconds <= 0) return PIPE_OK;
    if (!stage_.owner->is_source()) {
      sleep_for(nanos(nanoseconds));
      return PIPE_OK;
    }
    return pipes::select(on_recv(stage_.owner->drained()), pipes::on_timeout(nanos(nanoseconds))) == 0 ? PIPE_CANCELLED : PIPE_OK;
  });
}

pipe_status worker_context::yield() {
  return guarded(*this, [&] {
    pipes::yield();
    return PIPE_OK;
  });
}

pipe_status worker_context::blocking(void (*entry)(void*), void* argument) {
  return guarded(*this, [&] {
    pipes::blocking([&] { entry(argument); });
    return PIPE_OK;
  });
}

// A source's wait ends when the run drains. The wait itself is done by a fiber of its own then, which can be cancelled alone.
pipe_status worker_context::wait_ready(std::int32_t fd, bool writing, std::int64_t deadline) {
  if (!stage_.owner->is_source()) {
    const io_result r = writing ? wait_writable(fd, at(deadline)) : wait_readable(fd, at(deadline));
    return r == io_result::timed_out ? PIPE_TIMEOUT : PIPE_OK;
  }
  if (stage_.owner->draining()) return PIPE_CANCELLED;
  const chan<io_result> ready(1);
  const cancel_token waiter;
  struct stop {
    const cancel_token& t;
    ~stop() { t.cancel(); }
  } at_end{waiter};
  waiter.go([fd, writing, until = at(deadline), ready] { ready.send(writing ? wait_writable(fd, until) : wait_readable(fd, until)); });
  pipe_status result = PIPE_CANCELLED;
  pipes::select(on_recv(ready, [&](std::optional<io_result> r) { result = r == io_result::timed_out ? PIPE_TIMEOUT : PIPE_OK; }),
                on_recv(stage_.owner->drained()));
  return result;
}

pipe_status worker_context::wait_fd(std::int32_t fd, std::uint32_t events, std::int64_t deadline) {
  return guarded(*this, [&] { return wait_ready(fd, (events & PIPE_FD_WRITE) != 0, deadline); });
}

// The three inherited ones are looked at once; any other is its owner's, who may have closed it since and opened another.
template <class F>
auto worker_context::with(std::int32_t fd, bool writing, F f) {
  if (!descriptor::inherited(fd)) {
    descriptor once(fd, writing);
    return f(once);
  }
  auto& place = descriptors_[{fd, writing}];
  if (!place) place = std::make_unique<descriptor>(fd, writing);
  return f(*place);
}

pipe_status worker_context::read(std::int32_t fd, char* to, std::uint64_t size, std::int64_t* got) {
  return guarded(*this, [&] {
    return with(fd, false, [&](descriptor& from) -> pipe_status {
      const bool source = stage_.owner->is_source();
      const bool in_blocks = source && stage_.run->options().seed;   // how a writer's pieces arrive must change nothing
      std::int64_t filled = 0;
      const auto so_far = [&](pipe_status s) {
        if (filled == 0) return s;
        *got = filled;
        return PIPE_OK;
      };
      for (;;) {
        if (source && stage_.owner->draining()) return so_far(PIPE_CANCELLED);
        if (stage_.owner->stopping()) return PIPE_CANCELLED;
        *got = from.try_read(to + filled, static_cast<std::size_t>(size) - static_cast<std::size_t>(filled));
        if (*got >= 0) {
          const bool end = *got == 0;
          *got += filled;
          if (end || !in_blocks || *got == static_cast<std::int64_t>(size)) return PIPE_OK;
          filled = *got;
          continue;
        }
        if (*got != -EAGAIN) return so_far(PIPE_ERROR);
        stopwatch waiting(stage_.counts.waiting_in);
        const pipe_status s = wait_ready(from.fd(), false, INT64_MAX);
        if (s != PIPE_OK) return so_far(s);
      }
    });
  });
}

pipe_status worker_context::write(std::int32_t fd, const pipe_text* parts, std::uint64_t count, std::int64_t* written) {
  return guarded(*this, [&] {
    stage_.run->moved();
    *written = with(fd, true, [&](descriptor& to) { return to.write(parts, static_cast<std::size_t>(count)); });
    if (*written >= 0) return PIPE_OK;
    return *written == -EPIPE ? PIPE_CLOSED : PIPE_ERROR;
  });
}

pipe_status worker_context::flush(pipe_output* out) {
  return guarded(*this, [&] {
    stage_.run->moved();
    return stage_.owner->flush(worker, *static_cast<output*>(out)) ? PIPE_OK : PIPE_CLOSED;
  });
}

bool worker_context::incomplete() { return stage_.run->has_cause(); }

// Faults of records in a run stage: it goes on where on_error lets it, and fails otherwise.
void worker_context::faults(pipe_output* raw) {
  auto* out = static_cast<output*>(raw);
  for (const record_fault& f : out->take_faults()) {
    stage_.counts.errors.fetch_add(1, std::memory_order_relaxed);
    if (stage_.settings->on_error.then == error_action::skip) {
      log(PIPE_LOG_WARN, f.message + " (skipped)");
    } else {
      fail(f.message);
      stage_.owner->fail(stage_, take_failure());
    }
  }
}

}  // namespace pipes::pipelines
