// processor.hpp: which instructions this processor has beyond those that everything is compiled for.
#pragma once
#if defined(__x86_64__) && __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>  // the C library knows; the compiler's way asks the CPU as every process starts, 0.1 ms under a hypervisor
#endif

namespace pipes {

// AVX2, BMI and POPCNT, which came together.
inline bool have_avx2() {
#if !defined(__x86_64__)
  return false;
#else
#ifdef CPU_FEATURE_ACTIVE
  static const bool yes = CPU_FEATURE_ACTIVE(AVX2) && CPU_FEATURE_ACTIVE(BMI1) && CPU_FEATURE_ACTIVE(POPCNT);
#else
  static const bool yes = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
#endif
  return yes;
#endif
}

}  // namespace pipes
