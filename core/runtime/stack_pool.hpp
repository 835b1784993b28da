// stack_pool.hpp: guarded stacks of a few sizes, carved from big lazily committed mappings and never unmapped.
//   chunk      one mapping, of 256 slots (the first of a class) up to 65536
//   group      64 slots that somebody has reserved, to make new stacks from
//   magazine   an array of up to 128 free stacks, the unit in which they change hands (Bonwick and Adams). A list through the stacks
//              themselves would touch each on its way, and one that has lain for long is in no cache.
//   class      all of one size; stack_class is the pool of these
//
//   I1  A slot is [guard | stack], with the fiber in the stack's top bytes. Whoever holds a group makes its fibers one by one, without a
//       lock, since each costs a page fault. The first `made` of a group exist for ever.
//   I2  A fiber in a magazine is suspended in fiber_main, or has never run, and belongs to nobody else.
//   I3  A magazine belongs to one worker or is in one list of the pool: with stacks in hot_, trimmed_ or cold_, without in empty_.
//   I4  A stack in cold_ has no pages, so its fiber reads as zeros. That is what a fiber is like that is not in use, except for what dress()
//       sets.
// Memory of free stacks goes back to the system in two steps, a second apart: of all of them what lies below their top pages (trimmed_);
// then the rest of as many as nobody has needed in that second (cold_). Else the 4 GB of a burst of a million fibers would stay.
// Guards are MADV_GUARD_INSTALL, which needs no mapping of its own; older kernels get mprotect, which splits the mapping at each.
// Lock order: that of hold_stacks() comes before all others, stack_class.mu_ after all.
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

// What is left of a group.
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
  std::size_t least = 0;                // the least size since whoever reads this has set it

  void push(stack_magazine* m);
  stack_magazine* pop();                // null: it is empty
};

enum class left_to_trim { nothing, later, now };   // nothing until stacks are used; later: in the next second; now: the rest of this one

struct stack_class {
  stack_class(std::size_t stack_bytes, std::size_t guard_bytes);
  // Exchange an empty magazine for one with stacks, one with stacks for an empty one. Null: there is none, and nothing has changed.
  stack_magazine* full_for(stack_magazine* empty);
  stack_magazine* empty_for(stack_magazine* full);
  // A new stack out of `group`, which is refilled when it is used up. Throws std::bad_alloc when there is no more address space or guard, as
  // does acquire().
  fiber* make_new(stack_group& group);
  void give_back(stack_group& group);
  fiber* acquire();                 // for callers without a magazine
  void release(fiber* f);           // if there is no memory for a magazine the stack is never used again
  // Gives pages of free stacks back, of at most `most` magazines in each of the two steps. How many are to go is found out at the beginning
  // of a second.
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
  void dress(fiber* f, char* low);  // sets what is constant in a fiber, and the context in which it waits for its first job
  void warm(fiber* f);              // dresses one that comes from cold_
  void trim_below_top();            // step one, for a magazine of hot_
  void chill();                     // step two, for one of trimmed_
  bool install_guards(const stack_group& group) const;

  static constexpr std::size_t max_chunks = 64;
  std::mutex mu_;
  // Guarded by mu_
  magazine_list hot_;
  magazine_list trimmed_;                   // taken from when hot_ is empty
  magazine_list cold_;                      // taken from when trimmed_ is empty, too
  stack_magazine* empty_ = nullptr;
  std::vector<stack_group> given_back_;
  stack_group shared_group_;                // for acquire()
  // The monitor's own: magazines that are to go in this second
  std::size_t to_trim_ = 0;
  std::size_t to_chill_ = 0;
  // Grow under mu_, read without
  std::atomic<stack_chunk*> chunks_[max_chunks] = {};
  std::atomic<std::size_t> chunk_count_{0};
};

// The pool of the process; classes live for ever, so that runs follow each other without mapping anew.
stack_class& stack_class_for(std::size_t stack_bytes);   // rounded up to a power of two from 16 KiB on; 0: the default
stack_class& default_stack_class();
void for_each_fiber(const std::function<void(fiber*)>& visit);
left_to_trim trim_stacks(bool new_second);   // works for some 2.5 ms
// While it is held no fiber's page goes: for those who look at fibers that may end meanwhile.
[[nodiscard]] std::unique_lock<std::mutex> hold_stacks();
fiber* fiber_of_guard(const void* address);  // async-signal-safe; null: not one of our guards

}  // namespace pipes::detail
