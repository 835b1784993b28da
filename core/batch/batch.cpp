// batch.cpp: a batch's life, its records, its runs. The invariants are in batch.hpp, the terms in batch_impl.hpp.
#include "core/batch/batch_impl.hpp"
#include "core/batch/lines.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <stdexcept>

using namespace pipes;
using namespace pipes::detail;

pipe_batch::~pipe_batch() {
  delete records.load(std::memory_order_relaxed);
  delete runs.load(std::memory_order_relaxed);
  delete fields.load(std::memory_order_relaxed);
  delete index.load(std::memory_order_relaxed);
  delete missing.load(std::memory_order_relaxed);
  if (block) block_free(block);
  pipes::memory::live_batches.fetch_sub(1, std::memory_order_relaxed);
}

namespace pipes {

void batch_ref::retain() const noexcept {
  if (p_) p_->holders.fetch_add(1, std::memory_order_relaxed);
}

void batch_ref::reset() noexcept {
  pipe_batch* p = std::exchange(p_, nullptr);
  if (p && p->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) delete p;  // acq_rel: the last one sees what others published
}

namespace detail {

bool dotted(const pipe_field* f) { return !f->leading.empty(); }

bool renders(std::uint32_t k) { return k != PIPE_ATTACH; }

std::unique_ptr<pipe_batch> layer(batch_ref parent, std::uint64_t count) {
  if (count > std::numeric_limits<std::uint32_t>::max()) throw std::length_error("a batch of 2^32 records or more");
  auto b = std::make_unique<pipe_batch>();
  b->parent = std::move(parent);
  b->count = count;
  return b;
}

// About how many fields the first of JSON texts has: as many as it has commas, or fewer.
std::uint32_t fields_of_text(const pipe_batch& b) {
  constexpr std::size_t looked_at = std::size_t{256} << 10;
  if (!b.json_here || b.count == 0) return 0;
  const std::string_view first = view(b.own ? b.own[0] : record_array(b.parent.get())[b.row(0)]).substr(0, looked_at);
  return static_cast<std::uint32_t>(std::count(first.begin(), first.end(), ','));
}

void settle(pipe_batch& b, bool unrendered) {
  const pipe_batch* p = b.parent.get();
  bool changes_bytes = false;
  b.settled_fields = b.packed || !b.changes.empty();
  for (const change& c : b.changes) {
    changes_bytes = changes_bytes || renders(c.kind);
    b.settled_fields = b.settled_fields && (c.kind == PIPE_ATTACH || c.kind == PIPE_SET);
  }
  const bool bytes_here = b.own || b.packed;
  b.json = b.json_here || (!b.own && !unrendered && p && p->json);
  b.mixed = p && p->mixed && !b.own && !b.json_here;
  b.renders = !b.json && (changes_bytes || unrendered || (!bytes_here && !p));
  b.dirty = changes_bytes || b.renders || (!bytes_here && p->dirty);
  b.has_fields = unrendered || b.json || (b.packed && !b.packed->fields.empty()) || !b.changes.empty() || (p && p->has_fields);
  b.begins = p && p->begins && b.count > 0 && b.row(0) == 0;
  const std::size_t fields = b.packed ? b.packed->fields.size() : b.changes.size();
  b.columns.expect(std::max({static_cast<std::uint32_t>(fields), p ? p->columns.expected() : 0, fields_of_text(b)}));
  b.depth = std::max(p ? p->depth + 1 : 0, b.held ? b.held->depth + 1 : 0);
}

namespace {

// Racing threads count the same bytes and store the same number.
void keep_count(pipe_batch* b, std::uint64_t n) {
  if (n > std::numeric_limits<std::uint32_t>::max()) throw std::length_error("a block of 2^32 records or more");
  b->line_count.store(n, std::memory_order_relaxed);
  if (b->range) b->range->file->counted(b->range->text_offset, b->range->text_offset + b->text_size, n);
}

// A piece of the pool for a moment.
struct scratch {
  explicit scratch(std::size_t size) : piece(memory::take(size, capacity)) {}
  ~scratch() { memory::give(piece, capacity); }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  std::size_t capacity = 0;
  void* piece;
};

// To count lines first, so as to know how much room their slices need, would be to look at the block twice. So the first lines are cut into
// a piece of the pool, which takes all of them if they have 64 bytes or more on average; only the rest is counted. Then the slices are
// copied to where they stay.
pipe_slice* cut_block(pipe_batch* b) {
  if (auto* there = b->records.load(std::memory_order_acquire)) return there->slices;
  constexpr std::size_t little = 32 * 1024, piece = 64 * 1024;
  const std::uint32_t open = b->unended ? slice_unended : 0;
  const char* at = b->text;
  const char* const end = at + b->text_size;
  std::optional<scratch> front;
  std::size_t cut = 0;
  if (!is_cut(b) && b->text_size > little) {
    front.emplace(piece);
    cut = lines::cut_some(at, end, static_cast<pipe_slice*>(front->piece), front->capacity / sizeof(pipe_slice), open);
    keep_count(b, cut + lines::count(at, static_cast<std::size_t>(end - at)));
  }
  const std::uint64_t n = count(b);
  auto node = std::make_unique<records_node>(n * sizeof(pipe_slice));
  node->count = n;
  node->slices = node->memory.array<pipe_slice>(n ? n : 1);
  if (cut) std::memcpy(node->slices, front->piece, cut * sizeof(pipe_slice));
  lines::cut(at, static_cast<std::size_t>(end - at), node->slices + cut, open);
  b->late_bytes.fetch_add(node->memory.bytes(), std::memory_order_relaxed);
  return publish(b->records, std::move(node))->slices;
}

template <class Fill>
const pipe_slice* published_records(pipe_batch* b, Fill fill) {
  if (auto* there = b->records.load(std::memory_order_acquire)) return there->slices;
  auto node = std::make_unique<records_node>(b->count * sizeof(pipe_slice));
  node->count = b->count;
  node->slices = node->memory.array<pipe_slice>(b->count ? b->count : 1);
  fill(node->slices);
  b->late_bytes.fetch_add(node->memory.bytes(), std::memory_order_relaxed);
  return publish(b->records, std::move(node))->slices;
}

}  // namespace

const pipe_slice* record_array(pipe_batch* b) {
  if (b->kind == kind::block) return cut_block(b);
  if (b->kind == kind::joined)
    return published_records(b, [&](pipe_slice* to) {
      for (const batch_ref& part : b->parts) {
        const std::uint64_t n = count(part.get());
        if (n) std::memcpy(to, record_array(part.get()), n * sizeof(pipe_slice));
        to += n;
      }
    });
  if (b->dirty) {
    if (auto* there = b->records.load(std::memory_order_acquire)) return there->slices;
    auto node = render_records(b);
    b->late_bytes.fetch_add(node->memory.bytes() + (node->bytes ? node->bytes->capacity : 0), std::memory_order_relaxed);
    return publish(b->records, std::move(node))->slices;
  }
  if (b->own) return b->own;
  if (b->packed) return published_records(b, [&](pipe_slice* to) { unpack_records(*b, to); });
  const pipe_slice* from = record_array(b->parent.get());
  if (!b->rows) return from + b->first;
  return published_records(b, [&](pipe_slice* to) {
    for (std::uint64_t i = 0; i < b->count; ++i) to[i] = from[b->rows[i]];
  });
}

}  // namespace detail

std::uint64_t count(pipe_batch* b) {
  if (b->kind != kind::block) return b->count;
  if (!is_cut(b)) detail::keep_count(b, lines::count(b->text, b->text_size));
  return b->line_count.load(std::memory_order_relaxed);
}

bool is_cut(pipe_batch* b) { return b->kind != kind::block || b->line_count.load(std::memory_order_relaxed) != unknown; }

bool block(pipe_batch* b, std::string_view& bytes) {
  if (b->kind == kind::block) {
    bytes = {b->text, b->text_size};
    return true;
  }
  if (b->kind == kind::joined || b->dirty || b->own || b->packed || b->rows) return false;
  if (b->count == 0 || !block(b->parent.get(), bytes)) return false;
  if (b->first == 0 && b->count == count(b->parent.get())) return true;
  const pipe_slice* r = record_array(b);
  const pipe_slice& last = r[b->count - 1];
  bytes = {r[0].data, static_cast<std::size_t>(last.data - r[0].data) + last.size + (last.flags & PIPE_SLICE_NEWLINE ? 1 : 0)};
  return true;
}

const pipe_slice* records(pipe_batch* b, std::uint64_t& n) {
  const pipe_slice* const there = record_array(b);  // which counts, if nobody has
  n = count(b);
  return there;
}

namespace {

const char newline[] = "\n";
constexpr std::uint64_t short_run = 512;  // on average: shorter runs cost a writer more than to copy them together

std::unique_ptr<runs_node> runs_of_block(std::string_view bytes) {
  auto node = std::make_unique<runs_node>(sizeof(pipe_text));
  auto* runs = node->memory.array<pipe_text>(1);
  runs[0] = text(bytes);
  node->runs = {sizeof(pipe_runs), 0, runs, bytes.empty() ? 0u : 1u, bytes.size()};
  return node;
}

std::unique_ptr<runs_node> runs_of_records(const pipe_slice* r, std::uint64_t n) {
  const auto ended = [&](std::uint64_t i) { return (r[i].flags & PIPE_SLICE_NEWLINE) != 0; };
  const auto open = [&](std::uint64_t i) { return i + 1 == n && (r[i].flags & slice_unended) != 0; };
  std::uint64_t pieces = 0, bytes = 0;
  for (std::uint64_t i = 0; i < n; ++i) {
    const bool goes_on = i > 0 && ended(i - 1) && r[i].data == r[i - 1].data + r[i - 1].size + 1;
    pieces += (goes_on ? 0u : 1u) + (ended(i) || open(i) ? 0u : 1u);
    bytes += r[i].size + (open(i) ? 0u : 1u);
  }
  const bool copies = pieces > 1 && bytes / pieces < short_run;
  auto node = std::make_unique<runs_node>(copies ? bytes + sizeof(pipe_text) : pieces * sizeof(pipe_text));
  auto* runs = node->memory.array<pipe_text>(copies || pieces == 0 ? 1 : pieces);
  if (copies) {
    char* const text = node->memory.array<char>(bytes);
    char* to = text;
    for (std::uint64_t i = 0; i < n; ++i) {
      if (r[i].size) std::memcpy(to, r[i].data, r[i].size);
      to += r[i].size;
      if (!open(i)) *to++ = '\n';
    }
    runs[0] = {text, bytes};
    pieces = 1;
  } else {
    pipe_text* to = runs - 1;
    for (std::uint64_t i = 0; i < n; ++i) {
      const std::uint64_t size = r[i].size + (ended(i) ? 1u : 0u);
      if (i > 0 && ended(i - 1) && r[i].data == r[i - 1].data + r[i - 1].size + 1) to->size += size;
      else *++to = {r[i].data, size};
      if (!ended(i) && !open(i)) *++to = {newline, 1};
    }
  }
  node->runs = {sizeof(pipe_runs), 0, runs, pieces, bytes};
  return node;
}

}  // namespace

const pipe_runs& runs(pipe_batch* b) {
  if (auto* there = b->runs.load(std::memory_order_acquire)) return there->runs;
  std::string_view bytes;
  const bool one_run = block(b, bytes) && (bytes.empty() || bytes.back() == '\n');
  auto node = one_run ? runs_of_block(bytes) : runs_of_records(record_array(b), count(b));
  b->late_bytes.fetch_add(node->memory.bytes(), std::memory_order_relaxed);
  return publish(b->runs, std::move(node))->runs;
}

bool has_fields(pipe_batch* b) { return b->has_fields; }
bool is_json(pipe_batch* b) { return b->json; }
bool is_mixed(pipe_batch* b) { return b->mixed; }
bool is_unrendered(pipe_batch* b) {
  if (b->json) return false;
  while (b->selects_only()) b = b->parent.get();
  return b->renders;
}

bool is_rendered(pipe_batch* b, std::uint64_t row) {
  while (!b->json && !b->renders) {
    if (b->kind == kind::joined) {
      auto part = b->parts.begin();
      for (std::uint64_t n; row >= (n = count(part->get())); ++part) row -= n;
      b = part->get();
    } else if (b->kind == kind::block || b->own || b->packed) {
      return false;
    } else {
      row = b->row(row);
      b = b->parent.get();
    }
  }
  return b->renders;
}

std::uint64_t memory_of(pipe_batch* b) {
  std::uint64_t n = sizeof(pipe_batch) + b->memory_share + b->late_bytes.load(std::memory_order_relaxed);
  if (b->block) n += block_capacity(b->block);
  if (b->parent) n += memory_of(b->parent.get());
  if (b->held) n += memory_of(b->held.get());
  for (const batch_ref& part : b->parts) n += memory_of(part.get());
  return n;
}

std::uint64_t note(pipe_batch* b) { return b->note; }
pipe_batch* noted(pipe_batch* b, std::uint64_t& first) {
  first = b->noted_first;
  return b->noted ? b->noted.get() : b;
}
bool is_uncounted(pipe_batch* b) { return b->uncounted; }
bool begins(pipe_batch* b) { return b->begins; }

void set_origin(pipe_batch* b, std::shared_ptr<origin> o) { b->source = std::move(o); }

const std::shared_ptr<origin>& get_origin(pipe_batch* b) {
  while (!b->source && b->parent) b = b->parent.get();
  return b->source;
}

const file_origin* file_of(pipe_batch* b) {
  const auto& o = get_origin(b);
  return o ? o->file() : nullptr;
}

std::optional<std::uint64_t> row_within(pipe_batch* b, std::uint64_t row, pipe_batch* whole) {
  for (; b != whole; b = b->parent.get()) {
    if (b->kind == kind::joined || !b->parent) return std::nullopt;
    if (b->kind == kind::derived) row = b->row(row);
  }
  return row;
}

file_origin::file_origin(std::string name)
    : name_(std::move(name)), number_([] {
        static std::atomic<std::uint64_t> made{0};
        return made.fetch_add(1, std::memory_order_relaxed) + 1;
      }()) {}

}  // namespace pipes
