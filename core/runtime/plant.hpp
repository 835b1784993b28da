// plant.hpp: faults planted on purpose, for test programs that show that the tests of tests/schedules would find such a one.
// Everywhere else nothing is planted and each `if constexpr` below is gone.
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
