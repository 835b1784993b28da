// chan_state.hpp: what a chan<T> is made of: memory for the elements, the counted reference, and those paths of send and receive that
// callers inline. Included by chan.hpp; not an interface.
#pragma once
#include <cstddef>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "pipe/runtime/chan_core.hpp"

namespace pipes {

// What try_recv and recv_for return: used like an optional; empty and closed() tells "closed and drained" from "not yet".
template <class T>
class received : public std::optional<T> {
 public:
  explicit received(bool closed) : closed_(closed) {}
  received(std::in_place_t, T&& v) : std::optional<T>(std::in_place, std::move(v)) {}   // tagged: T may be bool
  bool closed() const { return closed_; }

 private:
  bool closed_ = false;
};

namespace detail {

[[noreturn]] void throw_closed_send();

// Raw memory for one element: a receiver's, which the sender fills.
template <class T>
class element_room {
 public:
  element_room() = default;
  element_room(const element_room&) = delete;
  element_room& operator=(const element_room&) = delete;
  void* raw() { return bytes_; }
  // Moves the element out and destroys what is left; once, after the room was filled.
  T take() {
    T* p = std::launder(reinterpret_cast<T*>(bytes_));
    struct cleanup {
      T* p;
      ~cleanup() { p->~T(); }
    } at_end{p};
    return std::move(*p);
  }

 private:
  alignas(T) unsigned char bytes_[sizeof(T)];
};

template <class T>
void relocate_element(void* source, void* destination) {
  T* from = std::launder(static_cast<T*>(source));
  ::new (destination) T(std::move(*from));
  from->~T();
}

// Constructs a T from a U as send(U&&) saw it.
template <class T, class U>
void convert_element(void* source, void* destination) {
  ::new (destination) T(std::forward<U>(*static_cast<std::remove_reference_t<U>*>(source)));
}

template <class U>
void* address_of(U&& v) {
  return const_cast<void*>(static_cast<const volatile void*>(std::addressof(v)));
}

template <class T>
struct chan_state final : chan_core {
  static constexpr std::size_t ring_offset() { return (sizeof(chan_state) + alignof(T) - 1) & ~(alignof(T) - 1); }
  static constexpr std::align_val_t alignment() {
    return std::align_val_t{alignof(T) > alignof(chan_state) ? alignof(T) : alignof(chan_state)};
  }

  static chan_state* make(std::size_t cap) {
    if (cap > (static_cast<std::size_t>(PTRDIFF_MAX) - ring_offset()) / sizeof(T)) throw std::length_error("pipes::chan: capacity too large");
    void* memory = allocate(ring_offset() + cap * sizeof(T));
    auto* c = new (memory) chan_state(cap);
    c->ring = static_cast<char*>(memory) + ring_offset();
    return c;
  }

 private:
  // The plain allocation takes half the time of an aligned one.
  static constexpr bool over_aligned = alignof(T) > __STDCPP_DEFAULT_NEW_ALIGNMENT__;
  static void* allocate(std::size_t bytes) {
    if constexpr (over_aligned) return ::operator new(bytes, alignment());
    else return ::operator new(bytes);
  }
  explicit chan_state(std::size_t cap) : chan_core(cap, sizeof(T), &relocate_element<T>, &destroy_state) {}
  static void destroy_state(chan_core* c) {
    auto* self = static_cast<chan_state*>(c);
    for (std::size_t n = c->count.load(std::memory_order_relaxed); n > 0; --n) {
      std::launder(static_cast<T*>(c->slot(c->head)))->~T();
      c->popped();
    }
    self->~chan_state();
    if constexpr (over_aligned) ::operator delete(static_cast<void*>(self), alignment());
    else ::operator delete(static_cast<void*>(self));
  }
};

// A counted reference to a channel; null is the nil channel.
class chan_handle {
 public:
  chan_handle() = default;
  explicit chan_handle(chan_core* owned) : core_(owned) {}
  chan_handle(const chan_handle& o) : core_(o.core_) {
    if (core_) core_->ref();
  }
  chan_handle(chan_handle&& o) noexcept : core_(std::exchange(o.core_, nullptr)) {}
  chan_handle& operator=(chan_handle o) noexcept {
    std::swap(core_, o.core_);
    return *this;
  }
  ~chan_handle() {
    if (core_) core_->unref();
  }
  chan_core* get() const { return core_; }

 private:
  chan_core* core_ = nullptr;
};

// Both are always inlined: after a switch the CPU predicts each return wrong (core/runtime/context.hpp), and one costs as much as the
// exchange itself.
template <class T, class U>
[[gnu::always_inline]] inline void send_value(chan_core* c, U&& v) {
  chan_status s;
  if (!c || c->detour) [[unlikely]] {
    s = chan_send(c, address_of(v), &convert_element<T, U&&>);
  } else {
    c->mu.lock();
    if constexpr (std::is_nothrow_constructible_v<T, U&&>) {
      // The quick way, in the caller: room in the ring and nobody to wake.
      if (c->count.load(std::memory_order_relaxed) < c->capacity && !c->receivers.first() && !c->closed.load(std::memory_order_relaxed)) {
        ::new (c->ring + c->tail_index() * sizeof(T)) T(std::forward<U>(v));
        c->pushed();
        c->mu.unlock();
        return;
      }
    }
    s = chan_send_locked(c, address_of(v), &convert_element<T, U&&>);
  }
  if (s == chan_status::closed) throw_closed_send();
}

template <class T>
[[gnu::always_inline]] inline std::optional<T> recv_value(chan_core* c) {
  element_room<T> room;
  chan_status s;
  if (!c || c->detour) [[unlikely]] {
    s = chan_recv(c, room.raw());
  } else {
    c->mu.lock();
    if constexpr (std::is_nothrow_move_constructible_v<T>) {
      if (c->count.load(std::memory_order_relaxed) > 0 && !c->senders.first()) {
        T* p = std::launder(reinterpret_cast<T*>(c->ring + c->head * sizeof(T)));
        std::optional<T> out(std::move(*p));
        p->~T();
        c->popped();
        c->mu.unlock();
        return out;
      }
    }
    s = chan_recv_locked(c, room.raw());
  }
  std::optional<T> out;
  if (s == chan_status::ok) out.emplace(room.take());
  return out;
}

template <class T, class U>
bool try_send_value(chan_core* c, U&& v) {
  if (!c) return false;
  switch (chan_try_send(c, address_of(v), &convert_element<T, U&&>)) {
    case chan_status::ok: return true;
    case chan_status::closed: throw_closed_send();
    default: return false;
  }
}

template <class T>
received<T> try_recv_value(chan_core* c) {
  if (!c) return received<T>(false);
  element_room<T> room;
  const chan_status s = chan_try_recv(c, room.raw());
  if (s == chan_status::ok) return received<T>(std::in_place, room.take());
  return received<T>(s == chan_status::closed);
}

[[nodiscard]] chan_status chan_send_until(chan_core* c, void* source, move_fn convert, clock::time_point deadline);
[[nodiscard]] chan_status chan_recv_until(chan_core* c, void* destination, clock::time_point deadline);

template <class T>
class chan_iterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = T;
  using difference_type = std::ptrdiff_t;
  using pointer = void;
  using reference = T;

  chan_iterator() = default;
  explicit chan_iterator(chan_handle c) : channel_(std::move(c)), value_(recv_value<T>(channel_.get())) {}
#ifndef __clang__   // clang does not know this warning, and would warn of that
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"   // g++ does not see that a loop ends where there is no value
#endif
  T operator*() { return std::move(*value_); }
#ifndef __clang__
#pragma GCC diagnostic pop
#endif
  chan_iterator& operator++() {
    value_.reset();
    if (std::optional<T> next = recv_value<T>(channel_.get())) value_.emplace(std::move(*next));
    return *this;
  }
  void operator++(int) { ++*this; }
  friend bool operator==(const chan_iterator& a, const chan_iterator& b) { return a.value_.has_value() == b.value_.has_value(); }

 private:
  chan_handle channel_;
  std::optional<T> value_;
};

}  // namespace detail

}  // namespace pipes
