// inspect.cpp: what every fiber does, for dumps and deadlock reports, while the run goes on.
//   I1  A parked fiber is pinned by `inspected` while its site, argument and stack are read (park.cpp, I2). So what it waits on stays alive,
//       and the frames that called park() stay as they are: though it may be woken meanwhile, it waits in leave_park().
//   I2  Its saved registers are copied first, and used only if on_cpu is clear both before the copy and after a heavy fence behind it.
//       Whoever resumes it sets on_cpu before anything writes to the stack; and pinned, it is resumed at most once. So clear twice means
//       that it stood still in between.
//   I3  A fiber that is ready in a worker's queue, having given way, cannot leave it while that queue is locked: so long its registers and
//       its stack stand still. The lock is held for a limited number of fibers, so that nobody waits for more than a millisecond.
// Fibers are pinned in small groups: one that is woken meanwhile keeps its worker waiting.
#include "core/runtime/inspect.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "core/runtime/seeded.hpp"
#include "core/runtime/stack_pool.hpp"
#include "core/runtime/unwind.hpp"
#include "pipe/runtime/sync.hpp"

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

std::string describe_channel(const chan_core& c) {
  return std::to_string(c.count.load(std::memory_order_relaxed)) + " of " + std::to_string(c.capacity) + " buffered";
}

namespace {

using shared_backtrace = std::shared_ptr<const std::vector<const void*>>;

// Thousands of fibers stand in the same few places, so equal backtraces are kept once. dump.cpp knows them by the address.
class backtraces {
 public:
  shared_backtrace shared(std::vector<const void*> frames) {
    shared_backtrace& known = known_[frames];
    if (!known) known = std::make_shared<const std::vector<const void*>>(std::move(frames));
    return known;
  }

 private:
  std::map<std::vector<const void*>, shared_backtrace> known_;
};

// For a pinned fiber.
void describe_wait(const park_site& site, void* argument, fiber_info& info) {
  info.state = to_string(site.reason);
  switch (site.reason) {
    case wait_reason::chan_send:
    case wait_reason::chan_recv: {
      const chan_core* c = static_cast<waiter*>(argument)->channel;
      info.object = c;
      info.detail = describe_channel(*c);
      return;
    }
    case wait_reason::select: info.detail = describe_select(argument); return;
    case wait_reason::io_read:
    case wait_reason::io_write: info.detail = describe_io(argument); return;
    case wait_reason::wait_group:
    case wait_reason::scope_join:
    case wait_reason::mutex:
    case wait_reason::rw_mutex_read:
    case wait_reason::rw_mutex_write:
    case wait_reason::cond:
    case wait_reason::semaphore: info.object = static_cast<wait_node*>(argument)->queue; return;
    case wait_reason::chan_nil:
    case wait_reason::select_empty:
    case wait_reason::sleep:
    case wait_reason::blocking_call:
    case wait_reason::event: return;
  }
}

struct queued_fiber {
  std::uint64_t id = 0;
  shared_backtrace backtrace;
};
using queued_fibers = std::unordered_map<const fiber*, queued_fiber>;

// I3 in a run with a seed: it is the run's own thread that looks, on which nothing else can run meanwhile.
queued_fibers look_at_candidates(runtime& rt, backtraces& known) {
  queued_fibers found;
  if (!this_worker()) return found;
  for (const runnable& r : rt.seeded->candidates())
    if (fiber* f = r.resumed; f && !f->site.load(std::memory_order_acquire) && !f->on_cpu.load(order_observe))
      found[f] = {f->id.load(std::memory_order_relaxed), known.shared(walk_stack(registers_at(f->sp)))};
  return found;
}

queued_fibers look_into_queues(runtime& rt, backtraces& known) {
  constexpr std::size_t most = 128;      // of one queue
  if (rt.seeded) return look_at_candidates(rt, known);
  queued_fibers found;
  struct queue_guard {
    biased_lock& lock;
    ~queue_guard() { lock.unlock_other(); }
  };
  const std::size_t count = rt.worker_count.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < count; ++i) {
    worker& w = *rt.workers[i].load(std::memory_order_acquire);
    if (!w.queue_lock.try_lock_other()) continue;
    const queue_guard held{w.queue_lock};
    std::size_t seen = 0;
    fiber* const handed_over = w.next;
    fiber* const first = w.head;
    for (fiber* f = handed_over ? handed_over : first; f && seen < most; f = f == handed_over ? first : static_cast<fiber*>(f->link), ++seen)
      if (!f->site.load(std::memory_order_acquire) && !f->on_cpu.load(order_observe))
        found[f] = {f->id.load(std::memory_order_relaxed), known.shared(walk_stack(registers_at(f->sp)))};
  }
  return found;
}

std::string processor_of(runtime& rt, const fiber* f) {
  const std::size_t count = rt.worker_count.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < count; ++i)
    if (rt.workers[i].load(std::memory_order_acquire)->current == f) return "thread " + std::to_string(i + 1);
  return {};
}

constexpr std::size_t group_size = 32;

struct sighting {
  const park_site* site = nullptr;
  unwind_registers registers{};
  bool saved = false;
};

// Fibers held in place, let go one by one, and in any case: it may be that there is no memory for what they do.
class pins {
 public:
  pins(fiber* const* group, std::size_t n) : next_(group), end_(group + n) {
    for (fiber* const* f = next_; f != end_; ++f) (*f)->inspected.fetch_add(1, std::memory_order_seq_cst);
  }
  ~pins() {
    while (next_ != end_) let_next_go();
  }
  pins(const pins&) = delete;
  pins& operator=(const pins&) = delete;
  void let_next_go() { (*next_++)->inspected.fetch_sub(1, std::memory_order_release); }

 private:
  fiber* const* next_;
  fiber* const* const end_;
};

void inspect_group(runtime& rt, fiber* const* group, std::size_t n, clock::time_point now, const queued_fibers& queued, backtraces& known,
                   std::vector<fiber_info>& infos) {
  pins held(group, n);
  heavy_fence();
  sighting seen[group_size];
  for (std::size_t i = 0; i < n; ++i) {
    seen[i].site = group[i]->site.load(std::memory_order_acquire);
    if (!seen[i].site || group[i]->on_cpu.load(order_observe)) continue;
    seen[i].registers = registers_at(group[i]->sp);
    seen[i].saved = true;
  }
  heavy_fence();
  for (std::size_t i = 0; i < n; ++i) {
    fiber* f = group[i];
    seen[i].saved = seen[i].saved && !f->on_cpu.load(order_observe);
    fiber_info info;
    info.id = f->id.load(std::memory_order_relaxed);
    if (const park_site* site = seen[i].site) {
      describe_wait(*site, f->argument.load(std::memory_order_relaxed), info);
      info.since = now - clock::time_point(clock::duration(f->since.load(std::memory_order_relaxed)));
      if (seen[i].saved) info.backtrace = known.shared(walk_stack(seen[i].registers));
    } else if (f->on_cpu.load(order_observe)) {
      info.state = "running";
      info.detail = processor_of(rt, f);
    } else {
      info.state = "ready";
      if (const auto at = queued.find(f); at != queued.end() && at->second.id == info.id) info.backtrace = at->second.backtrace;
    }
    held.let_next_go();
    if (!f->in_use.load(std::memory_order_acquire)) continue;   // it has ended since
    info.name = fiber_name(f);
    f->extra_mu.lock();
    info.daemon = f->extra && f->extra->daemon;
    f->extra_mu.unlock();
    infos.push_back(std::move(info));
  }
}

}  // namespace

std::vector<fiber_info> inspect_fibers(runtime& rt) {
  const auto held = hold_stacks();
  std::vector<fiber*> all;
  for_each_fiber([&](fiber* f) {
    if (f->in_use.load(std::memory_order_acquire) && f->owner == &rt) all.push_back(f);
  });
  const auto now = clock::now();
  backtraces known;
  const queued_fibers queued = look_into_queues(rt, known);
  std::vector<fiber_info> infos;
  infos.reserve(all.size());
  for (std::size_t i = 0; i < all.size(); i += group_size)
    inspect_group(rt, &all[i], std::min(group_size, all.size() - i), now, queued, known, infos);
  std::sort(infos.begin(), infos.end(), [](const fiber_info& a, const fiber_info& b) { return a.id < b.id; });
  return infos;
}

}  // namespace pipes::detail
