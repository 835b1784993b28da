// memory.cpp: the pool is a few slots for each size, each an atomic pointer: no lock, no order, nothing that a stopped thread could hold.
// Rejected: a list under a mutex. It saves the walk over empty slots, but all workers wait for each other when they release blocks at once.
#include "core/batch/memory.hpp"

#include "core/batch/batch.hpp"

#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace pipes::memory {

std::atomic<std::int64_t> live_blocks{0};
std::atomic<std::int64_t> live_chunks{0};
std::atomic<std::int64_t> live_batches{0};

counts live() noexcept {
  return {live_blocks.load(std::memory_order_relaxed), live_chunks.load(std::memory_order_relaxed),
          live_batches.load(std::memory_order_relaxed)};
}

namespace {

constexpr std::size_t slack = 4096;  // beyond a power of two: for headers, and the readable bytes behind a block
constexpr int classes = 7;           // 64 KiB to 4 MiB
constexpr int slots = 128;
constexpr std::int64_t pooled_most = 32 << 20;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool pooling = false;  // a pooled piece would hide a use after free
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool pooling = false;
#else
constexpr bool pooling = true;
#endif
#else
constexpr bool pooling = true;
#endif

std::atomic<void*> pool[classes][slots];  // put: CAS from nullptr (release); take: exchange (acquire)
std::atomic<std::int64_t> pooled{0};      // bytes in the pool, give or take what is on its way in

constexpr std::size_t slack_twice = 2 * slack;

// Twice as much room, in the next pooled size rather than just above it.
std::size_t doubled(std::size_t room) { return room > 8 * slack ? room * 2 - slack_twice : room * 2; }

constexpr std::size_t class_size(int c) { return (std::size_t{64 * 1024} << c) + slack; }

int class_of(std::size_t size) {
  if (size < class_size(0) / 2 || size > class_size(classes - 1)) return -1;
  int c = 0;
  while (class_size(c) < size) ++c;
  return c;
}

int class_of_capacity(std::size_t capacity) {
  for (int c = 0; c < classes; ++c)
    if (class_size(c) == capacity) return c;
  return -1;
}

// Gives back a piece of another size, the largest that there is.
void drop_one_besides(int wanted) noexcept {
  for (int c = classes; c-- > 0;) {
    if (c == wanted) continue;
    for (auto& slot : pool[c]) {
      if (!slot.load(std::memory_order_relaxed)) continue;
      void* const p = slot.exchange(nullptr, std::memory_order_acquire);
      if (!p) continue;
      pooled.fetch_sub(static_cast<std::int64_t>(class_size(c)), std::memory_order_relaxed);
      std::free(p);
      return;
    }
  }
}

}  // namespace

void* take(std::size_t size, std::size_t& capacity) {
  const int c = pooling ? class_of(size) : -1;
  if (c < 0) {
    capacity = size;
    void* p = std::malloc(size);
    if (!p) throw std::bad_alloc();
    return p;
  }
  capacity = class_size(c);
  for (auto& slot : pool[c]) {
    if (!slot.load(std::memory_order_relaxed)) continue;
    if (void* p = slot.exchange(nullptr, std::memory_order_acquire)) {
      pooled.fetch_sub(static_cast<std::int64_t>(capacity), std::memory_order_relaxed);
      return p;
    }
  }
  // Much lies about in other sizes: given back, the system's allocator can make this piece of it.
  if (pooled.load(std::memory_order_relaxed) > pooled_most / 16) drop_one_besides(c);
  void* p = std::malloc(capacity);
  if (!p) throw std::bad_alloc();
  return p;
}

void give(void* piece, std::size_t capacity) noexcept {
  const int c = pooling ? class_of_capacity(capacity) : -1;
  const auto bytes = static_cast<std::int64_t>(capacity);
  if (c >= 0) {
    if (pooled.fetch_add(bytes, std::memory_order_relaxed) + bytes <= pooled_most) {
      for (auto& slot : pool[c]) {
        void* empty = nullptr;
        if (slot.load(std::memory_order_relaxed) == nullptr &&
            slot.compare_exchange_strong(empty, piece, std::memory_order_release, std::memory_order_relaxed))
          return;
      }
    }
    pooled.fetch_sub(bytes, std::memory_order_relaxed);
  }
  std::free(piece);
}

void trim() noexcept {
  for (int c = 0; c < classes; ++c)
    for (auto& slot : pool[c])
      if (void* p = slot.exchange(nullptr, std::memory_order_acquire)) {
        pooled.fetch_sub(static_cast<std::int64_t>(class_size(c)), std::memory_order_relaxed);
        std::free(p);
      }
}

chunk* chunk_new(std::size_t room) {
  if (room > SIZE_MAX / 2) throw std::bad_alloc();
  std::size_t capacity = 0;
  void* p = take(room + sizeof(chunk), capacity);
  auto* c = new (p) chunk;
  c->capacity = capacity;
  live_chunks.fetch_add(1, std::memory_order_relaxed);
  return c;
}

void chunk_hold(chunk* c) noexcept { c->holders.fetch_add(1, std::memory_order_relaxed); }

void chunk_drop(chunk* c) noexcept {
  if (c->holders.fetch_sub(1, std::memory_order_acq_rel) != 1) return;  // acq_rel: the last holder sees what all others wrote
  const std::size_t capacity = c->capacity;
  c->~chunk();
  live_chunks.fetch_sub(1, std::memory_order_relaxed);
  give(c, capacity);
}

struct memory_set::body {
  std::atomic<std::uint32_t> holders{1};
  std::vector<chunk*> chunks;
};

memory_set::memory_set(const memory_set& o) noexcept : p_(o.p_) {
  if (p_) p_->holders.fetch_add(1, std::memory_order_relaxed);
}

memory_set::~memory_set() {
  if (!p_ || p_->holders.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  for (chunk* c : p_->chunks) chunk_drop(c);
  delete p_;
}

memory_set memory_set::of(const std::vector<chunk*>& chunks) {
  memory_set s;
  if (chunks.empty()) return s;
  s.p_ = new body;
  s.p_->chunks = chunks;
  for (chunk* c : chunks) chunk_hold(c);
  return s;
}

memory_set memory_set::of(arena&& from) {
  memory_set s;
  s.p_ = new body;
  std::size_t n = 0;
  chunk* list = from.release();
  for (chunk* c = list; c; c = c->next) ++n;
  try {
    s.p_->chunks.reserve(n);
  } catch (...) {
    while (list) chunk_drop(std::exchange(list, list->next));
    throw;
  }
  for (; list; list = list->next) s.p_->chunks.push_back(list);
  return s;
}

arena::arena(arena&& o) noexcept
    : head_(std::exchange(o.head_, nullptr)), cursor_(std::exchange(o.cursor_, nowhere_)), end_(std::exchange(o.end_, nowhere_)),
      hint_(o.hint_) {}

arena::~arena() {
  while (head_) chunk_drop(std::exchange(head_, head_->next));
}

void arena::grow(std::size_t size) {
  // The first chunk is as small as the hint says: a batch of three records shall not pin 64 KiB.
  std::size_t room = head_ ? doubled(head_->room()) : (hint_ ? hint_ + 64 : 512);
  if (room > chunk_most) room = head_ ? chunk_most : room;
  if (room < size) room = size;
  chunk* c = chunk_new(room);
  c->next = head_;
  head_ = c;
  cursor_ = c->begin();
  end_ = c->end();
}

std::string_view arena::keep(std::string_view text) {
  char* to = static_cast<char*>(take(text.size()));
  if (!text.empty()) std::memcpy(to, text.data(), text.size());
  return {to, text.size()};
}

void arena::rewind() noexcept {
  if (!head_) return;
  while (head_->next) {
    chunk* rest = head_->next;
    head_->next = rest->next;
    chunk_drop(rest);
  }
  cursor_ = head_->begin();
  end_ = head_->end();
}

std::size_t arena::bytes() const noexcept {
  std::size_t n = 0;
  for (chunk* c = head_; c; c = c->next) n += c->capacity;
  return n;
}

chunk* arena::release() noexcept {
  cursor_ = end_ = nowhere_;
  return std::exchange(head_, nullptr);
}

void text_buffer::grow(std::size_t n) {
  if (n > SIZE_MAX / 4 - size_) throw std::bad_alloc();
  std::size_t room = doubled(capacity_);
  if (room < size_ + n) room = size_ + n;
  if (room < 4096) room = 4096;
  chunk* c = chunk_new(room);
  if (size_) std::memcpy(c->begin(), data_, size_);
  if (chunk_) chunk_drop(chunk_);
  chunk_ = c;
  data_ = c->begin();
  capacity_ = c->room();
}

chunk* text_buffer::release() noexcept {
  data_ = nullptr;
  size_ = capacity_ = 0;
  return std::exchange(chunk_, nullptr);
}

}  // namespace pipes::memory

namespace pipes {

namespace {
struct block_head {
  std::size_t capacity;  // of the piece
  std::size_t usable;
  char pad[48];
};
static_assert(sizeof(block_head) == 64);
constexpr std::size_t behind = 64;
block_head* head_of(const char* block) { return reinterpret_cast<block_head*>(const_cast<char*>(block)) - 1; }
}  // namespace

char* block_new(std::size_t size) {
  if (size > SIZE_MAX / 2) throw std::bad_alloc();
  std::size_t capacity = 0;
  void* p = memory::take(size + sizeof(block_head) + behind, capacity);
  auto* head = new (p) block_head;
  head->capacity = capacity;
  head->usable = capacity - sizeof(block_head) - behind;
  char* block = reinterpret_cast<char*>(head + 1);
  std::memset(block + head->usable, 0, behind);  // whoever reads ahead reads something that was written
  memory::live_blocks.fetch_add(1, std::memory_order_relaxed);
  return block;
}

void block_free(char* block) {
  if (!block) return;
  memory::live_blocks.fetch_sub(1, std::memory_order_relaxed);
  memory::give(head_of(block), head_of(block)->capacity);
}

std::size_t block_capacity(const char* block) { return head_of(block)->usable; }

}  // namespace pipes
