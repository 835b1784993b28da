// edit.cpp: see edit.hpp. A path into an object is edited by an editor of that object, and so on inwards.
#include "core/batch/edit.hpp"

#include "core/batch/batch.hpp"

#include <algorithm>

namespace pipes::json {

bool editor::load(std::string_view text) {
  items_.clear();
  members all(text);
  member m;
  const char* last = nullptr;  // the end of the member before
  while (all.next(m)) {
    const char* quote = m.key.data() - 1;
    item it;
    if (last) it.before = {last, static_cast<std::size_t>(quote - last)};
    else prefix_ = {text.data(), static_cast<std::size_t>(quote - text.data())};
    it.key = {quote, m.key.size() + 2};
    const char* key_stop = quote + it.key.size();
    it.between = {key_stop, static_cast<std::size_t>(m.value.data() - key_stop)};
    it.value = m.value;
    it.raw = m.key;
    items_.push_back(it);
    last = m.value.data() + m.value.size();
  }
  if (!all.sound()) return false;
  if (!last) {
    last = text.data() + text.find('{') + 1;
    prefix_ = {text.data(), static_cast<std::size_t>(last - text.data())};
  }
  tail_ = {last, static_cast<std::size_t>(text.data() + text.size() - last)};
  return true;
}

std::size_t editor::find(std::string_view name) const {
  for (std::size_t i = 0; i < items_.size(); ++i)
    if (key_is(items_[i].raw, name)) return i;
  return none;
}

// The member whose key is the longest leading part of a dotted name; `rest` is what follows its dot.
std::size_t editor::find_leading(std::string_view name, std::string_view& rest) const {
  for (auto dot = name.rfind('.'); dot != std::string_view::npos && dot > 0; dot = name.rfind('.', dot - 1)) {
    const std::size_t i = find(name.substr(0, dot));
    if (i == none) continue;
    rest = name.substr(dot + 1);
    return i;
  }
  return none;
}

// A key that stands twice is one field: what is done to it removes the second one, which another reader of the text would see.
void editor::remove_behind(std::size_t i, std::string_view name) {
  items_.erase(std::remove_if(items_.begin() + static_cast<std::ptrdiff_t>(i), items_.end(),
                              [&](const item& it) { return key_is(it.raw, name); }),
               items_.end());
}

// Whether the text says that value already. Then it keeps its spelling: whether other records of the batch were changed must not show.
bool editor::says(std::string_view there, std::string_view value) {
  if (there == value) return true;
  if (there.empty() || value.empty() || there.front() != '"' || value.front() != '"' || there.find('\\') == std::string_view::npos) return false;
  return key_is(there.substr(1, there.size() - 2), key_text(value.substr(1, value.size() - 2), scratch_));
}

void editor::remove(std::string_view name) { remove_behind(0, name); }

void editor::append(std::string_view key, std::string_view value) {
  items_.push_back({",", key, ":", value, key.substr(1, key.size() - 2)});
}

std::string_view editor::in_quotes(std::string_view name) {
  memory::text_buffer out;
  append_string(out, name);
  return scratch_.keep({out.data(), out.size()});
}

std::string_view editor::written() {
  memory::text_buffer out;
  write(out);
  return scratch_.keep({out.data(), out.size()});
}

// Changes the object that member i holds; false if it holds none, or `change` returns false.
template <class F>
bool editor::inside(std::size_t i, F change) {
  editor inner(scratch_);
  if (items_[i].value.empty() || items_[i].value.front() != '{' || !inner.load(items_[i].value) || !change(inner)) return false;
  items_[i].value = inner.written();
  return true;
}

bool editor::set_path(std::string_view path, std::string_view value) {
  const auto dot = path.find('.');
  const std::string_view segment = path.substr(0, dot);
  const std::size_t i = find(segment);
  if (dot != std::string_view::npos)
    return i != none && inside(i, [&](editor& e) { return e.set_path(path.substr(dot + 1), value); });
  if (i == none) {
    append(in_quotes(segment), value);
  } else if (!says(items_[i].value, value)) {
    items_[i].value = value;
    remove_behind(i + 1, segment);
  }
  return true;
}

bool editor::drop_path(std::string_view path) {
  const auto dot = path.find('.');
  const std::string_view segment = path.substr(0, dot);
  const std::size_t i = find(segment);
  if (i == none) return false;
  if (dot != std::string_view::npos) return inside(i, [&](editor& e) { return e.drop_path(path.substr(dot + 1)); });
  remove(segment);
  return true;
}

bool editor::rename_path(std::string_view path, std::string_view leaf_key) {
  const auto dot = path.find('.');
  const std::string_view segment = path.substr(0, dot);
  const std::size_t i = find(segment);
  if (i == none) return false;
  if (dot != std::string_view::npos) return inside(i, [&](editor& e) { return e.rename_path(path.substr(dot + 1), leaf_key); });
  items_[i].key = leaf_key;
  items_[i].raw = leaf_key.substr(1, leaf_key.size() - 2);
  return true;
}

bool editor::has(const pipe_field& name) const {
  if (find(name.name) != none) return true;
  std::string_view rest;
  const std::size_t leading = name.leading.empty() ? none : find_leading(name.name, rest);
  return leading != none && lookup_path(items_[leading].value, rest).data();
}

void editor::set(const pipe_field& name, std::string_view key, std::string_view value) {
  const std::size_t i = find(name.name);
  if (i != none) {
    if (says(items_[i].value, value)) return;
    items_[i].value = value;
    remove_behind(i + 1, name.name);
    return;
  }
  std::string_view rest;
  const std::size_t leading = name.leading.empty() ? none : find_leading(name.name, rest);
  if (leading != none && inside(leading, [&](editor& e) { return e.set_path(rest, value); })) return;
  append(key, value);
}

void editor::drop(const pipe_field& name) {
  if (find(name.name) != none) return remove(name.name);
  std::string_view rest;
  const std::size_t leading = name.leading.empty() ? none : find_leading(name.name, rest);
  if (leading != none) inside(leading, [&](editor& e) { return e.drop_path(rest); });
}

void editor::rename(const pipe_field& from, const pipe_field& to, std::string_view to_key) {
  if (&from == &to) return;
  std::size_t i = find(from.name);
  if (i == none) {
    std::string_view rest;
    const std::size_t leading = from.leading.empty() ? none : find_leading(from.name, rest);
    if (leading == none) return;
    const std::string_view value = lookup_path(items_[leading].value, rest);
    if (!value.data()) return;
    // Within one object the key is renamed where it stands, else the value moves.
    const auto parent = [](const std::string& n) { return std::string_view(n).substr(0, n.rfind('.') + 1); };
    const std::string_view leaf = std::string_view(to.name).substr(parent(to.name).size());
    if (parent(from.name) == parent(to.name) && find(to.name) == none) {
      const std::string_view to_rest = std::string_view(to.name).substr(from.name.size() - rest.size());
      inside(leading, [&](editor& e) { e.drop_path(to_rest); return e.rename_path(rest, e.in_quotes(leaf)); });
      return;
    }
    inside(leading, [&](editor& e) { return e.drop_path(rest); });
    set(to, to_key, value);
    return;
  }
  std::string_view rest;
  const std::size_t leading = to.leading.empty() || find(to.name) != none ? none : find_leading(to.name, rest);
  if (leading != none && leading != i) {
    const std::string_view value = items_[i].value;
    if (inside(leading, [&](editor& e) { return e.set_path(rest, value); })) {
      remove(from.name);
      return;
    }
  }
  remove_behind(i + 1, from.name);
  remove(to.name);
  i = find(from.name);
  items_[i].key = to_key;
  items_[i].raw = to_key.substr(1, to_key.size() - 2);
}

bool editor::prune(const std::vector<std::string_view>& paths) {
  std::vector<std::string_view> inner;
  std::vector<item> left;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    bool whole = false;
    inner.clear();
    for (const std::string_view path : paths) {
      const auto dot = path.find('.');
      if (!key_is(items_[i].raw, path.substr(0, dot))) continue;
      if (dot == std::string_view::npos) whole = true;
      else inner.push_back(path.substr(dot + 1));
    }
    if (whole || (!inner.empty() && inside(i, [&](editor& e) { return e.prune(inner); }))) left.push_back(items_[i]);
  }
  items_ = std::move(left);
  return !items_.empty();
}

void editor::keep(const std::vector<const pipe_field*>& names) {
  std::vector<item> left;
  std::vector<std::string_view> inner;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    bool whole = false;
    inner.clear();
    for (const pipe_field* f : names) {
      if (key_is(items_[i].raw, f->name)) {
        whole = true;
        break;
      }
      std::string_view rest;
      if (!f->leading.empty() && find(f->name) == none && find_leading(f->name, rest) == i) inner.push_back(rest);
    }
    if (whole || (!inner.empty() && inside(i, [&](editor& e) { return e.prune(inner); }))) left.push_back(items_[i]);
  }
  items_ = std::move(left);
}

void editor::write(memory::text_buffer& out) const {
  out.append(prefix_);
  bool first = true;
  for (const item& it : items_) {
    if (!std::exchange(first, false)) out.append(it.before.empty() ? std::string_view(",") : it.before);
    out.append(it.key);
    out.append(it.between);
    out.append(it.value);
  }
  out.append(tail_);
}

}  // namespace pipes::json
