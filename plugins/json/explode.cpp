// plugins/json/explode.cpp: a record for each element of an array.
#include <pipe/plugin.hpp>

#include "lib/json_values.hpp"
#include "lib/set_columns.hpp"
namespace {
struct explode : pipes::map_stage {
  pipes::field field;
  std::string as;
  std::string index;
  bool empty = false;
  static auto spec() {
    return pipes::stage<explode>("explode", "Make a record of each element of an array.")
        .doc("Each record is repeated, with an element in place of the array; the other fields stay. A value that is no array passes as it is.")
        .main_option("field", &explode::field, "The field with the array.").required()
        .option("as", &explode::as, "The name of a field for the elements; the array then stays.")
        .option("index", &explode::index, "The name of a field for the element's number, from 0.")
        .option("empty", &explode::empty, "Keep a record whose array is empty, or that has none, with null in place of an element. Otherwise it is dropped.")
        .example("json.parse | json.explode: tags", R"({"id":1,"tags":["a","b"]})" "\n" R"({"id":2,"tags":[]})", R"({"id":1,"tags":"a"})" "\n" R"({"id":1,"tags":"b"})")
        .example("json.parse | json.explode: {field: order.items, index: n} | text.format: '{n} {order.items.sku}'", R"({"order":{"items":[{"sku":"x"},{"sku":"y"}]}})", "0 x\n1 y")
        .example("text.format: '{{\"all\":{}}}' | json.parse | json.explode: all | json.get: all", R"([{"id":1},{"id":2}])", R"({"id":1})" "\n" R"({"id":2})");
  }
  void check(pipes::checker& c) {
    c.reads(field);
    if (as.empty()) c.makes(field);
    else c.makes(as);
    if (!index.empty()) c.makes(index);
    if (!index.empty() && (index == as || (as.empty() && index == field.name()))) c.fault("index", "'" + index + "' is the elements' field");
  }
  void map(pipes::batch& in, pipes::output& out) {
    const pipe_column& values = in[field].raw();
    rows_.clear();
    elements_.clear();
    bool changes = false;
    for (std::size_t i = 0; i < values.count; ++i) {
      const std::uint32_t row = static_cast<std::uint32_t>(i);
      const bool array = values.tags[i] == PIPE_JSON && values.slices[i].size && values.slices[i].data[0] == '[';
      if (!array && values.tags[i] > PIPE_NULL) {
        add(row, {nullptr, 0, 0});
        continue;
      }
      changes = true;
      const std::size_t before = rows_.size();
      if (array) {
        shared::json::walker walk({values.slices[i].data, values.slices[i].size});
        std::string_view token;
        for (std::int64_t number = 0; walk.element(token); ++number) add(row, {token.data(), token.size(), number});
      }
      if (rows_.size() == before && empty) add(row, {null.data(), null.size(), 0});
    }
    if (rows_.empty()) return;
    if (changes || !as.empty() || !index.empty()) return emit(in, values, out);
    unchanged_.clear();  // nothing to explode: the field is set all the same, as with others beside them
    unchanged_.add(field, values);
    unchanged_.emit(in, out);
  }

 private:
  struct element {
    const char* data;  // nullptr: no array's; the value as it is
    std::size_t size;
    std::int64_t number;
  };
  static constexpr std::string_view null = "null";

  void add(std::uint32_t row, element e) {
    if (rows_.size() == UINT32_MAX) throw pipes::record_error(row, "the arrays of a batch have 2^32 elements or more");
    rows_.push_back(row);
    elements_.push_back(e);
  }
  void emit(pipes::batch& in, const pipe_column& values, pipes::output& out) {
    pipes::column_writer made(out, rows_.size()), numbers(out, rows_.size());
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const element& e = elements_[i];
      if (e.data)
        shared::json::put_token(made, i, {e.data, e.size}, out);
      else
        made.value(i, pipes::column(values), rows_[i]);
      if (e.data == null.data())
        numbers.null(i);
      else
        numbers.integer(i, e.number);
    }
    const pipe_column columns[2] = {made.done(), numbers.done()};
    const pipe_change changes[2] = {{PIPE_SET, 0, as.empty() ? field.handle() : pipes::field(as).handle(), nullptr, &columns[0]},
                                    {PIPE_SET, 0, index.empty() ? nullptr : pipes::field(index).handle(), nullptr, &columns[1]}};
    pipe_part part{};
    part.from = in.raw();
    part.rows = rows_.data();
    part.count = rows_.size();
    part.changes = changes;
    part.change_count = index.empty() ? 1 : 2;
    out.emit_part(part);
  }
  std::vector<std::uint32_t> rows_;  // scratch: where each record made comes from
  std::vector<element> elements_;
  shared::set_columns unchanged_;
};
PIPE_STAGE(explode)
}
