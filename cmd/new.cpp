// new.cpp: `pipe new plugin|config NAME`: something to start from that works as it is.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "cmd/arguments.hpp"
#include "cmd/text.hpp"
#include "pipelines/diagnostic.hpp"

namespace pipes::cmd {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view cmake_lists = R"(# cmake -B build && cmake --build build && pipe run --plugin-path build -e '@.upper' <<<'some text'
cmake_minimum_required(VERSION 3.23)
project(@ CXX)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)   # else the compiler would not optimize
endif()
find_package(pipe REQUIRED)
pipe_add_plugin(@ plugin.cpp upper.cpp)   # a file is a stage

enable_testing()
add_test(NAME upper COMMAND sh -c "printf 'some text\\n' | '${pipe_EXECUTABLE}' run --plugin-path . -e '@.upper'")
set_tests_properties(upper PROPERTIES PASS_REGULAR_EXPRESSION "^SOME TEXT\n$")
)";

constexpr std::string_view plugin_source = R"(// plugin.cpp: the plugin's name, version and licence; once per shared object.
#include <pipe/plugin.hpp>

PIPE_PLUGIN("@", "0.1.0", "MIT")
)";

constexpr std::string_view stage_source = R"x(// upper.cpp: upper-case ASCII letters.
#include <pipe/plugin.hpp>

namespace {

struct upper : pipes::map_stage {
  bool words = false;  // the default is written once, here

  static auto spec() {
    return pipes::stage<upper>("upper", "Upper-case ASCII letters.")
        .option("words", &upper::words, "Only the first letter of each word.")
        .example("@.upper", "some text", "SOME TEXT");
  }

  void map(pipes::record r, pipes::output& out) {
    char* p = out.alloc(r.size());  // lives as long as the output
    bool start = true;
    for (std::size_t i = 0; i < r.size(); ++i) {
      const char c = r.data()[i];
      p[i] = c >= 'a' && c <= 'z' && (start || !words) ? static_cast<char>(c - 'a' + 'A') : c;
      start = c == ' ';
    }
    out.emit(r, p, r.size());  // r's fields with new bytes
  }
};
PIPE_STAGE(upper)

}  // namespace
)x";

constexpr std::string_view config = R"(#!/usr/bin/env -S pipe run
# Counts the lines of stdin that hold a word, by the word in front of it.   usage: pipe run @.yaml [WORD] < FILE
# pipe check --explain @.yaml shows how it will run; pipe stages lists what else there is.
name: @
stages:
  - text.regex: {pattern: '(?P<before>\w+) ${1:-error}', unmatched: skip}
  - top: {by: before, limit: 10}
)";

std::string filled(std::string_view text, const std::string& name) {
  std::string out;
  for (const char c : text) c == '@' ? out += name : out += c;
  return out;
}

void write(const fs::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) throw std::runtime_error("cannot write " + path.string());
}

void check_name(const std::string& name) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
  if (name.empty() || name[0] < 'a' || name[0] > 'z' || !std::all_of(name.begin(), name.end(), fits))
    throw usage_error("pipe new: " + pipelines::in_quotes(name) + " is no name; use small letters, digits, '_' and '-', a letter first");
}

void check_absent(const fs::path& path) {
  if (fs::exists(path)) throw usage_error("pipe new: " + path.string() + " exists already");
}

}  // namespace

int make_new(const arguments& a) {
  const std::string& what = a.operands()[0];
  const std::string& name = a.operands()[1];
  if (what != "plugin" && what != "config") throw usage_error("pipe new: a plugin or a config? Not " + pipelines::in_quotes(what));
  check_name(name);
  if (what == "config") {
    const fs::path path = name + ".yaml";
    check_absent(path);
    write(path, filled(config, name));
    fs::permissions(path, fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec, fs::perm_options::add);
    print("made " + path.string() + "; try: pipe check --explain " + path.string() + '\n');
    return 0;
  }
  if (name.find('-') != std::string::npos) throw usage_error("pipe new: a plugin's name holds no '-', since stages are called PLUGIN.STAGE");
  check_absent(name);
  fs::create_directory(name);
  write(fs::path(name) / "CMakeLists.txt", filled(cmake_lists, name));
  write(fs::path(name) / "plugin.cpp", filled(plugin_source, name));
  write(fs::path(name) / "upper.cpp", filled(stage_source, name));
  print("made " + name + "/; try: cd " + name + " && cmake -B build && cmake --build build && ctest --test-dir build\n");
  return 0;
}

}  // namespace pipes::cmd
