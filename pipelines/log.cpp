#include "pipelines/log.hpp"

#include <spdlog/spdlog.h>

namespace pipes::pipelines::log {

void write(level l, std::string_view message) {
  static constexpr spdlog::level::level_enum levels[] = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err};
  spdlog::log(levels[static_cast<int>(l)], "{}", message);
}

}  // namespace pipes::pipelines::log
