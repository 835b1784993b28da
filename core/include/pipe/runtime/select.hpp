// select.hpp: waiting for the first of several channel operations. Included by pipe/runtime.hpp.
#pragma once
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "pipe/runtime/chan.hpp"

namespace pipes {
namespace detail {

enum class case_kind : std::uint8_t { recv, send, timeout, otherwise };

// One case of a select, without its types.
struct select_case_base {
  case_kind kind;
  chan_core* channel = nullptr;
  void* value = nullptr;
  move_fn convert = nullptr;
  clock::duration after{0};
  waiter node;

  explicit select_case_base(case_kind k) : kind(k) {}
  select_case_base(const select_case_base&) = delete;
  select_case_base& operator=(const select_case_base&) = delete;
};

struct select_result {
  std::size_t index;
  bool received;       // a receive got a value; false: the channel is closed, or the case is no receive
};
constexpr std::size_t no_case = static_cast<std::size_t>(-1);   // cancelled while the stack unwinds

// Chooses uniformly among the ready cases, else otherwise, else waits. Throws closed_channel for a chosen send.
void select_wait(select_case_base* const* cases, std::size_t n, select_result* result);
[[nodiscard]] inline select_result select_wait(select_case_base* const* cases, std::size_t n) {
  select_result r;
  select_wait(cases, n, &r);
  return r;
}

struct no_handler {};

template <class Rep, class Period>
clock::duration to_clock(std::chrono::duration<Rep, Period> d) {
  if (!(d > d.zero())) return clock::duration::zero();
  if (std::chrono::duration<double>(d) >= std::chrono::duration<double>(clock::duration::max())) return clock::duration::max();
  return std::chrono::ceil<clock::duration>(d);
}

template <class T, class F>
class [[nodiscard]] recv_case : public select_case_base {
 public:
  recv_case(chan_core* c, F f) : select_case_base(case_kind::recv), handler_(std::forward<F>(f)) {
    channel = c;
    value = room_.raw();
  }
  void fire(bool received) {
    std::optional<T> v;
    if (received) v.emplace(room_.take());
    if constexpr (!std::is_same_v<F, no_handler>) std::invoke(std::forward<F>(handler_), std::move(v));
  }

 private:
  element_room<T> room_;
  F handler_;
};

template <class F>
class [[nodiscard]] plain_case : public select_case_base {   // send, timeout, otherwise: the handler takes nothing
 public:
  plain_case(case_kind k, F f) : select_case_base(k), handler_(std::forward<F>(f)) {}
  void fire(bool) {
    if constexpr (!std::is_same_v<F, no_handler>) std::invoke(std::forward<F>(handler_));
  }

 private:
  F handler_;
};

template <class C>
concept select_case = !std::is_reference_v<C> && std::is_base_of_v<select_case_base, C>;

template <class F>
using held = std::conditional_t<std::is_lvalue_reference_v<F>, F, std::remove_cvref_t<F>>;

}  // namespace detail

// The cases of select(). They refer to channel, value and (lvalue) handler and live in the select expression alone.
// A receive's handler gets a std::optional<T>, empty when the channel is closed; the others' handlers get nothing.
template <class T>
auto on_recv(const chan<T>& c) {
  return detail::recv_case<T, detail::no_handler>(c.core(), {});
}
template <class T>
auto on_recv(const receiver<T>& c) {
  return detail::recv_case<T, detail::no_handler>(c.core(), {});
}
template <class T, class F>
  requires std::is_invocable_v<F, std::optional<T>>
auto on_recv(const chan<T>& c, F&& f) {
  return detail::recv_case<T, detail::held<F>>(c.core(), std::forward<F>(f));
}
template <class T, class F>
  requires std::is_invocable_v<F, std::optional<T>>
auto on_recv(const receiver<T>& c, F&& f) {
  return detail::recv_case<T, detail::held<F>>(c.core(), std::forward<F>(f));
}

namespace detail {
template <class T, class U, class F>
struct [[nodiscard]] send_case : plain_case<F> {
  send_case(chan_core* c, void* v, F f) : plain_case<F>(case_kind::send, std::forward<F>(f)) {
    this->channel = c;
    this->value = v;
    this->convert = &convert_element<T, U>;
  }
};
template <class F>
struct [[nodiscard]] timeout_case : plain_case<F> {
  timeout_case(clock::duration d, F f) : plain_case<F>(case_kind::timeout, std::forward<F>(f)) { this->after = d; }
};
}  // namespace detail

template <class T, class U = T>
  requires std::is_constructible_v<T, U&&>
auto on_send(const chan<T>& c, U&& v) {
  return detail::send_case<T, U&&, detail::no_handler>(c.core(), detail::address_of(v), {});
}
template <class T, class U = T>
  requires std::is_constructible_v<T, U&&>
auto on_send(const sender<T>& c, U&& v) {
  return detail::send_case<T, U&&, detail::no_handler>(c.core(), detail::address_of(v), {});
}
template <class T, class U = T, class F>
  requires(std::is_constructible_v<T, U&&> && std::is_invocable_v<F>)
auto on_send(const chan<T>& c, U&& v, F&& f) {
  return detail::send_case<T, U&&, detail::held<F>>(c.core(), detail::address_of(v), std::forward<F>(f));
}
template <class T, class U = T, class F>
  requires(std::is_constructible_v<T, U&&> && std::is_invocable_v<F>)
auto on_send(const sender<T>& c, U&& v, F&& f) {
  return detail::send_case<T, U&&, detail::held<F>>(c.core(), detail::address_of(v), std::forward<F>(f));
}
template <class Rep, class Period>
auto on_timeout(std::chrono::duration<Rep, Period> d) {
  return detail::timeout_case<detail::no_handler>(detail::to_clock(d), {});
}
template <class Rep, class Period, class F>
  requires std::is_invocable_v<F>
auto on_timeout(std::chrono::duration<Rep, Period> d, F&& f) {
  return detail::timeout_case<detail::held<F>>(detail::to_clock(d), std::forward<F>(f));
}
inline auto otherwise() { return detail::plain_case<detail::no_handler>(detail::case_kind::otherwise, {}); }
template <class F>
  requires std::is_invocable_v<F>
auto otherwise(F&& f) {
  return detail::plain_case<detail::held<F>>(detail::case_kind::otherwise, std::forward<F>(f));
}

// Go's select: one ready case, chosen uniformly; waits if none is ready and there is no otherwise(). Runs the case's
// handler and returns the case's index. A send that is chosen on a closed channel throws closed_channel.
template <class... Cs>
  requires(detail::select_case<Cs> && ...)
std::size_t select(Cs&&... cases) {
  constexpr std::size_t n = sizeof...(Cs);
  detail::select_case_base* const list[n + 1] = {&cases..., nullptr};
  const detail::select_result chosen = detail::select_wait(list, n);
  std::size_t i = 0;
  ((i++ == chosen.index ? cases.fire(chosen.received) : void()), ...);
  return chosen.index;
}

// A select whose cases are known at run time only. Owns its channels, values and handlers; may wait any number of times:
// a value to send is used up when its case was chosen, and that case is inert until it is given another.
class select_set {
 public:
  template <class T>
  std::size_t recv(const chan<T>& c, std::function<void(std::optional<T>)> f = {}) {
    return add(std::make_unique<recv_entry<T>>(c, std::move(f)));
  }
  template <class T>
  std::size_t recv(const receiver<T>& c, std::function<void(std::optional<T>)> f = {}) {
    return add(std::make_unique<recv_entry<T>>(c, std::move(f)));
  }
  template <class T, class F>
    requires std::is_invocable_v<std::decay_t<F>&, std::optional<T>>
  std::size_t recv(const chan<T>& c, F f) {
    return recv(c, std::function<void(std::optional<T>)>(std::move(f)));
  }
  template <class T, class F>
    requires std::is_invocable_v<std::decay_t<F>&, std::optional<T>>
  std::size_t recv(const receiver<T>& c, F f) {
    return recv(c, std::function<void(std::optional<T>)>(std::move(f)));
  }
  template <class T, class U = T>
    requires std::is_constructible_v<T, U&&>
  std::size_t send(const chan<T>& c, U&& v, std::function<void()> f = {}) {
    return add(std::make_unique<send_entry<T>>(sender<T>(c), std::forward<U>(v), std::move(f)));
  }
  template <class T, class U = T>
    requires std::is_constructible_v<T, U&&>
  std::size_t send(const sender<T>& c, U&& v, std::function<void()> f = {}) {
    return add(std::make_unique<send_entry<T>>(c, std::forward<U>(v), std::move(f)));
  }
  template <class Rep, class Period>
  std::size_t timeout(std::chrono::duration<Rep, Period> d, std::function<void()> f = {}) {
    auto e = std::make_unique<plain_entry>(detail::case_kind::timeout, std::move(f));
    e->after = detail::to_clock(d);
    return add(std::move(e));
  }
  std::size_t otherwise(std::function<void()> f = {}) {
    return add(std::make_unique<plain_entry>(detail::case_kind::otherwise, std::move(f)));
  }
  // Takes case i out for good; the indices of the others stay.
  void remove(std::size_t i) { entries_.at(i)->retire(); }
  std::size_t size() const { return entries_.size(); }
  // As select(): waits, runs the handler, returns the index.
  std::size_t wait() {
    list_.clear();
    for (auto& e : entries_) list_.push_back(e.get());
    const detail::select_result chosen = detail::select_wait(list_.data(), list_.size());
    if (chosen.index < entries_.size()) entries_[chosen.index]->fire(chosen.received);
    return chosen.index;
  }

 private:
  struct entry : detail::select_case_base {
    using select_case_base::select_case_base;
    virtual ~entry() = default;
    virtual void fire(bool received) = 0;
    void retire() {
      kind = detail::case_kind::recv;     // on a nil channel: never ready
      channel = nullptr;
    }
  };
  template <class T>
  struct recv_entry final : entry {
    recv_entry(receiver<T> c, std::function<void(std::optional<T>)> f)
        : entry(detail::case_kind::recv), held(std::move(c)), handler(std::move(f)) {
      channel = held.core();
      value = room.raw();
    }
    void fire(bool received) override {
      std::optional<T> v;
      if (received) v.emplace(room.take());
      if (handler) handler(std::move(v));
    }
    receiver<T> held;
    detail::element_room<T> room;
    std::function<void(std::optional<T>)> handler;
  };
  template <class T>
  struct send_entry final : entry {
    template <class U>
    send_entry(sender<T> c, U&& v, std::function<void()> f)
        : entry(detail::case_kind::send), held(std::move(c)), element(std::in_place, std::forward<U>(v)), handler(std::move(f)) {
      channel = held.core();
      value = std::addressof(*element);
      convert = &detail::convert_element<T, T&&>;
    }
    void fire(bool) override {
      retire();
      element.reset();
      if (handler) handler();
    }
    sender<T> held;
    std::optional<T> element;
    std::function<void()> handler;
  };
  struct plain_entry final : entry {
    plain_entry(detail::case_kind k, std::function<void()> f) : entry(k), handler(std::move(f)) {}
    void fire(bool) override {
      if (handler) handler();
    }
    std::function<void()> handler;
  };
  std::size_t add(std::unique_ptr<entry> e) {
    entries_.push_back(std::move(e));
    return entries_.size() - 1;
  }
  std::vector<std::unique_ptr<entry>> entries_;
  std::vector<detail::select_case_base*> list_;
};

// A channel that gets one time point after d, and is never closed. Costs a timer until it fires or its last handle is gone.
template <class Rep, class Period>
chan<clock::time_point> after(std::chrono::duration<Rep, Period> d);
// A channel that gets a time point every d; points that nobody takes are dropped. d <= 0: nil.
template <class Rep, class Period>
chan<clock::time_point> tick(std::chrono::duration<Rep, Period> d);

namespace detail {
void feed_by_timer(const chan<clock::time_point>& c, clock::time_point first, clock::duration period);
}

template <class Rep, class Period>
chan<clock::time_point> after(std::chrono::duration<Rep, Period> d) {
  chan<clock::time_point> c(1);
  detail::feed_by_timer(c, detail::deadline_after(d), clock::duration::zero());
  return c;
}
template <class Rep, class Period>
chan<clock::time_point> tick(std::chrono::duration<Rep, Period> d) {
  if (d <= d.zero()) return {};
  chan<clock::time_point> c(1);
  detail::feed_by_timer(c, detail::deadline_after(d), detail::to_clock(d));
  return c;
}

}  // namespace pipes
