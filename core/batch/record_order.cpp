// record_order.cpp: see record_order.hpp. Which order a record starts from is found at the base, where the layers end; then each layer's changes
// are done to it.
#include "core/batch/record_order.hpp"

#include "core/batch/json.hpp"

#include <algorithm>

namespace pipes::detail {

record_order::record_order(pipe_batch* b) {
  pipe_batch* p = b;
  while (p->kind == kind::derived && !p->json && !p->packed && p->parent) {
    layers_.push_back(p);
    p = p->parent.get();
  }
  base_.batch = p;
  if (!p->json && !is_varied(b)) return;
  bool parts_agree = true;
  if (p->kind == kind::joined && !p->json) {
    const auto& all = field_list(p).list;
    std::uint64_t end = 0;
    for (const batch_ref& part : p->parts) {
      const record_order& of = base_.parts.emplace_back(part.get());
      base_.ends.push_back(end += count(part.get()));
      parts_agree = parts_agree && of.of_list_ && in_order(field_list(part.get()).list, all);
    }
  }
  of_list_ = !p->json && parts_agree && !(p->lists && p->lists->ordered()) && agree();
  if (!of_list_) ask();
}

void record_order::ask() {
  if (asked_) return;
  asked_ = true;
  of_list_ = false;
  pipe_batch* const p = base_.batch;
  for (pipe_batch* layer : layers_) {
    floors_.push_back({layer, {}});
    for (const change& c : layer->changes)
      if (c.kind == PIPE_KEEP) floors_.back().kept.push_back(c.field);
  }
  rows_.resize(layers_.size());
  for (record_order& part : base_.parts) part.ask();
  if (!base_.ends.empty()) return;
  base_.listed = !p->json && (p->lists || !is_varied(p));
  if (base_.listed) return;
  base_.list = field_list(p).list;
  if (p->json) {
    known_fields(p, base_.attached);
    base_.one_order = attached_in_one_order(p);
    base_.attached.erase(std::remove_if(base_.attached.begin(), base_.attached.end(), [&](const pipe_field* f) { return std::find(base_.list.begin(), base_.list.end(), f) == base_.list.end(); }), base_.attached.end());
  }
  for (const pipe_field* f : p->json ? base_.attached : base_.list) base_.columns.push_back(column_of(p, f, !p->json));
}

// Whether what is set is, in every layer, either new to all records or there in all of them already.
bool record_order::agree() const {
  std::vector<const pipe_field*> list = field_list(base_.batch).list;
  const auto there = [&](const pipe_field* f) { return std::find(list.begin(), list.end(), f) != list.end(); };
  for (std::size_t l = layers_.size(); l-- > 0;) {
    pipe_batch* const layer = layers_[l];
    for (const change& c : layer->changes) {
      if (c.kind == PIPE_RENAME && there(c.to)) return false;
      if ((c.kind != PIPE_ATTACH && c.kind != PIPE_SET) || !there(c.field)) continue;
      const std::uint32_t before = column_of(layer->parent.get(), c.field, true)->all;
      if (before == PIPE_MISSING || before == PIPE_MIXED) return false;
    }
    if (!layer->changes.empty()) list = field_list(layer).list;
  }
  return true;
}

const std::vector<const pipe_field*>& record_order::of(std::uint64_t i) {
  std::uint64_t row = i;
  for (std::size_t f = 0; f < layers_.size(); ++f) {
    rows_[f] = row;
    row = layers_[f]->row(row);
  }
  order_.clear();
  fields_of_base(row);
  for (std::size_t f = layers_.size(); f-- > 0;) apply(floors_[f], rows_[f]);
  return order_;
}

void record_order::fields_of_base(std::uint64_t row) {
  if (!base_.ends.empty()) {
    const auto part = static_cast<std::size_t>(std::upper_bound(base_.ends.begin(), base_.ends.end(), row) - base_.ends.begin());
    const std::uint64_t in_part = part ? row - base_.ends[part - 1] : row;
    order_ = base_.parts[part].of(in_part);
    return;
  }
  if (base_.batch->json) return fields_of_text(row);
  if (base_.listed) {
    order_ = list_of_record(base_.batch, row);
    return;
  }
  for (std::size_t f = 0; f < base_.list.size(); ++f)
    if (base_.columns[f]->tags[row] != PIPE_MISSING) order_.push_back(base_.list[f]);
}

// The members as they stand there, then what is attached. Records mostly repeat one order: each member is tried where the last one led.
void record_order::fields_of_text(std::uint64_t row) {
  json::members all(view(record_array(base_.batch)[row]));
  json::member m;
  std::size_t hint = 0;
  while (all.next(m)) {
    if (hint >= base_.list.size() || !json::key_is(m.key, base_.list[hint]->name)) {
      memory::arena scratch(256);
      const std::string_view name = json::key_text(m.key, scratch);
      hint = static_cast<std::size_t>(std::find_if(base_.list.begin(), base_.list.end(), [&](const pipe_field* f) { return f->name == name; }) - base_.list.begin());
      if (hint == base_.list.size()) continue;
    }
    if (std::find(order_.begin(), order_.end(), base_.list[hint]) == order_.end()) order_.push_back(base_.list[hint]);
    ++hint;
  }
  const auto add = [&](std::size_t f) {
    if (base_.columns[f]->tags[row] != PIPE_MISSING && std::find(order_.begin(), order_.end(), base_.attached[f]) == order_.end()) order_.push_back(base_.attached[f]);
  };
  for (std::size_t f = 0; f < base_.attached.size() && base_.one_order; ++f) add(f);
  if (base_.one_order) return;
  std::vector<const pipe_field*> own;
  attached_fields(base_.batch, row, own);
  for (const pipe_field* field : own)
    if (const auto at = std::find(base_.attached.begin(), base_.attached.end(), field); at != base_.attached.end()) add(static_cast<std::size_t>(at - base_.attached.begin()));
}

void record_order::apply(const floor& f, std::uint64_t row) {
  const auto at = [&](const pipe_field* name) { return std::find(order_.begin(), order_.end(), name); };
  const auto away = [&](const pipe_field* name) { order_.erase(std::remove(order_.begin(), order_.end(), name), order_.end()); };
  bool kept = false;
  for (const change& c : f.batch->changes) {
    switch (c.kind) {
      case PIPE_ATTACH: case PIPE_SET:
        // A field that a parse stage lists but finds empty here has its place (csv.parse). One that is set for other records only, or is
        // each record's own matter, gets none.
        if (c.column.tags[row] == PIPE_MISSING && (c.kind == PIPE_SET || f.batch->varied)) break;
        if (at(c.field) == order_.end()) order_.push_back(c.field);
        break;
      case PIPE_DROP: away(c.field); break;
      case PIPE_RENAME:
        if (c.field == c.to || at(c.field) == order_.end()) break;
        away(c.to);
        *at(c.field) = c.to;
        break;
      case PIPE_KEEP:
        if (std::exchange(kept, true)) break;
        order_.erase(std::remove_if(order_.begin(), order_.end(), [&](const pipe_field* o) { return std::find(f.kept.begin(), f.kept.end(), o) == f.kept.end(); }), order_.end());
        break;
      default: break;
    }
  }
}

}  // namespace pipes::detail
