// field.cpp: interned field names, made once and never freed. To look one up takes the lock shared; only a new name takes it alone.
#include "core/batch/batch.hpp"

#include <mutex>
#include <shared_mutex>
#include <unordered_map>

namespace pipes {
namespace {

struct table {
  std::shared_mutex mu;  // guards names
  std::unordered_map<std::string_view, const pipe_field*> names;  // keys lie in the fields
};

table& all() {
  static table* const t = new table;  // never destroyed: plugins may ask during exit
  return *t;
}

}  // namespace

const pipe_field* field(std::string_view name) {
  table& t = all();
  {
    std::shared_lock held(t.mu);
    const auto found = t.names.find(name);
    if (found != t.names.end()) return found->second;
  }
  auto made = std::make_unique<pipe_field>();
  made->name = std::string(name);
  for (auto dot = name.rfind('.'); dot != std::string_view::npos && dot > 0; dot = name.rfind('.', dot - 1)) {
    made->leading.push_back(field(name.substr(0, dot)));
  }
  std::unique_lock held(t.mu);
  const auto [at, fresh] = t.names.emplace(made->name, made.get());
  if (fresh) made.release();
  return at->second;
}

}  // namespace pipes
