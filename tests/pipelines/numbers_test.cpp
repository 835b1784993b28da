// Records are counted by file; what is held grows with the files that are under way, not with those that were read.
#include "pipelines/run/numbers.hpp"

#include "catch.hpp"

using namespace pipes;
using namespace pipes::pipelines;

namespace {

batch_ref read_from(const std::shared_ptr<file_origin>& file) {
  batch_ref b = from_text("a\nb\n");
  set_origin(b.get(), file);
  return b;
}

}  // namespace

TEST_CASE("counts of files that are gone are forgotten, those of others stay") {
  file_sums sums;
  const auto kept = std::make_shared<file_origin>("kept");
  for (int i = 0; i < 10000; ++i) {
    const auto file = std::make_shared<file_origin>("file");
    sums.add(counted_file(read_from(file).get()), 2);
    sums.add(counted_file(read_from(kept).get()), 2);
    CHECK(sums.of(counted_file(read_from(file).get())) == 2);
    REQUIRE(sums.size() <= 65);
  }
  CHECK(sums.of(counted_file(read_from(kept).get())) == 20000);
  CHECK(sums.of(counted_file()) == 0);
  sums.add(counted_file(), std::nullopt);
  sums.add(counted_file(), 3);
  CHECK(sums.of(counted_file()) == std::nullopt);
}

TEST_CASE("a batch that arrived lately knows how many records came before it") {
  arrived_records arrived;
  const auto file = std::make_shared<file_origin>("file");
  std::vector<batch_ref> batches;
  for (int i = 0; i < 300; ++i) {
    batches.push_back(read_from(file));
    arrived.add(batches.back().get());
  }
  CHECK(arrived.before(batches[299].get()) == 598);
  CHECK(arrived.before(batches[44].get()) == 88);
  CHECK(arrived.before(batches[43].get()) == std::nullopt);
}
