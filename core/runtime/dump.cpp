// dump.cpp: what the fibers do, as text for people. Fibers that are alike stand together, so that ten thousand read like ten; frames of the
// runtime itself are left out; names of functions lose what only the compiler needs.
#include <algorithm>
#include <cctype>
#include <map>
#include <string_view>
#include <utility>

#include "core/runtime/inspect.hpp"
#include "core/runtime/symbols.hpp"

namespace pipes {
namespace {

std::string grouped(std::uint64_t n) {
  std::string digits = std::to_string(n);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits;
}

std::string duration_text(clock::duration d) {
  const auto ms = std::max<clock::rep>(std::chrono::duration_cast<std::chrono::milliseconds>(d).count(), 0);
  if (ms < 1000) return std::to_string(ms) + " ms";
  if (ms < 100'000) return std::to_string(ms / 1000) + "." + std::to_string(ms / 100 % 10) + " s";
  return std::to_string(ms / 60'000) + " min " + std::to_string(ms / 1000 % 60) + " s";
}

// The name with each number as '#': fibers of one kind differ in numbers alone ("worker [12]", "w12", "10.0.0.1:443 reader").
std::string kind_of(std::string_view name) {
  std::string kind;
  bool in_number = false;
  for (const char c : name) {
    const bool digit = std::isdigit(static_cast<unsigned char>(c));
    if (!digit) kind += c;
    else if (!in_number) kind += '#';
    in_number = digit;
  }
  return kind;
}

struct group {
  std::vector<const fiber_info*> members;
  std::map<std::string_view, std::size_t> details;
  std::map<const void*, std::size_t> objects;
  clock::duration shortest = clock::duration::max(), longest{0};

  const fiber_info& first() const { return *members.front(); }
};

std::vector<group> groups_of(const std::vector<fiber_info>& fibers) {
  // By the address of the backtrace: within one inspection equal ones are one object.
  std::map<std::tuple<std::string, std::string_view, const void*, bool>, std::size_t> places;
  std::vector<group> groups;
  for (const fiber_info& f : fibers) {
    const auto [at, fresh] = places.try_emplace({kind_of(f.name), f.state, f.backtrace.get(), f.daemon}, groups.size());
    if (fresh) groups.emplace_back();
    group& g = groups[at->second];
    g.members.push_back(&f);
    if (!f.detail.empty()) ++g.details[f.detail];
    if (f.object) ++g.objects[f.object];
    g.shortest = std::min(g.shortest, f.since);
    g.longest = std::max(g.longest, f.since);
  }
  std::stable_sort(groups.begin(), groups.end(), [](const group& a, const group& b) { return a.members.size() > b.members.size(); });
  return groups;
}

std::string details_text(const group& g) {
  constexpr std::size_t shown = 3;
  std::vector<std::pair<std::string_view, std::size_t>> most(g.details.begin(), g.details.end());
  std::stable_sort(most.begin(), most.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (std::size_t i = 0; i < most.size() && i < shown; ++i) {
    if (i > 0) text += "; ";
    text += most[i].first;
    if (most.size() > 1 && most[i].second > 1) text += " in " + grouped(most[i].second);
  }
  if (most.size() > shown) text += "; and " + grouped(most.size() - shown) + " others";
  return text;
}

std::string names_text(const group& g) {
  constexpr std::size_t shown = 4;
  std::string text;
  std::size_t named = 0;
  for (const fiber_info* f : g.members) {
    if (named == shown) break;
    if (named++ > 0) text += ", ";
    text += f->name.empty() ? "fiber " + std::to_string(f->id) : f->name;
  }
  if (g.members.size() > shown) text += " and " + grouped(g.members.size() - shown) + " more";
  return text;
}

// The frame of a task's closure is the outermost that is shown; those outside of it start a fiber.
constexpr std::string_view task_begin = "pipes::detail::closure_task<";
constexpr std::string_view task_end = ">::run(pipes::detail::task*)";

bool is_task(std::string_view function) {
  return function.size() > task_begin.size() + task_end.size() && function.substr(0, task_begin.size()) == task_begin &&
         function.substr(function.size() - task_end.size()) == task_end;
}

// i is where parameters begin. Returns where they end if what follows is local to that function, as in f(int)::{lambda()#1}; else i.
std::size_t past_enclosing(std::string_view function, std::size_t i) {
  constexpr std::string_view local = "::", local_to_const = " const::";
  std::size_t end = i;
  int depth = 0;
  do depth += function[end] == '(' ? 1 : function[end] == ')' ? -1 : 0;
  while (++end < function.size() && depth > 0);
  const std::string_view rest = function.substr(end);
  if (rest.substr(0, local.size()) == local) return end;
  if (rest.substr(0, local_to_const.size()) == local_to_const) return end + local_to_const.size() - local.size();
  return i;
}

// Of a demangled function, without its parameters, and without what it returns (which templates say); of a lambda without "operator()".
std::string_view bare_name(std::string_view function) {
  constexpr std::string_view call = "operator()", anonymous = "(anonymous namespace)", of_lambda = "}::operator()";
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < function.size(); ++i) {
    const char c = function[i];
    if (depth == 0 && function.substr(i, call.size()) == call) i += call.size() - 1;
    else if (depth == 0 && function.substr(i, anonymous.size()) == anonymous) i += anonymous.size() - 1;
    else if (depth == 0 && c == '(') {
      if (const std::size_t end = past_enclosing(function, i); end != i) {
        i = end - 1;
        continue;
      }
      const std::string_view name = function.substr(begin, i - begin);
      const bool lambda = name.size() > of_lambda.size() && name.substr(name.size() - of_lambda.size()) == of_lambda;
      return name.substr(0, name.size() - (lambda ? of_lambda.size() - 1 : 0));
    } else if (depth == 0 && c == ' ') begin = i + 1;
    else if (c == '<' || c == '{' || c == '(' || c == '[') ++depth;
    else if (c == '>' || c == '}' || c == ')' || c == ']') --depth;
  }
  return function;
}

std::string function_text(const detail::symbols::place& p) {
  constexpr std::size_t longest = 240;   // a function of templates of templates
  std::string function = p.function.empty() ? "?" : p.function;
  if (const std::size_t clone = function.find(" [clone"); clone != std::string::npos) function.resize(clone);
  if (is_task(function)) function = function.substr(task_begin.size(), function.size() - task_begin.size() - task_end.size());
  else function = bare_name(function);
  constexpr std::string_view string_in_full = "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >";
  for (std::size_t at; (at = function.find(string_in_full)) != std::string::npos;) function.replace(at, string_in_full.size(), "std::string");
  if (function.size() > longest) function.replace(longest, std::string::npos, "...");
  return function;
}

std::string place_text(const detail::symbols::place& p) {
  char offset[32];
  std::snprintf(offset, sizeof offset, "0x%zx", static_cast<std::size_t>(p.offset));
  const std::string_view file = p.file ? std::string_view(*p.file) : std::string_view();
  return " (" + std::string(file.substr(file.rfind('/') + 1)) + (p.file ? "+" : "") + offset + ")";
}

std::string backtrace_text(const std::vector<const void*>& frames, detail::symbols& names, std::map<std::string, std::string>& files) {
  std::string text, function;
  bool own = true;                       // so far: the innermost frames, which park
  for (const void* address : frames) {
    const auto p = names.of_call(address);
    if (p.function == "pipes_context_entry" || bare_name(p.function) == "pipes::detail::fiber_main") break;   // no closure's frame, by a tail call
    const bool outermost = is_task(p.function);
    own = own && !outermost && (bare_name(p.function).substr(0, 15) == "pipes::detail::" || p.function == "pipes_call_and_jump_back");
    if (own) continue;
    if (p.file) files.try_emplace(p.file->substr(p.file->rfind('/') + 1), *p.file);
    const std::string caller = std::exchange(function, function_text(p));
    if (outermost && function == caller) break;   // a closure that was not inlined has been shown already
    text += "    " + function + place_text(p) + "\n";
    if (outermost) break;
  }
  return text;
}

}  // namespace

std::string describe(const std::vector<fiber_info>& fibers) {
  detail::symbols names;
  std::map<std::string, std::string> files;
  std::map<const void*, std::string> texts;
  std::string text;
  for (const group& g : groups_of(fibers)) {
    const std::size_t n = g.members.size();
    const fiber_info& f = g.first();
    text += n == 1 ? names_text(g) : grouped(n) + " fibers";
    if (f.daemon) text += n == 1 ? " (daemon)" : " (daemons)";
    text += ": " + f.state;
    if (!g.details.empty()) text += " (" + details_text(g) + ")";
    if (g.objects.size() > 1) text += ", on " + grouped(g.objects.size()) + " objects";
    else if (n > 1 && g.objects.size() == 1) text += ", all on one";
    if (f.backtrace && f.state != "ready") text += ", for " + (duration_text(g.shortest) == duration_text(g.longest) ? "" : duration_text(g.shortest) + " to ") + duration_text(g.longest);
    text += "\n";
    if (n > 1) text += "    are " + names_text(g) + "\n";
    if (!f.backtrace) continue;
    const auto [at, fresh] = texts.try_emplace(f.backtrace.get());
    if (fresh) at->second = backtrace_text(*f.backtrace, names, files);
    text += at->second;
  }
  if (!files.empty()) {
    text += "addr2line -Cfie FILE OFFSET names the line; the files:";
    for (const auto& [name, path] : files) text += " " + path;
    text += "\n";
  }
  return text;
}

std::string dump_fibers() { return describe(fibers()); }

std::vector<fiber_info> fibers() {
  const detail::outsider here;
  detail::runtime* rt = detail::current_runtime();
  // Once a run has ended the stacks of fibers that were given up are used again.
  return rt && !rt->finished.load(std::memory_order_seq_cst) ? detail::inspect_fibers(*rt) : std::vector<fiber_info>{};
}

deadlock::deadlock(std::vector<fiber_info> f) : fibers_(std::move(f)) {
  report_ = "deadlock: " + grouped(fibers_.size()) + (fibers_.size() == 1 ? " fiber is" : " fibers are") + " parked for ever\n" + describe(fibers_);
  report_.pop_back();
}

}  // namespace pipes
