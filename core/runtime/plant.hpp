// plant.hpp: faults planted on purpose: test programs built with one show that tests/schedules would find it. In every other build
// `planted` is none, and nothing is left of the code that asks for it.
#pragma once

namespace pipes::detail {

enum class plant {
  none,
  lost_wake,       // a send that meets a waiter whose select is decided does not look behind it
  unfair_select,   // always the first of the ready cases
  value_twice,     // the value of a sender that has given up is received all the same
  deaf_close       // close forgets the receiver that parked last
};

#ifdef PIPE_PLANT
constexpr plant planted = plant::PIPE_PLANT;
#else
constexpr plant planted = plant::none;
#endif

}  // namespace pipes::detail
