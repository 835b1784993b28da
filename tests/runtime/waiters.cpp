// A channel's list of waiters against a plain list: random steps, after each the same fibers in the same order, from both ends. And
// where fibers only queue up, each knows one that came a little later.
#include <pipe/runtime.hpp>

#include <algorithm>
#include <deque>
#include <random>
#include <vector>

#include "catch.hpp"
#include "core/runtime/fiber.hpp"
#include "pipe/runtime/chan_core.hpp"

using pipes::detail::fiber;
using pipes::detail::waiter;
using pipes::detail::waiter_list;

namespace {

struct crowd {
  explicit crowd(std::size_t n) : fibers(n), waiters(n) {
    for (std::size_t i = 0; i < n; ++i) waiters[i].parked = &fibers[i];
  }
  std::deque<fiber> fibers;
  std::deque<waiter> waiters;
};

std::vector<const waiter*> forwards(const waiter_list& l) {
  std::vector<const waiter*> seen;
  for (const waiter* w = l.first(); w; w = w->next) seen.push_back(w);
  return seen;
}

std::vector<const waiter*> backwards(const waiter_list& l) {
  std::vector<const waiter*> seen;
  for (const waiter* w = l.last(); l.first() && w; w = w->previous) seen.push_back(w);
  std::reverse(seen.begin(), seen.end());
  return seen;
}

}  // namespace

TEST_CASE("the list of waiters agrees with a plain one") {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    constexpr std::size_t most = 40;
    crowd of(most);
    std::vector<waiter*> away;
    for (waiter& w : of.waiters) away.push_back(&w);
    std::vector<const waiter*> model;
    waiter_list list;
    const unsigned grows = 1 + random() % 9;   // of ten steps
    for (int step = 0; step < 400; ++step) {
      if (random() % 10 < grows ? !away.empty() : model.empty()) {
        std::swap(away[random() % away.size()], away.back());
        waiter* w = away.back();
        away.pop_back();
        const bool before = !model.empty() && random() % 4 == 0;
        const std::size_t at = before ? random() % model.size() : model.size();
        if (before) list.push_before(w, const_cast<waiter*>(model[at]));
        else list.push(w);
        model.insert(model.begin() + static_cast<std::ptrdiff_t>(at), w);
      } else if (!model.empty()) {
        const std::size_t at = random() % 3 == 0 ? random() % model.size() : 0;
        auto* w = const_cast<waiter*>(model[at]);
        if (at == 0 && random() % 2 == 0) list.pop(list.first());
        else list.unlink(w);
        REQUIRE_FALSE(w->linked);
        model.erase(model.begin() + static_cast<std::ptrdiff_t>(at));
        away.push_back(w);
      }
      REQUIRE(forwards(list) == model);
      REQUIRE(backwards(list) == model);
      REQUIRE(std::all_of(model.begin(), model.end(), [](const waiter* w) { return w->linked; }));
    }
  }
}

TEST_CASE("waiters that queue up know one that came a little later") {
  constexpr std::size_t n = 1000;
  crowd of(n);
  waiter_list list;
  for (waiter& w : of.waiters) list.push(&w);
  constexpr std::size_t later = waiter_list::distance + 1;
  for (std::size_t i = 0; i + later < n; ++i) {
    const fiber* ahead = of.fibers[i].ahead;
    REQUIRE(ahead == &of.fibers[i + later]);
    const void* its_waiter = of.fibers[i].ahead_waiter;
    REQUIRE(its_waiter == &of.waiters[i + later]);
  }
}
