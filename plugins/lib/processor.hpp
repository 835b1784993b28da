// plugins/lib/processor.hpp: which instructions this processor has: PIPE_CPU_HAS(AVX2, "avx2").
// The C library knows. The compiler's way, __builtin_cpu_supports, asks the processor as each shared object that has it is loaded, 40 us
// under a hypervisor.
#pragma once
#if defined(__x86_64__)
#if __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#endif
#ifdef CPU_FEATURE_ACTIVE
#define PIPE_CPU_HAS(glibc_name, gcc_name) CPU_FEATURE_ACTIVE(glibc_name)
#else
#define PIPE_CPU_HAS(glibc_name, gcc_name) __builtin_cpu_supports(gcc_name)
#endif
#endif
