#include "core/runtime/stack_pool.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <bit>
#include <new>

#include "core/runtime/scheduler.hpp"

namespace pipes::detail {
namespace {

constexpr int madv_guard_install = 102;   // Linux 6.13; not in Debian 12's headers
constexpr std::size_t fiber_room = (sizeof(fiber) + 63) & ~std::size_t{63};
constexpr std::size_t kept_when_trimmed = 8 * 1024;
std::atomic<bool> guard_install_works{true};

std::size_t page_size() {
  static const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return size;
}

void install_guard(char* address, std::size_t size) {
  if (guard_install_works.load(std::memory_order_relaxed)) {
    if (::madvise(address, size, madv_guard_install) == 0) return;
    guard_install_works.store(false, std::memory_order_relaxed);
  }
  if (::mprotect(address, size, PROT_NONE) != 0) throw std::bad_alloc();
}

constexpr std::size_t class_count = 24;
std::atomic<stack_class*> classes[class_count];
std::mutex classes_mu;

}  // namespace

stack_class::stack_class(std::size_t stack_size, std::size_t guard_size) : stack_bytes(stack_size), guard_bytes(guard_size) {}

fiber* stack_class::fiber_of(const chunk& c, std::size_t slot) const {
  // Slots are whole pages apart: without a different offset in each, the tops of all stacks would share a few cache sets.
  const std::size_t colour = slot * 5 % 24 * 64;
  return reinterpret_cast<fiber*>(c.base + (slot + 1) * slot_bytes() - fiber_room - colour);
}

fiber* stack_class::acquire() {
  std::lock_guard lock(mu_);
  if (free_) {
    fiber* f = free_;
    free_ = f->link;
    f->trimmed = false;
    return f;
  }
  return carve();
}

fiber* stack_class::carve() {
  std::size_t count = chunk_count_.load(std::memory_order_relaxed);
  if (count == 0 || chunks_[count - 1].used.load(std::memory_order_relaxed) == chunks_[count - 1].slots) {
    if (count == max_chunks) throw std::bad_alloc();
    const std::size_t slots = count == 0 ? 256 : std::min<std::size_t>(chunks_[count - 1].slots * 2, 65536);
    void* base = ::mmap(nullptr, slots * slot_bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) throw std::bad_alloc();
    ::madvise(base, slots * slot_bytes(), MADV_NOHUGEPAGE);   // or the first touch of a stack would commit 2 MiB
    chunks_[count].base = static_cast<char*>(base);
    chunks_[count].slots = slots;
    chunk_count_.store(++count, std::memory_order_release);
  }
  chunk& c = chunks_[count - 1];
  const std::size_t slot = c.used.load(std::memory_order_relaxed);
  char* low = c.base + slot * slot_bytes();
  install_guard(low, guard_bytes);
  auto* f = new (fiber_of(c, slot)) fiber;
  f->stack = this;
  f->bottom = low + guard_bytes;
  f->sp = make_context(f, &fiber_main, f);
  f->sanitizer.create(f->bottom, static_cast<std::size_t>(reinterpret_cast<char*>(f) - f->bottom));
  c.used.store(slot + 1, std::memory_order_release);
  return f;
}

void stack_class::release(fiber* f) {
  std::lock_guard lock(mu_);
  f->link = free_;
  free_ = f;
}

void stack_class::release_list(fiber* head) {
  std::lock_guard lock(mu_);
  while (head) {
    fiber* after = head->link;
    head->link = free_;
    free_ = head;
    head = after;
  }
}

void stack_class::trim() {
  // A few at a time: workers wait for this lock. Those trimmed before lie below those released since.
  constexpr int most = 256;
  std::lock_guard lock(mu_);   // a free fiber stays free meanwhile: what lies below its saved frame is dead
  int n = 0;
  for (fiber* f = free_; f && !f->trimmed && n < most; f = f->link, ++n) {
    if (f->on_cpu.load(order_observe)) continue;
    f->trimmed = true;
    const auto keep = (reinterpret_cast<std::uintptr_t>(f) - kept_when_trimmed) & ~(page_size() - 1);
    char* end = reinterpret_cast<char*>(keep);
    if (end > f->bottom && end < static_cast<char*>(f->sp))
      ::madvise(f->bottom, static_cast<std::size_t>(end - f->bottom), MADV_DONTNEED);
  }
}

void stack_class::for_each(const std::function<void(fiber*)>& visit) {
  const std::size_t count = chunk_count_.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t used = chunks_[i].used.load(std::memory_order_acquire);
    for (std::size_t slot = 0; slot < used; ++slot) visit(fiber_of(chunks_[i], slot));
  }
}

fiber* stack_class::owner_of_guard(const char* address) {
  const std::size_t count = chunk_count_.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < count; ++i) {
    const chunk& c = chunks_[i];
    if (address < c.base || address >= c.base + c.slots * slot_bytes()) continue;
    const auto offset = static_cast<std::size_t>(address - c.base);
    if (offset / slot_bytes() < c.used.load(std::memory_order_acquire) && offset % slot_bytes() < guard_bytes)
      return fiber_of(c, offset / slot_bytes());
  }
  return nullptr;
}

stack_class& stack_class_for(std::size_t stack_bytes) {
  if (stack_bytes == 0) stack_bytes = default_stack_size;
  const std::size_t size = std::bit_ceil(std::max<std::size_t>(stack_bytes, 16 * 1024));
  const auto index = std::min<std::size_t>(static_cast<std::size_t>(std::countr_zero(size)) - 14, class_count - 1);
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

void trim_stacks() {
  for (auto& c : classes)
    if (stack_class* one = c.load(std::memory_order_acquire)) one->trim();
}

fiber* fiber_of_guard(const void* address) {
  for (auto& c : classes)
    if (stack_class* one = c.load(std::memory_order_acquire))
      if (fiber* f = one->owner_of_guard(static_cast<const char*>(address))) return f;
  return nullptr;
}

}  // namespace pipes::detail
