// graph_test.cpp: the graph that a config becomes: ends, edges, channels, settings.
#include <algorithm>

#include "catch.hpp"
#include "pipelines/graph/print.hpp"
#include "table_catalog.hpp"

using namespace pipes::pipelines;

namespace {

graph build(const std::string& text, load_request request = {}) {
  loaded out = load_yaml(text, std::move(request));
  INFO(out.faults.print());
  REQUIRE(out.g);
  return *out.g;
}

// "a->b b->c", with ports where they have a name of their own.
std::string edges(const graph& g) {
  std::string out;
  for (const edge& e : g.edges) {
    const stage& s = g.stages[e.from];
    out += (out.empty() ? "" : " ") + s.id;
    if (e.from_port == dead_letters) out += "!";
    else if (s.outputs[e.from_port].name != "out") out += ":" + s.outputs[e.from_port].name;
    out += "->" + g.stages[e.to].id;
  }
  return out;
}

void check_invariants(const graph& g) {
  for (std::uint32_t e = 0; e < g.edges.size(); ++e) {
    REQUIRE(g.edges[e].from < g.stages.size());
    REQUIRE(g.edges[e].to < g.stages.size());
    const channel& c = g.channels.at(g.edges[e].channel);
    CHECK(std::count(c.edges.begin(), c.edges.end(), e) == 1);
    CHECK(c.from == g.edges[e].from);
    CHECK(c.from_port == g.edges[e].from_port);
  }
  for (const stage& s : g.stages) {
    for (const output_port& p : s.outputs) CHECK_FALSE(p.channels.empty());
    for (const input_port& p : s.inputs) CHECK_FALSE(p.edges.empty());
  }
}

}  // namespace

TEST_CASE("stdin and stdout are put in at the ends") {
  const graph g = build("stages:\n  - text.grep: x\n  - head: 3\n");
  check_invariants(g);
  CHECK(edges(g) == "io.stdin->text.grep text.grep->head head->io.stdout");
  CHECK(g.stages.front().inserted);
  CHECK(g.stages.back().inserted);
  CHECK(g.reads_stdin);
  CHECK(g.writes_stdout);
  const graph closed = build("stages:\n  - io.read: x\n  - io.write: y\n");
  CHECK(edges(closed) == "io.read->io.write");
  CHECK_FALSE(closed.reads_stdin);
  CHECK_FALSE(closed.writes_stdout);
}

TEST_CASE("stages without id are called by their type as written") {
  const graph g = build("stages:\n  - where: a\n    from: src\n  - flow.where: b\n  - where: c\n  - id: src\n    use: csv.parse\n    from: raw\n  - id: raw\n    use: io.read\n    with: x\n  - io.write: z\n    from: where#2\n");
  CHECK(stage_of(g, "where#2").written == "where");
  CHECK(stage_of(g, "flow.where").type == "flow.where");
  CHECK(edges(g) == "src->where where->flow.where flow.where->where#2 raw->src where#2->io.write");
}

TEST_CASE("from takes a name, a port, a list, maps with channel options") {
  const graph g = build(R"(
defaults: {capacity: 7}
stages:
  - io.read: x
  - json.parse
  - id: r
    use: route
    with: {slow: time > 3, err: status >= 500}
  - id: a
    use: text.grep
    with: y
    from: {stage: r.slow, capacity: 0, timeout: 5s, on_timeout: tick, priority: 3}
  - id: b
    use: text.grep
    with: z
    from: {stage: r.else, on_full: drop_oldest}
  - io.write: out
    from: [a, {stage: b, capacity: 2, send_timeout: 1m30s}]
  - id: last
    use: io.write
    with: out2
    from: r.err
)");
  check_invariants(g);
  CHECK(edges(g) == "io.read->json.parse json.parse->r r:slow->a r:else->b a->io.write b->io.write r:err->last");
  const edge& a = g.edges[stage_of(g, "a").inputs[0].edges[0]];
  CHECK(a.timeout == std::chrono::seconds(5));
  CHECK(a.on_timeout == on_timeout::tick);
  CHECK(a.priority == 3);
  CHECK(g.channels[a.channel].capacity == 0);
  CHECK(g.channels[a.channel].capacity_from == origin::given);
  const channel& b = g.channels[g.edges[stage_of(g, "b").inputs[0].edges[0]].channel];
  CHECK(b.on_full == on_full::drop_oldest);
  CHECK(b.capacity == 7);
  CHECK(b.capacity_from == origin::defaults_key);
  CHECK(g.channels[g.edges[stage_of(g, "io.write").inputs[0].edges[1]].channel].send_timeout == std::chrono::seconds(90));
}

TEST_CASE("an output with several readers is a broadcast, with share one channel") {
  const std::string head = "stages:\n  - io.read: x\n";
  const graph broadcast = build(head + "  - io.write: a\n    from: {stage: io.read, on_full: drop_newest}\n  - id: b\n    use: io.write\n    with: b\n    from: io.read\n");
  CHECK(broadcast.stages[0].outputs[0].channels.size() == 2);
  const graph share = build(head + "  - io.write: a\n    share: s\n    from: io.read\n  - id: b\n    use: io.write\n    with: b\n    share: s\n    from: io.read\n");
  check_invariants(share);
  REQUIRE(share.stages[0].outputs[0].channels.size() == 1);
  const channel& c = share.channels[share.stages[0].outputs[0].channels[0]];
  CHECK(c.edges.size() == 2);
  CHECK(c.share == "s");
}

TEST_CASE("dead letters have an edge of their own, and their reader is nobody's previous stage") {
  const graph g = build(R"(
stages:
  - json.parse
  - id: dead
    use: text.grep
    with: x
  - id: bad
    use: io.write
    with: dead.log
    from: dead
  - where: a > 1
    from: json.parse
    on_error: {retry: {times: 5, backoff: 100ms}, then: {to: dead}}
  - head: 3
)");
  check_invariants(g);
  CHECK(edges(g) == "io.stdin->json.parse dead->bad json.parse->where where->head where!->dead head->io.stdout");
  const stage& w = stage_of(g, "where");
  CHECK(w.on_error.times == 5);
  CHECK(w.on_error.backoff == std::chrono::milliseconds(100));
  CHECK(w.on_error.then == error_action::dead_letter);
  CHECK(g.stages[w.on_error.to].id == "dead");
  CHECK(w.dead_letter_channels.size() == 1);
  CHECK(stage_of(g, "dead").reads_dead_letters);
}

TEST_CASE("the last stage that reads no dead letters writes to stdout") {
  const graph g = build("stages:\n  - json.parse\n    \n  - head: 1\n  - id: dead\n    use: io.write\n    with: d\n  - where: x\n    from: head\n    on_error: {to: dead}\n");
  CHECK(edges(g) == "io.stdin->json.parse json.parse->head head->where where!->dead where->io.stdout");
  const graph end = build("stages:\n  - where: \"1 == 1\"\n    on_error: {to: dead}\n  - id: dead\n    use: io.write\n    with: d\n");
  CHECK(edges(end) == "io.stdin->where where!->dead where->io.stdout");
}

TEST_CASE("on_error as a default spares the dead-letter stage itself") {
  const graph g = build("defaults: {on_error: {to: dead}}\nstages:\n  - json.parse\n  - head: 1\n  - id: dead\n    use: io.write\n    with: d\n");
  CHECK(g.stages[stage_of(g, "json.parse").on_error.to].id == "dead");
  CHECK(stage_of(g, "dead").on_error.then == error_action::fail);
}

TEST_CASE("a marked cycle is found and its edges are known") {
  const graph g = build(R"(
stages:
  - io.read: seeds
  - id: fetch
    use: exec.each
    with: [fetch, '{}']
    from: [io.read, {stage: links, back: true}]
  - id: links
    use: text.grep
    with: href
  - io.write: pages
    from: fetch
)");
  check_invariants(g);
  CHECK(stage_of(g, "fetch").in_cycle);
  CHECK(stage_of(g, "links").in_cycle);
  CHECK_FALSE(stage_of(g, "io.read").in_cycle);
  CHECK_FALSE(stage_of(g, "io.write").in_cycle);
  const edge& back = g.edges[stage_of(g, "fetch").inputs[0].edges[1]];
  CHECK(back.back);
  CHECK(back.on_cycle);
  CHECK(g.channels[back.channel].unbounded);
  CHECK(stage_of(g, "fetch").grain.records == 1);
}

TEST_CASE("settings of a stage, and where they come from") {
  const graph g = build(R"(
defaults: {workers: 3, batch: {bytes: 64KiB}, memory: 1GiB, on_error: skip}
stages:
  - text.grep: x
  - where: 'true'
    workers: 8
    ordered: false
    batch: {records: 1}
    grain: 10
    memory: 2MB
    stack: 1MiB
    fuse: false
    on_error: fail
  - csv.parse
  - where: 'true'
    partition_by: ip
  - head: 1
  - count:
    every: 1m
)");
  CHECK(g.memory == 1u << 30);
  const stage& grep = stage_of(g, "text.grep");
  CHECK(grep.workers == 3);
  CHECK(grep.workers_from == origin::defaults_key);
  CHECK(grep.batch.bytes == 64 * 1024);
  CHECK(grep.on_error.then == error_action::skip);
  CHECK(grep.ordered);
  const stage& w = stage_of(g, "where");
  CHECK(w.workers == 8);
  CHECK_FALSE(w.ordered);
  CHECK(w.batch.records == 1);
  CHECK(w.grain.records == 10);
  CHECK(w.memory == 2'000'000);
  CHECK(w.stack == 1u << 20);
  CHECK_FALSE(w.fuse);
  CHECK(w.on_error.then == error_action::fail);
  CHECK_FALSE(stage_of(g, "where#2").ordered);  // partition_by gives the order up
  CHECK(stage_of(g, "head").workers == 1);
  CHECK(stage_of(g, "count").every == std::chrono::minutes(1));
}

TEST_CASE("option values are typed") {
  const graph g = build(R"(
stages:
  - io.read: one.log
  - csv.parse
  - flow.throttle: {interval: 1s500ms, burst: 64KiB}
  - map: {total: price * qty, "odd key": 'lower(host)'}
  - sort: [a, -b]
)");
  CHECK(option_of(g, "io.read", "path") == "one.log");
  CHECK(find_option(stage_of(g, "flow.throttle"), "interval")->val.integer == 1'500'000'000);
  CHECK(find_option(stage_of(g, "flow.throttle"), "burst")->val.integer == 65536);
  CHECK(option_of(g, "map", "set") == "total=price * qty|odd key=lower(host)");
  const option* by = find_option(stage_of(g, "sort"), "by");
  REQUIRE(by->val.items.size() == 2);
  CHECK_FALSE(by->val.items[0].descending);
  CHECK(by->val.items[1].descending);
  CHECK(by->val.items[1].text == "b");
  CHECK(find_option(stage_of(g, "io.read"), "framing")->from == origin::stage_default);
}

TEST_CASE("the full form and the short form mean the same") {
  const graph a = build("stages:\n  - text.grep: {pattern: x, invert: true}\n    workers: 2\n");
  const graph b = build("stages:\n  - use: text.grep\n    with: {pattern: x, invert: true}\n    workers: 2\n");
  const graph c = build("stages:\n  - use: text.grep\n    with: {pattern: x, invert: 'true'}\n    workers: 2\n");
  for (const graph* g : {&a, &b, &c}) {
    CHECK(option_of(*g, "text.grep", "pattern") == "x");
    CHECK(find_option(stage_of(*g, "text.grep"), "invert")->val.boolean);
    CHECK(stage_of(*g, "text.grep").workers == 2);
  }
}

TEST_CASE("exit codes: 3 if plugins alone are at fault") {
  CHECK(load_yaml("plugins: [./bad.so]\nstages:\n  - head: 1\n").faults.exit_code() == 3);
  CHECK(load_yaml("plugins: [./bad.so]\nstages:\n  - head: x\n").faults.exit_code() == 2);
  CHECK(load_yaml("stages:\n  - broken.x\n").faults.exit_code() == 3);
  CHECK(load_yaml("stages:\n  - head: 1\n").faults.exit_code() == 0);
}

TEST_CASE("a config from stdin leaves no stdin for its stages") {
  load_request r;
  r.file = "-";
  CHECK_FALSE(load_yaml("stages:\n  - head: 1\n", r).g);
  CHECK(load_yaml("stages:\n  - io.read: x\n", r).g);
}

TEST_CASE("demand reaches the parse stage") {
  const graph g = build("stages:\n  - csv.parse\n  - where: status >= 500\n  - top: {by: [ip, host.name]}\n");
  const stage& parse = stage_of(g, "csv.parse");
  CHECK_FALSE(parse.all_fields_demanded);
  CHECK(parse.demanded == std::vector<std::string>{"host", "host.name", "ip", "status"});
  CHECK(stage_of(build("stages:\n  - csv.parse\n  - map: {a: b}\n"), "csv.parse").all_fields_demanded);
  const stage json = stage_of(build("stages:\n  - json.parse\n  - map: {a: b}\n"), "json.parse");
  CHECK_FALSE(json.all_fields_demanded);
  CHECK(json.demanded == std::vector<std::string>{"b"});
}

TEST_CASE("graphs print as text, dot and mermaid, and explain themselves") {
  const graph g = build("name: demo\nstages:\n  - text.grep: 'a\"b'\n    workers: 2\n  - id: n\n    use: head\n    with: 3\n    from: {capacity: 0}\n");
  CHECK(print_text(g) ==
        "demo\n"
        "  io.stdin       -> text.grep\n"
        "  text.grep x2   -> n  [unbuffered]\n"
        "  n (flow.head)  -> io.stdout\n"
        "  io.stdout\n");
  CHECK(print_dot(g) ==
        "digraph \"demo\" {\n  rankdir=LR;\n  node [shape=box];\n"
        "  s0 [label=\"io.stdin\", style=dashed];\n  s1 [label=\"text.grep\\nx2\"];\n  s2 [label=\"n\\nflow.head\"];\n  s3 [label=\"io.stdout\", style=dashed];\n"
        "  s0 -> s1;\n  s1 -> s2 [label=\"unbuffered\"];\n  s2 -> s3;\n}\n");
  CHECK(print_mermaid(g) ==
        "flowchart LR\n  s0[\"io.stdin\"]\n  s1[\"text.grep<br>x2\"]\n  s2[\"n<br>flow.head\"]\n  s3[\"io.stdout\"]\n"
        "  s0 --> s1\n  s1 -->|\"unbuffered\"| s2\n  s2 --> s3\n");
  CHECK(explain(g, 4, {}) ==
        "demo: 4 stages, 3 edges, 4 processors\n"
        "\n"
        "io.stdin, put in by pipe\n"
        "  run, 1 worker\n"
        "  batches up to 256KiB\n"
        "  -> text.grep: 4 batches\n"
        "  asked for: no fields\n"
        "\n"
        "text.grep, line 3\n"
        "  map, 2 workers (given), ordered\n"
        "  batches up to 256KiB\n"
        "  pattern: a\"b\n"
        "  -> n: unbuffered (given)\n"
        "  asked for: no fields\n"
        "\n"
        "n (flow.head), line 6\n"
        "  run, 1 worker, ordered\n"
        "  batches up to 256KiB\n"
        "  count: 3\n"
        "  -> io.stdout: 4 batches\n"
        "  asked for: no fields\n"
        "\n"
        "io.stdout, put in by pipe\n"
        "  run, 1 worker, ordered\n"
        "  batches up to 256KiB\n"
        "\n"
        "holds at most 4864KiB of batches\n");
}

TEST_CASE("what gathers shares the run's memory evenly, but for what has its own") {
  const graph g = build(R"(
defaults: {memory: 12MiB}
stages:
  - json.parse
  - sort: n
  - {top: {by: n}, memory: 1MiB}
  - count
)");
  CHECK(stage_of(g, "json.parse").memory == 0);
  CHECK(stage_of(g, "sort").memory == 6u << 20);
  CHECK(stage_of(g, "top").memory == 1u << 20);
  CHECK(stage_of(g, "count").memory == 6u << 20);
  const std::string text = explain(g, 1, {});
  CHECK(text.find(", and 13MiB of what is gathered; what is more goes to disk\n") != std::string::npos);
  CHECK(text.find("memory 6MiB (defaults)") != std::string::npos);
}
