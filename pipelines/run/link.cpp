#include "pipelines/run/link.hpp"

#include <optional>
#include <utility>

#include "core/batch/range.hpp"
#include "pipelines/run/spool.hpp"

namespace pipes::pipelines {

link::link(const channel& settings, std::string name, int readers, cycle* on_cycle, cycle* out_of)
    : settings_(settings), name_(std::move(name)), cycle_(on_cycle), out_of_(out_of), out_(static_cast<int>(needs_pump() ? 0 : settings.capacity)),
      in_(needs_pump() ? chan<batch_ref>(0) : out_), readers_(readers) {}

void link::drop(const batch_ref& batch) { dropped_.fetch_add(count(batch.get()), std::memory_order_relaxed); }

batch_ref link::counted(batch_ref batch) {
  if (cycle_) return cycle_->track(std::move(batch));
  return out_of_ ? out_of_->released(std::move(batch)) : std::move(batch);
}

sent link::send(batch_ref batch) {
  if (cycle_ && cycle_->over()) return sent::late;
  if (nobody_reads()) return sent::gone;
  batch = counted(std::move(batch));
  if (in_.try_send(std::move(batch))) {
    let_readers_begin();
    return sent::ok;
  }
  switch (settings_.on_full) {
    case on_full::block: break;
    case on_full::fail: return sent::full;
    case on_full::drop_newest: drop(batch); return sent::ok;
    case on_full::drop_oldest:
      for (;;) {
        if (settings_.capacity == 0) {
          drop(batch);
          return sent::ok;
        }
        if (auto oldest = in_.try_recv()) drop(*oldest);
        if (in_.try_send(std::move(batch))) return sent::ok;
      }
  }
  if (settings_.send_timeout.count() > 0) {
    switch (select(on_send(in_, std::move(batch)), on_recv(gone_), pipes::on_timeout(settings_.send_timeout))) {
      case 0: return sent::ok;
      case 1: return sent::gone;
      default: return sent::timeout;
    }
  }
  return select(on_send(in_, std::move(batch)), on_recv(gone_)) == 0 ? sent::ok : sent::gone;
}

void link::let_readers_begin() {
  if (early_.load(std::memory_order_relaxed) <= 0) return;
  early_.fetch_sub(1, std::memory_order_relaxed);
  yield();
}

void link::close() {
  if (!closed_.exchange(true, std::memory_order_acq_rel)) in_.close();
}

void link::reader_left() {
  if (readers_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  gone_.close();
  // In a cycle that has ended by itself the end comes forwards; a writer that has something yet is told so when it sends.
  if (tell_ && !(cycle_ && cycle_->over())) tell_();
  if (out_of_) out_of_->way_out_left();
}

void link::readers_left() {
  if (readers_.exchange(0, std::memory_order_acq_rel) <= 0) return;
  gone_.close();
  if (tell_) tell_();
}

void link::pump(const std::function<void(void*, std::string)>& unreadable) {
  spool waiting(settings_.memory, cycle_);
  // However this ends, by a disk that is full too, the readers see an end.
  struct closing {
    const chan<batch_ref>& out;
    ~closing() { out.close(); }
  } at_end{out_};
  bool open = true;
  std::uint64_t held = 0;  // batches that wait
  const void* broken = nullptr;  // a source that could not be read on
  while (open || !waiting.empty()) {
    std::optional<batch_ref> arrived;
    auto take = [&](std::optional<batch_ref> b) {
      arrived = std::move(b);
      if (!arrived) open = false;
    };
    if (waiting.empty()) {
      if (select(on_recv(in_, take), on_recv(gone_)) == 1) break;
    } else {
      // A nil channel's case is never ready: that is how a closed input leaves the select.
      const bool room = settings_.unbounded || held < settings_.capacity || waits_elsewhere_.load(std::memory_order_acquire);
      const chan<batch_ref> input = open && room ? in_ : chan<batch_ref>();
      const auto chosen = select(on_send(out_, std::move(waiting.front())), on_recv(input, take), on_recv(gone_), on_recv(stretch_));
      if (chosen == 0) waiting.pop(), --held;
      if (chosen == 2) break;
    }
    if (!arrived) continue;
    void* const maker = maker_of(arrived->get());
    if (broken && maker == broken) continue;  // of behind the fault
    if (std::string why = read_fault(arrived->get()); !why.empty()) {
      broken = maker;
      unreadable(maker, std::move(why));
    }
    waiting.push(std::move(*arrived));
    ++held;
  }
}

// Carried by a batch as its origin; what the batch came from stays reachable through it.
class cycle_token : public pipes::origin {
 public:
  cycle_token(cycle* c, std::shared_ptr<pipes::origin> outer) : cycle_(c), outer_(std::move(outer)) {
    cycle_->pending_.fetch_add(1, std::memory_order_relaxed);
  }
  ~cycle_token() override { cycle_->drop(); }
  const file_origin* file() const override { return outer_ ? outer_->file() : nullptr; }
  cycle* in() const { return cycle_; }
  const std::shared_ptr<pipes::origin>& outer() const { return outer_; }

 private:
  cycle* cycle_;
  std::shared_ptr<pipes::origin> outer_;
};

batch_ref cycle::track(batch_ref batch) {
  load(batch.get());
  const auto& carried = get_origin(batch.get());
  if (auto* token = dynamic_cast<cycle_token*>(carried.get()); token && token->in() == this) return batch;
  return with_origin(batch.get(), std::make_shared<cycle_token>(this, carried));
}

batch_ref cycle::released(batch_ref batch) const {
  const auto carried = get_origin(batch.get());
  if (!carried) return batch;
  batch_ref own = copy(batch.get());
  const auto* token = dynamic_cast<const cycle_token*>(carried.get());
  set_origin(own.get(), token ? token->outer() : nullptr);
  return own;
}

void cycle::way_out_left() {
  if (ways_out_.fetch_sub(1, std::memory_order_acq_rel) != 1 || over()) return;
  abandon();
  for (link* l : links_) l->readers_left();
}

void cycle::drop() {
  if (pending_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (!abandoned_.load(std::memory_order_acquire)) over_.store(true, std::memory_order_release);
  for (link* l : back_) l->close();
}

}  // namespace pipes::pipelines
