// blocking.hpp: calls that block, on threads of their own. Included by pipe/runtime.hpp.
#pragma once
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "pipe/runtime/fiber.hpp"

namespace pipes {
namespace detail {

struct blocking_job {
  void (*run)(blocking_job*) = nullptr;    // must not throw
  blocking_job* next = nullptr;
  fiber* parked = nullptr;
};
// Runs the job on a thread of the pool, the fiber parked meanwhile. Not cancellable: the job refers to the fiber's stack.
void run_blocking(blocking_job& job);

}  // namespace detail

// f on a thread that may block; returns what f returns, throws what f throws. f is not on a fiber: it must not park.
// A run that fails waits for f before it cancels fibers that began earlier: so f must not wait for what one of them does as it unwinds.
template <class F>
auto blocking(F&& f) -> std::invoke_result_t<F&> {
  using result = std::invoke_result_t<F&>;
  using stored = std::conditional_t<std::is_void_v<result>, bool, std::conditional_t<std::is_reference_v<result>, std::remove_reference_t<result>*, result>>;
  struct job final : detail::blocking_job {
    std::remove_reference_t<F>* body = nullptr;
    std::optional<stored> value;
    std::exception_ptr error;
  } j;
  using body_type = std::remove_reference_t<F>;
  struct typed {
    static void call(detail::blocking_job* base) {
      auto* self = static_cast<job*>(base);
      try {
        body_type& body = *self->body;
        if constexpr (std::is_void_v<result>) {
          std::invoke(body);
          self->value.emplace(true);
        } else if constexpr (std::is_reference_v<result>) {
          self->value.emplace(&std::invoke(body));
        } else {
          self->value.emplace(std::invoke(body));
        }
      } catch (...) {
        self->error = std::current_exception();
      }
    }
  };
  j.body = std::addressof(f);
  j.run = &typed::call;
  detail::run_blocking(j);
  if (j.error) std::rethrow_exception(j.error);
  if constexpr (std::is_reference_v<result>) return static_cast<result>(**j.value);
  else if constexpr (!std::is_void_v<result>) return std::move(*j.value);
}

}  // namespace pipes
