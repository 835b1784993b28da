// demand_test.cpp: field demand and availability over plain graphs.
#include "pipelines/graph/demand.hpp"

#include "catch.hpp"

using namespace pipes::pipelines;

namespace {

field_stage plain(std::vector<std::uint32_t> next) {
  field_stage s;
  s.next = std::move(next);
  return s;
}

field_stage parse(std::vector<std::uint32_t> next, bool json = true) {
  field_stage s = plain(std::move(next));
  s.effect.makes_any = true;
  s.effect.json_in_place = json;
  return s;
}

field_stage reads(std::vector<std::uint32_t> next, std::vector<std::string> fields) {
  field_stage s = plain(std::move(next));
  s.effect.reads = std::move(fields);
  s.effect.reads_bytes = false;
  return s;
}

std::string show(const field_set& s) {
  if (s.all) return "ALL";
  std::string out;
  for (const std::string& n : s.names) out += (out.empty() ? "" : " ") + n;
  return out;
}

}  // namespace

TEST_CASE("a parse stage makes what those behind it read") {
  field_stage fold = reads({}, {"ip"});
  fold.effect.new_records = true;
  fold.effect.makes = {"ip", "count"};
  const field_flow f = propagate({parse({1}), reads({2}, {"status"}), fold});
  CHECK(show(f.demanded[0]) == "ip status");
  CHECK(show(f.demanded[1]) == "ip");
  CHECK(show(f.demanded[2]) == "");
}

TEST_CASE("a sink wants bytes, not fields") {
  const field_flow f = propagate({parse({1}, false), reads({2}, {"a"}), plain({})});
  CHECK(show(f.demanded[0]) == "a");
}

TEST_CASE("a changed record wants all its fields, unless it is JSON or nobody wants its bytes") {
  field_stage map = reads({2}, {"a"});
  map.effect.changes = true;
  map.effect.makes = {"b"};
  CHECK(show(propagate({parse({1}, false), map, plain({})}).demanded[0]) == "ALL");
  CHECK(show(propagate({parse({1}, true), map, plain({})}).demanded[0]) == "a");
  field_stage fold = reads({}, {"b", "c"});
  fold.effect.new_records = true;
  CHECK(show(propagate({parse({1}, false), map, fold}).demanded[0]) == "a c");
}

TEST_CASE("a stage that writes bytes out of fields wants no others of a changed record") {
  field_stage map = reads({2}, {"a"});
  map.effect.changes = true;
  map.effect.makes = {"b"};
  field_stage format = reads({3}, {"b", "c"});
  format.effect.own_bytes = true;
  CHECK(show(propagate({parse({1}, false), map, format, plain({})}).demanded[0]) == "a c");
}

TEST_CASE("keeps limits what is asked for and what is there") {
  field_stage keep = reads({2}, {});
  keep.effect.keeps_only = true;
  keep.effect.keeps = {"a", "b"};
  keep.effect.changes = true;
  const field_flow f = propagate({parse({1}, false), keep, plain({})});
  CHECK(show(f.demanded[0]) == "a b");
  CHECK(show(f.available[2]) == "a b");
  field_stage fold = reads({}, {"b", "c"});
  fold.effect.new_records = true;
  CHECK(show(propagate({parse({1}, false), keep, fold}).demanded[0]) == "b");
}

TEST_CASE("drops and makes cut the way back") {
  field_stage drop = reads({2}, {});
  drop.effect.drops = {"a"};
  field_stage fold = reads({}, {"a", "b", "c"});
  fold.effect.new_records = true;
  CHECK(show(propagate({parse({1}), drop, fold}).demanded[0]) == "b c");
}

TEST_CASE("a stage of which nothing is known asks for all and may make anything") {
  field_stage unknown = plain({2});
  unknown.known = false;
  const field_flow f = propagate({parse({1}), unknown, plain({})});
  CHECK(show(f.demanded[0]) == "ALL");
  CHECK(f.available[2].all);
}

TEST_CASE("branches are joined in both directions") {
  field_stage left = reads({3}, {"a"}), right = reads({3}, {"b"});
  left.effect.makes = {"x"};
  right.effect.makes = {"y"};
  field_stage source = plain({1, 2});
  source.effect.makes = {"a", "b"};
  const field_flow f = propagate({source, left, right, reads({}, {"x"})});
  CHECK(show(f.demanded[0]) == "a b x");
  CHECK(show(f.available[3]) == "a b x y");
}

TEST_CASE("cycles end") {
  field_stage source = plain({1});
  source.effect.makes = {"url"};
  field_stage fetch = reads({2, 3}, {"url"});
  fetch.effect.makes = {"page"};
  field_stage links = reads({1}, {"page"});
  links.effect.makes = {"depth"};
  const field_flow f = propagate({source, fetch, links, reads({}, {"depth"})});
  CHECK(show(f.available[1]) == "depth page url");
  CHECK(show(f.demanded[2]) == "depth url");
}

TEST_CASE("dead letters carry the input's fields and tell why") {
  field_stage source = parse({1}, false);
  field_stage work = reads({2}, {"a"});
  work.dead_letters_to = {3};
  field_stage dead = reads({}, {"error", "b"});
  dead.effect.new_records = true;
  const field_flow f = propagate({source, work, plain({}), dead});
  CHECK(show(f.demanded[0]) == "a b error");
  field_stage known = plain({1});
  known.effect.makes = {"a"};
  CHECK(show(propagate({known, work, plain({}), dead}).available[3]) == "a attempts error stage");
}

TEST_CASE("a path asks for its leading parts too") {
  const field_flow f = propagate({parse({1}), reads({}, {"id.orig_h"})});
  CHECK(show(f.demanded[0]) == "id id.orig_h");
  field_set s;
  s.add("id");
  CHECK(s.has("id.orig_h"));
  CHECK_FALSE(s.has("idx"));
}
