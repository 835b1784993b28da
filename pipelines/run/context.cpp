// context.cpp: what a stage's plugin can ask of the run: its channels, fibers, time, I/O. Every function here is called by a plugin
// through the C table, so none lets an exception out: a cancelled park becomes PIPE_CANCELLED, anything else a failure.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "core/batch/range.hpp"
#include "core/io/write_batch.hpp"
#include "pipelines/log.hpp"
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
  batch_limit = s.settings->batch.bytes;
}

void worker_context::log(std::uint32_t level, std::string_view message) {
  static constexpr log::level levels[] = {log::level::debug, log::level::debug, log::level::info, log::level::warning, log::level::error};
  log::write(levels[std::min<std::uint32_t>(level, PIPE_LOG_ERROR)], "stage '" + std::string(stage_id) + "': " + std::string(message));
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

// A piece becomes the plugin's. A source that could not be read on ends; where nobody knows whose fault it is, the next receive fails,
// behind what could be read. Nothing: there is nothing in it.
std::optional<pipe_status> worker_context::hand_over(piece& next, pipe_batch** batch) {
  if (!next.fault.empty()) {
    const bool empty = pipes::count(next.batch.get()) == 0;
    if (next.faulty) {
      stage_.owner->source_lost(next.faulty, next.fault);
      if (empty) return std::nullopt;
      next.batch = without_fault(next.batch);
    } else if (empty) {
      fail(next.fault);
      return PIPE_ERROR;
    } else {
      leave_read_fault(next.fault);
    }
  }
  stage_.run->moved();
  stage_.counts.batches_in.fetch_add(1, std::memory_order_relaxed);
  if (stage_.run->options().stats) {
    stage_.counts.records_in.fetch_add(pipes::count(next.batch.get()), std::memory_order_relaxed);
    stage_.counts.bytes_in.fetch_add(memory_of(next.batch.get()), std::memory_order_relaxed);
  }
  if (stage_.descriptor->flags & PIPE_STAGE_RECORD_ERRORS) stage_.owner->arrived().add(next.batch.get());
  *batch = next.batch.release();
  return PIPE_OK;
}

pipe_status worker_context::recv_until(std::uint32_t port, std::int64_t deadline, pipe_batch** batch) {
  return guarded(*this, [&] {
    intake* in = stage_.owner->input();
    if (!in) {
      fail("this stage has no input");
      return PIPE_ERROR;
    }
    if (std::string fault = take_read_fault(); !fault.empty()) {
      fail(fault);
      return PIPE_ERROR;
    }
    if (in->deals() && port != intake::any) {
      fail("a stage with partition_by receives from all of its inputs, not from one alone");
      return PIPE_ERROR;
    }
    stopwatch waiting(stage_.counts.waiting_in);
    for (;;) {
      piece next;
      switch (in->deals() ? in->next(worker, next, at(deadline)) : in->receive_one(next, at(deadline), port)) {
        case arrival::closed: return PIPE_CLOSED;
        case arrival::tick: return PIPE_TICK;
        case arrival::timeout: return PIPE_TIMEOUT;
        case arrival::failed: fail(in->deals() ? in->failure() : next.fault); return PIPE_ERROR;
        case arrival::piece: break;
      }
      if (const auto done = hand_over(next, batch)) return *done;
    }
  });
}

pipe_status worker_context::send(std::uint32_t port, pipe_batch* raw) {
  batch_ref b = batch_ref::adopt(raw);
  return guarded(*this, [&] {
    if (!b) {
      fail("send was given no batch");
      return PIPE_ERROR;
    }
    if (stage_.owner->stopping()) return PIPE_CLOSED;
    if (stage_.owner->is_source()) set_maker(b.get(), &stage_);
    if (!stage_.out->has_links(port)) {
      fail("there is no output port number " + std::to_string(port));
      return PIPE_ERROR;
    }
    stopwatch waiting(stage_.counts.waiting_out);
    std::string unread;  // what came before the fault goes its way
    if (stage_.run->options().stats) {
      try {
        load(b.get());  // counting needs the bytes
      } catch (const std::exception& e) {
        unread = e.what();
      }
      stage_.counts.records_out.fetch_add(pipes::count(b.get()), std::memory_order_relaxed);
      stage_.counts.bytes_out.fetch_add(memory_of(b.get()), std::memory_order_relaxed);
    }
    stage_.run->moved();
    std::string problem;
    const cancel_shield whole;  // as in unit::send
    if (!stage_.out->send(port, std::move(b), problem) || !unread.empty()) {
      fail(unread.empty() ? problem : unread);
      return PIPE_ERROR;
    }
    if (stage_.owner->stopping()) return PIPE_CLOSED;
    return stage_.owner->is_source() && stage_.owner->draining() ? PIPE_CANCELLED : PIPE_OK;
  });
}

pipe_status worker_context::select(pipe_case* cases, std::uint64_t count, std::int64_t deadline, std::uint64_t* chosen) {
  return guarded(*this, [&] {
    intake* in = stage_.owner->input();
    std::vector<std::uint32_t> ports;
    for (std::uint64_t i = 0; i < count; ++i) {
      const pipe_case& c = cases[i];
      if (c.kind != PIPE_CASE_RECV && c.kind != PIPE_CASE_SEND) {
        fail("select does not know a case of kind " + std::to_string(c.kind));
        return PIPE_ERROR;
      }
      if (c.kind == PIPE_CASE_SEND && !c.batch) {
        fail("select was given no batch to send");
        return PIPE_ERROR;
      }
      if (c.kind == PIPE_CASE_RECV && (!in || in->deals() || c.port >= in->edges())) {
        fail(in && in->deals() ? "select cannot receive in a stage with partition_by" : "there is no input number " + std::to_string(c.port));
        return PIPE_ERROR;
      }
      if (c.kind == PIPE_CASE_RECV && std::find(ports.begin(), ports.end(), c.port) == ports.end()) ports.push_back(c.port);
      if (c.kind == PIPE_CASE_SEND && !stage_.out->only_link(c.port)) {
        fail("select can send on a port with one reader alone");
        return PIPE_ERROR;
      }
    }
    if (std::string fault = ports.empty() ? std::string() : take_read_fault(); !fault.empty()) {
      fail(fault);
      return PIPE_ERROR;
    }
    const auto received = [&](arrival a, piece& p, std::uint32_t port) -> std::optional<pipe_status> {
      std::uint64_t i = 0;
      while (cases[i].kind != PIPE_CASE_RECV || cases[i].port != port) ++i;
      *chosen = i;
      if (a == arrival::piece) {
        const auto done = hand_over(p, &cases[i].batch);
        if (done) cases[i].status = *done;
        return done;
      }
      if (a == arrival::failed) fail(p.fault);
      cases[i].status = a == arrival::tick ? PIPE_TICK : PIPE_CLOSED;
      return a == arrival::failed ? PIPE_ERROR : PIPE_OK;
    };
    for (;;) {
      std::optional<intake::wait_on> input;
      if (in) input.emplace(*in, ports);
      piece p;
      std::uint32_t port = 0;
      if (input)
        if (const auto a = input->look(p, port)) {
          if (const auto done = received(*a, p, port)) return *done;
          continue;
        }
      select_set set;
      if (input) input->add_to(set);
      std::optional<std::uint64_t> other;  // the case that was chosen, if not one of the input's
      for (std::uint64_t i = 0; i < count; ++i) {
        pipe_case& c = cases[i];
        if (c.kind != PIPE_CASE_SEND) continue;
        link* to = stage_.out->only_link(c.port);
        set.send(to->entry(), to->counted(batch_ref::share(c.batch)), [&c, &other, i] {
          batch_ref::adopt(c.batch);
          c.batch = nullptr;
          c.status = PIPE_OK;
          other = i;
        });
        set.recv(to->gone(), [&c, &other, i](std::optional<char>) {
          c.status = PIPE_CLOSED;
          other = i;
        });
      }
      bool drained = false;
      if (stage_.owner->is_source()) set.recv(stage_.owner->drained(), [&](std::optional<char>) { drained = true; });
      const clock::time_point wake = std::min(at(deadline), input ? input->due() : clock::time_point::max());
      if (wake != clock::time_point::max()) set.timeout(std::max(clock::duration::zero(), wake - clock::now()));
      set.wait();
      if (drained) return PIPE_CANCELLED;
      if (other) {
        *chosen = *other;
        return PIPE_OK;
      }
      if (input)
        if (const auto a = input->settle(p, port)) {
          if (const auto done = received(*a, p, port)) return *done;
          continue;
        }
      if (clock::now() >= at(deadline)) return PIPE_TIMEOUT;
    }
  });
}

std::uint32_t worker_context::inputs() {
  intake* in = stage_.owner->input();
  return in ? static_cast<std::uint32_t>(in->edges()) : 0;
}

pipe_status worker_context::go(void (*entry)(void*), void* argument) {
  return guarded(*this, [&] {
    if (!entry) {
      fail("go was given no function");
      return PIPE_ERROR;
    }
    fibers_.add(1);
    stage_.owner->fiber_joins();
    // The plugin's closure must run to free itself. So a fiber that is cancelled before it has begun runs it all the same, and its first
    // parking call says so; where there is no stack for the fiber, the destructor runs it, and no call can park.
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
    how.begins_anyway = true;
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

pipe_status worker_context::hold_back(std::int64_t nanoseconds, std::int64_t needed) {
  return guarded(*this, [&] { return stage_.run->hold_back(nanos(nanoseconds), nanos(needed)) ? PIPE_OK : PIPE_CLOSED; });
}

void worker_context::give_up(std::uint64_t records) {
  stage_.owner->give_up(records);
  gave_up_.store(true, std::memory_order_relaxed);
}

pipe_status worker_context::yield() {
  return guarded(*this, [&] {
    pipes::yield();
    return PIPE_OK;
  });
}

pipe_status worker_context::blocking(void (*entry)(void*), void* argument) {
  return guarded(*this, [&] {
    if (!entry) {
      fail("blocking was given no function");
      return PIPE_ERROR;
    }
    pipes::blocking([&] { entry(argument); });
    return PIPE_OK;
  });
}

// A source's wait ends when the run drains. The wait itself is done by a fiber of its own then, which can be cancelled alone.
pipe_status worker_context::wait_ready(std::int32_t fd, bool writing, std::int64_t deadline) {
  if (!stage_.owner->is_source()) {
    const io_result r = writing ? wait_writable(fd, at(deadline)) : wait_readable(fd, at(deadline));
    return r == io_result::timed_out ? PIPE_TIMEOUT : r == io_result::cancelled ? PIPE_CANCELLED : PIPE_OK;
  }
  if (stage_.owner->draining()) return PIPE_CANCELLED;
  const chan<io_result> ready(1);
  const cancel_token waiter;
  struct stop {
    const cancel_token& t;
    ~stop() { t.cancel(); }
  } at_end{waiter};
  waiter.go({.name = stage_id + " (waits)"}, [fd, writing, until = at(deadline), ready] { ready.send(writing ? wait_writable(fd, until) : wait_readable(fd, until)); });
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
  descriptor* known;
  {
    std::lock_guard lock(descriptors_mutex_);
    auto& place = descriptors_[{fd, writing}];
    if (!place) place = std::make_unique<descriptor>(fd, writing);
    known = place.get();
  }
  return f(*known);
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
        if (in_blocks && from.hold(false)) continue;
        stopwatch waiting(stage_.counts.waiting_in);
        const pipe_status s = wait_ready(from.fd(), false, INT64_MAX);
        if (s != PIPE_OK) return so_far(s);
      }
    });
  });
}

template <class F>
pipe_status worker_context::writing(std::int32_t fd, std::int64_t* written, F write_to) {
  return guarded(*this, [&] {
    stage_.run->moved();
    *written = with(fd, true, write_to);
    if (*written >= 0) return PIPE_OK;
    return *written == -EPIPE ? PIPE_CLOSED : *written == -ECANCELED ? PIPE_CANCELLED : PIPE_ERROR;
  });
}

pipe_status worker_context::write(std::int32_t fd, const pipe_text* parts, std::uint64_t count, std::int64_t* written) {
  return writing(fd, written, [&](descriptor& to) { return to.write(parts, static_cast<std::size_t>(count)); });
}

pipe_status worker_context::write_batch(std::int32_t fd, pipe_batch* batch, std::int64_t* written) {
  return writing(fd, written, [&](descriptor& to) { return pipes::write_batch(to, batch); });
}

pipe_status worker_context::flush(pipe_output* out) {
  return guarded(*this, [&] {
    stage_.run->moved();
    return stage_.owner->flush(worker, *static_cast<output*>(out)) ? PIPE_OK : PIPE_CLOSED;
  });
}

bool worker_context::incomplete() { return stage_.run->has_cause(); }

void worker_context::announce_fields(const pipe_field* const* fields, std::uint64_t count) {
  std::lock_guard lock(stage_.announced_mutex);
  stage_.announced.assign(fields, fields + count);
}

bool worker_context::input_fields(const pipe_field* const** fields, std::uint64_t* count) {
  auto known = stage_.run->fields_before(*stage_.settings);
  if (!known) return false;
  input_fields_ = std::move(*known);
  *fields = input_fields_.data();
  *count = input_fields_.size();
  return true;
}

bool worker_context::file_is_read(std::uint64_t device, std::uint64_t inode) { return stage_.run->reads({device, inode}); }

pipe_status worker_context::record_failed(pipe_batch* batch, std::uint32_t row, std::uint32_t attempt, std::string_view message) {
  return guarded(*this, [&] {
    const error_policy& policy = stage_.settings->on_error;
    if (batch && attempt <= policy.times) {
      sleep_for(pause_before(policy, attempt));
      return PIPE_AGAIN;
    }
    stage_.counts.errors.fetch_add(1, std::memory_order_relaxed);
    const batch_ref in = batch_ref::share(batch);
    std::string what = batch ? in_file(batch) : "";
    if (batch)
      if (const auto before = stage_.owner->arrived().before(batch)) what += numbered(batch, *before + row + 1, stage_.owner->first_hand_);
    what += message;
    if (batch)
      if (const std::string text = excerpt(in, row); !text.empty()) what += " in: " + text;
    if (policy.then == error_action::skip) {
      stage_.skipped(*this, what);
      return PIPE_OK;
    }
    if (policy.then == error_action::dead_letter && batch && stage_.dead) {
      std::string problem;
      if (stage_.dead->send(0, dead_letter(stage_, in, {row, std::string(message)}, attempt), problem)) return PIPE_OK;
      what = problem;
    }
    fail(what);
    return PIPE_ERROR;
  });
}

bool worker_context::skips_records() { return stage_.settings->on_error.then == error_action::skip; }

void worker_context::fail_now(std::string_view message) { stage_.owner->fail(stage_, std::string(message)); }

}  // namespace pipes::pipelines
