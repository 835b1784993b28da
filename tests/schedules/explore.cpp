#include "schedules/explore.hpp"

#include <cstdlib>

#include "sanitized.hpp"

namespace schedules {
namespace {

constexpr std::uint64_t usual_count = sanitized ? 500 : 10'000;

std::optional<std::uint64_t> number_in(const char* variable) {
  const char* text = std::getenv(variable);
  return text ? std::optional<std::uint64_t>(std::strtoull(text, nullptr, 10)) : std::nullopt;
}

}  // namespace

outcomes explore(const std::function<std::string(const pipes::run_options&)>& scenario) {
  const auto alone = number_in("PIPE_SEED");
  const std::uint64_t first = alone.value_or(0);
  const std::uint64_t count = alone ? 1 : number_in("PIPE_SCHEDULES").value_or(usual_count);
  outcomes seen(alone.has_value());
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    pipes::run_options options;
    options.seed = seed;
    options.dump_on_sigquit = false;   // saves a few system calls a run
    std::string fault;
    try {
      seen.add(scenario(options));
      continue;
    } catch (const std::exception& e) {
      fault = e.what();
    } catch (const pipes::cancelled&) {
      fault = "main was cancelled";
    }
    FAIL(fault << "\nbroken after " << seed - first + 1 << " schedules; again: PIPE_SEED=" << seed << " and this test's name");
  }
  return seen;
}

}  // namespace schedules
