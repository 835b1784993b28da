// scope.cpp: groups of fibers that are cancelled together.
//   I1  A fiber is in its group's list from the beginning of its job to its end; it takes itself out under mu_.
//   I2  cancelled_ is set before the list is walked, both under mu_: a fiber that joins later does not run its job.
//   I3  Of a cancelled group every member is cancelled, except those with a shield; they are when they give up the last one.
// Lock order: mu_ -> the locks that the cancel functions of park sites take -> the scheduler's. (Fibers are made ready with mu_ held.)
#include "pipe/runtime/scope.hpp"

#include "core/runtime/scheduler.hpp"

namespace pipes::detail {

bool cancel_group::join(fiber* f) {
  mu_.lock();
  const bool open = !cancelled_.load(std::memory_order_relaxed);
  f->shields = 0;
  f->group_previous = nullptr;
  f->group_next = first_;
  if (first_) first_->group_previous = f;
  first_ = f;
  mu_.unlock();
  return open;
}

void cancel_group::leave(fiber* f) {
  mu_.lock();
  if (f->group_previous) f->group_previous->group_next = f->group_next;
  else first_ = f->group_next;
  if (f->group_next) f->group_next->group_previous = f->group_previous;
  mu_.unlock();
}

// From f on the first member that has no shield.
static fiber* unshielded(fiber* f) {
  while (f && f->shields > 0) f = f->group_next;
  return f;
}

void cancel_group::cancel() {
  mu_.lock();
  if (!cancelled_.exchange(true, std::memory_order_acq_rel))
    if (fiber* first = unshielded(first_)) cancel_fibers(first, [](const fiber* f) { return unshielded(f->group_next); });
  mu_.unlock();
}

void cancel_group::shield(fiber* f) {
  mu_.lock();
  ++f->shields;
  mu_.unlock();
}

void cancel_group::unshield(fiber* f) {
  mu_.lock();
  if (--f->shields == 0 && cancelled_.load(std::memory_order_relaxed)) f->cancelled.store(true, std::memory_order_seq_cst);
  mu_.unlock();
}

namespace {

fiber* grouped_fiber() {
  fiber* self = current_fiber();
  return self && self->extra && self->extra->group ? self : nullptr;
}

}  // namespace
}  // namespace pipes::detail

namespace pipes {

cancel_shield::cancel_shield() : self_(detail::grouped_fiber()) {
  if (self_) self_->extra->group->shield(self_);
}

cancel_shield::~cancel_shield() {
  if (self_) self_->extra->group->unshield(self_);
}

void scope::state::failed(std::exception_ptr e) {
  mu.lock();
  if (!first) first = std::move(e);
  mu.unlock();
  token.cancel();
}

void scope::join() {
  state_->children.wait();
  state_->mu.lock();
  std::exception_ptr e = std::exchange(state_->first, nullptr);
  state_->mu.unlock();
  if (e) std::rethrow_exception(e);
}

scope::~scope() {
  // Also after a join: more may have been started since.
  cancel();
  state_->children.wait_uncancelled();
}

}  // namespace pipes
