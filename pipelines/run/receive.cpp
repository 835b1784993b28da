// receive.cpp: how the fibers of a run stage receive: each for itself, on any of the stage's edges or on one alone.
#include <algorithm>
#include <numeric>
#include <utility>

#include "core/batch/range.hpp"
#include "pipelines/run/intake.hpp"

namespace pipes::pipelines {
namespace {

void read(piece& p) {
  p.fault = read_fault(p.batch.get());
  if (!p.fault.empty()) p.faulty = maker_of(p.batch.get());
}

}  // namespace

// While it lives the edges that are not waited for give way, those that can.
class intake::waits_elsewhere {
 public:
  waits_elsewhere(intake& in, const std::vector<std::uint32_t>& edges) : in_(in), edges_(edges) { tell(true); }
  ~waits_elsewhere() { tell(false); }
  waits_elsewhere(const waits_elsewhere&) = delete;
  waits_elsewhere& operator=(const waits_elsewhere&) = delete;

 private:
  void tell(bool waits) {
    if (edges_.size() == in_.edges_.size()) return;
    for (std::uint32_t i = 0; i < in_.edges_.size(); ++i)
      if (std::find(edges_.begin(), edges_.end(), i) == edges_.end()) in_.edges_[i].from->reader_waits_elsewhere(waits);
  }
  intake& in_;
  const std::vector<std::uint32_t>& edges_;
};

// What comes of a batch that was received on an edge: at most `grain_` records; the others wait in `cut` for whoever comes next.
void intake::take_grain(std::size_t edge, piece& p) {
  read(p);
  if (grain_ == 0) return;
  const std::uint64_t n = count(p.batch.get());
  if (n <= grain_) return;
  const batch_ref whole = std::move(p.batch);
  p.batch = slice(whole.get(), 0, grain_);
  std::lock_guard lock(mu_);
  edge_in& e = edges_[edge];
  for (std::uint64_t at = grain_; at < n; at += grain_) e.cut.push_back(slice(whole.get(), at, std::min(grain_, n - at)));
  (void)e.more.try_send('\0');
}

arrival intake::receive_one(piece& result, clock::time_point deadline, std::uint32_t only) {
  std::vector<std::uint32_t> edges(only == any ? edges_.size() : 1, only);
  if (only == any) std::iota(edges.begin(), edges.end(), 0u);
  if (edges.size() == 1 && edges[0] >= edges_.size()) {
    result.fault = "there is no input number " + std::to_string(only);
    return arrival::failed;
  }
  for (;;) {
    {
      std::unique_lock lock(mu_);
      bool all_closed = false;
      std::size_t from = edges_.size();
      if (left_) return arrival::closed;
      if (try_any(result.batch, only, all_closed, &from)) {
        lock.unlock();
        if (from < edges_.size()) take_grain(from, result);
        return arrival::piece;
      }
      if (all_closed) return arrival::closed;
    }
    wait_on wait(*this, edges);
    const waits_elsewhere others(*this, edges);
    const clock::time_point wake = std::min(deadline, wait.due());
    if (edges.size() == 1 && wake == clock::time_point::max() && grain_ == 0) {
      wait.receive();
    } else {
      select_set set;
      wait.add_to(set);
      if (wake != clock::time_point::max()) set.timeout(std::max(clock::duration::zero(), wake - clock::now()));
      set.wait();
    }
    std::uint32_t edge = 0;
    const auto a = wait.settle(result, edge);
    if (a && *a != arrival::closed) return *a;
    if (!a && clock::now() >= deadline) return arrival::timeout;
  }
}

intake::wait_on::wait_on(intake& in, std::vector<std::uint32_t> edges) : in_(in), edges_(std::move(edges)) {
  std::lock_guard lock(in_.mu_);
  for (std::uint32_t i : edges_) {
    edge_in& e = in_.edges_[i];
    if (e.waiting++ == 0 && e.settings.timeout.count() > 0) e.idle_since = clock::now();
  }
}

intake::wait_on::~wait_on() {
  std::lock_guard lock(in_.mu_);
  for (std::uint32_t i : edges_) {
    edge_in& e = in_.edges_[i];
    if (--e.waiting != 0) continue;
    if (e.closing) in_.close_edge(e);
    if (!e.idle_since) continue;
    e.waited += clock::now() - *e.idle_since;
    e.idle_since.reset();
  }
}

std::optional<arrival> intake::wait_on::look(piece& result, std::uint32_t& edge) {
  std::unique_lock lock(in_.mu_);
  for (std::uint32_t i : edges_) {
    edge_in& e = in_.edges_[i];
    edge = i;
    if (!e.cut.empty()) {
      result.batch = std::move(e.cut.front());
      e.cut.pop_front();
      if (!e.cut.empty()) (void)e.more.try_send('\0');
      return arrival::piece;
    }
    if (!e.open || e.closing) return arrival::closed;
  }
  return std::nullopt;
}

void intake::wait_on::add_to(select_set& set) {
  std::lock_guard lock(in_.mu_);
  for (std::uint32_t i : edges_) {
    edge_in& e = in_.edges_[i];
    if (!e.open) continue;
    set.recv(e.from->data(), [this, i](std::optional<batch_ref> v) {
      came_ = i;
      if (v) batch_ = std::move(*v);
    });
    if (in_.grain_ == 0) continue;
    set.recv(e.more, [this, i](std::optional<char>) {
      came_ = i;
      token_ = true;
    });
  }
}

// The common case, without a select: one edge, no timeout, nothing left over.
void intake::wait_on::receive() {
  const std::uint32_t only = edges_.front();
  auto v = in_.edges_[only].from->data().recv();
  came_ = only;
  if (v) batch_ = std::move(*v);
}

clock::time_point intake::wait_on::due() const {
  std::lock_guard lock(in_.mu_);
  clock::time_point first = clock::time_point::max();
  for (std::uint32_t i : edges_) {
    const edge_in& e = in_.edges_[i];
    if (e.open && !e.fired && e.settings.timeout.count() > 0 && e.idle_since) first = std::min(first, *e.idle_since + e.settings.timeout - e.waited);
  }
  return first;
}

std::optional<arrival> intake::wait_on::settle(piece& result, std::uint32_t& edge) {
  std::unique_lock lock(in_.mu_);
  if (came_) {
    edge = *came_;
    edge_in& e = in_.edges_[edge];
    if (token_) {
      if (e.cut.empty()) return std::nullopt;
      result.batch = std::move(e.cut.front());
      e.cut.pop_front();
      if (!e.cut.empty()) (void)e.more.try_send('\0');
      return arrival::piece;
    }
    if (!batch_) {
      e.closing = true;
      return arrival::closed;
    }
    in_.came(e);
    if (in_.is_lost(batch_)) {
      batch_.reset();
      return std::nullopt;
    }
    lock.unlock();
    result.batch = in_.counted(edge, std::move(batch_));
    in_.take_grain(edge, result);
    return arrival::piece;
  }
  const clock::time_point now = clock::now();
  for (std::uint32_t i : edges_) {
    edge_in& e = in_.edges_[i];
    if (!e.open || e.fired || e.settings.timeout.count() == 0 || !e.idle_since || *e.idle_since + e.settings.timeout - e.waited > now) continue;
    edge = i;
    switch (in_.fire(e)) {
      case arrival::tick: return arrival::tick;
      case arrival::failed: result.fault = in_.failure_; return arrival::failed;
      default: return arrival::closed;
    }
  }
  return std::nullopt;
}

}  // namespace pipes::pipelines
