// test.cpp: `pipe test FILE...`: runs a config on the inputs that NAME.test.yaml beside it lists, and compares what it writes.
//
// Each test runs `pipe run` as a process of its own, in a fresh folder that holds the test's files, with a seed: one processor and
// virtual time, so that it ends the same way each time and waits for no clock.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <system_error>

#include "cmd/arguments.hpp"
#include "cmd/text.hpp"
#include "pipelines/config/yaml.hpp"

extern char** environ;

namespace pipes::cmd {
namespace {

namespace fs = std::filesystem;
using pipelines::node;
using pipelines::node_kind;

struct named_text {
  std::string name, text;
};

struct test_case {
  std::string name;
  std::vector<std::string> args, vars;
  std::string in;
  std::vector<named_text> files, written;
  std::optional<std::string> out;
  std::vector<std::string> complaints;  // texts that stderr must hold
  int exit = 0;
};

std::optional<std::string> content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return {};
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

// Reads a NAME.test.yaml; every fault in it is told.
class reader {
 public:
  reader(const pipelines::source_text& source, fs::path folder, pipelines::diagnostics& faults) : source_(source), folder_(std::move(folder)), faults_(faults) {}

  std::vector<test_case> read(const node& root) {
    std::vector<test_case> all;
    keys(root, "a file of tests", {{"tests", [&](const node& list) {
      if (list.kind == node_kind::list && list.items.empty()) return fail(list, "'tests' is empty", "write tests: [{stdin: …, stdout: …}]");
      if (list.kind != node_kind::list) return fail(list, "'tests' is a list of tests, not " + std::string(kind_name(list)), "begin each test with '- name: …'");
      for (const node& item : list.items) all.push_back(one(item, all.size() + 1));
    }}});
    if (all.empty() && !faults_.failed()) fail(root, "no tests", "write tests: [{stdin: …, stdout: …}]");
    return all;
  }

 private:
  using action = std::function<void(const node&)>;

  void fail(const node& at, std::string message, std::string hint = {}) { faults_.error(source_, at.where, std::move(message), std::move(hint)); }

  void keys(const node& n, const std::string& what, const std::vector<std::pair<std::string, action>>& known) {
    if (n.kind != node_kind::map) return fail(n, what + " is a map, not " + std::string(kind_name(n)));
    std::vector<std::string> names;
    for (const auto& [name, read] : known) names.push_back(name);
    for (const pipelines::member& m : n.members) {
      const auto it = std::find(names.begin(), names.end(), m.key);
      if (it != names.end()) {
        known[static_cast<std::size_t>(it - names.begin())].second(m.value);
        continue;
      }
      const std::string hint = pipelines::did_you_mean(m.key, names);
      faults_.error(source_, m.where, what + " has no key " + pipelines::in_quotes(m.key), hint.empty() ? "its keys: " + pipelines::listed(names, "and") : hint);
    }
  }

  test_case one(const node& n, std::size_t number) {
    test_case t;
    t.name = "test " + std::to_string(number);
    keys(n, "a test",
         {{"name", [&](const node& v) { t.name = scalar(v, "'name'"); }},
          {"args", [&](const node& v) { t.args = list(v, "'args'"); }},
          {"vars", [&](const node& v) { each(v, "'vars'", [&](const std::string& name, const node& value) { t.vars.push_back(name + '=' + scalar(value, "a variable")); }); }},
          {"stdin", [&](const node& v) { t.in = text(v, "'stdin'"); }},
          {"files", [&](const node& v) { each(v, "'files'", [&](const std::string& name, const node& value) { t.files.push_back({name, text(value, "a file")}); }); }},
          {"stdout", [&](const node& v) { t.out = text(v, "'stdout'"); }},
          {"stderr", [&](const node& v) { t.complaints = list(v, "'stderr'"); }},
          {"written", [&](const node& v) { each(v, "'written'", [&](const std::string& name, const node& value) { t.written.push_back({name, text(value, "a file")}); }); }},
          {"exit", [&](const node& v) { t.exit = code(v); }}});
    for (const auto* named : {&t.files, &t.written})
      for (const named_text& f : *named)
        if (const fs::path p = fs::path(f.name).lexically_normal(); f.name.empty() || p.is_absolute() || *p.begin() == ".." || !p.has_filename())
          fail(n, "the file " + pipelines::in_quotes(f.name) + " does not lie in the test's folder", "write a relative path");
    return t;
  }

  std::string scalar(const node& n, const std::string& what) {
    if (n.is_scalar()) return n.text;
    fail(n, what + " takes text, not " + std::string(kind_name(n)));
    return {};
  }
  std::vector<std::string> list(const node& n, const std::string& what) {
    if (n.is_scalar()) return {n.text};
    std::vector<std::string> out;
    if (n.kind != node_kind::list) fail(n, what + " takes a list, not " + std::string(kind_name(n)));
    for (const node& item : n.items) out.push_back(scalar(item, what));
    return out;
  }
  void each(const node& n, const std::string& what, const std::function<void(const std::string&, const node&)>& read) {
    if (n.kind != node_kind::map) return fail(n, what + " takes a map, not " + std::string(kind_name(n)));
    for (const pipelines::member& m : n.members) read(m.key, m.value);
  }
  // A text, whose last line ends like the others; or {file: PATH}, taken as it is.
  std::string text(const node& n, const std::string& what) {
    if (n.kind == node_kind::null) return {};
    if (n.is_scalar()) return n.text.empty() || n.text.back() == '\n' ? n.text : n.text + '\n';
    std::string all;
    if (n.kind != node_kind::map) return fail(n, what + " takes text or {file: PATH}, not " + std::string(kind_name(n))), all;
    keys(n, what, {{"file", [&](const node& path) {
      const std::string name = scalar(path, "'file'");
      if (const auto found = content(folder_ / name)) all = *found;
      else fail(path, "cannot read " + pipelines::in_quotes(name), "paths are relative to the file of tests");
    }}});
    return all;
  }
  int code(const node& n) {
    const std::string digits = scalar(n, "'exit'");
    if (!digits.empty() && digits.size() <= 3 && digits.find_first_not_of("0123456789") == std::string::npos && std::stoi(digits) < 256) return std::stoi(digits);
    fail(n, "'exit' takes a number from 0 to 255, not " + pipelines::in_quotes(digits));
    return 0;
  }

  const pipelines::source_text& source_;
  const fs::path folder_;
  pipelines::diagnostics& faults_;
};

// A folder that is gone at the end.
class scratch {
 public:
  scratch() {
    std::string name = (fs::temp_directory_path() / "pipe-test-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::system_error(errno, std::generic_category(), "cannot make a folder in " + fs::temp_directory_path().string());
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

void put(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary);
  out << text;
  if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

// Its exit code, 128 + N for signal N; nothing: it took longer than `limit` and was killed.
std::optional<int> run_in(const fs::path& folder, std::vector<std::string> words, std::chrono::nanoseconds limit) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, 0, (folder / "in").c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, (folder / "out").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, (folder / "err").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addchdir_np(&actions, (folder / "cwd").c_str());
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  std::vector<char*> argv;
  for (std::string& w : words) argv.push_back(w.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  const int error = posix_spawn(&child, argv[0], &actions, &attributes, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error) throw std::system_error(error, std::generic_category(), "cannot run " + words[0]);
  const int watch = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
  pollfd polled{watch, POLLIN, 0};
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(limit).count();
  const int ready = watch < 0 ? 1 : poll(&polled, 1, static_cast<int>(std::min<std::int64_t>(ms, INT32_MAX)));
  if (ready == 0) kill(-child, SIGKILL);
  if (watch >= 0) close(watch);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (ready == 0) return {};
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> out = split(text, "\n");
  if (!out.empty() && out.back().empty()) out.pop_back();
  else if (!out.empty()) out.back() += "\\";  // no newline at its end
  return out;
}

// Expected lines with '-', found ones with '+', those of both with ' '; long stretches of these are left out.
std::string difference(const std::string& expected, const std::string& found) {
  const std::vector<std::string> a = lines(expected), b = lines(found);
  constexpr std::size_t most = 2000;
  if (a.size() > most || b.size() > most) {
    std::size_t same = 0;
    while (same < a.size() && same < b.size() && a[same] == b[same]) ++same;
    return "    line " + std::to_string(same + 1) + ":\n    -" + (same < a.size() ? a[same] : "(end)") + "\n    +" + (same < b.size() ? b[same] : "(end)") + '\n';
  }
  std::vector<std::vector<std::uint16_t>> common(a.size() + 1, std::vector<std::uint16_t>(b.size() + 1));
  for (std::size_t i = a.size(); i-- > 0;)
    for (std::size_t k = b.size(); k-- > 0;)
      common[i][k] = a[i] == b[k] ? static_cast<std::uint16_t>(common[i + 1][k + 1] + 1) : std::max(common[i + 1][k], common[i][k + 1]);
  std::string out;
  std::vector<std::string> shared;
  const auto show_shared = [&](bool first, bool last) {
    const std::size_t before = first ? 0 : 2, behind = last ? 0 : 2;
    for (std::size_t n = 0; n < shared.size(); ++n) {
      if (n < before || n + behind >= shared.size()) out += "     " + shared[n] + '\n';
      else if (n == before) out += "     …\n";
    }
    shared.clear();
  };
  for (std::size_t i = 0, k = 0; i < a.size() || k < b.size();) {
    if (i < a.size() && k < b.size() && a[i] == b[k]) {
      shared.push_back(a[i]), ++i, ++k;
      continue;
    }
    show_shared(out.empty(), false);
    if (k == b.size() || (i < a.size() && common[i + 1][k] >= common[i][k + 1])) out += "    -" + a[i++] + '\n';
    else out += "    +" + b[k++] + '\n';
  }
  show_shared(false, true);
  return out;
}

// What is wrong, empty if nothing is.
std::string run_one(const arguments& a, const std::string& config, const test_case& t) {
  const scratch folder;
  fs::create_directory(folder.path() / "cwd");
  put(folder.path() / "in", t.in);
  for (const named_text& f : t.files) put(folder.path() / "cwd" / f.name, f.text);
  std::vector<std::string> words = {fs::read_symlink("/proc/self/exe").string(), "run", "--no-progress", "--seed", *a.text("seed")};
  for (const std::string& p : a.all("plugin-path")) words.insert(words.end(), {"--plugin-path", fs::absolute(p).string()});
  for (const std::string& v : t.vars) words.insert(words.end(), {"--var", v});
  words.push_back(config);
  words.insert(words.end(), t.args.begin(), t.args.end());
  const std::optional<int> code = run_in(folder.path(), std::move(words), *a.duration("timeout"));
  const std::string out = content(folder.path() / "out").value_or(""), err = content(folder.path() / "err").value_or("");

  std::string wrong;
  if (!code) wrong += "  it did not end within " + *a.text("timeout") + '\n';
  else if (*code != t.exit) wrong += "  exit code " + std::to_string(*code) + ", not " + std::to_string(t.exit) + '\n';
  if (t.out && *t.out != out) wrong += "  stdout (- expected, + found):\n" + difference(*t.out, out);
  for (const std::string& c : t.complaints)
    if (err.find(c) == std::string::npos) wrong += "  stderr does not hold " + pipelines::in_quotes(c) + '\n';
  for (const named_text& f : t.written) {
    const auto found = content(folder.path() / "cwd" / f.name);
    if (!found) wrong += "  " + f.name + " was not written\n";
    else if (*found != f.text) wrong += "  " + f.name + " (- expected, + found):\n" + difference(f.text, *found);
  }
  if (!wrong.empty() && !err.empty()) {
    wrong += "  stderr:\n";
    for (const std::string& line : lines(err)) wrong += "    " + line + '\n';
  }
  return wrong;
}

// 0, 1: a test failed, 2: the tests cannot be read.
int test_config(const arguments& a, const std::string& file, std::size_t& passed, std::size_t& failed) {
  constexpr std::string_view ending = ".test.yaml";
  fs::path tests(file);
  std::string config = file;
  if (file.ends_with(ending)) config = file.substr(0, file.size() - ending.size()) + ".yaml";
  else tests.replace_extension(ending);
  const auto text = content(tests);
  if (!text) throw usage_error("pipe test: " + tests.string() + ": " + std::strerror(ENOENT) + "; the tests of a config stand beside it (see pipe test --help)");
  if (!fs::exists(config)) throw usage_error("pipe test: there is no config " + config + " beside " + tests.string());
  const pipelines::source_text source(tests.string(), *text);
  pipelines::diagnostics faults;
  std::vector<test_case> all;
  if (check_text(source, faults))
    if (const auto root = read_yaml(source, faults); root && !faults.failed()) all = reader(source, tests.parent_path(), faults).read(*root);
  const std::string told = faults.print();
  std::fwrite(told.data(), 1, told.size(), stderr);
  if (faults.failed()) return 2;
  int code = 0;
  for (const test_case& t : all) {
    const std::string wrong = run_one(a, fs::absolute(config).string(), t);
    print((wrong.empty() ? "ok      " : "FAILED  ") + config + ": " + t.name + '\n' + wrong);
    ++(wrong.empty() ? passed : failed);
    if (!wrong.empty()) code = 1;
  }
  return code;
}

}  // namespace

int test(const arguments& a) {
  int code = 0;
  std::size_t passed = 0, failed = 0;
  for (const std::string& file : a.operands()) code = std::max(code, test_config(a, file, passed, failed));
  if (passed + failed > 0) print(std::to_string(passed) + " passed, " + std::to_string(failed) + " failed\n");
  return code;
}

}  // namespace pipes::cmd
