// stack_pool.hpp: guarded stacks of a few sizes, carved from big lazily committed mappings and never unmapped.
//   I1  a slot is [guard | stack], the fiber in the top bytes. Slots are reserved by the group; who holds a group makes its
//       fibers one by one, without a lock, since each costs a page fault. The first `made` of a group exist for ever.
//   I2  a fiber in the free list is suspended in fiber_main (or has never run) and belongs to nobody else.
// Guards are MADV_GUARD_INSTALL, which cost no VMA; older kernels fall back to mprotect, two VMAs each.
// Lock: stack_class.mu_, a leaf.
#pragma once
#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

#include "core/runtime/fiber.hpp"

namespace pipes::detail {

constexpr std::size_t default_stack_size = 64 * 1024;
constexpr std::size_t foreign_stack_size = 256 * 1024;   // from here on code may be foreign, built without stack probes
constexpr std::size_t foreign_guard_size = 1024 * 1024;

struct stack_chunk;

// What is left of a group of slots that somebody has reserved.
struct stack_group {
  stack_chunk* in = nullptr;
  std::size_t next = 0;
  std::size_t end = 0;
};

struct stack_class {
  stack_class(std::size_t stack_bytes, std::size_t guard_bytes);
  // A stack from the free list, and some more of it into `others` (linked by fiber::link) and `other_count`; if there is none,
  // a new one out of `group`, which is refilled when it is used up. Throws std::bad_alloc when the address space or the
  // guards are used up.
  fiber* acquire(stack_group& group, fiber*& others, std::uint32_t& other_count);
  fiber* acquire();                 // for callers without a group
  void give_back(stack_group& group);
  void release(fiber* f);
  void release_list(fiber* head);   // linked by fiber::link
  // Gives back what free stacks have touched below their first pages, of so many at most; false: none are left to look at.
  bool trim(std::size_t most);
  void for_each(const std::function<void(fiber*)>& visit);
  fiber* owner_of_guard(const char* address);   // async-signal-safe; null: not one of our guards

  const std::size_t stack_bytes;
  const std::size_t guard_bytes;

 private:
  std::size_t slot_bytes() const { return stack_bytes + guard_bytes; }
  fiber* fiber_of(const stack_chunk& c, std::size_t slot) const;
  fiber* free_list();               // under mu_
  stack_group reserve();            // under mu_
  fiber* make(stack_group& group);

  static constexpr std::size_t max_chunks = 64;
  std::mutex mu_;
  std::atomic<fiber*> free_{nullptr};       // written under mu_; a look without it only says whether the lock is worth it
  std::atomic<fiber*> trimmed_{nullptr};    // likewise; taken when free_ is empty
  std::vector<stack_group> given_back_;     // guarded by mu_
  stack_group shared_group_;                // guarded by mu_
  std::atomic<stack_chunk*> chunks_[max_chunks] = {};
  std::atomic<std::size_t> chunk_count_{0};
};

// The pool of the process; classes live for ever, so that runs follow each other without mapping anew.
stack_class& stack_class_for(std::size_t stack_bytes);   // rounded up to a power of two from 16 KiB on; 0: the default
stack_class& default_stack_class();
void for_each_fiber(const std::function<void(fiber*)>& visit);
void trim_stacks();
fiber* fiber_of_guard(const void* address);

}  // namespace pipes::detail
