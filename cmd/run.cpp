// run.cpp: `pipe run FILE [ARG...]`: checks, runs, reports.
#include "pipelines/run/run.hpp"

#include <signal.h>
#include <unistd.h>

#include <cstdio>

#include "cmd/arguments.hpp"
#include "cmd/config.hpp"
#include "cmd/log.hpp"

namespace pipes::cmd {
namespace {

pipelines::run_options options_of(const arguments& a) {
  pipelines::run_options o;
  constexpr std::int64_t most_threads = 100'000;
  const std::int64_t threads = a.integer("threads").value_or(0);
  if (threads > most_threads) throw usage_error("pipe run: --threads: " + std::to_string(threads) + " is more than " + std::to_string(most_threads));
  o.threads = static_cast<unsigned>(threads);
  if (const auto seed = a.integer("seed")) o.seed = static_cast<std::uint64_t>(*seed);
  if (o.seed && o.threads > 1) throw usage_error("pipe run: --seed runs everything on one thread: leave out --threads");
  o.timeout = a.duration("timeout");
  o.drain_timeout = *a.duration("drain-timeout", true);
  o.stall = a.duration("stall");
  o.stats = a.has("stats");
  if (a.has("progress") && a.has("no-progress")) throw usage_error("pipe run: --progress or --no-progress, not both");
  o.progress = a.has("progress") || (!a.has("no-progress") && isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO));
  return o;
}

// Ends the process as the signal would have, so that the shell sees 130 or 143.
void raise_again(int signal_number) {
  signal(signal_number, SIG_DFL);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal_number);
  pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  raise(signal_number);
}

// While stages still run: nothing is destroyed.
void end_process(const pipelines::run_report& report) {
  if (report.signal) raise_again(report.signal);
  _exit(report.exit_code);
}

}  // namespace

int run(const arguments& a) {
  set_up_log(a);
  pipelines::run_options options = options_of(a);
  options.abandon = end_process;
  const std::optional<std::string> file = config_file(a);
  std::vector<std::string> values(a.operands().begin() + (file ? 1 : 0), a.operands().end());
  const checked_config config(a, file, values);
  if (!config.graph()) return config.exit_code();
  if (config.graph()->reads_stdin && isatty(STDIN_FILENO)) std::fputs("pipe: reading the terminal; end the input with Ctrl-D\n", stderr);

  const pipelines::run_report report = pipelines::run(*config.graph(), options);
  if (options.stats) std::fputs(report.table().c_str(), stderr);
  if (report.signal) raise_again(report.signal);
  return report.exit_code;
}

}  // namespace pipes::cmd
