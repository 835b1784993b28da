// link.hpp: the queue between one output and its readers: a Go channel of batches, and a second one that says "nobody reads".
//
// Invariants
//   L1  `data` is closed by the writer alone, once, after its last send.
//   L2  `gone` is closed by the last reader that leaves, once; from then on send() says so and keeps nothing, and the writer's
//       outlet has been told, so that a stage which sends nothing learns it too.
//   L3  a batch that a full link drops is counted, in records.
// Thread safety: any fiber. send() parks; nothing else does.
#pragma once
#include <pipe/runtime.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/batch/batch.hpp"
#include "pipelines/graph/graph.hpp"

namespace pipes::pipelines {

enum class sent : std::uint8_t { ok, gone, full, timeout, late };

class cycle;

class link {
 public:
  // `name` is "reader" or "writer -> reader", for messages. `out_of`: the cycle that the link leads out of.
  link(const channel& settings, std::string name, int readers, cycle* on_cycle, cycle* out_of = nullptr);

  // full and timeout are failures that the settings ask for; late: the cycle that the link is part of has ended already.
  sent send(batch_ref batch);
  void close();
  void reader_left();
  void readers_left();  // all that there are, whatever they know of it: the cycle that the link is part of is over for its readers
  // Called once, by the last reader that leaves; must not park. Set before the run.
  void when_gone(std::function<void()> tell) { tell_ = std::move(tell); }
  bool nobody_reads() const { return readers_.load(std::memory_order_acquire) <= 0; }

  const chan<batch_ref>& data() const { return out_; }
  // For a writer that selects by itself: what to send to, and what is closed when nobody reads.
  const chan<batch_ref>& entry() const { return in_; }
  const chan<char>& gone() const { return gone_; }
  batch_ref counted(batch_ref batch);  // into the cycle, or out of it
  cycle* on_cycle() const { return cycle_; }
  const std::string& name() const { return name_; }
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
  const channel& settings() const { return settings_; }

  // An unbounded or elastic link needs a fiber of its own that moves batches from the writers to the readers; parks until both ends close.
  bool needs_pump() const { return settings_.unbounded || settings_.elastic; }
  // An elastic link: its reader waits for another edge, and this one must not hold up what leads there; or it does no more.
  void reader_waits_elsewhere(bool does) {
    if (!settings_.elastic) return;
    waits_elsewhere_.store(does, std::memory_order_release);
    if (does) (void)stretch_.try_send('\0');
  }
  // `unreadable`: a batch could not be read, as its maker is to be told; what came before the fault goes its way.
  void pump(const std::function<void(void* maker, std::string why)>& unreadable);

 private:
  void drop(const batch_ref& batch);
  void let_readers_begin();

  const channel settings_;
  const std::string name_;
  cycle* const cycle_;
  cycle* const out_of_;
  const chan<batch_ref> out_;  // what readers receive from
  const chan<batch_ref> in_;   // what writers send to: the same, but for an unbounded link
  const chan<char> gone_{0};
  std::function<void()> tell_;
  std::atomic<int> readers_;
  std::atomic<bool> closed_{false};
  std::atomic<bool> waits_elsewhere_{false};
  const chan<char> stretch_{1};  // wakes the pump when that has become true
  std::atomic<std::uint64_t> dropped_{0};
  // Batches after which the writer lets others have a turn: the first ones go through all stages before many more are made, so that a
  // run whose end needs only the beginning (`head`) is over before much of the rest was read. A turn for each batch would cost 2 %.
  std::atomic<int> early_{64};
};

// The accounting of one cycle. A batch is in flight from its send on an edge of the cycle (or its receipt from outside) until
// the last reference to it, or to anything made of it, is dropped. When all outer inputs are closed and nothing is in flight,
// nothing can come any more: the back links are closed.
//   C1  in_flight_ counts live tokens; open_ counts outer edges that may still bring something.
//   C2  close happens once, by whoever takes the sum of both to zero; tokens are taken before the edge they came from is
//       counted as closed.
//   C3  what leaves the cycle is a copy without a token: a stage outside may hold it until its input ends (sort, tail).
class cycle {
 public:
  void add_link(link* l) { links_.push_back(l); }  // back links too
  void add_back_link(link* l) { back_.push_back(l); }
  // A link that leads out of the cycle, and that its readers have left it: where nobody reads what comes out of the cycle, its stages
  // are each other's only readers, and would go on for ever.
  void add_way_out() { ways_out_.fetch_add(1, std::memory_order_relaxed); }
  void way_out_left();
  void add_outer_edge() { pending_.fetch_add(1, std::memory_order_relaxed); }
  void outer_edge_closed() { drop(); }
  // The batch counted in: itself if it is already, else a handle on the same records that carries a token. (A new object,
  // since others may be reading this one: a batch is immutable once sent.)
  batch_ref track(batch_ref batch);
  batch_ref released(batch_ref batch) const;
  // A stage of the cycle stopped reading before the end: what is in flight then says nothing.
  void abandon() { abandoned_.store(true, std::memory_order_release); }
  bool over() const { return over_.load(std::memory_order_acquire); }  // it ended by itself
  void forget_links() { links_.clear(), back_.clear(); }  // once the run has ended

 private:
  friend class cycle_token;
  void drop();
  std::vector<link*> links_, back_;
  std::atomic<int> ways_out_{0};
  std::atomic<bool> abandoned_{false}, over_{false};
  std::atomic<std::int64_t> pending_{0};  // live tokens + open outer edges
};

}  // namespace pipes::pipelines
