// bare TASK [FILE]: the task as a loop written for it alone, on two threads: the limit that a general tool can approach.
#include <cstdio>
#include <string_view>

#include "bare.hpp"

int main(int argc, char** argv) {
  const std::string_view task = argc > 1 ? argv[1] : "";
  const char* path = argc > 2 ? argv[2] : nullptr;
  if (task == "lines") bare::count_lines(path);
  else if (task == "fixed") bare::find_fixed(path, "robots.txt");
  else if (task == "regex") bare::find_status(path);
  else if (task == "top") bare::top_addresses(path);
  else if (task == "json-filter" && path) bare::filter_json(path);
  else if (task == "csv" && path) bare::group_csv(path);
  else return std::fprintf(stderr, "bare lines|fixed|regex|top|json-filter|csv [FILE]\n"), 2;
  return 0;
}
