// broken_test.cpp: every file in broken/ is a config and, behind a line of '=', what is said about it, word for word. The name begins with e- for the
// text of -e, with warn- (e-warn-) for a config that loads all the same. PIPE_BLESS=1 writes what is said now; read the diff before you keep it.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "catch.hpp"
#include "table_catalog.hpp"

using namespace pipes::pipelines;

namespace {

const std::string bar = "\n=====\n";

std::string read_all(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

}  // namespace

TEST_CASE("broken configs say what is wrong and where") {
  const bool bless = std::getenv("PIPE_BLESS") != nullptr;
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(PIPE_TESTS_DIR) + "/pipelines/broken")) files.insert(entry.path());
  REQUIRE(files.size() >= 60);
  for (const auto& file : files) {
    const std::string name = file.filename().string();
    const std::string all = read_all(file);
    const std::size_t cut = all.rfind(bar);
    INFO(name);
    REQUIRE((cut != std::string::npos || bless));
    const std::string config = all.substr(0, cut == std::string::npos ? all.size() - 1 : cut);
    const std::string expected = cut == std::string::npos ? std::string() : all.substr(cut + bar.size());
    const loaded out = name.compare(0, 2, "e-") == 0 ? load_inline(config) : load_yaml(config + "\n");
    const std::string said = out.faults.print();
    if (bless) std::ofstream(file, std::ios::binary) << config << bar << said;
    else CHECK(said == expected);
    const bool loads = name.compare(0, 5, "warn-") == 0 || name.compare(0, 7, "e-warn-") == 0;
    CHECK(out.g.has_value() == loads);
    CHECK(out.faults.failed() == !loads);
    CHECK(!said.empty());
    // Every fault of a config stands at a place in it.
    for (const diagnostic& d : out.faults.sorted()) CHECK(d.where.known());
  }
}
