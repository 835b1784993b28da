// flags.hpp: every verb and flag, declared once. Parsing, help, the man page and shell completion read these tables.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pipes::cmd {

class arguments;

enum class value_kind : std::uint8_t { none, text, integer, duration, choice, folder, setting };

struct flag {
  std::string_view name;               // without dashes; one letter: a short flag
  value_kind kind = value_kind::none;
  std::string_view value;              // what help calls the value: "N", "DURATION"
  std::string_view doc;                // one sentence or two, without a full stop at the end
  std::string_view fallback = {};      // as a user would write it
  std::vector<std::string_view> choices = {};
  bool repeats = false;
};

// What stands behind the flags; for completion.
enum class operand : std::uint8_t { none, config, configs, stage_type, function, shell, thing, file };

struct verb {
  std::string_view name;
  std::vector<std::string_view> synopses;  // behind "pipe NAME"
  std::string_view summary;                // one line
  std::string_view doc;                    // paragraphs, separated by an empty line
  std::vector<flag> flags;
  operand takes = operand::none;
  std::size_t least = 0, most = SIZE_MAX;  // operands
  bool rest_is_foreign = false;            // flags end at the first operand
  int (*act)(const arguments&) = nullptr;
  bool hidden = false;
};

struct example {
  std::string_view command, doc;
};

struct exit_code {
  int code;
  std::string_view doc;
};

const std::vector<verb>& verbs();
const verb* find_verb(std::string_view name);
const std::vector<exit_code>& exit_codes();
const std::vector<example>& examples();

// "-e TEXT", "--threads N", "--stats"
std::string usage_of(const flag& f);
std::string dashed(const flag& f);

// One function a verb, in the file of that name.
int run(const arguments&);
int check(const arguments&);
int graph(const arguments&);
int test(const arguments&);
int stages(const arguments&);
int functions(const arguments&);
int make_new(const arguments&);
int schema(const arguments&);
int completion(const arguments&);
int man(const arguments&);

}  // namespace pipes::cmd
