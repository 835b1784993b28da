// instance.hpp: a stage's object inside its plugin, made from the graph's options: the values, the compiled patterns,
// expressions and formats that they refer to, and the object itself, destroyed in the right order. One per worker.
#pragma once
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/expr/expr.hpp"
#include "core/plugin/host.hpp"
#include "pipelines/graph/graph.hpp"

namespace pipes::pipelines {

class instance {
 public:
  // Null and `problem` when the plugin refused or an option did not compile. Never parks.
  static std::unique_ptr<instance> make(const stage& s, const pipe_stage& descriptor, pipe_context& context, std::string& problem);
  ~instance();
  instance(const instance&) = delete;
  instance& operator=(const instance&) = delete;

  void* self() const { return self_; }
  std::uint64_t expression_misses() const;

 private:
  explicit instance(const pipe_stage& descriptor) : descriptor_(descriptor) {}
  bool fill(pipe_value& to, const option& from, const value& v, const pipe_option& declared, bool fixed, std::string& problem);

  const pipe_stage& descriptor_;
  std::vector<pipe_value> values_;
  std::deque<std::vector<pipe_value>> items_;
  std::deque<std::string> texts_;
  std::vector<std::unique_ptr<pipe_pattern>> patterns_;
  std::vector<std::unique_ptr<pipe_expr>> expressions_;
  std::vector<std::unique_ptr<pipe_format>> formats_;
  void* self_ = nullptr;
};

}  // namespace pipes::pipelines
