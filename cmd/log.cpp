// log.cpp: what pipelines say goes to stderr, by spdlog, which takes long to compile and is included here alone.
#include "cmd/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>

#include "cmd/arguments.hpp"
#include "cmd/text.hpp"
#include "pipelines/diagnostic.hpp"
#include "pipelines/log.hpp"

namespace pipes::cmd {
namespace {

// %* in a pattern: the message, as a JSON string or as it is.
class json_message : public spdlog::custom_flag_formatter {
public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& to) override {
    const std::string text = json_string(pipelines::printable({message.payload.data(), message.payload.size()}));
    to.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<json_message>(); }
};

class text_message : public spdlog::custom_flag_formatter {
public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& to) override {
    const std::string text = pipelines::printable({message.payload.data(), message.payload.size()});
    to.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<text_message>(); }
};

spdlog::logger* logger;  // never freed: threads that outlive main() may still write to it

void write(pipelines::log::level l, std::string_view message) {
  static constexpr std::array levels{spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err};
  logger->log(levels[static_cast<std::size_t>(l)], spdlog::string_view_t(message.data(), message.size()));
}

}  // namespace

void set_up_log(const arguments& a) {
  logger = new spdlog::logger("pipe", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  if (a.text("log-format") == "json")
    formatter->add_flag<json_message>('*').set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":%*})");
  else
    formatter->add_flag<text_message>('*').set_pattern("pipe: %l: %*");
  logger->set_formatter(std::move(formatter));
  logger->set_level(spdlog::level::from_str(a.text("log-level").value_or("warning")));
  logger->flush_on(spdlog::level::debug);
  pipelines::log::set_sink(write);
}

}  // namespace pipes::cmd
