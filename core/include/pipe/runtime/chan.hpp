// chan.hpp: typed channels, after Go's and CSP's. Included by pipe/runtime.hpp.
#pragma once
#include <chrono>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "pipe/runtime/chan_state.hpp"

namespace pipes {

// A send on a closed channel, a second close, closing nil.
struct closed_channel : std::logic_error {
  explicit closed_channel(const char* what) : std::logic_error(what) {}
};

template <class T>
class chan;

namespace detail {

// What chan, sender and receiver share: the handle, and questions about the channel. None of them waits; any thread may ask.
template <class T>
class channel_end {
 public:
  using value_type = T;
  // Values in the buffer; another may be there, or gone, by the time the answer is used.
  std::size_t size() const { return core() ? core()->count.load(std::memory_order_acquire) : 0; }
  std::size_t capacity() const { return core() ? core()->capacity : 0; }
  // False is the nil channel, on which everything blocks for ever.
  explicit operator bool() const { return core() != nullptr; }
  // The same channel, not the same contents.
  friend bool operator==(const channel_end& a, const channel_end& b) { return a.core() == b.core(); }
  // For select, and what else is built on the runtime.
  chan_core* core() const { return handle_.get(); }

 protected:
  channel_end() = default;
  explicit channel_end(chan_handle h) : handle_(std::move(h)) {}
  chan_handle handle_;
};

// The sending half of the interface. Whatever a T can be constructed from may be sent.
template <class T, class Self>
class sends {
 public:
  // Blocks until a receiver takes the value (capacity 0) or there is room; on nil for ever. For fibers. Throws closed_channel if the
  // channel is closed, now or while this waits, and cancelled; then the value stays with the caller.
  template <class U = T>
    requires std::is_constructible_v<T, U&&>
  [[gnu::always_inline]] void send(U&& v) const {
    send_value<T>(target(), std::forward<U>(v));
  }
  // Never waits, any thread; false leaves the value with the caller. Throws closed_channel.
  template <class U = T>
    requires std::is_constructible_v<T, U&&>
  [[nodiscard]] bool try_send(U&& v) const {
    return try_send_value<T>(target(), std::forward<U>(v));
  }
  // As send, for at most d; false leaves the value with the caller.
  template <class Rep, class Period, class U = T>
    requires std::is_constructible_v<T, U&&>
  [[nodiscard]] bool send_for(U&& v, std::chrono::duration<Rep, Period> d) const {
    switch (chan_send_until(target(), address_of(v), &convert_element<T, U&&>, deadline_after(d))) {
      case chan_status::ok: return true;
      case chan_status::closed: throw_closed_send();
      default: return false;
    }
  }
  // No more values: receivers get what is in the buffer, then "closed" at once; parked senders throw. Never waits, any
  // thread. Throws closed_channel the second time, and on nil.
  void close() const { chan_close(target()); }

 private:
  [[gnu::always_inline]] chan_core* target() const { return static_cast<const Self*>(this)->core(); }
};

// The receiving half.
template <class T, class Self>
class receives {
 public:
  // Blocks until there is a value; empty once the channel is closed and drained. On nil for ever. For fibers. Throws cancelled.
  [[gnu::always_inline]] std::optional<T> recv() const { return recv_value<T>(target()); }
  // Never waits, any thread: empty where there is nothing yet, and closed() where there will be nothing.
  [[nodiscard]] received<T> try_recv() const { return try_recv_value<T>(target()); }
  // As recv, for at most d.
  template <class Rep, class Period>
  [[nodiscard]] received<T> recv_for(std::chrono::duration<Rep, Period> d) const {
    element_room<T> room;
    const auto s = chan_recv_until(target(), room.raw(), deadline_after(d));
    if (s == chan_status::ok) return received<T>(std::in_place, room.take());
    return received<T>(s == chan_status::closed);
  }
  // for (T v : channel) receives until the channel is closed and drained, like Go's range.
  chan_iterator<T> begin() const { return chan_iterator<T>(self().handle_); }
  chan_iterator<T> end() const { return {}; }

 private:
  const Self& self() const { return static_cast<const Self&>(*this); }
  [[gnu::always_inline]] chan_core* target() const { return self().core(); }
};

}  // namespace detail

// Go's channel. A handle, as big as a pointer: copies are the same channel, every operation is const, and the channel goes with
// its last handle. chan<T> c is nil, as is what was moved from, chan<T> c(0) unbuffered. Values move while the channel is locked:
// T's constructors must neither park nor use the channel.
template <class T>
class chan : public detail::channel_end<T>, public detail::sends<T, chan<T>>, public detail::receives<T, chan<T>> {
  static_assert(std::is_object_v<T> && !std::is_array_v<T> && !std::is_const_v<T>, "chan<T>: T is an object that can be moved: no reference, no array, not const, not void (struct {} says no more)");
  friend class detail::receives<T, chan>;

 public:
  chan() = default;
  // Throws std::length_error where the capacity is negative or more than memory can be.
  template <class N>
    requires std::is_integral_v<N>
  explicit chan(N capacity) : chan::channel_end(make(capacity)) {}

 private:
  template <class N>
  static detail::chan_handle make(N capacity) {
    if constexpr (std::is_signed_v<N>)
      if (capacity < 0) throw std::length_error("pipes::chan: negative capacity");
    return detail::chan_handle(detail::chan_state<T>::make(static_cast<std::size_t>(capacity)));
  }
};

// A view that may only send (and close).
template <class T>
class sender : public detail::channel_end<T>, public detail::sends<T, sender<T>> {
 public:
  sender() = default;
  sender(const chan<T>& c) : sender::channel_end(c) {}
};

// A view that may only receive.
template <class T>
class receiver : public detail::channel_end<T>, public detail::receives<T, receiver<T>> {
  friend class detail::receives<T, receiver>;

 public:
  receiver() = default;
  receiver(const chan<T>& c) : receiver::channel_end(c) {}
};

}  // namespace pipes
