// describe.hpp: a stage's descriptor as text, JSON, test cases and roff.
#pragma once

#include <pipe/plugin.h>

#include <string>
#include <string_view>
#include <vector>

namespace pipes::cmd {

struct known_stage {
  std::string type;        // "flow.where"
  std::string short_name;  // "where", or empty
  const pipe_stage* stage = nullptr;

  const std::string& name() const { return short_name.empty() ? type : short_name; }
};

std::string as_text(const known_stage& s);
std::string as_json(const known_stage& s);
// Its examples in the form of tests/cases; each begins with a comment. The input is there as the file input.txt too.
std::string as_cases(const known_stage& s);
// A subsection of the man page.
std::string as_roff(const known_stage& s);

// For option types and shapes: "map", "a list of expressions".
std::string_view shape_of(const pipe_stage& s);
std::string type_of(const pipe_option& o);

inline std::string_view view(pipe_text t) { return {t.data, t.size}; }

// Text for a roff page: nothing in it is a request.
std::string roff_text(std::string_view text);

}  // namespace pipes::cmd
