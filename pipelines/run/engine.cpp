// engine.cpp: from the graph to units and links, through the run, to the report.
#include "pipelines/run/engine.hpp"

#include <signal.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <numeric>
#include <system_error>
#include <thread>
#include <utility>

#include "core/expr/functions.hpp"
#include "pipelines/graph/fusion.hpp"
#include "pipelines/log.hpp"

namespace pipes::pipelines {
namespace {

// A spool renders and saves batches, as stages do: 64 KiB are too few under AddressSanitizer.
constexpr std::size_t spool_stack = 256 * 1024;

// The groups of stages that lie on one cycle: linked by edges on a cycle.
std::vector<std::uint32_t> cycle_groups(const graph& g) {
  std::vector<std::uint32_t> root(g.stages.size());
  std::iota(root.begin(), root.end(), 0u);
  auto find = [&](std::uint32_t x) {
    while (root[x] != x) x = root[x] = root[root[x]];
    return x;
  };
  for (const edge& e : g.edges)
    if (e.on_cycle) root[find(e.from)] = find(e.to);
  std::vector<std::uint32_t> group(g.stages.size());
  for (std::uint32_t i = 0; i < group.size(); ++i) group[i] = find(i);
  return group;
}

// Signals that the watcher takes are blocked in every thread while the run lasts.
class blocked_signals {
 public:
  explicit blocked_signals(bool handle) : handle_(handle) {
    ::sigemptyset(&set_);
    if (handle_)
      for (int s : {SIGINT, SIGTERM, SIGQUIT}) ::sigaddset(&set_, s);
    ::pthread_sigmask(SIG_BLOCK, &set_, &before_);
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, &pipe_before_);
    ::sigaction(SIGXFSZ, &ignore, &size_before_);  // a write beyond `ulimit -f` is an error of the stage that writes
  }
  ~blocked_signals() {
    ::sigaction(SIGPIPE, &pipe_before_, nullptr);
    ::sigaction(SIGXFSZ, &size_before_, nullptr);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  const sigset_t& set() const { return set_; }

 private:
  bool handle_;
  sigset_t set_, before_;
  struct sigaction pipe_before_ {}, size_before_ {};
};

// What the standard library says of a machine that has no more to give.
std::string in_plain_words(const std::string& message) {
  if (message == std::bad_alloc().what()) return "out of memory";
  if (message == std::generic_category().message(EAGAIN)) return "no thread could be started: " + message + " (memory, or ulimit -u)";
  constexpr std::string_view runtime = "pipe: ";  // it speaks for itself where it is a library
  return message.compare(0, runtime.size(), runtime) == 0 ? message.substr(runtime.size()) : message;
}

}  // namespace

engine::engine(const graph& g, const run_options& options) : graph_(g), options_(options) {
  wake_watcher_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  for (const stage& s : g.stages) files_read_.insert(s.reads_files.begin(), s.reads_files.end());
  if (struct stat s; g.reads_stdin && ::fstat(STDIN_FILENO, &s) == 0 && S_ISREG(s.st_mode)) files_read_.insert({s.st_dev, s.st_ino});
}

engine::~engine() {
  for (auto& c : cycles_) c->forget_links();  // batches left over count down still, when there is nothing left to close
  units_.clear();
  if (wake_watcher_ >= 0) ::close(wake_watcher_);
}

void engine::wire() {
  processors_ = options_.threads ? options_.threads : available_processors();
  if (options_.seed) processors_ = 1;
  const std::vector<std::uint32_t> group = cycle_groups(graph_);
  std::map<std::uint32_t, cycle*> cycles;
  auto cycle_of = [&](std::uint32_t stage_index) -> cycle* {
    if (!graph_.stages[stage_index].in_cycle) return nullptr;
    auto& c = cycles[group[stage_index]];
    if (!c) c = cycles_.emplace_back(std::make_unique<cycle>()).get();
    return c;
  };

  for (const channel& c : graph_.channels) {
    std::vector<std::shared_ptr<link>>& made = links_.emplace_back();
    const edge& first = graph_.edges[c.edges.front()];
    cycle* on = first.on_cycle ? cycle_of(first.to) : nullptr;
    cycle* out_of = on ? nullptr : cycle_of(c.from);
    const std::string from = graph_.stages[c.from].id;
    if (!c.partition_by.empty() && c.edges.size() > 1) {
      for (std::uint32_t e : c.edges) made.push_back(std::make_shared<link>(c, from + " -> " + graph_.stages[graph_.edges[e].to].id, 1, on, out_of));
    } else {
      made.push_back(std::make_shared<link>(c, from + " -> " + graph_.stages[first.to].id, static_cast<int>(c.edges.size()), on, out_of));
    }
    for (auto& l : made) {
      if (on) on->add_link(l.get());
      if (on && first.back) on->add_back_link(l.get());
      if (out_of) out_of->add_way_out();
    }
  }

  for (const stage& s : graph_.stages) {
    auto& state = stages_.emplace_back(std::make_unique<stage_state>());
    state->settings = &s;
    state->descriptor = static_cast<const pipe_stage*>(s.descriptor);
    state->run = this;
    state->workers = workers_of(s, processors_);
    for (const std::string& name : s.demanded) state->demanded.push_back(field(name));
  }

  // Chains: a stage joins the one before it where nobody can tell.
  unit_of_.assign(stages_.size(), nullptr);
  const std::vector<std::uint32_t> head = fused_heads(graph_, processors_);
  for (std::uint32_t i = 0; i < stages_.size(); ++i) {
    if (head[i] != i) continue;
    std::vector<stage_state*> chain{stages_[i].get()};
    for (std::uint32_t at = i;;) {
      std::uint32_t next = none;
      for (std::uint32_t k = 0; k < stages_.size(); ++k)
        if (k != at && head[k] == i && graph_.edges[graph_.stages[k].inputs[0].edges[0]].from == at) next = k;
      if (next == none) break;
      chain.push_back(stages_[next].get());
      at = next;
    }
    unit* u = units_.emplace_back(std::make_unique<unit>(*this, std::move(chain))).get();
    for (stage_state* s : u->chain()) unit_of_[static_cast<std::size_t>(s->settings - graph_.stages.data())] = u;
  }

  auto outlet_over = [&](const std::vector<std::vector<std::uint32_t>>& ports, const stage_state& s) {
    std::vector<outlet::port_out> made;
    for (const auto& channels : ports) {
      outlet::port_out& p = made.emplace_back();
      for (std::uint32_t c : channels) {
        if (links_[c].size() == 1) {
          p.links.push_back(links_[c].front());
        } else {
          p.dealt.push_back(links_[c]);
          p.dealt_by.push_back(field(graph_.channels[c].partition_by));
        }
      }
    }
    unit* u = s.owner;
    return std::make_unique<outlet>(std::move(made), s.settings->batch.records, [u] { u->unwanted(); });
  };
  for (std::uint32_t i = 0; i < stages_.size(); ++i) {
    stage_state& s = *stages_[i];
    const bool last = s.owner->chain().back() == &s;
    std::vector<std::vector<std::uint32_t>> ports;
    if (last)
      for (const output_port& p : s.settings->outputs) ports.push_back(p.channels);
    s.out = outlet_over(ports, s);
    if (!s.settings->dead_letter_channels.empty()) {
      s.dead = outlet_over({s.settings->dead_letter_channels}, s);
      s.dead->keep_going();
    }
  }

  for (auto& u : units_) {
    stage_state& s = *u->chain().front();
    if (s.settings->inputs.empty()) continue;
    std::vector<intake::edge_in> edges;
    u->first_hand_ = true;
    u->ticks_ = u->is_fold() && u->chain().back()->settings->every.count() > 0;
    for (std::uint32_t e : s.settings->inputs[0].edges) {
      const edge& way = graph_.edges[e];
      intake::edge_in in;
      const auto& made = links_[way.channel];
      const auto& readers = graph_.channels[way.channel].edges;
      in.from = made.size() == 1 ? made.front() : made[static_cast<std::size_t>(std::find(readers.begin(), readers.end(), e) - readers.begin())];
      in.settings = way;
      if (u->is_fold() && way.timeout.count() > 0 && way.on_timeout == on_timeout::tick) u->ticks_ = true;
      const channel& through = graph_.channels[way.channel];
      u->first_hand_ = u->first_hand_ && graph_.stages[way.from].inputs.empty() && readers.size() == 1 && through.on_full == on_full::block;
      in.name = graph_.stages[way.from].id + " -> " + s.settings->id;
      if (cycle* c = way.on_cycle ? nullptr : cycle_of(way.to)) {
        in.outer_of = c;
        c->add_outer_edge();
      }
      edges.push_back(std::move(in));
    }
    std::uint64_t grain = s.settings->grain.records;
    if (!grain && (s.descriptor->flags & PIPE_STAGE_EACH_RECORD)) grain = INT32_MAX;  // `batch`: a drain still stops between pieces
    const pipe_field* by = !s.settings->partition_by.empty() && s.workers > 1 ? field(s.settings->partition_by) : nullptr;
    unit* pool = u.get();
    cutter cut;
    if (s.descriptor->cut) cut = [pool](const batch_ref& b, std::vector<batch_ref>& out) { return pool->cut(b, out); };
    u->in_ = std::make_unique<intake>(std::move(edges), grain, s.workers, by, by && s.descriptor->shape == PIPE_SHAPE_MAP && s.settings->ordered, std::move(cut), [pool](void* source, const std::string& why) {
      if (source) pool->source_lost(source, why);
      else pool->fail(*pool->chain().front(), why);
    });
  }
}

bool engine::prepare() {
  wire();
  bool good = true;
  for (auto& u : units_) {
    std::string problem;
    stage_state* culprit = nullptr;
    if (!u->prepare(problem, &culprit)) {
      failed(*culprit, problem);
      good = false;
    }
  }
  return good;
}

run_report engine::go() {
  blocked_signals signals(options_.handle_signals);
  if (prepare()) {
    if (graph_.reads_stdin && ::isatty(STDIN_FILENO)) log::info("reading from the terminal; end with Ctrl-D");
    std::thread watcher;
    try {
      pipes::run_options how;
      how.processors = processors_;
      how.seed = options_.seed;
      how.stack_overflow_status = 1;   // a stage has failed
      how.on_deadlock = [this] { at_deadlock_ = picture(); };
      const chan<char> over(0);
      const wait_group starting;
      pipes::run(how, [&] {
        began_ = ticks();
        expr::begin_time(options_.seed.has_value());
        // Not before the run: the scheduler's start asks something of the kernel that is quick in a process of one thread
        // and takes milliseconds in one of two. And, where only signals and the reader of stdout are to be watched, not before
        // the run is 2 ms old: many are over by then, and what has come meanwhile is seen then.
        const auto start_watcher = [&] { watcher = std::thread([&] { watch(signals.set()); }); };
        if (options_.seed || options_.timeout || options_.stall || options_.progress) {
          start_watcher();
        } else {
          starting.go({.name = "watcher"}, [over, start_watcher] {
            if (select(on_recv(over), pipes::on_timeout(std::chrono::milliseconds(2))) == 1) start_watcher();
          });
        }
        wait_group running;
        wait_group pumps;
        for (auto& made : links_)
          for (auto& l : made)
            if (l->needs_pump()) {
              pumps.add(1);
              stage_state* const writer = stages_[l->settings().from].get();
              pipes::go(go_options{l->name() + " (spool)", spool_stack}, [l, pumps, writer] {
                try {
                  l->pump([writer](void* maker, std::string why) {
                    stage_state* by = maker ? static_cast<stage_state*>(maker) : writer;
                    by->owner->unreadable(*by, why);
                  });
                } catch (const std::exception& e) {
                  writer->owner->fail(*writer, "the edge " + l->name() + ": " + e.what());
                }
                pumps.done();
              });
            }
        for (auto& u : units_) u->start(running);
        running.wait();
        pumps.wait();
        ended_ = ticks();
        over.close();
        starting.wait();
        if (watcher.joinable()) end_watch();   // it ends while the run does
      });
    } catch (const deadlock& d) {
      std::lock_guard lock(mutex_);
      if (!cause_) cause_ = 4;
      failures_.push_back("deadlock: every worker waits for another\n" + at_deadlock_ + d.what());
      log::error(failures_.back());
    } catch (const std::exception& e) {
      std::lock_guard lock(mutex_);
      if (!cause_) cause_ = 1;
      failures_.push_back(in_plain_words(e.what()));
      log::error(failures_.back());
    }
    if (watcher.joinable()) {
      end_watch();
      watcher.join();
    }
  }
  for (auto& u : units_) u->count_misses();
  return report();
}

void engine::failed(stage_state& s, const std::string& message) {
  const std::string type(s.settings->written.empty() ? s.settings->type : s.settings->written);
  const std::string who = s.settings->id == type ? "stage '" + type + "'" : "stage '" + s.settings->id + "' (" + type + ")";
  std::string where;
  if (s.settings->where.known()) where = graph_.source + ":" + std::to_string(s.settings->where.line) + ":" + std::to_string(s.settings->where.column) + ": ";
  const std::string text = where + who + ": " + in_plain_words(message);
  log::error(text);
  std::lock_guard lock(mutex_);
  if (!cause_) cause_ = 1;
  failures_.push_back(text);
}

void engine::drain(int exit_code, int signal) {
  {
    std::lock_guard lock(mutex_);
    if (!cause_) {
      cause_ = exit_code;
      signal_ = signal;
    }
  }
  if (draining_.exchange(true)) return;
  drain_deadline_.store(wall_ticks() + options_.drain_timeout.count(), std::memory_order_release);
  drain_begins_.close();
  for (auto& u : units_)
    if (u->is_source()) u->drain();
}

bool engine::hold_back(nanos time, nanos needed) {
  const std::int64_t began = ticks();
  if (time.count() > 0 && !drains()) pipes::select(on_recv(drain_begins_), pipes::on_timeout(time));
  const nanos slept(ticks() - began);
  if (!drains()) return true;
  if ((needed - slept).count() > time_to_wait()) return false;
  if (time > slept) sleep_for(time - slept);
  return true;
}

void engine::abort() {
  aborting_.store(true, std::memory_order_release);
  for (auto& u : units_) u->abort();
}

run_report run(const graph& g, const run_options& options) {
  engine e(g, options);
  return e.go();
}

}  // namespace pipes::pipelines
