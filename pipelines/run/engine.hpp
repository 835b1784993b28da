// engine.hpp: the parts of a running pipeline. A graph's stages become units; a unit is a pool of workers (fibers) that runs a
// chain of one or more stages: neighbours of which a user could not tell that no channel lies between them.
//
// How a run ends. A stage's outputs close when its last worker ends, which ends its readers, down to the sinks. Backwards, when
// nobody reads any of a stage's outputs, its workers are cancelled and leave their inputs, up to the sources: that is success.
// A failed stage sends what was complete before, then closes and leaves like any other; the run's exit code says so.
//   E1  a unit's end (outputs closed, inputs left) is done once, by its last worker.
//   E2  nothing of a unit is touched after its last worker ended but its counters.
//   E3  the first cause decides the exit code.
#pragma once
#include <pipe/runtime.hpp>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/io/descriptor.hpp"
#include "core/plugin/host.hpp"
#include "pipelines/run/instance.hpp"
#include "pipelines/run/intake.hpp"
#include "pipelines/run/numbers.hpp"
#include "pipelines/run/outlet.hpp"
#include "pipelines/run/run.hpp"

namespace pipes::pipelines {

class engine;
class unit;

// Steady nanoseconds, as counters and deadlines hold them; virtual in a run with a seed.
inline std::int64_t ticks() { return std::chrono::duration_cast<nanos>(clock::now().time_since_epoch()).count(); }
// Never virtual: for what a user watches on his own clock, such as --timeout and progress.
using wall = std::chrono::steady_clock;
inline std::int64_t wall_ticks() { return std::chrono::duration_cast<nanos>(wall::now().time_since_epoch()).count(); }

// What a stage did. Written by its workers, read by reports; relaxed counters.
struct stage_counts {
  std::atomic<std::uint64_t> records_in{0}, records_out{0}, bytes_in{0}, bytes_out{0};
  std::atomic<std::uint64_t> batches_in{0}, errors{0};
  std::atomic<std::int64_t> working{0}, waiting_in{0}, waiting_out{0};  // nanoseconds, summed over workers
  std::mutex mutex;
  std::map<std::string, std::int64_t, std::less<>> named;  // guarded by mutex
};

// A stage in the run.
struct stage_state {
  const stage* settings = nullptr;
  const pipe_stage* descriptor = nullptr;
  engine* run = nullptr;
  unit* owner = nullptr;
  std::uint32_t workers = 1;
  std::vector<const pipe_field*> demanded;
  std::unique_ptr<outlet> out;
  std::unique_ptr<outlet> dead;  // where dead letters go; null: nowhere
  stage_counts counts;
  std::atomic<std::uint32_t> complaints{0};
  std::mutex announced_mutex;
  std::vector<const pipe_field*> announced;  // guarded by announced_mutex: fields that its records have

  // What its instances share (host.shared); made by the first that asks, destroyed after the last instance.
  std::mutex shared_mutex;
  void* shared = nullptr;
  void (*destroy_shared)(void*) = nullptr;
  ~stage_state();

  // Says that a record was skipped; a stage that skips a million says so ten times, --stats has the count.
  void skipped(pipe_context& by, const std::string& what);
  bool complains() const { return complaints.load(std::memory_order_relaxed) < most_complaints; }
  static constexpr std::uint32_t most_complaints = 10;
};

// The start of a record, for messages.
std::string excerpt(const batch_ref& b, std::uint32_t row);
// "'FILE': " in front of messages about records that were read from one, and "record N: ", of those that came to the stage
// where some of the file may have been left out before.
std::string in_file(pipe_batch* b);
std::string numbered(pipe_batch* b, std::uint64_t number, bool first_hand);
// The record as a dead letter: with `error`, `stage`, `attempts`.
batch_ref dead_letter(const stage_state& s, const batch_ref& b, const record_fault& fault, std::uint32_t attempts);
// on_error: how long to wait after that many attempts.
nanos pause_before(const error_policy& policy, std::uint32_t attempts);

// A call failed as a whole in a stage that carries state: there is no telling for which of its records, nor can it be made again.
struct whole_failure : std::runtime_error {
  whole_failure(stage_state& s, const std::string& message) : std::runtime_error(message), stage(&s) {}
  stage_state* stage;
};
inline constexpr const char* cancelled_by_nobody = "it ended as if it had been cancelled, which nobody did";

// A worker of a stage, as its plugin sees it.
class worker_context : public pipe_context {
 public:
  worker_context(stage_state& s, std::uint32_t number);
  void log(std::uint32_t level, std::string_view message) override;
  void count(std::string_view name, std::int64_t amount) override;
  bool demanded(const pipe_field* const** fields, std::uint64_t* count) override;
  void* shared(void* (*make)(), void (*destroy)(void*)) override;
  pipe_status recv_until(std::uint32_t port, std::int64_t deadline, pipe_batch** batch) override;
  pipe_status send(std::uint32_t port, pipe_batch* batch) override;
  pipe_status select(pipe_case* cases, std::uint64_t count, std::int64_t deadline, std::uint64_t* chosen) override;
  std::uint32_t inputs() override;
  pipe_status go(void (*entry)(void*), void* argument) override;
  pipe_status sleep(std::int64_t nanoseconds) override;
  pipe_status hold_back(std::int64_t nanoseconds, std::int64_t needed) override;
  void give_up(std::uint64_t records) override;
  pipe_status yield() override;
  pipe_status blocking(void (*entry)(void*), void* argument) override;
  pipe_status wait_fd(std::int32_t fd, std::uint32_t events, std::int64_t deadline) override;
  pipe_status read(std::int32_t fd, char* to, std::uint64_t size, std::int64_t* got) override;
  pipe_status write(std::int32_t fd, const pipe_text* parts, std::uint64_t count, std::int64_t* written) override;
  pipe_status write_batch(std::int32_t fd, pipe_batch* batch, std::int64_t* written) override;
  bool incomplete() override;
  void announce_fields(const pipe_field* const* fields, std::uint64_t count) override;
  bool input_fields(const pipe_field* const** fields, std::uint64_t* count) override;
  bool file_is_read(std::uint64_t device, std::uint64_t inode) override;
  void cancel_fibers() override { own_.cancel(); }
  pipe_status flush(pipe_output* out) override;
  pipe_status record_failed(pipe_batch* batch, std::uint32_t row, std::uint32_t attempt, std::string_view message) override;
  bool skips_records() override;
  void fail_now(std::string_view message) override;

  void join_fibers() { fibers_.wait(); }
  bool gave_up() const { return gave_up_.load(std::memory_order_relaxed); }
  stage_state& stage() const { return stage_; }

 private:
  template <class F>
  auto with(std::int32_t fd, bool writing, F f);
  template <class F>
  pipe_status writing(std::int32_t fd, std::int64_t* written, F write_to);
  pipe_status wait_ready(std::int32_t fd, bool writing, std::int64_t deadline);
  std::optional<pipe_status> hand_over(piece& next, pipe_batch** batch);
  std::string take_read_fault() {
    std::lock_guard lock(read_fault_mutex_);
    return std::exchange(read_fault_, {});
  }
  void leave_read_fault(std::string fault) {
    std::lock_guard lock(read_fault_mutex_);
    if (read_fault_.empty()) read_fault_ = std::move(fault);
  }

  stage_state& stage_;
  wait_group fibers_;
  const cancel_token own_;  // of the fibers that go() started
  std::mutex descriptors_mutex_, read_fault_mutex_;  // a stage's own fibers call at once; never held across a parking call
  std::map<std::pair<std::int32_t, bool>, std::unique_ptr<descriptor>> descriptors_;  // guarded by descriptors_mutex_
  std::vector<const pipe_field*> input_fields_;  // what input_fields() answered last
  std::string read_fault_;  // what the next receive fails with; guarded by read_fault_mutex_
  std::atomic<bool> gave_up_{false};
};

// One worker of a unit: an instance and a context for each stage of the chain.
struct link_in_chain {
  std::unique_ptr<worker_context> context;
  std::unique_ptr<instance> object;
  std::unique_ptr<output> out;
};

class unit {
 public:
  unit(engine& run, std::vector<stage_state*> chain);
  bool prepare(std::string& problem, stage_state** culprit);  // makes all instances
  void start(wait_group& running);   // launches the workers
  // A fiber that a stage started by itself: the pool has not ended while one is there.
  void fiber_joins() { alive_.fetch_add(1, std::memory_order_relaxed); }
  void fiber_leaves() {
    if (alive_.fetch_sub(1, std::memory_order_acq_rel) == 1) last_one_out();
  }

  // Any fiber or thread; none parks.
  void unwanted();                   // nobody reads any output
  void abort();                      // stop at once
  void drain();                      // a source: no more input
  bool draining() const { return draining_.load(std::memory_order_acquire); }
  void give_up(std::uint64_t records) { given_up_.fetch_add(records, std::memory_order_relaxed); }
  bool stopping() const { return stopping_.load(std::memory_order_acquire); }
  const chan<char>& drained() const { return drained_; }
  bool is_source() const;
  arrived_records& arrived() { return arrived_; }
  bool is_fold() const { return chain_.back()->descriptor->shape == PIPE_SHAPE_FOLD; }
  bool ended() const { return ended_.load(std::memory_order_acquire); }
  void count_misses();               // of its expressions, for --stats; once all workers have ended

  void fail(stage_state& s, std::string message);  // the run fails, the unit stops
  void unreadable(stage_state& s, const std::string& message);  // the same of a source, found by those who read what it sent
  intake* input() { return in_.get(); }
  const std::vector<stage_state*>& chain() const { return chain_; }
  const std::string& name() const { return name_; }

  // What a stage emitted so far in finish() or close() goes its way. False: stop.
  bool flush(std::uint32_t worker, output& out);
  void source_lost(void* source, const std::string& why);
  bool cut(const batch_ref& in, std::vector<batch_ref>& out);  // the sequential step in front of the workers
  std::unique_ptr<intake> in_;       // set while the graph is wired; null for a source
  bool first_hand_ = false;          // likewise: all that comes in comes from sources, nothing left out
  bool ticks_ = false;               // likewise: a fold that is flushed before its end

 private:
  friend class worker_context;
  using links = std::vector<link_in_chain>;
  void work(std::uint32_t number);
  void work_pieces(std::uint32_t number, links& chain);
  void note_pace(std::int64_t took);
  bool too_late(std::uint64_t ticket);
  void pass_over_the_rest(link_in_chain& l);
  void work_run(links& chain);
  void close_links(std::uint32_t worker);
  // Folds: a piece that came through the chain waits for its turn; in it, it is added and what it failed with is dealt with.
  bool take_turn(std::uint32_t number, links& chain, std::uint64_t ticket, outcome result);
  bool fold_piece(std::uint32_t number, links& chain, std::uint64_t ticket, outcome& due);
  void fold(std::uint32_t number, links& chain, std::uint64_t ticket, outcome& due);
  void numbers_of(std::uint64_t ticket, const outcome& of);
  void last_one_out();
  void cancel_all();

  bool feed(links& chain, std::size_t level, batch_ref b, outcome& result, std::uint64_t ticket);
  bool emit(links& chain, std::size_t level, std::vector<emitted> parts, outcome& result, std::uint64_t ticket);
  bool map_piece(links& chain, std::size_t level, const batch_ref& b, outcome& result, std::uint64_t ticket);
  bool is_cancelled() const;
  [[noreturn]] void said_cancelled(stage_state& s) const;
  std::vector<record_fault> faults_of(link_in_chain& l, const batch_ref& of);
  void call_map(link_in_chain& l, const batch_ref& b, std::vector<emitted>& parts, std::vector<record_fault>& faults);
  bool apply_policy(links& chain, std::size_t level, const batch_ref& b, std::vector<emitted> parts, std::vector<record_fault> faults, outcome& result,
                    std::uint64_t ticket);
  bool one_by_one(links& chain, std::size_t level, const batch_ref& b, std::vector<record_fault> faults, outcome& result, std::uint64_t ticket);
  bool dispose(links& chain, std::size_t level, const batch_ref& b, const record_fault& fault, std::uint32_t attempts, outcome& result, std::uint64_t ticket);
  bool send(outcome& result);
  void deliver(std::uint64_t ticket, outcome result);
  std::string describe(const batch_ref& b, std::size_t level, const record_fault& fault, std::uint64_t ticket, const outcome& so_far);

  static void count_misses(link_in_chain& l);
  bool is_run() const { return chain_.front()->descriptor->shape == PIPE_SHAPE_RUN; }
  void flush_fold(bool last);        // all states merged, emitted once, reset

  engine& run_;
  const std::vector<stage_state*> chain_;
  std::string name_;
  std::uint32_t workers_ = 1;
  bool ordered_ = false;
  std::vector<links> made_;          // by worker
  links cutter_;                     // the instance that cut() is called on
  std::vector<std::unique_ptr<mutex>> fold_locks_;  // by worker: its fold's state
  std::vector<char> opened_;                        // by worker, guarded by its fold lock: its instances are open
  mutex flush_lock_;                 // before any of fold_locks_
  std::atomic<bool> finished_{false};     // the last flush is made; set under flush_lock_
  bool told_ = false;                // guarded by flush_lock_: a flush was made
  std::atomic<bool> fed_{false};     // a fold got something since its last flush. Set by workers under their fold lock, reset by flush_fold
  const chan<char> folded_{0};       // closed after it
  std::optional<fold_turns> turns_;  // of a fold of several workers that does not deal by key
  std::optional<sequencer> order_;
  record_counter numbers_;
  arrived_records arrived_;          // of a run stage that reports faults of single records

  std::atomic<std::int64_t> longest_piece_{0};  // of those done, in nanoseconds
  std::mutex beginning_;             // never held across a parking call
  bool late_ = false;                // guarded by beginning_: no piece is begun any more but before one that has been
  std::uint64_t begun_ = 0;          // likewise: all tickets below it are, those begun before the drain aside
  std::atomic<std::uint64_t> given_up_{0};  // records that a drain left no time for
  cancel_token fibers_;              // the workers
  std::atomic<std::uint32_t> alive_{0}, folding_{0};
  std::atomic<bool> stopping_{false}, draining_{false}, ended_{false};
  std::atomic<bool> said_{false};    // why it fails
  std::atomic<bool> drained_closed_{false};
  const chan<char> drained_{0};      // closed by drain()
};

// The run as a whole.
class engine {
 public:
  engine(const graph& g, const run_options& options);
  ~engine();
  run_report go();

  // From any fiber or thread.
  void failed(stage_state& s, const std::string& message);  // logged; the first cause wins
  void drain(int exit_code, int signal);
  void abort();
  void abandon();                       // the aborted run does not end: calls options_.abandon
  // Nanoseconds that records which wait may still do so while the run drains; the rest of the time belongs to the stages behind, which
  // write what has come. INT64_MAX: nothing drains, or time is virtual and none of the drain's. `drain_begins` is closed when it begins.
  std::int64_t time_to_wait() const {
    const std::int64_t until = drain_deadline_.load(std::memory_order_acquire);
    if (until == INT64_MAX || options_.seed) return INT64_MAX;
    const std::int64_t to_write = std::min<std::int64_t>(options_.drain_timeout.count() / 5, 2'000'000'000);
    return std::max<std::int64_t>(0, until - to_write - wall_ticks());
  }
  // Sleeps, as does what has records in hand of which the next will have gone in `needed`. False: the run drains, and may not take that long.
  bool hold_back(nanos time, nanos needed);
  bool drains() const { return drain_deadline_.load(std::memory_order_acquire) != INT64_MAX; }
  const chan<char>& drain_begins() const { return drain_begins_; }
  bool aborting() const { return aborting_.load(std::memory_order_acquire); }
  bool has_cause() {        // it failed, or is being stopped
    std::lock_guard lock(mutex_);
    return cause_.has_value();
  }
  // Fields of what comes to the stage, in order; nullopt: not known.
  std::optional<std::vector<const pipe_field*>> fields_before(const stage& s);
  bool reads(file_identity file) const { return files_read_.count(file) != 0; }
  void moved() { progress_.fetch_add(1, std::memory_order_relaxed); }
  const run_options& options() const { return options_; }
  std::string picture();             // the wait-for graph: each pool, each edge's fill, who holds up whom
  std::string progress_line();
  std::string dump();                // the same with what every fiber waits for

 private:
  using known_of_stages = std::map<const stage*, std::optional<std::vector<const pipe_field*>>>;
  bool can_be_known(const stage& s) const;
  std::optional<std::vector<const pipe_field*>> find_fields_before(const stage& s, const known_of_stages& known);
  bool prepare();
  void wire();
  void end_watch();
  void watch(const sigset_t& signals);  // the watcher thread: signals, timeouts, a reader of stdout that left
  run_report report();

  const graph& graph_;
  const run_options options_;
  std::set<file_identity> files_read_;  // constant: by any stage
  const wall::time_point started_ = wall::now();
  std::int64_t began_ = 0, ended_ = 0;  // ticks(), when the stages started and when the last one had ended
  unsigned processors_ = 1;
  std::vector<std::unique_ptr<cycle>> cycles_;
  std::vector<std::vector<std::shared_ptr<link>>> links_;  // by channel; several where a shared channel deals by key
  std::vector<std::unique_ptr<stage_state>> stages_;
  std::vector<std::unique_ptr<unit>> units_;
  std::vector<unit*> unit_of_;       // by stage

  std::mutex mutex_;                 // guards cause_, signal_, failures_
  std::optional<int> cause_;
  int signal_ = 0;
  std::vector<std::string> failures_;
  std::string at_deadlock_;          // the picture when it was found
  std::atomic<bool> draining_{false}, aborting_{false}, over_{false};
  std::atomic<std::uint64_t> progress_{0};
  std::atomic<std::int64_t> drain_deadline_{INT64_MAX};  // of wall_ticks()
  const chan<char> drain_begins_{0};
  int wake_watcher_ = -1;            // eventfd
};

}  // namespace pipes::pipelines
