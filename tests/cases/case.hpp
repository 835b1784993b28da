// case.hpp: a text case: files, commands and what they must print. A case runs in a fresh folder, its commands one after the other.
//
//   # what it shows                          a comment; the first one titles the case
//   file NAME                                a file of the folder; its content is the indented lines below it
//     stages:
//   $ pipe run NAME | sort                   run by sh; indented lines below continue it
//   < text                                   a line of its stdin (none: an empty stdin)
//   > text                                   a line of its stdout
//   ! text                                   a line of its stderr
//   exit 2                                   its exit code (none: 0)
//   \                                        behind a line of content, stdin, stdout or stderr: without a newline at its end
//
// In expected lines `…` stands for any text, a line of `…` alone for any number of lines. The folder `examples` is the
// project's. $SCALE is 1, or 5 under a sanitizer: what wants many records, not a certain number, makes $((100000 / SCALE)) of them.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace cases {

struct input_file {
  std::string name, content;
};

struct step {
  std::vector<std::string> source;  // its lines before the expectations, as written
  std::string command, in;
  std::vector<std::string> expected;  // as written: "> a", "! b", "\", in this order: stdout, stderr
  int exit_code = 0;
  bool any_exit = false;
};

struct test_case {
  std::string name, title;
  std::vector<std::string> head;  // lines before the first command, as written
  std::vector<std::string> tail;  // comments and blank lines behind the last
  std::vector<input_file> files;
  std::vector<step> steps;
};

struct step_result {
  std::string out, err;
  int exit_code = 0;  // 128 + N for signal N
  bool timed_out = false;
};

struct settings {
  std::filesystem::path pipe;      // the binary under test
  std::filesystem::path examples;  // the project's examples
  int timeout_seconds = 60;        // a command that takes longer is killed, with all that it started
};

// Throws std::runtime_error with place and reason if the text is no case.
test_case parse(const std::string& name, const std::string& text);
std::string print(const test_case& c);
// A Markdown page as a case: its ```yaml blocks are written to block1.yaml and so on and must pass `pipe check`; in its ```console blocks a line
// `$ COMMAND` must print the lines below it. Update by printing what `text` becomes with the steps' expectations in place.
test_case parse_page(const std::string& name, const std::string& text);
std::string print_page(const test_case& c, const std::string& text);

step_result run(const step& s, const std::filesystem::path& folder, const settings& with);

// Runs the pipelines of the steps `pipe run -e` in `folder` with other batches, workers and so on. Returns what to tell: nothing if all wrote the same.
std::string run_variants(const test_case& c, const std::filesystem::path& folder, const settings& with);

// What was printed, in the form of step::expected.
std::vector<std::string> as_expected(const step_result& r);
bool matches(const std::vector<std::string>& expected, const std::vector<std::string>& actual);
// Lines to print: ' ' for both, '-' expected alone, '+' printed alone.
std::vector<std::string> diff(const std::vector<std::string>& expected, const std::vector<std::string>& actual);

}  // namespace cases
