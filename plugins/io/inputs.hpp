// plugins/io/inputs.hpp: the plain files that this process's pipeline reads, known since it was checked. One that is emptied or written
// to meanwhile would lose what it holds, or never end.
#pragma once
#include <sys/stat.h>

#include <mutex>
#include <set>
#include <utility>

namespace io {

class inputs {
 public:
  static void add(const struct stat& s) {
    if (!S_ISREG(s.st_mode)) return;
    std::lock_guard lock(all().mutex_);
    all().files_.emplace(s.st_dev, s.st_ino);
  }
  static bool has(const struct stat& s) {
    std::lock_guard lock(all().mutex_);
    return all().files_.count({s.st_dev, s.st_ino}) != 0;
  }

 private:
  static inputs& all() {
    static inputs those;
    return those;
  }
  std::mutex mutex_;
  std::set<std::pair<dev_t, ino_t>> files_;
};

}  // namespace io
