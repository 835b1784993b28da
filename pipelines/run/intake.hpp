// intake.hpp: a stage's input: one or several edges become a sequence of pieces of work, numbered in the order of arrival.
//
// Maps and folds (next): one worker at a time is the receiver: it alone waits on the edges and touches their state; the others
// wait for pieces. That is what makes the numbers an order and gives cut() its sequence. So does a run stage that deals by key.
// Run stages else (receive_one, wait_on): every fiber waits for itself, on any edge or on one, until its own deadline, as in Go:
// a receiver among them would hold up whoever waits for another edge. The state of an edge is then guarded by mu_.
//   I1  pieces in ready_ (or in the queues of a partition) came before anything still in an edge.
//   I2  next_ticket_ counts pieces handed out (with in_order_: dealt); each ticket is handed out once.
//   I3  an edge is left (its link told) exactly once: when it closed, was given up by a timeout, or with leave().
//   I4  whoever stops being the receiver, by an exception too, wakes a waiting worker, which becomes the next one.
//   I5  a timeout belongs to the edge: it fires once when fibers have waited on it for that long in all since a batch came.
//   I6  while an edge's `cut` holds pieces there is a token in its `more`, or a fiber between taking one and looking.
//   I7  an edge found closed is left when nobody waits on it any more: one who does may have its last batch in hand, and a cycle
//       counts that before the edge.
// Lock order: mu_ is never held while a channel is waited on. Leaving an edge and telling of an unreadable source under it close
// channels and cancel fibers; but for losing_ nothing else is taken under it.
#pragma once
#include <pipe/runtime.hpp>

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/run/link.hpp"

namespace pipes::pipelines {

struct piece {
  batch_ref batch;
  std::uint64_t ticket = 0;
  std::string fault;       // its bytes could not be read
  void* faulty = nullptr;  // the stage (maker_of) whose fault that is; null: not known
};

enum class arrival : std::uint8_t { piece, closed, tick, timeout, failed };

// The sequential step in front of the workers: a batch in (null: the input has ended), batches out. False: failed.
using cutter = std::function<bool(const batch_ref& in, std::vector<batch_ref>& out)>;

class intake {
 public:
  struct edge_in {
    std::shared_ptr<link> from;
    edge settings;
    cycle* outer_of = nullptr;  // the edge leads from outside into this cycle
    std::string name;           // "reader <- writer"
    // the receiver's, or guarded by mu_
    bool open = true;
    bool fired = false;                          // its timeout; until the next receive
    std::optional<clock::time_point> idle_since;  // a worker waits and nothing has come since
    // run stages
    nanos waited{0};                             // before idle_since, since a batch came
    std::uint32_t waiting = 0;                   // fibers that wait on it
    bool closing = false;                        // found closed while others wait
    std::deque<batch_ref> cut;                   // what `grain` left of a batch
    chan<char> more{1};
  };

  // `unreadable`: a source could not be read on, found by whoever had to look into a batch before it is dealt out.
  using told = std::function<void(void* source, const std::string& why)>;
  // `in_order`: of a stage that deals by key, tickets follow the records, so that what comes of them can be put in order again.
  intake(std::vector<edge_in> edges, std::uint64_t grain, std::uint32_t workers, const pipe_field* partition_by, bool in_order, cutter cut, told unreadable);

  // The next piece for this worker. Parks. A failure has a ticket too: what came before it goes first; the others see the end.
  // `deadline`: as pipes::clock; `edge`: one edge alone, or `any`.
  static constexpr std::uint32_t any = 0xffffffffu;
  arrival next(std::uint32_t worker, piece& result, clock::time_point deadline = clock::time_point::max(), std::uint32_t edge = any);
  bool deals() const { return partition_by_ != nullptr; }
  bool has_grain() const { return grain_ != 0; }

  // Run stages that do not deal by key. Parks. With `failed` the piece's fault says why.
  arrival receive_one(piece& result, clock::time_point deadline, std::uint32_t edge);

  // A source (maker_of) could not be read on: what else comes of it lies behind the fault, and is dropped.
  void lose(void* source);
  bool lost(void* source) const;

  // Who works on a piece is the first to read it: others may have pieces of behind a fault by then. Else whoever receives reads, in turn.
  bool read_by_workers() const { return !cut_ && !grain_ && !partition_by_ && !before_cycle_; }

  // Nobody of this stage will receive any more.
  void leave();
  // This worker will not: where the stage deals by key, what is its share is dropped, as for a reader that is gone. Parks.
  void leave(std::uint32_t worker);
  std::size_t edges() const { return edges_.size(); }
  std::uint64_t capacity() const;  // of all edges, in batches
  const std::string& failure() const { return failure_; }  // of next(); empty: what cut() left says it

  // A wait on edges of a run stage: its own, or that of a stage's select. Stands for one turn: look, add_to, wait, settle.
  class wait_on {
   public:
    wait_on(intake& in, std::vector<std::uint32_t> edges);
    ~wait_on();
    wait_on(const wait_on&) = delete;
    wait_on& operator=(const wait_on&) = delete;
    // What is there already: an edge's leftover piece, or that it is closed. Never parks.
    std::optional<arrival> look(piece& result, std::uint32_t& edge);
    // Cases for all edges; what they bring is kept until settle().
    void add_to(select_set& set);
    void receive();  // instead of a select
    clock::time_point due() const;  // when the first timeout of an edge fires
    // After the wait: a piece, a closed edge, a tick, a failure; nothing: another case was chosen, or somebody else was faster.
    std::optional<arrival> settle(piece& result, std::uint32_t& edge);

   private:
    intake& in_;
    const std::vector<std::uint32_t> edges_;
    std::optional<std::uint32_t> came_;  // the edge that a case was chosen of
    batch_ref batch_;                    // null: it is closed
    bool token_ = false;                 // the case was that of its leftovers
  };

 private:
  friend class wait_on;
  class waits_elsewhere;
  arrival receive(batch_ref& b, clock::time_point deadline, std::uint32_t edge);
  bool try_any(batch_ref& b, std::uint32_t edge, bool& all_closed, std::size_t* from = nullptr);
  batch_ref counted(std::size_t edge, batch_ref b);
  bool is_lost(const batch_ref& b) const;  // under mu_, or the receiver's
  void take_grain(std::size_t edge, piece& p);
  void came(edge_in& e);
  arrival fire(edge_in& e);
  bool take_directly(batch_ref& b, std::uint32_t only);
  void begin(piece& p);
  bool accept(batch_ref b);           // through cut and grain into ready_
  void split(const batch_ref& b);
  void deal();                        // ready_ to the workers' queues
  void deal_in_order(const batch_ref& whole, const std::vector<std::vector<std::uint32_t>>& rows);
  void close_edge(edge_in& e);
  void nudge();
  bool wait_changed(std::unique_lock<mutex>& lock, std::uint32_t worker, clock::time_point deadline);

  std::vector<edge_in> edges_;                  // in the order of the stage's `from`
  std::vector<std::size_t> scan_;               // indices of edges_, higher priorities first; constant
  const std::uint64_t grain_;
  const pipe_field* const partition_by_;
  const bool in_order_;
  const cutter cut_;
  const told unreadable_;
  bool before_cycle_ = false;                   // constant: batches are read when they enter the cycle

  mutex mu_;
  cond changed_;                                // pieces, room in a partition's queues, or the receiver's place
  bool receiving_ = false;                      // guarded by mu_: somebody is the receiver
  std::deque<batch_ref> ready_;                 // guarded by mu_
  struct dealt {
    batch_ref batch;
    std::uint64_t ticket;  // in_order_: its own
  };
  std::vector<std::deque<dealt>> queues_;       // by worker, if partitioned; guarded by mu_
  std::vector<bool> gone_;                      // likewise: workers that have left; their queues are empty
  std::vector<chan<char>> nudges_;              // by worker, if partitioned: wakes one that waits until a deadline
  std::uint64_t next_ticket_ = 0;               // guarded by mu_
  bool ended_ = false;                          // guarded by mu_: nothing more will come
  bool left_ = false;                           // guarded by mu_
  std::uint32_t turn_ = 0;                      // the receiver's, or guarded by mu_: where the fair scan starts
  std::string failure_;                         // the receiver's, then constant
  bool broken_ = false;                         // guarded by mu_: no more is received; once what is ready is taken, that is the failure
  mutable std::mutex losing_;                   // guards lost_; nothing is taken under it
  std::vector<void*> lost_;
  std::atomic<bool> any_lost_{false};           // set behind the first entry
};

// Rows of a batch by the hash of a field's value: which worker of `workers` each belongs to. Missing counts as null.
void partition_rows(pipe_batch* b, const pipe_field* by, std::uint32_t workers, std::vector<std::vector<std::uint32_t>>& rows);

}  // namespace pipes::pipelines
