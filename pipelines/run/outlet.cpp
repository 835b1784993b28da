#include "pipelines/run/outlet.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include "pipelines/graph/units.hpp"
#include "pipelines/run/intake.hpp"

namespace pipes::pipelines {

outlet::outlet(std::vector<port_out> ports, std::uint64_t records_per_batch, std::function<void()> unwanted)
    : ports_(std::move(ports)), records_(records_per_batch), unwanted_(std::move(unwanted)) {
  for (const port_out& p : ports_) {
    all_.insert(all_.end(), p.links.begin(), p.links.end());
    for (const auto& members : p.dealt) all_.insert(all_.end(), members.begin(), members.end());
  }
  live_ = static_cast<int>(all_.size());
  for (const auto& l : all_)
    l->when_gone([this] {
      if (live_.fetch_sub(1, std::memory_order_acq_rel) == 1) unwanted_();
    });
}

bool outlet::send_one(link& l, batch_ref batch, std::string& failure) {
  switch (l.send(std::move(batch))) {
    case sent::ok:
    case sent::gone: return true;
    case sent::late:
      failure = "records came for " + l.name() + " when their cycle had ended: a stage in it makes records that do not come of its input (as exec.filter does), so that nobody can tell when it is done";
      return false;
    case sent::full: failure = "the channel " + l.name() + " is full (on_full: fail, capacity " + std::to_string(l.settings().capacity) + ")"; return false;
    case sent::timeout:
      failure = "the channel " + l.name() + " took nothing for " + print_duration(l.settings().send_timeout.count()) + " (send_timeout)";
      return false;
  }
  return true;
}

bool outlet::send(std::uint32_t port, batch_ref batch, std::string& failure) {
  const port_out& to = ports_[port];
  if (records_ > 0 || !to.dealt.empty()) {
    try {
      load(batch.get());
    } catch (const std::exception& e) {  // what came before the fault goes its way
      if (send(port, std::move(batch), failure)) failure = e.what();
      return false;
    }
  }
  if (records_ > 0) {
    const std::uint64_t n = count(batch.get());
    if (n > records_) {
      for (std::uint64_t at = 0; at < n; at += records_)
        if (!send(port, slice(batch.get(), at, std::min(records_, n - at)), failure)) return false;
      return true;
    }
  }
  for (std::size_t i = 0; i < to.links.size(); ++i)
    if (!send_one(*to.links[i], i + 1 == to.links.size() && to.dealt.empty() ? std::move(batch) : batch, failure)) return false;
  for (std::size_t d = 0; d < to.dealt.size(); ++d) {
    std::vector<std::vector<std::uint32_t>> rows;
    partition_rows(batch.get(), to.dealt_by[d], static_cast<std::uint32_t>(to.dealt[d].size()), rows);
    for (std::size_t m = 0; m < rows.size(); ++m)
      if (!rows[m].empty() && !send_one(*to.dealt[d][m], pipes::select(batch.get(), rows[m].data(), rows[m].size()), failure)) return false;
  }
  return true;
}

void outlet::close() {
  for (const auto& l : all_) l->close();
}

std::uint64_t outlet::dropped() const {
  std::uint64_t sum = 0;
  for (const auto& l : all_) sum += l->dropped();
  return sum;
}

sequencer::sequencer(std::uint64_t window, sender send) : window_(window), send_(std::move(send)) {}

bool sequencer::deliver(std::uint64_t ticket, outcome result) {
  std::unique_lock lock(mu_);
  while (!stopped_ && ticket >= next_ + window_) moved_.wait(lock);
  if (stopped_) return false;
  pending_.emplace(ticket, std::move(result));
  if (sending_) return true;
  sending_ = true;
  // The role is given back whatever happens; a cancelled sender stops the pool.
  struct role {
    sequencer* s;
    bool done = false;
    ~role() {
      if (!done) s->stopped_ = true;
      s->sending_ = false;
      s->moved_.notify_all();
    }
  } turn{this};
  while (!pending_.empty() && pending_.begin()->first == next_) {
    outcome due = std::move(pending_.begin()->second);
    pending_.erase(pending_.begin());
    lock.unlock();
    bool go_on = false;
    try {
      go_on = send_(due);
    } catch (...) {
      lock.lock();
      throw;
    }
    due = outcome();
    lock.lock();
    ++next_;
    moved_.notify_all();
    if (!go_on) return false;
  }
  turn.done = true;
  return true;
}

std::optional<fold_turns::due> fold_turns::pass(std::uint64_t ticket, outcome result) {
  std::unique_lock lock(mu_);
  while (!failed_ && ticket != next_ && ticket + out_ >= next_ + window_) moved_.wait(lock);
  if (failed_) return std::nullopt;
  pending_.emplace(ticket, std::move(result));
  due handed;
  while (!failed_ && !pending_.empty() && pending_.begin()->first == next_) {
    outcome& first = pending_.begin()->second;
    first.dropped = first.source && std::find(lost_.begin(), lost_.end(), first.source) != lost_.end();
    if (first.dropped) first.failed_stage = nullptr;  // nor was it ever read
    failed_ = first.failed_stage;
    if (first.source_lost) lost_.push_back(first.source);
    handed.emplace_back(next_++, std::move(pending_.begin()->second));
    pending_.erase(pending_.begin());
  }
  out_ += handed.size();
  if (!handed.empty()) moved_.notify_all();
  return handed;
}

void fold_turns::folded() {
  std::lock_guard lock(mu_);
  --out_;
  moved_.notify_all();
}

}  // namespace pipes::pipelines
