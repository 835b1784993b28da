// host.cpp: the functions of the C ABI's table that lead to batch.hpp. No exception crosses. Where memory runs out they return what plugin.h
// promises for that (0 or NULL); where it promises nothing, since the plugin could do nothing about it either, the process ends with a
// message (host.hpp).
#include "core/batch/host.hpp"

#include "core/batch/batch.hpp"
#include "core/batch/record_lists.hpp"
#include "core/batch/spill.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>

namespace pipes {

void give_up_host_call(const char* where) noexcept {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "pipe: error: out of memory (%s)\n", where);
    std::_Exit(1);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "pipe: %s: %s\n", where, e.what());
  } catch (...) {
    std::fprintf(stderr, "pipe: %s failed\n", where);
  }
  std::abort();
}

namespace {

output& host_output(pipe_output* out) { return *static_cast<output*>(out); }

template <class F>
auto or_null(F f) noexcept -> decltype(f()) {
  try {
    return f();
  } catch (...) {
    return {};
  }
}

const pipe_field* host_field(pipe_text name) { return sure("field", [&] { return field(view(name)); }); }
pipe_text host_field_name(const pipe_field* f) { return text(f->name); }

void host_retain(pipe_batch* b) { batch_ref::share(b).release(); }
void host_release(pipe_batch* b) { batch_ref::adopt(b).reset(); }
std::uint64_t host_count(pipe_batch* b) { return sure("batch_count", [&] { return count(b); }); }

std::int32_t host_block(pipe_batch* b, pipe_text* bytes) {
  return sure("batch_block", [&]() -> std::int32_t {
    std::string_view found;
    if (!block(b, found)) return 0;
    *bytes = text(found);
    return 1;
  });
}

const pipe_slice* host_records(pipe_batch* b, std::uint64_t* n) { return sure("batch_records", [&] { return records(b, *n); }); }
const pipe_runs* host_runs(pipe_batch* b) { return sure("batch_runs", [&] { return &runs(b); }); }
const pipe_column* host_column(pipe_batch* b, const pipe_field* f) { return sure("batch_column", [&] { return &column(b, f); }); }
const pipe_column* host_own_column(pipe_batch* b, const pipe_field* f) { return sure("own_column", [&] { return &own_column(b, f); }); }
const pipe_field* const* host_fields(pipe_batch* b, std::uint64_t* n) { return sure("batch_fields", [&] { return fields(b, *n); }); }
const pipe_field* const* host_record_fields(pipe_batch* b, std::uint64_t row, pipe_output* out, std::uint64_t* n) {
  return sure("record_fields", [&] {
    const std::vector<const pipe_field*> list = record_fields(b, row);
    auto* const made = static_cast<const pipe_field**>(host_output(out).alloc((list.size() + 1) * sizeof(const pipe_field*)));
    std::copy(list.begin(), list.end(), made);
    *n = list.size();
    return made;
  });
}
std::int32_t host_rendered(pipe_batch* b, std::uint64_t row) {
  return sure("record_rendered", [&]() -> std::int32_t { return is_rendered(b, row); });
}
const pipe_slice* host_render(pipe_batch* b, std::uint32_t how, pipe_output* out) {
  return sure("batch_render", [&] { return render(b, how, host_output(out)); });
}

std::uint64_t host_note(pipe_batch* b) { return note(b); }
pipe_batch* host_noted(pipe_batch* b, std::uint64_t* first) { return noted(b, *first); }
std::uint32_t host_flags(pipe_batch* b) {
  return sure("batch_flags", [&] {
    return (is_json(b) ? PIPE_BATCH_JSON : 0) | (begins(b) ? PIPE_BATCH_BEGINS : 0) | (detail::lists_differ(b) ? PIPE_BATCH_VARIED : 0) |
           (is_unrendered(b) ? PIPE_BATCH_UNRENDERED : 0) | (is_mixed(b) ? PIPE_BATCH_MIXED : 0);
  });
}
pipe_batch* host_concat(pipe_batch* const* batches, std::uint64_t n) {
  return sure("batch_concat", [&] {
    std::vector<batch_ref> parts;
    parts.reserve(n);
    for (std::uint64_t i = 0; i < n; ++i) parts.push_back(batch_ref::share(batches[i]));
    return concat(parts).release();
  });
}

std::uint64_t host_bytes(pipe_batch* b) { return memory_of(b); }
pipe_batch* host_gather(pipe_batch* const* batches, std::uint64_t batch_count, const std::uint32_t* of, const std::uint32_t* rows, std::uint64_t n) {
  return sure("batch_gather", [&] { return gather(batches, batch_count, of, rows, n).release(); });
}

std::int32_t host_refill(pipe_output* out, std::uint64_t size) { return host_output(out).refill(size) ? 1 : 0; }
void host_emit(pipe_output* out, std::uint32_t port, const pipe_part* part) {
  sure("output_emit", [&] { host_output(out).emit(port, *part); });
}
void host_pass(pipe_output* out, std::uint32_t port, pipe_batch* b, const std::uint32_t* rows, std::uint64_t n) {
  sure("output_pass", [&] { host_output(out).pass(port, b, rows, n); });
}
void host_emit_block(pipe_output* out, std::uint32_t port, char* block, std::uint64_t offset, std::uint64_t size, std::uint32_t flags) {
  sure("output_block", [&] { host_output(out).block(port, block, offset, size, flags); });
}
void host_source(pipe_output* out, pipe_text name) {
  sure("output_source", [&] { host_output(out).source(view(name)); });
}
void host_record_error(pipe_output* out, std::uint32_t row, pipe_text message) {
  sure("record_error", [&] { host_output(out).fail(row, view(message)); });
}

pipe_output* host_output_new(pipe_context*) {
  return or_null([]() -> pipe_output* { return new output; });
}
void host_output_free(pipe_output* out) { delete static_cast<output*>(out); }
pipe_batch* host_take(pipe_output* out, std::uint32_t port) {
  return sure("output_take", [&] { return host_output(out).take_port(port).release(); });
}

char* host_block_new(std::uint64_t size) {
  return or_null([&] { return block_new(size); });
}
void host_block_free(char* block) { block_free(block); }

}  // namespace

void fill_batch_functions(pipe_host& t) {
  t.field = host_field;
  t.field_name = host_field_name;
  t.batch_retain = host_retain;
  t.batch_release = host_release;
  t.batch_count = host_count;
  t.batch_block = host_block;
  t.batch_records = host_records;
  t.batch_runs = host_runs;
  t.batch_column = host_column;
  t.own_column = host_own_column;
  t.batch_fields = host_fields;
  t.batch_render = host_render;
  t.record_fields = host_record_fields;
  t.record_rendered = host_rendered;
  t.batch_note = host_note;
  t.batch_noted = host_noted;
  t.batch_flags = host_flags;
  t.batch_concat = host_concat;
  t.batch_bytes = host_bytes;
  t.batch_gather = host_gather;
  t.output_refill = host_refill;
  t.output_emit = host_emit;
  t.output_pass = host_pass;
  t.output_block = host_emit_block;
  t.output_source = host_source;
  t.record_error = host_record_error;
  t.output_new = host_output_new;
  t.output_free = host_output_free;
  t.output_take = host_take;
  t.block_new = host_block_new;
  t.block_free = host_block_free;
}

}  // namespace pipes
