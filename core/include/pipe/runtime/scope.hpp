// scope.hpp: groups of fibers that are cancelled together. Included by pipe/runtime.hpp.
#pragma once
#include <atomic>
#include <exception>
#include <memory>

#include "pipe/runtime/sync.hpp"

namespace pipes {
namespace detail {

// The fibers of a scope or token that have begun; they join when they begin and leave at their end.
struct cancel_group {
  bool join(fiber* f);     // false: cancelled already, the job must not run
  void leave(fiber* f);
  void cancel();
  void shield(fiber* f);   // f, a member, calls both itself
  void unshield(fiber* f);
  bool cancelled() const { return cancelled_.load(std::memory_order_acquire); }
  void ref() { refs_.fetch_add(1, std::memory_order_relaxed); }
  void unref() {
    if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

 private:
  spin_lock mu_;
  fiber* first_ = nullptr;   // guarded by mu_
  std::atomic<bool> cancelled_{false};
  std::atomic<std::size_t> refs_{1};
};

}  // namespace detail

// A handle to a group of fibers; copies name the same group. Any thread may call cancel(). A fiber that has not begun by then never begins:
// its closure is destroyed. So what must happen in any case belongs in the destructor of something that the closure holds; or the fiber is
// started with go_options::begins_anyway.
class cancel_token {
 public:
  cancel_token() : group_(new detail::cancel_group) {}
  cancel_token(const cancel_token& other) : group_(other.group_) { group_->ref(); }
  cancel_token& operator=(const cancel_token& other) {
    other.group_->ref();
    group_->unref();
    group_ = other.group_;
    return *this;
  }
  ~cancel_token() { group_->unref(); }

  template <class F>
    requires std::is_invocable_v<std::decay_t<F>&>
  void go(F&& f) const {
    go(go_options{}, std::forward<F>(f));
  }
  template <class F>
    requires std::is_invocable_v<std::decay_t<F>&>
  void go(go_options options, F&& f) const {
    detail::task* t = detail::make_task(std::forward<F>(f), std::move(options));
    group_->ref();
    t->extra->group = group_;
    detail::spawn(t);
  }
  void cancel() const { group_->cancel(); }                       // parked fibers of the group wake and throw pipes::cancelled
  bool cancelled() const { return group_->cancelled(); }

 private:
  detail::cancel_group* group_;
};

// While a shield lives on a fiber, a cancel of the token or scope under which that fiber was started has to wait: parking calls go on as if
// there had been none, and throw once the last shield is gone. For a hand-over that must not be lost half way; whoever holds a shield
// sees to it that what it waits for comes, or ends. The end of the run breaks through it. Shields nest; fibers that are started do not
// inherit them. Without a token or scope it does nothing. (Known from Trio's shielded scopes.)
class cancel_shield {
 public:
  cancel_shield();
  ~cancel_shield();
  cancel_shield(const cancel_shield&) = delete;
  cancel_shield& operator=(const cancel_shield&) = delete;

 private:
  detail::fiber* const self_;           // null: outside of any token or scope
};

// Fibers that end together: the first exception cancels the rest and is rethrown by join(); without join() the destructor cancels and
// waits. One fiber owns the scope; its children may call go() and cancel(), too. Once cancelled, be it by a failure, it starts nothing
// more. Declare it after what its fibers refer to: then its destructor comes first, and waits for them.
class scope {
 public:
  scope() : state_(std::make_shared<state>()) {}
  scope(const scope&) = delete;
  scope& operator=(const scope&) = delete;
  ~scope();

  template <class F>
    requires std::is_invocable_v<std::decay_t<F>&>
  void go(F&& f) {
    go(go_options{}, std::forward<F>(f));
  }
  template <class F>
    requires std::is_invocable_v<std::decay_t<F>&>
  void go(go_options options, F&& f) {
    state_->children.add(1);
    struct leaving {
      std::shared_ptr<state> s;
      leaving(std::shared_ptr<state> held) : s(std::move(held)) {}
      leaving(leaving&&) = default;
      ~leaving() {
        if (s) s->children.add(-1);
      }
    };
    // the guard lives in the closure: a child that never begins leaves the scope too
    state_->token.go(std::move(options), [guard = leaving(state_), body = std::decay_t<F>(std::forward<F>(f))]() mutable {
      try {
        std::invoke(body);
      } catch (const pipes::cancelled&) {
        throw;
      } catch (...) {
        guard.s->failed(std::current_exception());
      }
    });
  }
  // Waits for all children, then rethrows the first exception of one.
  void join();
  void cancel() { state_->token.cancel(); }

 private:
  struct state {
    cancel_token token;
    detail::wait_group_state children;
    detail::spin_lock mu;
    std::exception_ptr first;   // guarded by mu
    void failed(std::exception_ptr e);
  };
  std::shared_ptr<state> state_;
};

}  // namespace pipes
