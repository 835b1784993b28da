// demand.cpp: two fixpoints over the graph. Both only grow: a stage is looked at again when what it depends on grew, and there are finitely many
// names, so that cycles end too.
#include "pipelines/graph/demand.hpp"

#include <algorithm>

namespace pipes::pipelines {
namespace {

// Names are put in as they are asked for, `a.b` may be a field of that name or a path into `a`: both are wanted.
void add_path(field_set& to, const std::string& path) {
  to.add(path);
  for (std::size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', dot + 1)) to.add(path.substr(0, dot));
}

bool covers(const std::vector<std::string>& names, const std::string& name) {
  for (const std::string& n : names)
    if (n == name || (name.size() > n.size() && name[n.size()] == '.' && name.compare(0, n.size(), n) == 0) ||
        (n.size() > name.size() && n[name.size()] == '.' && n.compare(0, name.size(), name) == 0))
      return true;
  return false;
}

bool exactly(const std::vector<std::string>& names, const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); }

// What is wanted of a record: fields, and whether its bytes are.
struct want {
  field_set fields;
  bool bytes = false;

  bool add(const want& other) {
    const bool more = other.bytes && !bytes;
    bytes |= other.bytes;
    return fields.add(other.fields) || more;
  }
};

class flow {
public:
  explicit flow(const std::vector<field_stage>& stages) : stages_(stages), before_(stages.size()), in_place_(stages.size(), true) {
    for (std::uint32_t s = 0; s < stages.size(); ++s)
      for (std::uint32_t to : stages[s].next) before_[to].push_back(s);
  }

  field_flow run() {
    field_flow result;
    forwards(result);
    backwards(result);
    return result;
  }

private:
  field_set made(std::uint32_t s, const field_set& in) const {
    const field_effect& e = stages_[s].effect;
    field_set out;
    if (!stages_[s].known || e.makes_any) {
      out.all = true;
      return out;
    }
    if (!e.new_records) {
      if (in.all) {
        // Which fields there are is not known, but what stays of them may be.
        if (e.keeps_only) out.names.insert(e.keeps.begin(), e.keeps.end());
        else out.all = true;
      } else {
        for (const std::string& name : in.names)
          if (!exactly(e.drops, name) && (!e.keeps_only || covers(e.keeps, name))) out.names.insert(name);
      }
    }
    if (!out.all) out.names.insert(e.makes.begin(), e.makes.end());
    return out;
  }

  void forwards(field_flow& result) {
    const std::size_t n = stages_.size();
    result.available.assign(n, {});
    result.fed.assign(n, false);
    std::vector<bool> waits(n, true);
    std::vector<std::uint32_t> work;
    for (std::uint32_t s = 0; s < n; ++s) work.push_back(static_cast<std::uint32_t>(n - 1 - s));
    for (std::uint32_t s = 0; s < n; ++s)
      if (before_[s].empty()) result.fed[s] = true;
    while (!work.empty()) {
      const std::uint32_t s = work.back();
      work.pop_back();
      waits[s] = false;
      const auto give = [&](std::uint32_t to, const field_set& fields, bool in_place) {
        bool grew = result.available[to].add(fields) || !result.fed[to];
        result.fed[to] = true;
        if (in_place_[to] && !in_place) in_place_[to] = false, grew = true;
        if (grew && !waits[to]) waits[to] = true, work.push_back(to);
      };
      const field_effect& e = stages_[s].effect;
      const bool in_place = e.json_in_place || (!e.new_records && !stages_[s].pairs && stages_[s].known && !before_[s].empty() && in_place_[s]);
      const field_set out = made(s, result.available[s]);
      for (std::uint32_t to : stages_[s].next) give(to, out, in_place);
      if (stages_[s].dead_letters_to.empty()) continue;
      field_set dead = result.available[s];
      for (const char* name : {"error", "stage", "attempts"}) dead.add(name);
      for (std::uint32_t to : stages_[s].dead_letters_to) give(to, dead, false);
    }
  }

  // What stage s wants of its input, if those behind want `out` of its output.
  want wanted_in(std::uint32_t s, const want& out) const {
    const field_effect& e = stages_[s].effect;
    want in;
    if (!stages_[s].known || e.reads_all) {
      in.fields.all = true;
      in.bytes = true;
      return in;
    }
    for (const std::string& name : e.reads) add_path(in.fields, name);
    in.bytes = e.reads_bytes && !e.own_bytes;
    if (e.new_records) return in;
    if (out.bytes && !e.own_bytes) {
      // A changed record has to be written out again: from its own text if that is JSON, else from all its fields.
      in.bytes = true;
      if (e.changes && !in_place_[s]) pass_all(e, in.fields);
    }
    if (out.fields.all) pass_all(e, in.fields);
    for (const std::string& name : out.fields.names) {
      // A record without the old field keeps what it has under the new name.
      const bool renamed = std::any_of(e.renames.begin(), e.renames.end(), [&](const auto& r) { return r.second == name; });
      if ((exactly(e.makes, name) && !renamed) || exactly(e.drops, name)) continue;
      if (e.keeps_only && !covers(e.keeps, name)) continue;
      in.fields.add(name);
    }
    if (!stages_[s].dead_letters_to.empty()) in.bytes = true;
    return in;
  }

  static void pass_all(const field_effect& e, field_set& in) {
    if (!e.keeps_only) in.all = true, in.names.clear();
    else for (const std::string& name : e.keeps) add_path(in, name);
  }

  void backwards(field_flow& result) const {
    const std::size_t n = stages_.size();
    std::vector<want> out(n);
    std::vector<bool> waits(n, true);
    std::vector<std::uint32_t> work;
    for (std::uint32_t s = 0; s < n; ++s) work.push_back(s);  // the last stages first
    std::vector<std::vector<std::uint32_t>> failing(n);  // whose dead letters a stage reads
    std::vector<std::vector<std::uint32_t>> before = before_;
    for (std::uint32_t s = 0; s < n; ++s)
      for (std::uint32_t to : stages_[s].dead_letters_to) failing[to].push_back(s);
    while (!work.empty()) {
      const std::uint32_t s = work.back();
      work.pop_back();
      waits[s] = false;
      want in = wanted_in(s, out[s]);
      const auto ask = [&](std::uint32_t from, const want& w) {
        if (out[from].add(w) && !waits[from]) waits[from] = true, work.push_back(from);
      };
      for (std::uint32_t from : before[s]) ask(from, in);
      // A dead letter is the input record of the stage that failed: those before that stage have to make its fields.
      for (std::uint32_t failed : failing[s])
        for (std::uint32_t from : before_[failed]) ask(from, in);
    }
    result.demanded.resize(n);
    for (std::uint32_t s = 0; s < n; ++s) result.demanded[s] = std::move(out[s].fields);
  }

  const std::vector<field_stage>& stages_;
  std::vector<std::vector<std::uint32_t>> before_;
  std::vector<bool> in_place_;  // of a stage's input: all of it is JSON text of json.parse
};

}  // namespace

bool field_set::add(const field_set& other) {
  if (all) return false;
  if (other.all) {
    all = true;
    names.clear();
    return true;
  }
  const std::size_t before = names.size();
  names.insert(other.names.begin(), other.names.end());
  return names.size() != before;
}

bool field_set::has(std::string_view path) const {
  if (all || names.count(std::string(path)) != 0) return true;
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1))
    if (names.count(std::string(path.substr(0, dot))) != 0) return true;
  return false;
}

field_flow propagate(const std::vector<field_stage>& stages) { return flow(stages).run(); }

}  // namespace pipes::pipelines
