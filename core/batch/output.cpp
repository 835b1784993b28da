// output.cpp: the memory and the parts of one stage call, and the batches made of them (by output_part.cpp).
//
// An output belongs to one worker. Its chunks are held by the output while it fills them, and by the memory_set of each batch that was made
// of the call. What is left of a chunk serves the next calls: many small batches share 64 KiB.
#include "core/batch/output_part.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace pipes {

using namespace detail;

struct output::impl {
  // What the call has emitted
  std::vector<output_part> parts;
  std::vector<record_fault> faults;
  std::vector<std::uint32_t> failed;       // the faults' rows; take() ends them, take_faults() the faults
  std::shared_ptr<file_origin> source;     // of what is emitted without `from`
  // The call's memory
  std::vector<memory::chunk*> filled;      // by this call, before `current`
  memory::chunk* current = nullptr;
  char* call_start = nullptr;              // where this call found the cursor of `current`
  std::vector<batch_ref> fresh;            // layers made by a take() under way, which are to get that memory

  bool owns(const char* p) const {
    const auto in = [p](memory::chunk* c) { return p >= c->begin() && p <= c->end(); };
    return (current && in(current)) || std::any_of(filled.begin(), filled.end(), in);
  }
  ~impl() {
    for (memory::chunk* c : filled) memory::chunk_drop(c);
    if (current) memory::chunk_drop(current);
  }
};

output::output() : pipe_output{sizeof(pipe_output), 0, nullptr, nullptr}, impl_(std::make_unique<impl>()) {}
output::~output() = default;

bool output::refill(std::size_t size) {
  impl& m = *impl_;
  if (size > SIZE_MAX / 4) return false;
  if (static_cast<std::size_t>(end - cursor) >= size) return true;
  try {
    std::size_t room = memory::chunk_least;
    for (std::size_t i = 0; i < m.filled.size() && room < memory::chunk_most; ++i) room = 2 * room;
    if (room < size + 8) room = size + 8;
    m.filled.reserve(m.filled.size() + 1);
    memory::chunk* c = memory::chunk_new(room);
    if (m.current) {
      if (cursor != m.call_start) m.filled.push_back(m.current);
      else memory::chunk_drop(m.current);
    }
    m.current = c;
    cursor = m.call_start = c->begin();
    end = c->end();
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void* output::alloc(std::size_t size) {
  const auto skew = static_cast<std::size_t>(-reinterpret_cast<std::uintptr_t>(cursor) & 7);
  if (size > SIZE_MAX / 4) throw std::bad_alloc();
  size = (size + 7) & ~std::size_t{7};
  if (static_cast<std::size_t>(end - cursor) < size + skew) {
    if (!refill(size + skew)) throw std::bad_alloc();
    char* fresh_start = cursor;
    cursor += size;
    return fresh_start;
  }
  char* p = cursor + skew;
  cursor = p + size;
  return p;
}

namespace {

template <class T>
const T* appended(output& out, const T* there, std::uint64_t n, std::uint64_t& room, const T* more, std::uint64_t count) {
  T* to = const_cast<T*>(there);
  if (room < n + count) {
    room = std::max<std::uint64_t>(2 * (n + count), 16);
    to = static_cast<T*>(out.alloc(room * sizeof(T)));
    if (n) std::memcpy(to, there, n * sizeof(T));
  }
  std::memcpy(to + n, more, count * sizeof(T));
  return to;
}

const std::uint32_t* identity(output& out, std::uint64_t n) {
  auto* rows = static_cast<std::uint32_t*>(out.alloc(n * sizeof(std::uint32_t)));
  for (std::uint64_t i = 0; i < n; ++i) rows[i] = static_cast<std::uint32_t>(i);
  return rows;
}

constexpr std::uint64_t joins_below = 64;  // records; larger parts become batches of their own
constexpr std::uint64_t large_batch = 1024;

}  // namespace

void output::emit(std::uint32_t port, const pipe_part& p) {
  if (p.count == 0) return;
  if (p.count > std::numeric_limits<std::uint32_t>::max()) throw std::length_error("a part of 2^32 records or more");
  auto& parts = impl_->parts;
  // Stages that emit record by record: their parts become one.
  const std::uint64_t note = p.struct_size >= offsetof(pipe_part, note) + sizeof p.note ? p.note : 0;
  if (p.change_count == 0 && p.count < joins_below && note == 0) {
    const auto last = std::find_if(parts.rbegin(), parts.rend(), [&](const output_part& o) { return o.port == port; });
    if (last != parts.rend() && !last->ready && last->changes.empty() && last->note == 0 && last->from.get() == p.from && last->flags == p.flags &&
        !last->records == !p.records && last->count + p.count <= std::numeric_limits<std::uint32_t>::max()) {
      if (p.from && (last->rows || p.rows)) {
        if (!last->rows) {
          last->rows = identity(*this, last->count);
          last->row_room = last->count;
        }
        last->rows = appended(*this, last->rows, last->count, last->row_room, p.rows ? p.rows : identity(*this, p.count), p.count);
      } else if (p.from) {
        // Both begin at row 0.
        last->rows = identity(*this, last->count);
        last->row_room = last->count;
        last->rows = appended(*this, last->rows, last->count, last->row_room, identity(*this, p.count), p.count);
      }
      if (p.records) last->records = appended(*this, last->records, last->count, last->record_room, p.records, p.count);
      last->count += p.count;
      return;
    }
  }
  output_part made;
  made.port = port;
  made.flags = p.flags;
  made.from = batch_ref::share(p.from);
  made.count = p.count;
  made.note = note;
  made.records = p.records;
  if (p.rows && p.from) made.rows = appended<std::uint32_t>(*this, nullptr, 0, made.row_room, p.rows, p.count);
  made.changes.reserve(p.change_count);
  for (std::uint64_t i = 0; i < p.change_count; ++i) {
    const pipe_change& c = p.changes[i];
    made.changes.push_back({c.kind, c.field, c.to, c.column ? *c.column : pipe_column{}, (c.flags & PIPE_CHANGE_OTHERS) != 0});
  }
  parts.push_back(std::move(made));
}

void output::pass(std::uint32_t port, pipe_batch* b, const std::uint32_t* rows, std::uint64_t n) {
  if (!rows) {
    output_part whole;
    whole.port = port;
    whole.ready = batch_ref::share(b);
    whole.from = whole.ready;
    if (b->kind == kind::block ? b->text_size != 0 : b->count != 0) impl_->parts.push_back(std::move(whole));
    return;
  }
  pipe_part p{};
  p.struct_size = sizeof p;
  p.from = b;
  p.rows = rows;
  p.count = n;
  if (n && n == count(b) && n >= joins_below && rows[0] == 0 && side_by_side(rows, n)) return pass(port, b, nullptr, n);
  emit(port, p);
}

void output::block(std::uint32_t port, char* block, std::uint64_t offset, std::uint64_t size, std::uint32_t how) {
  struct guard {
    char* block;
    ~guard() { if (block) block_free(block); }
  } held{block};
  if (size > std::numeric_limits<std::uint32_t>::max()) throw std::length_error("a block of 4 GiB or more");
  if (size == 0) return;
  auto made = std::make_unique<pipe_batch>();
  made->kind = kind::block;
  if (size * 16 < block_capacity(block)) {  // a trickle must not pin blocks
    made->block = block_new(size);
    std::memcpy(made->block, block + offset, size);
    made->text = made->block;
  } else {
    made->block = std::exchange(held.block, nullptr);
    made->text = block + offset;
  }
  made->text_size = size;
  made->begins = (how & PIPE_BLOCK_BEGINS) != 0;
  made->unended = (how & PIPE_BLOCK_NO_LAST_NEWLINE) != 0 && made->text[size - 1] != '\n';
  made->source = impl_->source;
  output_part p;
  p.port = port;
  p.ready = batch_ref::adopt(made.release());
  impl_->parts.push_back(std::move(p));
}

void output::source(std::string_view name) { impl_->source = name.empty() ? nullptr : std::make_shared<file_origin>(std::string(name)); }

void output::batch(std::uint32_t port, batch_ref made) {
  if (impl_->source) set_origin(made.get(), impl_->source);
  output_part p;
  p.port = port;
  p.ready = std::move(made);
  impl_->parts.push_back(std::move(p));
}

void output::fail(std::uint32_t row, std::string_view message) {
  impl_->faults.push_back({row, std::string(message)});
  impl_->failed.push_back(row);
}

bool output::empty() const { return impl_->parts.empty() && impl_->faults.empty(); }

std::vector<record_fault> output::take_faults() { return std::exchange(impl_->faults, {}); }

namespace {

// Rows of a part's batch that come of no failed row of the input; `failed` is sorted.
std::vector<std::uint32_t> good_rows(const output_part& p, std::uint64_t n, const std::vector<std::uint32_t>& failed) {
  std::vector<std::uint32_t> good;
  for (std::uint64_t i = 0; i < n; ++i)
    if (!std::binary_search(failed.begin(), failed.end(), p.rows ? p.rows[i] : static_cast<std::uint32_t>(i))) good.push_back(static_cast<std::uint32_t>(i));
  return good;
}

// Dozens of small batches for one port are joined: they are one batch's worth of work for the stages behind. Large ones stay apart: what a
// sort emits is to flow on piece by piece.
std::vector<emitted> with_small_ones_joined(std::vector<emitted> all) {
  const auto small = [](const emitted& e) { return e.batch->kind != kind::block && count(e.batch.get()) < large_batch; };
  if (all.size() <= 8 || !std::all_of(all.begin(), all.end() - 1, small)) return all;
  std::vector<emitted> joined;
  for (const emitted& e : all) {
    if (std::any_of(joined.begin(), joined.end(), [&](const emitted& o) { return o.port == e.port; })) continue;
    std::vector<batch_ref> of_port;
    for (const emitted& o : all)
      if (o.port == e.port) of_port.push_back(o.batch);
    joined.push_back({e.port, concat(of_port)});
  }
  return joined;
}

}  // namespace

std::vector<emitted> output::take(pipe_batch* input) {
  impl& m = *impl_;
  std::sort(m.failed.begin(), m.failed.end());
  struct kept {
    std::uint32_t port;
    batch_ref batch;
    bool filters;
    std::vector<std::uint32_t> good;
  };
  std::vector<emitted> result;
  std::vector<kept> filtered;
  result.reserve(m.parts.size());
  m.fresh.clear();
  const auto in_arena = [&m](const char* p) { return m.owns(p); };
  const bool withdraws = input && !m.failed.empty();
  for (output_part& p : m.parts) {
    batch_ref b = batch_of(p, *this, m.fresh, in_arena);
    if (!withdraws) {
      result.push_back({p.port, std::move(b)});
      continue;
    }
    kept k{p.port, std::move(b), false, {}};
    if (p.from.get() == input) {
      const std::uint64_t n = count(k.batch.get());
      k.good = good_rows(p, n, m.failed);
      k.filters = k.good.size() < n;
    }
    filtered.push_back(std::move(k));
  }
  m.parts.clear();
  m.failed.clear();
  settle_call(input, true);
  // Selected only now, when the layers hold the memory that a folded selection goes on using.
  for (kept& k : filtered) {
    if (!k.filters) result.push_back({k.port, std::move(k.batch)});
    else if (!k.good.empty()) result.push_back({k.port, select(k.batch.get(), k.good.data(), k.good.size())});
  }
  for (emitted& e : result)
    if (e.batch->depth > deepest) e.batch = copy(e.batch.get());
  return with_small_ones_joined(std::move(result));
}

batch_ref output::take_port(std::uint32_t port) {
  impl& m = *impl_;
  std::vector<batch_ref> found;
  m.fresh.clear();
  const auto in_arena = [&m](const char* p) { return m.owns(p); };
  std::vector<output_part> others;
  for (output_part& p : m.parts) {
    if (p.port != port) others.push_back(std::move(p));
    else found.push_back(batch_of(p, *this, m.fresh, in_arena));
  }
  m.parts = std::move(others);
  settle_call(nullptr, false);
  if (found.empty()) return {};
  batch_ref b = concat(found);
  return b->depth > deepest ? copy(b.get()) : b;
}

// Gives the call's memory to the layers made of it. The next call begins where this one ended, unless parts are left (take_port).
void output::settle_call(pipe_batch* input, bool ends) {
  impl& m = *impl_;
  const bool used = !m.filled.empty() || cursor != m.call_start;
  if (used && !m.fresh.empty()) {
    std::size_t bytes = static_cast<std::size_t>(cursor - m.call_start);
    for (memory::chunk* c : m.filled) bytes += c->room();
    std::vector<memory::chunk*> chunks = m.filled;
    if (cursor != m.call_start) chunks.push_back(m.current);
    const auto set = memory::memory_set::of(chunks);
    for (const batch_ref& b : m.fresh) {
      b->memory = set;
      b->memory_share = bytes / m.fresh.size();
    }
  }
  for (const batch_ref& b : m.fresh) {
    if (b->parent || b->source) continue;
    if (input) b->source = get_origin(input);
    else b->source = m.source;
  }
  if (ends && m.fresh.empty() && m.filled.empty()) cursor = m.call_start;  // it passed batches on as they were: its memory was scratch
  m.fresh.clear();
  if (!m.parts.empty()) return;
  for (memory::chunk* c : m.filled) memory::chunk_drop(c);
  m.filled.clear();
  m.call_start = cursor;
}

void output::discard() {
  impl& m = *impl_;
  m.parts.clear();
  m.faults.clear();
  m.failed.clear();
  for (memory::chunk* c : m.filled) memory::chunk_drop(c);
  m.filled.clear();
  cursor = m.call_start;
}

}  // namespace pipes
