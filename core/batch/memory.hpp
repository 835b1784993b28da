// memory.hpp: where batches keep their bytes: a pool of big pieces, counted chunks made of pieces, arenas made of chunks.
//
// Invariants
//   M1  A piece in the pool belongs to nobody; it is taken out by an atomic exchange, so it has one taker.
//   M2  A chunk lives while anybody holds it: an arena, an output that still fills it, a memory_set of a batch.
//   M3  Memory handed out by an arena never moves.
// Thread safety: the pool and the counts of chunks and sets from any thread; an arena by one thread at a time.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

namespace pipes::memory {

// Pieces of pooled sizes are kept for reuse up to a bound; others go back to the system at once.
void* take(std::size_t size, std::size_t& capacity);  // throws std::bad_alloc
void give(void* piece, std::size_t capacity) noexcept;
void trim() noexcept;                                 // empties the pool

// What is alive, for tests and reports.
struct counts {
  std::int64_t blocks = 0;
  std::int64_t chunks = 0;
  std::int64_t batches = 0;
};
counts live() noexcept;
extern std::atomic<std::int64_t> live_blocks;
extern std::atomic<std::int64_t> live_chunks;
extern std::atomic<std::int64_t> live_batches;

// A counted piece of memory; its bytes follow the header.
struct chunk {
  std::atomic<std::uint32_t> holders{1};
  std::size_t capacity = 0;  // header included
  chunk* next = nullptr;     // within one arena

  char* begin() noexcept { return reinterpret_cast<char*>(this + 1); }
  char* end() noexcept { return reinterpret_cast<char*>(this) + capacity; }
  std::size_t room() const noexcept { return capacity - sizeof(chunk); }
};
chunk* chunk_new(std::size_t room);
void chunk_hold(chunk*) noexcept;
void chunk_drop(chunk*) noexcept;

constexpr std::size_t chunk_least = 64 * 1024;
constexpr std::size_t chunk_most = 1024 * 1024;  // an arena's growth stops here; larger requests get chunks of their own

class arena;

// The chunks that a batch's own arrays and bytes lie in. Shared by the batches of one stage call.
class memory_set {
 public:
  memory_set() = default;
  memory_set(const memory_set& o) noexcept;
  memory_set(memory_set&& o) noexcept : p_(std::exchange(o.p_, nullptr)) {}
  memory_set& operator=(memory_set o) noexcept { std::swap(p_, o.p_); return *this; }
  ~memory_set();
  static memory_set of(const std::vector<chunk*>& chunks);  // holds each once more
  static memory_set of(arena&& from);                       // takes the arena's chunks over

 private:
  struct body;
  body* p_ = nullptr;
};

// A bump allocator whose memory never moves.
class arena {
 public:
  explicit arena(std::size_t hint = 0) noexcept : hint_(hint) {}
  arena(arena&& o) noexcept;
  arena& operator=(arena&&) = delete;
  ~arena();

  void* take(std::size_t size) {  // aligned to 8, never null; throws std::bad_alloc
    size = (size + 7) & ~std::size_t{7};
    if (static_cast<std::size_t>(end_ - cursor_) < size) grow(size);
    char* p = cursor_;
    cursor_ += size;
    return p;
  }
  template <class T>
  T* array(std::size_t n) {
    if (n > SIZE_MAX / 2 / sizeof(T)) throw std::bad_alloc();
    return static_cast<T*>(take(n * sizeof(T)));
  }
  std::string_view keep(std::string_view text);
  void rewind() noexcept;  // everything taken so far is void; one chunk is kept
  std::size_t bytes() const noexcept;
  chunk* release() noexcept;

 private:
  void grow(std::size_t size);
  // Where the cursor of an arena without a chunk stands: even zero bytes taken there are not null, which would mean that there is no text.
  alignas(8) static inline char nowhere_[8] = {};
  chunk* head_ = nullptr;
  char* cursor_ = nowhere_;
  char* end_ = nowhere_;
  std::size_t hint_;
};

// Text that grows; its bytes move until it is finished.
class text_buffer {
 public:
  text_buffer() = default;
  text_buffer(const text_buffer&) = delete;
  text_buffer& operator=(const text_buffer&) = delete;
  ~text_buffer() { if (chunk_) chunk_drop(chunk_); }

  void append(const char* p, std::size_t n) {
    if (n == 0) return;
    char* to = room(n);
    __builtin_memcpy(to, p, n);
    size_ += n;
  }
  void append(std::string_view s) { append(s.data(), s.size()); }
  void push(char c) {
    *room(1) = c;
    ++size_;
  }
  char* room(std::size_t n) {  // at least n writable bytes behind the text
    if (capacity_ - size_ < n) grow(n);
    return data_ + size_;
  }
  void advance(std::size_t n) { size_ += n; }
  void clear() { size_ = 0; }
  const char* data() const { return data_; }
  std::size_t size() const { return size_; }
  chunk* release() noexcept;  // the chunk that holds the text, or nullptr; data() stays valid while it is held

 private:
  void grow(std::size_t n);
  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  chunk* chunk_ = nullptr;
};

}  // namespace pipes::memory
