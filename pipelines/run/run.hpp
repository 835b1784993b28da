// run.hpp: a checked graph becomes a running pipeline, and a report when it has ended.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/graph/graph.hpp"

namespace pipes::pipelines {

struct run_report;

struct run_options {
  unsigned threads = 0;                            // processors of the scheduler; 0: the CPUs that the process may use
  std::optional<nanos> timeout;                    // drained like a signal when it passes; exit code 5
  nanos drain_timeout = std::chrono::seconds(10);  // how long a drain may take before it becomes an abort
  std::optional<nanos> stall;                      // dump when nothing has moved for that long
  std::optional<std::uint64_t> seed;               // deterministic: one processor, choices from the seed, virtual time
  bool stats = false;                              // count records everywhere, for the table at the end
  bool progress = false;                           // show rate, share done and time left on stderr
  bool handle_signals = true;                      // SIGINT and SIGTERM drain, then abort; SIGQUIT dumps
  // Called once an aborted run has not ended within five seconds, since a stage computes and does not come back: run() will not return.
  // It ends the process, as `exit_code` and `signal` of the report say. Without it run() waits for the stage.
  std::function<void(const run_report&)> abandon;
};

// What --stats shows of a stage.
struct stage_report {
  std::string id;
  std::uint32_t workers = 0;
  std::uint64_t records_in = 0, records_out = 0, bytes_in = 0, bytes_out = 0;
  std::uint64_t batches_in = 0, errors = 0, dropped = 0;
  nanos working{0}, waiting_in{0}, waiting_out{0};
  std::vector<std::pair<std::string, std::int64_t>> counters;
};

struct run_report {
  // 0 done, 1 a stage failed, 4 deadlock, 5 timed out. The first cause wins. With `signal` set, re-raise it instead.
  int exit_code = 0;
  int signal = 0;
  std::vector<std::string> failures;  // one message each, already logged
  std::vector<stage_report> stages;   // in the order of the graph
  nanos elapsed{0};

  std::string table() const;          // --stats: the table and the line that names the bottleneck
};

// Runs the graph to its end. Call it from a plain thread; it starts the scheduler and returns when every fiber has ended.
// Everything is opened and every instance is made before the first stage starts: a fault found there is a failure of a stage.
run_report run(const graph& g, const run_options& options = {});

}  // namespace pipes::pipelines
