#include "pipelines/run/intake.hpp"

#include "core/batch/range.hpp"
#include "core/runtime/share.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <functional>
#include <utility>

#include "pipelines/graph/units.hpp"

namespace pipes::pipelines {
namespace {

constexpr std::size_t queue_room = 4;  // pieces that wait for one worker of a partitioned pool

}  // namespace

intake::intake(std::vector<edge_in> edges, std::uint64_t grain, std::uint32_t workers, const pipe_field* partition_by, bool in_order, cutter cut, told unreadable)
    : edges_(std::move(edges)), grain_(grain), partition_by_(partition_by), in_order_(in_order), cut_(std::move(cut)), unreadable_(std::move(unreadable)) {
  for (std::size_t i = 0; i < edges_.size(); ++i) scan_.push_back(i);
  before_cycle_ = std::any_of(edges_.begin(), edges_.end(), [](const edge_in& e) { return e.outer_of; });
  std::stable_sort(scan_.begin(), scan_.end(), [&](std::size_t a, std::size_t b) { return edges_[a].settings.priority > edges_[b].settings.priority; });
  if (!partition_by_) return;
  queues_.resize(workers);
  gone_.resize(workers, false);
  for (std::uint32_t w = 0; w < workers; ++w) nudges_.emplace_back(1);
}

void intake::close_edge(edge_in& e) {
  if (!e.open) return;
  e.open = false;
  e.from->reader_left();
  if (e.outer_of) e.outer_of->outer_edge_closed();
}

batch_ref intake::counted(std::size_t edge, batch_ref b) {
  cycle* c = edges_[edge].outer_of;
  if (!c) return b;
  if (const std::string why = read_fault(b.get()); !why.empty()) {
    unreadable_(maker_of(b.get()), why);
    b = without_fault(b);
  }
  return c->track(std::move(b));
}

std::uint64_t intake::capacity() const {
  std::uint64_t sum = 0;
  for (const edge_in& e : edges_)
    if (!e.from->settings().unbounded) sum += e.from->settings().capacity;
  return sum;
}

void intake::lose(void* source) {
  std::lock_guard lock(losing_);
  if (std::find(lost_.begin(), lost_.end(), source) == lost_.end()) lost_.push_back(source);
  any_lost_.store(true, std::memory_order_release);
}

bool intake::lost(void* source) const {
  if (!source || !any_lost_.load(std::memory_order_acquire)) return false;
  std::lock_guard lock(losing_);
  return std::find(lost_.begin(), lost_.end(), source) != lost_.end();
}

bool intake::is_lost(const batch_ref& b) const { return lost(maker_of(b.get())); }

void intake::leave() {
  std::lock_guard lock(mu_);
  if (left_) return;
  left_ = ended_ = true;
  for (edge_in& e : edges_) {
    if (!e.open) continue;
    if (cycle* c = e.outer_of ? e.outer_of : e.from->on_cycle()) c->abandon();
    close_edge(e);
  }
  ready_.clear();
  for (auto& q : queues_) q.clear();
  for (edge_in& e : edges_) e.cut.clear();
  nudge();
}

void intake::leave(std::uint32_t worker) {
  if (!partition_by_) return;
  std::lock_guard lock(mu_);
  gone_[worker] = true;
  queues_[worker].clear();
  nudge();
}

// One look at every open edge, higher priorities first, equal ones from a moving start.
bool intake::try_any(batch_ref& b, std::uint32_t only, bool& all_closed, std::size_t* from) {
  all_closed = true;
  for (std::size_t begin = 0, end; begin < scan_.size(); begin = end) {
    end = begin;
    while (end < scan_.size() && edges_[scan_[end]].settings.priority == edges_[scan_[begin]].settings.priority) ++end;
    const std::size_t width = end - begin;
    const std::size_t start = turn_++ % width;
    for (std::size_t k = 0; k < width; ++k) {
      const std::size_t i = scan_[begin + (start + k) % width];
      edge_in& e = edges_[i];
      if (only != any && i != only) continue;
      if (!e.cut.empty()) {
        b = std::move(e.cut.front());
        e.cut.pop_front();
        if (!e.cut.empty()) (void)e.more.try_send('\0');
        all_closed = false;
        return true;
      }
      if (!e.open) continue;
      auto got = e.from->data().try_recv();
      while (got && is_lost(*got)) got = e.from->data().try_recv();
      if (got) {
        b = counted(i, std::move(*got));
        came(e);
        if (from) *from = i;
        all_closed = false;
        return true;
      }
      if (got.closed()) {
        if (e.waiting) e.closing = true;
        else close_edge(e);
      } else {
        all_closed = false;
      }
    }
  }
  return false;
}

// A batch came on the edge: its timeout begins anew.
void intake::came(edge_in& e) {
  e.fired = false;
  e.waited = nanos(0);
  if (e.waiting == 0) e.idle_since.reset();
  else e.idle_since = clock::now();
}

// Wakes whoever waits for pieces.
void intake::nudge() {
  changed_.notify_all();
  for (const chan<char>& c : nudges_) (void)c.try_send('\0');
}

// False: the deadline passed.
bool intake::wait_changed(std::unique_lock<mutex>& lock, std::uint32_t worker, clock::time_point deadline) {
  if (deadline == clock::time_point::max() || nudges_.empty()) {
    changed_.wait(lock);
    return true;
  }
  lock.unlock();
  struct relock {
    std::unique_lock<mutex>& l;
    ~relock() { l.lock(); }
  } again{lock};
  return select(on_recv(nudges_[worker]), pipes::on_timeout(std::max(clock::duration::zero(), deadline - clock::now()))) == 0;
}

arrival intake::fire(edge_in& e) {
  e.fired = true;
  switch (e.settings.on_timeout) {
    case on_timeout::tick: return arrival::tick;
    case on_timeout::close: close_edge(e); return arrival::piece;  // go on with the others
    case on_timeout::fail: break;
  }
  failure_ = "nothing came on the edge " + e.name + " for " + print_duration(e.settings.timeout.count()) + " (timeout with on_timeout: fail)";
  return arrival::failed;
}

arrival intake::receive(batch_ref& b, clock::time_point deadline, std::uint32_t only) {
  for (;;) {
    bool all_closed = false;
    if (try_any(b, only, all_closed)) return arrival::piece;
    if (all_closed) return arrival::closed;

    // Nothing is ready: wait on all open edges, until the first timeout of an edge or the caller's deadline.
    const bool timed = std::any_of(edges_.begin(), edges_.end(), [](const edge_in& e) { return e.open && e.settings.timeout.count() > 0; });
    clock::time_point wake = deadline;
    edge_in* first = nullptr;
    if (timed) {
      const auto now = clock::now();
      for (edge_in& e : edges_) {
        if (!e.open || e.fired || e.settings.timeout.count() == 0) continue;
        if (!e.idle_since) e.idle_since = now;
        const auto due = *e.idle_since + e.settings.timeout;
        if (due < wake || !first) {
          if (due < wake) {
            wake = due;
            first = &e;
          }
        }
      }
      if (first && wake <= now) {
        const arrival a = fire(*first);
        if (a != arrival::piece) return a;
        continue;
      }
    }

    select_set set;
    std::size_t open = 0, last = 0;
    bool got = false;
    for (std::size_t i = 0; i < edges_.size(); ++i) {
      edge_in& e = edges_[i];
      if (!e.open || (only != any && i != only)) continue;
      ++open;
      last = i;
      set.recv(e.from->data(), [&, i](std::optional<batch_ref> v) {
        edge_in& from = edges_[i];
        came(from);
        if (!v) {
          close_edge(from);
          return;
        }
        if (is_lost(*v)) return;
        b = counted(i, std::move(*v));
        got = true;
      });
    }
    if (open == 1 && wake == clock::time_point::max()) {
      edge_in& e = edges_[last];
      auto v = e.from->data().recv();
      if (!v) {
        close_edge(e);
        continue;
      }
      came(e);
      if (is_lost(*v)) continue;
      b = counted(last, std::move(*v));
      return arrival::piece;
    }
    if (wake != clock::time_point::max()) set.timeout(std::max(clock::duration::zero(), wake - clock::now()));
    set.wait();
    if (got) return arrival::piece;
    if (wake == deadline && clock::now() >= deadline) return arrival::timeout;
  }
}

void intake::split(const batch_ref& b) {
  if (grain_ == 0) {
    ready_.push_back(b);
    return;
  }
  const std::uint64_t n = count(b.get());
  for (std::uint64_t at = 0; at < n; at += grain_) ready_.push_back(at == 0 && n <= grain_ ? b : slice(b.get(), at, std::min(grain_, n - at)));
}

bool intake::accept(batch_ref b) {
  if (b && (cut_ || grain_ || partition_by_)) {
    if (const std::string why = read_fault(b.get()); !why.empty()) {  // the batch holds what came before
      void* const source = maker_of(b.get());
      unreadable_(source, why);
      b = without_fault(b);
    }
  }
  if (!cut_) {
    if (b) split(b);
    return true;
  }
  std::vector<batch_ref> out;
  if (!cut_(b, out)) return false;
  for (const batch_ref& piece : out) split(piece);
  return true;
}

// What waits in the channels, where it needs no cutting: the receiver's place is for those who have to wait. Under mu_.
bool intake::take_directly(batch_ref& b, std::uint32_t only) {
  if (cut_ || grain_ || partition_by_) return false;
  bool all_closed = false;
  std::size_t from = 0;
  return try_any(b, only, all_closed, &from);
}

// A piece that this worker will work through now.
void intake::begin(piece& p) {
  if (heavy(p.batch.get())) {
    // A source that found the channel full may wait behind this worker: it is let past while there is something left for the
    // others. And whoever waits for the receiver's place had better run elsewhere meanwhile, if there is something for him.
    std::size_t left = 0, room = 0;
    for (const edge_in& e : edges_) {
      left += e.from->data().size();
      room += e.from->data().capacity();
    }
    if (left > 0 && 2 * left <= room) yield();
    if (left > 0) detail::share_queue();
  }
  p.fault = read_fault(p.batch.get());
  if (!p.fault.empty()) p.faulty = maker_of(p.batch.get());
}

arrival intake::next(std::uint32_t worker, piece& result, clock::time_point deadline, std::uint32_t only) {
  std::unique_lock lock(mu_);
  for (;;) {
    if (partition_by_ ? !queues_[worker].empty() : !ready_.empty()) {
      if (partition_by_) {
        dealt& mine = queues_[worker].front();
        result.batch = std::move(mine.batch);
        result.ticket = in_order_ ? mine.ticket : next_ticket_++;
        queues_[worker].pop_front();
        nudge();
      } else {
        result.batch = std::move(ready_.front());
        ready_.pop_front();
        result.ticket = next_ticket_++;
      }
      lock.unlock();
      begin(result);
      return arrival::piece;
    }
    if (ended_) return arrival::closed;
    if (broken_ && std::all_of(queues_.begin(), queues_.end(), [](const auto& q) { return q.empty(); })) {
      ended_ = true;
      nudge();
      result.ticket = next_ticket_++;
      return arrival::failed;
    }
    // A worker whose queue is full holds the dealer up here, not in memory.
    if (receiving_ || broken_ || std::any_of(queues_.begin(), queues_.end(), [](const auto& q) { return q.size() >= queue_room; })) {
      if (!wait_changed(lock, worker, deadline)) return arrival::timeout;
      continue;
    }
    batch_ref b;
    if (take_directly(b, only)) {
      result.batch = std::move(b);
      result.ticket = next_ticket_++;
      changed_.notify_one();  // the receiver's place is free
      lock.unlock();
      begin(result);
      return arrival::piece;
    }
    arrival a;
    receiving_ = true;
    {
      struct role {
        intake* in;
        std::unique_lock<mutex>* held;
        ~role() {
          held->lock();
          in->receiving_ = false;
          if (in->partition_by_) {
            in->nudge();
          } else {
            in->changed_.notify_one();
          }
        }
      } receiver{this, &lock};
      lock.unlock();
      a = receive(b, deadline, only);
    }
    if (left_) return arrival::closed;
    switch (a) {
      case arrival::tick:
      case arrival::timeout: return a;
      case arrival::failed: break;
      case arrival::closed:
        if (only != any && std::any_of(edges_.begin(), edges_.end(), [](const edge_in& e) { return e.open; })) return a;
        break;
      case arrival::piece: break;
    }
    try {
      if (a != arrival::failed && !accept(std::move(b))) a = arrival::failed;
    } catch (const std::exception& e) {
      failure_ = e.what();
      a = arrival::failed;
    }
    if (a == arrival::failed && partition_by_) {
      broken_ = true;                    // others still hold what came before
      nudge();
      continue;
    }
    if (a == arrival::failed || a == arrival::closed) {
      ended_ = true;
      nudge();
    }
    if (a == arrival::failed) {
      result.ticket = next_ticket_++;
      return a;
    }
    if (partition_by_) deal();
    if (ready_.size() > 1) changed_.notify_all();
  }
}

void intake::deal() {
  std::vector<std::vector<std::uint32_t>> rows;
  for (const batch_ref& whole : ready_) {
    partition_rows(whole.get(), partition_by_, static_cast<std::uint32_t>(queues_.size()), rows);
    if (in_order_) {
      deal_in_order(whole, rows);
      continue;
    }
    for (std::size_t w = 0; w < rows.size(); ++w)
      if (!rows[w].empty() && !gone_[w]) queues_[w].push_back({pipes::select(whole.get(), rows[w].data(), rows[w].size()), 0});
  }
  ready_.clear();
  nudge();
}

// Each stretch of records that belong to one worker is a piece.
void intake::deal_in_order(const batch_ref& whole, const std::vector<std::vector<std::uint32_t>>& rows) {
  std::vector<std::uint32_t> owner(count(whole.get()));
  for (std::uint32_t w = 0; w < rows.size(); ++w)
    for (const std::uint32_t row : rows[w]) owner[row] = w;
  for (std::size_t first = 0, end; first < owner.size(); first = end) {
    end = first;
    while (end < owner.size() && owner[end] == owner[first]) ++end;
    queues_[owner[first]].push_back({slice(whole.get(), first, end - first), next_ticket_++});
  }
}

void partition_rows(pipe_batch* b, const pipe_field* by, std::uint32_t workers, std::vector<std::vector<std::uint32_t>>& rows) {
  rows.assign(workers, {});
  const pipe_column& keys = column(b, by);
  for (std::uint32_t i = 0; i < keys.count; ++i) {
    std::size_t hash = 0;
    switch (keys.tags[i]) {
      case PIPE_MISSING:
      case PIPE_NULL: break;
      case PIPE_BOOL: hash = 1 + keys.values[i]; break;
      case PIPE_INT:
      case PIPE_FLOAT:
        // A number and a text field written alike are one key: by its text where it has one.
        if (keys.slices && keys.slices[i].data) {
          hash = std::hash<std::string_view>{}(view(keys.slices[i]));
        } else if (keys.tags[i] == PIPE_INT) {
          hash = std::hash<std::string>{}(std::to_string(static_cast<std::int64_t>(keys.values[i])));
        } else {
          hash = std::hash<std::uint64_t>{}(keys.values[i]);
        }
        break;
      default: hash = std::hash<std::string_view>{}(view(keys.slices[i]));
    }
    rows[hash % workers].push_back(i);
  }
}

}  // namespace pipes::pipelines
