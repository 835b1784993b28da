// stack_pool.hpp: guarded stacks of a few sizes, carved from big lazily committed mappings and never unmapped.
//   I1  a slot is [guard | stack], the fiber in the top bytes. Slots are reserved by the group; who holds a group makes its
//       fibers one by one, without a lock, since each costs a page fault. The first `made` of a group exist for ever.
//   I2  a fiber in a magazine is suspended in fiber_main (or has never run) and belongs to nobody else.
//   I3  a magazine belongs to one worker, or is in one list of the pool: hot_, trimmed_ and cold_ hold such with stacks, empty_ the others.
//   I4  a stack in cold_ has no pages, and its fiber reads as zeros, which is what a fiber is that is not in use but for what dress() sets.
// What free stacks hold goes back to the system in two steps, a second apart: first what lies below the top pages of all of them
// (trimmed_), then the rest of as many as nobody has needed in that second. Else the 4 GB of a burst of a million would stay.
// Free stacks change hands by the magazine (Bonwick and Adams): one that has lain for long is in no cache, and a list through the
// stacks would touch every one on its way.
// Guards are MADV_GUARD_INSTALL, which cost no VMA; older kernels fall back to mprotect, two VMAs each.
// Lock order: that of hold_stacks() comes before all others, stack_class.mu_ is a leaf.
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
  bool guarded = false;                 // all of its guards are in place
};

struct stack_magazine {
  static constexpr std::uint32_t room = 128;
  stack_magazine* next = nullptr;
  std::uint32_t size = 0;
  fiber* stacks[room] = {};             // the last one is the next to go

  void put_in_order();                  // by their addresses, if they are in none
};

struct magazine_list {
  std::atomic<stack_magazine*> first{nullptr};   // a look without the lock only says whether the lock is worth it
  std::size_t size = 0;
  std::size_t least = 0;                // that it has held since who reads this has set it

  void push(stack_magazine* m);
  stack_magazine* pop();                // null: it is empty
};

enum class left_to_trim { nothing, later, now };   // until stacks are used; when the next second begins; at once

struct stack_class {
  stack_class(std::size_t stack_bytes, std::size_t guard_bytes);
  // A magazine with stacks for an empty one, an empty one for one with stacks; null: there is none, and nothing has changed.
  stack_magazine* full_for(stack_magazine* empty);
  stack_magazine* empty_for(stack_magazine* full);
  // A new stack out of `group`, which is refilled when it is used up. Throws std::bad_alloc when the address space or the guards
  // are used up, as does acquire().
  fiber* make_new(stack_group& group);
  void give_back(stack_group& group);
  fiber* acquire();                 // for callers without a magazine
  void release(fiber* f);           // without memory for its place the stack is never used again
  // Gives pages of free stacks back, `most` magazines' at each of the two steps. What is to go is found out where a new second begins.
  left_to_trim trim(std::size_t most, bool new_second);
  void for_each(const std::function<void(fiber*)>& visit);
  fiber* owner_of_guard(const char* address);   // async-signal-safe; null: not one of our guards

  const std::size_t stack_bytes;
  const std::size_t guard_bytes;

 private:
  std::size_t slot_bytes() const { return stack_bytes + guard_bytes; }
  fiber* fiber_of(const stack_chunk& c, std::size_t slot) const;
  magazine_list* list_to_take();    // null: no stack is free; without mu_ that only says whether the lock is worth it
  stack_magazine* take_empty();     // under mu_; null: no memory
  stack_group reserve();            // under mu_
  fiber* make(stack_group& group);
  void dress(fiber* f, char* low);  // what is constant of a fiber, and the context in which it waits for its first job
  void warm(fiber* f);              // after it was taken from cold_
  void trim_below_top();            // a magazine of hot_
  void chill();                     // one of trimmed_
  bool install_guards(const stack_group& group) const;

  static constexpr std::size_t max_chunks = 64;
  std::mutex mu_;
  magazine_list hot_;                       // guarded by mu_, as are the next two
  magazine_list trimmed_;                   // taken from when hot_ is empty
  magazine_list cold_;                      // taken from when trimmed_ is empty, too
  std::size_t to_trim_ = 0;                 // the monitor's own: magazines that are to go in this second
  std::size_t to_chill_ = 0;
  stack_magazine* empty_ = nullptr;         // guarded by mu_
  std::vector<stack_group> given_back_;     // guarded by mu_
  stack_group shared_group_;                // guarded by mu_
  std::atomic<stack_chunk*> chunks_[max_chunks] = {};
  std::atomic<std::size_t> chunk_count_{0};
};

// The pool of the process; classes live for ever, so that runs follow each other without mapping anew.
stack_class& stack_class_for(std::size_t stack_bytes);   // rounded up to a power of two from 16 KiB on; 0: the default
stack_class& default_stack_class();
void for_each_fiber(const std::function<void(fiber*)>& visit);
left_to_trim trim_stacks(bool new_second);   // some milliseconds' worth
// While it is held no fiber vanishes with its page: for who looks at fibers that may end meanwhile.
[[nodiscard]] std::unique_lock<std::mutex> hold_stacks();
fiber* fiber_of_guard(const void* address);

}  // namespace pipes::detail
