// pipe/plugin/host.hpp: how a C++ plugin talks to the host: the table, statuses as exceptions, parking calls made safe.
// Part of pipe/plugin.hpp; C++17.
#ifndef PIPE_PLUGIN_HOST_HPP
#define PIPE_PLUGIN_HOST_HPP
#include <pipe/plugin.h>

#include <cxxabi.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

namespace pipes {
inline namespace v1_0 {

// Thrown by a parking call when the run is being stopped. No std::exception: let it pass, the entry point catches it.
struct cancelled {};
// Thrown by send and flush when nobody reads any more. No std::exception: let it pass; it is not a failure.
struct reader_gone {};

// A fault of one record of the current input. map(batch&) throws it to name the record; after any other exception the host looks for the
// culprit, record by record.
class record_error : public std::runtime_error {
 public:
  record_error(std::size_t row, const std::string& what) : std::runtime_error(what), row_(row) {}
  std::size_t row() const noexcept { return row_; }

 private:
  std::size_t row_;
};

namespace detail {

inline const pipe_host* host_table = nullptr;  // set once, by pipe_plugin_v1: whole_table() of the host's
inline const pipe_host& host() { return *host_table; }

inline std::string_view view(pipe_text t) { return {t.data, static_cast<std::size_t>(t.size)}; }
inline pipe_text text(std::string_view s) { return {s.data(), s.size()}; }

// The C++ runtime that this plugin is linked with keeps the exceptions in flight per thread; but a fiber that parks inside a catch block or
// a destructor may wake up on another thread. So they travel with the fiber. The accessor must not be inlined, nor its result be used
// again: __cxa_get_globals is declared const, and the address of a thread-local is another one after a move.
struct exception_state {
  void* caught;
  unsigned int uncaught;
};
#if defined(__GNUC__)
__attribute__((noinline))
#endif
inline exception_state* exception_globals() {
  void* p = abi::__cxa_get_globals();
#if defined(__GNUC__)
  asm volatile("" : "+r"(p) : : "memory");
#endif
  return static_cast<exception_state*>(p);
}
class parking {  // stands around every call that may park
 public:
  parking() {
    exception_state* now = exception_globals();
    saved_ = *now;
    *now = {nullptr, 0};
  }
  ~parking() { *exception_globals() = saved_; }
  parking(const parking&) = delete;
  parking& operator=(const parking&) = delete;

 private:
  exception_state saved_;
};

// An older host's table ends earlier: what may be lacking gets something in its place below. A table shorter than this one is refused.
constexpr std::size_t least_table = offsetof(pipe_host, write_batch);
inline pipe_status write_runs(pipe_context* context, std::int32_t fd, pipe_batch* b, std::int64_t* written) {
  const pipe_runs& r = *host().batch_runs(b);
  return host().write(context, fd, r.runs, r.count, written);
}
// The table as this header knows it: the host's own; or, if that ends earlier, a copy with its end filled in. NULL: it is too short.
inline const pipe_host* whole_table(const pipe_host* of_host) {
  static pipe_host filled;
  if (of_host->struct_size >= sizeof(pipe_host)) return of_host;
  if (of_host->struct_size < least_table) return nullptr;
  filled = {};
  std::memcpy(static_cast<void*>(&filled), of_host, of_host->struct_size);
  if (!filled.write_batch) filled.write_batch = write_runs;
  if (!filled.file_is_read) filled.file_is_read = [](pipe_context*, std::uint64_t, std::uint64_t) -> std::int32_t { return 0; };
  if (!filled.hold_back) filled.hold_back = [](pipe_context* c, std::int64_t nanoseconds, std::int64_t) { return host().sleep(c, nanoseconds); };
  if (!filled.announce_fields) filled.announce_fields = [](pipe_context*, const pipe_field* const*, std::uint64_t) {};
  if (!filled.input_fields) filled.input_fields = [](pipe_context*, const pipe_field* const**, std::uint64_t*) -> std::int32_t { return 0; };
  if (!filled.give_up) filled.give_up = [](pipe_context* c, std::uint64_t records) {
    const std::string text = std::to_string(records) + " records were dropped: --drain-timeout leaves no time for them";
    host().log(c, PIPE_LOG_WARN, {text.data(), text.size()});
  };
  if (!filled.record_fields) filled.record_fields = [](pipe_batch* b, std::uint64_t, pipe_output*, std::uint64_t* n) { return host().batch_fields(b, n); };
  if (!filled.record_rendered) filled.record_rendered = [](pipe_batch*, std::uint64_t) -> std::int32_t { return 0; };
  if (!filled.own_column) filled.own_column = filled.batch_column;
  filled.struct_size = sizeof(pipe_host);
  return &filled;
}

// Calls a parking function of the host.
template <class F, class... A>
pipe_status park(F function, A... arguments) {
  parking guard;
  return function(arguments...);
}

inline pipe_status check(pipe_status s, const char* what) {
  switch (s) {
    case PIPE_CANCELLED: throw cancelled{};
    case PIPE_ERROR: throw std::runtime_error(what);
    default: return s;
  }
}

}  // namespace detail

// Steady time in nanoseconds; virtual under `--seed`.
inline std::int64_t now() { return detail::host().now(); }

}  // namespace v1_0
}  // namespace pipes
#endif
