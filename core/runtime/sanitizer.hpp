// sanitizer.hpp: tells TSan and ASan about fiber switches; nothing at all without them.
#pragma once
#include <cstddef>

#if defined(__SANITIZE_THREAD__)
#define PIPE_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define PIPE_TSAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define PIPE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PIPE_ASAN 1
#endif
#endif

#ifdef PIPE_TSAN
#include <sanitizer/tsan_interface.h>
#endif
#ifdef PIPE_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace pipes::detail {

// What the sanitizers keep per context. The switch calls leave() on the old one before and arrive() on the new one after.
struct sanitizer_context {
#ifdef PIPE_TSAN
  void* tsan = nullptr;
#endif
#ifdef PIPE_ASAN
  void* fake_stack = nullptr;
  const void* bottom = nullptr;
  std::size_t size = 0;
#endif

  void create([[maybe_unused]] const void* stack_bottom, [[maybe_unused]] std::size_t stack_size) {
#ifdef PIPE_TSAN
    tsan = __tsan_create_fiber(0);
#endif
#ifdef PIPE_ASAN
    bottom = stack_bottom;
    size = stack_size;
#endif
  }
  void destroy() {
#ifdef PIPE_TSAN
    if (tsan) __tsan_destroy_fiber(tsan);
    tsan = nullptr;
#endif
#ifdef PIPE_ASAN
    if (bottom) __asan_unpoison_memory_region(bottom, size);
#endif
  }
  // The thread's own stack: known to TSan already, to ASan once the first switch away has told its bounds.
  void adopt_thread() {
#ifdef PIPE_TSAN
    tsan = __tsan_get_current_fiber();
#endif
  }
  void leave([[maybe_unused]] sanitizer_context& to) {
#ifdef PIPE_ASAN
    __sanitizer_start_switch_fiber(&fake_stack, to.bottom, to.size);
#endif
#ifdef PIPE_TSAN
    // Flags 0: the switch orders what was before it ahead of what follows, else all that a worker keeps between two fibers would be a race.
    // (So TSan sees a race of two fibers only once they have run on different threads.)
    __tsan_switch_to_fiber(to.tsan, 0);
#endif
  }
  void arrive([[maybe_unused]] sanitizer_context& from) {
#ifdef PIPE_ASAN
    const void* old_bottom = nullptr;
    std::size_t old_size = 0;
    __sanitizer_finish_switch_fiber(fake_stack, &old_bottom, &old_size);
    if (!from.bottom) {
      from.bottom = old_bottom;
      from.size = old_size;
    }
#endif
  }
};

}  // namespace pipes::detail
