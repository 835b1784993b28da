// outlet.hpp: a stage's outputs: batches go to the links of their port, in order where that is asked for.
#pragma once
#include <pipe/runtime.hpp>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipelines/run/link.hpp"

namespace pipes::pipelines {

// The outputs of one stage. send() parks; several workers may call it at once (each batch goes to each link whole).
//   O1  live_ counts the links that somebody reads; when the last one is left, `unwanted` is called, once, on its reader's fiber.
class outlet {
 public:
  struct port_out {
    std::vector<std::shared_ptr<link>> links;           // a broadcast: each gets every batch
    // Links of a shared channel that deals by key: one for each member.
    std::vector<std::vector<std::shared_ptr<link>>> dealt;
    std::vector<const pipe_field*> dealt_by;
  };

  outlet(std::vector<port_out> ports, std::uint64_t records_per_batch, std::function<void()> unwanted);

  // False: the stage failed on a full or slow link; failure() says how. Dropping and gone readers are no failure.
  bool send(std::uint32_t port, batch_ref batch, std::string& failure);
  // Everything is sent: readers drain and see the end. Once, by the stage's last worker.
  void close();
  bool has_links(std::uint32_t port) const { return port < ports_.size() && !(ports_[port].links.empty() && ports_[port].dealt.empty()); }
  // Dead letters: the stage goes on when nobody reads them.
  void keep_going() { live_.fetch_add(1, std::memory_order_relaxed); }
  // The port's only link, or null.
  link* only_link(std::uint32_t port) const { return port < ports_.size() && ports_[port].links.size() == 1 && ports_[port].dealt.empty() ? ports_[port].links[0].get() : nullptr; }
  std::size_t ports() const { return ports_.size(); }
  std::uint64_t dropped() const;

 private:
  bool send_one(link& l, batch_ref batch, std::string& failure);

  std::vector<port_out> ports_;
  const std::uint64_t records_;
  const std::function<void()> unwanted_;
  std::vector<std::shared_ptr<link>> all_;
  std::atomic<int> live_{0};
};

// Where a batch is bound for.
struct routed {
  outlet* to;
  std::uint32_t port;
  batch_ref batch;
  struct stage_state* from;
};

// What came of one piece. The input is held until its outputs are sent: a cycle counts on it.
struct outcome {
  batch_ref input;
  std::vector<routed> outputs;
  std::vector<batch_ref> folded;      // what reached the fold at the chain's end, and is not in its state yet
  std::uint64_t first_row = 0;        // of what is being worked on, in the piece
  std::string failure;                // with failed_stage: send the outputs, then the pool stops with this message
  struct stage_state* failed_stage = nullptr;
  bool input_failed = false;          // it is the input that failed, not the stage that is to blame
  void* source = nullptr;             // whose records the piece is, where that may be lost
  bool source_lost = false;           // it could not be read on, as `failure` says: send the outputs; it ends, the pool goes on with others
  bool dropped = false;               // of behind such a fault: nothing came of it
};

// Puts what a pool makes back into the order in which its pieces were handed out.
//   S1  outcomes with a ticket below next_ have been sent; pending_ holds others that are done, none below next_.
//   S2  one worker at a time is the sender; it sends what is next without holding mu_.
//   S3  a worker with a ticket of next_ + window_ or more waits in deliver(): that bounds what is held back.
class sequencer {
 public:
  using sender = std::function<bool(outcome&)>;  // false: stop
  sequencer(std::uint64_t window, sender send);
  // Parks. False: the pool is to stop.
  bool deliver(std::uint64_t ticket, outcome result);

 private:
  const std::uint64_t window_;
  const sender send_;
  mutex mu_;
  cond moved_;
  std::map<std::uint64_t, outcome> pending_;  // guarded by mu_
  std::uint64_t next_ = 0;                    // guarded by mu_
  bool sending_ = false;                      // guarded by mu_
  bool stopped_ = false;                      // guarded by mu_
};

// Where several workers fold: what a piece brought goes into a state only when all pieces before it have come through the stages
// in front of the fold, so that after a failure the states hold exactly what came before it, however the workers ran.
//   T1  the outcomes of tickets below next_ were handed out, in order, each once, to whoever brought the one that was missing;
//       he folds them into his own state, beside others who do the same. pending_ holds the rest.
//   T2  behind an outcome with a failure none is handed out.
//   T3  out_ counts what was handed out and is not folded yet; but for the one whose turn it is, a worker with a ticket of
//       next_ + window_ - out_ or more waits: at most a window of outcomes is held, and one more for each worker.
class fold_turns {
 public:
  explicit fold_turns(std::uint64_t window) : window_(window) {}
  using due = std::vector<std::pair<std::uint64_t, outcome>>;
  // Parks. What is due now, this outcome perhaps among it; nothing: another piece has failed, the pool is to stop.
  std::optional<due> pass(std::uint64_t ticket, outcome result);
  void folded();                              // one of those handed out

 private:
  const std::uint64_t window_;
  mutex mu_;
  cond moved_;
  std::map<std::uint64_t, outcome> pending_;  // guarded by mu_
  std::uint64_t next_ = 0;                    // guarded by mu_
  std::uint64_t out_ = 0;                     // guarded by mu_
  bool failed_ = false;                       // guarded by mu_
  std::vector<void*> lost_;                   // guarded by mu_: sources, as of next_
};

}  // namespace pipes::pipelines
