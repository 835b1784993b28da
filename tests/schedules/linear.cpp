// Linearisability: random programs of a few fibers on one or two channels; what each operation was called with, when it began,
// when it ended and what it returned must be explained by some order of single steps of a simple model of a channel that
// keeps to these times. The search is Wing and Gong's, with a memory of the states that led nowhere.
//
// The model. A channel is a queue of at most `capacity` values and whether it is closed. With room, a send is a step of its own;
// so is a receive of a buffered value. At capacity 0 a send and a receive that overlap are one step together. A send that came to
// nothing (timed out, would block) is a step that changes nothing; a try that found nothing must have found it so: no room, no value.
// That a try on an unbuffered channel found no partner says little, since nobody sees who is parked; it is allowed always.
#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include "schedules/explore.hpp"

using namespace std::chrono_literals;

namespace {

enum class verb : std::uint8_t { send, recv, try_send, try_recv, send_for, recv_for, close, select };
enum class result : std::uint8_t { sent, got, closed, nothing };

struct operation {
  verb what = verb::send;
  int channel = 0;
  int value = 0;              // to send
  int other_value = 0;        // select: what is sent to the other channel
};

struct event {
  operation op;
  int fiber = 0;
  result outcome = result::nothing;
  int channel = 0;            // where it happened: a select's choice
  bool sending = false;
  int got = 0;
  int begun = 0, ended = 0;
};

struct program {
  std::vector<int> capacities;
  std::vector<std::vector<operation>> fibers;
};

program random_program(std::uint64_t n) {
  std::mt19937_64 draw(n);
  const auto below = [&](std::uint64_t k) { return static_cast<int>(draw() % k); };
  program p;
  for (int c = 0, all = 1 + below(2); c < all; ++c) p.capacities.push_back(below(3));
  int value = 1;
  for (int f = 0, all = 3 + below(2); f < all; ++f) {
    p.fibers.emplace_back();
    for (int i = 0, length = 2 + below(3); i < length; ++i) {
      constexpr verb often[] = {verb::send_for, verb::recv_for, verb::try_send, verb::try_recv, verb::select, verb::send, verb::recv, verb::close};
      const int k = below(30);
      operation op;
      op.what = often[k < 28 ? k % 7 : 7];
      op.channel = below(p.capacities.size());
      op.value = value++;
      op.other_value = value++;
      p.fibers.back().push_back(op);
    }
  }
  return p;
}

// Runs one operation; what is said in the event is what the program saw.
void perform(const operation& op, const std::vector<pipes::chan<int>>& channels, event& e) {
  const pipes::chan<int>& c = channels[static_cast<std::size_t>(op.channel)];
  e.op = op;
  e.channel = op.channel;
  const auto received = [&](const auto& v, bool closed) {
    e.outcome = v ? result::got : closed ? result::closed : result::nothing;
    if (v) e.got = *v;
  };
  e.sending = op.what == verb::send || op.what == verb::try_send || op.what == verb::send_for;
  try {
    switch (op.what) {
      case verb::send: c.send(op.value); e.outcome = result::sent; break;
      case verb::try_send: e.outcome = c.try_send(op.value) ? result::sent : result::nothing; break;
      case verb::send_for: e.outcome = c.send_for(op.value, 2ms) ? result::sent : result::nothing; break;
      case verb::recv: received(c.recv(), true); break;
      case verb::try_recv: {
        const auto v = c.try_recv();
        received(v, v.closed());
        break;
      }
      case verb::recv_for: {
        const auto v = c.recv_for(2ms);
        received(v, v.closed());
        break;
      }
      case verb::close: c.close(); e.outcome = result::sent; break;
      case verb::select: {   // receive from the one or send to the other (which may be the same); the timeout is 2 ms
        const int there = (op.channel + 1) % static_cast<int>(channels.size());
        const std::size_t which = pipes::select(pipes::on_recv(c, [&](std::optional<int> v) { received(v, true); }),
                                                pipes::on_send(channels[static_cast<std::size_t>(there)], op.other_value), pipes::on_timeout(2ms));
        if (which == 1) {
          e.sending = true;
          e.channel = there;
          e.outcome = result::sent;
          e.op.value = op.other_value;
        }
        break;
      }
    }
  } catch (const pipes::closed_channel&) {
    e.outcome = result::closed;
    if (op.what == verb::select) {
      e.sending = true;
      e.channel = (op.channel + 1) % static_cast<int>(channels.size());
    }
  }
}

// --- the model ---

struct model_channel {
  int capacity = 0;
  bool closed = false;
  std::vector<int> buffer;
  auto operator<=>(const model_channel&) const = default;
};

class search {
 public:
  search(std::vector<event> history, const std::vector<int>& capacities) : events_(std::move(history)) {
    for (int c : capacities) channels_.push_back({c, false, {}});
  }
  bool explains() { return step(0); }

 private:
  bool done(std::uint64_t taken, std::size_t i) const { return taken >> i & 1; }

  // May come next: nothing that ended before it began is still to come.
  bool may_come(std::uint64_t taken, std::size_t i) const {
    for (std::size_t k = 0; k < events_.size(); ++k)
      if (k != i && !done(taken, k) && events_[k].ended < events_[i].begun) return false;
    return true;
  }

  bool step(std::uint64_t taken) {
    if (taken == (std::uint64_t{1} << events_.size()) - 1) return true;
    if (!failed_.insert({taken, channels_}).second) return false;
    const std::vector<model_channel> before = channels_;
    for (std::size_t i = 0; i < events_.size(); ++i) {
      if (done(taken, i) || !may_come(taken, i)) continue;
      const std::uint64_t next = taken | std::uint64_t{1} << i;
      if (apply(events_[i]) && step(next)) return true;
      channels_ = before;
      if (!events_[i].sending || events_[i].outcome != result::sent || channels_[at(events_[i])].capacity > 0) continue;
      for (std::size_t k = 0; k < events_.size(); ++k) {   // the two of a rendezvous
        const event& r = events_[k];
        if (done(next, k) || r.outcome != result::got || r.channel != events_[i].channel || r.got != events_[i].op.value) continue;
        if (!may_come(next, k) || r.begun > events_[i].ended || channels_[at(r)].closed) continue;
        if (step(next | std::uint64_t{1} << k)) return true;
        channels_ = before;
      }
    }
    return false;
  }

  static std::size_t at(const event& e) { return static_cast<std::size_t>(e.channel); }

  bool apply(const event& e) {
    model_channel& c = channels_[at(e)];
    if (e.op.what == verb::close) {
      if (e.outcome == result::closed) return c.closed;
      return !std::exchange(c.closed, true);
    }
    const bool waits = e.op.what != verb::try_send && e.op.what != verb::try_recv;
    const auto room = static_cast<std::size_t>(c.capacity);
    switch (e.outcome) {
      case result::sent:
        if (c.closed || c.buffer.size() >= room) return false;
        c.buffer.push_back(e.op.value);
        return true;
      case result::got:
        if (c.buffer.empty() || c.buffer.front() != e.got) return false;
        c.buffer.erase(c.buffer.begin());
        return true;
      case result::closed: return c.closed && (e.sending || c.buffer.empty());
      case result::nothing:
        if (waits) return true;
        if (c.closed) return false;
        return e.sending ? c.buffer.size() == room : c.buffer.empty();
    }
    return false;
  }

  const std::vector<event> events_;
  std::vector<model_channel> channels_;
  std::set<std::pair<std::uint64_t, std::vector<model_channel>>> failed_;
};

std::string told(const std::vector<event>& history, const program& p) {
  constexpr const char* verbs[] = {"send", "recv", "try_send", "try_recv", "send_for", "recv_for", "close", "select"};
  constexpr const char* results[] = {"sent", "got", "closed", "nothing"};
  std::string s = "capacities";
  for (int c : p.capacities) s += " " + std::to_string(c);
  for (const event& e : history)
    s += "\n  [" + std::to_string(e.begun) + ", " + std::to_string(e.ended) + "] fiber " + std::to_string(e.fiber) + " " + verbs[static_cast<int>(e.op.what)] +
         " on " + std::to_string(e.channel) + (e.sending ? " value " + std::to_string(e.op.value) : "") + ": " + results[static_cast<int>(e.outcome)] +
         (e.outcome == result::got ? " " + std::to_string(e.got) : "");
  return s;
}

// Plain sends and receives may wait for ever: after a while, when nothing else moves, the channels are closed.
std::vector<event> history_of(const program& p, const pipes::run_options& how) {
  std::vector<event> history;
  int clock = 0;
  pipes::run(how, [&] {
    std::vector<pipes::chan<int>> channels;
    for (int c : p.capacities) channels.emplace_back(c);
    pipes::wait_group all;
    for (std::size_t f = 0; f < p.fibers.size(); ++f)
      all.go([&, f] {
        for (const operation& op : p.fibers[f]) {
          schedules::point();
          event e;
          e.fiber = static_cast<int>(f);
          e.begun = ++clock;
          perform(op, channels, e);
          e.ended = ++clock;
          history.push_back(e);
        }
      });
    pipes::sleep_for(50ms);
    for (std::size_t c = 0; c < channels.size(); ++c) {
      event e;
      e.fiber = -1;
      e.begun = ++clock;
      perform({verb::close, static_cast<int>(c), 0, 0}, channels, e);
      e.ended = ++clock;
      history.push_back(e);
    }
    all.wait();
  });
  return history;
}

event seen(verb what, result outcome, int value, int begun, int ended) {
  event e;
  e.op = {what, 0, value, 0};
  e.sending = what == verb::send || what == verb::try_send;
  e.outcome = outcome;
  e.got = value;
  e.begun = begun;
  e.ended = ended;
  return e;
}

}  // namespace

TEST_CASE("the search tells histories that a channel can have from those that it can't", "[linear]") {
  const auto possible = [](int capacity, std::vector<event> h) { return search(std::move(h), {capacity}).explains(); };
  // overlapping sends may come out in either order, sends one after the other may not
  CHECK(possible(2, {seen(verb::send, result::sent, 1, 1, 3), seen(verb::send, result::sent, 2, 2, 4), seen(verb::recv, result::got, 2, 5, 6),
                     seen(verb::recv, result::got, 1, 7, 8)}));
  CHECK(!possible(2, {seen(verb::send, result::sent, 1, 1, 2), seen(verb::send, result::sent, 2, 3, 4), seen(verb::recv, result::got, 2, 5, 6),
                      seen(verb::recv, result::got, 1, 7, 8)}));
  // a rendezvous overlaps
  CHECK(possible(0, {seen(verb::send, result::sent, 1, 1, 3), seen(verb::recv, result::got, 1, 2, 4)}));
  CHECK(!possible(0, {seen(verb::send, result::sent, 1, 1, 2), seen(verb::recv, result::got, 1, 3, 4)}));
  // twice, out of nothing, more than there is room
  CHECK(!possible(1, {seen(verb::send, result::sent, 1, 1, 2), seen(verb::recv, result::got, 1, 3, 4), seen(verb::recv, result::got, 1, 5, 6)}));
  CHECK(!possible(1, {seen(verb::recv, result::got, 1, 1, 2), seen(verb::send, result::sent, 1, 3, 4)}));
  CHECK(!possible(1, {seen(verb::send, result::sent, 1, 1, 2), seen(verb::send, result::sent, 2, 3, 4)}));
  // a try that finds nothing where something must be
  CHECK(!possible(1, {seen(verb::send, result::sent, 1, 1, 2), seen(verb::try_recv, result::nothing, 0, 3, 4)}));
  CHECK(!possible(1, {seen(verb::try_send, result::nothing, 1, 1, 2)}));
  // closed: after the close, and for a receive once it is drained
  CHECK(possible(1, {seen(verb::send, result::sent, 1, 1, 2), seen(verb::close, result::sent, 0, 3, 4), seen(verb::recv, result::got, 1, 5, 6),
                     seen(verb::recv, result::closed, 0, 7, 8)}));
  CHECK(!possible(1, {seen(verb::send, result::sent, 1, 1, 2), seen(verb::close, result::sent, 0, 3, 4), seen(verb::recv, result::closed, 0, 5, 6),
                      seen(verb::recv, result::got, 1, 7, 8)}));
  CHECK(!possible(1, {seen(verb::close, result::sent, 0, 3, 4), seen(verb::recv, result::closed, 0, 1, 2)}));
}

TEST_CASE("random programs: every history is one that a simple channel could have", "[linear]") {
  constexpr std::uint64_t schedules_each = 4;
  schedules::explore([](pipes::run_options how) {
    const program p = random_program(*how.seed / schedules_each);
    const std::vector<event> history = history_of(p, how);
    std::size_t operations = p.capacities.size();
    for (const auto& f : p.fibers) operations += f.size();
    HOLDS(history.size() == operations);
    if (!search(history, p.capacities).explains()) throw schedules::broken("no order explains this history\n" + told(history, p));
    return std::string();
  });
}
