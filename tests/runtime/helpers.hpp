// What the runtime's tests share.
#pragma once
#include <pipe/runtime.hpp>

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

// Counts that the sanitizers could not bear.
constexpr int scaled(int n) { return sanitized ? n / 100 + 1 : n; }

template <class F>
void at_each_processor_count(F&& test) {
  for (unsigned p : {1u, 2u, 4u, 8u}) test(p);
}
