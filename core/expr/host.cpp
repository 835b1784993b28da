#include "core/expr/host.hpp"

#include "core/expr/expr.hpp"

#include <exception>

namespace pipes {
namespace {

const pipe_host* host = nullptr;

output& output_of(pipe_output* out) { return *static_cast<output*>(out); }

void report(pipe_context* context, std::string_view message) noexcept {
  if (host && host->fail) host->fail(context, text(message));
}

// Runs f, which may throw: no exception leaves the host.
template <class F>
pipe_status guarded(pipe_context* context, F&& f) noexcept {
  try {
    return f();
  } catch (const std::exception& e) {
    report(context, e.what());
  } catch (...) {
    report(context, "an unknown exception");
  }
  return PIPE_ERROR;
}

pipe_status pattern_rows(pipe_pattern* p, pipe_context* context, pipe_batch* batch, std::uint32_t invert, std::uint32_t* rows, std::uint64_t* count) {
  return guarded(context, [&] { p->rows(batch, invert != 0, rows, *count); return PIPE_OK; });
}

pipe_status pattern_pass(pipe_pattern* p, pipe_context* context, pipe_batch* batch, std::uint32_t invert, pipe_output* out, std::uint32_t port) {
  return guarded(context, [&] { p->pass(batch, invert != 0, output_of(out), port); return PIPE_OK; });
}

pipe_status pattern_find(pipe_pattern* p, pipe_context* context, pipe_text in, std::uint64_t start, std::uint64_t* offsets, std::uint64_t room, std::uint64_t* filled) {
  return guarded(context, [&] { return p->find(view(in), start, offsets, room, *filled) ? PIPE_OK : PIPE_CLOSED; });
}

std::uint32_t pattern_groups(pipe_pattern* p) { return p->groups(); }
pipe_text pattern_group_name(pipe_pattern* p, std::uint32_t group) { return text(p->group_name(group)); }

pipe_status pattern_capture(pipe_pattern* p, pipe_context* context, pipe_batch* batch, const std::uint32_t* groups, std::uint64_t group_count, pipe_output* out,
                            std::uint32_t* rows, std::uint64_t* count, pipe_column* columns) {
  return guarded(context, [&] { p->capture(batch, groups, group_count, output_of(out), rows, *count, columns); return PIPE_OK; });
}

pipe_status expr_rows(pipe_expr* e, pipe_context* context, pipe_batch* batch, std::uint32_t* rows, std::uint64_t* count) {
  return guarded(context, [&] { e->rows(batch, rows, *count); return PIPE_OK; });
}

pipe_status expr_column(pipe_expr* e, pipe_context* context, pipe_batch* batch, pipe_output* out, pipe_column* column) {
  return guarded(context, [&] { e->column(batch, output_of(out), *column); return PIPE_OK; });
}

const pipe_slice* format_render(pipe_format* f, pipe_context* context, pipe_batch* batch, pipe_output* out) {
  const pipe_slice* made = nullptr;
  guarded(context, [&] { made = f->render(batch, output_of(out)); return PIPE_OK; });
  return made;
}

}  // namespace

void fill_expr_functions(pipe_host& table) {
  host = &table;
  table.pattern_rows = pattern_rows;
  table.pattern_pass = pattern_pass;
  table.pattern_find = pattern_find;
  table.pattern_groups = pattern_groups;
  table.pattern_group_name = pattern_group_name;
  table.pattern_capture = pattern_capture;
  table.expr_rows = expr_rows;
  table.expr_column = expr_column;
  table.format_render = format_render;
}

}  // namespace pipes
