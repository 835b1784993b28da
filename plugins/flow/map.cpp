// plugins/flow/map.cpp: set fields to what expressions give.
#include <pipe/plugin.hpp>

#include <algorithm>
#include <cstring>
namespace {
struct map_fields : pipes::map_stage {
  pipes::map_of<pipes::expression> fields;
  static auto spec() {
    return pipes::stage<map_fields>("map", "Set fields to what expressions give.")
        .doc("The fields are set in the order written, and each expression sees those set before it. A field that is there already gets the new value in its place; "
             "a new one comes last. A missing field gives null. From then on a record is its rendering: JSON with the changes made, other records their fields.")
        .rest_option("fields", &map_fields::fields, "The fields to set: {NAME: EXPRESSION, ...}.").required()
        .example("json.parse | map: {total: price * qty, taxed: total * 2}", R"({"price":3,"qty":4})", R"({"price":3,"qty":4,"total":12,"taxed":24})");
  }
  void check(pipes::checker& c) {
    c.ignores_bytes();
    if (fields.empty()) c.fault("fields", "sets no field; write {NAME: EXPRESSION}");
    for (const auto& f : fields)
      if (f.first.empty()) c.fault("fields", "a field without a name");
      else c.makes(f.first);
  }
  void open() {
    names_.clear();
    for (const auto& f : fields) names_.emplace_back(f.first);
    if (fields.size() > 1) between_ = std::make_unique<pipes::own_output>(context());
  }
  void map(pipes::batch& in, pipes::output& out) {
    pipes::batch seen = in;
    for (std::size_t i = 0; i + 1 < fields.size(); ++i) {  // what a later expression sees
      set(i, seen, *between_);
      seen = between_->take();
    }
    set(fields.size() - 1, seen, out);
  }

 private:
  void set(std::size_t i, const pipes::batch& seen, pipes::output& out) {
    pipe_column column = fields[i].second.evaluate(seen, out);
    set_missing_to_null(column, out);
    pipe_change change{PIPE_SET, 0, names_[i].handle(), nullptr, &column};
    pipe_part part{};
    part.from = seen.raw();
    part.count = column.count;
    part.changes = &change;
    part.change_count = 1;
    out.emit_part(part);
  }

  // What an expression gives is a value: a field that is named alone and missing would otherwise take away the one that is set.
  static void set_missing_to_null(pipe_column& c, pipes::output& out) {
    if ((c.all != PIPE_MISSING && c.all != PIPE_MIXED) || c.count == 0 || !std::memchr(c.tags, PIPE_MISSING, c.count)) return;
    auto* const tags = reinterpret_cast<std::uint8_t*>(out.alloc(c.count));
    std::replace_copy(c.tags, c.tags + c.count, tags, static_cast<std::uint8_t>(PIPE_MISSING), static_cast<std::uint8_t>(PIPE_NULL));
    c.tags = tags;
    if (c.all == PIPE_MISSING) c.all = PIPE_NULL;
    else if (std::all_of(tags, tags + c.count, [](std::uint8_t t) { return t == PIPE_NULL; })) c.all = PIPE_NULL;
  }

  std::unique_ptr<pipes::own_output> between_;
  std::vector<pipes::field> names_;
};
PIPE_STAGE(map_fields)
}
