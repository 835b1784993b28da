// unit.cpp: the life of a pool: its workers start, take pieces or run, and the last one closes up.
#include <algorithm>
#include <stdexcept>
#include <utility>

#include "core/batch/range.hpp"
#include "pipelines/run/engine.hpp"

namespace pipes::pipelines {

stage_state::~stage_state() {
  if (shared && destroy_shared) destroy_shared(shared);
}

unit::unit(engine& run, std::vector<stage_state*> chain) : run_(run), chain_(std::move(chain)) {
  for (stage_state* s : chain_) {
    s->owner = this;
    name_ += (name_.empty() ? "" : " | ") + s->settings->id;
  }
  workers_ = chain_.front()->workers;
  ordered_ = !is_run() && !is_fold() && chain_.front()->settings->ordered && workers_ > 1;
}

bool unit::is_source() const { return !in_; }

bool unit::prepare(std::string& problem, stage_state** culprit) {
  auto make = [&](links& to, std::uint32_t number, bool first_only) {
    for (stage_state* s : chain_) {
      link_in_chain l;
      l.context = std::make_unique<worker_context>(*s, number);
      l.object = instance::make(*s->settings, *s->descriptor, *l.context, problem);
      if (!l.object) {
        *culprit = s;
        return false;
      }
      l.out = std::make_unique<output>();
      to.push_back(std::move(l));
      if (first_only) break;
    }
    return true;
  };
  made_.resize(workers_);
  for (std::uint32_t w = 0; w < workers_; ++w) {
    if (!make(made_[w], w, false)) return false;
    fold_locks_.push_back(std::make_unique<mutex>());
    opened_.push_back(0);
  }
  if (chain_.front()->descriptor->cut && !make(cutter_, 0, true)) return false;
  if (ordered_) {
    order_.emplace(workers_ + in_->capacity(), [this](outcome& due) {
      due.dropped = in_->lost(due.source);
      return send(due);
    });
  }
  // A fold that deals by key takes its own pieces alone: each key's state is one worker's, in order.
  if (is_fold() && workers_ > 1 && !(chain_.size() == 1 && in_->deals())) turns_.emplace(workers_ + in_->capacity());
  alive_ = folding_ = workers_;
  return true;
}

void unit::start(wait_group& running) {
  const nanos every = chain_.back()->settings->every;
  const bool ticks_itself = is_fold() && every.count() > 0;
  if (ticks_itself) alive_.fetch_add(1, std::memory_order_relaxed);
  running.add(static_cast<int>(workers_) + (ticks_itself ? 1 : 0));
  // Lives in the closure: a worker that was cancelled before it began is counted out too. Nothing in it parks.
  struct leaving {
    unit* pool;
    wait_group group;
    leaving(unit* u, wait_group g) : pool(u), group(std::move(g)) {}
    leaving(leaving&& o) noexcept : pool(std::exchange(o.pool, nullptr)), group(o.group) {}
    ~leaving() {
      if (!pool) return;
      if (pool->alive_.fetch_sub(1, std::memory_order_acq_rel) == 1) pool->last_one_out();
      group.done();
    }
  };
  for (std::uint32_t w = 0; w < workers_; ++w) {
    go_options how;
    how.name = workers_ > 1 ? name_ + " [" + std::to_string(w) + "]" : name_;
    for (stage_state* s : chain_) how.stack = std::max<std::size_t>(how.stack, s->settings->stack);
    fibers_.go(std::move(how), [guard = leaving(this, running), w] { guard.pool->work(w); });
  }
  if (ticks_itself) {
    // Ends with the last worker, not by being cancelled: what it is sending then must arrive.
    fibers_.go(go_options{name_ + " (every)", chain_.back()->settings->stack}, [guard = leaving(this, running), every] {
      unit& u = *guard.pool;
      while (select(on_recv(u.folded_), pipes::on_timeout(every)) == 1) u.flush_fold(false);
    });
  }
}

void unit::work(std::uint32_t number) {
  links& chain = made_[number];
  try {
    std::unique_lock<mutex> state;       // a tick may come before this worker has begun
    if (is_fold()) state = std::unique_lock(*fold_locks_[number]);
    for (link_in_chain& l : chain) {
      stage_state& s = l.context->stage();
      const pipe_status opened = s.descriptor->open ? s.descriptor->open(l.object->self(), l.context.get()) : PIPE_OK;
      if (opened == PIPE_CANCELLED) said_cancelled(s);
      if (opened != PIPE_OK) return fail(s, l.context->take_failure());
    }
    if (state) {
      opened_[number] = 1;
      state.unlock();
    }
    if (is_run()) {
      work_run(chain);
      if (in_) in_->leave(number);
    } else {
      work_pieces(number, chain);
    }
  } catch (const cancelled&) {
    // unwanted, failed elsewhere in the pool, or aborted: nothing more to say
  } catch (const whole_failure& e) {
    fail(*e.stage, e.what());
  } catch (const std::exception& e) {
    fail(*chain_.front(), e.what());
  }
}

void unit::work_run(links& chain) {
  link_in_chain& l = chain.front();
  stage_state& s = l.context->stage();
  struct lifetime {
    stage_counts& counts;
    std::int64_t began = ticks();
    ~lifetime() { counts.working.fetch_add(ticks() - began, std::memory_order_relaxed); }
  } alive{s.counts};
  const pipe_status ended = s.descriptor->run(l.object->self(), l.context.get());
  l.context->join_fibers();
  if (ended == PIPE_CANCELLED) return is_cancelled() ? void() : fail(s, cancelled_by_nobody);
  std::string message = l.context->take_failure();
  if (ended == PIPE_ERROR || !message.empty()) {
    return fail(s, std::move(message));
  }
  if (l.context->gave_up()) pass_over_the_rest(l);
  if (s.descriptor->close) {
    if (s.descriptor->close(l.object->self(), l.context.get(), l.out.get()) == PIPE_ERROR) return fail(s, l.context->take_failure());
    outcome rest;
    for (emitted& e : l.out->take()) rest.outputs.push_back({s.out.get(), e.port, std::move(e.batch), &s});
    send(rest);
  }
}

void unit::work_pieces(std::uint32_t number, links& chain) {
  stage_counts& counts = chain.front().context->stage().counts;
  std::int64_t before = ticks();
  for (;;) {
    piece next;
    const arrival a = in_->next(number, next);
    const std::int64_t got = ticks();
    counts.waiting_in.fetch_add(got - before, std::memory_order_relaxed);
    before = got;
    if (a == arrival::closed) break;
    if (a == arrival::tick) {
      if (is_fold() && chain_.size() == 1) flush_fold(false);  // the edge is that of the chain's first stage
      continue;
    }
    run_.moved();
    outcome result;
    if (a == arrival::failed) {
      result.failed_stage = chain_.front();
      result.input_failed = true;
      result.failure = cutter_.empty() || !in_->failure().empty() ? in_->failure() : cutter_.front().context->take_failure();
    } else {
      result.input = next.batch;
      if (in_->read_by_workers()) result.source = maker_of(next.batch.get());
      if (!next.fault.empty()) next.batch = result.input = without_fault(next.batch);
      try {
        if (too_late(next.ticket)) give_up(count(next.batch.get()));
        else if (is_fold() && chain.size() == 1) result.folded.push_back(next.batch);
        else feed(chain, 0, next.batch, result, next.ticket);
      } catch (const whole_failure& e) {
        result.failed_stage = e.stage;
        result.failure = e.what();
      }
      if (!next.fault.empty() && !result.failed_stage) {  // what was read before the fault has gone its way
        result.failure = next.fault;
        result.source_lost = next.faulty;
        result.input_failed = !next.faulty;
        if (!next.faulty) result.failed_stage = chain_.front();
      }
    }
    next.batch.reset();
    const std::int64_t worked = ticks();
    counts.working.fetch_add(worked - before, std::memory_order_relaxed);
    note_pace(worked - before);
    const bool failed = result.failed_stage && !result.source;  // of behind a fault, a failure may be dropped with its piece: send() stops the pool where it is not
    if (is_fold()) {
      if (!take_turn(number, chain, next.ticket, std::move(result))) return;
      before = ticks();
    } else {
      deliver(next.ticket, std::move(result));
      before = ticks();
      counts.waiting_out.fetch_add(before - worked, std::memory_order_relaxed);
    }
    if (failed || stopping()) return;
  }
  if (!is_fold()) return close_links(number);
  if (folding_.fetch_sub(1, std::memory_order_acq_rel) == 1 && !stopping()) {
    // What the stages in front of a fold hold back comes behind all that any of them was given.
    for (std::uint32_t w = 0; w < workers_; ++w) close_links(w);
    if (!stopping()) flush_fold(true);
    folded_.close();
  }
}

void unit::note_pace(std::int64_t took) {
  std::int64_t longest = longest_piece_.load(std::memory_order_relaxed);
  while (took > longest && !longest_piece_.compare_exchange_weak(longest, took, std::memory_order_relaxed)) {}
}

// A drain that cannot be done in time drops the end of what waits for a stage that takes its time over each record: once what is left
// may not do for one more, none is begun, so that what is behind the stage can write what came before. How long one may take is told by
// the slowest so far, which costs half of the time at most.
bool unit::too_late(std::uint64_t ticket) {
  const std::int64_t left = run_.time_to_wait();
  if (left == INT64_MAX || !in_->has_grain()) return false;
  std::lock_guard lock(beginning_);
  // Nothing is dropped out of the middle: another worker may have begun a later one. (Where each has records of its own keys, that is no middle.)
  const bool may_end = in_->deals() || ticket >= begun_;
  if (may_end && left <= std::min(longest_piece_.load(std::memory_order_relaxed), run_.options().drain_timeout.count() / 2)) late_ = true;
  if (late_ && may_end) return true;
  begun_ = std::max(begun_, ticket + 1);
  return false;
}

// What comes to a run stage that gave up, so that it can be told how much that was.
void unit::pass_over_the_rest(link_in_chain& l) {
  for (;;) {
    pipe_batch* raw = nullptr;
    switch (l.context->recv_until(intake::any, INT64_MAX, &raw)) {
      case PIPE_OK: give_up(count(batch_ref::adopt(raw).get())); break;
      case PIPE_TICK: break;
      case PIPE_CANCELLED: throw cancelled();
      case PIPE_ERROR: return fail(l.context->stage(), l.context->take_failure());
      default: return;
    }
  }
}

// A piece has come through the stages in front of the fold. What came before a failure is folded and told, as where channels lie
// between those stages and the fold. False: the pool is to stop.
bool unit::take_turn(std::uint32_t number, links& chain, std::uint64_t ticket, outcome result) {
  stage_counts& counts = chain.front().context->stage().counts;
  std::int64_t began = ticks();
  const auto whole = [&](std::uint64_t of, outcome& piece) {
    const bool go_on = fold_piece(number, chain, of, piece);
    const std::int64_t now = ticks();
    counts.working.fetch_add(now - std::exchange(began, now), std::memory_order_relaxed);
    return go_on;
  };
  if (!turns_) {
    result.dropped = in_->lost(result.source);
    return whole(ticket, result);
  }
  auto due = turns_->pass(ticket, std::move(result));
  const std::int64_t now = ticks();
  counts.waiting_out.fetch_add(now - std::exchange(began, now), std::memory_order_relaxed);
  if (!due) return false;
  for (auto& [of, piece] : *due) {
    if (!whole(of, piece)) return false;
    piece = outcome();
    turns_->folded();
  }
  return true;
}

bool unit::fold_piece(std::uint32_t number, links& chain, std::uint64_t ticket, outcome& due) {
  fold(number, chain, ticket, due);
  if (due.failed_stage == chain_.back() && !due.input_failed) {   // not counted: nobody behind it may take it for done and tell the fold
    numbers_.wait_for(ticket);
    return send(due);
  }
  numbers_of(ticket, due);
  if (due.failed_stage) {
    numbers_.wait_for(ticket);
    flush_fold(true);
  }
  return send(due);
}

// What has reached the fold goes into this worker's state.
void unit::fold(std::uint32_t number, links& chain, std::uint64_t ticket, outcome& due) {
  if (!is_fold() || due.dropped) return;
  std::unique_lock state(*fold_locks_[number]);
  if (finished_.load(std::memory_order_relaxed)) return;   // its state has been merged into another
  if (due.input) fed_.store(true, std::memory_order_release);
  for (batch_ref& b : std::exchange(due.folded, {}))
    if (!feed(chain, chain.size() - 1, std::move(b), due, ticket)) return;
}

void unit::numbers_of(std::uint64_t ticket, const outcome& of) {
  pipe_batch* const in = of.input.get();
  if (in && is_uncounted(in)) return numbers_.add(ticket, 0, counted_file(in));
  numbers_.add(ticket, in && is_cut(in) ? std::optional(count(in)) : std::nullopt, in ? counted_file(in) : counted_file());
}

// A source could not be read on: it has failed, and ends. What this pool has of it from before the fault is under way; the rest is dropped.
void unit::source_lost(void* source, const std::string& why) {
  if (stopping()) return;
  in_->lose(source);
  stage_state& s = *static_cast<stage_state*>(source);
  s.owner->unreadable(s, why);
}

// What the stages of the chain still hold back, each through those behind it.
void unit::close_links(std::uint32_t worker) {
  links& chain = made_[worker];
  for (std::size_t level = 0; level < chain.size(); ++level) {
    link_in_chain& l = chain[level];
    stage_state& s = l.context->stage();
    if (!s.descriptor->close) continue;
    if (s.descriptor->close(l.object->self(), l.context.get(), l.out.get()) == PIPE_ERROR) return fail(s, l.context->take_failure());
    outcome rest;
    emit(chain, level, l.out->take(), rest, 0);
    fold(worker, chain, 0, rest);
    if (!send(rest)) return;
  }
}

bool unit::flush(std::uint32_t worker, output& out) {
  links& chain = made_[worker];
  const auto of = std::find_if(chain.begin(), chain.end(), [&](const link_in_chain& l) { return l.out.get() == &out; });
  if (of == chain.end()) throw std::logic_error("output_flush is for the output that finish() or close() was given");
  outcome made;
  const auto level = static_cast<std::size_t>(of - chain.begin());
  emit(chain, level, out.take(), made, 0);
  if (level + 1 < chain.size()) fold(worker, chain, 0, made);
  return send(made) && !stopping();
}

void unit::deliver(std::uint64_t ticket, outcome result) {
  if (order_) {
    numbers_of(ticket, result);
    order_->deliver(ticket, std::move(result));
  } else {
    // What came before is written: the others send what they have of earlier pieces before the failure cancels them.
    if (result.failed_stage || result.source_lost) numbers_.wait_for(ticket);
    result.dropped = in_->lost(result.source);
    send(result);
    numbers_of(ticket, result);
  }
}

// What is sent is complete, and is sent to its end even if another worker fails meanwhile. That cannot hang: a link's readers
// receive, or leave and say so.
bool unit::send(outcome& due) {
  if (due.dropped) return true;
  const cancel_shield whole;
  for (routed& r : due.outputs) {
    std::string problem;
    if (run_.options().stats) {
      r.from->counts.bytes_out.fetch_add(memory_of(r.batch.get()), std::memory_order_relaxed);
      r.from->counts.records_out.fetch_add(count(r.batch.get()), std::memory_order_relaxed);
    }
    if (!r.to->send(r.port, std::move(r.batch), problem)) {
      fail(*r.from, problem);
      return false;
    }
  }
  if (due.source_lost) source_lost(due.source, due.failure);
  if (due.failed_stage) {
    fail(*due.failed_stage, due.failure);
    return false;
  }
  return true;
}

void unit::last_one_out() {
  if (const std::uint64_t n = given_up_.load(std::memory_order_relaxed))
    made_.front().front().context->log(PIPE_LOG_WARN, std::string(stopping() ? "at least " : "") + std::to_string(n) + (n == 1 ? " record was" : " records were") +
                                                          " dropped: --drain-timeout left no time for " + (n == 1 ? "it" : "them"));
  for (stage_state* s : chain_) {
    if (s->out) s->out->close();
    if (s->dead) s->dead->close();
  }
  if (in_) in_->leave();
  ended_.store(true, std::memory_order_release);
}

bool unit::cut(const batch_ref& in, std::vector<batch_ref>& out) {
  link_in_chain& l = cutter_.front();
  stage_state& s = l.context->stage();
  const pipe_status status = s.descriptor->cut(l.object->self(), l.context.get(), in.get(), l.out.get());
  if (status != PIPE_OK) {
    if (status == PIPE_ERROR && in) l.context->fail(in_file(in.get()) + l.context->take_failure());
    return false;
  }
  for (record_fault& fault : l.out->take_faults()) {
    l.context->fail(in ? in_file(in.get()) + fault.message : fault.message);
    return false;
  }
  for (emitted& e : l.out->take()) out.push_back(std::move(e.batch));
  return true;
}

// Everything that is folded so far, emitted once: the states are merged into that of the first worker that has begun, which is
// then reset. Those that have not begun hold nothing.
void unit::flush_fold(bool last) {
  std::lock_guard whole(flush_lock_);
  if (finished_.load(std::memory_order_relaxed)) return;
  finished_.store(last, std::memory_order_relaxed);   // seen by whoever takes a fold lock after this has held them all
  outcome result;
  {
    std::vector<std::unique_lock<mutex>> held;
    for (auto& l : fold_locks_) held.emplace_back(*l);
    const auto begun = static_cast<std::uint32_t>(std::find(opened_.begin(), opened_.end(), 1) - opened_.begin());
    if (begun == workers_) return;
    // The end repeats no tick that has told all; a fold that never told anything does so once (count of nothing is 0).
    if (!fed_.exchange(false, std::memory_order_acq_rel) && last && told_) return;
    told_ = true;
    const std::size_t level = chain_.size() - 1;
    link_in_chain& first = made_[begun][level];
    stage_state& s = *chain_[level];
    for (std::uint32_t w = begun + 1; w < workers_; ++w) {
      if (!opened_[w]) continue;
      link_in_chain& other = made_[w][level];
      if (s.descriptor->merge(first.object->self(), first.context.get(), other.object->self()) != PIPE_OK) return fail(s, first.context->take_failure());
      if (last) continue;
      std::string problem;
      count_misses(other);
      other.object = instance::make(*s.settings, *s.descriptor, *other.context, problem);
      if (!other.object) return fail(s, problem);
      if (s.descriptor->open && s.descriptor->open(other.object->self(), other.context.get()) != PIPE_OK) return fail(s, other.context->take_failure());
    }
    const pipe_status finished = s.descriptor->finish(first.object->self(), first.context.get(), first.out.get());
    if (finished == PIPE_CANCELLED) throw cancelled();
    if (finished == PIPE_CLOSED) return;
    if (finished != PIPE_OK) return fail(s, first.context->take_failure());
    for (emitted& e : first.out->take()) result.outputs.push_back({s.out.get(), e.port, std::move(e.batch), &s});
  }
  send(result);
}

void unit::count_misses() {
  for (links& chain : made_)
    for (link_in_chain& l : chain) count_misses(l);
}

void unit::count_misses(link_in_chain& l) {
  const std::uint64_t n = l.object ? l.object->expression_misses() : 0;
  if (n) l.context->count("expression misses", static_cast<std::int64_t>(n));
}

void unit::unwanted() {
  stopping_.store(true, std::memory_order_release);
  cancel_all();
}

void unit::cancel_all() {
  fibers_.cancel();
  for (links& chain : made_)
    for (link_in_chain& l : chain) l.context->cancel_fibers();
}

void unit::abort() { unwanted(); }

void unit::drain() {
  draining_.store(true, std::memory_order_release);
  if (!drained_closed_.exchange(true)) drained_.close();
}

void unit::fail(stage_state& s, std::string message) {
  if (stopping_.exchange(true, std::memory_order_acq_rel)) return;  // the first worker's word counts; an unwanted stage has none
  if (!said_.exchange(true, std::memory_order_acq_rel)) run_.failed(s, message.empty() ? "failed without a message" : message);
  cancel_all();
}

// It may have ended long ago: its readers found the fault in what it had sent, and want to know.
void unit::unreadable(stage_state& s, const std::string& message) {
  stopping_.store(true, std::memory_order_release);
  if (!said_.exchange(true, std::memory_order_acq_rel)) run_.failed(s, message);
  cancel_all();
}

}  // namespace pipes::pipelines
