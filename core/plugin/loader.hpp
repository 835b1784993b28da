// loader.hpp: finds plugins and opens them, each file once, for good. Any thread. Never parks, but dlopen may block: call it before the run
// starts.
#pragma once
#include <pipe/plugin.h>

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pipes {

// What became of an attempt to load: a plugin, or why not.
struct loaded_plugin {
  const pipe_plugin* plugin = nullptr;
  std::string path;     // empty: no such file on the search path
  std::string problem;  // "PATH: why"; empty with an empty path: not found
};

class loader {
 public:
  // `folders` in order of preference: --plugin-path, PIPE_PLUGIN_PATH; the user's data folder and the installed ones are added.
  explicit loader(std::vector<std::string> folders = {});

  // The plugin NAME: one that was opened by path, else NAME.so on the search path.
  const loaded_plugin& by_name(std::string_view name);
  // A shared object by its path; from then on known by its name too.
  const loaded_plugin& by_path(const std::string& path);
  // The names of all plugins that could be opened: file names on the search path and those opened by path. Opens nothing.
  std::vector<std::string> names() const;
  const std::vector<std::string>& folders() const { return folders_; }

 private:
  const loaded_plugin& open_locked(const std::string& path);

  std::vector<std::string> folders_;
  mutable std::mutex mutex_;  // guards what follows
  std::unordered_map<std::string, loaded_plugin> by_path_;
  std::unordered_map<std::string, std::string> path_of_name_;
  loaded_plugin missing_;
};

// The directory of the running executable, for plugins that lie beside it.
std::string executable_folder();

}  // namespace pipes
