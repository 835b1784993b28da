// loader.cpp: see loader.hpp. A descriptor is looked through before it is used: it may have been made by hand.
#include "core/plugin/loader.hpp"

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "core/plugin/elf.hpp"
#include "core/plugin/host.hpp"

namespace pipes {
namespace fs = std::filesystem;

namespace {

std::string_view view(pipe_text t) { return {t.data, static_cast<std::size_t>(t.size)}; }

// The structs as the first version of the ABI had them. An older plugin lacks what was appended later, and that is right.
constexpr std::size_t least_stage = offsetof(pipe_stage, cut) + sizeof(pipe_stage::cut);
constexpr std::size_t least_plugin = offsetof(pipe_plugin, stage_count) + sizeof(pipe_plugin::stage_count);

std::string too_small(std::size_t is, std::size_t least) {
  return "has a descriptor of " + std::to_string(is) + " bytes; pipe/plugin.h wants " + std::to_string(least) + " in struct_size";
}

std::string fault_of_option(const pipe_option& o) {
  const std::string who = "has an option '" + std::string(view(o.name)) + "' ";
  if (o.name.size == 0) return "has an option without a name";
  if (o.type < PIPE_OPT_BOOL || o.type > PIPE_OPT_FORMAT) return who + "of a type " + std::to_string(o.type) + ", which this pipe does not know";
  if (o.container > PIPE_OPT_MAP) return who + "in a container " + std::to_string(o.container) + ", which this pipe does not know";
  if (o.type == PIPE_OPT_CHOICE && (o.choice_count == 0 || !o.choices)) return who + "without choices";
  return "";
}

// Looks for all that is called later without another look.
std::string fault_of_stage(const pipe_stage& s) {
  if (s.struct_size < least_stage) return too_small(s.struct_size, least_stage);
  const auto lacks = [](const char* shape, const char* function) { return std::string("is a ") + shape + " stage without " + function + "()"; };
  if (!s.create || !s.destroy) return std::string("lacks ") + (s.create ? "destroy()" : "create()");
  if ((s.option_count && !s.options) || (s.output_count && !s.outputs) || (s.example_count && !s.examples)) return "counts options, outputs or examples that are not there";
  switch (s.shape) {
    case PIPE_SHAPE_MAP:
      if (!s.map) return lacks("map", "map");
      break;
    case PIPE_SHAPE_FOLD:
      if (!s.add || !s.merge || !s.finish) return lacks("fold", !s.add ? "add" : !s.merge ? "merge" : "finish");
      break;
    case PIPE_SHAPE_RUN:
      if (!s.run) return lacks("run", "run");
      break;
    default: return "has a shape " + std::to_string(s.shape) + ", which this pipe does not know";
  }
  for (std::uint64_t i = 0; i < s.option_count; ++i)
    if (std::string why = fault_of_option(s.options[i]); !why.empty()) return why;
  return "";
}

std::string fault_of(const pipe_plugin& p) {
  if (p.struct_size < least_plugin) return too_small(p.struct_size, least_plugin);
  if (p.stage_count && !p.stages) return "counts stages that are not there";
  std::set<std::string_view> names;
  for (std::uint64_t i = 0; i < p.stage_count; ++i) {
    if (!p.stages[i]) return "has no stage number " + std::to_string(i + 1) + " of the " + std::to_string(p.stage_count) + " that it counts";
    const std::string_view name = view(p.stages[i]->name);
    const bool sound = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
    const auto said = [&](const char* before, std::string_view after) { return std::string(before).append(" '").append(name).append("'").append(after); };
    if (!sound) return said("has a stage called", "; a name is letters, digits, '_' and '-'");
    if (!names.insert(name).second) return said("has two stages called", "");
    if (const std::string why = fault_of_stage(*p.stages[i]); !why.empty()) return said("its stage", " " + why);
  }
  return "";
}

}  // namespace

std::string executable_folder() {
  char path[4096];
  const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
  const std::string_view whole(path, size > 0 ? static_cast<std::size_t>(size) : 0);
  return std::string(whole.substr(0, whole.rfind('/') == std::string_view::npos ? 0 : whole.rfind('/')));
}

loader::loader(std::vector<std::string> folders) : folders_(std::move(folders)) {
  if (const char* list = std::getenv("PIPE_PLUGIN_PATH")) {
    std::string_view rest = list;
    while (!rest.empty()) {
      const std::size_t colon = std::min(rest.find(':'), rest.size());
      if (colon > 0) folders_.emplace_back(rest.substr(0, colon));  // an empty entry would mean the current folder: never by itself
      rest.remove_prefix(std::min(colon + 1, rest.size()));
    }
  }
  if (const char* data = std::getenv("XDG_DATA_HOME"); data && *data == '/') {
    folders_.push_back(std::string(data) + "/pipe/plugins");
  } else if (const char* home = std::getenv("HOME"); home && *home == '/') {
    folders_.push_back(std::string(home) + "/.local/share/pipe/plugins");
  }
  // Relative to the binary, so that an installed tree can be moved and a build folder works as it stands.
  const std::string here = executable_folder();
  if (const std::size_t up = here.rfind('/'); up != std::string::npos) {
    folders_.push_back(here.substr(0, up) + "/plugins");
    constexpr std::string_view installed = PIPE_PLUGIN_DIR;
    folders_.push_back(installed.front() == '/' ? std::string(installed) : here.substr(0, up + 1) + std::string(installed));
  }
}

const loaded_plugin& loader::by_name(std::string_view name) {
  std::lock_guard lock(mutex_);
  if (auto known = path_of_name_.find(std::string(name)); known != path_of_name_.end()) return open_locked(known->second);
  if (name.empty() || name.find('/') != std::string_view::npos || name.front() == '.') return missing_;
  for (const std::string& folder : folders_) {
    const std::string path = folder + "/" + std::string(name) + ".so";
    if (struct stat there; ::lstat(path.c_str(), &there) != 0) continue;  // lstat: a link to nothing is a fault to tell, not no plugin
    path_of_name_.emplace(name, path);
    return open_locked(path);
  }
  return missing_;
}

const loaded_plugin& loader::by_path(const std::string& path) {
  std::lock_guard lock(mutex_);
  const loaded_plugin& opened = open_locked(path);
  if (opened.plugin) path_of_name_[std::string(opened.plugin->name.data, opened.plugin->name.size)] = path;
  return opened;
}

const loaded_plugin& loader::open_locked(const std::string& path) {
  auto [place, fresh] = by_path_.try_emplace(path);
  loaded_plugin& result = place->second;
  if (!fresh) return result;
  result.path = path;
  if (std::string why = refuse_plugin_file(path); !why.empty()) {
    result.problem = path + ": " + why;
    return result;
  }
  // NOW: a missing symbol is a message here, not a crash later. LOCAL: plugins never see each other's symbols. The full path, since dlopen
  // would search the system's folders for a name without a slash.
  const std::string full = path.front() == '/' ? path : fs::absolute(path).string();
  void* object = ::dlopen(full.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!object) {
    const char* why = ::dlerror();
    result.problem = path + ": " + (why ? why : "dlopen failed");
    return result;
  }
  auto entry = reinterpret_cast<pipe_plugin_entry>(::dlsym(object, "pipe_plugin_v1"));
  const pipe_plugin* plugin = entry ? entry(&host_table()) : nullptr;
  std::string_view expected = std::string_view(path).substr(path.rfind('/') + 1);
  expected = expected.substr(0, expected.rfind('.'));
  if (!plugin) {
    result.problem = path + ": pipe_plugin_v1 returned nothing: it was built for another ABI version than " + std::to_string(PIPE_ABI_VERSION) + " or for a newer pipe, or it failed and said why";
  } else if (plugin->abi != PIPE_ABI_VERSION) {
    result.problem = path + ": has ABI version " + std::to_string(plugin->abi) + ", this pipe has " + std::to_string(PIPE_ABI_VERSION);
  } else if (std::string_view(plugin->name.data, plugin->name.size) != expected) {
    result.problem = path + ": calls itself '" + std::string(plugin->name.data, plugin->name.size) + "'; the file must be called " +
                     std::string(plugin->name.data, plugin->name.size) + ".so";
  } else if (std::string why = fault_of(*plugin); !why.empty()) {
    result.problem = path + ": " + why;
  } else {
    result.plugin = plugin;
  }
  return result;
}

std::vector<std::string> loader::names() const {
  std::lock_guard lock(mutex_);
  std::set<std::string> found;
  for (const auto& [name, path] : path_of_name_) found.insert(name);
  for (const std::string& folder : folders_) {
    std::error_code error;
    for (fs::directory_iterator i(folder, error), end; !error && i != end; i.increment(error))
      if (i->path().extension() == ".so") found.insert(i->path().stem().string());
  }
  return {found.begin(), found.end()};
}

}  // namespace pipes
