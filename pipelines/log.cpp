#include "pipelines/log.hpp"

namespace pipes::pipelines::log {
namespace {

sink current = [](level, std::string_view) {};

}  // namespace

void set_sink(sink to) { current = to; }

void write(level l, std::string_view message) { current(l, message); }

}  // namespace pipes::pipelines::log
