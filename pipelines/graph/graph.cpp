// graph.cpp: names of the graph's enumerations, as users write and read them.
#include "pipelines/graph/graph.hpp"

namespace pipes::pipelines {

std::string_view name_of(shape s) {
  switch (s) {
    case shape::map: return "map";
    case shape::fold: return "fold";
    case shape::run: return "run";
  }
  return "";
}

std::string_view name_of(on_full v) {
  switch (v) {
    case on_full::block: return "block";
    case on_full::drop_newest: return "drop_newest";
    case on_full::drop_oldest: return "drop_oldest";
    case on_full::fail: return "fail";
  }
  return "";
}

std::string_view name_of(on_timeout v) {
  switch (v) {
    case on_timeout::fail: return "fail";
    case on_timeout::close: return "close";
    case on_timeout::tick: return "tick";
  }
  return "";
}

std::string_view name_of(error_action v) {
  switch (v) {
    case error_action::fail: return "fail";
    case error_action::skip: return "skip";
    case error_action::dead_letter: return "to";
  }
  return "";
}

std::string_view name_of(origin v) {
  switch (v) {
    case origin::built_in: return "built in";
    case origin::stage_default: return "the stage's default";
    case origin::defaults_key: return "defaults";
    case origin::given: return "given";
  }
  return "";
}

std::string_view name_of(option_type v) {
  switch (v) {
    case option_type::boolean: return "true or false";
    case option_type::integer: return "a whole number";
    case option_type::real: return "a number";
    case option_type::text: return "text";
    case option_type::duration: return "a duration";
    case option_type::size: return "a size";
    case option_type::choice: return "one of its choices";
    case option_type::pattern: return "a pattern";
    case option_type::field: return "a field name";
    case option_type::expression: return "an expression";
    case option_type::format: return "a format";
  }
  return "";
}

const option* find_option(const stage& s, std::string_view name) {
  for (const option& o : s.options)
    if (o.name == name) return &o;
  return nullptr;
}

}  // namespace pipes::pipelines
