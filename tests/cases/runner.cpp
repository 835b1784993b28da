// runner.cpp: runs text cases (case.hpp) through the real binary, several at a time.
//
//   case_runner --pipe BINARY --examples FOLDER [--update] [--only TEXT] [--timeout SECONDS] FILE|FOLDER...
//   case_runner --pipe BINARY --examples FOLDER --stages      the example of every stage that BINARY knows
//   case_runner --pipe BINARY --examples FOLDER --variants [FOLDER]    that these, and the cases, print the same with other batches and workers
//
// A folder means all *.t below it; a file *.md means the examples on that page. --update writes what was printed into the cases that fail; look at the difference before you commit it.
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "case.hpp"

namespace fs = std::filesystem;

namespace {

struct options {
  cases::settings with;
  bool update = false, stages = false, variants = false;
  std::string only;
  std::vector<fs::path> where;
};

class scratch {
public:
  scratch() {
    std::string name = (fs::temp_directory_path() / "pipe-case-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no folder for temporary files");
    path_ = name;
  }
  ~scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  const fs::path& path() const { return path_; }

private:
  fs::path path_;
};

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write_file(const fs::path& path, const std::string& text) {
  if (path.has_parent_path()) fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

bool is_page(const fs::path& path) { return path.extension() == ".md"; }

// Runs the case, puts what was printed into its steps, returns what to tell about it: nothing if it passed.
std::string run_case(cases::test_case& c, const options& o) {
  const cases::settings& with = o.with;
  scratch folder;
  if (!with.examples.empty()) fs::create_directory_symlink(with.examples, folder.path() / "examples");
  for (const cases::input_file& f : c.files) write_file(folder.path() / f.name, f.content);
  if (o.variants) return cases::run_variants(c, folder.path(), with);
  std::string report;
  for (cases::step& s : c.steps) {
    cases::step_result r = cases::run(s, folder.path(), with);
    std::vector<std::string> actual = cases::as_expected(r);
    if (!r.timed_out && (s.any_exit || r.exit_code == s.exit_code) && cases::matches(s.expected, actual)) continue;
    report += "  $ " + s.command + '\n';
    if (r.timed_out) report += "  was killed after " + std::to_string(with.timeout_seconds) + " s\n";
    for (const std::string& line : cases::diff(s.expected, actual)) report += "  " + line + '\n';
    if (!s.any_exit && r.exit_code != s.exit_code) report += "  - exit " + std::to_string(s.exit_code) + "\n  + exit " + std::to_string(r.exit_code) + '\n';
    s.expected = std::move(actual);
    s.exit_code = r.exit_code;
  }
  return report;
}

std::vector<fs::path> case_files(const options& o) {
  std::vector<fs::path> files;
  for (const fs::path& where : o.where) {
    if (!fs::is_directory(where)) {
      files.push_back(where);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(where))
      if (entry.path().extension() == ".t") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// `pipe stages --format cases` prints each example as a case that begins with a comment.
std::vector<cases::test_case> stage_cases(const options& o) {
  scratch folder;
  cases::step list;
  list.command = "pipe stages --format cases";
  cases::step_result r = cases::run(list, folder.path(), o.with);
  if (r.exit_code != 0) throw std::runtime_error(list.command + " failed: " + r.err);
  std::vector<cases::test_case> found;
  std::istringstream in(r.out);
  std::string name, text;
  auto finish = [&] {
    if (!text.empty()) found.push_back(cases::parse(name, text));
  };
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("# ", 0) == 0) {
      finish();
      name = line.substr(2);
      text.clear();
    }
    text += line + '\n';
  }
  finish();
  return found;
}

options read_arguments(int argc, char** argv) {
  options o;
  std::vector<std::string> arguments(argv + 1, argv + argc);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& a = arguments[i];
    auto value = [&] {
      if (i + 1 == arguments.size()) throw std::runtime_error(a + " needs a value");
      return arguments[++i];
    };
    if (a == "--pipe") o.with.pipe = fs::absolute(value());
    else if (a == "--examples") o.with.examples = fs::absolute(value());
    else if (a == "--timeout") o.with.timeout_seconds = std::stoi(value());
    else if (a == "--only") o.only = value();
    else if (a == "--update") o.update = true;
    else if (a == "--stages") o.stages = true;
    else if (a == "--variants") o.stages = o.variants = true;
    else if (a.rfind("--", 0) == 0) throw std::runtime_error("unknown option " + a);
    else o.where.emplace_back(a);
  }
  if (o.with.pipe.empty() || !fs::exists(o.with.pipe)) throw std::runtime_error("--pipe must name the binary");
  if (o.where.empty() && !o.stages) throw std::runtime_error("no cases given");
  return o;
}

int run_all(const options& o) {
  std::vector<cases::test_case> all;
  if (o.stages) all = stage_cases(o);
  for (const fs::path& file : case_files(o)) all.push_back((is_page(file) ? cases::parse_page : cases::parse)(file.string(), read_file(file)));
  if (!o.only.empty())
    all.erase(std::remove_if(all.begin(), all.end(), [&](const auto& c) { return c.name.find(o.only) == std::string::npos; }), all.end());
  if (all.empty()) throw std::runtime_error("no cases found");

  std::vector<std::string> reports(all.size());
  std::atomic<std::size_t> next{0};
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < std::max(2u, std::thread::hardware_concurrency()); ++t)
    threads.emplace_back([&] {
      for (std::size_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < all.size();) try {
          reports[i] = run_case(all[i], o);
        } catch (const std::exception& e) {
          reports[i] = std::string("  ") + e.what() + '\n';
        }
    });
  for (std::thread& t : threads) t.join();

  std::size_t failed = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (reports[i].empty()) continue;
    ++failed;
    std::cout << "FAIL " << all[i].name << ": " << all[i].title << '\n' << reports[i] << '\n';
    if (!o.update || o.stages) continue;
    write_file(all[i].name, is_page(all[i].name) ? cases::print_page(all[i], read_file(all[i].name)) : cases::print(all[i]));
  }
  std::cout << all.size() - failed << " passed, " << failed << (o.update ? " rewritten\n" : " failed\n");
  return failed == 0 || o.update ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  try {
    return run_all(read_arguments(argc, argv));
  } catch (const std::exception& e) {
    std::cerr << "case_runner: " << e.what() << '\n';
    return 2;
  }
}
