// plugins/lib/set_columns.hpp: gives the records of a batch new values of some fields.
#pragma once
#include <pipe/plugin.hpp>

namespace shared {

// check() of a stage that sets fields by what they hold, without a look at the records' bytes. `fields`: a map by name.
template <class Map>
void check_set(pipes::checker& c, const Map& fields) {
  c.ignores_bytes();
  for (const auto& f : fields) {
    c.reads(pipes::field(f.first));
    c.makes(f.first);
  }
}

// A field that some record has is set whether a value of it changes or not: what is set must not depend on which records came in one batch.
class set_columns {
 public:
  void clear() {
    names_.clear();
    columns_.clear();
  }
  void add(pipes::field name, const pipe_column& column) {
    names_.push_back(name);
    columns_.push_back(column);
  }
  // Where nothing was added the records are handed on as they are, but for their bytes: those of changed records are a rendering.
  void emit(pipes::batch& in, pipes::output& out) {
    if (names_.empty()) return out.pass_rendered(in);
    changes_.clear();
    for (std::size_t i = 0; i < names_.size(); ++i) changes_.push_back({PIPE_SET, 0, names_[i].handle(), nullptr, &columns_[i]});
    pipe_part part{};
    part.from = in.raw();
    part.count = in.size();
    part.changes = changes_.data();
    part.change_count = changes_.size();
    out.emit_part(part);
  }

 private:
  std::vector<pipes::field> names_;
  std::vector<pipe_column> columns_;
  std::vector<pipe_change> changes_;
};

}  // namespace shared
