// stack_pool.cpp: magazines in and out, new stacks, guards, and how free stacks lose their memory. Terms and invariants: stack_pool.hpp.
#include "core/runtime/stack_pool.hpp"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <memory>
#include <new>
#include <utility>

#include "core/runtime/scheduler.hpp"

namespace pipes::detail {
namespace {

constexpr int madv_guard_install = 102;   // Linux 6.13; not in Debian 12's headers
constexpr std::size_t fiber_room = (sizeof(fiber) + 63) & ~std::size_t{63};
constexpr std::size_t kept_when_trimmed = 8 * 1024;
constexpr std::size_t kept_from_chill = 8;   // magazines
#if defined(PIPE_TSAN) || defined(PIPE_ASAN)
constexpr bool may_chill = false;      // a sanitizer keeps something for each fiber, and its handle lies in the fiber
#else
constexpr bool may_chill = true;
#endif
std::atomic<bool> guard_install_works{true};

std::size_t page_size() {
  static const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return size;
}

// A guard of many pages costs less as a mapping of its own (five stacks for stages: 40 us in place of 75), since the other kind is an entry
// in the page table for each page. But a process has only so many mappings, and most should be left to the program: so that is for the
// first few stacks.
void install_guard(char* address, std::size_t size, bool own_mapping) {
  if (own_mapping && ::mprotect(address, size, PROT_NONE) == 0) return;
  if (guard_install_works.load(std::memory_order_relaxed)) {
    if (::madvise(address, size, madv_guard_install) == 0) return;
    guard_install_works.store(false, std::memory_order_relaxed);
  }
  if (::mprotect(address, size, PROT_NONE) != 0) throw std::bad_alloc();
}

constexpr std::size_t group_slots = 64;
constexpr std::size_t class_count = 24;
std::atomic<stack_class*> classes[class_count];
std::mutex classes_mu;

std::mutex& chill_mu() {
  static auto& one = *new std::mutex;
  return one;
}

char* end_of_slot(const fiber* f) {    // the fiber lies in the slot's last page
  return reinterpret_cast<char*>((reinterpret_cast<std::uintptr_t>(f) + page_size()) & ~(page_size() - 1));
}

}  // namespace

void magazine_list::push(stack_magazine* m) {
  m->next = first.load(std::memory_order_relaxed);
  first.store(m, std::memory_order_relaxed);
  ++size;
}

stack_magazine* magazine_list::pop() {
  stack_magazine* m = first.load(std::memory_order_relaxed);
  if (!m) return nullptr;
  first.store(m->next, std::memory_order_relaxed);
  least = std::min(least, --size);
  return m;
}

struct stack_chunk {
  stack_chunk(char* mapping, std::size_t n) : base(mapping), slots(n), made(new std::atomic<std::uint8_t>[n / group_slots]()) {}
  char* const base;
  const std::size_t slots;
  std::atomic<std::size_t> reserved{0};                      // slots of groups given out; grows under mu_
  const std::unique_ptr<std::atomic<std::uint8_t>[]> made;   // per group; written by its holder

  // Whether the fiber of this slot exists.
  bool has(std::size_t slot) const {
    return slot < reserved.load(std::memory_order_acquire) && slot % group_slots < made[slot / group_slots].load(std::memory_order_acquire);
  }
};

// By a radix sort on the slots' numbers; a magazine that has but a few leaps in it is left as it is.
void stack_magazine::put_in_order() {
  const auto place_of = [](const fiber* f) { return reinterpret_cast<std::uintptr_t>(f) / default_stack_size; };
  std::uintptr_t lowest = ~std::uintptr_t{0}, highest = 0;
  std::uint32_t leaps = 0;
  for (std::uint32_t i = 0; i < size; ++i) {
    const std::uintptr_t here = place_of(stacks[i]);
    lowest = std::min(lowest, here);
    highest = std::max(highest, here);
    leaps += i > 0 && here - place_of(stacks[i - 1]) + 3 > 6;
  }
  if (leaps < size / 32) return;
  fiber* sorted[room];
  fiber** from = stacks;
  fiber** to = sorted;
  for (int digit = 0; digit < 16 && (highest - lowest) >> digit != 0; digit += 8) {
    std::uint8_t at[256] = {};
    const auto digit_of = [&](const fiber* f) { return (place_of(f) - lowest) >> digit & 255; };
    for (std::uint32_t i = 0; i < size; ++i) ++at[digit_of(from[i])];
    std::uint8_t sum = 0;
    for (std::uint8_t& n : at) sum = static_cast<std::uint8_t>(sum + std::exchange(n, sum));
    for (std::uint32_t i = 0; i < size; ++i) to[at[digit_of(from[i])]++] = from[i];
    std::swap(from, to);
  }
  if (from != stacks) std::copy(from, from + size, stacks);
}

stack_class::stack_class(std::size_t stack_size, std::size_t guard_size) : stack_bytes(stack_size), guard_bytes(guard_size) {}

fiber* stack_class::fiber_of(const stack_chunk& c, std::size_t slot) const {
  // Slots are whole pages apart: without a different offset in each, the tops of all stacks would share a few cache sets.
  const std::size_t colour = slot * 5 % 24 * 64;
  return reinterpret_cast<fiber*>(c.base + (slot + 1) * slot_bytes() - fiber_room - colour);
}

magazine_list* stack_class::list_to_take() {
  for (magazine_list* list : {&hot_, &trimmed_, &cold_})
    if (list->first.load(std::memory_order_relaxed)) return list;
  return nullptr;
}

stack_magazine* stack_class::take_empty() {
  stack_magazine* m = empty_;
  if (!m) return new (std::nothrow) stack_magazine;
  empty_ = m->next;
  return m;
}

stack_magazine* stack_class::full_for(stack_magazine* empty) {
  if (!list_to_take()) return nullptr;
  std::unique_lock lock(mu_);
  magazine_list* const list = list_to_take();
  if (!list) return nullptr;
  stack_magazine* m = list->pop();
  empty->next = empty_;
  empty_ = empty;
  lock.unlock();
  if (list == &cold_)
    for (std::uint32_t i = 0; i < m->size; ++i) warm(m->stacks[i]);
  return m;
}

stack_magazine* stack_class::empty_for(stack_magazine* full) {
  std::lock_guard lock(mu_);
  stack_magazine* m = take_empty();
  if (m) hot_.push(full);
  return m;
}

fiber* stack_class::acquire() {
  std::unique_lock lock(mu_);
  if (magazine_list* const list = list_to_take()) {
    stack_magazine* m = list->first.load(std::memory_order_relaxed);
    fiber* f = m->stacks[--m->size];
    if (m->size == 0) {
      list->pop();
      m->next = empty_;
      empty_ = m;
    }
    lock.unlock();
    if (list == &cold_) warm(f);
    return f;
  }
  if (shared_group_.next == shared_group_.end) shared_group_ = reserve();
  return make(shared_group_);
}

fiber* stack_class::make_new(stack_group& group) {
  if (group.next == group.end) {
    std::unique_lock lock(mu_);
    group = reserve();
    lock.unlock();
    // The first few hundred stacks get their guards one by one, later ones by the group.
    if (group.in != chunks_[0].load(std::memory_order_relaxed)) group.guarded = group.guarded || install_guards(group);
  }
  return make(group);
}

// Installs the guards of a whole group by one system call. False: this kernel has none.
// Rejected: the first pages of these stacks by a second call (MADV_POPULATE_WRITE). A first park costs a twentieth less with one processor,
// but half as much again with two, which we could not explain.
bool stack_class::install_guards(const stack_group& group) const {
  constexpr int self = -10000;           // PIDFD_SELF_THREAD, Linux 6.14: no descriptor, which a fork would inherit
  if (!guard_install_works.load(std::memory_order_relaxed)) return false;
  struct iovec guards[group_slots];
  const std::size_t n = group.end - group.next;
  for (std::size_t i = 0; i < n; ++i)
    guards[i] = {group.in->base + (group.next + i) * slot_bytes(), guard_bytes};
  return ::syscall(SYS_process_madvise, self, guards, n, madv_guard_install, 0) == static_cast<long>(n * guard_bytes);
}

void stack_class::give_back(stack_group& group) {
  std::lock_guard lock(mu_);
  try {
    if (group.next != group.end) given_back_.push_back(group);
  } catch (const std::bad_alloc&) {      // then nobody makes the rest of it
  }
  group = {};
}

stack_group stack_class::reserve() {
  if (!given_back_.empty()) {
    const stack_group group = given_back_.back();
    given_back_.pop_back();
    return group;
  }
  const std::size_t count = chunk_count_.load(std::memory_order_relaxed);
  stack_chunk* last = count ? chunks_[count - 1].load(std::memory_order_relaxed) : nullptr;
  if (!last || last->reserved.load(std::memory_order_relaxed) == last->slots) {
    if (count == max_chunks) throw std::bad_alloc();
    std::size_t slots = last ? std::min<std::size_t>(last->slots * 2, 65536) : 256;
    void* base;
    while ((base = ::mmap(nullptr, slots * slot_bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) == MAP_FAILED) {
      // Address space is scarce (ulimit -v). A run must not fail for stacks that it may never need, so the first chunk makes do with less.
      // Later chunks do not: to report that there are no more stacks takes memory, too.
      slots /= 2;
      if (last || slots < group_slots) throw std::bad_alloc();
    }
    ::madvise(base, slots * slot_bytes(), MADV_NOHUGEPAGE);   // or the first touch of a stack would commit 2 MiB
    last = new stack_chunk(static_cast<char*>(base), slots);
    chunks_[count].store(last, std::memory_order_release);
    chunk_count_.store(count + 1, std::memory_order_release);
  }
  const std::size_t first = last->reserved.load(std::memory_order_relaxed);
  last->reserved.store(first + group_slots, std::memory_order_release);
  return {last, first, first + group_slots, false};
}

fiber* stack_class::make(stack_group& group) {
  stack_chunk& c = *group.in;
  char* low = c.base + group.next * slot_bytes();
  if (!group.guarded) install_guard(low, guard_bytes, guard_bytes > page_size() && &c == chunks_[0].load(std::memory_order_relaxed));
  auto* f = new (fiber_of(c, group.next)) fiber;
  dress(f, low);
  c.made[group.next / group_slots].store(static_cast<std::uint8_t>(group.next % group_slots + 1), std::memory_order_release);
  ++group.next;
  return f;
}

void stack_class::dress(fiber* f, char* low) {
  f->stack = this;
  f->bottom = low + guard_bytes;
  f->sp = make_context(f, &fiber_main, f);
  f->sanitizer.create(f->bottom, static_cast<std::size_t>(reinterpret_cast<char*>(f) - f->bottom));
}

void stack_class::warm(fiber* f) { dress(f, end_of_slot(f) - slot_bytes()); }

void stack_class::release(fiber* f) {
  std::lock_guard lock(mu_);
  stack_magazine* m = hot_.first.load(std::memory_order_relaxed);
  if (!m || m->size == stack_magazine::room) {
    m = take_empty();
    if (!m) return;
    hot_.push(m);
  }
  m->stacks[m->size++] = f;
}

left_to_trim stack_class::trim(std::size_t most, bool new_second) {
  {
    std::lock_guard lock(mu_);
    if (new_second) {
      to_trim_ = hot_.size;
      to_chill_ = may_chill ? std::max(trimmed_.least, kept_from_chill) - kept_from_chill : 0;
      trimmed_.least = trimmed_.size;
    }
  }
  for (std::size_t i = 0; i < most && to_chill_ > 0; ++i, --to_chill_) chill();
  for (std::size_t i = 0; i < most && to_trim_ > 0; ++i, --to_trim_) trim_below_top();
  if (to_chill_ > 0 || to_trim_ > 0) return left_to_trim::now;
  std::lock_guard lock(mu_);
  return hot_.size > 0 || (may_chill && trimmed_.size > kept_from_chill) ? left_to_trim::later : left_to_trim::nothing;
}

void stack_class::trim_below_top() {
  stack_magazine* mine;                  // taken off the list: nobody waits for the lock while the pages go
  {
    std::lock_guard lock(mu_);
    mine = hot_.pop();
    if (!mine) return;
  }
  for (std::uint32_t i = 0; i < mine->size; ++i) {
    fiber* f = mine->stacks[i];
    const auto keep = (reinterpret_cast<std::uintptr_t>(f) - kept_when_trimmed) & ~(page_size() - 1);
    char* end = reinterpret_cast<char*>(keep);
    // What lies below a saved context is dead. A fiber that has not switched away yet keeps its pages until the next time.
    if (!f->on_cpu.load(order_observe) && end > f->bottom && end < static_cast<char*>(f->sp))
      ::madvise(f->bottom, static_cast<std::size_t>(end - f->bottom), MADV_DONTNEED);
  }
  std::lock_guard lock(mu_);
  trimmed_.push(mine);
}

// Not if one of the fibers has not switched away yet, or while somebody looks at fibers (hold_stacks).
void stack_class::chill() {
  const std::unique_lock held(chill_mu(), std::try_to_lock);
  if (!held) return;
  stack_magazine* mine;
  {
    std::lock_guard lock(mu_);
    mine = trimmed_.pop();
    if (!mine) return;
  }
  const bool still = std::none_of(mine->stacks, mine->stacks + mine->size, [](const fiber* f) { return f->on_cpu.load(order_observe); });
  if (still)
    for (std::uint32_t i = 0; i < mine->size; ++i) {
      char* const bottom = mine->stacks[i]->bottom;
      ::madvise(bottom, static_cast<std::size_t>(end_of_slot(mine->stacks[i]) - bottom), MADV_DONTNEED);
    }
  std::lock_guard lock(mu_);
  (still ? cold_ : trimmed_).push(mine);
}

void stack_class::for_each(const std::function<void(fiber*)>& visit) {
  const std::size_t count = chunk_count_.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < count; ++i) {
    const stack_chunk& c = *chunks_[i].load(std::memory_order_acquire);
    const std::size_t reserved = c.reserved.load(std::memory_order_acquire);
    for (std::size_t slot = 0; slot < reserved; ++slot)
      if (c.has(slot)) visit(fiber_of(c, slot));
  }
}

fiber* stack_class::owner_of_guard(const char* address) {
  const std::size_t count = chunk_count_.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < count; ++i) {
    const stack_chunk& c = *chunks_[i].load(std::memory_order_acquire);
    if (address < c.base || address >= c.base + c.slots * slot_bytes()) continue;
    const auto offset = static_cast<std::size_t>(address - c.base);
    if (c.has(offset / slot_bytes()) && offset % slot_bytes() < guard_bytes) return fiber_of(c, offset / slot_bytes());
  }
  return nullptr;
}

stack_class& stack_class_for(std::size_t stack_bytes) {
  constexpr int least = 14;              // 16 KiB
  if (stack_bytes == 0) stack_bytes = default_stack_size;
  if (stack_bytes > std::size_t{1} << (least + class_count - 1)) throw std::bad_alloc();
  const std::size_t size = std::bit_ceil(std::max(stack_bytes, std::size_t{1} << least));
  const auto index = static_cast<std::size_t>(std::countr_zero(size) - least);
  if (stack_class* existing = classes[index].load(std::memory_order_acquire)) return *existing;
  std::lock_guard lock(classes_mu);
  if (stack_class* existing = classes[index].load(std::memory_order_acquire)) return *existing;
  const std::size_t guard = size >= foreign_stack_size ? foreign_guard_size : page_size();
  auto* made = new stack_class(size, guard);
  classes[index].store(made, std::memory_order_release);
  return *made;
}

stack_class& default_stack_class() {
  static stack_class& one = stack_class_for(default_stack_size);
  return one;
}

void for_each_fiber(const std::function<void(fiber*)>& visit) {
  for (auto& c : classes)
    if (stack_class* one = c.load(std::memory_order_acquire)) one->for_each(visit);
}

left_to_trim trim_stacks(bool new_second) {
  constexpr std::size_t most = 8;        // magazines: 2.5 ms, in which nobody watches the workers
  left_to_trim left = left_to_trim::nothing;
  for (auto& c : classes)
    if (stack_class* one = c.load(std::memory_order_acquire)) left = std::max(left, one->trim(most, new_second));
  return left;
}

std::unique_lock<std::mutex> hold_stacks() { return std::unique_lock(chill_mu()); }

fiber* fiber_of_guard(const void* address) {
  for (auto& c : classes)
    if (stack_class* one = c.load(std::memory_order_acquire))
      if (fiber* f = one->owner_of_guard(static_cast<const char*>(address))) return f;
  return nullptr;
}

}  // namespace pipes::detail
