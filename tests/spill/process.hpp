// process.hpp: the real binary as a child: its output, how it ended, the most memory that it took.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace spilling {

struct ended {
  int code = -1;       // of exit, or -1
  int signal = 0;
  long most_kib = 0;   // resident
  std::string out, err;
};

// A folder of the test's own, removed with all that is in it.
class folder {
 public:
  folder();
  ~folder();
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  const std::string& name() const { return name_; }
  std::string file(const std::string& leaf) const { return name_ + "/" + leaf; }
  std::string write(const std::string& leaf, const std::string& text) const;  // the file's path
  int entries() const;

 private:
  std::string name_;
};

std::string read_all(const std::string& path);

// `pipe run -e PIPELINE FILES...` with $TMPDIR in a folder that must be empty again at the end. What it prints goes to files, so
// that no pipe can fill.
class child {
 public:
  child(const std::string& pipeline, const std::vector<std::string>& files, const folder& where, std::uint64_t file_size_limit = 0);
  ~child();
  pid_t pid() const { return pid_; }
  bool has_spilled() const;  // it holds a file without a name in its TMPDIR, with something in it
  bool running();
  ended wait();
  const std::string& spill_folder() const { return tmp_; }
  int spill_entries() const;

 private:
  pid_t pid_ = -1;
  bool waited_ = false;
  int status_ = 0;
  long most_kib_ = 0;
  std::string out_, err_, tmp_;
};

ended run(const std::string& pipeline, const std::vector<std::string>& files, const folder& where);

}  // namespace spilling
