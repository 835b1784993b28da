// However a run ends, nothing of it is left on disk; what it holds in memory is bounded.
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "catch.hpp"
#include "process.hpp"

using namespace spilling;

namespace {

// Waits until the child has something on disk; false: it ended before. The folder tells of writes to a file without a name too,
// where the file system does that; for those that do not, and for a child that has ended, there is a look every 0.1 s.
bool until_spilled(child& c) {
  const int writes = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  ::inotify_add_watch(writes, c.spill_folder().c_str(), IN_MODIFY);
  bool spilled = false;
  while (!(spilled = c.has_spilled()) && c.running()) {
    pollfd next{writes, POLLIN, 0};
    ::poll(&next, 1, 100);
    char events[4096];
    while (::read(writes, events, sizeof events) > 0) {}
  }
  ::close(writes);
  return spilled;
}

const char* const endless = "io.generate: {text: 'number {n}'} | {sort: -n, memory: 1MiB}";

}  // namespace

TEST_CASE("a killed run leaves nothing on disk") {
  const folder where;
  child c(endless, {}, where);
  REQUIRE(until_spilled(c));
  CHECK(c.spill_entries() == 0);
  ::kill(c.pid(), SIGKILL);
  CHECK(c.wait().signal == SIGKILL);
  CHECK(c.spill_entries() == 0);
}

TEST_CASE("a run that is stopped writes what it has and leaves nothing on disk") {
  const folder where;
  child c(std::string(endless) + " | text.format: '{n}'", {}, where);
  REQUIRE(until_spilled(c));
  ::kill(c.pid(), SIGTERM);
  const ended e = c.wait();
  CHECK(e.signal == SIGTERM);
  CHECK(c.spill_entries() == 0);
  // All numbers from some number down to 1.
  REQUIRE(!e.out.empty());
  long next = std::stol(e.out);
  std::size_t at = 0;
  while (at < e.out.size()) {
    std::size_t end = e.out.find('\n', at);
    REQUIRE(end != std::string::npos);
    if (e.out.compare(at, end - at, std::to_string(next)) != 0) {
      CHECK(e.out.substr(at, end - at) == std::to_string(next));
      break;
    }
    at = end + 1;
    --next;
  }
  CHECK(next == 0);
}

TEST_CASE("a run that fails leaves nothing on disk") {
  const folder where;
  const ended e = run("io.generate: {count: 300000, text: 'number {n}'} | {sort: -n, memory: 1MiB} | where: n < 250000 | io.write: /nowhere/at/all", {}, where);
  CHECK(e.code != 0);
  child c("io.generate: {count: 300000, text: 'number {n}'} | {sort: -n, memory: 1MiB} | json.parse", {}, where);
  CHECK(c.wait().code == 1);
  CHECK(c.spill_entries() == 0);
}

TEST_CASE("a reader that leaves ends a merge") {
  const folder where;
  child c("io.generate: {count: 500000, text: 'number {n}'} | {sort: -n, memory: 1MiB} | head: 3", {}, where);
  const ended e = c.wait();
  CHECK(e.code == 0);
  CHECK(e.out == "number 500000\nnumber 499999\nnumber 499998\n");
  CHECK(c.spill_entries() == 0);
}

TEST_CASE("a disk that is full is a failure that names stage, folder and cause") {
  const folder where;
  for (const char* stage : {"{sort: -n, memory: 1MiB}", "{distinct: n, memory: 1MiB}", "{count: n, memory: 1MiB}", "{tail: 400000, memory: 1MiB}"}) {
    child c(std::string("io.generate: {count: 500000, text: 'number {n}'} | ") + stage + " | io.discard", {}, where, 256 * 1024);
    const ended e = c.wait();
    INFO(stage << ": " << e.err);
    CHECK(e.code == 1);
    CHECK(e.err.find("spilling to '" + c.spill_folder() + "' failed: File too large") != std::string::npos);
    CHECK(e.err.find("stage '") != std::string::npos);
    CHECK(c.spill_entries() == 0);
  }
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("memory stays bounded while far more passes through") {
  const folder where;
  // 36 MB of text each; what a run takes without gathering is some 20 MiB.
  const std::string source = "io.generate: {count: 600000, text: 'a record of sixty bytes, more or less, with number {n}'} | ";
  for (const char* stage : {"{sort: -n, memory: 2MiB}", "{distinct: n, memory: 2MiB}", "{distinct: [], memory: 2MiB}", "{count: n, memory: 2MiB}",
                            "{group: {by: n, sum: {s: n}}, memory: 2MiB}", "{tail: 500000, memory: 2MiB}"}) {
    const ended e = run(source + stage + " | io.discard", {}, where);
    INFO(stage << ": " << e.err);
    CHECK(e.code == 0);
    CHECK(e.most_kib < 56 * 1024);
  }
}

TEST_CASE("what a fold makes of long texts is sent on in batches as short as any") {
  const folder where;
  // The table holds 36 MB; each of the stages behind it would hold as much again if one batch brought all.
  const std::string source = "{io.generate: {count: 4000, text: '{n}'}, batch: {records: 20}} | map: {k: 'repeat(text(n + 100000000), 1000)'} | ";
  for (const char* stage : {"{group: {by: k, count: c}, memory: 256MiB}", "{group: {by: n, max: {k: k}}, memory: 256MiB}", "{count: k, memory: 256MiB}",
                            "{top: {by: k, limit: 4000}, memory: 256MiB}", "{agg.cardinality: {by: k, of: n}, memory: 256MiB}"}) {
    const ended e = run(source + stage + " | text.format: '{k}' | text.replace: {pattern: ^0, with: z} | text.case: upper | io.discard", {}, where);
    INFO(stage << ": " << e.err);
    CHECK(e.code == 0);
    CHECK(e.most_kib < 92 * 1024);
  }
}

TEST_CASE("what a sort holds is counted with the rendering of records that were changed") {
  const folder where;
  const ended e = run(R"(io.generate: {count: 800000, text: '{"n":{n},"k":"a text that is no number {n}","m":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}'})"
                      " | json.parse | map: {z: n * 2} | {sort: k, memory: 64MiB} | io.discard", {}, where);
  INFO(e.err);
  CHECK(e.code == 0);
  CHECK(e.most_kib < 64 * 1024);
}
#endif
