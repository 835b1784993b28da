// inspect.cpp: what every fiber does, for dumps and deadlock reports. A fiber is held in place by `inspected` while its
// site and argument are read (park.cpp, I2): the channel that it waits on is alive.
#include "core/runtime/inspect.hpp"

#include "core/runtime/stack_pool.hpp"
#include "pipe/runtime/chan_core.hpp"

namespace pipes::detail {

const char* to_string(wait_reason r) {
  switch (r) {
    case wait_reason::chan_send: return "chan send";
    case wait_reason::chan_recv: return "chan receive";
    case wait_reason::chan_nil: return "nil chan";
    case wait_reason::select: return "select";
    case wait_reason::select_empty: return "select (no cases)";
    case wait_reason::sleep: return "sleep";
    case wait_reason::wait_group: return "wait_group";
    case wait_reason::mutex: return "mutex";
    case wait_reason::rw_mutex_read: return "rw_mutex (shared)";
    case wait_reason::rw_mutex_write: return "rw_mutex";
    case wait_reason::cond: return "cond";
    case wait_reason::once: return "once";
    case wait_reason::semaphore: return "semaphore";
    case wait_reason::scope_join: return "scope end";
    case wait_reason::io_read: return "I/O read";
    case wait_reason::io_write: return "I/O write";
    case wait_reason::blocking_call: return "blocking call";
    case wait_reason::event: return "event";
  }
  return "?";
}

std::string fiber_name(fiber* f) {
  f->extra_mu.lock();
  std::string name = f->extra ? f->extra->name : std::string();
  f->extra_mu.unlock();
  return name;
}

std::vector<fiber_info> inspect_fibers(runtime& rt) {
  std::vector<fiber*> all;
  for_each_fiber([&](fiber* f) {
    if (f->in_use.load(std::memory_order_acquire) && f->owner == &rt) all.push_back(f);
  });
  for (fiber* f : all) f->inspected.fetch_add(1, std::memory_order_seq_cst);
  heavy_fence();
  const auto now = clock::now();
  std::vector<fiber_info> infos;
  infos.reserve(all.size());
  for (fiber* f : all) {
    fiber_info info;
    info.id = f->id.load(std::memory_order_relaxed);
    const park_site* site = f->site.load(std::memory_order_acquire);
    void* argument = f->argument.load(std::memory_order_relaxed);
    if (site) {
      info.state = to_string(site->reason);
      info.since = now - clock::time_point(clock::duration(f->since.load(std::memory_order_relaxed)));
      if (site->reason == wait_reason::chan_send || site->reason == wait_reason::chan_recv) {
        const chan_core* c = static_cast<waiter*>(argument)->channel;
        info.object = c;
        info.detail = std::to_string(c->count.load(std::memory_order_relaxed)) + " of " + std::to_string(c->capacity) + " buffered";
      } else {
        info.object = argument;
      }
    } else {
      info.state = f->on_cpu.load(order_observe) ? "running" : "ready";
    }
    f->inspected.fetch_sub(1, std::memory_order_release);
    info.name = fiber_name(f);
    f->extra_mu.lock();
    info.daemon = f->extra && f->extra->daemon;
    f->extra_mu.unlock();
    infos.push_back(std::move(info));
  }
  return infos;
}

}  // namespace pipes::detail

namespace pipes {

std::vector<fiber_info> fibers() {
  detail::runtime* rt = detail::current_runtime();
  return rt ? detail::inspect_fibers(*rt) : std::vector<fiber_info>{};
}

deadlock::deadlock(std::vector<fiber_info> f) : fibers_(std::move(f)) {
  report_ = "deadlock: all " + std::to_string(fibers_.size()) + " fibers are parked for ever";
  constexpr std::size_t shown = 50;
  for (std::size_t i = 0; i < fibers_.size() && i < shown; ++i) {
    const fiber_info& info = fibers_[i];
    report_ += "\n  " + (info.name.empty() ? "fiber " + std::to_string(info.id) : info.name) + ": " + info.state;
    if (!info.detail.empty()) report_ += " (" + info.detail + ")";
  }
  if (fibers_.size() > shown) report_ += "\n  and " + std::to_string(fibers_.size() - shown) + " more";
}

}  // namespace pipes
