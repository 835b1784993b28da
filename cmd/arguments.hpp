// arguments.hpp: a verb's command line, checked against its table.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/flags.hpp"

namespace pipes::cmd {

// What is wrong with the command line, as told to the user; ends with exit code 2.
struct usage_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class arguments {
public:
  // Reads what stands behind the verb. Throws usage_error.
  arguments(const verb& of, const std::vector<std::string>& words);

  const verb& of() const { return *verb_; }
  bool help() const { return help_; }
  const std::vector<std::string>& operands() const { return operands_; }

  bool has(std::string_view flag) const;
  // Of a flag that may be given several times.
  std::vector<std::string> all(std::string_view flag) const;
  // The value given, else the flag's fallback, else nothing.
  std::optional<std::string> text(std::string_view flag) const;
  std::optional<std::int64_t> integer(std::string_view flag) const;
  std::optional<std::chrono::nanoseconds> duration(std::string_view flag, bool or_zero = false) const;

private:
  const flag& find(std::string_view name) const;
  void check_value(const flag& f, const std::string& value) const;
  void check_operands() const;
  [[noreturn]] void refuse(const std::string& why) const;

  const verb* verb_;
  bool help_ = false;
  std::map<std::string, std::vector<std::string>, std::less<>> given_;
  std::vector<std::string> operands_;
};

// Help on everything, or on one verb.
std::string help();
std::string help(const verb& v);

}  // namespace pipes::cmd
