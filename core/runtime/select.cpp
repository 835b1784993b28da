// select.cpp: one of several channel operations.
// Pass 1 (draw) looks at all cases without a lock, draws one of those that seem ready, locks its channel alone and tries. If none was
// ready, pass 2 (wait_once) links a waiter into each channel, one lock at a time, and parks; then it unlinks the rest.
//   I1  Whoever completes an exchange with a linked waiter first wins its select_choice, by one compare-and-swap.
//   I2  While it is linked anywhere, this fiber completes an exchange itself only after it has won its own choice: then nobody else can,
//       and no fiber ever waits for two choices at once.
//   I3  If it has won its own choice in vain (the partner was gone) it unlinks all and begins again: others may have passed it over
//       meanwhile, and pass 1 finds what they left.
// Rejected: Go's way, all channels locked in the order of their addresses during both passes: a locked instruction per case even when the
// first one is ready.
#include "pipe/runtime/select.hpp"

#include <algorithm>

#include "core/runtime/hot.hpp"
#include "core/runtime/inspect.hpp"
#include "core/runtime/plant.hpp"
#include "core/runtime/timer.hpp"

namespace pipes::detail {
namespace {

bool cancel_select(void* argument);
constexpr park_site select_site{wait_reason::select, &cancel_select};
constexpr park_site empty_site{wait_reason::select_empty, &cancel_select};

bool is_operation(const select_case_base& c) { return c.channel && (c.kind == case_kind::recv || c.kind == case_kind::send); }

// Without the lock, so it may be wrong either way; but it sees all that happened before this call.
bool seems_ready(const select_case_base& c) {
  const chan_core& ch = *c.channel;
  if (ch.closed.load(std::memory_order_acquire)) return true;
  if (c.kind == case_kind::recv) return ch.count.load(std::memory_order_acquire) > 0 || ch.senders.first();
  return ch.count.load(std::memory_order_acquire) < ch.capacity || ch.receivers.first();
}

bool undecided_other(const waiter_list& list, const select_choice* own) {
  for (const waiter* w = list.first(); w; w = w->next)
    if (w->choice != own && (!w->choice || w->choice->winner.load(std::memory_order_acquire) == select_choice::undecided)) return true;
  return false;
}

bool ready_locked(const select_case_base& c, const select_choice* own) {
  const chan_core& ch = *c.channel;
  if (ch.closed.load(std::memory_order_relaxed)) return true;
  if (c.kind == case_kind::recv) return ch.count.load(std::memory_order_relaxed) > 0 || undecided_other(ch.senders, own);
  return ch.count.load(std::memory_order_relaxed) < ch.capacity || undecided_other(ch.receivers, own);
}

chan_status exchange_locked(const select_case_base& c, const select_choice* own, wake_chain& woken) {
  return c.kind == case_kind::recv ? recv_locked(c.channel, c.value, own, woken)
                                   : send_locked(c.channel, c.value, c.convert, own, woken);
}

chan_status attempt(const select_case_base& c) {
  locked_channel held(c.channel);
  return exchange_locked(c, nullptr, held.woken);
}

std::uint32_t random_below(std::uint32_t n) {
  if constexpr (planted == plant::unfair_select) return 0;
  if (worker* w = this_worker()) return w->below(n);
  static std::atomic<std::uint64_t> elsewhere{0x9e3779b97f4a7c15};
  const std::uint64_t x = next_random(elsewhere.load(std::memory_order_relaxed));
  elsewhere.store(x, std::memory_order_relaxed);
  return scaled_below(x, n);
}

select_result outcome(const select_case_base& c, std::size_t index, chan_status s) {
  if (s == chan_status::closed && c.kind == case_kind::send) throw_closed_send();
  return {index, c.kind == case_kind::recv && s == chan_status::ok};
}

// Pass 1 for more cases than a word has bits.
select_result draw_of_many(select_case_base* const* cases, std::size_t n) {
  std::vector<std::size_t> ready;
  for (std::size_t i = 0; i < n; ++i)
    if (is_operation(*cases[i]) && seems_ready(*cases[i])) ready.push_back(i);
  while (!ready.empty()) {
    const std::size_t at = random_below(static_cast<std::uint32_t>(ready.size()));
    const std::size_t i = ready[at];
    const chan_status s = attempt(*cases[i]);
    if (s != chan_status::would_block) return outcome(*cases[i], i, s);
    ready[at] = ready.back();
    ready.pop_back();
  }
  return {no_case, false};
}

// Pass 1. no_case: nothing was ready.
select_result draw(select_case_base* const* cases, std::size_t n) {
  if (n > 64) return draw_of_many(cases, n);
  std::uint64_t ready = 0;
  for (std::size_t i = 0; i < n; ++i)
    if (is_operation(*cases[i]) && seems_ready(*cases[i])) ready |= std::uint64_t{1} << i;
  while (ready) {
    const auto count = static_cast<std::uint32_t>(__builtin_popcountll(ready));
    std::uint64_t left = ready;
    if (count > 1)
      for (std::uint32_t skip = random_below(count); skip > 0; --skip) left &= left - 1;
    const auto i = static_cast<std::size_t>(__builtin_ctzll(left));
    const chan_status s = attempt(*cases[i]);
    if (s != chan_status::would_block) return outcome(*cases[i], i, s);
    ready &= ~(std::uint64_t{1} << i);
  }
  return {no_case, false};
}

fiber* time_out_select(timer* t, clock::time_point);

// The first in a list is served first. Where several cases of one select wait on one channel, each is to be the first of them equally often.
void push_fairly(waiter_list& list, waiter* w) {
  waiter* at = list.last();
  std::uint32_t same = 0;
  for (waiter* one = at; one && one->choice == w->choice; one = one->previous) ++same;
  std::uint32_t before = same ? random_below(same + 1) : 0;   // it goes before so many of them
  if (before == 0) return list.push(w);
  while (--before) at = at->previous;
  list.push_before(w, at);
}

// What the waiters of one wait share. The waiters themselves stand in the cases.
struct parked_select {
  select_choice choice;
  fiber* const self;
  std::exception_ptr error;
  select_case_base* const* const cases;
  const std::size_t n;
  const deadline_timer timeout;

  parked_select(select_case_base* const* c, std::size_t count, clock::time_point deadline)
      : self(current_fiber_or_throw()), cases(c), n(count), timeout(deadline, &time_out_select, this) {}

  void unlink_up_to(std::size_t end, std::size_t except) {
    for (std::size_t i = 0; i < end; ++i) {
      select_case_base& c = *cases[i];
      if (i == except || !is_operation(c)) continue;
      c.channel->mu.lock();
      if (c.node.linked) (c.kind == case_kind::send ? c.channel->senders : c.channel->receivers).unlink(&c.node);
      c.channel->mu.unlock();
    }
  }

  // Links all, and stops early when the choice is made. linked: how many cases have been visited. no_case: it is time to park; or it has
  // won its own choice in vain (I3).
  select_result link(std::size_t& linked) {
    for (std::size_t i = 0; i < n; ++i) {
      select_case_base& c = *cases[i];
      linked = i;
      if (!is_operation(c)) continue;
      locked_channel held(c.channel);
      if (ready_locked(c, &choice)) {
        if (!choice.win(select_choice::by_owner)) return {no_case, false};
        const chan_status s = exchange_locked(c, &choice, held.woken);
        if (s == chan_status::would_block) return {no_case, false};
        return {i, s == chan_status::ok};
      }
      waiter& w = c.node;
      w.parked = self;
      w.channel = c.channel;
      w.value = c.value;
      w.convert = c.convert;
      w.choice = &choice;
      w.error = &error;
      w.index = static_cast<std::uint32_t>(i);
      w.sending = c.kind == case_kind::send;
      w.outcome = waiter_outcome::waiting;
      push_fairly(w.sending ? c.channel->senders : c.channel->receivers, &w);
    }
    linked = n;
    return {no_case, false};
  }
};

bool cancel_select(void* argument) { return static_cast<parked_select*>(argument)->choice.win(select_choice::by_cancel); }

fiber* time_out_select(timer* t, clock::time_point) {
  auto* p = static_cast<parked_select*>(t->argument);
  return p->choice.win(select_choice::by_timeout) ? p->self : nullptr;
}

enum class round_end : std::uint8_t { decided, again };

// What the winner of the choice says, once the fiber is awake and unlinked everywhere.
[[gnu::always_inline]] inline round_end settle(const parked_select& p, std::uint32_t winner, std::size_t timeout_index,
                                               select_result& result) {
  if (winner == select_choice::by_timeout) {
    result = {timeout_index, false};
    return round_end::decided;
  }
  if (winner == select_choice::by_cancel) {
    cancelled_here();
    result = {no_case, false};
    return round_end::decided;
  }
  const select_case_base& c = *p.cases[winner];
  switch (c.node.outcome) {
    case waiter_outcome::done: result = outcome(c, winner, chan_status::ok); return round_end::decided;
    case waiter_outcome::closed: result = outcome(c, winner, chan_status::closed); return round_end::decided;
    case waiter_outcome::failed: std::rethrow_exception(p.error);
    case waiter_outcome::retry:
    case waiter_outcome::cancelled:
    case waiter_outcome::waiting: break;
  }
  return round_end::again;
}

// Pass 2. again: begin anew with pass 1.
[[gnu::always_inline]] inline round_end wait_once(select_case_base* const* cases, std::size_t n, std::size_t timeout_index, clock::time_point deadline, select_result& result) {
  parked_select p(cases, n, deadline);
  std::size_t linked = 0;
  // Of what link() calls only a conversion may throw, and only once the choice has been won.
  struct unlink_on_throw {
    parked_select& p;
    std::size_t& linked;
    bool armed = true;
    ~unlink_on_throw() {
      if (armed) p.unlink_up_to(linked, no_case);
    }
  } guard{p, linked};
  const select_result self_made = p.link(linked);
  guard.armed = false;
  if (p.choice.winner.load(std::memory_order_acquire) == select_choice::by_owner) {
    p.unlink_up_to(linked, no_case);
    if (self_made.index == no_case) return round_end::again;
    if (cases[self_made.index]->kind == case_kind::send && !self_made.received) throw_closed_send();
    result = {self_made.index, cases[self_made.index]->kind == case_kind::recv && self_made.received};
    return round_end::decided;
  }
  if (!announce_park(p.self, n == 0 ? empty_site : select_site, &p) && p.choice.win(select_choice::by_owner)) {
    p.unlink_up_to(linked, no_case);
    withdraw_park(p.self);
    cancelled_here();
    result = {no_case, false};
    return round_end::decided;
  }
  park_on(this_worker(), p.self);
  const std::uint32_t winner = p.choice.winner.load(std::memory_order_acquire);
  p.unlink_up_to(linked, winner);
  return settle(p, winner, timeout_index, result);
}

}  // namespace

std::string describe_select(const void* argument) {
  const auto& p = *static_cast<const parked_select*>(argument);
  constexpr std::size_t shown = 8;
  std::string text;
  std::size_t operations = 0;
  for (std::size_t i = 0; i < p.n; ++i) {
    const select_case_base& c = *p.cases[i];
    if (!is_operation(c) || ++operations > shown) continue;
    text += (text.empty() ? "" : ", ") + std::string(c.kind == case_kind::send ? "send: " : "receive: ") + describe_channel(*c.channel);
  }
  if (operations > shown) text += " and " + std::to_string(operations - shown) + " more";
  return text;
}

namespace {

// Pass 1 has found nothing: otherwise(), else waits. Called through pipes_call_and_jump_back, hence the types.
std::uint8_t wait_for_one(void* list, void* count, void* into, void*) {
  auto* const* cases = static_cast<select_case_base* const*>(list);
  const auto n = reinterpret_cast<std::uintptr_t>(count);
  select_result& result = *static_cast<select_result*>(into);
  std::size_t otherwise = no_case;
  std::size_t timeout = no_case;
  for (std::size_t i = 0; i < n; ++i) {
    if (cases[i]->kind == case_kind::otherwise) otherwise = i;
    if (cases[i]->kind == case_kind::timeout && (timeout == no_case || cases[i]->after < cases[timeout]->after)) timeout = i;
  }
  clock::time_point deadline = clock::time_point::max();
  bool clock_read = false;
  do {
    if (otherwise != no_case) {
      result = {otherwise, false};
      break;
    }
    if (timeout != no_case) {
      bool over = cases[timeout]->after <= clock::duration::zero();
      if (!over && clock_read) over = clock::now() >= deadline;
      if (over) {
        result = {timeout, false};
        break;
      }
      if (!clock_read) deadline = deadline_after(cases[timeout]->after);
      clock_read = true;
    }
    step();
    if (wait_once(cases, n, timeout, deadline, result) == round_end::decided) break;
    result = draw(cases, n);
  } while (result.index == no_case);
  return 0;
}

}  // namespace

void select_wait(select_case_base* const* cases, std::size_t n, select_result* result) {
  step();
  *result = draw(cases, n);
  if (result->index == no_case)
    pipes_call_and_jump_back(const_cast<select_case_base**>(cases), reinterpret_cast<void*>(n), result, nullptr, &wait_for_one);
}

}  // namespace pipes::detail
