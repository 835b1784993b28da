// process.cpp: what a worker does with one piece: through the stages of its chain, with the errors of single records dealt with
// as the stage's on_error says.
//
// The unit of an error is the record: what it had emitted is withdrawn (output::take does that), those before and after it go on.
// With `fail` what came before the record is still sent, so the piece is run again up to it; a stage that carries state is not
// run twice, its outputs are taken as they are.
#include <algorithm>
#include <utility>

#include "pipelines/run/engine.hpp"

namespace pipes::pipelines {

std::string excerpt(const batch_ref& b, std::uint32_t row) {
  constexpr std::size_t excerpt_length = 120;
  std::uint64_t n = 0;
  const pipe_slice* all = records(b.get(), n);
  if (row >= n) return {};
  std::string s(view(all[row]).substr(0, excerpt_length));
  for (char& c : s)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return all[row].size > excerpt_length ? s + "…" : s;
}

std::string in_file(pipe_batch* b) {
  const file_origin* file = file_of(b);
  return file ? "'" + file->name() + "': " : "";
}

std::string numbered(pipe_batch* b, std::uint64_t number, bool first_hand) {
  return "record " + std::to_string(number) + (file_of(b) && !first_hand ? " of those that came here: " : ": ");
}

batch_ref dead_letter(const stage_state& s, const batch_ref& b, const record_fault& fault, std::uint32_t attempts) {
  const std::uint32_t row = fault.row;
  return annotate(pipes::select(b.get(), &row, 1).get(),
                  {{field("error"), fault.message}, {field("stage"), s.settings->id}, {field("attempts"), std::to_string(attempts)}});
}

nanos pause_before(const error_policy& policy, std::uint32_t attempts) {
  constexpr nanos longest = std::chrono::hours(1);
  nanos pause = policy.backoff;
  for (std::uint32_t i = 1; i < attempts && pause < longest; ++i) pause *= 2;
  return pause < policy.backoff || pause < longest ? pause : std::max(longest, policy.backoff);
}

void stage_state::skipped(pipe_context& by, const std::string& what) {
  const std::uint32_t so_far = complaints.fetch_add(1, std::memory_order_relaxed);
  if (so_far < most_complaints) by.log(PIPE_LOG_WARN, what + " (skipped)");
  if (so_far == most_complaints) by.log(PIPE_LOG_WARN, "more records are skipped; only the number of all of them is reported from here on");
}

// This worker's fiber, that is; or the run drains, which ends a source.
bool unit::is_cancelled() const {
  if (stopping() || (is_source() && draining())) return true;
  try {
    pipes::yield();
    return false;
  } catch (const cancelled&) {
    return true;
  }
}

// A stage may say so only because a call told it: else what it was given would be lost without a word.
void unit::said_cancelled(stage_state& s) const {
  if (is_cancelled()) throw cancelled();
  throw whole_failure(s, cancelled_by_nobody);
}

// By row. What a plugin says of a record that it was not given concerns no record.
std::vector<record_fault> unit::faults_of(link_in_chain& l, const batch_ref& of) {
  std::vector<record_fault> faults = l.out->take_faults();
  if (faults.empty()) return faults;
  std::stable_sort(faults.begin(), faults.end(), [](const record_fault& a, const record_fault& b) { return a.row < b.row; });
  const std::uint64_t n = count(of.get());
  if (const record_fault& last = faults.back(); last.row >= n)
    throw whole_failure(l.context->stage(), in_file(of.get()) + "it names record " + std::to_string(last.row + std::uint64_t{1}) + " of a batch that has " + std::to_string(n) + ": " + last.message);
  for (record_fault& f : faults)
    if (f.message.empty()) f.message = "failed without a message";
  return faults;
}

bool unit::feed(links& chain, std::size_t level, batch_ref b, outcome& result, std::uint64_t ticket) {
  link_in_chain& l = chain[level];
  stage_state& s = l.context->stage();
  s.counts.batches_in.fetch_add(1, std::memory_order_relaxed);
  if (run_.options().stats) {
    s.counts.records_in.fetch_add(count(b.get()), std::memory_order_relaxed);
    s.counts.bytes_in.fetch_add(memory_of(b.get()), std::memory_order_relaxed);
  }
  if (s.descriptor->shape == PIPE_SHAPE_FOLD) {
    const pipe_status status = s.descriptor->add(l.object->self(), l.context.get(), b.get(), l.out.get());
    std::vector<record_fault> faults = faults_of(l, b);
    l.out->discard();
    if (status == PIPE_CANCELLED) said_cancelled(s);
    if (status != PIPE_OK) {
      result.failed_stage = &s;
      result.failure = l.context->take_failure();
      return false;
    }
    if (faults.empty()) return true;
    return apply_policy(chain, level, b, {}, std::move(faults), result, ticket);
  }
  if (!(s.descriptor->flags & PIPE_STAGE_EACH_RECORD)) return map_piece(chain, level, b, result, ticket);
  // What it does for a record has effects: a fault of one must not make it do another one again.
  const std::uint64_t n = count(b.get());
  for (std::uint64_t i = 0; i < n; ++i) {
    if (level == 0) result.first_row = i;
    if (!map_piece(chain, level, n == 1 ? b : slice(b.get(), i, 1), result, ticket)) return false;
  }
  return true;
}

bool unit::map_piece(links& chain, std::size_t level, const batch_ref& b, outcome& result, std::uint64_t ticket) {
  std::vector<emitted> parts;
  std::vector<record_fault> faults;
  call_map(chain[level], b, parts, faults);
  if (faults.empty()) return emit(chain, level, std::move(parts), result, ticket);
  return apply_policy(chain, level, b, std::move(parts), std::move(faults), result, ticket);
}

bool unit::emit(links& chain, std::size_t level, std::vector<emitted> parts, outcome& result, std::uint64_t ticket) {
  stage_state& s = chain[level].context->stage();
  const bool inner = level + 1 < chain.size();
  for (emitted& e : parts) {
    if (!inner) {
      result.outputs.push_back({s.out.get(), e.port, std::move(e.batch), &s});
      continue;
    }
    if (run_.options().stats) {
      s.counts.records_out.fetch_add(count(e.batch.get()), std::memory_order_relaxed);
      s.counts.bytes_out.fetch_add(memory_of(e.batch.get()), std::memory_order_relaxed);
    }
    if (level + 2 == chain.size() && is_fold()) result.folded.push_back(std::move(e.batch));  // in its turn
    else if (!feed(chain, level + 1, std::move(e.batch), result, ticket)) return false;
  }
  return true;
}

void unit::call_map(link_in_chain& l, const batch_ref& b, std::vector<emitted>& parts, std::vector<record_fault>& faults) {
  stage_state& s = l.context->stage();
  auto run = [&](const batch_ref& in) {
    const pipe_status status = s.descriptor->map(l.object->self(), l.context.get(), in.get(), l.out.get());
    if (status == PIPE_CANCELLED) {
      l.out->discard();
      said_cancelled(s);
    }
    return status;
  };
  if (run(b) == PIPE_OK) {
    faults = faults_of(l, b);
    parts = l.out->take(b.get());
    return;
  }
  // The call failed as a whole. Record by record finds out whose fault it was.
  l.out->discard();
  std::string message = l.context->take_cause();
  const std::uint64_t n = count(b.get());
  if (s.descriptor->flags & PIPE_STAGE_STATEFUL) throw whole_failure(s, in_file(b.get()) + message);
  if (n <= 1) {
    faults.push_back({0, std::move(message)});
    return;
  }
  for (std::uint64_t i = 0; i < n; ++i) {
    const batch_ref one = slice(b.get(), i, 1);
    if (run(one) == PIPE_OK) {
      for (record_fault& f : faults_of(l, one)) faults.push_back({static_cast<std::uint32_t>(i), std::move(f.message)});
      for (emitted& e : l.out->take(one.get())) parts.push_back(std::move(e));
    } else {
      l.out->discard();
      faults.push_back({static_cast<std::uint32_t>(i), l.context->take_cause()});
    }
  }
}

bool unit::apply_policy(links& chain, std::size_t level, const batch_ref& b, std::vector<emitted> parts, std::vector<record_fault> faults,
                        outcome& result, std::uint64_t ticket) {
  link_in_chain& l = chain[level];
  stage_state& s = l.context->stage();
  const error_policy& policy = s.settings->on_error;
  const bool again = s.descriptor->shape == PIPE_SHAPE_MAP && !(s.descriptor->flags & PIPE_STAGE_STATEFUL);
  if (policy.times > 0 && again) return one_by_one(chain, level, b, std::move(faults), result, ticket);
  if (policy.then == error_action::fail && again) {
    if (faults.front().row > 0) {
      std::vector<emitted> before;
      std::vector<record_fault> more;
      const batch_ref head = slice(b.get(), 0, faults.front().row);
      call_map(l, head, before, more);
      if (!more.empty()) return apply_policy(chain, level, head, std::move(before), std::move(more), result, ticket);
      if (!emit(chain, level, std::move(before), result, ticket)) return false;
    }
    return dispose(chain, level, b, faults.front(), 1, result, ticket);
  }
  if (!emit(chain, level, std::move(parts), result, ticket)) return false;
  std::uint32_t last = UINT32_MAX;
  for (const record_fault& f : faults) {
    if (f.row == last) continue;
    last = f.row;
    if (!dispose(chain, level, b, f, 1, result, ticket)) return false;
  }
  return true;
}

// With retries: the outputs stay in order, so what follows a failed record waits for its last attempt.
bool unit::one_by_one(links& chain, std::size_t level, const batch_ref& b, std::vector<record_fault> faults, outcome& result, std::uint64_t ticket) {
  link_in_chain& l = chain[level];
  stage_state& s = l.context->stage();
  const error_policy& policy = s.settings->on_error;
  const std::uint64_t n = count(b.get());
  std::uint64_t done = 0;
  auto plain = [&](std::uint64_t to) {  // rows [done, to), which did not fail
    if (to <= done) return true;
    std::vector<emitted> parts;
    std::vector<record_fault> fresh;
    const batch_ref middle = slice(b.get(), done, to - done);
    call_map(l, middle, parts, fresh);
    if (fresh.empty()) return emit(chain, level, std::move(parts), result, ticket);
    // A stage that does not answer alike twice: its new faults are dealt with like the first ones.
    const std::uint64_t first_row = result.first_row;
    if (level == 0) result.first_row += done;
    const bool go_on = one_by_one(chain, level, middle, std::move(fresh), result, ticket);
    result.first_row = first_row;
    return go_on;
  };
  for (record_fault& f : faults) {
    if (f.row < done) continue;
    if (!plain(f.row)) return false;
    done = f.row + 1;
    const batch_ref one = slice(b.get(), f.row, 1);
    bool cured = false;
    std::uint32_t attempts = 1;
    bool last = false;  // the run drains, and the pause would be longer than it may take: one attempt more, at once
    for (; attempts <= policy.times && !cured && !last; ++attempts) {
      const nanos pause = pause_before(policy, attempts);
      last = !run_.hold_back(pause, pause);
      std::vector<emitted> parts;
      std::vector<record_fault> again;
      call_map(l, one, parts, again);
      if (again.empty()) {
        cured = true;
        if (!emit(chain, level, std::move(parts), result, ticket)) return false;
      } else {
        f.message = again.front().message;
      }
    }
    if (!cured && !dispose(chain, level, b, f, attempts, result, ticket)) return false;
  }
  return plain(n);
}

// A record that is given up: skipped, sent to the dead letters, or the end of the run.
bool unit::dispose(links& chain, std::size_t level, const batch_ref& b, const record_fault& fault, std::uint32_t attempts, outcome& result,
                   std::uint64_t ticket) {
  stage_state& s = chain[level].context->stage();
  s.counts.errors.fetch_add(1, std::memory_order_relaxed);
  switch (s.settings->on_error.then) {
    case error_action::skip:
      if (s.complains()) s.skipped(*chain[level].context, describe(b, level, fault, ticket, result));
      else s.skipped(*chain[level].context, fault.message);
      return true;
    case error_action::dead_letter:
      if (s.dead) {
        result.outputs.push_back({s.dead.get(), 0, dead_letter(s, b, fault, attempts), &s});
        return true;
      }
      break;
    case error_action::fail: break;
  }
  result.failed_stage = &s;
  result.failure = describe(b, level, fault, ticket, result);
  return false;
}

// The record's number is that among the records of its file, or of all that came of no file, in the order in which they came to
// the chain's first stage; where a stage before may have left some out, the message says so.
std::string unit::describe(const batch_ref& b, std::size_t level, const record_fault& fault, std::uint64_t ticket, const outcome& so_far) {
  std::string where = in_file(b.get());
  const auto row = level == 0 ? std::optional(so_far.first_row + fault.row) : row_within(b.get(), fault.row, so_far.input.get());
  // The number is known once all pieces before are done. It is not waited for where a fold's lock is held that a tick may want, nor,
  // just to say that a record is skipped, for what takes as long as a child process does.
  const stage_state& s = *chain_[level];
  const bool waits = !ticks_ && (s.settings->on_error.then == error_action::fail || !(s.descriptor->flags & PIPE_STAGE_EACH_RECORD));
  if (row)
    if (const auto before = numbers_.before(ticket, counted_file(b.get()), waits)) where += numbered(b.get(), *before + *row + 1, first_hand_);
  const std::string text = excerpt(b, fault.row);
  return where + fault.message + (text.empty() ? "" : " in: " + text);
}

}  // namespace pipes::pipelines
