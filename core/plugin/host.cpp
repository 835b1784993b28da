// host.cpp: the functions of the C table, which lead to contexts, batches and compiled objects; and what a context does at check time. No exception
// leaves them.
#include "core/plugin/host.hpp"

#include <pipe/runtime.hpp>

#include <chrono>
#include <utility>

#include "core/batch/batch.hpp"
#include "core/batch/host.hpp"
#include "core/batch/range.hpp"
#include "core/batch/spill.hpp"
#include "core/expr/host.hpp"

// A plugin's handle on an open file.
struct pipe_file {
  std::shared_ptr<pipes::source_file> shared;
};

// A stage's file to spill to.
struct pipe_spill {
  pipes::spill_file file;
};

namespace {

pipe_status no_run(pipe_context& c, const char* what) {
  c.fail(std::string(what) + " is only possible while the pipeline runs");
  return PIPE_ERROR;
}

}  // namespace

void pipe_context::log(std::uint32_t, std::string_view) {}
void pipe_context::count(std::string_view, std::int64_t) {}
bool pipe_context::demanded(const pipe_field* const**, std::uint64_t*) { return false; }
void* pipe_context::shared(void* (*)(), void (*)(void*)) {
  no_run(*this, "sharing state");
  return nullptr;
}
pipe_status pipe_context::recv_until(std::uint32_t, std::int64_t, pipe_batch**) { return no_run(*this, "receiving"); }
pipe_status pipe_context::send(std::uint32_t, pipe_batch* batch) {
  pipes::batch_ref::adopt(batch);
  return no_run(*this, "sending");
}
pipe_status pipe_context::select(pipe_case*, std::uint64_t, std::int64_t, std::uint64_t*) { return no_run(*this, "select"); }
std::uint32_t pipe_context::inputs() { return 0; }
pipe_status pipe_context::go(void (*)(void*), void*) { return no_run(*this, "starting a fiber"); }
pipe_status pipe_context::sleep(std::int64_t) { return no_run(*this, "sleeping"); }
pipe_status pipe_context::hold_back(std::int64_t, std::int64_t) { return no_run(*this, "sleeping"); }
void pipe_context::give_up(std::uint64_t) {}
pipe_status pipe_context::yield() { return PIPE_OK; }
pipe_status pipe_context::blocking(void (*)(void*), void*) { return no_run(*this, "a blocking call"); }
pipe_status pipe_context::wait_fd(std::int32_t, std::uint32_t, std::int64_t) { return no_run(*this, "waiting for a descriptor"); }
pipe_status pipe_context::read(std::int32_t, char*, std::uint64_t, std::int64_t*) { return no_run(*this, "reading"); }
pipe_status pipe_context::write(std::int32_t, const pipe_text*, std::uint64_t, std::int64_t*) { return no_run(*this, "writing"); }
pipe_status pipe_context::write_batch(std::int32_t, pipe_batch*, std::int64_t*) { return no_run(*this, "writing"); }
bool pipe_context::incomplete() { return false; }
void pipe_context::announce_fields(const pipe_field* const*, std::uint64_t) {}
bool pipe_context::input_fields(const pipe_field* const**, std::uint64_t*) { return false; }
bool pipe_context::file_is_read(std::uint64_t, std::uint64_t) { return false; }
void pipe_context::cancel_fibers() {}
pipe_status pipe_context::flush(pipe_output*) { return no_run(*this, "sending"); }
pipe_status pipe_context::record_failed(pipe_batch*, std::uint32_t, std::uint32_t, std::string_view) { return no_run(*this, "a failing record"); }
bool pipe_context::skips_records() { return false; }
void pipe_context::fail_now(std::string_view message) { fail(message); }

void pipe_context::fail(std::string_view message) {
  std::lock_guard lock(mutex_);
  if (failure_.empty()) failure_ = message;  // the first cause says most
}
std::string pipe_context::take_failure() {
  std::lock_guard lock(mutex_);
  return std::exchange(failure_, {});
}
std::string pipe_context::take_cause() {
  std::string message = take_failure();
  return message.empty() ? "failed without a message" : message;
}

namespace pipes {
namespace {

// The output of a run stage. It knows its context, for failures. PIPE_OUTPUT_OWN tells it from the output that map() and the like are given.
class run_output : public output {
 public:
  explicit run_output(pipe_context* context) : context_(context) { flags = PIPE_OUTPUT_OWN; }

  pipe_batch* take(std::uint32_t port) {
    try {
      batch_ref taken = take_port(port);
      // Of which input a row is meant is not known here, so on_error cannot be obeyed.
      for (const record_fault& f : take_faults()) context_->fail_now(f.message);
      return taken.release();
    } catch (const std::exception& e) {
      context_->fail(e.what());
      return nullptr;
    }
  }

 private:
  pipe_context* context_;
};

// To read or write a file is no wait that could be cancelled, and to merge many may take longer than a run that is being stopped has time for: so
// each looks for the cancel first.
template <class F>
pipe_status spilling(pipe_context* c, F f) {
  if (c->yield() == PIPE_CANCELLED) return PIPE_CANCELLED;
  try {
    f();
    return PIPE_OK;
  } catch (const cancelled&) {
    return PIPE_CANCELLED;
  } catch (const std::exception& e) {
    c->fail(e.what());
    return PIPE_ERROR;
  }
}

pipe_host make_table() {
  pipe_host t{};
  t.struct_size = sizeof t;
  t.abi = PIPE_ABI_VERSION;
  fill_batch_functions(t);
  fill_expr_functions(t);

  t.fail = [](pipe_context* c, pipe_text m) {
    if (c) sure("fail", [&] { c->fail(view(m)); });
  };
  t.log = [](pipe_context* c, std::uint32_t level, pipe_text m) { sure("log", [&] { c->log(level, view(m)); }); };
  t.count = [](pipe_context* c, pipe_text name, std::int64_t n) { sure("count", [&] { c->count(view(name), n); }); };
  t.stage_id = [](pipe_context* c) { return text(c->stage_id); };
  t.worker = [](pipe_context* c) { return c->worker; };
  t.workers = [](pipe_context* c) { return c->workers; };
  t.memory = [](pipe_context* c) { return c->memory; };
  t.batch_limit = [](pipe_context* c) { return c->batch_limit; };
  t.shared = [](pipe_context* c, void* (*make)(), void (*destroy)(void*)) { return c->shared(make, destroy); };
  t.demanded = [](pipe_context* c, const pipe_field* const** f, std::uint64_t* n) -> std::int32_t { return c->demanded(f, n); };

  t.output_new = [](pipe_context* c) -> pipe_output* {
    try {
      return new run_output(c);
    } catch (...) {
      return nullptr;
    }
  };
  t.output_free = [](pipe_output* out) { delete static_cast<run_output*>(out); };
  t.output_take = [](pipe_output* out, std::uint32_t port) -> pipe_batch* {
    if (out->flags & PIPE_OUTPUT_OWN) return static_cast<run_output*>(out)->take(port);
    sure("output_take", [&] { static_cast<output*>(out)->fail(0, "output_take is for outputs that output_new made"); });
    return nullptr;
  };

  t.file_new = [](std::int32_t fd, pipe_text name) -> pipe_file* {
    try {
      return new pipe_file{std::make_shared<source_file>(fd, std::string(view(name)))};
    } catch (...) {
      return nullptr;
    }
  };
  t.file_free = [](pipe_file* f) { delete f; };
  t.output_range = [](pipe_output* out, std::uint32_t port, pipe_file* f, std::uint64_t offset, std::uint64_t size, std::uint64_t max_record, std::uint32_t flags) {
    sure("output_range", [&] { static_cast<output*>(out)->batch(port, make_range(f->shared, offset, size, (flags & PIPE_RANGE_LAST) != 0, max_record)); });
  };

  t.recv = [](pipe_context* c, std::uint32_t port, pipe_batch** b) { return c->recv_until(port, INT64_MAX, b); };
  t.recv_until = [](pipe_context* c, std::uint32_t port, std::int64_t d, pipe_batch** b) { return c->recv_until(port, d, b); };
  t.send = [](pipe_context* c, std::uint32_t port, pipe_batch* b) { return c->send(port, b); };
  t.select = [](pipe_context* c, pipe_case* cases, std::uint64_t n, std::int64_t d, std::uint64_t* chosen) { return c->select(cases, n, d, chosen); };
  t.inputs = [](pipe_context* c) { return c->inputs(); };
  t.go = [](pipe_context* c, void (*f)(void*), void* a) { return c->go(f, a); };
  t.sleep = [](pipe_context* c, std::int64_t ns) { return c->sleep(ns); };
  t.hold_back = [](pipe_context* c, std::int64_t ns, std::int64_t needed) { return c->hold_back(ns, needed); };
  t.give_up = [](pipe_context* c, std::uint64_t records) { c->give_up(records); };
  t.yield = [](pipe_context* c) { return c->yield(); };
  t.now = []() -> std::int64_t {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(pipes::clock::now().time_since_epoch()).count();
  };
  t.blocking = [](pipe_context* c, void (*f)(void*), void* a) { return c->blocking(f, a); };
  t.wait_fd = [](pipe_context* c, std::int32_t fd, std::uint32_t events, std::int64_t d) { return c->wait_fd(fd, events, d); };
  t.read = [](pipe_context* c, std::int32_t fd, char* to, std::uint64_t n, std::int64_t* got) { return c->read(fd, to, n, got); };
  t.write = [](pipe_context* c, std::int32_t fd, const pipe_text* p, std::uint64_t n, std::int64_t* w) { return c->write(fd, p, n, w); };
  t.write_batch = [](pipe_context* c, std::int32_t fd, pipe_batch* b, std::int64_t* w) { return c->write_batch(fd, b, w); };
  t.incomplete = [](pipe_context* c) -> std::int32_t { return c->incomplete(); };
  t.announce_fields = [](pipe_context* c, const pipe_field* const* f, std::uint64_t n) { sure("announce_fields", [&] { c->announce_fields(f, n); }); };
  t.input_fields = [](pipe_context* c, const pipe_field* const** f, std::uint64_t* n) -> std::int32_t { return sure("input_fields", [&] { return c->input_fields(f, n); }); };
  t.file_is_read = [](pipe_context* c, std::uint64_t device, std::uint64_t inode) -> std::int32_t { return c->file_is_read(device, inode); };
  t.cancel_fibers = [](pipe_context* c) { c->cancel_fibers(); };

  t.spill_new = [](pipe_context*) -> pipe_spill* {
    try {
      return new pipe_spill;
    } catch (...) {
      return nullptr;
    }
  };
  t.spill_free = [](pipe_spill* s) { delete s; };
  t.spill_put = [](pipe_spill* s, pipe_context* c, pipe_batch* b, pipe_text notes, pipe_spilled* place) {
    return spilling(c, [&] {
      const spill_place p = s->file.put(b, view(notes));
      *place = {p.offset, p.size};
    });
  };
  t.spill_take = [](pipe_spill* s, pipe_context* c, pipe_spilled place, pipe_batch** b, pipe_text* notes) {
    return spilling(c, [&] {
      restored back = s->file.take({place.offset, place.size});
      *notes = text(back.notes);
      *b = back.batch.release();
    });
  };
  t.spill_drop = [](pipe_spill* s, pipe_spilled place) { sure("spill_drop", [&] { s->file.drop({place.offset, place.size}); }); };
  t.output_flush = [](pipe_context* c, pipe_output* out) { return c->flush(out); };
  t.record_failed = [](pipe_context* c, pipe_batch* b, std::uint32_t row, std::uint32_t attempt, pipe_text m) { return c->record_failed(b, row, attempt, view(m)); };
  t.skips_records = [](pipe_context* c) -> std::int32_t { return c->skips_records(); };
  return t;
}

}  // namespace

const pipe_host& host_table() {
  static const pipe_host table = make_table();
  return table;
}

}  // namespace pipes
